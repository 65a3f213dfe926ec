//! The native module of the Python package `hookseal`. It only converts between Python and the core.
//!
//! | in | | out | |
//! |---|---|---|---|
//! | `given`, `key`, `setup` | secrets and options | `delivery`, `event`, `handshake` | results of a receiver |
//! | `headers`, `body`, `clock` | a request and the time | `data`, `text`, `words` | payloads and texts as Python objects |
//! | `receiver` | the one call between the two | `rejection`, `boundary` | refusals; panics as ordinary exceptions |
//!
//! `interpreter` holds the things that exist once for each interpreter. `recorded` reads records of deliveries,
//! `guard` remembers replay keys, and `inbox` has the core's parts of an inbox. `outgoing` builds requests to the vendors.
//!
//! From the ground up: boundary, text, words, body, clock, data, headers, interpreter, rejection, given, replay, guard,
//! key, setup, assurance, subject, handshake, authenticated, holder, event, sequence, delivery, recorded, inbox,
//! receiver, sign, outgoing. A file imports only from those before it.

#![deny(missing_docs, unsafe_code)]

mod assurance;
mod authenticated;
mod body;
mod boundary;
mod clock;
mod data;
mod delivery;
mod event;
mod given;
mod guard;
mod handshake;
mod headers;
mod holder;
mod inbox;
mod interpreter;
mod key;
mod outgoing;
mod receiver;
mod recorded;
mod rejection;
mod replay;
mod sequence;
mod setup;
mod sign;
mod subject;
mod text;
mod words;

use pyo3::prelude::*;

/// The module `hookseal._native`. `python/hookseal` is the package that people import.
#[pyo3::pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    interpreter::refuse_second(module.py())?;
    // The version of the package, which is the version of the workspace.
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    words::add_constants(module)?;
    module.add_class::<assurance::Assurance>()?;
    module.add_class::<authenticated::Delivery>()?;
    module.add_class::<sequence::Events>()?;
    module.add_class::<delivery::Malformed>()?;
    module.add_class::<event::Event>()?;
    module.add_class::<guard::Claim>()?;
    module.add_class::<guard::ReplayGuard>()?;
    module.add_class::<handshake::Handshake>()?;
    module.add_class::<holder::Recorded>()?;
    module.add_class::<key::Key>()?;
    module.add_class::<receiver::Receiver>()?;
    module.add_class::<subject::Subject>()?;
    outgoing::register(module)?;
    sequence::register(module.py())?;
    module.add_function(wrap_pyfunction!(inbox::inbox_has_name, module)?)?;
    module.add_function(wrap_pyfunction!(inbox::inbox_row, module)?)?;
    module.add_function(wrap_pyfunction!(inbox::inbox_settings, module)?)?;
    module.add_function(wrap_pyfunction!(inbox::inbox_statements, module)?)?;
    module.add_function(wrap_pyfunction!(inbox::inbox_version, module)?)?;
    module.add_function(wrap_pyfunction!(inbox::open_inbox_row, module)?)?;
    module.add_function(wrap_pyfunction!(interpreter::keep_first, module)?)?;
    module.add_function(wrap_pyfunction!(receiver::check_guarded, module)?)?;
    module.add_function(wrap_pyfunction!(receiver::receiver_source, module)?)?;
    module.add_function(wrap_pyfunction!(recorded::from_trusted_record, module)?)?;
    module.add_function(wrap_pyfunction!(replay::read_replay_key, module)?)?;
    module.add_function(wrap_pyfunction!(sign::sign_benji, module)?)?;
    module.add_function(wrap_pyfunction!(sign::sign_benji_body_only, module)?)?;
    module.add_function(wrap_pyfunction!(sign::sign_benti, module)?)?;
    module.add_function(wrap_pyfunction!(sign::sign_benti_handshake, module)?)?;
    module.add_function(wrap_pyfunction!(sign::sign_bento_basic, module)?)?;
    module.add_function(wrap_pyfunction!(sign::sign_bento_bearer, module)?)?;
    module.add_function(wrap_pyfunction!(sign::sign_bento_header, module)?)
}
