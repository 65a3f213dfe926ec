//! Texts of JavaScript, read into memory that is wiped afterwards.

use napi::{Error, JsString, JsValue, Result, Status, sys};
use zeroize::Zeroizing;

/// The bytes of a text in UTF-8. JavaScript has refused a text with half of a surrogate pair, for which there are none.
pub(crate) fn utf8(text: JsString<'_>) -> Result<Zeroizing<Vec<u8>>> {
    // Node ends what it writes with a NUL.
    let mut units = Zeroizing::new(vec![0; text.utf16_len()? + 1]);
    let length = read_beginning(text, &mut units)?.unwrap_or_default();
    // Room for all of it from the start: a vector that grows would leave copies behind.
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

/// Reads as much of a text as fits into `units`, with a NUL behind it, and tells how much that is; nothing of what is no
/// text.
#[expect(
    unsafe_code,
    reason = "napi reads a string only into memory that it allocates, which takes as long again and is not wiped"
)]
pub(crate) fn read_beginning(string: JsString<'_>, units: &mut [u16]) -> Result<Option<usize>> {
    let string = string.value();
    let mut length = 0;
    // SAFETY: `string` is a value of the running call, of any type; Node writes no more than `units.len()` units, their
    // NUL included, and how many there are before it.
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
