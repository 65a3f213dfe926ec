//! Receives signed webhooks with [`hookseal`] in axum, and in every service of tower.
//!
//! [`WebhookLayer`] checks the head of a request before it reads the body, reads at most the receiver's limit, and
//! answers handshakes and refusals. What passes goes on to the service, which gets the delivery as [`Verified`]. The
//! body can be read again after it.
//!
//! ```
//! use axum::{Router, http::StatusCode, routing::any};
//! use hookseal::{Keys, Receiver};
//! use hookseal_tower::{Verified, WebhookLayer};
//!
//! async fn on_benji(Verified(delivery): Verified) -> StatusCode {
//!     for event in delivery.events() {
//!         println!("{} {:?} {}", event.kind(), event.subject().to_string(), event.id());
//!     }
//!     StatusCode::NO_CONTENT
//! }
//!
//! # fn main() -> Result<(), hookseal::SetupError> {
//! let receiver = Receiver::benji(Keys::new("the subscription's salt")?)?;
//! // `any`, because the receiver decides about methods: Benti's handshake is a `GET`.
//! let routes: Router = Router::new().route("/benji", any(on_benji)).layer(WebhookLayer::new(receiver));
//! # Ok(())
//! # }
//! ```
//!
//! A refused request is a warning of the crate `tracing` with the fields `code`, `vendor`, `source` and `status`. Its
//! sender gets the status and an empty body.
//!
//! From the ground up: body, answer, endpoint, guarded, verified, layer.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod answer;
mod body;
mod endpoint;
mod guarded;
mod layer;
mod verified;

pub use endpoint::Outcome;
pub use layer::{WebhookLayer, WebhookService};
pub use verified::{Verified, WebhookLayerMissing};
