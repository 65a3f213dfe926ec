//! Sends 100,000 values to a stand-in for Bento that misbehaves, by a virtual clock.
//!
//! Each value is accepted once or handed back. Where the stand-in did not say what it did, and does not recognize a
//! repetition, the driver asks a person, who looks it up.

mod random;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    ops::Range,
    time::Duration,
};

use hookseal::{
    Secret, Timestamp,
    outgoing::{
        Bento, BentoEmail, BentoEvent, BentoSubscriber, EndpointGroup, MOST_EMAILS, MOST_EVENTS,
        MOST_SUBSCRIBERS, Outgoing, RateLimit, Refusal, Sent,
    },
};
use random::Random;
use serde::Deserialize;
use serde_json::value::RawValue;

const EVENTS: usize = 60_000;
const SUBSCRIBERS: usize = 20_000;
const EMAILS: usize = 20_000;
/// The start of the virtual clock.
const START_MILLIS: i64 = 1_772_600_767_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Event,
    Subscriber,
    Email,
}

/// What is to be sent.
struct Values {
    events: Vec<BentoEvent>,
    subscribers: Vec<BentoSubscriber>,
    emails: Vec<BentoEmail>,
}

impl Values {
    fn new() -> Self {
        let event = |n| {
            format!(
                r#"{{"type":"t","email":"u{}@example.com","details":{{"unique":{{"key":{n}}}}}}}"#,
                n % 100
            )
        };
        let email = |n| {
            format!(
                r#"{{"to":"{n}@example.com","from":"a@b.co","subject":"s","html_body":"b","transactional":true}}"#
            )
        };
        Self {
            events: (0..EVENTS).map(|n| BentoEvent::from_json(&event(n)).unwrap()).collect(),
            subscribers: (0..SUBSCRIBERS)
                .map(|n| BentoSubscriber::from_json(&format!(r#"{{"email":"{n}@example.com"}}"#)).unwrap())
                .collect(),
            emails: (0..EMAILS).map(|n| BentoEmail::from_json(&email(n)).unwrap()).collect(),
        }
    }
}

/// A driver as a user would write it. It sends one request after the other.
mod driver {
    use super::*;

    /// How often a request is sent before the driver gives up.
    const MOST_ATTEMPTS: u32 = 20;

    /// What became of the values, by kind and position.
    #[derive(Default)]
    pub(super) struct Outcome {
        pub(super) accepted: Vec<(Kind, Range<usize>)>,
        pub(super) handed_back: Vec<(Kind, Range<usize>)>,
        /// Bento may have taken them or not, and would not recognize a repetition.
        pub(super) to_look_up: Vec<(Kind, Range<usize>)>,
    }

    struct Job {
        kind: Kind,
        values: Range<usize>,
        attempt: u32,
        may_be_done: bool,
    }

    fn request(bento: &Bento, values: &Values, job: &Job) -> Outgoing<Sent> {
        let range = job.values.clone();
        match job.kind {
            Kind::Event => bento.events(&values.events[range]).remove(0),
            Kind::Subscriber => bento.subscribers(&values.subscribers[range]).remove(0),
            Kind::Email => bento.emails(&values.emails[range]).remove(0),
        }
    }

    pub(super) fn run(
        world: &mut World,
        bento: &Bento,
        values: &Values,
        bunches: Vec<(Kind, Range<usize>)>,
    ) -> Outcome {
        let (mut outcome, mut limit, mut refusals) = (Outcome::default(), RateLimit::new(), 0);
        let first = |(kind, values)| Job { kind, values, attempt: 1, may_be_done: false };
        let mut queue: VecDeque<Job> = bunches.into_iter().map(first).collect();
        while let Some(mut job) = queue.pop_front() {
            while let Err(wait) = limit.take(EndpointGroup::Batch, world.clock()) {
                world.sleep(wait);
            }
            let request = request(bento, values, &job);
            let read = match world.call(&request) {
                Some((status, headers, body)) => request.read(status, &headers, &body),
                None => Err(Refusal::no_answer()),
            };
            let refusal = match read {
                Ok(sent) => {
                    refusals = 0;
                    // An answer tells what this call did, and not what the attempts before it did.
                    let is_decided = !sent.is_undecided() && !job.may_be_done;
                    // Halves tell which values it is, unless Bento took none of them now.
                    let is_divided = request.is_repeatable() && sent.accepted() > 0;
                    if sent.handed_back().is_empty() {
                        outcome.accepted.push((job.kind, job.values));
                    } else if is_decided {
                        outcome.handed_back.push((job.kind, job.values));
                    } else if is_divided {
                        let middle = job.values.start + job.values.len() / 2;
                        for values in [middle..job.values.end, job.values.start..middle] {
                            queue.push_front(Job { values, attempt: 1, may_be_done: true, ..job });
                        }
                    } else {
                        outcome.to_look_up.push((job.kind, job.values));
                    }
                    continue;
                }
                Err(refusal) => refusal,
            };
            refusals += 1;
            job.may_be_done |= refusal.may_be_done();
            let wait = refusal.retry_in(refusals, world.jitter());
            // Meanwhile the driver sends nothing else.
            world.sleep(wait.unwrap_or_default());
            // A final refusal says nothing of the attempts before it. With a repetition, Bento does.
            let is_repeated = if request.is_repeatable() {
                wait.is_some() || job.may_be_done
            } else {
                wait.is_some() && !job.may_be_done
            };
            if is_repeated && job.attempt < MOST_ATTEMPTS {
                job.attempt += 1;
                queue.push_front(job);
            } else if job.may_be_done {
                outcome.to_look_up.push((job.kind, job.values));
            } else {
                outcome.handed_back.push((job.kind, job.values));
            }
        }
        outcome
    }
}

/// How the stand-in answers a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Behaviour {
    Works,
    SomeFail,
    RateLimited,
    RateLimitedWithTime,
    FailsForAMinute,
    BlocksForAWhile,
    CutsBefore,
    CutsAfter,
    GarbageBefore,
    GarbageAfter,
    Redirects,
}

/// How the stand-in counts values that it knows already. Bento's pages do not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Repetitions {
    AsResults,
    NotAtAll,
    AsFailed,
}

type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

/// The virtual clock and the stand-in.
struct World {
    random: Random,
    now: i64,
    /// How far the driver's clock is behind. It grows now and then.
    behind: i64,
    fails_until: i64,
    blocks_until: i64,
    /// How often each value was accepted.
    accepted: BTreeMap<Kind, Vec<u8>>,
    /// The calls of the last 60 seconds.
    calls: VecDeque<i64>,
    most_calls: usize,
    seen: BTreeSet<Behaviour>,
    duplicates: usize,
    repetitions: Repetitions,
    trace: DefaultHasher,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            now: START_MILLIS,
            behind: 0,
            fails_until: 0,
            blocks_until: 0,
            accepted: [(Kind::Event, EVENTS), (Kind::Subscriber, SUBSCRIBERS), (Kind::Email, EMAILS)]
                .map(|(kind, count)| (kind, vec![0; count]))
                .into(),
            calls: VecDeque::new(),
            most_calls: 0,
            seen: BTreeSet::new(),
            duplicates: 0,
            repetitions: [Repetitions::AsResults, Repetitions::NotAtAll, Repetitions::AsFailed]
                [usize::try_from(seed % 3).unwrap()],
            trace: DefaultHasher::new(),
        }
    }

    /// The driver's clock.
    fn clock(&mut self) -> Timestamp {
        if self.random.below(100) == 0 {
            self.behind += 30_000;
        }
        Timestamp::from_unix_millis(self.now - self.behind).unwrap()
    }

    fn sleep(&mut self, wait: Duration) {
        self.now += i64::try_from(wait.as_millis()).unwrap();
    }

    fn jitter(&mut self) -> f64 {
        f64::from(u32::try_from(self.random.below(1_000)).unwrap()) / 1_000.0
    }

    fn behaviour(&mut self) -> Behaviour {
        if self.now < self.fails_until {
            return Behaviour::FailsForAMinute;
        }
        if self.now < self.blocks_until {
            return Behaviour::BlocksForAWhile;
        }
        match self.random.below(1_000) {
            0..20 => Behaviour::RateLimited,
            20..40 => Behaviour::RateLimitedWithTime,
            40..44 => {
                self.fails_until = self.now + 60_000;
                Behaviour::FailsForAMinute
            }
            44..47 => {
                self.blocks_until = self.now + 500;
                Behaviour::BlocksForAWhile
            }
            47..67 => Behaviour::CutsBefore,
            67..87 => Behaviour::CutsAfter,
            87..107 => Behaviour::SomeFail,
            107..115 => Behaviour::GarbageBefore,
            115..121 => Behaviour::GarbageAfter,
            121..128 => Behaviour::Redirects,
            _ => Behaviour::Works,
        }
    }

    /// One call. No answer if the connection is cut.
    fn call(&mut self, request: &Outgoing<Sent>) -> Option<Answer> {
        self.calls.push_back(self.now);
        while self.calls.front().is_some_and(|call| *call <= self.now - 60_000) {
            self.calls.pop_front();
        }
        self.most_calls = self.most_calls.max(self.calls.len());

        let behaviour = self.behaviour();
        self.seen.insert(behaviour);
        (self.now, behaviour, request.url(), request.body()).hash(&mut self.trace);
        self.now += i64::try_from(5 + self.random.below(50)).unwrap();
        let answer = |status, body: &str| Some((status, vec![], body.into()));
        match behaviour {
            Behaviour::Works => Some(self.accept(request.body(), 0)),
            Behaviour::SomeFail => Some(self.accept(request.body(), 10)),
            Behaviour::RateLimited => answer(429, ""),
            Behaviour::RateLimitedWithTime => {
                let seconds = 1 + self.random.below(40);
                Some((429, vec![("Retry-After", seconds.to_string())], vec![]))
            }
            Behaviour::FailsForAMinute => {
                // It may have done its work all the same.
                if self.random.below(10) == 0 {
                    self.accept(request.body(), 0);
                }
                answer(500, "<html>")
            }
            Behaviour::BlocksForAWhile => answer(403, "BLOCKED"),
            Behaviour::CutsBefore => None,
            Behaviour::CutsAfter => {
                self.accept(request.body(), 2);
                None
            }
            Behaviour::GarbageBefore => answer(200, "<html>ok</html>"),
            Behaviour::GarbageAfter => {
                self.accept(request.body(), 0);
                answer(200, r#"{"results":"all"}"#)
            }
            Behaviour::Redirects => Some((307, vec![("Location", "https://evil.example/".into())], vec![])),
        }
    }

    /// Accepts the values, but for some percent and for those that are never accepted.
    fn accept(&mut self, body: &[u8], percent_that_fail: usize) -> Answer {
        #[derive(Deserialize)]
        struct Body<'b> {
            #[serde(borrow)]
            events: Option<Vec<&'b RawValue>>,
            #[serde(borrow)]
            subscribers: Option<Vec<&'b RawValue>>,
            #[serde(borrow)]
            emails: Option<Vec<&'b RawValue>>,
        }
        let body: Body<'_> = serde_json::from_slice(body).unwrap();
        let (kind, most, values, before_number) = match (body.events, body.subscribers, body.emails) {
            (Some(events), None, None) => (Kind::Event, MOST_EVENTS, events, r#""key":"#),
            (None, Some(subscribers), None) => {
                (Kind::Subscriber, MOST_SUBSCRIBERS, subscribers, r#""email":""#)
            }
            (None, None, Some(emails)) => (Kind::Email, MOST_EMAILS, emails, r#""to":""#),
            _ => panic!("values of several kinds"),
        };
        assert!((1..=most).contains(&values.len()));
        let (mut results, mut failed) = (0, 0);
        for value in values {
            let (_, number) = value.get().split_once(before_number).unwrap();
            let number: usize =
                number[..number.find(|c: char| !c.is_ascii_digit()).unwrap()].parse().unwrap();
            let times = &mut self.accepted.get_mut(&kind).unwrap()[number];
            if kind != Kind::Email && *times == 1 {
                self.duplicates += 1;
                match self.repetitions {
                    Repetitions::AsResults => results += 1,
                    Repetitions::NotAtAll => {}
                    Repetitions::AsFailed => failed += 1,
                }
            } else if number.is_multiple_of(4_999) || self.random.below(100) < percent_that_fail {
                failed += 1;
            } else {
                *times += 1;
                results += 1;
            }
        }
        // The older clients know no second number.
        let answer = match self.random.below(4) {
            0 => format!(r#"{{"results":{results}}}"#),
            _ => format!(r#"{{"results":{results},"failed":{failed}}}"#),
        };
        (200, vec![], answer.into())
    }
}

/// The values in bunches of any size that a call takes, as a program would find them in its queue.
fn bunches(random: &mut Random) -> Vec<(Kind, Range<usize>)> {
    let mut bunches = Vec::new();
    for (kind, count, most) in [
        (Kind::Event, EVENTS, MOST_EVENTS),
        (Kind::Subscriber, SUBSCRIBERS, MOST_SUBSCRIBERS),
        (Kind::Email, EMAILS, MOST_EMAILS),
    ] {
        let mut start = 0;
        while start < count {
            let end = (start + 1 + random.below(most)).min(count);
            bunches.push((kind, start..end));
            start = end;
        }
    }
    for at in (1..bunches.len()).rev() {
        bunches.swap(at, random.below(at + 1));
    }
    bunches
}

/// Runs it with a seed, checks each value, and returns the hash of all calls.
fn run(values: &Values, seed: u64) -> u64 {
    let mut world = World::new(seed);
    let bento = Bento::new("p", Secret::new("s").unwrap(), "11111111222233334444555555555555").unwrap();
    let bunches = bunches(&mut world.random);
    let outcome = driver::run(&mut world, &bento, values, bunches);

    assert_eq!(world.seen.len(), 11, "{:?}", world.seen);
    assert!(world.most_calls == 100, "{} calls in 60 s", world.most_calls);
    assert!(world.behind > 0 && world.duplicates > 0);

    // 1 for each value that was reported.
    let mut reported: BTreeMap<Kind, Vec<u8>> =
        world.accepted.iter().map(|(kind, times)| (*kind, vec![0; times.len()])).collect();
    let mut check = |reports: &[(Kind, Range<usize>)], may_be: &dyn Fn(u8) -> bool, what: &str| {
        assert!(!reports.is_empty(), "nothing is {what}");
        for (kind, range) in reports {
            for position in range.clone() {
                reported.get_mut(kind).unwrap()[position] += 1;
                let times = world.accepted[kind][position];
                assert!(may_be(times), "{what}: {kind:?} {position} was accepted {times} times");
            }
        }
    };
    check(&outcome.accepted, &|times| times == 1, "accepted");
    check(&outcome.handed_back, &|times| times == 0, "handed back");
    // Whoever looks it up finds it there once, or not at all.
    check(&outcome.to_look_up, &|times| times <= 1, "to look up");
    assert!(reported.values().flatten().all(|times| *times == 1), "each value is reported once");
    let looked_up = |kind| -> usize {
        outcome.to_look_up.iter().filter(|(other, _)| *other == kind).map(|(_, values)| values.len()).sum()
    };
    assert!(looked_up(Kind::Email) < EMAILS / 5, "{} e-mails", looked_up(Kind::Email));
    // If the stand-in counts what it knows already, only single values stay open. Otherwise nobody can tell.
    let most = if world.repetitions == Repetitions::AsResults { 100 } else { EVENTS / 4 };
    assert!(looked_up(Kind::Event) < most, "{} events", looked_up(Kind::Event));
    world.trace.finish()
}

#[test]
fn each_value_is_accepted_once_or_handed_back() {
    let values = Values::new();
    let traces: Vec<u64> = [1, 2, 3, 1].map(|seed| run(&values, seed)).into();
    assert_eq!(traces[0], traces[3], "the same seed gives the same calls");
    assert_eq!(BTreeSet::from_iter(&traces[..3]).len(), 3, "another seed gives other calls");
}
