//! The keys by which a store recognizes a repeated delivery or event.

mod guard;
mod index;
mod keys;
mod table;

pub use guard::{Claim, ClaimOutcome, ReplayGuard};
pub(crate) use keys::{Domain, Hexadecimal, Naming};
pub use keys::{RETENTION_SECONDS, ReplayKey, ReplayPolicy};
