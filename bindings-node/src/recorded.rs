//! A delivery that was read from a record.

use hookseal::{
    Event, RecordError, Recorded, binding::json_without_data, from_trusted_record,
    from_trusted_record_and_body,
};
use napi::{
    Env, Result,
    bindgen_prelude::{Buffer, Either, External, FunctionCallContext, Object, ToNapiValue},
};

use crate::{
    assurance,
    boundary::function,
    derived::{Key, shown},
    fault::broken,
    numbers::{millis, millis_or_nan, size},
    outgoing_clients,
    receiver::index,
};

pub(crate) fn exports(exports: &mut Object<'_>, env: &Env) -> Result<()> {
    exports.set("openRecord", function(env, "openRecord", |call| open(&call))?)?;
    method(exports, env, "recordedRecord", |recorded, _| Ok(recorded.to_record()))?;
    method(exports, env, "recordedRecordWithoutBody", |recorded, _| Ok(recorded.to_record_without_body()))?;
    method(exports, env, "recordedKey", |recorded, _| -> Result<Key> { Ok(shown(recorded.replay_key())) })?;
    method(exports, env, "recordedEventId", |recorded, call| Ok(event(recorded, call)?.id().to_string()))?;
    method(exports, env, "recordedEventKey", |recorded, call| -> Result<Key> {
        Ok(shown(event(recorded, call)?.replay_key()))
    })?;
    method(exports, env, "recordedCloudevent", |recorded, call| Ok(event(recorded, call)?.to_cloudevent()))?;
    method(exports, env, "recordedJson", |recorded, call| Ok(event(recorded, call)?.to_json()))?;
    method(exports, env, "recordedJsonWithoutData", |recorded, call| {
        Ok(json_without_data(&event(recorded, call)?))
    })?;
    method(exports, env, "recordedKeyFor", |recorded, call| {
        Ok(outgoing_clients::key_for(&event(recorded, call)?))
    })?;
    method(exports, env, "recordedFollowUp", |recorded, call| {
        outgoing_clients::follow_up(&event(recorded, call)?, call, 2)
    })
}

/// A function whose first argument is what [`open`] kept.
fn method<R: ToNapiValue + 'static>(
    exports: &mut Object<'_>,
    env: &Env,
    name: &str,
    body: impl 'static + Fn(&Recorded, &FunctionCallContext<'_>) -> Result<R>,
) -> Result<()> {
    let asked = move |call: FunctionCallContext<'_>| {
        let recorded: &External<Recorded> = call.get(0)?;
        body(recorded, &call)
    };
    exports.set(name, function(env, name, asked)?)
}

/// `openRecord(record, body, out)`: the record is a string or bytes of UTF-8, and the body is null if the record holds
/// it. It writes to `out` what JavaScript has to know of the delivery, and `kept`, for the other functions. Of a record
/// that is refused it returns code, message and version (else empty), with a NUL between.
fn open(call: &FunctionCallContext<'_>) -> Result<Option<String>> {
    let (record, body): (Either<String, &[u8]>, Option<&[u8]>) = (call.get(0)?, call.get(1)?);
    let record = match &record {
        Either::A(text) => text.as_bytes(),
        Either::B(bytes) => bytes,
    };
    let mut out: Object<'_> = call.get(2)?;
    let recorded = match body {
        Some(body) => from_trusted_record_and_body(record, body),
        None => from_trusted_record(record),
    };
    let recorded = match recorded {
        Ok(recorded) => recorded,
        Err(error) => return Ok(Some(refusal(&error))),
    };
    out.set("vendor", recorded.vendor().as_str())?;
    out.set("source", recorded.source())?;
    out.set("keyId", recorded.key_id())?;
    out.set("assurance", assurance::place_of(recorded.assurance()))?;
    out.set("time", millis_or_nan(recorded.time()))?;
    out.set("receivedAt", millis(recorded.received_at()))?;
    out.set("body", Buffer::from(recorded.body().to_vec()))?;
    out.set("index", index(recorded.events(), recorded.malformed()))?;
    let bytes = size_of::<Recorded>() + recorded.body().len();
    out.set("kept", External::new_with_size_hint(recorded, bytes))?;
    Ok(None)
}

fn refusal(error: &RecordError) -> String {
    let version = match error {
        RecordError::NewerVersion(version) => version.to_string(),
        _ => String::new(),
    };
    format!("{}\0{error}\0{version}", error.code())
}

/// The event at the place that is the second argument.
fn event<'r>(recorded: &'r Recorded, call: &FunctionCallContext<'_>) -> Result<Event<'r>> {
    recorded.get(size(call.get(1)?)).ok_or_else(broken)
}
