//! The settings of an inbox, with their defaults and ranges.

/// A setting of an inbox: a whole number of the unit that its name ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// The name, which the packages for Python and Node use too.
    pub name: &'static str,
    /// The value where none is given.
    pub default: u32,
    /// The least value.
    pub least: u32,
    /// The greatest value.
    pub most: u32,
}

const fn setting(name: &'static str, default: u32, least: u32, most: u32) -> Setting {
    Setting { name, default, least, most }
}

const DAY_SECONDS: u32 = 86_400;

/// The settings of an inbox.
///
/// | setting | default | meaning |
/// |---|---|---|
/// | `max_waiting` | 100,000 | `put` says `Full` when so many rows wait or are taken |
/// | `lock_timeout_milliseconds` | 2,000 | how long `put` waits for another transaction that has stored the same key and is still open (PostgreSQL) |
/// | `rows_per_take` | 1 | how many rows a worker takes at once, of those without an attempt; all others are taken one at a time |
/// | `handler_limit_seconds` | 60 | how long a handler may take |
/// | `lease_seconds` | 120 | how long a taken row stays with its worker: longer than a handler may take |
/// | `max_attempts` | 12 | after so many the row is dead, and kept |
/// | `first_delay_seconds` | 10 | the time from the first failure to the second attempt; it doubles with each failure |
/// | `longest_delay_seconds` | 3,600 | the longest such time. Each is cut by up to half, at random |
/// | `keep_done_seconds` | 604,800 (7 days) | how long `prune` keeps a row after it was done |
/// | `poll_milliseconds` | 1,000 | how often a worker that has nothing to do looks again |
pub const SETTINGS: &[Setting] = &[
    setting("max_waiting", 100_000, 1, 1_000_000_000),
    setting("lock_timeout_milliseconds", 2_000, 1, 60_000),
    setting("rows_per_take", 1, 1, 1_000),
    setting("handler_limit_seconds", 60, 1, DAY_SECONDS),
    setting("lease_seconds", 120, 2, 2 * DAY_SECONDS),
    setting("max_attempts", 12, 1, 1_000),
    setting("first_delay_seconds", 10, 0, DAY_SECONDS),
    setting("longest_delay_seconds", 3_600, 0, 30 * DAY_SECONDS),
    setting("keep_done_seconds", 7 * DAY_SECONDS, 0, 3_650 * DAY_SECONDS),
    setting("poll_milliseconds", 1_000, 10, 60_000),
];
