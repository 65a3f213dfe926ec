//! Tests of the codes, statuses and messages of refused requests.

use alloc::{
    collections::BTreeSet,
    string::{String, ToString},
    vec::Vec,
};

use serde_json::json;

use super::*;

const FAULT: PayloadFault = PayloadFault {
    line: 3,
    column: 14,
    path: Path { container: "/events", index: Some(2), field: "/email" },
    problem: Problem::Missing,
};

const SIGNED_TIME: Covers = Covers::HeaderAndBody { header: "x-time" };
const BODY_ALONE: Covers = Covers::Body { absent: Some("x-time") };
const BODY: Covers = Covers::Body { absent: None };

const SIGNATURE: ProofForm = ProofForm::Signature { encoding: None };
const PINNED: ProofForm = ProofForm::Signature { encoding: Some(SignatureEncoding::Base64) };

const fn mismatch(covers: Covers, form: ProofForm) -> Reason {
    Reason::SignatureMismatch { header: "x-proof", covers, form, key_not_valid_now: false }
}

/// Every reason with its code and its status.
const REASONS: [(Reason, &str, u16); 28] = [
    (Reason::MethodNotAllowed { in_another_case: false }, "method_not_allowed", 405),
    (Reason::MethodNotAllowed { in_another_case: true }, "method_not_allowed", 405),
    (Reason::UnsupportedContentEncoding, "unsupported_content_encoding", 415),
    (Reason::PayloadTooLarge { limit: 4_096 }, "payload_too_large", 413),
    (Reason::RepeatedHeader { header: "x-repeated" }, "repeated_header", 400),
    (Reason::MissingSignature { header: "x-missing", form: SIGNATURE }, "missing_signature", 401),
    (Reason::MissingSignature { header: "x-missing", form: ProofForm::Secret }, "missing_signature", 401),
    (Reason::MalformedSignature { header: "x-malformed", form: SIGNATURE }, "malformed_signature", 401),
    (Reason::MalformedSignature { header: "x-malformed", form: PINNED }, "malformed_signature", 401),
    (
        Reason::MalformedSignature { header: "x-malformed", form: ProofForm::Secret },
        "malformed_signature",
        401,
    ),
    (
        Reason::MalformedSignature { header: "x-malformed", form: ProofForm::Basic },
        "malformed_signature",
        401,
    ),
    (
        Reason::MalformedSignature { header: "x-malformed", form: ProofForm::Bearer },
        "malformed_signature",
        401,
    ),
    (mismatch(SIGNED_TIME, SIGNATURE), "signature_mismatch", 401),
    (mismatch(BODY_ALONE, SIGNATURE), "signature_mismatch", 401),
    (mismatch(BODY, SIGNATURE), "signature_mismatch", 401),
    (mismatch(Covers::Nothing, ProofForm::Secret), "signature_mismatch", 401),
    (mismatch(Covers::Nothing, ProofForm::Basic), "signature_mismatch", 401),
    (Reason::MissingTimestamp { header: Some("x-time"), covers: SIGNED_TIME }, "missing_timestamp", 400),
    (Reason::MissingTimestamp { header: Some("x-date"), covers: BODY_ALONE }, "missing_timestamp", 400),
    (Reason::MissingTimestamp { header: Some("x-date"), covers: BODY }, "missing_timestamp", 400),
    (Reason::MissingTimestamp { header: None, covers: Covers::Nothing }, "missing_timestamp", 400),
    (Reason::MalformedTimestamp { header: "x-date" }, "malformed_timestamp", 400),
    (Reason::Stale { age_seconds: 412, window_seconds: 300 }, "stale", 400),
    (Reason::FromTheFuture { ahead_seconds: 27, window_seconds: 10 }, "from_the_future", 400),
    (Reason::MalformedPayload(FAULT), "malformed_payload", 400),
    (Reason::TooManyEvents { limit: 77 }, "too_many_events", 413),
    (Reason::MissingChallenge { header: "x-challenge" }, "missing_challenge", 400),
    (Reason::MalformedChallenge { header: "x-challenge" }, "malformed_challenge", 400),
];

const PROBLEMS: [Problem; 26] = [
    Problem::InvalidUtf8,
    Problem::ByteOrderMark,
    Problem::TooLarge,
    Problem::ExpectedValue,
    Problem::ExpectedKey,
    Problem::ExpectedColon,
    Problem::ExpectedCommaOrEnd,
    Problem::ExpectedDigit,
    Problem::ExpectedEnd,
    Problem::ControlCharacter,
    Problem::InvalidEscape,
    Problem::UnclosedString,
    Problem::TooDeep,
    Problem::NumberTooLong,
    Problem::RepeatedField,
    Problem::LoneSurrogate,
    Problem::Missing,
    Problem::NoEventOrEmail,
    Problem::NotAnObject,
    Problem::NotAContainer,
    Problem::NotText,
    Problem::NotAnId,
    Problem::NotAnInteger,
    Problem::NotATime,
    Problem::TwoContainers,
    Problem::Contradiction,
];

#[test]
fn every_reason_has_its_code_and_its_status() {
    for (reason, code, status) in REASONS {
        assert_eq!((reason.code(), reason.status()), (code, status));
        let rejection = Rejection::new(reason, &[]);
        assert_eq!((rejection.code(), rejection.status()), (code, status));
    }
}

#[test]
fn every_reason_and_every_problem_has_its_own_words() {
    let reasons = REASONS.map(|(reason, ..)| reason.to_string());
    let problems = PROBLEMS.map(|problem| problem.to_string());
    let messages: BTreeSet<&String> = reasons.iter().chain(&problems).collect();
    assert_eq!(messages.len(), REASONS.len() + PROBLEMS.len());
    for message in messages {
        assert!(message.len() > 10 && !message.contains('\n') && !message.ends_with('.'), "{message}");
    }
}

#[test]
fn a_message_holds_the_details_of_its_reason() {
    let shown = |code| {
        let (reason, ..) = REASONS.into_iter().find(|(_, other, _)| *other == code).unwrap();
        let message = reason.to_string();
        assert_eq!(Rejection::new(reason, &[]).to_string(), message);
        message
    };
    assert!(shown("payload_too_large").contains("larger than 4096 bytes"));
    assert!(shown("repeated_header").starts_with("x-repeated occurs more than once"));
    assert!(shown("missing_signature").starts_with("x-missing is absent"));
    assert!(shown("malformed_signature").starts_with("x-malformed is not a signature of 32 bytes"));
    assert!(shown("stale").starts_with("the request is 412 s old; the window is 300 s"));
    assert!(shown("from_the_future").starts_with("the request is 27 s ahead; the window is 10 s"));
    assert!(shown("too_many_events").contains("more than 77 events"));
    assert_eq!(shown("malformed_payload"), "line 3, column 14, at /events/2/email: the field is missing");
}

fn messages(code: &str) -> Vec<String> {
    let with_code = REASONS.into_iter().filter(|(_, other, _)| *other == code);
    with_code.map(|(reason, ..)| reason.to_string()).collect()
}

#[test]
fn a_message_names_the_causes_that_the_scheme_can_have() {
    let [_, in_another_case] = messages("method_not_allowed").try_into().unwrap();
    assert!(in_another_case.starts_with("the method is not in upper case"));
    // Also of vendors that sign nothing.
    assert!(!messages("unsupported_content_encoding")[0].contains("sign"));
    let missing = messages("missing_signature");
    assert!(
        missing[0].contains("the vendor sent") && missing[1].contains("the sender was given its credentials")
    );
    let malformed = messages("malformed_signature");
    assert!(malformed[0].contains("hexadecimal, base64 or base64url") && !malformed[0].contains("option"));
    assert!(malformed[1].contains("in base64, the only encoding that signature_encoding allows"));
    for (message, words) in
        malformed[2..].iter().zip(["empty or not readable", "a user and a password", "Bearer token"])
    {
        assert!(message.contains(words) && !message.contains("base64url"), "{message}");
    }
    let mismatches = messages("signature_mismatch");
    for message in &mismatches[..3] {
        assert!(message.contains("body was changed") && !message.contains("user"), "{message}");
    }
    for message in &mismatches[3..] {
        assert!(!message.contains("body") && !message.contains("proxy"), "{message}");
    }
    assert!(!mismatches[3].contains("user") && mismatches[4].contains("check the user"));
}

#[test]
fn a_mismatch_alone_has_a_hint_and_only_if_a_key_fits() {
    for (reason, ..) in REASONS {
        assert_eq!(Rejection::new(reason, &[]).hint(), None);
    }
    let reason = Reason::SignatureMismatch {
        header: "x-proof",
        covers: BODY,
        form: SIGNATURE,
        key_not_valid_now: true,
    };
    let rejection = Rejection::new(reason, &[]);
    let hint = rejection.hint().unwrap();
    assert!(hint.contains("not_before and not_after"), "{hint}");
    // What can be shown to others has nothing of it.
    let without = Rejection::new(mismatch(BODY, SIGNATURE), &[]);
    assert_eq!(rejection.to_string(), without.to_string());
    assert_eq!(serde_json::to_value(&rejection).unwrap(), serde_json::to_value(&without).unwrap());
}

#[test]
fn a_message_names_the_headers_and_what_the_signature_covers() {
    let mismatches = messages("signature_mismatch");
    assert!(mismatches[0].starts_with("no valid key made x-proof from x-time followed by the body: "));
    assert!(mismatches[1].starts_with("no valid key made x-proof from the body alone (x-time is absent): "));
    assert!(mismatches[1].ends_with("or a proxy removed x-time"));
    assert!(mismatches[2].starts_with("no valid key made x-proof from the body: the request is forged"));
    assert!(mismatches[3].starts_with("x-proof does not hold any valid secret: "));
    let missing = messages("missing_timestamp");
    assert!(missing[0].starts_with("x-time is absent, and require_signed_time refuses"));
    assert!(missing[1].starts_with("x-date is absent, and so is x-time: look for a proxy"));
    assert!(missing[1].contains("or set allow_missing_date with the replay policy strict"));
    assert_eq!(
        missing[2],
        "x-date is absent: if the vendor sent the request, look for a proxy that removes the header"
    );
    let beside_a_secret = Reason::MissingTimestamp { header: Some("x-date"), covers: Covers::Nothing };
    assert_eq!(beside_a_secret.to_string(), missing[2]);
    assert!(missing[3].starts_with("no event has a time"));
}

#[test]
fn a_rejection_keeps_its_reason_and_its_headers() {
    let reason = Reason::MethodNotAllowed { in_another_case: false };
    let rejection = Rejection::new(reason.clone(), &[("allow", "POST")]);
    assert_eq!(rejection.reason(), &reason);
    assert_eq!(rejection.headers(), [("allow", "POST")]);
}

#[test]
fn a_fault_has_its_place_and_its_problem() {
    assert_eq!((FAULT.line(), FAULT.column(), FAULT.problem()), (3, 14, Problem::Missing));
    assert_eq!(FAULT.path().to_string(), "/events/2/email");
}

#[test]
fn a_malformed_payload_alone_has_a_fault() {
    for (reason, code, _) in REASONS {
        let expected = (code == "malformed_payload").then_some(&FAULT);
        let rejection = Rejection::new(reason, &[]);
        assert_eq!(rejection.payload_fault(), expected, "{code}");
        let source = core::error::Error::source(&rejection).and_then(|source| source.downcast_ref());
        assert_eq!(source, expected, "{code}");
    }
}

#[test]
fn a_path_is_a_json_pointer_of_what_is_known() {
    for (container, index, field, expected) in [
        ("", None, "", ""),
        ("", None, "/entity", "/entity"),
        ("", Some(0), "/item", "/0/item"),
        ("/events", None, "", "/events"),
        ("/events", Some(10), "", "/events/10"),
    ] {
        let path = Path { container, index, field };
        assert_eq!(path.to_string(), expected);
        assert_eq!(serde_json::to_value(path).unwrap(), expected);
    }
}

#[test]
fn the_path_of_the_whole_body_is_left_out_of_the_message() {
    let fault = PayloadFault { path: Path::ROOT, problem: Problem::ExpectedEnd, ..FAULT };
    assert_eq!(fault.to_string(), "line 3, column 14: not JSON: expected the end of the body");
}

#[test]
fn a_rejection_is_written_with_its_place_in_the_payload_or_without() {
    let malformed = Rejection::new(Reason::MalformedPayload(FAULT), &[]);
    let expected = json!({
        "code": "malformed_payload",
        "status": 400,
        "message": "line 3, column 14, at /events/2/email: the field is missing",
        "line": 3,
        "column": 14,
        "path": "/events/2/email",
    });
    assert_eq!(serde_json::to_value(&malformed).unwrap(), expected);
    let mismatch = Rejection::new(mismatch(BODY_ALONE, SIGNATURE), &[]);
    let expected = json!({
        "code": "signature_mismatch",
        "status": 401,
        "message": mismatch.to_string(),
        "line": null,
        "column": null,
        "path": null,
    });
    assert_eq!(serde_json::to_value(&mismatch).unwrap(), expected);
}
