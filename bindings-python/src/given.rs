//! Converts the values that a program gives for arguments and options to those of the core.

use std::convert::Infallible;

use hookseal::{SetupError, Window};
use pyo3::{
    exceptions::{PyOverflowError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyBool, PyBytes, PyString},
};

use crate::{body, text, words::Word};

/// A mistake in the program or its configuration.
pub(crate) fn setup_error(error: SetupError) -> PyErr {
    let message = error.to_string();
    PyValueError::new_err(match error {
        SetupError::SecretStartsWith(_) | SetupError::SecretEndsWith(_) | SetupError::QuotedSecret(_) => {
            message.replace("make the key exact", "pass Key(secret, exact=True)")
        }
        _ => message,
    })
}

/// The advice if a secret is `None`, which usually comes from `os.environ.get`.
pub(crate) const UNSET: &str = ", not None: check that its environment variable is set";

/// An option that is on or off. PyO3 would refuse another value without the option's name.
pub(crate) enum Flag {
    Bool(bool),
    Other,
}

impl FromPyObject<'_, '_> for Flag {
    type Error = Infallible;

    fn extract(given: Borrowed<'_, '_, PyAny>) -> Result<Self, Infallible> {
        Ok(given.extract().map_or(Self::Other, Self::Bool))
    }
}

impl Flag {
    pub(crate) const OFF: Self = Self::Bool(false);

    pub(crate) fn named(self, name: &str) -> PyResult<bool> {
        match self {
            Self::Bool(value) => Ok(value),
            Self::Other => Err(PyTypeError::new_err(format!("{name} must be True or False"))),
        }
    }
}

/// The name of an argument or option, and the value that the program gave for it.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a, 'py> {
    name: &'a str,
    value: &'a Bound<'py, PyAny>,
}

impl<'a, 'py> Given<'a, 'py> {
    pub(crate) fn new(name: &'a str, value: &'a Bound<'py, PyAny>) -> Self {
        Self { name, value }
    }

    pub(crate) fn secret(value: &'a Bound<'py, PyAny>) -> Self {
        Self::new("the secret", value)
    }

    pub(crate) fn user(value: &'a Bound<'py, PyAny>) -> Self {
        Self::new("the user", value)
    }

    pub(crate) fn header_name(value: &'a Bound<'py, PyAny>) -> Self {
        Self::new("the name of the header", value)
    }

    /// An integer of any size, cut to the range of the core's type. The core then refuses it and names its range.
    pub(crate) fn integer<N: TryFrom<i64> + Limits>(self) -> PyResult<N> {
        let py = self.value.py();
        // To Python `True` is 1: it would set a limit of one event, and nobody would notice.
        if self.value.is_instance_of::<PyBool>() {
            return Err(self.must_be("an integer"));
        }
        let value: i64 = match self.value.extract() {
            Ok(value) => value,
            Err(error) if error.is_instance_of::<PyOverflowError>(py) => {
                if self.value.lt(0)? {
                    i64::MIN
                } else {
                    i64::MAX
                }
            }
            Err(error) if error.is_instance_of::<PyTypeError>(py) => return Err(self.must_be("an integer")),
            Err(error) => return Err(error),
        };
        Ok(N::try_from(value).unwrap_or(if value < 0 { N::LOWEST } else { N::HIGHEST }))
    }

    /// The UTF-8 bytes of a `str`, or `bytes` as they are.
    pub(crate) fn bytes(self) -> PyResult<&'a [u8]> {
        if let Ok(bytes) = self.value.cast::<PyBytes>() {
            return Ok(bytes.as_bytes());
        }
        match self.value.cast::<PyString>() {
            Ok(text) => self.utf8(text, ": use the bytes from os.environb or os.fsencode").map(str::as_bytes),
            Err(_) if self.value.is_none() => Err(self.must_be(&format!("str or bytes{UNSET}"))),
            Err(_) => Err(self.must_be("str or bytes")),
        }
    }

    pub(crate) fn text(self) -> PyResult<&'a str> {
        self.utf8(self.value.cast::<PyString>().map_err(|_| self.must_be("str"))?, "")
    }

    /// A text that usually comes from the environment.
    pub(crate) fn configured_text(self) -> PyResult<&'a str> {
        if self.value.is_none() { Err(self.must_be(&format!("str{UNSET}"))) } else { self.text() }
    }

    /// A text in UTF-8, or an error with this advice. Python's own exception would hold the whole text, which may be a
    /// secret.
    fn utf8(self, text: &'a Bound<'py, PyString>, advice: &str) -> PyResult<&'a str> {
        text.to_str().map_err(|_| {
            PyValueError::new_err(format!(
                "{} holds half of a surrogate pair, which os.environ gives for bytes that are not UTF-8{advice}",
                self.name
            ))
        })
    }

    /// A text that the receiver or key keeps.
    pub(crate) fn kept_text(self) -> PyResult<Bound<'py, PyString>> {
        self.text()?;
        text::plain(self.value.cast::<PyString>()?)
    }

    /// A `str` or `bytes` that the key keeps.
    pub(crate) fn kept(self) -> PyResult<Bound<'py, PyAny>> {
        self.bytes()?;
        match self.value.cast::<PyBytes>() {
            Ok(bytes) => Ok(body::plain(bytes).into_any()),
            Err(_) => Ok(self.kept_text()?.into_any()),
        }
    }

    /// One of the core's words.
    pub(crate) fn word<W: Word>(self) -> PyResult<W> {
        let given = self.text()?;
        W::ALL.iter().copied().find(|word| word.text() == given).ok_or_else(|| {
            let words: Vec<_> = W::ALL.iter().map(|word| format!("{:?}", word.text())).collect();
            PyValueError::new_err(format!("{} must be one of {}", self.name, words.join(", ")))
        })
    }

    fn must_be(self, what: &str) -> PyErr {
        PyTypeError::new_err(format!("{} must be {what}", self.name))
    }
}

/// The smallest and the largest value of an integer type.
pub(crate) trait Limits {
    const LOWEST: Self;
    const HIGHEST: Self;
}

macro_rules! limits {
    ($($integer:ty)+) => {
        $(impl Limits for $integer {
            const LOWEST: Self = Self::MIN;
            const HIGHEST: Self = Self::MAX;
        })+
    };
}

limits!(usize u64 i64 u32 u16 i16);

/// A window: `"off"`, or past and future in seconds.
pub(crate) fn window(given: &Bound<'_, PyAny>) -> PyResult<Window> {
    if let Ok(text) = given.cast::<PyString>() {
        return if text == "off" { Ok(Window::off()) } else { Err(PyValueError::new_err(WINDOW_IS)) };
    }
    let wrong = |error: PyErr| {
        let overflows = error.is_instance_of::<PyOverflowError>(given.py());
        if overflows { PyValueError::new_err(WINDOW_IS) } else { PyTypeError::new_err(WINDOW_IS) }
    };
    let sides: (Bound<'_, PyAny>, Bound<'_, PyAny>) = given.extract().map_err(wrong)?;
    // As in `Given::integer`.
    if sides.0.is_instance_of::<PyBool>() || sides.1.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err(WINDOW_IS));
    }
    let (past, future): (i64, i64) = (sides.0.extract().map_err(wrong)?, sides.1.extract().map_err(wrong)?);
    match (u64::try_from(past), u64::try_from(future)) {
        (Ok(past), Ok(future)) => Ok(Window::seconds(past, future)),
        _ => Err(PyValueError::new_err(WINDOW_IS)),
    }
}

const WINDOW_IS: &str =
    "window must be (past, future) in whole seconds, neither of them negative, or \"off\"";
