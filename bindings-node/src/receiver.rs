//! A receiver as closures that own its keys.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use hookseal::{Delivery, Event, Malformed, Received, Request, binding};
use napi::{
    Result,
    bindgen_prelude::{Either3, FunctionCallContext, Object, ToNapiValue, Uint32Array},
};

use crate::{
    boundary::function,
    derived,
    event_words::{EVENT_WORDS, event_words},
    forced_panic,
    headers::{self, Name},
    numbers::{number_of, time_or_clock, whole},
    outgoing_clients, rejection,
    setup::{self, Endpoint},
    slab::{Mac, Memory, Region, Summary},
};

/// The number of events of a delivery with no event or one event and no malformed element (its words are in the
/// region); the [`index`] of any other delivery; or the parts of a handshake or a rejection.
type Answer = Either3<u32, Uint32Array, String>;

/// `createReceiver(setup, out)`: writes to `out` the functions of a new receiver and the facts that JavaScript needs.
pub(crate) fn create(memory: &Rc<RefCell<Memory>>, call: &FunctionCallContext<'_>) -> Result<()> {
    let (setup, mut out): (Object<'_>, Object<'_>) = (call.get(0)?, call.get(1)?);
    let endpoint = setup::endpoint(&setup).map_err(|fault| fault.throw(call.env))?;
    out.set("vendor", endpoint.receiver.vendor().as_str())?;
    out.set("bodyLimit", number_of(endpoint.receiver.body_limit()))?;
    out.set("source", binding::source(&endpoint.receiver))?;
    out.set("headerNames", endpoint.header_names.iter().map(Name::as_str).collect::<Vec<_>>())?;
    out.set("keyIds", endpoint.key_ids.clone())?;

    let endpoint = Rc::new(endpoint);
    let (first, second) = (Rc::clone(memory), Rc::clone(memory));
    method(call, &mut out, "receive", &endpoint, move |endpoint, call| receive(endpoint, &first, call))?;
    method(call, &mut out, "checkHead", &endpoint, move |endpoint, call| {
        check_head(endpoint, &second, call)
    })?;
    method(call, &mut out, "expiring", &endpoint, expiring)?;
    method(call, &mut out, "checkGuarded", &endpoint, setup::check_guarded)?;
    method(call, &mut out, "replayKey", &endpoint, derived::replay_key)?;
    method(call, &mut out, "eventId", &endpoint, derived::event_id)?;
    method(call, &mut out, "eventReplayKey", &endpoint, derived::event_replay_key)?;
    method(call, &mut out, "cloudevent", &endpoint, derived::cloudevent)?;
    method(call, &mut out, "json", &endpoint, derived::json)?;
    method(call, &mut out, "jsonWithoutData", &endpoint, derived::json_without_data)?;
    method(call, &mut out, "toRecord", &endpoint, derived::to_record)?;
    method(call, &mut out, "keyFor", &endpoint, |endpoint, call| {
        derived::of_event(endpoint, call, |event| outgoing_clients::key_for(&event))
    })?;
    method(call, &mut out, "followUp", &endpoint, |endpoint, call| {
        let follow_up = |event: Event<'_>| outgoing_clients::follow_up(&event, call, derived::FURTHER);
        derived::of_event(endpoint, call, follow_up)?
    })
}

/// Writes a function to `out`. All of them share the endpoint.
fn method<R: ToNapiValue + 'static>(
    call: &FunctionCallContext<'_>,
    out: &mut Object<'_>,
    name: &str,
    endpoint: &Rc<Endpoint>,
    body: impl 'static + Fn(&Endpoint, &FunctionCallContext<'_>) -> Result<R>,
) -> Result<()> {
    let endpoint = Rc::clone(endpoint);
    out.set(name, function(call.env, name, move |call| body(&endpoint, &call))?)
}

/// `receive(...headers, body?)`: checks the request in the slab. The front says which headers are arguments. The body
/// is in the slab, or in private memory of its own.
fn receive(endpoint: &Endpoint, memory: &RefCell<Memory>, call: &FunctionCallContext<'_>) -> Result<Answer> {
    let Memory { slab, macs, values } = &mut *memory.borrow_mut();
    let Region { front, mut summary, mac, body } = Region::of(slab, macs)?;
    let places = front.headers() & headers::ALL;
    let count = places.count_ones() as usize;
    let own = if call.length() > count { call.get(count)? } else { None };
    let body = own.unwrap_or(body);
    forced_panic::on(body);

    let mut values = values.for_one_request();
    let headers = values.read(&endpoint.header_names, call, places)?;
    let request = Request::new(front.method(), &headers, body);
    // Matched by reference, because moving a delivery would cost time.
    Ok(match &endpoint.receiver.receive(request, front.now()?) {
        Ok(Received::Delivery(delivery)) => deliver(endpoint, delivery, &mut summary, mac),
        Ok(Received::Handshake(handshake)) => Answer::C(rejection::handshake(handshake)),
        Err(refused) => Answer::C(rejection::rejection(refused)),
    })
}

#[inline]
fn deliver(
    endpoint: &Endpoint,
    delivery: &Delivery<&[u8]>,
    summary: &mut Summary<'_>,
    mac: &Cell<Mac>,
) -> Answer {
    let key = endpoint.key_ids.iter().position(|id| id == delivery.key_id());
    let key = key.and_then(|key| u32::try_from(key).ok()).unwrap_or_default();
    let facts = binding::facts(delivery);
    summary.write_delivery(key, delivery.body(), delivery.assurance(), &facts, delivery.received_at());
    if let Some(signature) = facts.mac {
        mac.set(signature);
    }
    match (delivery.len(), delivery.get(0)) {
        _ if !delivery.malformed().is_empty() => Answer::B(index(delivery.events(), delivery.malformed())),
        (1, Some(event)) => {
            summary.write_event(&event_words(&event));
            Answer::A(1)
        }
        (0, _) => Answer::A(0),
        _ => Answer::B(index(delivery.events(), delivery.malformed())),
    }
}

/// The number of events, the length of the text in bytes, the words of the events, and the text. The text holds index, path and
/// message of each malformed element, with a NUL between them.
pub(crate) fn index<'d>(
    events: impl ExactSizeIterator<Item = Event<'d>>,
    malformed: &[Malformed],
) -> Uint32Array {
    let malformed: Vec<String> = malformed
        .iter()
        .map(|element| format!("{}\0{}\0{}", element.index(), element.path(), element.problem()))
        .collect();
    let text = malformed.join("\0");
    let mut words = Vec::with_capacity(2 + events.len() * EVENT_WORDS + text.len().div_ceil(4));
    words.extend([events.len(), text.len()].map(|count| u32::try_from(count).unwrap_or(u32::MAX)));
    for event in events {
        words.extend_from_slice(&event_words(&event));
    }
    let (whole, rest) = text.as_bytes().as_chunks::<4>();
    words.extend(whole.iter().map(|bytes| u32::from_ne_bytes(*bytes)));
    if !rest.is_empty() {
        let mut last = [0; 4];
        last.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
        words.push(u32::from_ne_bytes(last));
    }
    Uint32Array::new(words)
}

/// `expiring(milliseconds, seconds)`: the ids of the keys that have ended, or end in so many seconds after this time.
fn expiring(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<Vec<String>> {
    let (now, within): (f64, f64) = (call.get(0)?, call.get(1)?);
    Ok(endpoint.receiver.expiring(time_or_clock(now)?, whole(within)).map(str::to_owned).collect())
}

/// `checkHead(...headers)`, with all headers: the parts of the rejection that method and headers alone give.
fn check_head(
    endpoint: &Endpoint,
    memory: &RefCell<Memory>,
    call: &FunctionCallContext<'_>,
) -> Result<Option<String>> {
    let Memory { slab, macs, values } = &mut *memory.borrow_mut();
    let Region { front, .. } = Region::of(slab, macs)?;
    let mut values = values.for_one_request();
    let headers = values.read(&endpoint.header_names, call, headers::ALL)?;
    let checked = endpoint.receiver.check_head(front.method(), &headers);
    Ok(checked.err().as_ref().map(rejection::rejection))
}
