//! What Bento answers.

use core::ops::Range;

use serde::{Deserialize, Deserializer};

/// Bento's answer to values that were sent: how many it accepted and refused.
///
/// Bento answers with two numbers, `{"results": 3, "failed": 0}`. Its pages, and some of its clients, name only the
/// first.
///
/// | `failed` | meaning here |
/// |---|---|
/// | 0 | all are accepted. `results` may be smaller, for example if an e-mail address is there twice |
/// | all | all are handed back |
/// | between | Bento does not say which: all are handed back, and the answer is [undecided](Self::is_undecided) |
/// | absent | the number of values without `results` |
///
/// ```
/// use hookseal::{Secret, outgoing::{Bento, BentoEvent}};
///
/// let bento = Bento::new("publishable", Secret::new("secret key")?, "11111111222233334444555555555555")?;
/// let event = BentoEvent::from_json(r#"{"type":"signup","email":"a@example.com"}"#)?;
/// let request = &bento.events(&[event.clone(), event])[0];
/// let no_headers: [(&str, &str); 0] = [];
/// let sent = request.read(200, &no_headers, br#"{"results":1,"failed":1}"#)?;
/// assert_eq!((sent.accepted(), sent.failed(), sent.handed_back()), (1, 1, 0..2));
/// assert!(sent.is_undecided());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    values: Range<usize>,
    failed: usize,
}

impl Sent {
    /// How many values Bento did not refuse. Its `results` may be smaller.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.values.len() - self.failed
    }

    /// How many values Bento refused.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// The values that Bento refused, or may have refused, as positions in the slice that was given to
    /// [`Bento::events`](super::Bento::events) and the like. Empty if all are accepted.
    #[must_use]
    pub fn handed_back(&self) -> Range<usize> {
        if self.failed == 0 { self.values.start..self.values.start } else { self.values.clone() }
    }

    /// Whether Bento accepted some of the values that are handed back, without saying which. Send them again only if
    /// Bento recognizes each of them: an event by its `details.unique.key`, a subscriber by the address. Otherwise ask
    /// a person.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        (1..self.values.len()).contains(&self.failed)
    }

    pub(super) fn read(body: &[u8], values: Range<usize>) -> Option<Self> {
        let Counts { results, failed } = Counts::read(body)?;
        let count = u64::try_from(values.len()).ok()?;
        let failed = failed.unwrap_or(count.saturating_sub(results)).min(count);
        Some(Self { failed: usize::try_from(failed).ok()?, values })
    }
}

/// Bento's answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commanded {
    results: u64,
}

impl Commanded {
    /// The number that Bento answered: how many subscribers the command changed.
    #[must_use]
    pub fn results(&self) -> u64 {
        self.results
    }

    pub(super) fn read(body: &[u8], _: Range<usize>) -> Option<Self> {
        Counts::read(body).map(|counts| Self { results: counts.results })
    }
}

/// The webhook endpoint took the events. What it answers is not documented, so any status from 200 to 299 counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tracked;

impl Tracked {
    pub(super) fn read(_: &[u8], _: Range<usize>) -> Option<Self> {
        Some(Self)
    }
}

#[derive(Deserialize)]
struct Counts {
    results: u64,
    /// Null is no number, and does not count as absent.
    #[serde(default, deserialize_with = "number")]
    failed: Option<u64>,
}

impl Counts {
    fn read(body: &[u8]) -> Option<Self> {
        // A derived `Deserialize` also reads a list, as the members in their order.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        if is_object { serde_json::from_slice(body).ok() } else { None }
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    u64::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &str) -> Option<(usize, usize, Range<usize>, bool)> {
        let sent = Sent::read(body.as_bytes(), 1_000..1_005)?;
        Some((sent.accepted(), sent.failed(), sent.handed_back(), sent.is_undecided()))
    }

    #[test]
    fn the_number_that_failed_decides_what_is_handed_back() {
        let (all, none) = (1_000..1_005, 1_000..1_000);
        for (body, expected) in [
            (r#"{"results":5,"failed":0}"#, (5, 0, none.clone(), false)),
            (r#"{"results":3,"failed":0}"#, (5, 0, none.clone(), false)),
            (r#"{"results":5}"#, (5, 0, none.clone(), false)),
            (r#"{"results":9}"#, (5, 0, none, false)),
            (r#"{"results":0,"failed":5}"#, (0, 5, all.clone(), false)),
            (r#"{"results":7,"failed":7}"#, (0, 5, all.clone(), false)),
            (r#"{"results":0,"failed":18446744073709551615}"#, (0, 5, all.clone(), false)),
            (r#"{"results":0}"#, (0, 5, all.clone(), false)),
            (r#"{"results":2,"failed":3}"#, (2, 3, all.clone(), true)),
            (r#"{"failed":1,"results":4,"took":[1.5]}"#, (4, 1, all.clone(), true)),
            (r#"{"results":4}"#, (4, 1, all, true)),
        ] {
            assert_eq!(sent(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn an_answer_of_another_form_is_not_read() {
        for body in [
            "",
            "null",
            "5",
            "[5,0]",
            "{}",
            r#"{"failed":0}"#,
            r#"{"results":null}"#,
            r#"{"results":"5"}"#,
            r#"{"results":5.0}"#,
            r#"{"results":-1}"#,
            r#"{"results":18446744073709551616}"#,
            r#"{"results":5,"failed":null}"#,
            r#"{"results":5,"failed":-1}"#,
            r#"{"results":5,"failed":"0"}"#,
            r#"{"results":5,"failed":0.5}"#,
            r#"{"results":5,"results":5}"#,
            r#"{"results":5} x"#,
            "<html>",
            "{\"results\":5,\"a\":\"\u{1}\"}",
        ] {
            assert_eq!(sent(body), None, "{body}");
            assert_eq!(Commanded::read(body.as_bytes(), 0..1), None, "{body}");
        }
    }

    #[test]
    fn a_command_has_one_number() {
        assert_eq!(Commanded::read(br#" {"results":1}"#, 0..1).unwrap().results(), 1);
        assert_eq!(Commanded::read(br#"{"results":0,"failed":1}"#, 0..1).unwrap().results(), 0);
    }

    #[test]
    fn the_webhook_endpoint_may_answer_anything() {
        assert!(Tracked::read(b"", 0..1).is_some());
    }
}
