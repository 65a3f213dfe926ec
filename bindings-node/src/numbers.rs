//! Converts numbers of JavaScript, and times in that form.

use std::time::SystemTime;

use hookseal::Timestamp;
use napi::Result;

use crate::fault::broken;

/// A whole number that is not negative, which JavaScript has checked.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "JavaScript has checked it")]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

/// The same as a `usize`. A number that does not fit becomes the largest one.
pub(crate) fn size(number: f64) -> usize {
    usize::try_from(whole(number)).unwrap_or(usize::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "bytes for people, below 2^53 where they mean anything")]
pub(crate) fn number_of(size: usize) -> f64 {
    size as f64
}

/// The time of whole milliseconds. JavaScript has checked that it is within the years 1 to 9999.
#[expect(clippy::cast_possible_truncation, reason = "the milliseconds of the years 1 to 9999 fit")]
pub(crate) fn timestamp(millis: f64) -> Result<Timestamp> {
    Timestamp::from_unix_millis(millis as i64).ok_or_else(broken)
}

/// As [`timestamp`]; NaN stands for this machine's clock.
pub(crate) fn time_or_clock(millis: f64) -> Result<Timestamp> {
    if millis.is_nan() { Ok(SystemTime::now().into()) } else { timestamp(millis) }
}

/// A time in milliseconds, the form of JavaScript.
#[expect(clippy::cast_precision_loss, reason = "the milliseconds of the years 1 to 9999 fit 53 bits")]
pub(crate) fn millis(time: Timestamp) -> f64 {
    time.unix_millis() as f64
}

/// The same as [`millis`], or NaN if there is no time.
pub(crate) fn millis_or_nan(time: Option<Timestamp>) -> f64 {
    time.map_or(f64::NAN, millis)
}

/// The reverse of [`millis_or_nan`].
pub(crate) fn time_or_nan(millis: f64) -> Result<Option<Timestamp>> {
    if millis.is_nan() { Ok(None) } else { timestamp(millis).map(Some) }
}

/// The two words of a number, in the machine's order.
pub(crate) fn halves(number: f64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_ne_bytes();
    [u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])]
}

/// The number that [`halves`] split.
pub(crate) fn joined([first, second]: [u32; 2]) -> f64 {
    let ([a, b, c, d], [e, f, g, h]) = (first.to_ne_bytes(), second.to_ne_bytes());
    f64::from_ne_bytes([a, b, c, d, e, f, g, h])
}
