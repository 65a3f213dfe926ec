//! Writes Python values as JSON, without recursion. The core checks what is written.

use std::vec::IntoIter;

use hookseal::{
    MAX_DEPTH, MAX_NUMBER_LENGTH, binding,
    outgoing::{MAX_VALUE_BYTES, OutgoingError, Requirement},
};
use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple, PyType},
};

use super::fault;
use crate::clock;

/// The members of a value that the vendor names. Errors name these, and others by their place, because the names of
/// others may come from outside.
pub(super) struct Known {
    pub(super) members: &'static [&'static str],
    /// The member that may be an aware `datetime`.
    pub(super) date: Option<&'static str>,
}

/// One JSON object with these members.
pub(super) fn object(members: &Bound<'_, PyDict>, known: &Known) -> PyResult<String> {
    let py = members.py();
    let mut json = String::from("{");
    let mut open = vec![Open::object(of_dict(members))];
    while let Some(inside) = open.last_mut() {
        let Some((name, value)) = inside.rest.next() else {
            json.push(inside.end);
            open.pop();
            continue;
        };
        if inside.position > 0 {
            json.push(',');
        }
        inside.position += 1;
        inside.name = None;
        if let Some(name) = name {
            let name = name
                .cast_into::<PyString>()
                .map_err(|_| PyTypeError::new_err(format!("the name of {} must be str", place(&open))))?;
            let name = name.to_str().map_err(|_| half_surrogate(py, &place(&open)))?;
            push_text(&mut json, name);
            json.push(':');
            if let [top] = &mut *open {
                top.name = known.members.iter().find(|known| **known == name).copied();
            }
        }
        if let Some(nested) = Open::of(&value)? {
            if u32::try_from(open.len()).is_ok_and(|open| open >= MAX_DEPTH) {
                let message = format!(
                    "{} must be nested at most {MAX_DEPTH} deep, and must not contain itself: correct it",
                    place(open.get(..1).unwrap_or_default())
                );
                return Err(fault::with_code(py, MALFORMED, &message));
            }
            json.push(nested.start);
            open.push(nested);
        } else {
            push_scalar(&mut json, &value, &open, known)?;
        }
        // Checked here, because a list that holds another one several times could be written without an end.
        if json.len() > MAX_VALUE_BYTES {
            let error = OutgoingError::MalformedValue { name: "value", must: Requirement::ShortJson };
            return Err(fault::outgoing_error(py, error));
        }
    }
    Ok(json)
}

const MALFORMED: &str = "malformed_value";

type Members<'py> = Vec<(Option<Bound<'py, PyAny>>, Bound<'py, PyAny>)>;

/// An object or a list whose end has not been written yet.
struct Open<'py> {
    rest: IntoIter<(Option<Bound<'py, PyAny>>, Bound<'py, PyAny>)>,
    start: char,
    end: char,
    /// The place of the member or element that was begun last, from 1.
    position: usize,
    /// Its name, if it is known.
    name: Option<&'static str>,
}

impl<'py> Open<'py> {
    fn object(members: Members<'py>) -> Self {
        Self { rest: members.into_iter(), start: '{', end: '}', position: 0, name: None }
    }

    fn of(value: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        if let Ok(members) = value.cast_exact::<PyDict>() {
            return Ok(Some(Self::object(of_dict(members))));
        }
        if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            let elements = value.try_iter()?.take(MAX_VALUE_BYTES).map(|element| Ok((None, element?)));
            let rest = elements.collect::<PyResult<Members<'_>>>()?.into_iter();
            return Ok(Some(Self { rest, start: '[', end: ']', position: 0, name: None }));
        }
        // `isinstance` with an abstract class is slow, and most values are scalars.
        if is_scalar(value) {
            return Ok(None);
        }
        let Ok(mapping) = value.cast::<PyMapping>() else { return Ok(None) };
        let pairs = mapping.items()?.try_iter()?.take(MAX_VALUE_BYTES);
        let members = pairs.map(|pair| {
            let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair?.extract()?;
            Ok((Some(name), value))
        });
        Ok(Some(Self::object(members.collect::<PyResult<_>>()?)))
    }
}

/// All members at once: PyO3 panics if a dict changes during a loop over it, and values may have code that does that.
fn of_dict<'py>(dict: &Bound<'py, PyDict>) -> Members<'py> {
    dict.iter().take(MAX_VALUE_BYTES).map(|(name, value)| (Some(name), value)).collect()
}

fn is_scalar(value: &Bound<'_, PyAny>) -> bool {
    value.is_none()
        || value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyInt>()
        || value.is_instance_of::<PyFloat>()
}

fn push_scalar(
    json: &mut String,
    value: &Bound<'_, PyAny>,
    open: &[Open<'_>],
    known: &Known,
) -> PyResult<()> {
    let py = value.py();
    if value.is_none() {
        json.push_str("null");
    } else if let Ok(text) = value.cast::<PyString>() {
        push_text(json, text.to_str().map_err(|_| half_surrogate(py, &place(open)))?);
    } else if let Ok(value) = value.cast::<PyBool>() {
        json.push_str(if value.is_true() { "true" } else { "false" });
    } else if let Ok(integer) = value.cast::<PyInt>() {
        push_integer(json, integer)?.ok_or_else(|| {
            let message = format!("{} must have at most {MAX_NUMBER_LENGTH} digits: correct it", place(open));
            fault::with_code(py, MALFORMED, &message)
        })?;
    } else if let Ok(float) = value.cast::<PyFloat>() {
        if !float.value().is_finite() {
            return Err(no_number(py, &place(open)));
        }
        // The method of the class itself: one of a subclass could return another text.
        push_str_of(json, &py.get_type::<PyFloat>(), "__repr__", value)?;
    } else if value.is_instance(decimal(py)?)? {
        if !decimal(py)?.call_method1(intern!(py, "is_finite"), (value,))?.is_truthy()? {
            return Err(no_number(py, &place(open)));
        }
        push_str_of(json, decimal(py)?, "__str__", value)?;
    } else if is_date(open, known) && clock::is_datetime(value)? {
        if value.call_method0(intern!(py, "utcoffset"))?.is_none() {
            let message = "date must be an aware datetime, such as datetime.now(UTC): correct it";
            return Err(fault::with_code(py, MALFORMED, message));
        }
        let date = binding::rfc3339(clock::time(value, "date")?);
        push_text(json, std::str::from_utf8(&date).unwrap_or_default());
    } else {
        return Err(PyTypeError::new_err(format!(
            "{} cannot be of the class {}: give str, int, float, Decimal, bool, None, a mapping, a list or a tuple",
            place(open),
            value.get_type().name()?
        )));
    }
    Ok(())
}

fn push_text(json: &mut String, text: &str) {
    // A text can always be written.
    json.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn push_str_of(
    json: &mut String,
    class: &Bound<'_, PyType>,
    method: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let text = class.call_method1(method, (value,))?;
    json.push_str(text.cast::<PyString>()?.to_str()?);
    Ok(())
}

/// Writes all digits. `None` if there are more than the core takes.
///
/// Python's own conversion refuses more digits than a limit that the program can set, of at least 640. So a long
/// integer is written in two parts.
fn push_integer(json: &mut String, integer: &Bound<'_, PyInt>) -> PyResult<Option<()>> {
    const PART: usize = 500;
    let py = integer.py();
    if let Ok(short) = integer.extract::<i64>() {
        json.push_str(&short.to_string());
        return Ok(Some(()));
    }
    let class = py.get_type::<PyInt>();
    let bits: usize = class.call_method1(intern!(py, "bit_length"), (integer,))?.extract()?;
    // Each digit takes more than three bits.
    if bits > 4 * MAX_NUMBER_LENGTH {
        return Ok(None);
    }
    let shift = class.call1((10,))?.pow(PART, py.None())?;
    let parts = class.call_method1("__abs__", (integer,))?.divmod(shift)?;
    let (high, low): (Bound<'_, PyAny>, Bound<'_, PyAny>) = parts.extract()?;
    let digits = |part: &Bound<'_, PyAny>| class.call_method1("__repr__", (part,))?.extract::<String>();
    let (high, low) = (digits(&high)?, digits(&low)?);
    let text = if high == "0" { low } else { format!("{high}{low:0>PART$}") };
    let sign = if integer.lt(0)? { "-" } else { "" };
    if sign.len() + text.len() > MAX_NUMBER_LENGTH {
        return Ok(None);
    }
    json.extend([sign, &text]);
    Ok(Some(()))
}

fn is_date(open: &[Open<'_>], known: &Known) -> bool {
    matches!(open, [top] if top.name.is_some() && top.name == known.date)
}

fn decimal<'py>(py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
    static DECIMAL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")
}

fn no_number(py: Python<'_>, place: &str) -> PyErr {
    fault::with_code(py, MALFORMED, &format!("{place} must be a finite number: JSON has no other"))
}

fn half_surrogate(py: Python<'_>, place: &str) -> PyErr {
    fault::with_code(
        py,
        MALFORMED,
        &format!("{place} must be text without halves of surrogate pairs: correct it"),
    )
}

/// Where the member or element is that was begun last, such as `fields, member 2`.
fn place(open: &[Open<'_>]) -> String {
    let parts = open.iter().map(|each| match each.name {
        Some(name) => name.to_owned(),
        None if each.end == '}' => format!("member {}", each.position),
        None => format!("element {}", each.position),
    });
    parts.collect::<Vec<_>>().join(", ")
}
