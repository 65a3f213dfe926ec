//! The native half of the Python package `hookseal`: conversion between Python and the core, nothing else.
//!
//! | in | | out | |
//! |---|---|---|---|
//! | `setup`, `key` | secrets and options | `delivery`, `event`, `handshake` | what a receiver returns |
//! | `headers`, `body`, `clock` | a request and the time | `data`, `text`, `words` | payloads and texts as Python objects |
//! | `receiver` | the one call between the two | `rejection`, `boundary` | refusals; panics as ordinary exceptions |

#![deny(missing_docs, unsafe_code)]

mod body;
mod boundary;
mod clock;
mod data;
mod delivery;
mod event;
mod handshake;
mod headers;
mod key;
mod receiver;
mod rejection;
mod setup;
mod sign;
mod subject;
mod text;
mod words;

/// The module `hookseal._native`. `python/hookseal` is the package that people import.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    /// The version of the package, which is the version of the workspace.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python gives to a module's version")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_export]
    use crate::{
        delivery::{Assurance, Delivery, Events, Malformed},
        event::Event,
        handshake::Handshake,
        key::Key,
        receiver::Receiver,
        sign::{
            sign_benji, sign_benji_body_only, sign_benti, sign_benti_handshake, sign_bento_basic,
            sign_bento_bearer, sign_bento_header,
        },
        subject::Subject,
    };
}
