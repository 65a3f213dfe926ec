//! The core's parts of an inbox: rows, statements and settings. `hookseal.inbox` runs the statements.

use hookseal::inbox::{INBOX_VERSION, POSTGRESQL, SETTINGS, SQLITE, is_inbox_name};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict, PyString, PyTuple},
};

use crate::{
    authenticated::Delivery,
    body,
    boundary::guarded,
    holder::Recorded,
    recorded::{bytes_of, record_error},
    text,
};

/// The record of a delivery without its body, and the body.
#[pyfunction]
pub(crate) fn inbox_row<'py>(delivery: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = delivery.py();
    guarded(py, || {
        let (record, body) = if let Ok(delivery) = delivery.cast::<Delivery>() {
            let delivery = &delivery.get().0;
            let body = delivery.body().into_pyobject(py).map_err(PyErr::from)?;
            (body::detached(py, delivery.body().len(), || delivery.to_record_without_body()), body)
        } else if let Ok(recorded) = delivery.cast::<Recorded>() {
            let recorded = &recorded.get().0;
            let record = body::detached(py, recorded.body().len(), || recorded.to_record_without_body());
            (record, PyBytes::new(py, recorded.body()))
        } else {
            return Err(PyTypeError::new_err("delivery must be the Delivery that receive() returned"));
        };
        PyTuple::new(py, [text::of_str(py, &record)?.into_any(), body.into_any()])
    })
}

/// Opens a row of an inbox. Raises `RecordError`.
#[pyfunction]
pub(crate) fn open_inbox_row(record: &Bound<'_, PyAny>, body: &Bound<'_, PyBytes>) -> PyResult<Recorded> {
    let py = record.py();
    guarded(py, || {
        let body = body.as_bytes();
        let opened = match bytes_of(record)? {
            Some(record) => {
                body::detached(py, body.len(), || hookseal::from_trusted_record_and_body(record, body))
            }
            None => Err(hookseal::RecordError::NotARecord),
        };
        opened.map(Recorded).map_err(|error| record_error(py, &error))
    })
}

/// The statements for `postgresql` or `sqlite`, by their names.
#[pyfunction]
pub(crate) fn inbox_statements<'py>(database: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyDict>> {
    let py = database.py();
    guarded(py, || {
        let statements = match database.to_str()? {
            "postgresql" => POSTGRESQL,
            "sqlite" => SQLITE,
            _ => return Err(PyValueError::new_err("the database must be PostgreSQL or SQLite")),
        };
        let named = PyDict::new(py);
        for (name, statement) in statements.all() {
            named.set_item(name, statement)?;
        }
        Ok(named)
    })
}

/// The version of the table that the statements are for.
#[pyfunction]
pub(crate) fn inbox_version() -> u32 {
    INBOX_VERSION
}

/// For each setting its name, default, least and greatest value.
#[pyfunction]
pub(crate) fn inbox_settings(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    guarded(py, || {
        PyTuple::new(
            py,
            SETTINGS.iter().map(|setting| (setting.name, setting.default, setting.least, setting.most)),
        )
    })
}

/// Whether an inbox can have this name.
#[pyfunction]
pub(crate) fn inbox_has_name(name: &Bound<'_, PyString>) -> PyResult<bool> {
    guarded(name.py(), || Ok(name.to_str().is_ok_and(is_inbox_name)))
}
