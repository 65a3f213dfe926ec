//! Benti (Inbenta): every request carries the configured secret in a header. Nothing is signed.
//!
//! The rest is the page `core/docs/benti.md`.
#![doc = include_str!("../../docs/benti.md")]

mod event;
mod options;
mod payload;
mod rules;

pub use options::Options;
pub use payload::{
    Answer, AnswerContext, ApiEvent, Attachment, InstanceDetails, InstanceEvent, Message, Named, Person,
    Recipient, Sender,
};
pub(crate) use rules::RULES;
pub use rules::{CHALLENGE_HEADER, MAX_BODY_BYTES, SECRET_HEADER};

pub use crate::handshake::{Handshake, MAX_CHALLENGE_BYTES};
