//! `Receiver`: the one call between Python and the core.

use hookseal::{
    Received, Rejection, Request, SetupError, benji, benti,
    bento::{self, Credentials},
    binding,
};
use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyList, PyString},
};

use crate::{
    authenticated::Delivery,
    body,
    boundary::{self, guarded},
    clock,
    given::{self, Given, setup_error},
    handshake::Handshake,
    headers::{Names, OfTooLarge},
    rejection, setup, text, words,
};

/// A receiver for one endpoint: its vendor, its keys, and the requests that it accepts.
///
/// `Receiver.benji`, `Receiver.benti` and `Receiver.bento` make receivers, which can be shared between threads. Each of
/// the three takes these options beside its own. All options are keywords:
///
/// - `max_body_bytes`: the largest body to accept. By default 64 KiB for Benji, 1 MiB for Benti, 4 MiB for Bento.
/// - `max_events`: the most events to accept in a delivery. By default 10,000.
/// - `max_depth`: the most lists and objects that may be open at once, from 1 to 127. By default 127.
/// - `max_number_length`: the most characters to accept in a number. By default 1,000.
/// - `source`: the source that events name, a URI reference. By default `urn:hookseal:<vendor>`.
/// - `replay_policy`: how the receiver recognizes a repeated delivery: `"default"`, `"strict"` or `"none"`.
///   `Delivery.replay_key` has the table. With `"none"` there is no replay key: every delivery counts as new.
/// - `replay_retention_seconds`: how long to keep replay keys, in seconds. It replaces the time in that table. A
///   retention shorter than the window lets a replay through once the retention has ended.
/// - `id_key`: an id key of your own, at least 32 random bytes (`bytes` or `str`), and no secret of the vendor. Ids and
///   replay keys are made with HMAC-SHA256 under it. Without an id key they are digests of what was received: whoever
///   reads one, in a log or a table, can test guesses of a Benti or Bento body against it. With an id key, only its
///   holder can. Benji's ids and replay keys are then made from the signed message instead of the signature, so they
///   survive a rotation of the salt. Another id key gives other ids and replay keys.
#[pyclass(frozen, generic, module = "hookseal")]
pub(crate) struct Receiver {
    core: hookseal::Receiver,
    names: Names,
    head_names: Names,
}

#[pymethods]
impl Receiver {
    /// A receiver for Benji's webhooks. The keys are the salts of the subscriptions, exactly as Benji shows them.
    ///
    /// - `window`: how old a request may be, and how far ahead of this machine's clock, in seconds and inclusive. By
    ///   default (300, 300). "off" accepts every time. Benji sends the date of the event. A retry that comes later than
    ///   the window is therefore refused as `stale`.
    /// - `signature_encoding`: accepts signatures in this encoding only, "hex", "base64" or "base64url". By default all
    ///   three are accepted.
    /// - `require_signed_time`: refuses every request without `x-benji-timestamp`, also a genuine one, with
    ///   `missing_timestamp`: its signature covers the body alone. Nobody can then replay a request with another date.
    ///   Set it once `delivery.assurance.time` is `signed` for every delivery of all salts.
    /// - `allow_missing_date`: accepts a request without a date. Its age is then unknown: anybody who has read a
    ///   request once can replay it without a date for ever. Set `replay_policy` to "strict". It contradicts
    ///   `require_signed_time`.
    #[staticmethod]
    #[pyo3(signature = (keys, *, window = None, signature_encoding = None, require_signed_time = false,
        allow_missing_date = false, **options))]
    fn benji(
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        window: Option<&Bound<'_, PyAny>>,
        signature_encoding: Option<&Bound<'_, PyAny>>,
        require_signed_time: bool,
        allow_missing_date: bool,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let keys = setup::keys(keys)?;
            let mut chosen = benji::Options::default();
            if let Some(window) = window {
                chosen = chosen.window(given::window(window)?);
            }
            if let Some(encoding) = signature_encoding {
                chosen = chosen.signature_encoding(Given::new("signature_encoding", encoding).word()?);
            }
            if require_signed_time {
                chosen = chosen.require_signed_time();
            }
            if allow_missing_date {
                chosen = chosen.allow_missing_date();
            }
            Self::new(py, chosen.receiver(keys), options)
        })
    }

    /// A receiver for Benti's webhooks. The keys are the secrets that were given to Inbenta.
    ///
    /// - `window`: how old the newest event of a delivery may be, and how far ahead of this machine's clock, in seconds
    ///   and inclusive. By default "off": whoever can send a request can also write its times.
    /// - `utc_offset_minutes`: the offset of times without a zone, in minutes east of UTC, from -1,439 to 1,439. By
    ///   default 0.
    /// - `allow_unsigned_handshake`: answers a handshake without the secret. Set it only while a webhook of an instance
    ///   is being created. A wrong secret is still refused.
    #[staticmethod]
    #[pyo3(signature = (keys, *, window = None, utc_offset_minutes = None, allow_unsigned_handshake = false,
        **options))]
    fn benti(
        py: Python<'_>,
        keys: &Bound<'_, PyAny>,
        window: Option<&Bound<'_, PyAny>>,
        utc_offset_minutes: Option<&Bound<'_, PyAny>>,
        allow_unsigned_handshake: bool,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let keys = setup::keys(keys)?;
            let mut chosen = benti::Options::default();
            if let Some(window) = window {
                chosen = chosen.window(given::window(window)?);
            }
            if let Some(minutes) = utc_offset_minutes {
                let minutes = Given::new("utc_offset_minutes", minutes).integer()?;
                chosen = chosen.utc_offset_minutes(minutes).map_err(setup_error)?;
            }
            if allow_unsigned_handshake {
                chosen = chosen.allow_unsigned_handshake();
            }
            Self::new(py, chosen.receiver(keys), options)
        })
    }

    /// A receiver for Bento's requests. Give exactly one kind of credentials: `basic` (user, keys), `bearer` (keys) or
    /// `header` (name, keys).
    ///
    /// - `require_event_or_email`: refuses a workflow webhook that has neither a text `event` nor a text `email`, with
    ///   `malformed_payload`. By default every JSON object is accepted, also `{}`, as a `workflow.other`: a workflow's
    ///   operator chooses the form of its webhook, and form services post objects of their own.
    #[staticmethod]
    #[pyo3(signature = (*, basic = None, bearer = None, header = None, require_event_or_email = false, **options))]
    fn bento(
        py: Python<'_>,
        basic: Option<&Bound<'_, PyAny>>,
        bearer: Option<&Bound<'_, PyAny>>,
        header: Option<&Bound<'_, PyAny>>,
        require_event_or_email: bool,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let mut chosen = bento::Options::default();
            if require_event_or_email {
                chosen = chosen.require_event_or_email();
            }
            let basic = basic.map(|given| pair(given, "basic must be (user, keys)")).transpose()?;
            let header = header.map(|given| pair(given, "header must be (name, keys)")).transpose()?;
            let core = match (&basic, bearer, &header) {
                (Some((user, keys)), None, None) => {
                    let (user, keys) = (Given::user(user).text()?, setup::keys(keys)?);
                    chosen.receiver(Credentials::Basic { user, keys })
                }
                (None, Some(keys), None) => chosen.receiver(Credentials::Bearer { keys: setup::keys(keys)? }),
                (None, None, Some((name, keys))) => {
                    let (name, keys) = (Given::header_name(name).text()?, setup::keys(keys)?);
                    chosen.receiver(Credentials::Header { name, keys })
                }
                _ => {
                    return Err(PyValueError::new_err(
                        "give exactly one of basic, bearer and header, and not None: check that its environment variable \
                     is set",
                    ));
                }
            };
            Self::new(py, core, options)
        })
    }

    /// Checks a request and reads it. Raises a `Rejection` if the request is refused.
    ///
    /// `headers` is a mapping or an iterable of pairs, and `body` the raw bytes. `now` is a number of seconds since
    /// 1970 or an aware datetime; `None` means now, by `time.time`, which a test may replace.
    #[pyo3(signature = (headers, body, *, method = None, now = None), text_signature = "($self, headers, body, *, method='POST', now=None)")]
    fn receive<'py>(
        &self,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        method: Option<&Bound<'py, PyString>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = headers.py();
        let refuse = |rejection: &Rejection| Err(rejection::to_exception(py, rejection));
        guarded(py, || self.check(headers, body, method, now, refuse))
    }

    /// Checks a request and reads it. Returns a `Rejection` if the request is refused.
    #[pyo3(signature = (headers, body, *, method = None, now = None), text_signature = "($self, headers, body, *, method='POST', now=None)")]
    fn try_receive<'py>(
        &self,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        method: Option<&Bound<'py, PyString>>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = headers.py();
        let refuse = |rejection: &Rejection| rejection::to_python(py, rejection);
        guarded(py, || self.check(headers, body, method, now, refuse))
    }

    /// Raises the `Rejection` that method and headers alone give, before the body is read.
    ///
    /// `receive` checks them again, so a program may leave this step out.
    #[pyo3(signature = (headers, *, method = None), text_signature = "($self, headers, *, method='POST')")]
    fn check_head<'py>(
        &self,
        headers: &Bound<'py, PyAny>,
        method: Option<&Bound<'py, PyString>>,
    ) -> PyResult<()> {
        let py = headers.py();
        guarded(py, || {
            let found = self.head_names.find(headers)?;
            let checked = self.core.check_head(method_text(method), &found);
            checked.map_err(|rejection| rejection::to_exception(py, &rejection))
        })
    }

    /// The ids of the keys that have ended, or end in at most `within` seconds after `now`, in the order of the ring. A
    /// key without `not_after` never ends.
    ///
    /// Ask it once a day, say, and log what it names: when the last valid key has ended, every request is refused.
    /// `now` is a number of seconds since 1970 or an aware datetime; `None` means now. `within` is a whole number of
    /// seconds, from 0.
    #[pyo3(text_signature = "($self, now, within)")]
    fn expiring<'py>(
        &self,
        now: &Bound<'py, PyAny>,
        within: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = now.py();
        guarded(py, || {
            let now = clock::now(py, (!now.is_none()).then_some(now))?;
            let within = Given::new("within", within).integer::<i64>()?;
            let within = u64::try_from(within).map_err(|_| {
                PyValueError::new_err("within must not be negative: it is a number of seconds")
            })?;
            let ids = self.core.expiring(now, within).map(|id| text::of_str(py, id));
            PyList::new(py, ids.collect::<PyResult<Vec<_>>>()?)
        })
    }

    /// The vendor whose webhooks it receives: `benji`, `benti` or `bento`.
    #[getter]
    fn vendor(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        guarded(py, || Ok(words::word(py, self.core.vendor())))
    }

    /// The largest accepted body in bytes. There is no use in reading more than this from the network.
    #[getter]
    fn body_limit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || self.core.body_limit().into_bound_py_any(py))
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_display(py, &format_args!("Receiver({})", self.core.vendor())))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Receiver", "it holds secrets")
    }
}

impl Receiver {
    fn new(
        py: Python<'_>,
        core: Result<hookseal::Receiver, SetupError>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let core = setup::with_options(core.map_err(setup_error)?, &py.get_type::<Self>(), options)?;
        let (names, head_names) = (Names::of_request(py, &core)?, Names::of_head(py, &core)?);
        Ok(Self { core, names, head_names })
    }

    #[inline]
    fn check<'py>(
        &self,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        method: Option<&Bound<'py, PyString>>,
        now: Option<&Bound<'py, PyAny>>,
        refuse: impl FnOnce(&Rejection) -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = headers.py();
        let body = body::read(body, self.core.body_limit())?;
        let found = self.names.find(headers)?;
        let now = clock::now(py, now)?;
        let method = method_text(method);
        let Some(body) = body else {
            return match self.core.check_head(method, &OfTooLarge(&found)) {
                Ok(()) => Err(boundary::internal_error(py)),
                Err(rejection) => refuse(&rejection),
            };
        };
        let received = if body.len() > body::DETACHED_ABOVE_BYTES {
            let fields = found.fields();
            py.detach(|| self.core.receive(Request::new(method, &fields, body), now))
        } else {
            self.core.receive(Request::new(method, &found, body), now)
        };
        match received {
            Ok(Received::Delivery(delivery)) => Delivery(delivery).into_bound_py_any(py),
            Ok(Received::Handshake(reply)) => Handshake(reply).into_bound_py_any(py),
            Err(rejection) => refuse(&rejection),
        }
    }
}

/// Refuses a receiver whose deliveries a guard cannot recognize.
#[pyfunction]
pub(crate) fn check_guarded(receiver: &Bound<'_, Receiver>) -> PyResult<()> {
    guarded(receiver.py(), || binding::check_guarded(&receiver.get().core).map_err(setup_error))
}

/// The source that the receiver's events name.
#[pyfunction]
pub(crate) fn receiver_source<'py>(receiver: &Bound<'py, Receiver>) -> PyResult<Bound<'py, PyString>> {
    guarded(receiver.py(), || text::of_str(receiver.py(), &binding::source(&receiver.get().core)))
}

/// The two parts of credentials.
fn pair<'py>(
    given: &Bound<'py, PyAny>,
    must: &'static str,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    given.extract().map_err(|_: PyErr| PyTypeError::new_err(must))
}

/// The method as text. One with half of a surrogate pair becomes empty, which no vendor sends.
#[inline]
fn method_text<'a>(method: Option<&'a Bound<'_, PyString>>) -> &'a str {
    method.map_or("POST", |method| method.to_str().unwrap_or_default())
}
