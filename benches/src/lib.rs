//! The parts that the benchmarks share: the requests that they measure, and how they measure a routine.
//!
//! Each file of `benches/benches` answers one question. A benchmark states the result that it expects of the code, and
//! stops if the result is another.

pub mod authenticate;
pub mod count;
mod guard;
mod measure;
mod own;
mod request;
pub mod sha256;

pub use guard::FullGuard;
pub use measure::{Case, criterion};
pub use own::{own_body, readable};
pub use request::{Sample, batch, padded, sample};
