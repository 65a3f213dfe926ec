//! `Receiver`: the one call between Python and the core.

use hookseal::{Received, Rejection, Request, SetupError, benji, benti, bento::Credentials};
use pyo3::{
    IntoPyObjectExt,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyDict, PyString},
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

/// One endpoint: the vendor whose webhooks arrive there, the keys, and what is accepted.
///
/// Made by `Receiver.benji`, `Receiver.benti` or `Receiver.bento`; can be shared between threads.
///
/// Each of them takes these options beside its own, all of them keywords:
///
/// - `max_body_bytes`, by default 64 KiB for Benji, 1 MiB for Benti and 4 MiB for Bento; `max_events` of one delivery,
///   10,000; `max_depth`, the lists and objects open at once, 127; `max_number_length` in characters, 1,000.
/// - `source`: what events name as their source, a URI reference; by default `urn:hookseal:<vendor>`.
/// - `id_key`: a key of your own, at least 32 random bytes, `bytes` or `str`, that is no secret of the vendor's. Ids and
///   replay keys are then made with HMAC-SHA256 under it, and Benji's survive a rotation of the salt. Without it,
///   whoever reads an id or key of Benti or Bento can test guesses of the body against it. Another `id_key` gives
///   other ids and keys.
/// - `replay_policy`: `"default"`, `"strict"` or `"none"`, what makes two deliveries the same one; and
///   `replay_retention_seconds`, how long a replay key counts, in place of what `Delivery.replay_key` lists.
#[pyclass(frozen, generic, module = "hookseal")]
pub(crate) struct Receiver {
    core: hookseal::Receiver,
    names: Names,
    head_names: Names,
}

#[pymethods]
impl Receiver {
    /// A receiver of Benji's webhooks. The keys are the salts of the subscriptions, exactly as Benji shows them.
    ///
    /// `require_signed_time` refuses requests without `x-benji-timestamp`, whose signature covers the body alone: set
    /// it once the account is seen to send that header. `allow_missing_date` accepts a request of the older scheme
    /// without a date, whose age is then not known; the two contradict each other. `window` is how old a request may
    /// be and how far ahead, by default (300, 300), or "off". `signature_encoding` accepts that encoding alone.
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

    /// A receiver of Benti's webhooks. The keys are the secrets that were given to Inbenta.
    ///
    /// `window` is off by default, since whoever can send a request can write its times. `utc_offset_minutes` is the
    /// zone of a time that names none. `allow_unsigned_handshake` answers a handshake without the secret, as long as
    /// a webhook of an instance is being created.
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

    /// A receiver of traffic in Bento's shapes, with exactly one of `basic` (user, keys), `bearer` (keys) and
    /// `header` (name, keys).
    #[staticmethod]
    #[pyo3(signature = (*, basic = None, bearer = None, header = None, **options))]
    fn bento(
        py: Python<'_>,
        basic: Option<&Bound<'_, PyAny>>,
        bearer: Option<&Bound<'_, PyAny>>,
        header: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        guarded(py, || {
            let basic = basic.map(|given| pair(given, "basic must be (user, keys)")).transpose()?;
            let header = header.map(|given| pair(given, "header must be (name, keys)")).transpose()?;
            let core = match (&basic, bearer, &header) {
                (Some((user, keys)), None, None) => {
                    let (user, keys) = (Given::user(user).text()?, setup::keys(keys)?);
                    hookseal::Receiver::bento(Credentials::Basic { user, keys })
                }
                (None, Some(keys), None) => {
                    hookseal::Receiver::bento(Credentials::Bearer { keys: setup::keys(keys)? })
                }
                (None, None, Some((name, keys))) => {
                    let (name, keys) = (Given::header_name(name).text()?, setup::keys(keys)?);
                    hookseal::Receiver::bento(Credentials::Header { name, keys })
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

    /// Checks a request and reads it; raises the `Rejection`.
    ///
    /// `headers` is a mapping or an iterable of pairs, `body` the raw bytes, `now` a number of seconds since 1970
    /// or an aware datetime (`None`: the wall clock).
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

    /// Checks a request and reads it; returns the `Rejection` in place of raising it.
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

    /// Raises the `Rejection` of a request that method and headers alone can refuse, before its body is read.
    ///
    /// `receive` checks all of it again, so that this is a convenience and no step to forget.
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

    /// Whose webhooks it receives: `benji`, `benti` or `bento`.
    #[getter]
    fn vendor(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        guarded(py, || Ok(words::word(py, self.core.vendor())))
    }

    /// The largest body in bytes that is accepted: reading more than this from the network is of no use.
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
        let now = clock::now(now)?;
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

/// The two parts of some credentials.
fn pair<'py>(
    given: &Bound<'py, PyAny>,
    must: &'static str,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    given.extract().map_err(|_: PyErr| PyTypeError::new_err(must))
}

/// The method; one with half of a surrogate pair is none that a vendor sends.
#[inline]
fn method_text<'a>(method: Option<&'a Bound<'_, PyString>>) -> &'a str {
    method.map_or("POST", |method| method.to_str().unwrap_or_default())
}
