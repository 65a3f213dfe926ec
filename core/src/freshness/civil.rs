//! Turns a date and a time of day into an instant.

use time::{Date, Month};

/// 1970-01-01 as a Julian day.
const UNIX_EPOCH_JULIAN_DAY: i64 = 2_440_588;

const SECONDS_PER_DAY: i64 = 86_400;

/// A date and a time of day as written. Only the code that reads the format knows the zone.
pub(super) struct Civil {
    pub(super) date: Date,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
}

impl Civil {
    /// `None` if there is no such day or time of day. Second 60 is refused, because Unix time cannot express it.
    #[inline]
    pub(super) fn new(
        (year, month, day): (u16, Month, u8),
        (hour, minute, second): (u8, u8, u8),
    ) -> Option<Self> {
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let date = Date::from_calendar_date(i32::from(year), month, day).ok()?;
        Some(Self { date, hour, minute, second })
    }

    /// Seconds since the Unix epoch, if the zone is UTC.
    #[inline]
    pub(super) fn unix_seconds(&self) -> i64 {
        let days = i64::from(self.date.to_julian_day()) - UNIX_EPOCH_JULIAN_DAY;
        let seconds = u32::from(self.hour) * 3600 + u32::from(self.minute) * 60 + u32::from(self.second);
        days * SECONDS_PER_DAY + i64::from(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_its_month_does_not_have_is_refused() {
        let exists = |year, month, day| Civil::new((year, month, day), (0, 0, 0)).is_some();
        assert!(exists(2024, Month::February, 29));
        assert!(exists(2000, Month::February, 29));
        assert!(!exists(2023, Month::February, 29));
        assert!(!exists(1900, Month::February, 29));
        assert!(!exists(2024, Month::April, 31));
        assert!(!exists(2024, Month::January, 0));
        assert!(!exists(2024, Month::January, 32));
    }

    #[test]
    fn a_time_of_day_that_no_clock_shows_is_refused() {
        let exists = |time_of_day| Civil::new((2016, Month::December, 31), time_of_day).is_some();
        assert!(exists((23, 59, 59)));
        assert!(!exists((24, 0, 0)));
        assert!(!exists((0, 60, 0)));
        assert!(!exists((23, 59, 60)));
    }
}
