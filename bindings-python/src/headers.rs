//! Finds the headers that a receiver reads, in every form that Python's web frameworks hand over.

use std::borrow::Cow;

use hookseal::{
    Field, FieldValue, Headers, Receiver,
    binding::{self, CONTENT_LENGTH, MOST_HEADERS},
};
use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyBytes, PyDict, PyList, PyString, PyTuple},
};

use crate::{boundary, text};

/// The most headers of a request that are read, the announced length included.
const MOST: usize = MOST_HEADERS + 1;

/// The names of the headers that are read.
pub(crate) struct Names {
    names: Vec<Name>,
    /// A bit for each length of a name. Most other headers have another length.
    lengths: u64,
}

struct Name {
    /// In lower case.
    header: Box<str>,
    /// The name as a key of a WSGI environ.
    environ: Py<PyString>,
}

impl Names {
    /// The names that the check of a whole request reads.
    pub(crate) fn of_request(py: Python<'_>, receiver: &Receiver) -> PyResult<Self> {
        Self::new(py, binding::header_names(receiver))
    }

    /// The names that the check before the body reads.
    pub(crate) fn of_head(py: Python<'_>, receiver: &Receiver) -> PyResult<Self> {
        Self::new(py, binding::header_names(receiver).chain([CONTENT_LENGTH]))
    }

    /// The names that the reading of an answer needs.
    pub(crate) fn of_answer(py: Python<'_>) -> PyResult<Self> {
        Self::new(py, ["retry-after", "date"].into_iter())
    }

    fn new<'n>(py: Python<'_>, headers: impl Iterator<Item = &'n str>) -> PyResult<Self> {
        let names: Vec<Name> = headers
            .map(|name| {
                let key = name.to_ascii_uppercase().replace('-', "_");
                let key = if name == CONTENT_LENGTH { key } else { format!("HTTP_{key}") };
                Name { header: name.into(), environ: PyString::intern(py, &key).unbind() }
            })
            .collect();
        // A header without a slot would count as absent.
        if names.len() > MOST {
            return Err(boundary::internal_error(py));
        }
        let lengths = names.iter().fold(0, |lengths, name| lengths | bit(name.header.len()));
        Ok(Self { names, lengths })
    }

    #[inline]
    fn place(&self, name: &[u8]) -> Option<usize> {
        if self.lengths & bit(name.len()) == 0 {
            return None;
        }
        let exact = self.names.iter().position(|known| known.header.as_bytes() == name);
        exact.or_else(|| {
            self.names.iter().position(|known| known.header.as_bytes().eq_ignore_ascii_case(name))
        })
    }

    /// Finds the headers in the program's object: a WSGI environ, a mapping or an iterable of pairs. Most programs have
    /// an exact dict, which is read without a call into Python.
    pub(crate) fn find<'py>(&self, headers: &Bound<'py, PyAny>) -> PyResult<Found<'_, 'py>> {
        let mut found = Found { names: &self.names, slots: [const { Slot::Absent }; MOST] };
        if let Ok(dict) = headers.cast_exact::<PyDict>() {
            // PyO3 panics if a dict changes during the loop. So no Python code runs in it: values that need Python code
            // are read after the loop.
            let mut unusual = Vec::new();
            for (name, value) in dict.iter() {
                if let Some(place) = self.place_of(&name)? {
                    if is_text(&value) {
                        found.add_text(place, value);
                    } else {
                        put_off(&mut unusual, place, value);
                    }
                }
            }
            for (place, value) in unusual {
                found.add_unusual(place, value)?;
            }
            if found.is_empty() && is_wsgi_environ(dict)? {
                found.read_environ(dict)?;
            }
            return Ok(found);
        }
        for pair in pairs(headers)?.try_iter().map_err(|error| not_iterable(headers, error))? {
            let (name, value) = two(&pair?)?;
            if let Some(place) = self.place_of(&name)? {
                found.add(place, value)?;
            }
        }
        Ok(found)
    }

    #[inline]
    fn place_of(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        match name.cast_exact::<PyString>() {
            Ok(name) => Ok(self.place_of_text(name)),
            Err(_) => self.place_of_unusual(name),
        }
    }

    #[cold]
    fn place_of_unusual(&self, name: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
        if let Ok(name) = name.cast::<PyString>() {
            Ok(self.place_of_text(name))
        } else if let Ok(name) = name.cast::<PyBytes>() {
            Ok(self.place(name.as_bytes()))
        } else {
            let given = text::type_name(name);
            Err(PyTypeError::new_err(format!("the name of a header must be str or bytes, not {given}")))
        }
    }

    /// The position of a name. A name with half of a surrogate pair has none.
    #[inline]
    fn place_of_text(&self, name: &Bound<'_, PyString>) -> Option<usize> {
        name.to_str().ok().and_then(|name| self.place(name.as_bytes()))
    }
}

/// All pairs of a mapping, or the iterable itself.
///
/// Some mappings keep several values of a name, but their `items()` gives only the first or the last one. They have
/// another method that gives all: `multi_items()` (Starlette, HTTPX) or `lists()` (Werkzeug, Django).
///
/// A request of Starlette or aiohttp is a mapping too, without a header. So an object whose class has `headers` is
/// refused. The object itself may have a member for each header that was sent, so it counts only if it is no mapping.
fn pairs<'py>(headers: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = headers.py();
    let is_text = headers.is_instance_of::<PyString>() || headers.is_instance_of::<PyBytes>();
    if headers.is_none() || is_text || headers.get_type().hasattr(intern!(py, "headers"))? {
        return Err(no_headers(headers));
    }
    for method in [intern!(py, "multi_items"), intern!(py, "lists"), intern!(py, "items")] {
        if let Some(method) = headers.getattr_opt(method)? {
            return method.call0();
        }
    }
    if headers.hasattr(intern!(py, "headers"))? { Err(no_headers(headers)) } else { Ok(headers.clone()) }
}

const HEADERS_ARE: &str = "headers must be a mapping or an iterable of pairs";

#[cold]
fn not_iterable(headers: &Bound<'_, PyAny>, error: PyErr) -> PyErr {
    if error.is_instance_of::<PyTypeError>(headers.py()) { no_headers(headers) } else { error }
}

#[cold]
fn no_headers(given: &Bound<'_, PyAny>) -> PyErr {
    let is_request = given.hasattr(intern!(given.py(), "headers")).unwrap_or(false);
    let advice = if is_request { ": pass its headers, such as request.headers" } else { "" };
    PyTypeError::new_err(format!("{HEADERS_ARE}, not {}{advice}", text::type_name(given)))
}

fn bit(length: usize) -> u64 {
    u32::try_from(length).ok().and_then(|length| 1_u64.checked_shl(length)).unwrap_or(1 << 63)
}

/// Whether the dict is a WSGI environ. No sender can make a dict of headers look like one: no header has a tuple as its
/// value.
fn is_wsgi_environ(dict: &Bound<'_, PyDict>) -> PyResult<bool> {
    let version = dict.get_item(intern!(dict.py(), "wsgi.version"))?;
    Ok(version.is_some_and(|version| version.is_instance_of::<PyTuple>()))
}

/// The elements of a pair: a tuple, or a list as in ASGI.
fn two<'py>(pair: &Bound<'py, PyAny>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    if let Ok(tuple) = pair.cast::<PyTuple>()
        && tuple.len() == 2
    {
        return Ok((tuple.get_item(0)?, tuple.get_item(1)?));
    }
    match pair.cast::<PyList>() {
        Ok(list) if list.len() == 2 => Ok((list.get_item(0)?, list.get_item(1)?)),
        _ => {
            Err(PyTypeError::new_err(format!("{HEADERS_ARE}: one element is no pair of a name and a value")))
        }
    }
}

#[cold]
fn put_off<'py>(unusual: &mut Vec<(usize, Bound<'py, PyAny>)>, place: usize, value: Bound<'py, PyAny>) {
    unusual.push((place, value));
}

#[inline]
fn is_text(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyString>()
}

/// The headers that were found, at the positions of their names.
pub(crate) struct Found<'n, 'py> {
    names: &'n [Name],
    slots: [Slot<'py>; MOST],
}

enum Slot<'py> {
    Absent,
    One(Bound<'py, PyAny>),
    Repeated,
}

impl<'py> Found<'_, 'py> {
    fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| matches!(slot, Slot::Absent))
    }

    #[inline]
    fn add(&mut self, place: usize, value: Bound<'py, PyAny>) -> PyResult<()> {
        if is_text(&value) {
            self.add_text(place, value);
            return Ok(());
        }
        self.add_unusual(place, value)
    }

    #[inline]
    fn add_text(&mut self, place: usize, value: Bound<'py, PyAny>) {
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = if matches!(slot, Slot::Absent) { Slot::One(value) } else { Slot::Repeated };
        }
    }

    /// Adds a list of values, the form of AWS and some frameworks, or the object that Python's `email` makes for bytes
    /// that are not text.
    #[cold]
    fn add_unusual(&mut self, place: usize, value: Bound<'py, PyAny>) -> PyResult<()> {
        if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            for value in value.try_iter()? {
                let value = value?;
                if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
                    return Err(self.wrong_value(place, &value));
                }
                self.add(place, value)?;
            }
            return Ok(());
        }
        let class = value.get_type();
        if class.name()? == "Header" && class.module()? == "email.header" {
            return self.add(place, text::of_str(value.py(), UNREADABLE)?.into_any());
        }
        Err(self.wrong_value(place, &value))
    }

    fn wrong_value(&self, place: usize, given: &Bound<'py, PyAny>) -> PyErr {
        let header = self.names.get(place).map_or("", |name| &name.header);
        PyTypeError::new_err(format!(
            "the value of the header {header} must be str, bytes, or a list of these, not {}",
            text::type_name(given)
        ))
    }

    fn read_environ(&mut self, environ: &Bound<'py, PyDict>) -> PyResult<()> {
        for (place, name) in self.names.iter().enumerate() {
            if let Some(value) = environ.get_item(&name.environ)? {
                self.add(place, value)?;
            }
        }
        Ok(())
    }

    /// The same headers for a thread that releases the interpreter lock, as bytes borrowed from the `str` and `bytes`
    /// objects.
    pub(crate) fn fields(&self) -> Fields<'_> {
        let fields = std::array::from_fn(|place| self.slots.get(place).map_or(Field::Absent, Slot::field));
        Fields { names: self.names, fields }
    }
}

impl Headers for Found<'_, '_> {
    #[inline]
    fn field(&self, name: &str) -> Field<'_> {
        place_of_known(self.names, name)
            .and_then(|place| self.slots.get(place))
            .map_or(Field::Absent, Slot::field)
    }
}

impl Slot<'_> {
    /// The value: bytes as they are, text as ISO-8859-1.
    #[inline]
    fn field(&self) -> Field<'_> {
        let value = match self {
            Self::Absent => return Field::Absent,
            Self::Repeated => return Field::Repeated,
            Self::One(value) => value,
        };
        let bytes = match value.cast::<PyString>() {
            Ok(text) => text.to_str().ok().and_then(FieldValue::to_bytes),
            Err(_) => value.cast::<PyBytes>().ok().map(|bytes| Cow::Borrowed(bytes.as_bytes())),
        };
        bytes.map_or(Field::Unreadable, Field::Value)
    }
}

/// Replaces a value that is not text of a header.
const UNREADABLE: &str = "\u{fffd}";

#[inline]
fn place_of_known(names: &[Name], name: &str) -> Option<usize> {
    names.iter().position(|known| *known.header == *name)
}

/// The headers of a request with a length above every limit, whatever length they announce.
pub(crate) struct OfTooLarge<'a, H>(pub(crate) &'a H);

impl<H: Headers> Headers for OfTooLarge<'_, H> {
    fn field(&self, name: &str) -> Field<'_> {
        if name == CONTENT_LENGTH {
            return Field::Value(Cow::Borrowed(b"99999999999999999999"));
        }
        self.0.field(name)
    }
}

/// The headers of a request without Python objects.
pub(crate) struct Fields<'a> {
    names: &'a [Name],
    fields: [Field<'a>; MOST],
}

impl Headers for Fields<'_> {
    fn field(&self, name: &str) -> Field<'_> {
        match place_of_known(self.names, name).and_then(|place| self.fields.get(place)) {
            Some(Field::Value(bytes)) => Field::Value(Cow::Borrowed(bytes)),
            Some(Field::Unreadable) => Field::Unreadable,
            Some(Field::Repeated) => Field::Repeated,
            Some(Field::Absent) | None => Field::Absent,
        }
    }
}
