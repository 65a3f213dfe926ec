//! Benji: an HMAC-SHA256 keyed with the subscription's salt.
//!
//! There are two schemes. If [`TIMESTAMP_HEADER`] is present, the signature covers its value and the raw body.
//! Otherwise it covers the body alone, and the date in [`DATE_HEADER`] is not signed. The rest is the page
//! `core/docs/benji.md`.
#![doc = include_str!("../../docs/benji.md")]

mod options;
mod payload;
mod rules;
mod webhook;

pub use options::{Options, WINDOW_SECONDS};
pub use payload::Webhook;
pub(crate) use rules::RULES;
pub use rules::{DATE_HEADER, MAX_BODY_BYTES, SIGNATURE_HEADER, TIMESTAMP_HEADER};
