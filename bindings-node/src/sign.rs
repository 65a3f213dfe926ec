//! The sender's side.

use hookseal::{Secret, Timestamp, sign};
use napi::{
    Result,
    bindgen_prelude::{FunctionCallContext, Object},
};

use crate::setup::{Fault, required, signature_encoding, timestamp};

/// `sign(request)`: names and values of the headers, one after the other. The request has `scheme`, `secret` and
/// what the scheme needs.
pub(crate) fn sign(call: FunctionCallContext<'_>) -> Result<Vec<String>> {
    let request: Object<'_> = call.get(0)?;
    let headers = signed(&request).map_err(|fault| fault.throw(call.env))?;
    let parts = headers.iter().flat_map(|(name, value)| [name.to_owned(), latin1(value)]);
    Ok(parts.collect())
}

fn signed(request: &Object<'_>) -> std::result::Result<sign::SignedHeaders, Fault> {
    let secret = Secret::new(required::<&[u8]>(request, "secret")?)?;
    let text = |name: &str| required::<String>(request, name);
    Ok(match text("scheme")?.as_str() {
        scheme @ ("benji" | "benjiBodyOnly") => {
            let time = timestamp(required(request, "time")?).unwrap_or(Timestamp::UNIX_EPOCH);
            let encoding = signature_encoding(&text("encoding")?);
            let body = required::<&[u8]>(request, "body")?;
            let sign = if scheme == "benji" { sign::benji_encoded } else { sign::benji_body_only_encoded };
            sign(&secret, body, time, encoding)
        }
        "benti" => sign::benti(&secret),
        "bentiHandshake" => sign::benti_handshake(&secret, &text("name")?),
        "bentoBasic" => sign::bento_basic(&text("name")?, &secret),
        "bentoBearer" => sign::bento_bearer(&secret),
        _ => sign::bento_header(&text("name")?, &secret),
    })
}

/// The text of a header: HTTP libraries write each character up to U+00FF as one byte.
fn latin1(value: &[u8]) -> String {
    value.iter().copied().map(char::from).collect()
}
