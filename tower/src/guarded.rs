//! A claim of a guard for the time in which a request is handled.

use std::sync::Arc;

use bytes::Bytes;
use hookseal::{Claim, ClaimOutcome, Delivery};

use crate::endpoint::{Endpoint, Outcome};

/// What the guard says of a delivery.
pub(crate) enum Claimed {
    /// The service may handle it.
    Ours(Handling),
    Duplicate,
    /// With the seconds that are left of the other one's lease.
    InProgress(u64),
    Full,
}

/// The handling of a delivery. If it is dropped before it has ended, because the request was cancelled, the claim is
/// released.
pub(crate) struct Handling {
    endpoint: Arc<Endpoint>,
    delivery: Arc<Delivery<Bytes>>,
    /// Absent without a guard.
    claim: Option<Claim>,
    has_ended: bool,
}

pub(crate) fn claim(endpoint: &Arc<Endpoint>, delivery: &Arc<Delivery<Bytes>>) -> Claimed {
    let claim = match (endpoint.guard(), delivery.replay_key()) {
        (Some(mut guard), Some(key)) => match guard.claim(&key, endpoint.now()) {
            ClaimOutcome::Claimed(claim) => Some(claim),
            ClaimOutcome::Duplicate => return Claimed::Duplicate,
            ClaimOutcome::InProgress(seconds) => return Claimed::InProgress(seconds),
            ClaimOutcome::Full => return Claimed::Full,
        },
        _ => None,
    };
    Claimed::Ours(Handling {
        endpoint: Arc::clone(endpoint),
        delivery: Arc::clone(delivery),
        claim,
        has_ended: false,
    })
}

impl Handling {
    pub(crate) fn succeeded(mut self) {
        if let (Some(mut guard), Some(claim)) = (self.endpoint.guard(), self.claim.take())
            && !guard.confirm(claim, self.endpoint.now())
        {
            tracing::warn!("the lease of a delivery ended before it was handled: it can be handled twice");
        }
        self.end(Outcome::Handled);
    }

    fn end(&mut self, outcome: Outcome) {
        self.has_ended = true;
        self.endpoint.tell_outcome(&self.delivery, outcome);
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        if let (Some(mut guard), Some(claim)) = (self.endpoint.guard(), self.claim.take()) {
            guard.release(claim);
        }
        self.end(Outcome::Failed);
    }
}
