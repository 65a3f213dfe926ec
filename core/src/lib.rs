//! Checks that a webhook really comes from Benji, Benti (Inbenta) or Bento, and reads it as normalized events.
//!
//! It refuses forged webhooks and, if a window is set, stale ones. It also gives the key by which a replay is
//! recognized.
//!
//! [`Receiver::receive`] does everything, in this order:
//!
//! 1. **Head**: the method is one that the vendor sends, and no content encoding hides the signed bytes.
//! 2. **Size**: the body is within the receiver's limit.
//! 3. **Authenticate**: a key of the ring [`Keys`] made the signature, or equals the credentials. Its time does not
//!    depend on a secret. It precedes the parsing of the body.
//! 4. **Freshness**: the time in a header lies within the [`Window`] around the caller's `now`. If the events hold the
//!    time, this follows step 6.
//! 5. **Parse**: strict JSON, within limits of depth, events and number length.
//! 6. **Normalize**: each element becomes an [`Event`], the same form for every vendor. Elements that cannot be read
//!    are listed beside the events.
//!
//! The result is a [`Delivery`] of events, a [`Handshake`] to answer with, or a [`Rejection`] that says why.
//! [`ReplayGuard`] recognizes a repeated delivery; [`from_trusted_record`] opens a delivery that another process
//! recorded. The crate does no input or output, and reads no clock and no environment.
//!
//! The pages of [`benji`], [`benti`] and [`bento`] say what each vendor sends, name the sources, and say which rule
//! applies where nothing is documented. `DESIGN.md` in the repository says why the crate is built as it is.
//!
//! ```
//! use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
//!
//! // What Benji would send: `sign` is the sender's side, for tests.
//! let body = br#"{"event":"transaction_created","entity_type":3,"entity_id":"0f8fad5b"}"#;
//! let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
//! let headers = sign::benji(&Secret::new("salt")?, body, now);
//!
//! // What a server does with it.
//! let receiver = Receiver::benji(Keys::new("salt")?)?;
//! match receiver.receive(Request::post(&headers, body), now)? {
//!     Received::Delivery(delivery) => {
//!         for event in &delivery {
//!             assert_eq!(event.kind().to_string(), "transaction.created");
//!             assert_eq!(event.subject().to_string(), "transaction/0f8fad5b");
//!         }
//!     }
//!     Received::Handshake(_) => unreachable!("Benti alone sends handshakes"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! From the ground up: parse_error, words, signature_encoding, rejection, setup_error, limits, kind, headers, payload,
//! freshness, authenticate, handshake, replay, event, reading, table, rules, cloudevent, delivery, receiver, benji, benti,
//! bento, vendors, record, inbox, sign, outgoing, binding, internals. A folder imports only from those before it.
//!
//! Without the default feature `std` the crate needs only `alloc`. The default feature `sign` has the module [`sign`]; a
//! service that only receives needs it for tests at most. The feature `outgoing` has the module [`outgoing`], the
//! requests that a program sends to the vendors. The feature `http` implements [`Headers`] for
//! `http::HeaderMap`.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

extern crate alloc;

mod authenticate;
pub mod benji;
pub mod benti;
pub mod bento;
#[doc(hidden)]
pub mod binding;
mod cloudevent;
mod delivery;
mod event;
pub mod freshness;
mod handshake;
mod headers;
pub mod inbox;
#[cfg(feature = "_internals")]
#[doc(hidden)]
pub mod internals;
mod kind;
mod limits;
#[cfg(feature = "outgoing")]
pub mod outgoing;
mod parse_error;
mod payload;
mod reading;
mod receiver;
mod record;
mod rejection;
mod replay;
mod rules;
mod setup_error;
#[cfg(any(test, feature = "sign"))]
pub mod sign;
mod signature_encoding;
mod table;
mod vendors;
mod words;

pub use authenticate::{Key, Keys, Secret};
pub use delivery::{Delivery, Events, Unauthenticated};
pub use event::{Assurance, Coverage, Event, Id, IdOrigin, Name, Subject};
pub use freshness::{Timestamp, Window};
pub use handshake::{Handshake, MAX_CHALLENGE_BYTES};
pub use headers::{Field, FieldValue, Headers};
pub use kind::{Action, Entity, Kind, Vendor};
pub use limits::{LARGEST_BODY_BYTES, MAX_DEPTH, MAX_EVENTS, MAX_NUMBER_LENGTH};
pub use parse_error::ParseError;
pub use payload::{Data, Number, Raw, Text, Token, Tokens};
pub use reading::{Malformed, PayloadMismatch};
pub use receiver::{Received, Receiver, Request};
pub use record::{RECORD_VERSION, RecordError, Recorded, from_trusted_record, from_trusted_record_and_body};
pub use rejection::{Covers, Path, PayloadFault, Problem, ProofForm, Reason, Rejection};
pub use replay::{Claim, ClaimOutcome, RETENTION_SECONDS, ReplayGuard, ReplayKey, ReplayPolicy};
pub use setup_error::SetupError;
pub use signature_encoding::SignatureEncoding;
pub use vendors::Payload;

/// The examples of the README are tests.
#[cfg(all(doctest, feature = "outgoing"))]
#[doc = include_str!("../README.md")]
struct Readme;
