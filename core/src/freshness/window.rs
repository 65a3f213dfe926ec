//! How far the time of a request may lie from the receiver's clock.

use super::timestamp::Timestamp;
use crate::rejection::Reason;

/// How far the time of a request may lie from the receiver's clock.
///
/// Both sides are in seconds and inclusive. Times are compared in milliseconds. A side of zero seconds is zero, not "no
/// limit": that is [`Window::off`]. This type has no default, because each vendor has its own.
///
/// ```
/// use hookseal::{Reason, Timestamp, Window};
///
/// let now = Timestamp::from_unix_seconds(784_111_777).unwrap();
/// let time = |seconds: i64| Timestamp::from_unix_seconds(784_111_777 + seconds).unwrap();
///
/// let window = Window::seconds(300, 10);
/// assert_eq!(window.check(time(-300), now), Ok(()));
/// assert_eq!(window.check(time(10), now), Ok(()));
/// assert_eq!(window.check(time(-301), now), Err(Reason::Stale { age_seconds: 301, window_seconds: 300 }));
/// assert_eq!(window.check(time(11), now), Err(Reason::FromTheFuture { ahead_seconds: 11, window_seconds: 10 }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    sides: Option<Sides>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sides {
    past_seconds: u64,
    future_seconds: u64,
}

impl Window {
    /// A window that reaches `past` seconds back from the receiver's clock and `future` seconds ahead of it.
    #[must_use]
    pub const fn seconds(past: u64, future: u64) -> Self {
        Self { sides: Some(Sides { past_seconds: past, future_seconds: future }) }
    }

    /// No window: every time is accepted.
    #[must_use]
    pub const fn off() -> Self {
        Self { sides: None }
    }

    /// Checks that a request of this `time` may be accepted `now`.
    ///
    /// # Errors
    ///
    /// [`Reason::Stale`] if it is older than the past side, [`Reason::FromTheFuture`] if it lies further ahead than the
    /// future side. Both give the distance in seconds, rounded up.
    #[inline]
    pub fn check(self, time: Timestamp, now: Timestamp) -> Result<(), Reason> {
        let Some(Sides { past_seconds, future_seconds }) = self.sides else { return Ok(()) };
        // Ten thousand years of milliseconds fit 49 bits. So the difference cannot overflow, and no distance exceeds a
        // saturated side.
        let age = now.unix_millis() - time.unix_millis();
        let distance = age.unsigned_abs();
        if age >= 0 {
            if distance > past_seconds.saturating_mul(1000) {
                let age_seconds = distance.div_ceil(1000);
                return Err(Reason::Stale { age_seconds, window_seconds: past_seconds });
            }
        } else if distance > future_seconds.saturating_mul(1000) {
            let ahead_seconds = distance.div_ceil(1000);
            return Err(Reason::FromTheFuture { ahead_seconds, window_seconds: future_seconds });
        }
        Ok(())
    }

    /// How far the window reaches back, in seconds; `None` if it is off.
    #[must_use]
    pub const fn past_seconds(self) -> Option<u64> {
        match self.sides {
            Some(sides) => Some(sides.past_seconds),
            None => None,
        }
    }

    /// How far the window reaches ahead, in seconds; `None` if it is off.
    #[must_use]
    pub const fn future_seconds(self) -> Option<u64> {
        match self.sides {
            Some(sides) => Some(sides.future_seconds),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 784_111_777_000;

    fn check(window: Window, age_millis: i64) -> Result<(), Reason> {
        let time = Timestamp::from_unix_millis(NOW - age_millis).unwrap();
        window.check(time, Timestamp::from_unix_millis(NOW).unwrap())
    }

    #[test]
    fn both_ends_belong_to_the_window() {
        let window = Window::seconds(300, 10);
        assert_eq!((window.past_seconds(), window.future_seconds()), (Some(300), Some(10)));
        assert_eq!(check(window, 300_000), Ok(()));
        assert_eq!(check(window, -10_000), Ok(()));
    }

    #[test]
    fn one_millisecond_beyond_is_outside_and_rounded_up() {
        let window = Window::seconds(300, 10);
        assert_eq!(check(window, 300_001), Err(Reason::Stale { age_seconds: 301, window_seconds: 300 }));
        assert_eq!(
            check(window, -10_001),
            Err(Reason::FromTheFuture { ahead_seconds: 11, window_seconds: 10 })
        );
    }

    #[test]
    fn zero_seconds_mean_zero() {
        let window = Window::seconds(0, 0);
        assert_eq!(check(window, 0), Ok(()));
        assert_eq!(check(window, 1), Err(Reason::Stale { age_seconds: 1, window_seconds: 0 }));
        assert_eq!(check(window, -1), Err(Reason::FromTheFuture { ahead_seconds: 1, window_seconds: 0 }));
    }

    #[test]
    fn a_window_that_is_off_has_no_sides_and_refuses_nothing() {
        let window = Window::off();
        assert_eq!((window.past_seconds(), window.future_seconds()), (None, None));
        assert_eq!(window.check(Timestamp::MIN, Timestamp::MAX), Ok(()));
        assert_eq!(window.check(Timestamp::MAX, Timestamp::MIN), Ok(()));
    }

    #[test]
    fn the_longest_windows_hold_all_times() {
        // The second value is the first whose milliseconds do not fit.
        for seconds in [u64::MAX, u64::MAX / 1000 + 1] {
            let window = Window::seconds(seconds, seconds);
            assert_eq!(window.check(Timestamp::MIN, Timestamp::MAX), Ok(()));
            assert_eq!(window.check(Timestamp::MAX, Timestamp::MIN), Ok(()));
        }
    }

    fn timestamp() -> impl Strategy<Value = Timestamp> {
        (Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis())
            .prop_map(|millis| Timestamp::from_unix_millis(millis).unwrap())
    }

    /// Two times: one half of the cases near each other, the other half any two.
    fn two_times() -> impl Strategy<Value = (Timestamp, Timestamp)> {
        let apart = prop_oneof![-5_000_i64..=5_000, (-5_i64..=5).prop_map(|seconds| seconds * 1000)];
        let near = (timestamp(), apart).prop_map(|(time, apart)| {
            (time, Timestamp::from_unix_millis(time.unix_millis() + apart).unwrap_or(time))
        });
        prop_oneof![near, (timestamp(), timestamp())]
    }

    fn side() -> impl Strategy<Value = u64> {
        prop_oneof![0_u64..=5, 0_u64..=400_000_000_000, any::<u64>()]
    }

    proptest! {
        #[test]
        fn the_window_agrees_with_wide_arithmetic((time, now) in two_times(), past in side(), future in side()) {
            let age = i128::from(now.unix_millis()) - i128::from(time.unix_millis());
            let seconds = |millis: i128| u64::try_from((millis + 999) / 1000).unwrap();
            let expected = if age > i128::from(past) * 1000 {
                Err(Reason::Stale { age_seconds: seconds(age), window_seconds: past })
            } else if -age > i128::from(future) * 1000 {
                Err(Reason::FromTheFuture { ahead_seconds: seconds(-age), window_seconds: future })
            } else {
                Ok(())
            };
            prop_assert_eq!(Window::seconds(past, future).check(time, now), expected);
        }
    }
}
