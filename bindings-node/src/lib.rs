//! The native module of the Node package `hookseal`. It only converts between JavaScript and the core.
//!
//! JavaScript passes a request once: headers as strings ([`headers`]), the rest as bytes in private memory ([`slab`]).
//! The result is numbers in the same memory, and JavaScript cuts strings from it when a program asks for them. Every
//! function is a closure, because napi turns a panic in a closure into an exception.
//!
//! From the ground up: fault, boundary, numbers, strings, assurance, exact_json, forced_panic, rejection, keys,
//! headers, event_words, slab, setup, derived, outgoing_request, outgoing_values, outgoing_clients, receiver, recorded,
//! guard, inbox, sign.

// Not `forbid`: the code that `#[napi]` writes allows its own `unsafe`, and one call here needs `unsafe`.
#![deny(missing_docs, unsafe_code)]

mod assurance;
mod boundary;
mod derived;
mod event_words;
mod exact_json;
mod fault;
mod forced_panic;
mod guard;
mod headers;
mod inbox;
mod keys;
mod numbers;
mod outgoing_clients;
mod outgoing_request;
mod outgoing_values;
mod receiver;
mod recorded;
mod rejection;
mod setup;
mod sign;
mod slab;
mod strings;

use std::rc::Rc;

use hookseal::{
    Action, Entity, Event, IdOrigin, Kind, Name, ReplayPolicy, SignatureEncoding, Timestamp, Vendor,
    binding::{Family, LAST_IN_SECONDS},
};
use napi::{
    Env, Result,
    bindgen_prelude::{FunctionCallContext, Object},
};
use napi_derive::napi;

use boundary::{function, words};
use numbers::millis;
use slab::Memory;

/// The exports of `hookseal.node`, which `lib/native.cjs` loads.
///
/// # Errors
///
/// Only if Node cannot hold another value.
#[napi(module_exports)]
pub fn exports(mut exports: Object<'_>, env: Env) -> Result<()> {
    // The version of the package, which is the version of the workspace.
    exports.set("version", env!("CARGO_PKG_VERSION"))?;
    set_words(&mut exports)?;
    exports.set("earliest", millis(Timestamp::MIN))?;
    exports.set("latest", millis(Timestamp::MAX))?;
    exports.set("lastInSeconds", LAST_IN_SECONDS)?;
    exports.set("connect", function(&env, "connect", |call| connect(&call))?)?;
    exports.set("createKey", function(&env, "createKey", keys::create_key)?)?;
    recorded::exports(&mut exports, &env)?;
    guard::exports(&mut exports, &env)?;
    inbox::exports(&mut exports, &env)?;
    outgoing_request::exports(&mut exports, &env)?;
    outgoing_values::exports(&mut exports, &env)?;
    outgoing_clients::exports(&mut exports, &env)?;
    exports.set("exactJson", function(&env, "exactJson", exact_json::exact_json)?)?;
    exports.set("sign", function(&env, "sign", sign::sign)?)
}

/// Exports the core's words, so that JavaScript does not repeat them.
fn set_words(exports: &mut Object<'_>) -> Result<()> {
    exports.set("vendors", words(Vendor::ALL, Vendor::as_str))?;
    exports.set("entities", words(Entity::ALL, Entity::as_str))?;
    exports.set("actions", words(Action::ALL, Action::as_str))?;
    exports.set("kinds", kinds())?;
    exports.set("kindsOfEvents", Kind::all().map(|kind| kind.to_string()).collect::<Vec<_>>())?;
    exports.set("families", words(Family::ALL, Family::as_str))?;
    exports.set("idOrigins", words(IdOrigin::ALL, IdOrigin::as_str))?;
    exports.set("parent", Event::PARENT.as_str())?;
    exports.set("actor", Event::ACTOR.as_str())?;
    exports.set("nameSeparator", Name::SEPARATOR.to_string())?;
    exports.set("assurances", assurance::texts())?;
    exports.set("encodings", words(SignatureEncoding::ALL, SignatureEncoding::as_str))?;
    exports.set("policies", words(ReplayPolicy::ALL, ReplayPolicy::as_str))
}

/// The kinds of each entity, in the order of the actions.
fn kinds() -> Vec<Vec<String>> {
    let of = |&entity| Action::ALL.iter().map(|&action| Kind { entity, action }.to_string()).collect();
    Entity::ALL.iter().map(of).collect()
}

/// `connect(out)`: writes to `out` the functions that share a slab. Each copy of hookseal's JavaScript has its own
/// slab, even if several copies use one native module, as after `jest.resetModules`.
fn connect(call: &FunctionCallContext<'_>) -> Result<()> {
    let mut out: Object<'_> = call.get(0)?;
    let memory = Memory::new();
    let same = Rc::clone(&memory);
    out.set("useSlab", function(call.env, "useSlab", move |call| slab::use_slab(&same, &call))?)?;
    let create = move |call: FunctionCallContext<'_>| receiver::create(&memory, &call);
    out.set("createReceiver", function(call.env, "createReceiver", create)?)
}
