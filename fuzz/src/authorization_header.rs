//! Compares Basic and bearer credentials, a configured header and Benti's secret with a reader of base64 that works bit
//! by bit.

use hookseal::{Key, Keys, Receiver, Request, Timestamp, bento::Credentials};

use crate::{
    input::Input,
    oracle::{self, BASE64},
};

const MAX_CREDENTIALS_BYTES: usize = 1_024;

/// The input: a choice of the scheme and of an exact key, the user, the secret, and a header. The header is used as it
/// is, or as changes to the right one.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let choice = input.byte();
    let user = String::from_utf8_lossy(input.short_bytes()).into_owned();
    let secret = input.short_bytes().to_vec();
    let is_exact = choice & 8 == 8;
    let key = if is_exact { Key::exact(&secret) } else { Key::new(&secret) };
    assert_eq!(key.is_err(), oracle::is_no_secret(&secret), "{}", secret.escape_ascii());
    let Ok(key) = key else { return };
    let keys = Keys::ring([key]).unwrap();
    let is_mistake = !is_exact && oracle::is_copying_mistake(&secret);
    let is_control = |byte: &u8| *byte < b' ' || *byte == 0x7f;
    let fits_a_header = secret[0] != b' ' && secret.last() != Some(&b' ') && !secret.iter().any(is_control);
    let (name, receiver, fits_its_place) = match choice & 3 {
        0 => {
            let user_is_right = !user.bytes().any(|byte| is_control(&byte) || byte == b':');
            let fits_its_place = user_is_right
                && !secret.iter().any(is_control)
                && user.len() + 1 + secret.len() <= MAX_CREDENTIALS_BYTES;
            ("authorization", Receiver::bento(Credentials::Basic { user: &user, keys }), fits_its_place)
        }
        1 => ("authorization", Receiver::bento(Credentials::Bearer { keys }), fits_a_header),
        2 => ("x-own", Receiver::bento(Credentials::Header { name: "X-Own", keys }), fits_a_header),
        _ => ("x-hook-signature", Receiver::benti(keys), fits_a_header),
    };
    assert_eq!(receiver.is_ok(), fits_its_place && !is_mistake, "{receiver:?}");
    let Ok(receiver) = receiver else { return };

    let right: Vec<u8> = match choice & 3 {
        0 => {
            let credentials = [user.as_bytes(), b":", &secret].concat();
            ["Basic ", &oracle::base64(&credentials, BASE64, true)].concat().into_bytes()
        }
        1 => [b"Bearer ", secret.as_slice()].concat(),
        _ => secret.clone(),
    };
    let header = if choice & 4 == 0 { input.rest().to_vec() } else { changed(right.clone(), input) };
    let expected = expected(choice & 3, oracle::trimmed(&header), &user, &secret);
    // The body is an empty list. If it is authenticated, Bento refuses it as a payload, and Benti accepts it as a
    // delivery.
    let code = |value: &[u8]| match receiver
        .receive(Request::post(&[(name, value)], b"[]"), Timestamp::UNIX_EPOCH)
    {
        Ok(_) => "accepted",
        Err(rejection) if rejection.code() == "malformed_payload" => "accepted",
        Err(rejection) => rejection.code(),
    };
    assert_eq!(code(&header), expected, "{}", header.escape_ascii());
    assert_eq!(code(&right), "accepted", "{}", right.escape_ascii());
}

fn changed(mut text: Vec<u8>, mut input: Input<'_>) -> Vec<u8> {
    while !input.is_empty() && text.len() < 2_000 {
        let (place, byte, way) = (usize::from(input.byte()) % (text.len() + 1), input.byte(), input.byte());
        match way % 4 {
            0 => text.insert(place, byte),
            1 if place < text.len() => drop(text.remove(place)),
            2 if place < text.len() => text[place] = byte,
            3 if place < text.len() => text[place] ^= 0x20,
            _ => {}
        }
    }
    text
}

fn expected(scheme: u8, value: &[u8], user: &str, secret: &[u8]) -> &'static str {
    let after = |scheme: &str| {
        let (name, rest) = value.split_at_checked(scheme.len())?;
        let token = rest.iter().position(|byte| *byte != b' ')?;
        (token > 0 && name.to_ascii_lowercase() == scheme.as_bytes()).then(|| &rest[token..])
    };
    let read = match scheme {
        _ if value.is_empty() => None,
        0 => after("basic")
            .and_then(|text| oracle::from_base64(text, BASE64, Some(true)))
            .filter(|credentials| credentials.len() <= MAX_CREDENTIALS_BYTES),
        1 => after("bearer").map(<[u8]>::to_vec),
        _ => Some(value.to_vec()),
    };
    let right = if scheme == 0 { [user.as_bytes(), b":", secret].concat() } else { secret.to_vec() };
    match read {
        None => "malformed_signature",
        // HMAC pads a key with zeros, but the whole text under the key is compared.
        Some(read) if read == right => "accepted",
        Some(_) => "signature_mismatch",
    }
}
