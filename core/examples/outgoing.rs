//! Sends one event to Bento with the HTTP client `ureq`, and tries again as long as that can do no harm.
//!
//! ```text
//! BENTO_PUBLISHABLE_KEY=... BENTO_SECRET_KEY=... BENTO_SITE_UUID=... cargo run --example outgoing --features outgoing -- \
//!     '{"type":"signup","email":"a@example.com","details":{"unique":{"key":"signup-1"}}}'
//! ```
//!
//! BENTO_API_HOST is another base address, such as that of a stand-in. Here `ureq` has no TLS: a program of yours needs its
//! feature `rustls` or `native-tls`.

use std::{
    env,
    error::Error,
    hash::{BuildHasher, RandomState},
    io::Read,
    thread,
    time::{Duration, Instant, SystemTime},
};

use hookseal::{
    Secret, Timestamp,
    outgoing::{Bento, BentoEvent, MAX_ANSWER_BYTES, Outgoing, RateLimit, Refusal, Sent},
};
use ureq::{Agent, http};

/// How often a request is sent in all.
const MOST_ATTEMPTS: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut bento = Bento::new(
        &env::var("BENTO_PUBLISHABLE_KEY")?,
        Secret::new(env::var("BENTO_SECRET_KEY")?)?,
        &env::var("BENTO_SITE_UUID")?,
    )?;
    if let Ok(host) = env::var("BENTO_API_HOST") {
        bento = bento.api_host(&host)?;
    }
    let event = BentoEvent::from_json(&env::args().nth(1).ok_or("give an event as JSON")?)?;
    let mut sender = Sender::new();
    for request in bento.events(&[event]) {
        let sent = sender.send_until_done(&request)?;
        println!("accepted {}, handed back {:?}", sent.accepted(), sent.handed_back());
    }
    Ok(())
}

/// A client that follows no redirect, because credentials would go along, and gives up after 30 seconds.
#[must_use]
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

/// Sends the request once.
///
/// # Errors
///
/// The refusal of the vendor, or that there was no whole answer.
pub(crate) fn send<A>(agent: &Agent, request: &Outgoing<A>) -> Result<A, Refusal> {
    let mut parts = http::Request::builder().method(request.method()).uri(request.url());
    for (name, value) in request.headers() {
        parts = parts.header(name, value);
    }
    let parts = parts.body(request.body()).map_err(|_| Refusal::no_answer())?;
    let answer = agent.run(parts).map_err(|_| Refusal::no_answer())?;
    let (head, body) = answer.into_parts();
    // One byte above the limit tells `read` that the answer is too long.
    let mut bytes = Vec::new();
    let limit = MAX_ANSWER_BYTES as u64 + 1;
    body.into_reader().take(limit).read_to_end(&mut bytes).map_err(|_| Refusal::no_answer())?;
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    request.read(head.status.as_u16(), &headers, &bytes)
}

/// Sends one request after another, within Bento's limit.
pub(crate) struct Sender {
    agent: Agent,
    limit: RateLimit,
    /// A steady clock, which nobody sets.
    started: Instant,
}

impl Sender {
    pub(crate) fn new() -> Self {
        Self { agent: agent(), limit: RateLimit::new(), started: Instant::now() }
    }

    /// Sends the request until Bento has answered for good. A request that is not repeatable is not sent again if Bento
    /// may have done it.
    ///
    /// # Errors
    ///
    /// The last refusal. If an attempt may be done, so may the whole: ask a person.
    pub(crate) fn send_until_done(&mut self, request: &Outgoing<Sent>) -> Result<Sent, Refusal> {
        let mut attempt = 1;
        loop {
            while let Err(wait) = self.limit.take(request.group(), self.now()) {
                thread::sleep(wait);
            }
            let refusal = match send(&self.agent, request) {
                Ok(sent) => return Ok(sent),
                Err(refusal) => refusal,
            };
            let does_no_harm = request.is_repeatable() || !refusal.may_be_done();
            match refusal.retry_in(attempt, jitter()) {
                Some(wait) if does_no_harm && attempt < MOST_ATTEMPTS => thread::sleep(wait),
                _ => return Err(refusal),
            }
            attempt += 1;
        }
    }

    fn now(&self) -> Timestamp {
        let millis = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_unix_millis(millis).unwrap_or(Timestamp::MAX)
    }
}

/// A number from 0 to 1 that differs from call to call.
fn jitter() -> f64 {
    let random = RandomState::new().hash_one(SystemTime::now());
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
