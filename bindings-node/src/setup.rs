//! Builds a receiver from its options. JavaScript has checked the types; the core checks the rest.

use hookseal::{
    Key, Keys, Receiver, ReplayPolicy, SignatureEncoding, Window, benji, benti,
    bento::{self, Credentials},
    binding,
};
use napi::{
    Result,
    bindgen_prelude::{FunctionCallContext, Object},
};

use crate::{
    boundary::{of_word, required},
    fault::{Fault, broken},
    headers::{HeaderNames, header_names},
    keys::{GivenKey, GivenSecret, key, secret_bytes},
    numbers::{size, whole},
};

/// A receiver, and the values that its closures need beside it.
pub(crate) struct Endpoint {
    pub(crate) receiver: Receiver,
    pub(crate) header_names: HeaderNames,
    /// Kept here, because asking the receiver for them took 15 ns more for each request.
    pub(crate) key_ids: Vec<String>,
}

/// The endpoint for an object with `scheme`, `name`, `keys` and options. The object has no prototype, so a property of
/// `Object.prototype` is not an option.
pub(crate) fn endpoint(setup: &Object<'_>) -> std::result::Result<Endpoint, Fault> {
    let receiver = with_options_of_all(receiver(setup)?, setup)?;
    let key_ids = binding::key_ids(&receiver).map(str::to_owned).collect();
    Ok(Endpoint { header_names: header_names(&receiver), key_ids, receiver })
}

/// A receiver of the scheme's vendor, with that vendor's own options.
fn receiver(setup: &Object<'_>) -> std::result::Result<Receiver, Fault> {
    let (scheme, name): (String, String) = (required(setup, "scheme")?, required(setup, "name")?);
    let keys = keys(setup)?;
    Ok(match scheme.as_str() {
        "benji" => benji(setup, keys)?,
        "benti" => benti(setup, keys)?,
        "basic" => bento(setup)?.receiver(Credentials::Basic { user: &name, keys })?,
        "bearer" => bento(setup)?.receiver(Credentials::Bearer { keys })?,
        "header" => bento(setup)?.receiver(Credentials::Header { name: &name, keys })?,
        _ => return Err(broken().into()),
    })
}

fn bento(setup: &Object<'_>) -> Result<bento::Options> {
    let options = bento::Options::default();
    Ok(if is_set(setup, "requireEventOrEmail")? { options.require_event_or_email() } else { options })
}

fn benji(setup: &Object<'_>, keys: Keys) -> std::result::Result<Receiver, Fault> {
    let mut options = benji::Options::default();
    if let Some(window) = window(setup)? {
        options = options.window(window);
    }
    if let Some(encoding) = setup.get::<String>("signatureEncoding")? {
        options = options.signature_encoding(signature_encoding(&encoding)?);
    }
    if is_set(setup, "requireSignedTime")? {
        options = options.require_signed_time();
    }
    if is_set(setup, "allowMissingDate")? {
        options = options.allow_missing_date();
    }
    Ok(options.receiver(keys)?)
}

fn benti(setup: &Object<'_>, keys: Keys) -> std::result::Result<Receiver, Fault> {
    let mut options = benti::Options::default();
    if let Some(window) = window(setup)? {
        options = options.window(window);
    }
    if let Some(minutes) = setup.get::<f64>("utcOffsetMinutes")? {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what does not fit becomes the bound, which is refused"
        )]
        let minutes = minutes as i16;
        options = options.utc_offset_minutes(minutes)?;
    }
    if is_set(setup, "allowUnsignedHandshake")? {
        options = options.allow_unsigned_handshake();
    }
    Ok(options.receiver(keys)?)
}

fn with_options_of_all(mut receiver: Receiver, setup: &Object<'_>) -> std::result::Result<Receiver, Fault> {
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
        receiver = receiver.replay_policy(of_word(ReplayPolicy::ALL, ReplayPolicy::as_str, &policy)?);
    }
    if let Some(seconds) = setup.get("replayRetentionSeconds")? {
        receiver = receiver.replay_retention_seconds(whole(seconds))?;
    }
    if let Some(key) = setup.get::<GivenSecret<'_>>("idKey")? {
        receiver = receiver.id_key(&*secret_bytes(key)?)?;
    }
    Ok(receiver)
}

fn keys(setup: &Object<'_>) -> std::result::Result<Keys, Fault> {
    let keys: std::result::Result<Vec<Key>, Fault> =
        required::<Vec<GivenKey<'_>>>(setup, "keys")?.into_iter().map(key).collect();
    Ok(Keys::ring(keys?)?)
}

/// The window. The list has both sides in seconds, or nothing if the window is off.
fn window(setup: &Object<'_>) -> Result<Option<Window>> {
    let Some(sides) = setup.get::<Vec<f64>>("window")? else { return Ok(None) };
    match *sides {
        [past, future] => Ok(Some(Window::seconds(whole(past), whole(future)))),
        [] => Ok(Some(Window::off())),
        _ => Err(broken()),
    }
}

/// `checkGuarded()`: throws if a guard cannot recognize the deliveries of this receiver.
pub(crate) fn check_guarded(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<()> {
    binding::check_guarded(&endpoint.receiver).map_err(|error| Fault::from(error).throw(call.env))
}

fn is_set(setup: &Object<'_>, name: &str) -> Result<bool> {
    Ok(setup.get(name)?.unwrap_or(false))
}

pub(crate) fn signature_encoding(word: &str) -> Result<SignatureEncoding> {
    of_word(SignatureEncoding::ALL, SignatureEncoding::as_str, word)
}
