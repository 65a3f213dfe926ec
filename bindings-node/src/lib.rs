//! The native half of the Node package `hookseal`: conversion between JavaScript and the core, nothing else.

// `forbid` is out of reach: the code that `#[napi]` writes allows its own `unsafe`.
#![deny(missing_docs, unsafe_code)]

use napi::bindgen_prelude::Object;
use napi_derive::napi;

/// What `index.cjs` finds in `hookseal.node`.
///
/// # Errors
///
/// Only if Node cannot hold another value.
#[napi(module_exports)]
pub fn exports(mut exports: Object<'_>) -> napi::Result<()> {
    // The version of the package, which is the version of the workspace.
    exports.set("version", env!("CARGO_PKG_VERSION"))
}
