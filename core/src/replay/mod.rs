//! What recognizes a repetition: the keys by which a store knows a delivery or an event.

mod keys;

pub(crate) use keys::{Domain, Hexadecimal, Naming};
pub use keys::{RETENTION_SECONDS, ReplayKey, ReplayPolicy};
