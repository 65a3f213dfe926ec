//! A receiver as closures that own its keys.

use std::{cell::RefCell, rc::Rc};

use hookseal::{Coverage, Delivery, Received, Request};
use napi::{
    Result,
    bindgen_prelude::{Either3, FunctionCallContext, Object, Uint32Array},
};

use crate::{
    function,
    headers::Fields,
    record::{RECORD_WORDS, record},
    rejection,
    setup::{self, Endpoint},
    slab::{Facts, Memory, Region},
};

/// How many events a delivery holds, where it is 0 or 1 and none is malformed (the record is in the region); the
/// [`index`] of any other delivery; or the parts of an answer that is no delivery.
type Answer = Either3<u32, Uint32Array, String>;

/// `createReceiver(setup, out)`: writes to `out` the functions of a new receiver and what else JavaScript has to
/// know of it.
pub(crate) fn create(memory: &Rc<RefCell<Memory>>, call: &FunctionCallContext<'_>) -> Result<()> {
    let (setup, mut out): (Object<'_>, Object<'_>) = (call.get(0)?, call.get(1)?);
    let endpoint = setup::endpoint(&setup).map_err(|fault| fault.throw(call.env))?;
    out.set("vendor", endpoint.receiver.vendor().as_str())?;
    out.set("bodyLimit", number(endpoint.receiver.body_limit() as u64))?;
    out.set("retentionSeconds", number(endpoint.retention_seconds))?;
    out.set("headerNames", endpoint.header_names.iter().map(|name| &**name).collect::<Vec<_>>())?;
    out.set("keyIds", endpoint.key_ids.clone())?;

    let both = Rc::new((endpoint, Rc::clone(memory)));
    let same = Rc::clone(&both);
    out.set("receive", function(call.env, "receive", move |call| receive(&both.0, &both.1, &call))?)?;
    out.set("checkHead", function(call.env, "checkHead", move |call| check_head(&same.0, &same.1, &call))?)
}

/// `receive(proof, own, encoding?, body?)`: checks the request in the slab, with these headers, and with the body there
/// or one in private memory of its own.
fn receive(endpoint: &Endpoint, memory: &RefCell<Memory>, call: &FunctionCallContext<'_>) -> Result<Answer> {
    let Memory { slab, values } = &mut *memory.borrow_mut();
    let Region { front, mut facts, body } = Region::of(slab)?;
    let own = if call.length() > 3 { call.get(3)? } else { None };
    let body = own.unwrap_or(body);
    crate::forced_panic::on(body);

    let headers = values.read(&endpoint.header_names, call, call.length().min(3))?;
    let request = Request::new(front.method(), &headers, body);
    // Matched where it is: a delivery is too large to be moved for nothing.
    let answer = match &endpoint.receiver.receive(request, front.now()?) {
        Ok(Received::Delivery(delivery)) => deliver(endpoint, delivery, &headers, &mut facts),
        Ok(Received::Handshake(handshake)) => Answer::C(rejection::handshake(handshake)),
        Err(refused) => Answer::C(rejection::rejection(refused)),
    };
    values.wipe();
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

/// `checkHead(proof, own, encoding, length)`: the parts of a rejection that method and headers alone can give.
fn check_head(
    endpoint: &Endpoint,
    memory: &RefCell<Memory>,
    call: &FunctionCallContext<'_>,
) -> Result<Option<String>> {
    let Memory { slab, values } = &mut *memory.borrow_mut();
    let Region { front, .. } = Region::of(slab)?;
    let headers = values.read(&endpoint.header_names, call, 4)?;
    let checked = endpoint.receiver.check_head(front.method(), &headers);
    values.wipe();
    Ok(checked.err().as_ref().map(rejection::rejection))
}
