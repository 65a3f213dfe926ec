//! A delivery as plain data, to carry it to another process.
//!
//! From the ground up: form, error, recorded, open.

mod error;
mod form;
mod open;
mod recorded;

pub use error::RecordError;
pub use form::RECORD_VERSION;
pub use open::{from_trusted_record, from_trusted_record_and_body};
pub use recorded::Recorded;
