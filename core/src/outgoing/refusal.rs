//! Why an answer is no success, and whether to try again.

use core::{fmt, time::Duration};

use crate::{
    freshness::http_date,
    headers::{Field, Headers, trim},
    words::words,
};

const RETRY_AFTER: &str = "retry-after";
const DATE: &str = "date";
/// The headers of an answer that are read.
pub(crate) const ANSWER_HEADERS: [&str; 2] = [RETRY_AFTER, DATE];

/// The longest exponential wait before a retry, in seconds.
const MOST_BACKOFF_SECONDS: u64 = 300;
/// The longest `Retry-After` that is honoured, in seconds: a day.
const MOST_RETRY_AFTER_SECONDS: u32 = 86_400;

words! {
    /// Why a vendor's answer is no success.
    #[non_exhaustive]
    RefusalReason {
        /// The request is not one that the vendor takes (400, 422, and other 4xx; a command that Bento counts as failed).
        BadRequest = "bad_request",
        /// The credentials do not fit (401), or do not suffice (403).
        Unauthorized = "unauthorized",
        /// A firewall stopped the request (403 without a JSON object, or the word `BLOCKED`). Bento's names a missing
        /// `User-Agent` as the cause.
        Blocked = "blocked",
        /// The thing or the path does not exist (404, 410).
        NotFound = "not_found",
        /// The thing is there already (409, or Benji's `subscription_already_exists`).
        AlreadyExists = "already_exists",
        /// Too many calls (429).
        RateLimited = "rate_limited",
        /// The vendor gave up waiting (408).
        TimedOut = "timed_out",
        /// The vendor failed (500 to 599).
        ServerError = "server_error",
        /// A redirect (300 to 399). Credentials never follow one.
        Redirected = "redirected",
        /// A success whose body has another form than the vendor's or is too large, or a status that HTTP does not
        /// know as a final one.
        UnexpectedAnswer = "unexpected_answer",
        /// No answer, or a part of one.
        NoAnswer = "no_answer",
    }
}

/// Why an answer is no success, whether it is final, and if not, when to try again.
///
/// ```
/// use core::time::Duration;
///
/// use hookseal::{Secret, outgoing::{Bento, BentoEvent, Refusal}};
///
/// let bento = Bento::new("publishable", Secret::new("secret key")?, "11111111222233334444555555555555")?;
/// let request = &bento.events(&[BentoEvent::from_json(r#"{"type":"signup","email":"a@example.com"}"#)?])[0];
/// let refusal = request.read(429, &[("retry-after", "30")], b"").unwrap_err();
/// assert_eq!(refusal.code(), "rate_limited");
/// assert_eq!(refusal.retry_in(1, 0.0), Some(Duration::from_secs(30)));
///
/// assert_eq!(Refusal::no_answer().retry_in(3, 0.5), Some(Duration::from_secs(6)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    reason: RefusalReason,
    status: u16,
    retry_after: Option<u32>,
}

impl Refusal {
    /// There was no answer, or only a part of one.
    #[must_use]
    pub const fn no_answer() -> Self {
        Self { reason: RefusalReason::NoAnswer, status: 0, retry_after: None }
    }

    /// The refusal of these parts, which a binding keeps apart. A status of 0 means that there was no answer.
    pub(crate) const fn from_parts(
        reason: RefusalReason,
        status: u16,
        retry_after_seconds: Option<u32>,
    ) -> Self {
        Self { reason, status, retry_after: retry_after_seconds }
    }

    /// The seconds of `Retry-After`, if the answer had it.
    pub(crate) const fn retry_after_seconds(&self) -> Option<u32> {
        self.retry_after
    }

    /// What the answer is if it is no success.
    pub(super) fn of<H: Headers + ?Sized>(status: u16, headers: &H, body: &[u8]) -> Self {
        let reason = match status {
            // Bento's firewall answers with this word alone, whatever the status.
            _ if body.trim_ascii() == b"BLOCKED" => RefusalReason::Blocked,
            300..400 => RefusalReason::Redirected,
            400 if has_error(body, b"subscription_already_exists") => RefusalReason::AlreadyExists,
            401 => RefusalReason::Unauthorized,
            403 if !is_object(body) => RefusalReason::Blocked,
            403 => RefusalReason::Unauthorized,
            404 | 410 => RefusalReason::NotFound,
            408 => RefusalReason::TimedOut,
            409 => RefusalReason::AlreadyExists,
            429 => RefusalReason::RateLimited,
            400..500 => RefusalReason::BadRequest,
            500..600 => RefusalReason::ServerError,
            _ => RefusalReason::UnexpectedAnswer,
        };
        Self { reason, status, retry_after: retry_after(headers) }
    }

    /// The same answer for another reason, which its body tells.
    pub(super) fn because(self, reason: RefusalReason) -> Self {
        Self { reason, ..self }
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> RefusalReason {
        self.reason
    }

    /// The reason as one stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.as_str()
    }

    /// The status of the answer, or 0 if there was none.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the same request would be refused again. If not, [`retry_in`](Self::retry_in) says when to send it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(
            self.reason,
            RefusalReason::RateLimited
                | RefusalReason::TimedOut
                | RefusalReason::ServerError
                | RefusalReason::NoAnswer
        )
    }

    /// Whether the vendor may have done what was asked all the same. To send the request again may then do it twice,
    /// unless it [is repeatable](crate::outgoing::Outgoing::is_repeatable). What one attempt may have done, no later
    /// answer takes back: remember it across attempts.
    #[must_use]
    pub fn may_be_done(&self) -> bool {
        matches!(
            self.reason,
            RefusalReason::TimedOut
                | RefusalReason::ServerError
                | RefusalReason::UnexpectedAnswer
                | RefusalReason::NoAnswer
        )
    }

    /// How long to wait before the request is sent again. `None` if the refusal is final.
    ///
    /// `attempt` counts the attempts so far, from 1: the wait is 1 s, 2 s, 4 s, up to 300 s. `jitter` is a random
    /// number from 0 to 1 of the caller's: this part of the wait is added, so that many senders do not return at once.
    /// A number outside of the range counts as the nearer end, and NaN as 0. If the answer had a `Retry-After` (seconds,
    /// or a date to compare with the answer's own `Date`) that is longer, it is the wait. One of more than a day counts
    /// as a day.
    #[must_use]
    pub fn retry_in(&self, attempt: u32, jitter: f64) -> Option<Duration> {
        if self.is_final() {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(u64::BITS - 1);
        let backoff = Duration::from_secs((1_u64 << doublings).min(MOST_BACKOFF_SECONDS));
        let jitter = if jitter.is_nan() { 0.0 } else { jitter.clamp(0.0, 1.0) };
        let asked = Duration::from_secs(self.retry_after.unwrap_or_default().into());
        Some((backoff + backoff.mul_f64(jitter)).max(asked))
    }
}

/// It says what to do, and holds nothing of the answer's body or headers.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = match self.reason {
            RefusalReason::BadRequest => "the vendor does not take this request: its answer's body says why",
            RefusalReason::Unauthorized => "the credentials do not fit: check the keys, and what they may do",
            RefusalReason::Blocked => {
                "a firewall stopped the request: set a User-Agent that names your program, and check the key and the address"
            }
            RefusalReason::NotFound => "it does not exist: check the base address and the id",
            RefusalReason::AlreadyExists => "it is there already: update it in place of creating it",
            RefusalReason::RateLimited => "too many calls: wait, then send it again",
            RefusalReason::TimedOut => {
                "the vendor gave up waiting, and may have done it: if the request is repeatable, send it again later"
            }
            RefusalReason::ServerError => {
                "the vendor failed, and may have done it: if the request is repeatable, send it again later"
            }
            RefusalReason::Redirected => {
                "the vendor redirects, and credentials follow no redirect: correct the base address"
            }
            RefusalReason::UnexpectedAnswer => {
                "the answer has another form than the vendor's: check the base address, and look whether it was done"
            }
            RefusalReason::NoAnswer => {
                return f.write_str(
                    "there was no whole answer, and it may be done: if the request is repeatable, send it again later",
                );
            }
        };
        write!(f, "status {}: {advice}", self.status)
    }
}

impl core::error::Error for Refusal {}

/// The seconds of `Retry-After` (RFC 9110, section 10.2.3). A date is compared with the answer's own `Date`, so that the
/// caller's clock does not matter. `None` if it is absent or malformed.
fn retry_after<H: Headers + ?Sized>(headers: &H) -> Option<u32> {
    let field = headers.field(RETRY_AFTER);
    let value = field.value().ok()?;
    if !value.is_empty() && value.iter().all(u8::is_ascii_digit) {
        // More digits than fit are more than a day.
        let seconds = core::str::from_utf8(value).ok()?.parse().unwrap_or(u32::MAX);
        return Some(seconds.min(MOST_RETRY_AFTER_SECONDS));
    }
    let until = http_date::parse(value)?.unix_millis();
    let date: Field<'_> = headers.field(DATE);
    let from = http_date::parse(trim(date.value().ok()?))?.unix_millis();
    let seconds = (until - from).div_euclid(1_000).clamp(0, MOST_RETRY_AFTER_SECONDS.into());
    u32::try_from(seconds).ok()
}

/// Whether the body is a JSON object as far as its first byte tells. Firewalls answer with text or HTML.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// Whether the member `error` of a small JSON object is this word.
fn has_error(body: &[u8], word: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Error<'a> {
        #[serde(borrow)]
        error: alloc::borrow::Cow<'a, str>,
    }
    const MOST_BYTES: usize = 16 * 1024;
    body.len() <= MOST_BYTES
        && serde_json::from_slice::<Error<'_>>(body).is_ok_and(|answer| answer.error.as_bytes() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [(&str, &str); 0] = [];

    fn refusal(status: u16, headers: &[(&str, &str)]) -> Refusal {
        Refusal::of(status, headers, b"{}")
    }

    fn seconds(headers: &[(&str, &str)]) -> u64 {
        refusal(429, headers).retry_in(1, 0.0).unwrap().as_secs()
    }

    #[test]
    fn only_429_408_and_5xx_are_tried_again() {
        for status in 0..=u16::MAX {
            let is_tried_again = matches!(status, 408 | 429 | 500..600);
            assert_eq!(refusal(status, &NONE).is_final(), !is_tried_again, "{status}");
            assert_eq!(refusal(status, &NONE).retry_in(1, 0.0).is_some(), is_tried_again, "{status}");
        }
        assert!(!Refusal::no_answer().is_final());
    }

    #[test]
    fn a_blocked_request_is_final_whatever_its_status() {
        for (status, body) in
            [(403, "BLOCKED"), (503, " BLOCKED\n"), (200, "BLOCKED"), (403, "<html>"), (403, "")]
        {
            let refusal = Refusal::of(status, &NONE, body.as_bytes());
            assert_eq!((refusal.code(), refusal.is_final()), ("blocked", true), "{status} {body}");
        }
        assert_eq!(Refusal::of(403, &NONE, br#"{"error":"x"}"#).code(), "unauthorized");
        assert_eq!(Refusal::of(503, &NONE, b"NOT BLOCKED").code(), "server_error");
    }

    #[test]
    fn the_wait_doubles_up_to_300_seconds_and_jitter_adds_a_part() {
        let waits =
            [1, 2, 3, 4, 8, 9, 10, 64, 65, u32::MAX].map(|n| Refusal::no_answer().retry_in(n, 0.0).unwrap());
        assert_eq!(waits.map(|wait| wait.as_secs()), [1, 2, 4, 8, 128, 256, 300, 300, 300, 300]);
        assert_eq!(Refusal::no_answer().retry_in(0, 0.0), Some(Duration::from_secs(1)));
        for (jitter, millis) in [(0.5, 1_500), (1.0, 2_000), (7.0, 2_000), (-1.0, 1_000), (f64::NAN, 1_000)] {
            assert_eq!(
                Refusal::no_answer().retry_in(1, jitter),
                Some(Duration::from_millis(millis)),
                "{jitter}"
            );
        }
    }

    #[test]
    fn retry_after_is_honoured_where_it_is_longer() {
        assert_eq!(seconds(&[("Retry-After", " 30 ")]), 30);
        assert_eq!(seconds(&[("retry-after", "0")]), 1);
        assert_eq!(seconds(&[("retry-after", "99999999999999999999")]), 86_400);
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(seconds(&[date, ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")]), 60);
        assert_eq!(seconds(&[date, ("retry-after", "Sun, 06 Nov 1994 08:48:37 GMT")]), 1);
        assert_eq!(seconds(&[date, ("retry-after", "Mon, 07 Nov 1994 08:49:38 GMT")]), 86_400);
        for value in ["", "-5", "1.5", "5 s", "soon", "Sun, 06 Nov 1994 08:50:37 GMT"] {
            assert_eq!(seconds(&[("retry-after", value)]), 1, "{value:?}");
        }
        assert_eq!(seconds(&[("retry-after", "9"), ("retry-after", "8")]), 1);
    }

    #[test]
    fn benjis_word_tells_that_a_subscription_is_there() {
        let body = br#"{"error":"subscription_already_exists","message":"x"}"#;
        assert_eq!(Refusal::of(400, &NONE, body).code(), "already_exists");
        assert_eq!(Refusal::of(400, &NONE, br#"{"error":"invalid_subscription"}"#).code(), "bad_request");
        assert_eq!(Refusal::of(400, &NONE, b"").code(), "bad_request");
    }
}
