//! A receiver as closures that own its keys.

use std::rc::Rc;

use hookseal::{Coverage, Delivery, Received, Request};
use napi::{
    Result,
    bindgen_prelude::{BufferSlice, Either3, FunctionCallContext, Object, Uint32Array},
};

use crate::{
    function,
    record::{RECORD_WORDS, record},
    rejection,
    setup::{self, Endpoint},
    slab::{Facts, Fields, Region},
};

/// How many events a delivery holds, where it is 0 or 1 and none is malformed (the record is in the region); the
/// [`index`] of any other delivery; or the parts of an answer that is no delivery.
type Answer = Either3<u32, Uint32Array, String>;

/// `createReceiver(setup, out)`: writes to `out` the functions of a new receiver and what else JavaScript has to
/// know of it.
pub(crate) fn create(call: FunctionCallContext<'_>) -> Result<()> {
    let (setup, mut out): (Object<'_>, Object<'_>) = (call.get(0)?, call.get(1)?);
    let endpoint = setup::endpoint(&setup).map_err(|fault| fault.throw(call.env))?;
    out.set("vendor", endpoint.receiver.vendor().as_str())?;
    out.set("bodyLimit", number(endpoint.receiver.body_limit() as u64))?;
    out.set("retentionSeconds", number(endpoint.retention_seconds))?;
    out.set("headerNames", endpoint.header_names.iter().map(|name| &**name).collect::<Vec<_>>())?;
    out.set("keyIds", endpoint.key_ids.clone())?;

    let endpoint = Rc::new(endpoint);
    let same = Rc::clone(&endpoint);
    out.set("receive", function(call.env, "receive", move |call| receive(&endpoint, &call))?)?;
    out.set("checkHead", function(call.env, "checkHead", move |call| check_head(&same, &call))?)
}

/// `receive(slab, body?)`: checks the request in the slab, with the body there or one in memory of its own.
fn receive(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<Answer> {
    // Both are private memory that nothing but hookseal's own JavaScript has seen, and never the same.
    let mut slab: BufferSlice<'_> = call.get(0)?;
    let Region { mut front, mut facts, body } = Region::of(&mut slab)?;
    let body = if call.length() > 1 { call.get(1)? } else { body };
    crate::forced_panic::on(body);

    let headers = front.headers(&endpoint.header_names)?;
    let request = Request::new(front.method(), &headers, body);
    // Matched where it is: a delivery is too large to be moved for nothing.
    let answer = match &endpoint.receiver.receive(request, front.now()?) {
        Ok(Received::Delivery(delivery)) => deliver(endpoint, delivery, &headers, &mut facts),
        Ok(Received::Handshake(handshake)) => Answer::C(rejection::handshake(handshake)),
        Err(refused) => Answer::C(rejection::rejection(refused)),
    };
    front.wipe();
    Ok(answer)
}

#[inline]
fn deliver(
    endpoint: &Endpoint,
    delivery: &Delivery<&[u8]>,
    headers: &Fields<'_>,
    facts: &mut Facts<'_>,
) -> Answer {
    let key = endpoint.key_ids.iter().position(|id| id == delivery.key_id());
    let key = key.and_then(|key| u32::try_from(key).ok()).unwrap_or_default();
    facts.write_delivery(key, delivery.body(), delivery.time());
    if delivery.assurance().body == Coverage::Signed {
        facts.write_signature(key, headers);
    }
    match (delivery.len(), delivery.get(0)) {
        _ if !delivery.malformed().is_empty() => Answer::B(index(delivery)),
        (1, Some(event)) => {
            facts.write_record(&record(&event));
            Answer::A(1)
        }
        (0, _) => Answer::A(0),
        _ => Answer::B(index(delivery)),
    }
}

/// The number of events, the length in bytes of the text behind the records, the records, and the text: index,
/// path and message of each malformed element, with a NUL between.
fn index(delivery: &Delivery<&[u8]>) -> Uint32Array {
    let malformed: Vec<String> = delivery
        .malformed()
        .iter()
        .map(|element| format!("{}\0{}\0{}", element.index(), element.path(), element.problem()))
        .collect();
    let text = malformed.join("\0");
    let mut words = Vec::with_capacity(2 + delivery.len() * RECORD_WORDS + text.len().div_ceil(4));
    words.extend([delivery.len(), text.len()].map(|count| u32::try_from(count).unwrap_or(u32::MAX)));
    for event in delivery.events() {
        words.extend_from_slice(&record(&event));
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

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes and seconds for people, below 2^53 where they mean anything"
)]
fn number(value: u64) -> f64 {
    value as f64
}

/// `checkHead(slab)`: the parts of a rejection that method and headers alone can give.
fn check_head(endpoint: &Endpoint, call: &FunctionCallContext<'_>) -> Result<Option<String>> {
    let mut slab: BufferSlice<'_> = call.get(0)?;
    let Region { mut front, .. } = Region::of(&mut slab)?;
    let headers = front.headers(&endpoint.header_names)?;
    let checked = endpoint.receiver.check_head(front.method(), &headers);
    front.wipe();
    Ok(checked.err().as_ref().map(rejection::rejection))
}
