//! What the benchmarks share: the requests that they measure, and how a routine is measured.
//!
//! The benchmarks themselves are the files of `benches/benches`, one a question. Each says which result it expects
//! of the code that it times, and stops where the result is another.

extern crate alloc;

pub mod authenticate;
// The core's file, which `authenticate` needs.
#[path = "../../core/src/kind.rs"]
#[expect(dead_code, unreachable_pub, reason = "the core uses and shows more of the file")]
mod kind;
mod measure;
mod request;
pub mod sha256;

pub use measure::{Case, criterion};
pub use request::{Sample, batch, padded, sample};
