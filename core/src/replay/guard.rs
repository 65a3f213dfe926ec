//! A memory of replay keys for handlers that run while the sender waits.

use core::fmt;

use super::{
    keys::{DIGEST_BYTES, ReplayKey},
    table::{Position, State, Table},
};
use crate::{freshness::Timestamp, limits::LONGEST_RETENTION_SECONDS, setup_error::SetupError};

/// Remembers which deliveries are being handled, and which have been handled.
///
/// A handler first [claims](Self::claim) the delivery's key. When it has succeeded it [confirms](Self::confirm) the
/// claim; when it has failed it [releases](Self::release) it, so that a repetition is handled. Only a confirmed key is
/// a duplicate. A claim that is neither confirmed nor released, because the process hangs or is slow, ends after the
/// lease.
///
/// A guard reads no clock and has no thread. It remembers keys for one process: share it in a `Mutex`, and take the
/// outcome out of the lock before you look at it, as in the example. (In `match guard.lock().unwrap().claim(…)` the lock
/// is held until the end of the `match`, and a `confirm` inside it waits for ever.) It takes 40
/// bytes for each key of its capacity, and never forgets a key before its lease or retention ends: when no place is
/// left it says [`Full`](ClaimOutcome::Full). Claims, confirmations and releases take constant time, whatever the
/// number of keys. (If one guard serves receivers of more than six different retentions, or the clock is set back
/// again and again, some take longer.)
///
/// ```
/// use std::sync::Mutex;
///
/// use hookseal::{ClaimOutcome, ReplayGuard};
/// # use hookseal::{Keys, Received, Receiver, Request, Secret, Timestamp, sign};
/// # let body = br#"{"event":"transaction_created","entity_type":3,"entity_id":"0f8fad5b"}"#;
/// # let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
/// # let headers = sign::benji(&Secret::new("salt")?, body, now);
/// # let receiver = Receiver::benji(Keys::new("salt")?)?;
/// # let Received::Delivery(delivery) = receiver.receive(Request::post(&headers, body), now)? else { panic!() };
/// # let handle = |_: &_| Ok::<(), ()>(());
/// # let random_bytes = [7; 16];
///
/// let guard = Mutex::new(ReplayGuard::new(100_000, 30, random_bytes)?);
///
/// let key = delivery.replay_key().expect("the receiver's policy is not `none`");
/// let outcome = guard.lock().unwrap().claim(&key, now);
/// let status = match outcome {
///     ClaimOutcome::Claimed(claim) => match handle(&delivery) {
///         Ok(()) => {
///             guard.lock().unwrap().confirm(claim, now);
///             200
///         }
///         Err(_) => {
///             guard.lock().unwrap().release(claim);
///             500
///         }
///     },
///     ClaimOutcome::Duplicate => 200,
///     // The sender has to try again.
///     ClaimOutcome::InProgress(_) | ClaimOutcome::Full => 503,
/// };
/// assert_eq!(status, 200);
/// assert!(matches!(guard.lock().unwrap().claim(&key, now), ClaimOutcome::Duplicate));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ReplayGuard {
    table: Table,
    lease_seconds: u64,
    last_token: u32,
}

/// What a guard says of a key.
#[derive(Debug)]
#[must_use]
pub enum ClaimOutcome {
    /// The key is new, or a claim of it was released or its lease has ended: handle the delivery.
    Claimed(Claim),
    /// Another handler has claimed the key. Its lease ends in this many seconds, at least 1. Answer with a status that
    /// makes the sender try again, such as 503.
    InProgress(u64),
    /// The key was confirmed: the delivery has been handled. Answer as for a delivery that was handled.
    Duplicate,
    /// The guard holds as many keys as its capacity allows, and none of them has ended. Answer as for `InProgress`, and
    /// build the guard with a greater capacity.
    Full,
}

/// The right to handle a delivery. [`ReplayGuard::claim`] gives it to one caller at a time.
#[derive(Debug)]
#[must_use = "a claim that is neither confirmed nor released ends after the lease"]
pub struct Claim {
    key: ReplayKey,
    digest: [u8; DIGEST_BYTES],
    position: Position,
    token: u32,
}

impl Claim {
    /// The key that was claimed.
    #[must_use]
    pub fn key(&self) -> &ReplayKey {
        &self.key
    }
}

impl ReplayGuard {
    /// A guard for at most `capacity` keys at a time, from 1 to 16,777,215. It takes the memory for them at once, 40
    /// bytes for each.
    ///
    /// `lease_seconds`, from 1 to 2^32 - 1, is how long a claim lasts: longer than the slowest handler takes. `seed` is
    /// 16 random bytes, which no sender may know: with them a sender could choose bodies whose keys make the guard
    /// slow.
    ///
    /// A rule for the capacity: deliveries a second, times the retention in seconds. At 100 a second, Benji's default
    /// of 601 s needs 60,100 keys, Benti's of 24 h 8,640,000.
    ///
    /// # Errors
    ///
    /// [`SetupError::LimitOutOfRange`], also if there is not enough memory.
    pub fn new(capacity: usize, lease_seconds: u64, seed: [u8; 16]) -> Result<Self, SetupError> {
        if !(1..=LONGEST_RETENTION_SECONDS).contains(&lease_seconds) {
            return Err(SetupError::LimitOutOfRange("lease_seconds must be between 1 and 4294967295"));
        }
        Ok(Self { table: Table::new(capacity, &seed)?, lease_seconds, last_token: 0 })
    }

    /// Claims a key. Of several callers with equal keys, one gets [`ClaimOutcome::Claimed`].
    pub fn claim(&mut self, key: &ReplayKey, now: Timestamp) -> ClaimOutcome {
        let (digest, now) = (key.digest(), millis(now));
        let hash = self.table.hash(&digest);
        let token = self.last_token.wrapping_add(1);
        let claimed = State { end: end(now, Some(self.lease_seconds)), token, confirmed: false };
        let position = match self.table.find(hash, &digest) {
            Some(position) => {
                if let Some(state) = self.table.state(position, &digest).filter(|state| state.end > now) {
                    return if state.confirmed {
                        ClaimOutcome::Duplicate
                    } else {
                        ClaimOutcome::InProgress((state.end - now).div_ceil(1000))
                    };
                }
                self.table.change(position, claimed);
                position
            }
            None => match self.table.insert(hash, &digest, claimed, now) {
                Some(position) => position,
                None => return ClaimOutcome::Full,
            },
        };
        self.last_token = token;
        ClaimOutcome::Claimed(Claim { key: *key, digest, position, token })
    }

    /// Says that the delivery has been handled: until the key's retention ends, counted from `now`, a claim of it gives
    /// [`ClaimOutcome::Duplicate`].
    ///
    /// `false` if the lease ended and the key was lost: another caller has claimed or confirmed it since, or the guard is
    /// full.
    pub fn confirm(&mut self, claim: Claim, now: Timestamp) -> bool {
        let now = millis(now);
        let confirmed =
            State { end: end(now, claim.key.retention_seconds()), token: claim.token, confirmed: true };
        if self.is_held(&claim) {
            self.table.change(claim.position, confirmed);
            return true;
        }
        let hash = self.table.hash(&claim.digest);
        match self.table.find(hash, &claim.digest) {
            // Another claim, or another confirmation, that has ended.
            Some(position)
                if self.table.state(position, &claim.digest).is_some_and(|held| held.end <= now) =>
            {
                self.table.change(position, confirmed);
                true
            }
            Some(_) => false,
            None => self.table.insert(hash, &claim.digest, confirmed, now).is_some(),
        }
    }

    /// Gives a claim back, because the handler failed: the next claim of the key gets it. `false` if the lease had
    /// ended and the key is no longer this claim's.
    pub fn release(&mut self, claim: Claim) -> bool {
        let held = self.is_held(&claim);
        if held {
            self.table.remove(claim.position);
        }
        held
    }

    /// How many keys the guard holds. Keys that have ended count until another key needs their place.
    #[must_use]
    pub fn held(&self) -> usize {
        self.table.len()
    }

    /// The most keys that it holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.table.capacity()
    }

    /// Whether the key is still held for this claim, even though its lease may have ended.
    fn is_held(&self, claim: &Claim) -> bool {
        let state = self.table.state(claim.position, &claim.digest);
        state.is_some_and(|state| state.token == claim.token)
    }
}

/// Milliseconds since the earliest time that a [`Timestamp`] can hold.
fn millis(time: Timestamp) -> u64 {
    time.unix_millis().abs_diff(Timestamp::MIN.unix_millis())
}

/// The end of a lease or of a retention that begins now. `None` is without end.
fn end(now: u64, seconds: Option<u64>) -> u64 {
    let end = seconds.and_then(|seconds| now.checked_add(seconds.checked_mul(1000)?));
    end.map_or(Table::NO_END, |end| end.min(Table::NO_END))
}

/// Shows how many keys it holds, and none of them.
impl fmt::Debug for ReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplayGuard({} of {} keys)", self.held(), self.capacity())
    }
}
