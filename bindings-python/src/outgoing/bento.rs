//! `Bento`: requests to Bento's API and to its webhook endpoint.

use hookseal::outgoing as core;
use pyo3::{
    PyClass,
    exceptions::PyTypeError,
    prelude::*,
    types::{PyList, PyString},
};

use super::{
    fault,
    request::Outgoing,
    secret,
    values::{BentoCommand, BentoEmail, BentoEvent, BentoSubscriber},
};
use crate::{
    boundary::{self, guarded},
    given::{Flag, Given},
    text,
};

/// Requests to Bento's API and to its webhook endpoint, for one site.
///
/// `publishable_key`, `secret_key` and `site_uuid` are those that Bento shows under its API keys. `api_host` and
/// `track_host` are base addresses, by default (`None`) Bento's own; they must be `https`, except for loopback.
/// `user_agent` is by default (`None`) `hookseal/<version>`. With `site_uuid_in_query=True` (by default False) the site
/// is sent in the query, as Bento's page and its clients for Python and Ruby have it, and not in the body, as its
/// clients for Node and PHP have it.
///
/// Each method takes any number of values and gives as many requests as Bento's limits need: 1,000 events, 1,000
/// subscribers or 60 e-mails each. No values give no request. What cannot be sent is an `OutgoingError`.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Bento(core::Bento);

#[pymethods]
impl Bento {
    #[new]
    #[pyo3(
        signature = (publishable_key, secret_key, site_uuid, *, api_host = None, track_host = None, user_agent = None,
            site_uuid_in_query = Flag::OFF),
        text_signature = "(publishable_key, secret_key, site_uuid, *, api_host=None, track_host=None, user_agent=None, \
            site_uuid_in_query=False)"
    )]
    fn new(
        publishable_key: &Bound<'_, PyAny>,
        secret_key: &Bound<'_, PyAny>,
        site_uuid: &Bound<'_, PyAny>,
        api_host: Option<&Bound<'_, PyAny>>,
        track_host: Option<&Bound<'_, PyAny>>,
        user_agent: Option<&Bound<'_, PyAny>>,
        site_uuid_in_query: Flag,
    ) -> PyResult<Self> {
        let py = publishable_key.py();
        let made = |made: Result<core::Bento, _>| made.map_err(|error| fault::outgoing_error(py, error));
        guarded(py, || {
            let mut bento = made(core::Bento::new(
                Given::new("publishable_key", publishable_key).configured_text()?,
                secret::of_argument("secret_key", secret_key)?,
                Given::new("site_uuid", site_uuid).configured_text()?,
            ))?;
            if let Some(host) = api_host {
                bento = made(bento.api_host(Given::new("api_host", host).text()?))?;
            }
            if let Some(host) = track_host {
                bento = made(bento.track_host(Given::new("track_host", host).text()?))?;
            }
            if let Some(agent) = user_agent {
                bento = made(bento.user_agent(Given::new("user_agent", agent).text()?))?;
            }
            let is_in_query = site_uuid_in_query.named("site_uuid_in_query")?;
            Ok(Self(if is_in_query { bento.site_uuid_in_query() } else { bento }))
        })
    }

    /// Requests that track these events, an iterable of `BentoEvent`: at most 1,000 in each. The answer is `Sent`.
    fn events<'py>(&self, events: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = events.py();
        guarded(py, || {
            let (given, core) =
                values("events", events, |event: &Bound<'_, BentoEvent>| event.get().0.clone())?;
            list(py, &given, self.0.events(&core), core::Outgoing::<core::Sent>::values)
        })
    }

    /// Requests that import or update these subscribers, an iterable of `BentoSubscriber`: at most 1,000 in each. They
    /// start no automations. Bento recognizes a subscriber by the address. The answer is `Sent`.
    fn subscribers<'py>(&self, subscribers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = subscribers.py();
        guarded(py, || {
            let (given, core) =
                values("subscribers", subscribers, |subscriber: &Bound<'_, BentoSubscriber>| {
                    subscriber.get().0.clone()
                })?;
            list(py, &given, self.0.subscribers(&core), core::Outgoing::<core::Sent>::values)
        })
    }

    /// Requests that send these e-mails, an iterable of `BentoEmail`: at most 60 in each. The answer is `Sent`.
    fn emails<'py>(&self, emails: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyList>> {
        let py = emails.py();
        guarded(py, || {
            let (given, core) =
                values("emails", emails, |email: &Bound<'_, BentoEmail>| email.get().0.clone())?;
            list(py, &given, self.0.emails(&core), core::Outgoing::<core::Sent>::values)
        })
    }

    /// A request that runs a `BentoCommand` on one subscriber. The answer is `Commanded`.
    fn command(&self, command: &Bound<'_, PyAny>) -> PyResult<Outgoing> {
        guarded(command.py(), || {
            let command = command.cast::<BentoCommand>();
            let command = command.map_err(|_| PyTypeError::new_err("command must be a BentoCommand"))?;
            Ok(self.0.command(&command.get().0).into())
        })
    }

    /// Requests that track these events, an iterable of `BentoEvent`, through the webhook endpoint: at most 1,000 in
    /// each. They carry no credentials. `source`, such as `pos` or `billing`, is a segment of the path, and Bento shows
    /// it. The answer is `Tracked`.
    fn webhook<'py>(
        &self,
        source: &Bound<'py, PyAny>,
        events: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = source.py();
        guarded(py, || {
            let source = Given::new("source", source).text()?;
            let (given, core) =
                values("events", events, |event: &Bound<'_, BentoEvent>| event.get().0.clone())?;
            let requests = self.0.webhook(source, &core).map_err(|error| fault::outgoing_error(py, error))?;
            list(py, &given, requests, core::Outgoing::<core::Tracked>::values)
        })
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, "Bento()"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Bento", "it holds a secret; make it in each process")
    }
}

/// The values of an iterable, as they were given and as the core has them.
fn values<'py, V: PyClass, C>(
    name: &str,
    given: &Bound<'py, PyAny>,
    core: impl Fn(&Bound<'py, V>) -> C,
) -> PyResult<(Vec<Py<PyAny>>, Vec<C>)> {
    let wrong = || PyTypeError::new_err(format!("{name} must be an iterable of {}s", V::NAME));
    if !given.is_instance_of::<PyString>()
        && let Ok(iterable) = given.try_iter()
    {
        let pairs = iterable.map(|value| {
            let value = value?;
            let core = core(value.cast::<V>().map_err(|_| wrong())?);
            Ok((value.unbind(), core))
        });
        return pairs.collect();
    }
    Err(wrong())
}

/// The requests with the values of each.
fn list<'py, A>(
    py: Python<'py>,
    given: &[Py<PyAny>],
    requests: Vec<core::Outgoing<A>>,
    positions: fn(&core::Outgoing<A>) -> std::ops::Range<usize>,
) -> PyResult<Bound<'py, PyList>>
where
    Outgoing: From<core::Outgoing<A>>,
{
    let requests = requests.into_iter().map(|request| {
        let positions = positions(&request);
        let values = given.get(positions).unwrap_or_default().iter().map(|value| value.clone_ref(py));
        Bound::new(py, Outgoing::from(request).with_values(values.collect()))
    });
    PyList::new(py, requests.collect::<PyResult<Vec<_>>>()?)
}
