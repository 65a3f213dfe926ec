//! Rejections and handshakes as one text with a NUL between its parts: a string costs far less than an object.

use hookseal::{Handshake, Rejection};

/// `R`, code, status, message, hint, line, column, path, then names and values of headers. Without a hint that part is
/// empty. Only a malformed payload has a line, a column and a path; otherwise they are empty.
#[cold]
pub(crate) fn rejection(rejection: &Rejection) -> String {
    let (line, column, path) = rejection.payload_fault().map_or_else(Default::default, |fault| {
        (fault.line().to_string(), fault.column().to_string(), fault.path().to_string())
    });
    let (code, status) = (rejection.code(), rejection.status());
    let hint = rejection.hint().unwrap_or_default();
    let text = format!("R\0{code}\0{status}\0{rejection}\0{hint}\0{line}\0{column}\0{path}");
    with_headers(text, rejection.headers().iter().copied())
}

/// `H`, status, body, then names and values of headers.
pub(crate) fn handshake(handshake: &Handshake) -> String {
    with_headers(format!("H\0{}\0{}", handshake.status(), handshake.body()), handshake.headers())
}

fn with_headers<'h>(mut text: String, headers: impl IntoIterator<Item = (&'h str, &'h str)>) -> String {
    for part in headers.into_iter().flat_map(|(name, value)| [name, value]) {
        text.push('\0');
        text.push_str(part);
    }
    text
}
