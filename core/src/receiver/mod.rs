//! One endpoint. Begin with [`pipeline`], which has the steps of a request in their order.

mod options;
mod pipeline;
mod request;

pub use options::{MOST_HEADERS, Receiver};
pub use request::{Received, Request};
