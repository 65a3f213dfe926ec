//! `Outgoing`: a request as a value, and the reading of its answer.

use hookseal::{Entity, outgoing as core};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyDict, PyList, PyString},
};

use super::{answers::Answer, fault};
use crate::{
    body,
    boundary::{self, guarded},
    given::Given,
    headers::Names,
    text, words,
};

/// A request to a vendor: hand its parts to any HTTP client, then hand the answer to `read`.
///
/// The client must send exactly these bytes, must follow no redirect, because the credentials would go along, and
/// should give up after some time. Let it read no more than `MAX_ANSWER_BYTES` and one byte. If there is no answer, or
/// only a part of one, the result is `Refusal.no_answer()`.
///
/// Headers and body may hold secrets. `repr` shows method, URL and the length of the body. It cannot be pickled.
#[pyclass(frozen, generic, module = "hookseal._native")]
pub(crate) struct Outgoing {
    request: Request,
    /// The values that it sends, as the program gave them.
    values: Vec<Py<PyAny>>,
}

/// A request by what the vendor answers.
enum Request {
    Subscribed(core::Outgoing<core::Subscribed>),
    Done(core::Outgoing<core::Done>),
    LookedUp(core::Outgoing<core::LookedUp>),
    BentiWebhook(core::Outgoing<core::BentiWebhook>),
    BentiWebhooks(core::Outgoing<core::BentiWebhooks>),
    Sent(core::Outgoing<core::Sent>),
    Commanded(core::Outgoing<core::Commanded>),
    Tracked(core::Outgoing<core::Tracked>),
}

/// Does the same with any request.
macro_rules! each {
    ($outgoing:expr, $request:ident => $work:expr) => {
        match &$outgoing.request {
            Request::Subscribed($request) => $work,
            Request::Done($request) => $work,
            Request::LookedUp($request) => $work,
            Request::BentiWebhook($request) => $work,
            Request::BentiWebhooks($request) => $work,
            Request::Sent($request) => $work,
            Request::Commanded($request) => $work,
            Request::Tracked($request) => $work,
        }
    };
}

macro_rules! from {
    ($($answer:ident)+) => {
        $(impl From<core::Outgoing<core::$answer>> for Outgoing {
            fn from(request: core::Outgoing<core::$answer>) -> Self {
                Self { request: Request::$answer(request), values: Vec::new() }
            }
        })+
    };
}

from!(Subscribed Done LookedUp BentiWebhook BentiWebhooks Sent Commanded Tracked);

impl Outgoing {
    pub(super) fn with_values(self, values: Vec<Py<PyAny>>) -> Self {
        Self { values, ..self }
    }
}

/// The request, or the exception for one that cannot be built.
pub(super) fn built<A>(
    py: Python<'_>,
    built: Result<core::Outgoing<A>, core::OutgoingError>,
) -> PyResult<Outgoing>
where
    Outgoing: From<core::Outgoing<A>>,
{
    built.map(Outgoing::from).map_err(|error| fault::outgoing_error(py, error))
}

/// The entity of a word. A word that no vendor has counts as `other`, so that the core refuses it with the vendor's list.
pub(super) fn entity(name: &str, given: &Bound<'_, PyAny>) -> PyResult<Entity> {
    Ok(Given::new(name, given).text()?.parse().unwrap_or(Entity::Other))
}

#[pymethods]
impl Outgoing {
    /// The method in capital letters.
    #[getter]
    fn method<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, each!(self, request => request.method())))
    }

    /// The absolute URL. It holds no secret.
    #[getter]
    fn url<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, each!(self, request => request.url())))
    }

    /// A new `dict` of names in lower case and values, without `host` and `content-length`, which a client adds.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        guarded(py, || {
            let headers = PyDict::new(py);
            each!(self, request => for (name, value) in request.headers() {
                // Every value is visible ASCII.
                headers.set_item(name, PyString::from_bytes(py, value)?)?;
            });
            Ok(headers)
        })
    }

    /// The body: JSON, or empty.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(py, || {
            let body = each!(self, request => request.body());
            PyBytes::new_with(py, body.len(), |bytes| {
                bytes.copy_from_slice(body);
                Ok(())
            })
        })
    }

    /// A new list of the events, subscribers or e-mails that it sends, as they were given. Empty for other requests.
    #[getter]
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        guarded(py, || PyList::new(py, &self.values))
    }

    /// Whether sending the request a second time does no more than sending it once: the vendor recognizes the repetition,
    /// or nothing changes. If not, do not send it again after a refusal that may be done, unless a person has looked.
    ///
    /// | request | repeatable |
    /// |---|---|
    /// | reads, lists, updates and deletions | yes |
    /// | Benji's `subscribe` | yes: the repetition is refused as `already_exists`, without the salt |
    /// | Benti's `create` | no: look with `list` |
    /// | Bento's events | if each has `details["unique"]["key"]` |
    /// | Bento's subscribers | yes: the address is recognized |
    /// | Bento's e-mails | no: each would be sent again |
    /// | Bento's commands | yes, but for `add_tag_via_event` and `change_email` |
    #[getter]
    fn is_repeatable(&self, py: Python<'_>) -> PyResult<bool> {
        guarded(py, || Ok(each!(self, request => request.is_repeatable())))
    }

    /// Which calls Bento counts it with: `batch`, `fetch` or `track`, for `RateLimit.take`. `None` for a request to
    /// another vendor.
    #[getter]
    fn group(&self, py: Python<'_>) -> PyResult<Option<Py<PyString>>> {
        guarded(py, || {
            let group = match &self.request {
                Request::Sent(request) => Some(request.group()),
                Request::Commanded(request) => Some(request.group()),
                Request::Tracked(request) => Some(request.group()),
                _ => None,
            };
            Ok(group.map(|group| words::word(py, group)))
        })
    }

    /// Reads the answer. `headers` are a mapping or pairs, as for `Receiver.receive`; `body` is `bytes`, `bytearray` or
    /// `memoryview`.
    ///
    /// It raises a `Refusal` if the status is not 200 to 299, if the body is larger than `MAX_ANSWER_BYTES`, or if the
    /// body of a success has another form than the vendor's.
    fn read<'py>(
        &self,
        py: Python<'py>,
        status: &Bound<'py, PyAny>,
        headers: &Bound<'py, PyAny>,
        body: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        static NAMES: PyOnceLock<Names> = PyOnceLock::new();
        guarded(py, || {
            let status = fault::status(status)?;
            let names = NAMES.get_or_try_init(py, || Names::of_answer(py))?;
            let headers = names.find(headers)?;
            let body = body::read(body, usize::MAX).map_err(|error| {
                if error.is_instance_of::<PyTypeError>(py) { PyTypeError::new_err(BODY_IS) } else { error }
            })?;
            let body = body.as_deref().unwrap_or_default();
            let start = match &self.request {
                Request::Sent(request) => request.values().start,
                _ => 0,
            };
            each!(self, request => {
                let answer = request.read(status, &headers, body);
                answer.map_err(|refusal| fault::refusal(py, refusal))?.to_python(py, &self.values, start)
            })
        })
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || {
            let (method, url, bytes) =
                each!(self, request => (request.method(), request.url(), request.body().len()));
            text::of_display(py, &format_args!("Outgoing({method} {url}, {bytes} bytes)"))
        })
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Outgoing", "it may hold credentials; build it where it is sent")
    }
}

const BODY_IS: &str =
    "body must be the bytes of the answer, such as response.content: bytes, bytearray or memoryview";
