//! `Recorded`, a delivery that was read from a record, and `from_trusted_record`, which reads it.

use hookseal::RecordError;
use pyo3::{
    exceptions::{PyTypeError, PyUnicodeEncodeError},
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyString, PyTuple, PyType},
};

use crate::{
    assurance::Assurance,
    body,
    boundary::{self, guarded},
    clock,
    delivery::Malformed,
    holder::{Holder, Recorded},
    replay,
    sequence::{self, Events},
    text, words,
};

/// Opens a record that `Delivery.to_record` made, in any language: `str`, or its UTF-8 as `bytes`. Call it only for
/// records from a place where nobody else can write: a record is not signed, and everything that it says is believed.
///
/// The body is read again, with the limits of the receiver that recorded it. Raises `RecordError`. A record that was cut
/// or edited gives no event.
#[pyfunction]
pub(crate) fn from_trusted_record(record: &Bound<'_, PyAny>) -> PyResult<Recorded> {
    let py = record.py();
    guarded(py, || {
        let opened = match bytes_of(record)? {
            Some(record) => body::detached(py, record.len(), || hookseal::from_trusted_record(record)),
            None => Err(RecordError::NotARecord),
        };
        opened.map(Recorded).map_err(|error| record_error(py, &error))
    })
}

/// The bytes of a record. `None` if it is a text that has no UTF-8.
pub(crate) fn bytes_of<'a>(record: &'a Bound<'_, PyAny>) -> PyResult<Option<&'a [u8]>> {
    if let Ok(bytes) = record.cast::<PyBytes>() {
        return Ok(Some(bytes.as_bytes()));
    }
    let text = record.cast::<PyString>().map_err(|_| {
        PyTypeError::new_err("record must be the str that to_record() returned, or its bytes in UTF-8")
    })?;
    match text.to_str() {
        Ok(text) => Ok(Some(text.as_bytes())),
        Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(record.py()) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cold]
pub(crate) fn record_error(py: Python<'_>, error: &RecordError) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let instance = || {
        let class = CLASS.import(py, "hookseal._errors", "RecordError")?;
        let version = match error {
            RecordError::NewerVersion(version) => Some(*version),
            _ => None,
        };
        class.call1((text::of_str(py, error.code())?, text::of_display(py, error)?, version))
    };
    instance().map_or_else(|error| error, PyErr::from_value)
}

#[pymethods]
impl Recorded {
    /// Whose webhook it is: `benji`, `benti` or `bento`.
    #[getter]
    fn vendor(&self, py: Python<'_>) -> PyResult<Py<PyString>> {
        guarded(py, || Ok(words::word(py, self.0.vendor())))
    }

    /// The source that its events name.
    #[getter]
    fn source<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, self.0.source()))
    }

    /// The id of the key that matched when it was received.
    #[getter]
    fn key_id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, self.0.key_id()))
    }

    /// What the vendor's signature covered when it was received.
    #[getter]
    fn assurance(&self, py: Python<'_>) -> PyResult<Assurance> {
        guarded(py, || Ok(Assurance(self.0.assurance())))
    }

    /// As `Delivery.time`.
    #[getter]
    fn time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guarded(py, || self.0.time().map(|time| clock::to_datetime(py, time)).transpose())
    }

    /// The time at which it was received, an aware `datetime` in UTC.
    #[getter]
    fn received_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        guarded(py, || clock::to_datetime(py, self.0.received_at()))
    }

    /// The elements that could not be read, in their order.
    #[getter]
    fn malformed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guarded(py, || Malformed::tuple(py, self.0.malformed()))
    }

    /// The body as it was received. Each access makes `bytes` of its own.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guarded(py, || Ok(PyBytes::new(py, self.0.body())))
    }

    /// `True`; `False` for a `Delivery`, which a receiver checked.
    #[getter]
    fn is_recorded(&self) -> bool {
        true
    }

    /// As `Delivery.replay_key`.
    fn replay_key<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        guarded(py, || replay::to_python(py, self.0.replay_key()))
    }

    /// As `Delivery.to_cloudevents`.
    fn to_cloudevents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_str(py, &self.0.to_cloudevents()))
    }

    /// The record again, to hand it on.
    fn to_record<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || {
            let record = body::detached(py, self.0.body().len(), || self.0.to_record());
            text::of_str(py, &record)
        })
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __getitem__<'py>(slf: &Bound<'py, Self>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        sequence::item(&Holder::Recorded(slf.clone().unbind()), index)
    }

    fn __iter__(slf: Bound<'_, Self>) -> Events {
        Events::of(Holder::Recorded(slf.unbind()))
    }

    fn __reversed__(slf: Bound<'_, Self>) -> Events {
        Events::reversed(Holder::Recorded(slf.unbind()))
    }

    fn __contains__(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        sequence::contains(&Holder::Recorded(slf.clone().unbind()), value)
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
        sequence::index_of(&Holder::Recorded(slf.clone().unbind()), value, start, stop)
    }

    /// How many events equal `value`.
    fn count<'py>(slf: &Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        sequence::count(&Holder::Recorded(slf.clone().unbind()), value)
    }

    fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        guarded(py, || text::of_display(py, &format_args!("{:?}", self.0)))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        boundary::refuse_pickling(
            py,
            "Recorded",
            "it holds a request's content and never changes; threads can share it, and another process gets \
             recorded.to_record()",
        )
    }
}
