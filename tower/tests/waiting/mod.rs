//! A route with a guard, whose first handlers wait until they are dropped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::any};
use hookseal_tower::{Outcome, Verified, WebhookLayer};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use crate::requests::{guard, receiver};

/// How long a test waits for anything.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);

pub(crate) struct Waiting {
    pub(crate) routes: Router,
    waits: Arc<AtomicBool>,
    begun: UnboundedReceiver<()>,
    outcomes: UnboundedReceiver<Outcome>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        let waits = Arc::new(AtomicBool::new(true));
        let (begins, begun) = unbounded_channel();
        let (tells, outcomes) = unbounded_channel();
        let is_waiting = Arc::clone(&waits);
        let handler = move |_: Verified| {
            begins.send(()).unwrap();
            let is_waiting = Arc::clone(&is_waiting);
            async move {
                if is_waiting.load(Relaxed) {
                    std::future::pending::<()>().await;
                }
                StatusCode::CREATED
            }
        };
        let layer = WebhookLayer::new(receiver())
            .guard(guard())
            .unwrap()
            .on_delivery(move |_, outcome| tells.send(outcome).unwrap());
        Self { routes: Router::new().route("/", any(handler).layer(layer)), waits, begun, outcomes }
    }

    /// Returns when a handler has begun.
    pub(crate) async fn begun(&mut self) {
        timeout(LONGEST, self.begun.recv()).await.unwrap().unwrap();
    }

    /// Later handlers answer with 201 at once.
    pub(crate) fn end(&self) {
        self.waits.store(false, Relaxed);
    }

    /// The next outcome that the callback hears.
    pub(crate) async fn outcome(&mut self) -> Outcome {
        timeout(LONGEST, self.outcomes.recv()).await.unwrap().unwrap()
    }
}
