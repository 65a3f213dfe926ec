//! What the benchmarks share: the requests that they measure.
//!
//! The benchmarks themselves are the files of `benches/benches`, one a question. Each says which result it expects of
//! the code that it times.
