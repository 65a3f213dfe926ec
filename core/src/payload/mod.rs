//! The pieces of JSON that events are made of, borrowed from the body.
//!
//! [`Scanner`](scan::Scanner) checks JSON and gives the place of each value. [`Text`], [`Number`] and [`Raw`] show such
//! places. [`Data`] is a whole parsed value.

mod chunk;
mod data;
pub(crate) mod encoding;
mod exact_float;
mod json_value;
mod number;
mod one_line;
mod raw;
pub(crate) mod scan;
mod span;
mod special_bytes;
pub(crate) mod string;
mod text;

pub use data::{Data, Token, Tokens};
pub use exact_float::exact_float;
pub(crate) use json_value::JsonValue;
pub use number::Number;
pub use raw::Raw;
pub(crate) use span::Span;
pub use text::Text;
