//! The native half of the Node package `hookseal`: conversion between JavaScript and the core, nothing else.
//!
//! A request crosses once, as strings ([`headers`]) and as bytes in private memory that JavaScript has laid out
//! ([`slab`]), and comes back as numbers in the same memory; JavaScript cuts strings from it when they are asked
//! for. Every function is a closure: napi turns a panic in one into an exception.

// `forbid` is out of reach: the code that `#[napi]` writes allows its own `unsafe`, and one call here needs it.
#![deny(missing_docs, unsafe_code)]

mod derived;
mod exact_json;
mod forced_panic;
mod headers;
mod keys;
mod receiver;
mod record;
mod rejection;
mod setup;
mod sign;
mod slab;
mod strings;

use std::rc::Rc;

use hookseal::{
    Action, Coverage, Entity,
    binding::{ACTIONS, ENTITIES, FAMILIES, family_word},
};
use napi::{
    Env, Result,
    bindgen_prelude::{Function, FunctionCallContext, Object, ToNapiValue},
};
use napi_derive::napi;

use slab::Memory;

/// What `lib/native.cjs` finds in `hookseal.node`.
///
/// # Errors
///
/// Only if Node cannot hold another value.
#[napi(module_exports)]
pub fn exports(mut exports: Object<'_>, env: Env) -> Result<()> {
    // The version of the package, which is the version of the workspace.
    exports.set("version", env!("CARGO_PKG_VERSION"))?;
    exports.set("entities", words(ENTITIES, Entity::as_str))?;
    exports.set("actions", words(ACTIONS, Action::as_str))?;
    exports.set("coverages", words(Coverage::ALL, Coverage::as_str))?;
    exports.set("familyWords", (0..FAMILIES).map(family_word).collect::<Vec<_>>())?;
    exports.set("connect", function(&env, "connect", |call| connect(&call))?)?;
    exports.set("createKey", function(&env, "createKey", keys::create_key)?)?;
    exports.set("exactJson", function(&env, "exactJson", exact_json::exact_json)?)?;
    exports.set("sign", function(&env, "sign", sign::sign)?)
}

/// The words of a list, each at the place by which JavaScript is told of it.
fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

/// `connect(out)`: writes to `out` the functions that share a slab. Each copy of hookseal's JavaScript has its own, also
/// where several use one native module, as after `jest.resetModules`.
fn connect(call: &FunctionCallContext<'_>) -> Result<()> {
    let mut out: Object<'_> = call.get(0)?;
    let memory = Memory::new();
    let same = Rc::clone(&memory);
    out.set("useSlab", function(call.env, "useSlab", move |call| slab::use_slab(&same, &call))?)?;
    let create = move |call: FunctionCallContext<'_>| receiver::create(&memory, &call);
    out.set("createReceiver", function(call.env, "createReceiver", create)?)
}

/// A JavaScript function; it owns what the closure owns.
pub(crate) fn function<'e, R: ToNapiValue + 'static>(
    env: &'e Env,
    name: &str,
    closure: impl 'static + Fn(FunctionCallContext<'_>) -> Result<R>,
) -> Result<Function<'e, (), R>> {
    env.create_function_from_closure(name, closure)
}
