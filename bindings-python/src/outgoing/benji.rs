//! `Benji`: subscriptions, and what a webhook names.

use hookseal::{Entity, outgoing as core};
use pyo3::{exceptions::PyTypeError, prelude::*, types::PyString};

use super::{
    fault,
    request::{Outgoing, built, entity},
    secret,
};
use crate::{
    boundary::{self, guarded},
    event::Event,
    given::{Flag, Given},
    text, words,
};

/// Requests to Benji's API: create, change and delete a subscription, and read what a webhook names.
///
/// `partner_key` is a secret, sent as `x-api-key`. The four hosts are the base addresses of Benji's services. The
/// vendor's pages name staging hosts only, so none has a default. Each is an absolute URL, which may have a path. It
/// must be `https`, except for loopback. With `bearer=True` (by default False) keys are sent as bearer tokens in
/// `Authorization`, as older copies of Benji's pages have it.
///
/// What cannot be sent is an `OutgoingError`.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Benji(core::Benji);

#[pymethods]
impl Benji {
    #[new]
    #[pyo3(
        signature = (partner_key, *, notifications_host, users_host, campaigns_host, transactions_host,
            bearer = Flag::OFF),
        text_signature = "(partner_key, *, notifications_host, users_host, campaigns_host, transactions_host, \
            bearer=False)"
    )]
    fn new(
        partner_key: &Bound<'_, PyAny>,
        notifications_host: &Bound<'_, PyAny>,
        users_host: &Bound<'_, PyAny>,
        campaigns_host: &Bound<'_, PyAny>,
        transactions_host: &Bound<'_, PyAny>,
        bearer: Flag,
    ) -> PyResult<Self> {
        let py = partner_key.py();
        guarded(py, || {
            let hosts = core::BenjiHosts {
                notifications: Given::new("notifications_host", notifications_host).configured_text()?,
                users: Given::new("users_host", users_host).configured_text()?,
                campaigns: Given::new("campaigns_host", campaigns_host).configured_text()?,
                transactions: Given::new("transactions_host", transactions_host).configured_text()?,
            };
            let benji = core::Benji::new(hosts, secret::of_argument("partner_key", partner_key)?)
                .map_err(|error| fault::outgoing_error(py, error))?;
            Ok(Self(if bearer.named("bearer")? { benji.bearer() } else { benji }))
        })
    }

    /// Creates a subscription: `POST /webhooks/subscribe`. The answer is `Subscribed`.
    ///
    /// `endpoint` is an `https` URL. `entity_type` is `user`, `campaign` or `transaction`, and `event` a name of
    /// Benji's such as `transaction_created`, which must belong to it. By default both are `None`: it is then for all
    /// events of the entity type, or for everything.
    ///
    /// Benji's page promises the salt in the answer, and the page's sample has none: the dashboard shows it. Codes of
    /// refusals that the page names: `already_exists`, `unauthorized`, and `bad_request`.
    #[pyo3(signature = (endpoint, *, entity_type = None, event = None))]
    fn subscribe(
        &self,
        endpoint: &Bound<'_, PyAny>,
        entity_type: Option<&Bound<'_, PyAny>>,
        event: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Outgoing> {
        let py = endpoint.py();
        guarded(py, || {
            let (endpoint, entity) = (Given::new("endpoint", endpoint).text()?, entity_of(entity_type)?);
            built(py, self.0.subscribe(endpoint, entity, event_of(event)?))
        })
    }

    /// Changes the endpoint of a subscription: `PUT /webhooks/subscribe`. The arguments are those of `subscribe`, with
    /// `entity_type` and `event` `None` by default. The refusal `not_found` means that there is no such subscription.
    #[pyo3(signature = (endpoint, *, entity_type = None, event = None))]
    fn update(
        &self,
        endpoint: &Bound<'_, PyAny>,
        entity_type: Option<&Bound<'_, PyAny>>,
        event: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Outgoing> {
        let py = endpoint.py();
        guarded(py, || {
            let (endpoint, entity) = (Given::new("endpoint", endpoint).text()?, entity_of(entity_type)?);
            built(py, self.0.update(endpoint, entity, event_of(event)?))
        })
    }

    /// Deletes a subscription: `PUT /webhooks/subscribe` with an empty endpoint. `entity_type` and `event` are those of
    /// `subscribe`, by default `None`. The answer is `Done`.
    #[pyo3(signature = (*, entity_type = None, event = None))]
    fn unsubscribe(
        &self,
        py: Python<'_>,
        entity_type: Option<&Bound<'_, PyAny>>,
        event: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Outgoing> {
        guarded(py, || built(py, self.0.unsubscribe(entity_of(entity_type)?, event_of(event)?)))
    }

    /// Reads what a webhook names: `GET /users/{id}`, `/campaigns/{id}` or `/transactions/{id}` on the host of that
    /// entity. `event` is an `Event` of Benji's. The answer is `LookedUp`.
    ///
    /// A user is read with the user's own access token, a secret in `user_token` (by default `None`), the rest with the
    /// partner's key: `key_for` tells beforehand. A token that is not needed is not sent.
    #[pyo3(signature = (event, *, user_token = None))]
    fn follow_up(
        &self,
        event: &Bound<'_, PyAny>,
        user_token: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Outgoing> {
        let py = event.py();
        let event = an_event(event)?;
        event.read(py, |event| {
            let token = user_token.map(|token| secret::of_argument("user_token", token)).transpose()?;
            built(py, self.0.follow_up(&event, token.as_ref()))
        })
    }

    /// Whose key `follow_up` needs for this event: `partner` or `user`.
    #[staticmethod]
    fn key_for(event: &Bound<'_, PyAny>) -> PyResult<Py<PyString>> {
        let py = event.py();
        an_event(event)?.read(py, |event| {
            let key = core::Benji::key_for(&event).map_err(|error| fault::outgoing_error(py, error))?;
            Ok(words::word(py, key))
        })
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, "Benji()"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Benji", "it holds a secret; make it in each process")
    }
}

fn entity_of(given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Entity>> {
    given.map(|given| entity("entity_type", given)).transpose()
}

fn event_of<'a>(given: Option<&'a Bound<'_, PyAny>>) -> PyResult<Option<&'a str>> {
    given.map(|given| Given::new("event", given).text()).transpose()
}

fn an_event<'a>(given: &'a Bound<'_, PyAny>) -> PyResult<&'a Event> {
    let event = given.cast::<Event>();
    event.map(Bound::get).map_err(|_| PyTypeError::new_err("event must be an Event, which a receiver gave"))
}
