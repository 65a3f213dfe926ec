//! What Bento answers.

use core::ops::Range;

use serde::{Deserialize, Deserializer};

use crate::outgoing::{refusal::RefusalReason, request::json_object};

/// Bento's answer to values that were sent: how many it accepted and refused.
///
/// Bento answers with two numbers, `{"results": 3, "failed": 0}`. Its pages, and some of its clients, name only the
/// first.
///
/// | answer | meaning here |
/// |---|---|
/// | `results` is the number of values | all are accepted |
/// | `results` is 0 and `failed` the number of values | all are handed back |
/// | fewer `results` in any other way | Bento does not say which: all are handed back, and the answer is [undecided](Self::is_undecided) |
/// | more than the number of values | another form than Bento's: the refusal `unexpected_answer` |
///
/// An answer counts what it did with this call. If an earlier attempt [may be done](crate::outgoing::Refusal::may_be_done),
/// the values that are handed back may have been accepted then.
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
    accepted: usize,
    are_all_refused: bool,
}

impl Sent {
    /// How many values Bento says that it accepted.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.accepted
    }

    /// How many values Bento refused, or did not count.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.values.len() - self.accepted
    }

    /// The values that Bento refused, or may have refused, as positions in the slice that was given to
    /// [`Bento::events`](super::Bento::events) and the like. Empty if all are accepted.
    #[must_use]
    pub fn handed_back(&self) -> Range<usize> {
        if self.failed() == 0 { self.values.start..self.values.start } else { self.values.clone() }
    }

    /// Whether Bento may have accepted some of the values that are handed back, without saying which. Send them again
    /// only if Bento recognizes each of them: events do with `details.unique.key`. Otherwise ask a person.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.failed() > 0 && !self.are_all_refused
    }

    pub(super) fn read(body: &[u8], values: Range<usize>) -> Result<Self, RefusalReason> {
        let Counts { results, failed } = Counts::read(body)?;
        let left = values.len().checked_sub(results).ok_or(RefusalReason::UnexpectedAnswer)?;
        if failed.is_some_and(|failed| failed > left) {
            return Err(RefusalReason::UnexpectedAnswer);
        }
        Ok(Self { accepted: results, are_all_refused: failed == Some(values.len()), values })
    }
}

/// Bento's answer to a command. A command that Bento counts as failed is the refusal `bad_request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commanded {
    results: usize,
}

impl Commanded {
    /// The number that Bento answered: how many subscribers the command changed.
    #[must_use]
    pub fn results(&self) -> usize {
        self.results
    }

    pub(super) fn read(body: &[u8], _: Range<usize>) -> Result<Self, RefusalReason> {
        match Counts::read(body)? {
            Counts { results, failed: None | Some(0) } => Ok(Self { results }),
            _ => Err(RefusalReason::BadRequest),
        }
    }
}

/// The webhook endpoint took the events. What it answers is not documented, so any status from 200 to 299 counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tracked;

impl Tracked {
    pub(super) fn read(_: &[u8], _: Range<usize>) -> Result<Self, RefusalReason> {
        Ok(Self)
    }
}

struct Counts {
    results: usize,
    failed: Option<usize>,
}

impl Counts {
    fn read(body: &[u8]) -> Result<Self, RefusalReason> {
        /// No call has as many values as 32 bits count.
        #[derive(Deserialize)]
        struct Answer {
            results: u32,
            /// Null is no number, and does not count as absent.
            #[serde(default, deserialize_with = "number")]
            failed: Option<u32>,
        }
        let answer = json_object(body).and_then(|json| serde_json::from_str::<Answer>(json.get()).ok());
        let Answer { results, failed } = answer.ok_or(RefusalReason::UnexpectedAnswer)?;
        let count = |number: u32| usize::try_from(number).map_err(|_| RefusalReason::UnexpectedAnswer);
        Ok(Self { results: count(results)?, failed: failed.map(count).transpose()? })
    }
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    u32::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(body: &str) -> Result<(usize, usize, Range<usize>, bool), RefusalReason> {
        let sent = Sent::read(body.as_bytes(), 1_000..1_005)?;
        Ok((sent.accepted(), sent.failed(), sent.handed_back(), sent.is_undecided()))
    }

    #[test]
    fn what_bento_did_not_accept_is_handed_back() {
        let (all, none) = (1_000..1_005, 1_000..1_000);
        for (body, expected) in [
            (r#"{"results":5,"failed":0}"#, (5, 0, none.clone(), false)),
            (r#"{"results":5}"#, (5, 0, none, false)),
            (r#"{"results":0,"failed":5}"#, (0, 5, all.clone(), false)),
            (r#"{"results":3,"failed":0}"#, (3, 2, all.clone(), true)),
            (r#"{"results":0,"failed":0}"#, (0, 5, all.clone(), true)),
            (r#"{"results":0}"#, (0, 5, all.clone(), true)),
            (r#"{"results":2,"failed":3}"#, (2, 3, all.clone(), true)),
            (r#"{"failed":1,"results":4,"took":[1.5]}"#, (4, 1, all.clone(), true)),
            (r#"{"results":4}"#, (4, 1, all, true)),
        ] {
            assert_eq!(sent(body), Ok(expected), "{body}");
        }
    }

    #[test]
    fn a_command_that_failed_is_refused() {
        for body in [r#"{"results":0,"failed":1}"#, r#"{"results":1,"failed":1}"#] {
            assert_eq!(Commanded::read(body.as_bytes(), 0..1), Err(RefusalReason::BadRequest), "{body}");
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
            assert_eq!(sent(body), Err(RefusalReason::UnexpectedAnswer), "{body}");
            assert_eq!(
                Commanded::read(body.as_bytes(), 0..1),
                Err(RefusalReason::UnexpectedAnswer),
                "{body}"
            );
        }
    }

    #[test]
    fn more_values_than_were_sent_are_the_answer_to_another_call() {
        for body in [
            r#"{"results":6}"#,
            r#"{"results":5,"failed":1}"#,
            r#"{"results":0,"failed":6}"#,
            r#"{"results":4294967296}"#,
        ] {
            assert_eq!(sent(body), Err(RefusalReason::UnexpectedAnswer), "{body}");
        }
    }

    #[test]
    fn a_command_has_one_number() {
        assert_eq!(Commanded::read(br#" {"results":1}"#, 0..1).unwrap().results(), 1);
        assert_eq!(Commanded::read(br#"{"results":0,"failed":0}"#, 0..1).unwrap().results(), 0);
    }

    #[test]
    fn the_webhook_endpoint_may_answer_anything() {
        assert!(Tracked::read(b"", 0..1).is_ok());
    }
}
