//! A guard in memory, and the claims that it gives.

use std::cell::{Cell, RefCell};

use hookseal::{Claim, ClaimOutcome, ReplayGuard, binding::replay_key};
use napi::{
    Env, Result,
    bindgen_prelude::{Either, External, FunctionCallContext, Object},
};

use crate::{
    boundary::function,
    fault::{Fault, broken},
    numbers::{number_of, size, time_or_clock, whole},
};

type Guard = RefCell<ReplayGuard>;
type KeptClaim = Cell<Option<Claim>>;

/// The memory that an entry takes, for the garbage collector.
const ENTRY_BYTES: usize = 40;

// What a claim gives, where it is not the claim itself: this, or the seconds of another one's lease.
const DUPLICATE: f64 = 0.0;
const FULL: f64 = -1.0;

pub(crate) fn exports(exports: &mut Object<'_>, env: &Env) -> Result<()> {
    exports.set("createGuard", function(env, "createGuard", |call| create(&call))?)?;
    exports.set("claim", function(env, "claim", |call| claim(&call))?)?;
    exports.set("confirm", function(env, "confirm", |call| confirm(&call))?)?;
    exports.set("release", function(env, "release", |call| release(&call))?)?;
    exports.set("held", function(env, "held", |call| Ok(number_of(guard(&call)?.borrow().held())))?)?;
    exports
        .set("capacity", function(env, "capacity", |call| Ok(number_of(guard(&call)?.borrow().capacity())))?)
}

/// `createGuard(capacity, leaseSeconds, seed)`
fn create(call: &FunctionCallContext<'_>) -> Result<External<Guard>> {
    let (capacity, lease_seconds): (f64, f64) = (call.get(0)?, call.get(1)?);
    let seed: &[u8] = call.get(2)?;
    let seed = seed.try_into().map_err(|_| broken())?;
    let guard = ReplayGuard::new(size(capacity), whole(lease_seconds), seed)
        .map_err(|error| Fault::from(error).throw(call.env))?;
    let bytes = guard.capacity() * ENTRY_BYTES;
    Ok(External::new_with_size_hint(RefCell::new(guard), bytes))
}

fn guard<'c>(call: &'c FunctionCallContext<'_>) -> Result<&'c External<Guard>> {
    call.get(0)
}

/// `claim(guard, key, retentionSeconds, now)`: a retention of NaN is without end, a time of NaN is the clock's.
fn claim(call: &FunctionCallContext<'_>) -> Result<Either<External<KeptClaim>, f64>> {
    let text: String = call.get(1)?;
    let retention_seconds: f64 = call.get(2)?;
    let retention_seconds = (!retention_seconds.is_nan()).then(|| whole(retention_seconds));
    let key = replay_key(&text, retention_seconds).ok_or_else(broken)?;
    let now = time_or_clock(call.get(3)?)?;
    Ok(match guard(call)?.borrow_mut().claim(&key, now) {
        ClaimOutcome::Claimed(claim) => {
            let bytes = size_of::<KeptClaim>();
            Either::A(External::new_with_size_hint(Cell::new(Some(claim)), bytes))
        }
        ClaimOutcome::InProgress(seconds) => Either::B(seconds_left(seconds)),
        ClaimOutcome::Duplicate => Either::B(DUPLICATE),
        ClaimOutcome::Full => Either::B(FULL),
    })
}

/// At most 2^32 - 1, the longest lease.
#[expect(clippy::cast_precision_loss, reason = "it is far below 2^53")]
fn seconds_left(seconds: u64) -> f64 {
    seconds as f64
}

/// `confirm(guard, claim, now)`
fn confirm(call: &FunctionCallContext<'_>) -> Result<bool> {
    let now = time_or_clock(call.get(2)?)?;
    Ok(guard(call)?.borrow_mut().confirm(taken(call)?, now))
}

/// `release(guard, claim)`
fn release(call: &FunctionCallContext<'_>) -> Result<bool> {
    Ok(guard(call)?.borrow_mut().release(taken(call)?))
}

/// A claim, which JavaScript hands over once.
fn taken(call: &FunctionCallContext<'_>) -> Result<Claim> {
    let kept: &External<KeptClaim> = call.get(1)?;
    kept.take().ok_or_else(broken)
}
