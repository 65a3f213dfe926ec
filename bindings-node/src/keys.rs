//! Secrets and keys. JavaScript passes a secret once. From then on it is in memory that JavaScript cannot reach and
//! that is wiped.

use hookseal::{Key, SetupError, Timestamp};
use napi::{
    Either, JsString, Result,
    bindgen_prelude::{Either3, External, FunctionCallContext},
};
use zeroize::Zeroizing;

use crate::{fault::Fault, numbers::timestamp, strings::utf8};

/// A secret as JavaScript passes it: a string or a `Uint8Array`.
pub(crate) type GivenSecret<'a> = Either<JsString<'a>, &'a [u8]>;

/// An element of a ring: a `Key` of JavaScript, or a secret alone.
pub(crate) type GivenKey<'a> = Either3<&'a External<KeptKey>, JsString<'a>, &'a [u8]>;

/// A copy of the secret's bytes.
pub(crate) fn secret_bytes(secret: GivenSecret<'_>) -> Result<Zeroizing<Vec<u8>>> {
    match secret {
        Either::A(text) => utf8(text),
        Either::B(bytes) => Ok(Zeroizing::new(bytes.to_vec())),
    }
}

/// The content of a `Key` of JavaScript. Each receiver makes a key of the core from it.
pub(crate) struct KeptKey {
    secret: Zeroizing<Vec<u8>>,
    is_exact: bool,
    id: Option<String>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

impl KeptKey {
    fn key(&self) -> std::result::Result<Key, SetupError> {
        let mut key = if self.is_exact { Key::exact(&*self.secret)? } else { Key::new(&*self.secret)? };
        if let Some(id) = &self.id {
            key = key.with_id(id)?;
        }
        if let Some(time) = self.not_before {
            key = key.with_not_before(time);
        }
        if let Some(time) = self.not_after {
            key = key.with_not_after(time);
        }
        Ok(key)
    }
}

/// `createKey(secret, exact, id?, notBefore?, notAfter?)`: the content of a `Key`. It is wiped when the `Key` is
/// collected.
pub(crate) fn create_key(call: FunctionCallContext<'_>) -> Result<External<KeptKey>> {
    let kept = KeptKey {
        secret: secret_bytes(call.get(0)?)?,
        is_exact: call.get(1)?,
        id: call.get(2)?,
        not_before: call.get::<Option<f64>>(3)?.map(timestamp).transpose()?,
        not_after: call.get::<Option<f64>>(4)?.map(timestamp).transpose()?,
    };
    // Refused already here, where the program gives the secret, and not only when a receiver is built.
    kept.key().map_err(|error| Fault::from(error).throw(call.env))?;
    Ok(External::new(kept))
}

pub(crate) fn key(given: GivenKey<'_>) -> std::result::Result<Key, Fault> {
    Ok(match given {
        Either3::A(kept) => kept.key()?,
        Either3::B(text) => Key::new(&*utf8(text)?)?,
        Either3::C(bytes) => Key::new(bytes)?,
    })
}
