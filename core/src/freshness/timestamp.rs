//! An instant in whole milliseconds.

use core::fmt;

use serde::{Serialize, Serializer};

/// An instant in whole milliseconds since 1970-01-01T00:00:00Z, without leap seconds, in the years 0001 to 9999.
///
/// `Display`, `Debug` and `Serialize` give RFC 3339 in UTC; the milliseconds are written unless they are zero. `FromStr`
/// and `Deserialize` read exactly that.
///
/// ```
/// use hookseal::Timestamp;
///
/// let time = Timestamp::from_unix_millis(784_111_777_050).unwrap();
/// assert_eq!(time.to_string(), "1994-11-06T08:49:37.050Z");
/// assert_eq!(Timestamp::UNIX_EPOCH.to_string(), "1970-01-01T00:00:00Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    unix_millis: i64,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self { unix_millis: 0 };

    /// 0001-01-01T00:00:00Z, the first instant that can be held.
    pub const MIN: Self = Self { unix_millis: -62_135_596_800_000 };

    /// 9999-12-31T23:59:59.999Z, the last instant that can be held.
    pub const MAX: Self = Self { unix_millis: 253_402_300_799_999 };

    /// The instant this many milliseconds after the Unix epoch (before it, if negative); `None` before
    /// [`MIN`](Self::MIN) and after [`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_unix_millis(unix_millis: i64) -> Option<Self> {
        if unix_millis < Self::MIN.unix_millis || unix_millis > Self::MAX.unix_millis {
            return None;
        }
        Some(Self { unix_millis })
    }

    /// The instant this many seconds after the Unix epoch (before it, if negative); `None` before
    /// [`MIN`](Self::MIN) and after [`MAX`](Self::MAX).
    #[must_use]
    pub const fn from_unix_seconds(unix_seconds: i64) -> Option<Self> {
        match unix_seconds.checked_mul(1000) {
            Some(unix_millis) => Self::from_unix_millis(unix_millis),
            None => None,
        }
    }

    /// Milliseconds since the Unix epoch, negative before it.
    #[must_use]
    pub const fn unix_millis(self) -> i64 {
        self.unix_millis
    }
}

/// Rounds down to the millisecond, also before 1970. A time out of range becomes [`MIN`](Timestamp::MIN) or
/// [`MAX`](Timestamp::MAX).
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use hookseal::Timestamp;
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_999);
/// assert_eq!(Timestamp::from(time).unix_millis(), 1);
/// ```
#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    fn from(time: std::time::SystemTime) -> Self {
        match time.duration_since(std::time::UNIX_EPOCH) {
            Ok(after) => {
                i64::try_from(after.as_millis()).ok().and_then(Self::from_unix_millis).unwrap_or(Self::MAX)
            }
            Err(error) => {
                let before = error.duration().as_nanos().div_ceil(1_000_000);
                i64::try_from(before)
                    .ok()
                    .and_then(|millis| Self::from_unix_millis(-millis))
                    .unwrap_or(Self::MIN)
            }
        }
    }
}

impl Timestamp {
    /// RFC 3339 in UTC, always with milliseconds. It uses no formatting, which is slower: whole batches are printed.
    pub(crate) fn to_rfc3339(self) -> [u8; 24] {
        const MILLIS_OF_DAY: u64 = 86_400_000;
        // The first day of the year 0, in years that begin in March (Howard Hinnant, chrono-compatible date
        // algorithms). The leap day is then the last of its year, and all numbers are positive.
        const MARCH_OF_YEAR_0: i64 = -719_468 * 86_400_000;
        let millis = self.unix_millis.saturating_sub(MARCH_OF_YEAR_0).unsigned_abs();
        let days = u32::try_from(millis / MILLIS_OF_DAY).unwrap_or_default();
        let rest = u32::try_from(millis % MILLIS_OF_DAY).unwrap_or_default();
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, next_year) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era * 400 + year_of_era + next_year;

        let digit = |value: u32| b'0' + u8::try_from(value % 10).unwrap_or_default();
        let two = |value: u32| [digit(value / 10), digit(value)];
        let ([y1, y2], [y3, y4]) = (two(year / 100), two(year));
        let ([m1, m2], [d1, d2], [h1, h2]) = (two(month), two(day), two(rest / 3_600_000));
        let ([n1, n2], [s1, s2]) = (two(rest / 60_000 % 60), two(rest / 1_000 % 60));
        let (f1, [f2, f3]) = (digit(rest % 1_000 / 100), two(rest % 100));
        [
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1,
            f2, f3, b'Z',
        ]
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_rfc3339();
        let text = core::str::from_utf8(&text).map_err(|_| fmt::Error)?;
        match text.strip_suffix(".000Z") {
            Some(whole) => write!(f, "{whole}Z"),
            None => f.write_str(text),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use proptest::prelude::*;

    use super::*;

    fn text(unix_millis: i64) -> alloc::string::String {
        Timestamp::from_unix_millis(unix_millis).unwrap().to_string()
    }

    #[test]
    fn a_timestamp_is_eight_bytes_and_crosses_threads() {
        fn crosses_threads<T: Send + Sync + 'static>() {}
        crosses_threads::<Timestamp>();
        assert_eq!(size_of::<Timestamp>(), 8);
    }

    #[test]
    fn the_years_0001_to_9999_are_held_and_no_other() {
        assert_eq!(Timestamp::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59.999Z");
        for edge in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(Timestamp::from_unix_millis(edge.unix_millis()), Some(edge));
        }
        assert_eq!(Timestamp::from_unix_millis(Timestamp::MIN.unix_millis() - 1), None);
        assert_eq!(Timestamp::from_unix_millis(Timestamp::MAX.unix_millis() + 1), None);
    }

    #[test]
    fn seconds_are_held_in_the_same_range() {
        assert_eq!(Timestamp::from_unix_seconds(-62_135_596_800), Some(Timestamp::MIN));
        assert_eq!(Timestamp::from_unix_seconds(-62_135_596_801), None);
        assert_eq!(Timestamp::from_unix_seconds(253_402_300_799).unwrap().unix_millis(), 253_402_300_799_000);
        for beyond in [253_402_300_800, i64::MIN, i64::MAX] {
            assert_eq!(Timestamp::from_unix_seconds(beyond), None);
        }
    }

    #[test]
    fn milliseconds_are_written_unless_zero() {
        assert_eq!(text(784_111_777_000), "1994-11-06T08:49:37Z");
        assert_eq!(text(784_111_777_007), "1994-11-06T08:49:37.007Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(text(951_782_400_100), "2000-02-29T00:00:00.100Z");
    }

    proptest! {
        #[test]
        fn the_text_is_that_of_the_crate_time(millis in Timestamp::MIN.unix_millis..=Timestamp::MAX.unix_millis) {
            let whole = time::OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000)).unwrap();
            let time = whole + time::Duration::milliseconds(millis.rem_euclid(1000));
            let expected = format!("{}T{}{:03}Z", time.date(), time_of_day(time), time.millisecond());
            prop_assert_eq!(&Timestamp { unix_millis: millis }.to_rfc3339(), expected.as_bytes());
        }
    }

    fn time_of_day(time: time::OffsetDateTime) -> alloc::string::String {
        let (hour, minute, second) = time.to_hms();
        format!("{hour:02}:{minute:02}:{second:02}.")
    }

    #[test]
    fn debug_and_serialize_give_the_same_text() {
        let time = Timestamp::from_unix_millis(784_111_777_007).unwrap();
        assert_eq!(format!("{time:?}"), "1994-11-06T08:49:37.007Z");
        assert_eq!(serde_json::to_string(&time).unwrap(), "\"1994-11-06T08:49:37.007Z\"");
    }

    #[cfg(feature = "std")]
    #[test]
    fn a_system_time_is_rounded_down_on_both_sides_of_1970() {
        use std::time::{Duration, SystemTime};

        for (nanos, millis) in [(0, 0), (1, 0), (999_999, 0), (1_000_000, 1)] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
            assert_eq!(Timestamp::from(time).unix_millis(), millis);
        }
        for (nanos, millis) in [(0, 0), (1, -1), (999_999, -1), (1_000_000, -1), (1_000_001, -2)] {
            let time = SystemTime::UNIX_EPOCH - Duration::from_nanos(nanos);
            assert_eq!(Timestamp::from(time).unix_millis(), millis);
        }
    }

    // Windows cannot hold a system time before 1601.
    #[cfg(all(feature = "std", unix))]
    #[test]
    fn a_system_time_beyond_the_years_becomes_the_nearest_bound() {
        use std::time::{Duration, SystemTime};

        let year = Duration::from_secs(366 * 86_400);
        assert_eq!(Timestamp::from(SystemTime::UNIX_EPOCH + year * 9_000), Timestamp::MAX);
        assert_eq!(Timestamp::from(SystemTime::UNIX_EPOCH - year * 2_000), Timestamp::MIN);
        let furthest = Duration::from_secs(u64::MAX / 2);
        assert_eq!(Timestamp::from(SystemTime::UNIX_EPOCH + furthest), Timestamp::MAX);
        assert_eq!(Timestamp::from(SystemTime::UNIX_EPOCH - furthest), Timestamp::MIN);
    }
}
