//! Compares Benji's signature header with an encoder and a decoder that work bit by bit.

use hookseal::{Keys, Request, Timestamp, benji};

use crate::{
    input::Input,
    oracle::{self, Encoding, hmac_sha256},
};

/// The input: a choice of the encoding, a body, and a header. The header is used as it is, or as changes to the right
/// signature.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let choice = input.byte();
    let pinned = [None, Some(Encoding::Hex), Some(Encoding::Base64), Some(Encoding::Base64Url)]
        [usize::from(choice & 3)];
    let body = input.short_bytes();
    let tag = hmac_sha256(b"salt", body);
    let header = if choice & 4 == 0 {
        input.rest().to_vec()
    } else {
        let encoding = Encoding::ALL[usize::from(choice >> 3) % 3];
        let mut text = encoding.encode(&tag, choice & 64 == 0).into_bytes();
        if choice & 128 != 0 {
            text.make_ascii_uppercase();
        }
        while !input.is_empty() && text.len() < 100 {
            let (place, byte, way) =
                (usize::from(input.byte()) % (text.len() + 1), input.byte(), input.byte());
            match way % 3 {
                0 => text.insert(place, byte),
                1 if place < text.len() => drop(text.remove(place)),
                2 if place < text.len() => text[place] = byte,
                _ => {}
            }
        }
        text
    };

    let expected = match oracle::trimmed(&header) {
        value if oracle::signature(value, pinned).is_none() => "malformed_signature",
        value if oracle::signature(value, pinned).unwrap() != tag => "signature_mismatch",
        // The check after the signature.
        _ => "missing_timestamp",
    };
    let mut options = benji::Options::default();
    if let Some(encoding) = pinned {
        options = options.signature_encoding(encoding.in_hookseal());
    }
    let receiver = options.receiver(Keys::new("salt").unwrap()).unwrap();
    let fields = [("X-Benji-Signature", header.as_slice())];
    let code = |fields: &[(&str, &[u8])]| {
        receiver.receive(Request::post(fields, body), Timestamp::UNIX_EPOCH).unwrap_err().code()
    };
    assert_eq!(code(&fields), expected, "{}", header.escape_ascii());
    let before_body = receiver.check_head("POST", &fields).map_err(|rejection| rejection.code());
    assert_eq!(before_body.is_err(), expected == "malformed_signature", "{}", header.escape_ascii());

    // The outcome is the same if the header is given as text, in which each byte is a character.
    let text: String = header.iter().copied().map(char::from).collect();
    let rejection = receiver
        .receive(Request::post(&[("x-benji-signature", text)], body), Timestamp::UNIX_EPOCH)
        .unwrap_err();
    assert_eq!(rejection.code(), expected);
    assert_eq!(code(&[fields[0], fields[0]]), "repeated_header");
}
