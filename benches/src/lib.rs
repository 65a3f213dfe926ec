//! The parts that the benchmarks share: the requests that they measure, and how they measure a routine.
//!
//! Each file of `benches/benches` answers one question. A benchmark states the result that it expects of the code that it
//! times, and stops if the result is another.

pub mod authenticate;
pub mod count;
mod measure;
mod request;
pub mod sha256;

pub use measure::{Case, criterion};
pub use request::{Sample, batch, padded, sample};
