//! The methods of `Delivery`, and `Malformed`.

use pyo3::{
    IntoPyObjectExt,
    prelude::*,
    types::{PyBytes, PyString, PyTuple},
};

use crate::{
    assurance::Assurance,
    authenticated::Delivery,
    body,
    boundary::{self, guarded},
    clock,
    holder::Holder,
    replay,
    sequence::{self, Events},
    text, words,
};

#[pymethods]
impl Delivery {
    /// The vendor that sent it: `benji`, `benti` or `bento`.
    #[getter]
    fn vendor(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        guarded(py, || Ok(words::word(py, self.0.vendor())))
    }

    /// The id of the key that matched: as configured, or its position in the ring.
    #[getter]
    fn key_id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, self.0.key_id()))
    }

    /// The parts that the vendor's signature covers.
    #[getter]
    fn assurance(&self, py: Python<'_>) -> PyResult<Assurance> {
        guarded(py, || Ok(Assurance(self.0.assurance())))
    }

    /// The time of the delivery: Benji's date, the newest time of Benti's events, or `None` for Bento.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guarded(py, || self.0.time().map(|time| clock::to_datetime(py, time)).transpose())
    }

    /// The elements that could not be read, in order.
    #[getter]
    fn malformed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guarded(py, || Malformed::tuple(py, self.0.malformed()))
    }

    /// The body as it was received.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(py, || self.0.body().into_pyobject(py).map_err(PyErr::from))
    }

    /// The time at which it was received, an aware `datetime` in UTC: the `now` of the check.
    #[getter]
    fn received_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || clock::to_datetime(py, self.0.received_at()))
    }

    /// `False`; `True` for a `Recorded`, which was read from a record and not checked by a receiver.
    #[getter]
    fn is_recorded(&self) -> bool {
        false
    }

    /// The delivery as one line of JSON, to store it, or to hand it to another process in any language, which opens it
    /// with `from_trusted_record`.
    ///
    /// A record has the whole body, and no secret and no signature: nobody can make a request of it. It is not signed
    /// either. Whoever can write where records are kept can write any record.
    fn to_record<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || {
            let record = body::detached(py, self.0.body().len(), || self.0.to_record());
            text::of_str(py, &record)
        })
    }

    /// The key by which a guard recognizes a repetition of this delivery, as a `ReplayKey`. `None` if the receiver's
    /// policy is `none`. A key that is stored before the handler has succeeded loses the event if the handler fails:
    /// claim it first, and confirm it afterwards.
    ///
    /// The receiver's `replay_policy` says what the key is made of and how long to keep it, in `retention_seconds`:
    ///
    /// | | `default` | kept | `strict` | kept |
    /// |---|---|---|---|---|
    /// | Benji, time signed | signature | past + future + 1 s (601 s by default); 24 h with the window off | signature | as with `default` |
    /// | Benji, body alone signed | signature and date in whole seconds | past + future + 1 s (601 s by default); 24 h without a date or with the window off | signature | without end |
    /// | Benti | body | 24 h | body | 24 h |
    /// | Bento | body | 300 s | body | 24 h |
    ///
    /// The time runs from the first acceptance, in a guard from the confirmation, and a repetition does not extend it.
    /// Once it has ended, an equal key is new.
    ///
    /// Where Benji signs the body alone, whoever captured a request can replay it with other dates inside the window.
    /// With `default`, each second of the date gives another key: 601 at one time with the default window. `strict`
    /// recognizes each of these replays as long as the key is kept, but takes two genuine updates with the same body
    /// for one. The keys of Benti and Bento stop nobody who knows the secret: one other byte in the body makes another
    /// key.
    fn replay_key<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guarded(py, || replay::to_python(py, self.0.replay_key()))
    }

    /// The events as a batch of CloudEvents 1.0, a JSON array as text. Numbers stay as they were sent. Send it with the
    /// content type `application/cloudevents-batch+json`.
    fn to_cloudevents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, &self.0.to_cloudevents()))
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        sequence::item(&Holder::Delivery(slf.clone().unbind()), index)
    }

    fn __iter__(slf: Bound<'_, Self>) -> Events {
        Events::of(Holder::Delivery(slf.unbind()))
    }

    fn __reversed__(slf: Bound<'_, Self>) -> Events {
        Events::reversed(Holder::Delivery(slf.unbind()))
    }

    fn __contains__(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        sequence::contains(&Holder::Delivery(slf.clone().unbind()), value)
    }

    /// The index of the first event, from `start` to before `stop`, that equals `value`. Raises `ValueError` if none
    /// does.
    #[pyo3(signature = (value, start = None, stop = None), text_signature = "($self, value, start=0, stop=None)")]
    fn index<'py>(
        slf: &Bound<'py, Self>,
        value: &Bound<'py, PyAny>,
        start: Option<&Bound<'py, PyAny>>,
        stop: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        sequence::index_of(&Holder::Delivery(slf.clone().unbind()), value, start, stop)
    }

    /// How many events equal `value`.
    fn count<'py>(slf: &Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        sequence::count(&Holder::Delivery(slf.clone().unbind()), value)
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_display(py, &format_args!("{:?}", self.0)))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(
            py,
            "Delivery",
            "it holds a request's content and never changes; threads can share it, and another process gets \
             delivery.to_record()",
        )
    }
}

/// An element of a delivery that could not be read. The others are not affected.
#[pyclass(frozen, module = "hookseal._native")]
pub(crate) struct Malformed {
    /// The element's position in its delivery, from 0.
    #[pyo3(get)]
    index: Py<PyAny>,
    /// The field at fault as a JSON Pointer, such as `/events/3/email`. For numbered objects it has the object's
    /// position, not its number.
    #[pyo3(get)]
    path: Py<PyString>,
    /// The problem, for the log. It holds no text of the body.
    #[pyo3(get)]
    message: Py<PyString>,
}

impl Malformed {
    pub(crate) fn tuple<'py>(
        py: Python<'py>,
        elements: &[hookseal::Malformed],
    ) -> PyResult<Bound<'py, PyTuple>> {
        let malformed = elements.iter().map(|element| {
            let index = element.index().into_py_any(py)?;
            let path = text::of_display(py, &element.path())?.unbind();
            let message = text::of_display(py, &element.problem())?.unbind();
            Py::new(py, Self { index, path, message })
        });
        PyTuple::new(py, malformed.collect::<PyResult<Vec<_>>>()?)
    }
}

#[pymethods]
impl Malformed {
    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || {
            let index: usize = self.index.extract(py)?;
            let (path, message) = (self.path.bind(py).to_str()?, self.message.bind(py).to_str()?);
            let shown = format_args!("Malformed(index={index}, path='{path}', message='{message}')");
            text::of_display(py, &shown)
        })
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(py, "Malformed", "store its index, path and message")
    }
}
