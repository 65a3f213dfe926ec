//! A guard that is full of live keys, and the keys that come next.

use hookseal::{
    ClaimOutcome, Keys, Received, Receiver, ReplayGuard, ReplayKey, Request, Secret, Timestamp,
    bento::Credentials, sign,
};

const RETENTION_SECONDS: u64 = 601;

/// A full guard. Each key that comes next takes the place of one whose retention has just ended.
#[expect(missing_debug_implementations, reason = "nobody prints millions of keys")]
pub struct FullGuard {
    pub guard: ReplayGuard,
    live: usize,
    /// Twice as many as are live at a time: when a key comes again, its retention has ended.
    keys: Vec<ReplayKey>,
    next: usize,
}

impl FullGuard {
    /// A guard with so many live keys.
    ///
    /// # Panics
    ///
    /// hookseal refuses what it should accept.
    #[must_use]
    pub fn new(live: usize) -> Self {
        let guard = ReplayGuard::new(live, 30, *b"any sixteen byte").expect("a guard");
        let mut full = Self { guard, live, keys: keys(2 * live), next: 0 };
        for _ in 0..live {
            assert!(full.claim_and_confirm_next(), "the guard has room");
        }
        // From here on the first key has ended when the next one comes.
        full.next += 1;
        full
    }

    /// The next key and its time of arrival: `live` keys in a retention.
    pub fn next_key(&mut self) -> (ReplayKey, Timestamp) {
        let (key, now) = (self.keys[self.next % self.keys.len()], self.arrival(self.next));
        self.next += 1;
        (key, now)
    }

    pub fn claim_and_confirm_next(&mut self) -> bool {
        let (key, now) = self.next_key();
        match self.guard.claim(&key, now) {
            ClaimOutcome::Claimed(claim) => self.guard.confirm(claim, now),
            _ => false,
        }
    }

    /// A key that is in a guard to which no key came after `new`, with a time at which it is live.
    #[must_use]
    pub fn seen(&self, number: usize) -> (ReplayKey, Timestamp) {
        (self.keys[number % self.live], self.arrival(self.live - 1))
    }

    fn arrival(&self, number: usize) -> Timestamp {
        let millis =
            u64::try_from(number).ok().and_then(|number| number.checked_mul(RETENTION_SECONDS * 1000));
        let millis = millis.expect("in range") / u64::try_from(self.live).expect("in range");
        i64::try_from(millis).ok().and_then(Timestamp::from_unix_millis).expect("in range")
    }
}

fn keys(count: usize) -> Vec<ReplayKey> {
    let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token").expect("a token") });
    let receiver = receiver.and_then(|receiver| receiver.replay_retention_seconds(RETENTION_SECONDS));
    let receiver = receiver.expect("a receiver");
    let headers = sign::bento_bearer(&Secret::new("token").expect("a token"));
    let key = |number| {
        let body = format!(r#"{{"event":"e","number":{number}}}"#);
        let Ok(Received::Delivery(delivery)) =
            receiver.receive(Request::post(&headers, body), Timestamp::UNIX_EPOCH)
        else {
            panic!("the request is genuine")
        };
        delivery.replay_key().expect("a key")
    };
    (0..count).map(key).collect()
}
