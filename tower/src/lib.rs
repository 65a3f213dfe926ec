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
//! let benji = Receiver::benji(Keys::new("the subscription's salt")?)?;
//! // A layer for each route, because each has its receiver. `any`, because the receiver decides about methods: Benti's
//! // handshake is a `GET`.
//! let routes: Router = Router::new().route("/benji", any(on_benji).layer(WebhookLayer::new(benji)));
//! # Ok(())
//! # }
//! ```
//!
//! [`WebhookInbox`] stores deliveries before they are answered, and needs no handler. actix-web has no services of
//! tower: `services/actix` in the repository is a server with it.
//!
//! # Where to add the layer
//!
//! | form | what happens |
//! |---|---|
//! | `any(handler).layer(layer)` | every request to this route is checked |
//! | `post(handler).layer(layer)` | the same: the layer also answers a `GET` |
//! | `post(handler).route_layer(layer)` | axum answers a `GET` with 405, also Benti's handshake |
//! | `router.route_layer(layer)` | every route that was added before is checked, and unknown paths are 404 |
//! | `router.layer(layer)` | the same, and unknown paths are checked too, so a stranger gets 401 for them |
//! | a layer outside that reads the body | 500 and a message if it leaves nothing, a refusal if it changes a byte |
//! | two `WebhookLayer`s around one route | both receivers have to accept the request |
//!
//! The delivery has the body too: `delivery.body()`. A handler that reads the request's body meets axum's own limit of
//! 2 MB (`DefaultBodyLimit`), which may be below the receiver's.
//!
//! There is no time limit on a body that comes slowly. A layer outside of this one sets it, such as
//! `tower_http::timeout::TimeoutLayer`; a request that it ends releases its claim.
//!
//! # Logs
//!
//! Messages go to the crate `tracing`. No message holds a secret, a body or the value of a header.
//!
//! | message | level | fields |
//! |---|---|---|
//! | webhook refused | warn | `code`, `vendor`, `source`, `status`; `hint` if the rejection has one |
//! | webhook not stored, by a [`WebhookInbox`] | warn | `outcome`, `vendor`, `source`, `status` |
//! | a mistake in how the program uses this crate; a callback that panicked | error | |
//!
//! `code` is a word of [`hookseal::Rejection::code`] and `outcome` one of [`Outcome::as_str`], so both are good labels
//! of a counter. `tracing_subscriber::fmt()` writes a refusal as one line:
//!
//! ```text
//! WARN hookseal_tower::endpoint: webhook refused: the body is larger than 10 bytes: raise max_body_bytes if the vendor
//! sends such bodies code="payload_too_large" vendor="benji" source="/hooks/benji" status=413
//! ```
//!
//! From the ground up: body, answer, endpoint, check, guarded, verified, layer, inbox.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod answer;
mod body;
mod check;
mod endpoint;
mod guarded;
mod inbox;
mod layer;
mod verified;

pub use axum_core::body::Body;
pub use endpoint::Outcome;
pub use inbox::{PutOutcome, WebhookInbox};
pub use layer::{WebhookLayer, WebhookService};
pub use verified::{Verified, WebhookLayerMissing};
