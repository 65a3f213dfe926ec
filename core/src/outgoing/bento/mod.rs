//! Requests to Bento's API, and to its webhook endpoint.

mod answers;
mod checks;
mod client;
mod command;
mod email;
mod email_address;
mod event;
mod members;
mod rate_limit;
mod repeated;
mod subscriber;
mod value;

pub use answers::{Commanded, Sent, Tracked};
pub use client::{Bento, MOST_EMAILS, MOST_EVENTS, MOST_SUBSCRIBERS};
pub use command::BentoCommand;
pub use email::BentoEmail;
pub use event::BentoEvent;
pub use rate_limit::{EndpointGroup, RateLimit};
pub use subscriber::BentoSubscriber;
pub use value::MAX_VALUE_BYTES;
