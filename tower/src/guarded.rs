//! A claim of a guard for the time in which a request is handled.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hookseal::{Claim, ClaimOutcome, Delivery, ReplayGuard, Timestamp};

pub(crate) type Guard = Arc<Mutex<ReplayGuard>>;

/// What the guard says of a delivery.
pub(crate) enum Claimed {
    /// The service may handle it.
    Ours(Handling),
    Duplicate,
    /// With the seconds that are left of the other one's lease.
    InProgress(u64),
    Full,
}

/// The handling of a delivery. If it is dropped before it is confirmed, because the service failed or panicked or the
/// request was cancelled, the claim is released.
pub(crate) struct Handling {
    /// Absent without a guard.
    claim: Option<(Guard, Claim)>,
}

pub(crate) fn claim(guard: Option<&Guard>, delivery: &Delivery<Bytes>, now: Timestamp) -> Claimed {
    let (Some(guard), Some(key)) = (guard, delivery.replay_key()) else {
        return Claimed::Ours(Handling { claim: None });
    };
    match lock(guard).claim(&key, now) {
        ClaimOutcome::Claimed(claim) => Claimed::Ours(Handling { claim: Some((Arc::clone(guard), claim)) }),
        ClaimOutcome::Duplicate => Claimed::Duplicate,
        ClaimOutcome::InProgress(seconds) => Claimed::InProgress(seconds),
        ClaimOutcome::Full => Claimed::Full,
    }
}

/// A guard is whole whenever it is unlocked: it does not panic.
fn lock(guard: &Guard) -> MutexGuard<'_, ReplayGuard> {
    guard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Handling {
    pub(crate) fn confirm(mut self, now: Timestamp) {
        if let Some((guard, claim)) = self.claim.take()
            && !lock(&guard).confirm(claim, now)
        {
            tracing::warn!("the lease of a delivery ended before it was handled: it can be handled twice");
        }
    }
}

impl Drop for Handling {
    fn drop(&mut self) {
        if let Some((guard, claim)) = self.claim.take() {
            lock(&guard).release(claim);
        }
    }
}
