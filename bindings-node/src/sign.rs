//! The sender's side.

use hookseal::{Secret, sign};
use napi::{
    Result,
    bindgen_prelude::{FunctionCallContext, Object},
};

use crate::{
    boundary::required,
    fault::{Fault, broken},
    keys::{GivenSecret, secret_bytes},
    numbers::timestamp,
    setup::signature_encoding,
    strings::latin1,
};

/// `sign(request, out)`: writes the headers to `out`. The request has `scheme`, `secret` and the values that the scheme
/// needs. Both objects have no prototype.
pub(crate) fn sign(call: FunctionCallContext<'_>) -> Result<()> {
    let (request, mut out): (Object<'_>, Object<'_>) = (call.get(0)?, call.get(1)?);
    let headers = signed(&request).map_err(|fault| fault.throw(call.env))?;
    for (name, value) in &headers {
        out.set(name, latin1(value).as_str())?;
    }
    Ok(())
}

fn signed(request: &Object<'_>) -> std::result::Result<sign::SignedHeaders, Fault> {
    let secret = Secret::new(&*secret_bytes(required::<GivenSecret<'_>>(request, "secret")?)?)?;
    let text = |name: &str| required::<String>(request, name);
    Ok(match text("scheme")?.as_str() {
        scheme @ ("benji" | "benjiBodyOnly") => {
            let time = timestamp(required(request, "time")?)?;
            let encoding = signature_encoding(&text("encoding")?)?;
            let body = required::<&[u8]>(request, "body")?;
            let sign = if scheme == "benji" { sign::benji_encoded } else { sign::benji_body_only_encoded };
            sign(&secret, body, time, encoding)
        }
        "benti" => sign::benti(&secret),
        "bentiHandshake" => sign::benti_handshake(&secret, &text("name")?),
        "bentoBasic" => sign::bento_basic(&text("name")?, &secret),
        "bentoBearer" => sign::bento_bearer(&secret),
        "bentoHeader" => sign::bento_header(&text("name")?, &secret),
        _ => return Err(broken().into()),
    })
}
