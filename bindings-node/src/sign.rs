//! The sender's side.

use hookseal::{Key, Keys, Receiver, Secret, SetupError, bento::Credentials, binding, sign};
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
    let bytes = secret_bytes(required::<GivenSecret<'_>>(request, "secret")?)?;
    let secret = Secret::new(&*bytes)?;
    let text = |name: &str| required::<String>(request, name);
    // Refuses credentials that no receiver takes: a request with them would look like one with another secret.
    let check = |receiver: &dyn Fn(Keys) -> std::result::Result<Receiver, SetupError>| {
        Keys::ring([Key::exact(&*bytes)?]).and_then(receiver).map(drop)
    };
    Ok(match text("scheme")?.as_str() {
        scheme @ ("benji" | "benjiBodyOnly") => {
            let time = timestamp(required(request, "time")?)?;
            let encoding = signature_encoding(&text("encoding")?)?;
            let body = required::<&[u8]>(request, "body")?;
            let sign = if scheme == "benji" { sign::benji_encoded } else { sign::benji_body_only_encoded };
            sign(&secret, body, time, encoding)
        }
        "benti" => {
            check(&Receiver::benti)?;
            sign::benti(&secret)
        }
        "bentiHandshake" => {
            let challenge = text("name")?;
            if !binding::is_challenge(&challenge) {
                return Err(Fault::Challenge);
            }
            check(&Receiver::benti)?;
            sign::benti_handshake(&secret, &challenge)
        }
        "bentoBasic" => {
            let user = text("name")?;
            check(&|keys| Receiver::bento(Credentials::Basic { user: &user, keys }))?;
            sign::bento_basic(&user, &secret)
        }
        "bentoBearer" => {
            check(&|keys| Receiver::bento(Credentials::Bearer { keys }))?;
            sign::bento_bearer(&secret)
        }
        "bentoHeader" => {
            let name = text("name")?;
            check(&|keys| Receiver::bento(Credentials::Header { name: &name, keys }))?;
            sign::bento_header(&name, &secret)
        }
        _ => return Err(broken().into()),
    })
}
