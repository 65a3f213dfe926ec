//! `Event`: one thing that happened at the vendor.

use hookseal::{Raw, Timestamp, binding};
use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyDict, PyString},
};

use crate::{
    assurance::Assurance,
    boundary, clock,
    data::{self, Fractions},
    given::Flag,
    holder::Holder,
    replay,
    subject::Subject,
    text, words,
};

/// One thing that happened at the vendor, in the form that all vendors share.
///
/// An event is a view of the authenticated body: it keeps the caller's `bytes`, and reads each field when it is asked
/// for it. Events compare and hash by `source` and `id`.
#[pyclass(frozen, freelist = 16, module = "hookseal._native")]
pub(crate) struct Event {
    /// The kind, such as `ticket.answered`.
    #[pyo3(get)]
    kind: Py<PyString>,
    holder: Holder,
    at: usize,
    id: PyOnceLock<Py<PyString>>,
}

impl Event {
    /// The event at this position in its delivery.
    #[inline]
    pub(crate) fn new(py: Python<'_>, holder: Holder, at: usize) -> Option<Self> {
        let kind = words::kind(py, holder.get(at)?.kind());
        Some(Self { kind, holder, at, id: PyOnceLock::new() })
    }

    /// Calls the work with the core's event.
    #[inline]
    pub(crate) fn read<'py, T>(
        &self,
        py: Python<'py>,
        work: impl FnOnce(hookseal::Event<'_>) -> PyResult<T>,
    ) -> PyResult<T> {
        boundary::guarded(py, || match self.holder.get(self.at) {
            Some(event) => work(event),
            None => Err(boundary::internal_error(py)),
        })
    }

    fn datetime<'py>(&self, py: Python<'py>, time: Option<Timestamp>) -> PyResult<Option<Bound<'py, PyAny>>> {
        time.map(|time| clock::to_datetime(py, time)).transpose()
    }
}

#[pymethods]
impl Event {
    /// An id that is the same in an identical redelivery. `id_origin` tells who made it.
    ///
    /// | | id |
    /// |---|---|
    /// | Benji | a digest of signature and time |
    /// | Benti, an instance's event that has an `id` | that id |
    /// | Bento, a tracked event with `details.unique.key` | a digest of type, key and e-mail |
    /// | any other | a digest of the event's own bytes, and of its shape if the bytes do not show it |
    ///
    /// In an id from Benti, `%`, `#` and invisible characters are percent-encoded. In a delivery of several elements,
    /// `#` and the event's `index` follow the id, except for a Bento event with `details.unique.key`. A digest covers
    /// the source too, so a receiver with another `source` gives other ids.
    ///
    /// Only Benji's newer scheme proves an id. In the older scheme the date is not signed, and other dates give other
    /// ids, whatever the `replay_policy`. Recognize repetitions by `replay_key()`. Whoever can send to a Benti or Bento
    /// receiver chooses its ids.
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        if let Some(id) = self.id.get(py) {
            return Ok(id.bind(py).clone());
        }
        // Not `get_or_init`, which detaches from the interpreter so that another thread could finish the same work.
        let id = self.read(py, |event| text::of_display(py, &event.id()))?;
        let _ = self.id.set(py, id.clone().unbind());
        Ok(id)
    }

    /// Whether the id is the vendor's (`vendor`) or was derived (`derived`).
    #[getter]
    fn id_origin(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.read(py, |event| Ok(words::word(py, event.id_origin())))
    }

    /// The event's position in its delivery, from 0. Malformed elements count too, so `delivery[event.index]` can be
    /// another event.
    #[getter]
    fn index<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, |event| event.index().into_bound_py_any(py))
    }

    /// The vendor that sent it: `benji`, `benti` or `bento`.
    #[getter]
    fn vendor(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.read(py, |event| Ok(words::word(py, event.vendor())))
    }

    /// The source that the receiver gives its events: `urn:hookseal:<vendor>`, unless configured.
    #[getter]
    fn source<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.read(py, |event| text::of_str(py, event.source()))
    }

    /// The thing that the event is about: the first half of its kind, such as `ticket`.
    #[getter]
    fn entity(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.read(py, |event| Ok(words::word(py, event.entity())))
    }

    /// What happened: the second half of its kind, such as `answered`.
    #[getter]
    fn action(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        self.read(py, |event| Ok(words::word(py, event.action())))
    }

    /// The vendor's own name for the event, such as `transaction_created` or `ticket.add`.
    #[getter]
    fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.read(py, |event| text::of_display(py, &event.name()))
    }

    /// Whom or what it happened to.
    #[getter]
    fn subject(&self, py: Python<'_>) -> PyResult<Subject> {
        self.read(py, |event| Subject::of(py, event.subject()))
    }

    /// The user who did it. Only Benti sends it.
    #[getter]
    fn actor(&self, py: Python<'_>) -> PyResult<Option<Subject>> {
        self.read(py, |event| event.actor().map(|actor| Subject::of(py, actor)).transpose())
    }

    /// The ticket that the subject is part of. Only Benti sends it.
    #[getter]
    fn parent(&self, py: Python<'_>) -> PyResult<Option<Subject>> {
        self.read(py, |event| event.parent().map(|parent| Subject::of(py, parent)).transpose())
    }

    /// When it happened, if the vendor says so; for Benji the delivery's date. It is an aware `datetime` in UTC.
    /// `assurance.time` tells whether it is signed.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.read(py, |event| self.datetime(py, event.time()))
    }

    /// The parts that the vendor's signature covers. They are the same for every event of a delivery.
    #[getter]
    fn assurance(&self, py: Python<'_>) -> PyResult<Assurance> {
        self.read(py, |event| Ok(Assurance(event.assurance())))
    }

    /// Whether the time came without a zone. It was then read as UTC, or for Benti at the receiver's configured offset.
    #[getter]
    fn time_zone_assumed(&self, py: Python<'_>) -> PyResult<bool> {
        self.read(py, |event| Ok(event.time_zone_assumed()))
    }

    /// The event's payload parsed. Each access parses it again and gives new objects, so that nobody can change an
    /// event. Keep the result if you read it more than once.
    ///
    /// A number with a fraction or an exponent is a `float` if the float, printed, denotes the same value. Otherwise it is
    /// a `decimal.Decimal`: `1.50` is `1.5`, but `9007199254740993.0` and `1e400` no float can hold. A number whose
    /// exponent no `Decimal` can hold is its text, as a `str`. `to_dict(exact_numbers=True)["data"]` has no floats.
    ///
    /// Integers are exact. A receiver accepts an integer of more than 4,300 digits only if `max_number_length` is
    /// raised. It is then a `ValueError` unless `sys.set_int_max_str_digits` allows as many digits; `raw` has them all.
    /// The time for such an integer grows faster than its digits: a million take half a second.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.read(py, |event| data::build(py, event.raw().tokens(), Fractions::FloatIfExact))
    }

    /// The exact bytes of this event in the body.
    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.read(py, |event| {
            let raw = event.raw().as_bytes();
            match &self.holder {
                Holder::Delivery(delivery) if raw.len() == delivery.get().0.body().len() => {
                    delivery.get().0.body().into_pyobject(py).map_err(PyErr::from)
                }
                _ => Ok(PyBytes::new(py, raw)),
            }
        })
    }

    /// The key by which a guard recognizes a repetition of this event, for handlers that work event by event, as a
    /// `ReplayKey`. `None` if the receiver's policy is `none`. Keep it as long as the delivery's key.
    fn replay_key<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.read(py, |event| replay::to_python(py, event.replay_key()))
    }

    /// The event as one line of JSON, to store it or to send it on: everything that the attributes of an event give,
    /// under their names. What is absent is `null`, and times are RFC 3339 in UTC. `data` is the event as it was
    /// received, without white space between its tokens, so every number is there as it was sent.
    ///
    /// It is the same in Rust and Node, byte for byte. `core/schemas/event.schema.json` in the repository describes it.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.read(py, |event| text::of_str(py, &event.to_json()))
    }

    /// The object of `to_json()` as a new dict. Times are texts, and `data` is as in `event.data`.
    ///
    /// With `exact_numbers=True` (by default False) each number in `data` with a fraction or an exponent is a
    /// `decimal.Decimal`, so `1.50` keeps its zero. `json.dumps` writes no `Decimal`: use `to_json()` to store an
    /// event. Do not convert a `Decimal` with a large exponent to an `int`, which could fill the memory.
    #[pyo3(
        signature = (*, exact_numbers = Flag::OFF),
        text_signature = "($self, *, exact_numbers=False)"
    )]
    fn to_dict<'py>(&self, py: Python<'py>, exact_numbers: Flag) -> PyResult<Bound<'py, PyDict>> {
        self.read(py, |event| {
            let exact = exact_numbers.named("exact_numbers")?;
            let fractions = if exact { Fractions::Decimal } else { Fractions::FloatIfExact };
            let json = binding::json_without_data(&event);
            let others = Raw::parse(json.as_bytes()).map_err(|_| boundary::internal_error(py))?;
            let members = data::build(py, others.tokens(), fractions)?.cast_into::<PyDict>()?;
            members.set_item("data", data::build(py, event.raw().tokens(), fractions)?)?;
            Ok(members)
        })
    }

    /// The event as a CloudEvent 1.0 in one line of JSON. Numbers stay as they were sent. Send it with the content type
    /// `application/cloudevents+json`.
    ///
    /// `type` is the vendor's reversed domain and its name for the event, such as `com.withbenji.transaction_created`.
    /// The extensions `hooksealkind` and `batchindex` have kind and index. `subject` is absent if it is an e-mail
    /// address, as most are for Bento, because context attributes are logged.
    fn to_cloudevent<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.read(py, |event| text::of_str(py, &event.to_cloudevent()))
    }

    fn __eq__<'py>(&self, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = other.py();
        boundary::equal(other, |other: &Bound<'py, Self>| {
            self.read(py, |event| {
                other.get().read(py, |other| Ok(event.source() == other.source() && event.id() == other.id()))
            })
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        boundary::guarded(py, || (self.source(py)?, self.id(py)?).into_pyobject(py)?.hash())
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.read(py, |event| text::of_display(py, &format_args!("{event:?}")))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(
            py,
            "Event",
            "it holds a request's content and never changes; threads can share it, and another process gets \
             delivery.to_record() and event.index, by which it finds the event: next(e for e in recorded if \
             e.index == index)",
        )
    }
}
