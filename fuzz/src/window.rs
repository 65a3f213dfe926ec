//! Compares the window with arithmetic in 128 bits.

use hookseal::{Reason, Timestamp, Window};

use crate::input::Input;

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (choice, one, other) = (input.byte(), input.i64(), input.i64());
    let (past, future) = (side(choice, input.u64()), side(choice >> 2, input.u64()));
    let now = bounded(one);
    // Times near to each other and far apart, and often at the edges of the window.
    let time = match choice >> 4 & 3 {
        0 => bounded(other),
        1 => bounded(now.unix_millis().saturating_add(other % 4_000)),
        2 => bounded(
            now.unix_millis().saturating_sub_unsigned(past.saturating_mul(1000)).saturating_add(other % 3),
        ),
        _ => bounded(
            now.unix_millis().saturating_add_unsigned(future.saturating_mul(1000)).saturating_add(other % 3),
        ),
    };

    let age = i128::from(now.unix_millis()) - i128::from(time.unix_millis());
    let seconds = |millis: i128| u64::try_from((millis + 999) / 1000).unwrap();
    let expected = if age > i128::from(past) * 1000 {
        Err(Reason::Stale { age_seconds: seconds(age), window_seconds: past })
    } else if -age > i128::from(future) * 1000 {
        Err(Reason::FromTheFuture { ahead_seconds: seconds(-age), window_seconds: future })
    } else {
        Ok(())
    };
    assert_eq!(
        Window::seconds(past, future).check(time, now),
        expected,
        "{time} at {now}, {past} and {future}"
    );
    assert_eq!(Window::off().check(time, now), Ok(()));
}

fn side(choice: u8, value: u64) -> u64 {
    match choice & 3 {
        0 => value % 8,
        1 => value % 100_000,
        2 => value % 400_000_000_000,
        _ => value,
    }
}

fn bounded(millis: i64) -> Timestamp {
    let (first, last) = (Timestamp::MIN.unix_millis(), Timestamp::MAX.unix_millis());
    Timestamp::from_unix_millis(millis.clamp(first, last)).expect("in range")
}
