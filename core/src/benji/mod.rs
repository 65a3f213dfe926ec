//! Benji: an HMAC-SHA256 keyed with the subscription's salt.
//!
//! Since January 2026 Benji's documentation repository (`api-reference/webhooks/overview.mdx`) describes a signature of
//! the value of [`TIMESTAMP_HEADER`] followed by the raw body. Older copies of the page describe a signature of the body
//! alone, with an unsigned date in [`DATE_HEADER`]. Both are in use as far as anyone outside can tell, so whether
//! [`TIMESTAMP_HEADER`] is present decides, and there is no fallback.
//!
//! The two cannot be mistaken for each other: no date followed by a body is a JSON object, and no beginning of a JSON
//! object is a date.

mod options;
mod payload;
mod rules;
mod webhook;

pub use options::{Options, WINDOW_SECONDS};
pub use payload::Webhook;
pub use rules::{DATE_HEADER, MAX_BODY_BYTES, SIGNATURE_HEADER, TIMESTAMP_HEADER};
