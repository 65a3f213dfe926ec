//! Bento: traffic in Bento's shapes, sent to an endpoint of yours with credentials that you chose.
//!
//! Bento signs nothing that it sends. The rest is the page `core/docs/bento.md`.
#![doc = include_str!("../../docs/bento.md")]

mod addressee;
mod body;
mod credentials;
mod options;
mod payload;
mod rules;
mod tracked;
mod workflow;

pub use credentials::Credentials;
pub use options::Options;
pub use payload::{Command, Email, Purchase, Subscriber, Tags, TrackedEvent, Unique, Value, Workflow};
pub use rules::MAX_BODY_BYTES;
pub(crate) use rules::RULES;
