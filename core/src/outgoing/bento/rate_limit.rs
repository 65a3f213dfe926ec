//! When the next call of an endpoint group may go.

use alloc::collections::VecDeque;
use core::{fmt, time::Duration};

use crate::{freshness::Timestamp, words::words};

/// The number of calls of one group in a window.
const MOST_CALLS: usize = 100;
/// Each window of this length counts, not only those that begin with a minute of the clock.
const WINDOW_MILLIS: i64 = 60_000;

words! {
    /// The endpoints that Bento counts together.
    #[non_exhaustive]
    EndpointGroup {
        /// `/batch/…`: events, subscribers and e-mails.
        Batch = "batch",
        /// `/fetch/…`: commands.
        Fetch = "fetch",
        /// The webhook endpoint. Bento names no number for it; the same one is used.
        Track = "track",
    }
}

/// Counts the calls of each [`EndpointGroup`], and says when the next one may go: at most 100 in any 60 seconds.
///
/// Bento documents 100 calls a minute, and not how it counts a minute. Every span of 60 seconds is counted here, to the
/// millisecond. It counts the calls of one program: share one `RateLimit` among all that send for a site, and honour
/// an answer 429 all the same.
///
/// A clock that runs back does no harm: the times of the calls so far are shifted with it. So no call waits for longer
/// than 60 seconds, and no 60 seconds of real time have more than 100 calls. A clock that jumps ahead lets calls go too
/// early, so give it a steady clock if there is one: the times need no relation to the calendar.
///
/// ```
/// use core::time::Duration;
///
/// use hookseal::{Timestamp, outgoing::{EndpointGroup, RateLimit}};
///
/// let mut limit = RateLimit::new();
/// let at = |millis| Timestamp::from_unix_millis(millis).unwrap();
/// for _ in 0..100 {
///     assert_eq!(limit.take(EndpointGroup::Batch, at(5)), Ok(()));
/// }
/// assert_eq!(limit.take(EndpointGroup::Batch, at(1_005)), Err(Duration::from_secs(59)));
/// assert_eq!(limit.take(EndpointGroup::Fetch, at(1_005)), Ok(()));
/// assert_eq!(limit.take(EndpointGroup::Batch, at(60_005)), Ok(()));
/// ```
#[derive(Default)]
pub struct RateLimit {
    batch: VecDeque<i64>,
    fetch: VecDeque<i64>,
    track: VecDeque<i64>,
    /// The time of the last question.
    now: Option<i64>,
}

impl RateLimit {
    /// A limit that has counted no call.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts one call that goes now.
    ///
    /// # Errors
    ///
    /// How long to wait: it must not go yet, and is not counted.
    pub fn take(&mut self, group: EndpointGroup, now: Timestamp) -> Result<(), Duration> {
        let now = now.unix_millis();
        self.follow_back(now);
        let calls = match group {
            EndpointGroup::Batch => &mut self.batch,
            EndpointGroup::Fetch => &mut self.fetch,
            EndpointGroup::Track => &mut self.track,
        };
        if let (MOST_CALLS.., Some(&oldest)) = (calls.len(), calls.front()) {
            let wait = WINDOW_MILLIS - now.saturating_sub(oldest);
            if wait > 0 {
                return Err(Duration::from_millis(wait.unsigned_abs()));
            }
            calls.pop_front();
        }
        calls.push_back(now);
        Ok(())
    }

    /// If the clock was set back, shifts all times by as much.
    fn follow_back(&mut self, now: i64) {
        let back = self.now.map_or(0, |last| last.saturating_sub(now));
        if back > 0 {
            let times = [&mut self.batch, &mut self.fetch, &mut self.track];
            times.into_iter().flatten().for_each(|time| *time = time.saturating_sub(back));
        }
        self.now = Some(now);
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateLimit(..)")
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis).unwrap()
    }

    #[test]
    fn each_group_has_a_hundred_calls_of_its_own() {
        let mut limit = RateLimit::new();
        for group in EndpointGroup::ALL {
            assert!((0..100).all(|_| limit.take(*group, at(7)).is_ok()), "{group}");
            assert_eq!(limit.take(*group, at(8)), Err(Duration::from_millis(59_999)), "{group}");
        }
    }

    #[test]
    fn a_clock_may_jump_from_one_end_of_time_to_the_other() {
        let mut limit = RateLimit::new();
        // Nobody asks for this group again, so its time is shifted each time.
        assert_eq!(limit.take(EndpointGroup::Fetch, Timestamp::MIN), Ok(()));
        for now in [Timestamp::MAX, Timestamp::MIN].repeat(40_000) {
            if let Err(wait) = limit.take(EndpointGroup::Batch, now) {
                assert!(wait <= Duration::from_secs(60));
            }
        }
    }

    proptest! {
        /// The times that pass between the questions, and by how much the clock is set back before each.
        #[test]
        fn no_minute_of_real_time_has_more_than_a_hundred_calls(
            steps in vec((0_i64..700, prop_oneof![20 => Just(0_i64), 1 => 1..200_000_i64]), 0..400),
        ) {
            let (mut limit, mut real, mut offset, mut gone) = (RateLimit::new(), 0, 0, Vec::new());
            let mut was_set_back = false;
            for (passed, back) in steps {
                real += passed;
                offset -= back;
                was_set_back |= back > 0;
                let in_window = gone.iter().filter(|&&time| time > real - 60_000).count();
                match limit.take(EndpointGroup::Fetch, at(real + offset)) {
                    Ok(()) => {
                        prop_assert!(in_window < 100);
                        gone.push(real);
                    }
                    Err(wait) => {
                        prop_assert!(wait <= Duration::from_secs(60));
                        // A clock that was set back makes calls wait longer than they need to, and no other does.
                        prop_assert!(in_window == 100 || was_set_back);
                        let first = gone[gone.len() - 100];
                        let needed = Duration::from_millis((first + 60_000 - real).max(0).unsigned_abs());
                        prop_assert!(wait >= needed && (wait == needed || was_set_back));
                    }
                }
            }
        }
    }
}
