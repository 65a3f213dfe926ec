//! The keys by which a store recognizes a repeated delivery or event.

mod keys;

pub(crate) use keys::{Domain, Hexadecimal, Naming};
pub use keys::{RETENTION_SECONDS, ReplayKey, ReplayPolicy};
