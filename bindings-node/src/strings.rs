//! Reads texts of JavaScript into memory that is wiped afterwards.

use napi::{Error, JsString, JsValue, Result, Status, sys};
use zeroize::Zeroizing;

/// The bytes of a text in UTF-8. JavaScript has refused texts with half of a surrogate pair, which UTF-8 cannot encode.
pub(crate) fn utf8(text: JsString<'_>) -> Result<Zeroizing<Vec<u8>>> {
    // Node ends what it writes with a NUL.
    let mut units = Zeroizing::new(vec![0; text.utf16_len()? + 1]);
    let length = read_beginning(text, &mut units)?.unwrap_or_default();
    // With its full capacity from the start, because a growing vector would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(3 * length));
    for character in char::decode_utf16(units.iter().take(length).copied()) {
        let character = character.map_err(|_| Error::from_reason("half of a surrogate pair"))?;
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(bytes)
}

/// The text of a header: HTTP libraries write each character up to U+00FF as one byte.
pub(crate) fn latin1(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    text.extend(bytes.iter().copied().map(char::from));
    text
}

/// Reads as much of a text as fits into `units` before a final NUL, and returns the number of units. `None` if the
/// value is not a text.
#[expect(
    unsafe_code,
    reason = "napi reads a string only into memory that it allocates, which takes as long again and is not wiped"
)]
pub(crate) fn read_beginning(string: JsString<'_>, units: &mut [u16]) -> Result<Option<usize>> {
    let string = string.value();
    let mut length = 0;
    // SAFETY: `string` is a value of the running call, of any type. Node writes at most `units.len()` units, with the
    // NUL, and writes the number of units before the NUL to `length`.
    let status = unsafe {
        sys::napi_get_value_string_utf16(
            string.env,
            string.value,
            units.as_mut_ptr(),
            units.len(),
            &raw mut length,
        )
    };
    match Status::from(status) {
        Status::Ok => Ok(Some(length)),
        Status::StringExpected => Ok(None),
        status => Err(Error::from_status(status)),
    }
}
