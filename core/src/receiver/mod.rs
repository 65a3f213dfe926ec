//! The receiver of one endpoint. Begin with [`pipeline`], which has the steps of a request in order.

mod options;
mod pipeline;
mod request;

pub use options::{MOST_HEADERS, Receiver};
pub use request::{Received, Request};

#[cfg(test)]
mod tests;
