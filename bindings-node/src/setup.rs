//! What a receiver is built from. JavaScript has checked the types; the core checks the rest.

use hookseal::{
    Keys, Receiver, ReplayPolicy, SetupError, SignatureEncoding, Timestamp, Window, bento::Credentials,
};
use napi::{
    Env, Error, Result, Status,
    bindgen_prelude::{FromNapiValue, Object},
};

use crate::{
    headers::{HeaderNames, header_names},
    keys::{GivenKey, GivenSecret, key, secret_bytes},
};

/// A receiver, and what its closures need beside it.
pub(crate) struct Endpoint {
    pub(crate) receiver: Receiver,
    pub(crate) header_names: HeaderNames,
    pub(crate) key_ids: Vec<String>,
}

/// Why there is no receiver.
pub(crate) enum Fault {
    /// The core refuses the setup.
    Setup(SetupError),
    /// Node could not hand over a value.
    Node(Error),
}

impl From<SetupError> for Fault {
    fn from(error: SetupError) -> Self {
        Self::Setup(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Node(error)
    }
}

impl Fault {
    /// Throws a `RangeError` where a number is out of its range, else a `TypeError`.
    pub(crate) fn throw(self, env: &Env) -> Error {
        let thrown = match self {
            Self::Node(error) => return error,
            Self::Setup(error @ (SetupError::LimitOutOfRange(_) | SetupError::OffsetOutOfRange)) => {
                env.throw_range_error(&error.to_string(), None)
            }
            Self::Setup(error) => env.throw_type_error(&error.to_string(), None),
        };
        thrown.err().unwrap_or_else(|| Error::from_status(Status::PendingException))
    }
}

/// The endpoint that an object with `scheme`, `name`, `keys` and options describes. The object has no prototype: what
/// `Object.prototype` was given is no option.
pub(crate) fn endpoint(setup: &Object<'_>) -> std::result::Result<Endpoint, Fault> {
    let (keys, key_ids) = keys(setup)?;
    let receiver = with_options(with_credentials(setup, keys)?, setup)?;
    Ok(Endpoint { header_names: header_names(&receiver), receiver, key_ids })
}

fn with_credentials(setup: &Object<'_>, keys: Keys) -> std::result::Result<Receiver, Fault> {
    let name: String = required(setup, "name")?;
    Ok(match required::<String>(setup, "scheme")?.as_str() {
        "benji" => Receiver::benji(keys)?,
        "benti" => Receiver::benti(keys)?,
        "basic" => Receiver::bento(Credentials::Basic { user: &name, keys })?,
        "bearer" => Receiver::bento(Credentials::Bearer { keys })?,
        _ => Receiver::bento(Credentials::Header { name: &name, keys })?,
    })
}

fn with_options(mut receiver: Receiver, setup: &Object<'_>) -> std::result::Result<Receiver, Fault> {
    if let Some(window) = setup.get::<Vec<f64>>("window")? {
        receiver = receiver.window(match window.as_slice() {
            [past, future] => Window::seconds(whole(*past), whole(*future)),
            _ => Window::off(),
        })?;
    }
    if let Some(bytes) = setup.get("maxBodyBytes")? {
        receiver = receiver.max_body_bytes(size(bytes))?;
    }
    if let Some(events) = setup.get("maxEvents")? {
        receiver = receiver.max_events(size(events))?;
    }
    if let Some(depth) = setup.get("maxDepth")? {
        receiver = receiver.max_depth(u32::try_from(whole(depth)).unwrap_or(u32::MAX))?;
    }
    if let Some(characters) = setup.get("maxNumberLength")? {
        receiver = receiver.max_number_length(size(characters))?;
    }
    if let Some(source) = setup.get::<String>("source")? {
        receiver = receiver.source(&source)?;
    }
    if let Some(policy) = setup.get::<String>("replayPolicy")? {
        receiver = receiver.replay_policy(replay_policy(&policy));
    }
    if let Some(seconds) = setup.get("replayRetentionSeconds")? {
        receiver = receiver.replay_retention_seconds(whole(seconds))?;
    }
    if let Some(key) = setup.get::<GivenSecret<'_>>("idKey")? {
        receiver = receiver.id_key(&*secret_bytes(key)?)?;
    }
    if let Some(encoding) = setup.get::<String>("signatureEncoding")? {
        receiver = receiver.signature_encoding(signature_encoding(&encoding))?;
    }
    if setup.get("requireSignedTime")? == Some(true) {
        receiver = receiver.require_signed_time()?;
    }
    if setup.get("allowMissingDate")? == Some(true) {
        receiver = receiver.allow_missing_date()?;
    }
    if let Some(minutes) = setup.get::<f64>("utcOffsetMinutes")? {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what does not fit becomes the bound, which is refused"
        )]
        let minutes = minutes as i16;
        receiver = receiver.utc_offset_minutes(minutes)?;
    }
    if setup.get("allowUnsignedHandshake")? == Some(true) {
        receiver = receiver.allow_unsigned_handshake()?;
    }
    Ok(receiver)
}

fn keys(setup: &Object<'_>) -> std::result::Result<(Keys, Vec<String>), Fault> {
    let (mut keys, mut ids) = (Vec::new(), Vec::new());
    for (position, given) in required::<Vec<GivenKey<'_>>>(setup, "keys")?.into_iter().enumerate() {
        let key = key(given)?;
        ids.push(key.id().map_or_else(|| position.to_string(), str::to_owned));
        keys.push(key);
    }
    Ok((Keys::ring(keys)?, ids))
}

pub(crate) fn signature_encoding(name: &str) -> SignatureEncoding {
    match name {
        "base64" => SignatureEncoding::Base64,
        "base64url" => SignatureEncoding::Base64Url,
        _ => SignatureEncoding::Hex,
    }
}

fn replay_policy(name: &str) -> ReplayPolicy {
    match name {
        "none" => ReplayPolicy::None,
        "strict" => ReplayPolicy::Strict,
        _ => ReplayPolicy::Default,
    }
}

/// The time of whole milliseconds, which JavaScript has checked to be within the years 1 to 9999.
#[expect(clippy::cast_possible_truncation, reason = "the milliseconds of the years 1 to 9999 fit")]
pub(crate) fn timestamp(millis: f64) -> Option<Timestamp> {
    Timestamp::from_unix_millis(millis as i64)
}

/// A whole number that is not negative, which JavaScript has checked.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript has checked it")]
fn whole(number: f64) -> u64 {
    number as u64
}

fn size(number: f64) -> usize {
    usize::try_from(whole(number)).unwrap_or(usize::MAX)
}

pub(crate) fn required<V: FromNapiValue>(object: &Object<'_>, name: &str) -> Result<V> {
    object.get(name)?.ok_or_else(|| Error::from_reason(format!("{name} is missing")))
}
