//! `Receiver`: the one call between Python and the core.

use std::convert::Infallible;

use hookseal::{
    Received, Rejection, Request, SetupError, Vendor, benji, benti,
    bento::{self, Credentials},
    binding,
};
use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyList, PyString, PyTuple},
};

use crate::{
    authenticated::Delivery,
    body,
    boundary::{self, guarded},
    clock,
    given::{self, Flag, Given, setup_error},
    handshake::Handshake,
    headers::{Names, OfTooLarge},
    rejection, setup, text, words,
};

/// A receiver for one endpoint: its vendor, its keys, and the requests that it accepts.
///
/// `Receiver.benji`, `Receiver.benti` and `Receiver.bento` make receivers, which can be shared between threads. Each of
/// the three takes these options beside its own. All options are keywords, and a mistake in one is a `TypeError` or a
/// `ValueError` when the receiver is made:
///
/// - `max_body_bytes`: the largest body to accept, from 1 to 2,147,483,648 bytes. By default 64 KiB (65,536) for Benji,
///   1 MiB (1,048,576) for Benti, 4 MiB (4,194,304) for Bento.
/// - `max_events`: the most events to accept in a delivery. By default 10,000.
/// - `max_depth`: the most lists and objects that may be open at once, from 1 to 127. By default 127.
/// - `max_number_length`: the most characters to accept in a number. By default 1,000.
/// - `source`: the source that events name, a URI reference. By default `urn:hookseal:<vendor>`. Another source gives
///   other derived ids and other replay keys, so a delivery that was handled before the change is new after it.
/// - `replay_policy`: how the receiver recognizes a repeated delivery: "default", "strict" or "none". By default
///   "default". `Delivery.replay_key` has the table. With "none" there is no replay key: every delivery counts as new.
/// - `replay_retention_seconds`: how long to keep replay keys, from 1 to 4,294,967,295 seconds. By default the time in
///   that table. A retention shorter than the window lets a replay through once the retention has ended.
/// - `id_key`: an id key of your own, at least 32 random bytes (`bytes` or `str`), and no secret of the vendor. By
///   default there is none. Ids and replay keys are made with HMAC-SHA256 under it. Without it they are digests of what
///   was received: whoever reads one, in a log or a table, can test guesses of a Benti or Bento body against it. With
///   an id key, only its holder can. Benji's ids and replay keys are then made from the signed message instead of the
///   signature, so they survive a rotation of the salt. Another id key gives other ids and replay keys.
#[pyclass(frozen, generic, module = "hookseal._native")]
pub(crate) struct Receiver {
    core: hookseal::Receiver,
    names: Names,
    head_names: Names,
}

#[pymethods]
impl Receiver {
    /// Refuses a call of the class itself. Python's own error would not say what to call.
    #[new]
    #[pyo3(signature = (*arguments, **_keywords), text_signature = "(*arguments, **keywords)")]
    fn refuse(arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        guarded(arguments.py(), || {
            let constructors =
                Vendor::ALL.iter().map(|vendor| format!("Receiver.{vendor}")).collect::<Vec<_>>();
            Err(PyTypeError::new_err(format!("call one of {}", constructors.join(", "))))
        })
    }

    /// A receiver for Benji's webhooks. `help(hookseal.Receiver)` has the options that all receivers share.
    ///
    /// - `keys`: the salts of the subscriptions, exactly as Benji shows them: a secret (`str` or `bytes`), a `Key`, or
    ///   a list of at most 16 of these.
    /// - `window`: how old a request may be, and how far ahead of this machine's clock, in seconds and inclusive. By
    ///   default (300, 300). "off" accepts every time. Benji sends the date of the event. A retry that comes later than
    ///   the window is therefore refused as `stale`.
    /// - `signature_encoding`: accepts signatures in this encoding only, "hex", "base64" or "base64url". By default all
    ///   three are accepted.
    /// - `require_signed_time`: refuses every request without `x-benji-timestamp`, also a genuine one, with
    ///   `missing_timestamp`: its signature covers the body alone. Nobody can then replay a request with another date.
    ///   Set it once `delivery.assurance.time` is `signed` for every delivery of all salts. By default False.
    /// - `allow_missing_date`: accepts a request without a date. By default False. Its age is then unknown: anybody who
    ///   has read a request once can replay it without a date for ever. Set `replay_policy` to "strict". It contradicts
    ///   `require_signed_time`.
    #[staticmethod]
    #[pyo3(
        signature = (*keys, window = None, signature_encoding = None, require_signed_time = Flag::OFF,
            allow_missing_date = Flag::OFF, **options),
        text_signature = "(keys, *, window=None, signature_encoding=None, require_signed_time=False, \
            allow_missing_date=False, **options)"
    )]
    fn benji(
        py: Python<'_>,
        keys: &Bound<'_, PyTuple>,
        window: Option<&Bound<'_, PyAny>>,
        signature_encoding: Option<&Bound<'_, PyAny>>,
        require_signed_time: Flag,
        allow_missing_date: Flag,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let keys = setup::keys(&setup::keys_argument(keys, options)?)?;
            let mut chosen = benji::Options::default();
            if let Some(window) = window {
                chosen = chosen.window(given::window(window)?);
            }
            if let Some(encoding) = signature_encoding {
                chosen = chosen.signature_encoding(Given::new("signature_encoding", encoding).word()?);
            }
            if require_signed_time.named("require_signed_time")? {
                chosen = chosen.require_signed_time();
            }
            if allow_missing_date.named("allow_missing_date")? {
                chosen = chosen.allow_missing_date();
            }
            Self::new(py, chosen.receiver(keys), options)
        })
    }

    /// A receiver for Benti's webhooks. `help(hookseal.Receiver)` has the options that all receivers share.
    ///
    /// - `keys`: the secrets that were given to Inbenta: a secret (`str` or `bytes`), a `Key`, or a list of at most 16
    ///   of these.
    /// - `window`: how old the newest event of a delivery may be, and how far ahead of this machine's clock, in seconds
    ///   and inclusive. By default "off": whoever can send a request can also write its times.
    /// - `utc_offset_minutes`: the offset of times without a zone, in minutes east of UTC, from -1,439 to 1,439. By
    ///   default 0.
    /// - `allow_unsigned_handshake`: answers a handshake without the secret. By default False. Set it only while a
    ///   webhook of an instance is being created. A wrong secret is still refused.
    #[staticmethod]
    #[pyo3(
        signature = (*keys, window = None, utc_offset_minutes = None, allow_unsigned_handshake = Flag::OFF,
            **options),
        text_signature = "(keys, *, window=None, utc_offset_minutes=None, allow_unsigned_handshake=False, **options)"
    )]
    fn benti(
        py: Python<'_>,
        keys: &Bound<'_, PyTuple>,
        window: Option<&Bound<'_, PyAny>>,
        utc_offset_minutes: Option<&Bound<'_, PyAny>>,
        allow_unsigned_handshake: Flag,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let keys = setup::keys(&setup::keys_argument(keys, options)?)?;
            let mut chosen = benti::Options::default();
            if let Some(window) = window {
                chosen = chosen.window(given::window(window)?);
            }
            if let Some(minutes) = utc_offset_minutes {
                let minutes = Given::new("utc_offset_minutes", minutes).integer()?;
                chosen = chosen.utc_offset_minutes(minutes).map_err(setup_error)?;
            }
            if allow_unsigned_handshake.named("allow_unsigned_handshake")? {
                chosen = chosen.allow_unsigned_handshake();
            }
            Self::new(py, chosen.receiver(keys), options)
        })
    }

    /// A receiver for Bento's requests. Give exactly one kind of credentials. Keys are a secret (`str` or `bytes`), a
    /// `Key`, or a list of at most 16 of these. `help(hookseal.Receiver)` has the options that all receivers share.
    ///
    /// - `basic`: a tuple of the user and the keys, for `Authorization: Basic`. By default None.
    /// - `bearer`: the keys, for `Authorization: Bearer`. By default None.
    /// - `header`: a tuple of a header's name and the keys, which are the header's whole value. By default None.
    /// - `require_event_or_email`: refuses a workflow webhook that has neither a text `event` nor a text `email`, with
    ///   `malformed_payload`. By default False: every JSON object is accepted, also `{}`, as a `workflow.other`: a
    ///   workflow's operator chooses the form of its webhook, and form services post objects of their own.
    #[staticmethod]
    #[pyo3(
        signature = (*arguments, basic = None, bearer = None, header = None, require_event_or_email = Flag::OFF,
            **options),
        text_signature = "(*, basic=None, bearer=None, header=None, require_event_or_email=False, **options)"
    )]
    fn bento(
        py: Python<'_>,
        arguments: &Bound<'_, PyTuple>,
        basic: Option<&Bound<'_, PyAny>>,
        bearer: Option<&Bound<'_, PyAny>>,
        header: Option<&Bound<'_, PyAny>>,
        require_event_or_email: Flag,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            if !arguments.is_empty() {
                return Err(PyTypeError::new_err(
                    "there is no argument without a name: pass basic=(user, keys), bearer=keys or header=(name, keys)",
                ));
            }
            let mut chosen = bento::Options::default();
            if require_event_or_email.named("require_event_or_email")? {
                chosen = chosen.require_event_or_email();
            }
            let basic =
                basic.map(|given| pair(given, "basic must be a tuple of two: (user, keys)")).transpose()?;
            let header =
                header.map(|given| pair(given, "header must be a tuple of two: (name, keys)")).transpose()?;
            let core = match (&basic, bearer, &header) {
                (Some((user, keys)), None, None) => {
                    let (user, keys) = (Given::user(user).configured_text()?, setup::keys(keys)?);
                    chosen.receiver(Credentials::Basic { user, keys })
                }
                (None, Some(keys), None) => chosen.receiver(Credentials::Bearer { keys: setup::keys(keys)? }),
                (None, None, Some((name, keys))) => {
                    let (name, keys) = (Given::header_name(name).configured_text()?, setup::keys(keys)?);
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

    /// Checks a request and reads it. Returns a `Delivery`, or for the `GET` of Benti a `Handshake` to answer with.
    ///
    /// - `headers`: a mapping, or an iterable of pairs.
    /// - `body`: the raw bytes, as they were received.
    /// - `method`: the HTTP method. By default "POST".
    /// - `now`: the time to check at, in seconds since 1970 or as an aware datetime. By default (`None`) the time now,
    ///   by `time.time`, which a test may replace.
    ///
    /// Raises a `Rejection` if the request is refused. Answer with its `status` and `headers`:
    ///
    /// | raised | status | because |
    /// |---|---|---|
    /// | `MethodNotAllowed` | 405 | the method is neither `POST` nor, for Benti, `GET` |
    /// | `UnsupportedContentEncoding` | 415 | the body is compressed, which no vendor does |
    /// | `PayloadTooLarge` | 413 | the body is larger than `max_body_bytes` |
    /// | `RepeatedHeader` | 400 | a header that the receiver reads occurs more than once |
    /// | `MissingSignature` | 401 | the signature or the credentials are absent |
    /// | `MalformedSignature` | 401 | the signature or the credentials have a form that no genuine sender produces |
    /// | `SignatureMismatch` | 401 | no valid key made the signature, or no valid secret equals the credentials |
    /// | `MissingTimestamp` | 400 | there is no time, or no signed one, and the receiver requires it |
    /// | `MalformedTimestamp` | 400 | the time cannot be read |
    /// | `Stale` | 400 | the request is older than the window |
    /// | `FromTheFuture` | 400 | the time is further ahead than the window |
    /// | `MalformedPayload` | 400 | the body is not strict JSON of the vendor's shape |
    /// | `TooManyEvents` | 413 | the body holds more events than `max_events` |
    /// | `MissingChallenge` | 400 | a handshake without its challenge |
    /// | `MalformedChallenge` | 400 | a handshake whose challenge is empty, too long, or not visible ASCII |
    ///
    /// Anything else is a mistake in the program: a `TypeError` for a body that is no bytes, for headers or a method of
    /// another type (`None` too), and a `ValueError` for a `now` without a zone or in milliseconds. A bug in hookseal
    /// is an
    /// `InternalError`.
    #[pyo3(signature = (headers, body, *, method = Method::Post, now = None), text_signature = "($self, headers, body, *, method='POST', now=None)")]
    fn receive<'py>(
        &self,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        method: Method<'py>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = headers.py();
        let refuse = |rejection: &Rejection| Err(rejection::to_exception(py, rejection, &self.core));
        guarded(py, || self.check(headers, body, &method, now, refuse))
    }

    /// As `receive`, but returns the `Rejection` if the request is refused. What `receive` raises beside a `Rejection`,
    /// this raises too.
    #[pyo3(signature = (headers, body, *, method = Method::Post, now = None), text_signature = "($self, headers, body, *, method='POST', now=None)")]
    fn try_receive<'py>(
        &self,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
        method: Method<'py>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = headers.py();
        let refuse = |rejection: &Rejection| rejection::to_python(py, rejection, &self.core);
        guarded(py, || self.check(headers, body, &method, now, refuse))
    }

    /// Raises the `Rejection` that method and headers alone give, before the body is read, such as `MethodNotAllowed`
    /// or `MissingSignature`, and `PayloadTooLarge` for the length that the headers announce.
    ///
    /// `headers` and `method` (by default "POST") are those of `receive`, which checks them again, so a program may
    /// leave this step out.
    #[pyo3(signature = (headers, *, method = Method::Post), text_signature = "($self, headers, *, method='POST')")]
    fn check_head<'py>(&self, headers: &Bound<'py, PyAny>, method: Method<'py>) -> PyResult<()> {
        let py = headers.py();
        guarded(py, || {
            let found = self.head_names.find(headers)?;
            let checked = self.core.check_head(method.text()?, &found);
            checked.map_err(|rejection| rejection::to_exception(py, &rejection, &self.core))
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
        boundary::refuse_pickling(py, "Receiver", "it holds secrets; make one in each process")
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
        method: &Method<'py>,
        now: Option<&Bound<'py, PyAny>>,
        refuse: impl FnOnce(&Rejection) -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = headers.py();
        let body = body::read(body, self.core.body_limit())?;
        let found = self.names.find(headers)?;
        let now = clock::now(py, now)?;
        let method = method.text()?;
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

/// The method of a request.
enum Method<'py> {
    /// The default.
    Post,
    Given(Bound<'py, PyAny>),
}

impl<'py> FromPyObject<'_, 'py> for Method<'py> {
    type Error = Infallible;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Self::Given(given.to_owned()))
    }
}

impl Method<'_> {
    /// The method as text. One with half of a surrogate pair becomes empty, which no vendor sends.
    #[inline]
    fn text(&self) -> PyResult<&str> {
        let Self::Given(method) = self else { return Ok("POST") };
        match method.cast::<PyString>() {
            Ok(method) => Ok(method.to_str().unwrap_or_default()),
            Err(_) => {
                Err(PyTypeError::new_err(format!("method must be str, not {}", text::type_name(method))))
            }
        }
    }
}
