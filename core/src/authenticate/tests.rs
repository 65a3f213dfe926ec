//! Tests of the checks that one endpoint makes.

use alloc::{
    format,
    string::{String, ToString},
};

use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};

use super::*;
use crate::{
    freshness::TimeLocation,
    headers::{Field, Headers},
    rejection::Covers,
};

const SIGNATURE: &str = "x-benji-signature";
const TIME: &str = "x-benji-timestamp";
const SECRET: &str = "x-hook-signature";
const BODY: &[u8] = br#"{"event":"transaction_created","entity_type":3,"entity_id":12345}"#;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

fn keys(secret: &str) -> Keys {
    Keys::ring([Key::exact(secret).unwrap()]).unwrap()
}

fn ring(secrets: &[&str]) -> Keys {
    Keys::ring(secrets.iter().map(|secret| Key::exact(secret).unwrap())).unwrap()
}

fn signature(secret: &str, body: &[u8]) -> String {
    let tag = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(body).finalize();
    tag.into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn basic_value(credentials: &str) -> String {
    format!("Basic {}", Base64Display::new(credentials.as_bytes(), &STANDARD))
}

static TIME_AND_BODY: Scheme = Scheme::of_time_and_body(TIME, |_| None);
static BODY_ALONE: Scheme = Scheme::of_body(Some(TIME), TimeLocation::Nowhere { retention_seconds: 0 });
static SECRET_ITSELF: Scheme = Scheme::of_secret(TimeLocation::Nowhere { retention_seconds: 0 });

pub(crate) struct Found {
    pub(crate) key_id: String,
    mac: Option<Tag>,
    shown: String,
}

impl Authenticator {
    /// Checks a request by the scheme that its headers select.
    pub(crate) fn check_in<H: Headers + ?Sized>(
        &self,
        headers: &H,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Found, Reason> {
        self.check_by(self.scheme_of(headers), headers, body, now)
    }

    fn check_by<H: Headers + ?Sized>(
        &self,
        scheme: &Scheme,
        headers: &H,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Found, Reason> {
        let (proof, time) = (headers.field(self.header()), headers.field(TIME));
        let before_body = self.check_headers(scheme, &proof, &time);
        let checked = self.check(scheme, &proof, &time, body, now);
        match &checked {
            Ok(_) | Err(Reason::SignatureMismatch { .. }) => assert_eq!(before_body, Ok(())),
            Err(reason) => assert_eq!(before_body.as_ref(), Err(reason)),
        }
        checked.map(|verified| Found {
            key_id: verified.key_id.as_str().to_string(),
            mac: verified.mac,
            shown: format!("{verified:?}"),
        })
    }

    fn scheme_of<H: Headers + ?Sized>(&self, headers: &H) -> &'static Scheme {
        match (&self.proof, headers.field(TIME)) {
            (Proof::SharedSecret { .. }, _) => &SECRET_ITSELF,
            (Proof::Hmac { .. }, Field::Absent) => &BODY_ALONE,
            (Proof::Hmac { .. }, _) => &TIME_AND_BODY,
        }
    }
}

/// The id of the key that fits, or the code of the refusal.
fn outcome(authenticator: &Authenticator, headers: &[(&str, &str)]) -> String {
    told(authenticator.check_in(headers, BODY, at(0)))
}

fn told(checked: Result<Found, Reason>) -> String {
    checked.map_or_else(|reason| reason.code().to_string(), |found| found.key_id)
}

/// Every kind of check with the secret `hunter2`, its header's name, and the value that passes.
fn every_scheme() -> [(Authenticator, &'static str, String); 5] {
    [
        (
            Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap(),
            SIGNATURE,
            signature("hunter2", BODY),
        ),
        (Authenticator::shared_secret(keys("hunter2"), SECRET).unwrap(), SECRET, "hunter2".to_string()),
        (Authenticator::basic("pub", keys("hunter2")).unwrap(), AUTHORIZATION, basic_value("pub:hunter2")),
        (Authenticator::bearer(keys("hunter2")).unwrap(), AUTHORIZATION, "Bearer hunter2".to_string()),
        (Authenticator::own_header("X-Own", keys("hunter2")).unwrap(), "x-own", "hunter2".to_string()),
    ]
}

#[test]
fn the_genuine_request_passes_with_white_space_around_the_value() {
    for (authenticator, header, value) in every_scheme() {
        assert_eq!(outcome(&authenticator, &[("host", "a"), (header, &value)]), "0");
        assert_eq!(outcome(&authenticator, &[(header, &format!(" \t{value}\t "))]), "0");
    }
}

#[test]
fn an_absent_header_is_a_missing_signature() {
    for (authenticator, ..) in every_scheme() {
        assert_eq!(outcome(&authenticator, &[("host", "a")]), "missing_signature");
    }
}

#[test]
fn a_second_header_is_refused_even_where_it_is_equal() {
    for (authenticator, header, value) in every_scheme() {
        let upper = header.to_uppercase();
        assert_eq!(outcome(&authenticator, &[(header, &value), (&upper, &value)]), "repeated_header");
        assert_eq!(outcome(&authenticator, &[(header, &value), (header, "")]), "repeated_header");
    }
}

#[test]
fn an_empty_or_unreadable_header_is_malformed() {
    for (authenticator, header, _) in every_scheme() {
        for value in ["", " ", "\t \t", "\u{100}"] {
            assert_eq!(
                outcome(&authenticator, &[(header, value)]),
                "malformed_signature",
                "{header}: {value:?}"
            );
        }
    }
}

#[test]
fn a_refusal_names_the_header_and_not_the_one_that_the_operator_chose() {
    let shown = every_scheme().map(|(authenticator, ..)| {
        match authenticator.check_in(&[("host", "a")], BODY, at(0)).err().unwrap() {
            Reason::MissingSignature { header, form } => (header, form),
            reason => panic!("{reason:?}"),
        }
    });
    let expected = [
        (SIGNATURE, ProofForm::Signature { encoding: None }),
        (SECRET, ProofForm::Secret),
        ("authorization", ProofForm::Basic),
        ("authorization", ProofForm::Bearer),
        ("the credential header", ProofForm::Secret),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn another_key_or_body_is_a_mismatch() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &signature("hunter3", BODY))]), "signature_mismatch");
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &signature("hunter2", b"{}"))]), "signature_mismatch");
}

#[test]
fn a_time_header_is_signed_with_the_body_and_there_is_no_fallback() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    let of_body = signature("hunter2", BODY);
    let of_both = signature("hunter2", &[b"12:00", BODY].concat());
    let moved = signature("hunter2", &[b"12:00{", &BODY[1..]].concat());
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &of_both), (TIME, "12:00")]), "0");
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &of_both), (TIME, " \t12:00 ")]), "0");
    assert_eq!(moved, of_both, "the boundary is no part of the message");
    for time in ["12:00{", "12:0", "12:00 0", "13:00", "12:00\u{e9}"] {
        assert_eq!(outcome(&hmac, &[(SIGNATURE, &of_both), (TIME, time)]), "signature_mismatch", "{time}");
    }
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &of_both)]), "signature_mismatch");
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &of_body), (TIME, "12:00")]), "signature_mismatch");
}

#[test]
fn a_time_header_that_holds_no_time_is_refused_before_the_signature_is_compared() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    let of_body = signature("hunter2", BODY);
    for time in ["", " ", "\t \t", "12:00\u{100}"] {
        assert_eq!(outcome(&hmac, &[(SIGNATURE, &of_body), (TIME, time)]), "malformed_timestamp", "{time:?}");
    }
    let twice = [(SIGNATURE, of_body.as_str()), (TIME, ""), ("X-Benji-Timestamp", "")];
    assert_eq!(outcome(&hmac, &twice), "repeated_header");
    // The header of the signature is checked first.
    assert_eq!(outcome(&hmac, &[(SIGNATURE, "ab"), (TIME, "")]), "malformed_signature");
    assert_eq!(outcome(&hmac, &[(TIME, "")]), "missing_signature");
}

#[test]
fn a_required_time_refuses_a_signature_of_the_body_alone() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    let outcome = |headers: &[(&str, &str)]| told(hmac.check_by(&TIME_AND_BODY, headers, BODY, at(0)));
    let of_both = signature("hunter2", &[b"12:00", BODY].concat());
    assert_eq!(outcome(&[(SIGNATURE, &of_both), (TIME, "12:00")]), "0");
    assert_eq!(outcome(&[(SIGNATURE, &signature("hunter2", BODY))]), "missing_timestamp");
    assert_eq!(outcome(&[(SIGNATURE, &signature("hunter3", BODY))]), "missing_timestamp");
    assert_eq!(outcome(&[(SIGNATURE, "ab")]), "malformed_signature");
}

#[test]
fn a_proof_of_another_kind_than_its_scheme_is_refused() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    let shared = Authenticator::shared_secret(keys("hunter2"), SECRET).unwrap();
    let signature = signature("hunter2", BODY);
    let of_hmac = hmac.check_by(&SECRET_ITSELF, &[(SIGNATURE, &signature)], BODY, at(0));
    assert_eq!(told(of_hmac), "malformed_signature");
    for scheme in [&TIME_AND_BODY, &BODY_ALONE] {
        let of_secret = shared.check_by(scheme, &[(SECRET, "hunter2"), (TIME, "12:00")], BODY, at(0));
        assert_eq!(told(of_secret), "malformed_signature");
    }
}

#[test]
fn a_mismatch_names_the_header_and_what_it_had_to_cover() {
    let reason = |authenticator: &Authenticator, headers: &[(&str, &str)]| {
        authenticator.check_in(headers, BODY, at(0)).err().unwrap()
    };
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    let other = signature("hunter3", BODY);
    let mismatch =
        |header, covers, form| Reason::SignatureMismatch { header, covers, form, key_not_valid_now: false };
    let form = ProofForm::Signature { encoding: None };
    assert_eq!(
        reason(&hmac, &[(SIGNATURE, &other)]),
        mismatch(SIGNATURE, Covers::Body { absent: Some(TIME) }, form)
    );
    assert_eq!(
        reason(&hmac, &[(SIGNATURE, &other), (TIME, "12:00")]),
        mismatch(SIGNATURE, Covers::HeaderAndBody { header: TIME }, form)
    );
    let shared = Authenticator::shared_secret(keys("hunter2"), SECRET).unwrap();
    assert_eq!(reason(&shared, &[(SECRET, "other")]), mismatch(SECRET, Covers::Nothing, ProofForm::Secret));
}

#[test]
fn a_pinned_encoding_is_named() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, Some(SignatureEncoding::Base64)).unwrap();
    let reason = hmac.check_in(&[(SIGNATURE, &*signature("hunter2", BODY))], BODY, at(0)).err().unwrap();
    let form = ProofForm::Signature { encoding: Some(SignatureEncoding::Base64) };
    assert_eq!(reason, Reason::MalformedSignature { header: SIGNATURE, form });
}

#[test]
fn a_mismatch_tells_in_every_scheme_whether_a_key_fits_that_is_not_valid_now() {
    let key = || Key::new("hunter2").unwrap().with_not_before(at(1_000)).with_not_after(at(2_000));
    let keys = || Keys::ring([Key::new("another").unwrap(), key()]).unwrap();
    let told = |authenticator: &Authenticator, headers: &[(&str, &str)], now| match authenticator.check_in(
        headers,
        BODY,
        at(now),
    ) {
        Ok(found) => Ok(found.key_id),
        Err(Reason::SignatureMismatch { key_not_valid_now, .. }) => Err(key_not_valid_now),
        Err(reason) => panic!("{reason:?}"),
    };
    let authenticators = [
        Authenticator::hmac(keys(), SIGNATURE, None).unwrap(),
        Authenticator::shared_secret(keys(), SECRET).unwrap(),
        Authenticator::basic("pub", keys()).unwrap(),
        Authenticator::bearer(keys()).unwrap(),
    ];
    let values = |secret: &str| {
        [
            (SIGNATURE, signature(secret, BODY)),
            (SECRET, secret.to_string()),
            ("authorization", basic_value(&format!("pub:{secret}"))),
            ("authorization", format!("Bearer {secret}")),
        ]
    };
    for (authenticator, [right, wrong]) in
        authenticators.iter().zip(values("hunter2").into_iter().zip(values("hunter3")).map(|(a, b)| [a, b]))
    {
        let right = |now| told(authenticator, &[(right.0, &right.1)], now);
        assert_eq!([999, 1_000, 2_001].map(right), [Err(true), Ok("1".to_string()), Err(true)]);
        assert_eq!(told(authenticator, &[(wrong.0, &wrong.1)], 999), Err(false));
    }
}

#[test]
fn every_bit_of_the_signature_counts() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    let genuine = const_hex::decode_to_array::<_, 32>(signature("hunter2", BODY)).unwrap();
    for bit in 0..256 {
        let mut tag = genuine;
        tag[bit / 8] ^= 1 << (bit % 8);
        let value: String = tag.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(outcome(&hmac, &[(SIGNATURE, &value)]), "signature_mismatch", "{bit}");
    }
}

#[test]
fn a_signature_is_never_split_or_stripped() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, None).unwrap();
    let genuine = signature("hunter2", BODY);
    for value in [
        format!("sha256={genuine}"),
        format!("0x{genuine}"),
        format!("{genuine},{genuine}"),
        format!("{genuine}, "),
        format!("\"{genuine}\""),
        genuine[..32].to_string(),
    ] {
        assert_eq!(outcome(&hmac, &[(SIGNATURE, &value)]), "malformed_signature", "{value}");
    }
}

#[test]
fn the_received_tag_is_handed_on_for_signatures_alone() {
    for (authenticator, header, value) in every_scheme() {
        let headers = [(header, value.as_str())];
        let verified = authenticator.check_in(&headers, BODY, at(0)).unwrap();
        let expected = (header == SIGNATURE).then(|| const_hex::decode_to_array(&value).unwrap());
        assert_eq!(verified.mac, expected);
    }
}

#[test]
fn a_pinned_encoding_refuses_the_others() {
    let hmac = Authenticator::hmac(keys("hunter2"), SIGNATURE, Some(SignatureEncoding::Base64)).unwrap();
    let digits = signature("hunter2", BODY);
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &digits)]), "malformed_signature");
    let tag = const_hex::decode_to_array::<_, 32>(&digits).unwrap();
    assert_eq!(outcome(&hmac, &[(SIGNATURE, &Base64Display::new(&tag, &STANDARD).to_string())]), "0");
}

#[test]
fn another_secret_is_a_mismatch() {
    for (authenticator, header, _) in every_scheme() {
        for other in ["hunter", "hunter22", "Hunter2", "hunter2, hunter2"] {
            let value = match authenticator.www_authenticate() {
                [(_, "Bearer")] => format!("Bearer {other}"),
                [_] => basic_value(&format!("pub:{other}")),
                _ if header == SIGNATURE => signature(other, BODY),
                _ => other.to_string(),
            };
            assert_eq!(
                outcome(&authenticator, &[(header, &value)]),
                "signature_mismatch",
                "{header}: {value}"
            );
        }
    }
}

#[test]
fn another_user_is_a_mismatch() {
    let basic = Authenticator::basic("pub", keys("hunter2")).unwrap();
    for credentials in ["PUB:hunter2", ":hunter2", "hunter2", "pub hunter2", "pub:hunter2:"] {
        assert_eq!(outcome(&basic, &[(AUTHORIZATION, &basic_value(credentials))]), "signature_mismatch");
    }
}

#[test]
fn credentials_of_another_scheme_are_malformed() {
    let basic = Authenticator::basic("pub", keys("hunter2")).unwrap();
    let bearer = Authenticator::bearer(keys("hunter2")).unwrap();
    assert_eq!(outcome(&basic, &[(AUTHORIZATION, "Bearer hunter2")]), "malformed_signature");
    assert_eq!(outcome(&bearer, &[(AUTHORIZATION, &basic_value("pub:hunter2"))]), "malformed_signature");
    assert_eq!(outcome(&bearer, &[(AUTHORIZATION, "hunter2")]), "malformed_signature");
}

#[test]
fn every_key_of_a_ring_passes_under_its_own_id() {
    let secrets = ["first", "second", "third"];
    let hmac = Authenticator::hmac(ring(&secrets), SIGNATURE, None).unwrap();
    let shared = Authenticator::shared_secret(ring(&secrets), SECRET).unwrap();
    let basic = Authenticator::basic("pub", ring(&secrets)).unwrap();
    for (position, secret) in secrets.iter().enumerate() {
        let id = position.to_string();
        assert_eq!(outcome(&hmac, &[(SIGNATURE, &signature(secret, BODY))]), id);
        assert_eq!(outcome(&shared, &[(SECRET, secret)]), id);
        assert_eq!(outcome(&basic, &[(AUTHORIZATION, &basic_value(&format!("pub:{secret}")))]), id);
    }
}

#[test]
fn of_equal_secrets_the_first_that_is_valid_is_named() {
    let expired = Key::new("same").unwrap().with_id("expired").unwrap().with_not_after(at(-1));
    let valid = |id| Key::new("same").unwrap().with_id(id).unwrap();
    let keys = Keys::ring([expired, valid("current"), valid("other")]).unwrap();
    let shared = Authenticator::shared_secret(keys, SECRET).unwrap();
    assert_eq!(outcome(&shared, &[(SECRET, "same")]), "current");
}

#[test]
fn a_key_outside_its_validity_is_a_mismatch() {
    let key = Key::new("hunter2").unwrap().with_not_before(at(1_000)).with_not_after(at(2_000));
    let shared = Authenticator::shared_secret(Keys::ring([key]).unwrap(), SECRET).unwrap();
    let passes = |now| shared.check_in(&[(SECRET, "hunter2")], BODY, at(now)).is_ok();
    assert_eq!([999, 1_000, 2_000, 2_001].map(passes), [false, true, true, false]);
}

#[test]
fn a_secret_above_ascii_is_compared_as_bytes() {
    let latin = Authenticator::own_header("x-own", Keys::new(b"caf\xe9").unwrap()).unwrap();
    assert_eq!(outcome(&latin, &[("x-own", "caf\u{e9}")]), "0");
    let utf8 = Authenticator::own_header("x-own", keys("caf\u{e9}")).unwrap();
    assert!(utf8.check_in(&[("x-own", "caf\u{e9}".as_bytes())], BODY, at(0)).is_ok());
    assert_eq!(outcome(&utf8, &[("x-own", "caf\u{e9}")]), "signature_mismatch");
}

#[test]
fn a_secret_that_no_header_can_carry_is_refused_except_for_signatures() {
    for (secret, character, place) in [
        (" a", ' ', "at its start"),
        ("a ", ' ', "at its end"),
        ("\ta", '\t', "at its start"),
        ("a\t", '\t', "at its end"),
        ("a\tb", '\t', "inside"),
        ("a\n", '\n', "at its end"),
        ("a\r\n", '\n', "at its end"),
        ("a\0b", '\0', "inside"),
        ("a\x7fb\0c", '\x7f', "inside"),
        ("\x1f", '\x1f', "at its start"),
    ] {
        let refused = Some(SetupError::SecretNotAHeaderValue(character, place));
        assert_eq!(Authenticator::shared_secret(keys(secret), SECRET).err(), refused, "{secret:?}");
        assert_eq!(Authenticator::bearer(keys(secret)).err(), refused, "{secret:?}");
        assert_eq!(Authenticator::own_header("x-own", keys(secret)).err(), refused, "{secret:?}");
        assert_eq!(
            Authenticator::shared_secret(ring(&["good", secret]), SECRET).err(),
            refused,
            "{secret:?}"
        );
        let hmac = Authenticator::hmac(keys(secret), SIGNATURE, None).unwrap();
        assert_eq!(outcome(&hmac, &[(SIGNATURE, &signature(secret, BODY))]), "0", "{secret:?}");
    }
    assert!(Authenticator::shared_secret(keys("a b"), SECRET).is_ok());
}

#[test]
fn a_password_may_have_white_space_at_its_ends_and_no_control_characters() {
    let basic = Authenticator::basic("pub", keys(" hunter2 ")).unwrap();
    assert_eq!(outcome(&basic, &[(AUTHORIZATION, &basic_value("pub: hunter2 "))]), "0");
    for (password, character, place) in [
        ("a\n", '\n', "at its end"),
        ("a\tb", '\t', "inside"),
        ("\0a", '\0', "at its start"),
        ("a\x7f", '\x7f', "at its end"),
    ] {
        let refused = Authenticator::basic("pub", keys(password)).unwrap_err();
        assert_eq!(refused, SetupError::SecretNotAHeaderValue(character, place), "{password:?}");
    }
}

#[test]
fn a_user_has_neither_colon_nor_control_character_but_may_be_empty() {
    for user in ["a:b", ":", "a\n", "\0", "a\x7f", "\t"] {
        assert_eq!(Authenticator::basic(user, keys("p")).unwrap_err(), SetupError::MalformedUser, "{user:?}");
    }
    let basic = Authenticator::basic("", keys("hunter2")).unwrap();
    assert_eq!(outcome(&basic, &[(AUTHORIZATION, &basic_value(":hunter2"))]), "0");
}

#[test]
fn user_and_password_have_at_most_1024_bytes() {
    let password = "p".repeat(1_000);
    let basic = Authenticator::basic(&"u".repeat(23), keys(&password)).unwrap();
    let credentials = format!("{}:{password}", "u".repeat(23));
    assert_eq!(outcome(&basic, &[(AUTHORIZATION, &basic_value(&credentials))]), "0");
    let refused = Authenticator::basic(&"u".repeat(24), keys(&password)).unwrap_err();
    assert_eq!(refused, SetupError::CredentialsTooLong);
}

#[test]
fn an_own_header_has_a_name_that_http_allows_and_nothing_else_reads() {
    for name in [
        "",
        "x own",
        "x:own",
        "x\n",
        "caf\u{e9}",
        "Authorization",
        "AUTHORIZATION",
        "Content-Encoding",
        "x,y",
    ] {
        let refused = Authenticator::own_header(name, keys("a")).unwrap_err();
        assert_eq!(refused, SetupError::MalformedHeaderName, "{name:?}");
    }
    let own = Authenticator::own_header("X-!#$%&'*+-.^_`|~9", keys("a")).unwrap();
    assert_eq!(outcome(&own, &[("x-!#$%&'*+-.^_`|~9", "a")]), "0");
}

#[test]
fn only_basic_and_bearer_ask_for_credentials() {
    let asked = every_scheme().map(|(authenticator, ..)| authenticator.www_authenticate());
    let basic: ResponseHeaders = &[("www-authenticate", "Basic realm=\"webhook\", charset=\"UTF-8\"")];
    let bearer: ResponseHeaders = &[("www-authenticate", "Bearer")];
    assert_eq!(asked, [&[], &[], basic, bearer, &[]]);
}

#[test]
fn debug_shows_neither_secret_nor_signature() {
    for (authenticator, header, value) in every_scheme() {
        let headers = [(header, value.as_str())];
        let verified = authenticator.check_in(&headers, BODY, at(0)).unwrap();
        let shown = format!("{authenticator:?} {}", verified.shown);
        assert!(shown.starts_with("Authenticator(") && shown.ends_with(" Verified(\"0\")"), "{shown}");
        assert!(!shown.contains("hunter2") && !shown.contains(&value) && !shown.contains("x-own"), "{shown}");
    }
}
