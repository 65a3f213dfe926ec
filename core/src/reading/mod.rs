//! Code that the readers of all vendors share: elements, their fields, and typed payloads.

mod batch;
pub(crate) mod element;
mod fault;
mod reader;
pub(crate) mod typed;

pub(crate) use batch::Batch;
pub use batch::Malformed;
pub(crate) use element::{ElementFields, Role};
pub(crate) use fault::ElementFault;
pub(crate) use reader::{Container, ReadContext, ReadPayload, Reader, read_payload};
pub use typed::PayloadMismatch;
