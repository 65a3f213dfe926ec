//! What the readers of all vendors share: the elements of a payload, how the fields of one are collected and judged,
//! and typed payloads.

pub(crate) mod batch;
pub(crate) mod element;
mod fault;
pub(crate) mod typed;

pub use batch::Malformed;
pub(crate) use batch::{Batch, Filling, Place, Reading};
pub(crate) use fault::ElementFault;
pub use typed::PayloadMismatch;
