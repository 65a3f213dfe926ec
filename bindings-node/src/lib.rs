//! The native half of the Node package `hookseal`: conversion between JavaScript and the core, nothing else.
//!
//! A request crosses once, as strings ([`headers`]) and as bytes in private memory that JavaScript has laid out
//! ([`slab`]), and comes back as numbers in the same memory; JavaScript cuts strings from it when they are asked
//! for. Every function is a closure: napi turns a panic in one into an exception.

// `forbid` is out of reach: the code that `#[napi]` writes allows its own `unsafe`, and one call here needs it.
#![deny(missing_docs, unsafe_code)]

mod digest;
mod exact_json;
mod forced_panic;
mod headers;
mod receiver;
mod record;
mod rejection;
mod setup;
mod sign;
mod slab;

use std::rc::Rc;

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
    exports.set("entities", record::ENTITIES.map(hookseal::Entity::as_str).to_vec())?;
    exports.set("actions", record::ACTIONS.map(hookseal::Action::as_str).to_vec())?;
    exports.set("connect", function(&env, "connect", |call| connect(&call))?)?;
    exports.set("digest", function(&env, "digest", digest::digest)?)?;
    exports.set("exactJson", function(&env, "exactJson", exact_json::exact_json)?)?;
    exports.set("sign", function(&env, "sign", sign::sign)?)
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
