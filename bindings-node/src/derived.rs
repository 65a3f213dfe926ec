//! Ids, replay keys and JSON of an earlier delivery, computed when JavaScript asks for them.
//!
//! The first arguments of each function are the slab, the signatures beside it, the start of the delivery's region in
//! the slab, the body if it has its own memory, and the text of the signed time if the receiver has an id key. For an
//! event the words that hold it follow, and its start there. Further arguments stand behind these.

use std::rc::Rc;

use hookseal::{
    Event, ReplayKey,
    binding::{self, delivery_replay_key, header_bytes, with_event},
};
use napi::{
    Result,
    bindgen_prelude::{External, FunctionCallContext},
};

use crate::{
    event_words::event_parts,
    fault::broken,
    numbers::timestamp,
    setup::Endpoint,
    slab::{Kept, Macs},
};

/// A key, and after a space how many seconds to keep it. Without a number it is kept for ever. `None` if the receiver
/// has no replay keys.
pub(crate) type Key = Option<String>;

pub(crate) fn replay_key(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<Key> {
    with_kept(call, |kept| Ok(shown(delivery_replay_key(&endpoint.receiver, &kept.facts, kept.body))))
}

pub(crate) fn event_replay_key(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<Key> {
    of_event(endpoint, call, |event| shown(event.replay_key()))
}

pub(crate) fn event_id(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<String> {
    of_event(endpoint, call, |event| event.id().to_string())
}

pub(crate) fn cloudevent(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<String> {
    of_event(endpoint, call, |event| event.to_cloudevent())
}

pub(crate) fn json(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<String> {
    of_event(endpoint, call, |event| event.to_json())
}

pub(crate) fn json_without_data(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<String> {
    of_event(endpoint, call, |event| binding::json_without_data(&event))
}

/// Behind the first arguments are the id of the key that matched, the time at which the delivery was received, whether
/// the zone of its time was assumed, and whether the record holds the body.
pub(crate) fn to_record(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<String> {
    with_kept(call, |Kept { facts, body }| {
        let (key_id, received_at): (String, f64) = (call.get(5)?, call.get(6)?);
        let (zone_assumed, with_body) = (call.get(7)?, call.get(8)?);
        let received_at = timestamp(received_at)?;
        let record = binding::to_record(
            &endpoint.receiver,
            &facts,
            body,
            &key_id,
            received_at,
            zone_assumed,
            with_body,
        );
        record.ok_or_else(broken)
    })
}

pub(crate) fn of_event<T>(
    endpoint: &Endpoint,
    call: &FunctionCallContext<'_>,
    make: impl FnOnce(Event<'_>) -> T,
) -> Result<T> {
    with_kept(call, |kept| {
        let (words, start): (&[u32], u32) = (call.get(5)?, call.get(6)?);
        let event = usize::try_from(start).ok().and_then(|start| words.get(start..)?.first_chunk());
        let event = event_parts(event.ok_or_else(broken)?)?;
        Ok(with_event(&endpoint.receiver, &kept.facts, kept.body, &event, make))
    })
}

/// The position of the first further argument of a function for an event.
pub(crate) const FURTHER: usize = 7;

fn with_kept<T>(call: &FunctionCallContext<'_>, make: impl FnOnce(Kept<'_>) -> Result<T>) -> Result<T> {
    let (slab, macs): (&[u8], &External<Rc<Macs>>) = (call.get(0)?, call.get(1)?);
    let start: u32 = call.get(2)?;
    let signed_time: Option<String> = call.get(4)?;
    let signed_time = header_bytes(signed_time.as_deref().unwrap_or_default()).ok_or_else(broken)?;
    make(Kept::at(slab, macs, start, call.get(3)?, &signed_time)?)
}

pub(crate) fn shown(key: Option<ReplayKey>) -> Key {
    let key = key?;
    Some(match key.retention_seconds() {
        Some(seconds) => format!("{key} {seconds}"),
        None => key.to_string(),
    })
}
