//! The native half of the Node package `hookseal`: conversion between JavaScript and the core, nothing else.
//!
//! A request crosses once, as bytes in private memory that JavaScript has laid out ([`slab`]), and comes back as
//! numbers in the same memory; JavaScript cuts strings from it when they are asked for. Every function is a
//! closure: napi turns a panic in one into an exception.

// `forbid` is out of reach: the code that `#[napi]` writes allows its own `unsafe`.
#![deny(missing_docs, unsafe_code)]

mod digest;
mod exact_json;
mod receiver;
mod record;
mod rejection;
mod setup;
mod sign;
mod slab;

use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;

/// What `lib/native.cjs` finds in `hookseal.node`.
///
/// # Errors
///
/// Only if Node cannot hold another value.
#[napi(module_exports)]
pub fn exports(mut exports: Object<'_>, env: Env) -> napi::Result<()> {
    // The version of the package, which is the version of the workspace.
    exports.set("version", env!("CARGO_PKG_VERSION"))?;
    exports.set("entities", record::ENTITIES.map(hookseal::Entity::as_str).to_vec())?;
    exports.set("actions", record::ACTIONS.map(hookseal::Action::as_str).to_vec())?;
    exports.set("createReceiver", env.create_function_from_closure("createReceiver", receiver::create)?)?;
    exports.set("digest", env.create_function_from_closure("digest", digest::digest)?)?;
    exports.set("exactJson", env.create_function_from_closure("exactJson", exact_json::exact_json)?)?;
    exports.set("sign", env.create_function_from_closure("sign", sign::sign)?)
}
