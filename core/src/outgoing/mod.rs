//! Requests that a program sends to the vendors, as values: the other direction.
//!
//! | vendor | requests |
//! |---|---|
//! | [`Benji`] | create, update and delete a subscription; read what a webhook names |
//! | [`Benti`] | create, list, update and delete a subscription |
//! | [`Bento`] | send events, subscribers, e-mails and commands |
//!
//! Each request is an [`Outgoing`]: method, URL, headers and body for any HTTP client. [`Outgoing::read`] reads the
//! answer. It gives the answer's type, or a [`Refusal`] that says whether it is final, and if not, when to try again.
//! [`RateLimit`] says when the next call may go. Nothing here does input or output, reads a clock, or makes randomness.
//!
//! ```
//! use hookseal::{Secret, outgoing::{Bento, BentoEvent}};
//!
//! let bento = Bento::new("publishable", Secret::new("secret key")?, "11111111222233334444555555555555")?;
//! let event = BentoEvent::from_json(r#"{"type":"ticket.answered","email":"a@example.com"}"#)?;
//! for request in bento.events(&[event]) {
//!     assert_eq!((request.method(), request.url()), ("POST", "https://app.bentonow.com/api/v1/batch/events"));
//!     // Send it with any client, then hand over what came back.
//!     let no_headers: [(&str, &str); 0] = [];
//!     let sent = request.read(200, &no_headers, br#"{"results":1,"failed":0}"#)?;
//!     assert!(sent.handed_back().is_empty());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A client must not follow redirects, because the credentials would go along: [`Outgoing::read`] refuses a redirect as
//! final, with the code `redirected`.

mod base_url;
mod benji;
mod benti;
mod bento;
mod error;
pub(crate) mod refusal;
mod request;

pub use benji::{ApiKey, Benji, BenjiHosts, LookedUp, Subscribed};
pub use benti::{Benti, BentiWebhook, BentiWebhooks};
pub use bento::{
    Bento, BentoCommand, BentoEmail, BentoEvent, BentoSubscriber, Commanded, EndpointGroup, MAX_VALUE_BYTES,
    MOST_EMAILS, MOST_EVENTS, MOST_SUBSCRIBERS, RateLimit, Sent, Tracked,
};
pub use error::{OutgoingError, Requirement};
pub use refusal::{Refusal, RefusalReason};
pub use request::{Done, MAX_ANSWER_BYTES, Outgoing};
