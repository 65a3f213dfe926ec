//! Sends one event to Bento with the HTTP client `ureq`, and tries again as long as Bento asks for it.
//!
//! ```text
//! BENTO_PUBLISHABLE_KEY=... BENTO_SECRET_KEY=... BENTO_SITE_UUID=... \
//!     cargo run --example outgoing --features outgoing -- '{"type":"signup","email":"a@example.com"}'
//! ```
//!
//! Here `ureq` has no TLS: a program of yours needs its feature `rustls` or `native-tls`.

use std::{
    env,
    error::Error,
    hash::{BuildHasher, RandomState},
    thread,
    time::{Duration, SystemTime},
};

use hookseal::{
    Secret,
    outgoing::{Bento, BentoEvent, MAX_ANSWER_BYTES, Outgoing, RateLimit, Refusal, Sent},
};
use ureq::{Agent, http};

/// How often a request is sent in all.
const MOST_ATTEMPTS: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let bento = Bento::new(
        &env::var("BENTO_PUBLISHABLE_KEY")?,
        Secret::new(env::var("BENTO_SECRET_KEY")?)?,
        &env::var("BENTO_SITE_UUID")?,
    )?;
    let event = BentoEvent::from_json(&env::args().nth(1).ok_or("give an event as JSON")?)?;
    let (agent, mut limit) = (agent(), RateLimit::new());
    for request in bento.events(&[event]) {
        let sent = send_until_done(&agent, &request, &mut limit)?;
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
    let (head, mut body) = answer.into_parts();
    // A longer body is an error here, and would be a refusal there.
    let limit = MAX_ANSWER_BYTES as u64;
    let body = body.with_config().limit(limit).read_to_vec().map_err(|_| Refusal::no_answer())?;
    let headers: Vec<(&str, &[u8])> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    request.read(head.status.as_u16(), &headers, &body)
}

/// Sends events until Bento has answered for good, or often enough. It sends events again that Bento may have already:
/// give each a `details.unique.key`, by which Bento recognizes it.
///
/// # Errors
///
/// The last refusal.
pub(crate) fn send_until_done(
    agent: &Agent,
    request: &Outgoing<Sent>,
    limit: &mut RateLimit,
) -> Result<Sent, Refusal> {
    let mut attempt = 1;
    loop {
        while let Err(wait) = limit.take(request.group(), SystemTime::now().into()) {
            thread::sleep(wait);
        }
        let refusal = match send(agent, request) {
            Ok(sent) => return Ok(sent),
            Err(refusal) => refusal,
        };
        match refusal.retry_in(attempt, jitter()) {
            Some(wait) if attempt < MOST_ATTEMPTS => thread::sleep(wait),
            _ => return Err(refusal),
        }
        attempt += 1;
    }
}

/// A number from 0 to 1 that differs from call to call.
fn jitter() -> f64 {
    let random = RandomState::new().hash_one(SystemTime::now());
    f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
}
