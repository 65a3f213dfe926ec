//! A request to a vendor, the reading of its answer, and its refusal.

use std::{cell::RefCell, ops::Range};

use hookseal::{
    Secret,
    binding::ANSWER_HEADERS,
    outgoing::{
        BentiWebhook, BentiWebhooks, Commanded, Done, EndpointGroup, LookedUp, MAX_ANSWER_BYTES,
        OutgoingError, RateLimit, Refusal, RefusalReason, Sent, Subscribed, Tracked,
    },
};
use napi::{
    Env, Result,
    bindgen_prelude::{Buffer, Either, External, FunctionCallContext, Object},
};

use crate::{
    boundary::{function, of_word, words},
    fault::broken,
    numbers::{number_of, time_or_clock, whole},
    strings::latin1,
};

/// What the core made, or its error for JavaScript: code and message with a NUL between.
pub(crate) type Made<T> = Either<T, String>;

pub(crate) fn made<T>(result: std::result::Result<T, OutgoingError>) -> Made<T> {
    match result {
        Ok(made) => Either::A(made),
        Err(error) => Either::B(format!("{}\0{error}", error.code())),
    }
}

/// A request in memory that JavaScript cannot reach and that is wiped.
pub(crate) struct Outgoing {
    request: Box<dyn Request>,
    /// The positions of the values that it sends.
    values: Range<usize>,
    group: Option<EndpointGroup>,
}

pub(crate) type Kept = External<Outgoing>;

/// A request without values, which no limit counts.
pub(crate) fn kept<A: Answer>(request: hookseal::outgoing::Outgoing<A>) -> Kept {
    kept_in(request, 0..0, None)
}

pub(crate) fn kept_in<A: Answer>(
    request: hookseal::outgoing::Outgoing<A>,
    values: Range<usize>,
    group: Option<EndpointGroup>,
) -> Kept {
    let bytes = size_of::<Outgoing>() + request.body().len();
    External::new_with_size_hint(Outgoing { request: Box::new(request), values, group }, bytes)
}

/// A request of the core, whatever its answer.
trait Request {
    fn method(&self) -> &'static str;
    fn url(&self) -> &str;
    fn body(&self) -> &[u8];
    fn is_repeatable(&self) -> bool;
    /// Writes names and values of the headers to `out`.
    fn write_headers(&self, out: &mut Object<'_>) -> Result<()>;
    /// Writes the answer to `out`, or returns the refusal.
    fn read(
        &self,
        status: u16,
        headers: &[(&str, &str)],
        body: &[u8],
        out: &mut Object<'_>,
    ) -> Result<Option<Refusal>>;
}

impl<A: Answer> Request for hookseal::outgoing::Outgoing<A> {
    fn method(&self) -> &'static str {
        self.method()
    }

    fn url(&self) -> &str {
        self.url()
    }

    fn body(&self) -> &[u8] {
        self.body()
    }

    fn is_repeatable(&self) -> bool {
        self.is_repeatable()
    }

    fn write_headers(&self, out: &mut Object<'_>) -> Result<()> {
        self.headers().try_for_each(|(name, value)| out.set(name, latin1(value).as_str()))
    }

    fn read(
        &self,
        status: u16,
        headers: &[(&str, &str)],
        body: &[u8],
        out: &mut Object<'_>,
    ) -> Result<Option<Refusal>> {
        match self.read(status, headers, body) {
            Ok(answer) => answer.write(out).map(|()| None),
            Err(refusal) => Ok(Some(refusal)),
        }
    }
}

/// An answer, whose members JavaScript gets by name.
pub(crate) trait Answer: 'static {
    fn write(self, out: &mut Object<'_>) -> Result<()>;
}

impl Answer for Subscribed {
    fn write(self, out: &mut Object<'_>) -> Result<()> {
        out.set("salt", self.salt.map(External::new))
    }
}

impl Answer for Done {
    fn write(self, _: &mut Object<'_>) -> Result<()> {
        Ok(())
    }
}

impl Answer for LookedUp {
    fn write(self, out: &mut Object<'_>) -> Result<()> {
        out.set("json", self.as_json())
    }
}

impl Answer for BentiWebhook {
    fn write(self, out: &mut Object<'_>) -> Result<()> {
        out.set("webhook", parts(self))
    }
}

impl Answer for BentiWebhooks {
    fn write(self, out: &mut Object<'_>) -> Result<()> {
        out.set("webhooks", self.webhooks.into_iter().map(parts).collect::<Vec<_>>())?;
        out.set("malformed", number_of(self.malformed))
    }
}

/// Id, item and URL.
fn parts(webhook: BentiWebhook) -> Vec<Option<String>> {
    vec![Some(webhook.id), webhook.item, webhook.url]
}

impl Answer for Sent {
    fn write(self, out: &mut Object<'_>) -> Result<()> {
        out.set("accepted", number_of(self.accepted()))?;
        out.set("failed", number_of(self.failed()))?;
        out.set("handedBack", bounds(&self.handed_back()))?;
        out.set("isUndecided", self.is_undecided())
    }
}

impl Answer for Commanded {
    fn write(self, out: &mut Object<'_>) -> Result<()> {
        out.set("results", number_of(self.results()))
    }
}

impl Answer for Tracked {
    fn write(self, _: &mut Object<'_>) -> Result<()> {
        Ok(())
    }
}

fn bounds(range: &Range<usize>) -> Vec<f64> {
    vec![number_of(range.start), number_of(range.end)]
}

pub(crate) fn exports(exports: &mut Object<'_>, env: &Env) -> Result<()> {
    exports.set("maxAnswerBytes", number_of(MAX_ANSWER_BYTES))?;
    exports.set("answerHeaders", ANSWER_HEADERS.to_vec())?;
    exports.set("endpointGroups", words(EndpointGroup::ALL, EndpointGroup::as_str))?;
    exports.set("describeRequest", function(env, "describeRequest", |call| describe_request(&call))?)?;
    exports.set("requestHeaders", function(env, "requestHeaders", |call| headers(&call))?)?;
    exports.set("requestBody", function(env, "requestBody", |call| body(&call))?)?;
    exports.set("readAnswer", function(env, "readAnswer", |call| read(&call))?)?;
    exports.set("noAnswer", function(env, "noAnswer", |_| Ok(External::new(Refusal::no_answer())))?)?;
    exports.set("describeRefusal", function(env, "describeRefusal", |call| describe_refusal(&call))?)?;
    exports.set("retryIn", function(env, "retryIn", |call| retry_in(&call))?)?;
    exports.set("createRateLimit", function(env, "createRateLimit", |_| Ok(limit()))?)?;
    exports.set("takeCall", function(env, "takeCall", |call| take_call(&call))?)?;
    exports.set("exposeSecret", function(env, "exposeSecret", |call| expose(&call))?)
}

fn outgoing<'c>(call: &'c FunctionCallContext<'_>) -> Result<&'c Outgoing> {
    call.get::<&Kept>(0).map(|kept| &**kept)
}

/// `describeRequest(request, out)`
fn describe_request(call: &FunctionCallContext<'_>) -> Result<()> {
    let Outgoing { request, values, group } = outgoing(call)?;
    let mut out: Object<'_> = call.get(1)?;
    out.set("method", request.method())?;
    out.set("url", request.url())?;
    out.set("values", bounds(values))?;
    out.set("group", group.map(EndpointGroup::as_str))?;
    out.set("isRepeatable", request.is_repeatable())
}

/// `requestHeaders(request, out)`
fn headers(call: &FunctionCallContext<'_>) -> Result<()> {
    outgoing(call)?.request.write_headers(&mut call.get(1)?)
}

/// `requestBody(request)`: a copy.
fn body(call: &FunctionCallContext<'_>) -> Result<Buffer> {
    Ok(outgoing(call)?.request.body().into())
}

/// `readAnswer(request, status, headers, body, out)`: writes the answer to `out`, or returns the refusal. The headers
/// are names and values in turn.
fn read(call: &FunctionCallContext<'_>) -> Result<Option<External<Refusal>>> {
    let (status, headers): (f64, Vec<String>) = (call.get(1)?, call.get(2)?);
    let status = u16::try_from(whole(status)).map_err(|_| broken())?;
    let pairs: Vec<_> =
        headers.as_chunks().0.iter().map(|[name, value]| (name.as_str(), value.as_str())).collect();
    let (body, mut out): (&[u8], Object<'_>) = (call.get(3)?, call.get(4)?);
    Ok(outgoing(call)?.request.read(status, &pairs, body, &mut out)?.map(External::new))
}

fn refusal<'c>(call: &'c FunctionCallContext<'_>) -> Result<&'c Refusal> {
    call.get::<&External<Refusal>>(0).map(|refusal| &**refusal)
}

/// `describeRefusal(refusal, out)`
fn describe_refusal(call: &FunctionCallContext<'_>) -> Result<()> {
    let refusal = refusal(call)?;
    let mut out: Object<'_> = call.get(1)?;
    out.set("code", refusal.code())?;
    out.set("message", refusal.to_string())?;
    let has_status = refusal.reason() != RefusalReason::NoAnswer;
    out.set("status", has_status.then(|| u32::from(refusal.status())))?;
    out.set("isFinal", refusal.is_final())?;
    out.set("mayBeDone", refusal.may_be_done())
}

/// `retryIn(refusal, attempt, jitter)`: seconds, or null if the refusal is final.
fn retry_in(call: &FunctionCallContext<'_>) -> Result<Option<f64>> {
    let (attempt, jitter): (f64, f64) = (call.get(1)?, call.get(2)?);
    let attempt = u32::try_from(whole(attempt)).unwrap_or(u32::MAX);
    Ok(refusal(call)?.retry_in(attempt, jitter).map(|wait| wait.as_secs_f64()))
}

type Limit = RefCell<RateLimit>;

fn limit() -> External<Limit> {
    External::new(RefCell::new(RateLimit::new()))
}

/// `takeCall(limit, group, now)`: null, or the seconds to wait.
fn take_call(call: &FunctionCallContext<'_>) -> Result<Option<f64>> {
    let (limit, group): (&External<Limit>, String) = (call.get(0)?, call.get(1)?);
    let group = of_word(EndpointGroup::ALL, EndpointGroup::as_str, &group)?;
    let taken = limit.borrow_mut().take(group, time_or_clock(call.get(2)?)?);
    Ok(taken.err().map(|wait| wait.as_secs_f64()))
}

/// `exposeSecret(secret)`: a copy of its bytes.
fn expose(call: &FunctionCallContext<'_>) -> Result<Buffer> {
    Ok(call.get::<&External<Secret>>(0)?.expose().into())
}
