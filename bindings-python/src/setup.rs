//! Keys and options of a receiver.

use hookseal::{Keys, Receiver, ReplayPolicy, SetupError, SignatureEncoding, Window};
use pyo3::{
    exceptions::{PyOverflowError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict, PyList, PyString, PyTuple},
};

use crate::{
    body,
    key::{Key, core_key},
    text,
};

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

/// One secret, one key, or a list of them.
pub(crate) fn keys(given: &Bound<'_, PyAny>) -> PyResult<Keys> {
    let listed = given.is_instance_of::<PyList>() || given.is_instance_of::<PyTuple>();
    let keys = if listed {
        let keys = given.try_iter()?.take(Keys::MAX + 1).map(|key| one_key(&key?));
        keys.collect::<PyResult<Vec<_>>>()?
    } else {
        vec![one_key(given)?]
    };
    Keys::ring(keys).map_err(setup_error)
}

fn one_key(given: &Bound<'_, PyAny>) -> PyResult<hookseal::Key> {
    match given.cast::<Key>() {
        Ok(key) => key.get().to_core(given.py()),
        Err(_) => core_key(given).map_err(|error| {
            if error.is_instance_of::<PyTypeError>(given.py()) { wrong_key(given) } else { error }
        }),
    }
}

fn wrong_key(given: &Bound<'_, PyAny>) -> PyErr {
    let message = "keys must be a secret (str or bytes), a Key, or a list of these";
    PyTypeError::new_err(format!("{message}{}", if given.is_none() { UNSET } else { "" }))
}

/// `None` in place of a secret is mostly what `os.environ.get` gave.
const UNSET: &str = ", not None: check that its environment variable is set";

/// The receiver with the options that every vendor has. It has its `own` beside them.
pub(crate) fn with_options(
    receiver: Receiver,
    own: &[&str],
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Receiver> {
    // PyO3 panics where a dict grows while it is walked, and a value can have a class with methods of its own.
    let given: Vec<_> = options.into_iter().flatten().collect();
    given.into_iter().try_fold(receiver, |receiver, (name, value)| {
        let name = name.cast::<PyString>()?.to_string_lossy();
        let Some((_, set)) = OPTIONS.iter().find(|(option, _)| *option == name) else {
            let all: Vec<_> = own.iter().chain(OPTIONS.iter().map(|(option, _)| option)).copied().collect();
            let all = all.join(", ");
            return Err(PyTypeError::new_err(format!(
                "{name:?} is no option of this receiver, which has {all}"
            )));
        };
        if value.is_none() && name == "id_key" {
            // To go on without it would leave ids open to guesses, and nobody would see that.
            return Err(PyTypeError::new_err(
                "id_key is None: check that its environment variable is set, or leave the option out",
            ));
        }
        if value.is_none() { Ok(receiver) } else { set(receiver, Given::new(&name, &value)) }
    })
}

/// Sets an option to what was given.
type Set = fn(Receiver, Given<'_, '_>) -> PyResult<Receiver>;

const OPTIONS: &[(&str, Set)] = &[
    ("max_body_bytes", |receiver, given| receiver.max_body_bytes(given.integer()?).map_err(setup_error)),
    ("max_events", |receiver, given| receiver.max_events(given.integer()?).map_err(setup_error)),
    ("max_depth", |receiver, given| receiver.max_depth(given.integer()?).map_err(setup_error)),
    ("max_number_length", |receiver, given| {
        receiver.max_number_length(given.integer()?).map_err(setup_error)
    }),
    ("source", |receiver, given| receiver.source(given.text()?).map_err(setup_error)),
    ("id_key", |receiver, given| receiver.id_key(given.bytes()?).map_err(setup_error)),
    ("replay_policy", |receiver, given| {
        Ok(receiver.replay_policy(given.word(ReplayPolicy::ALL, ReplayPolicy::as_str)?))
    }),
    ("replay_retention_seconds", |receiver, given| {
        receiver.replay_retention_seconds(given.integer()?).map_err(setup_error)
    }),
];

/// An option's name and what the program gave for it.
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

    /// An integer of any size as the nearest that the core takes, which then says what its range is.
    pub(crate) fn integer<N: TryFrom<i64> + Limits>(self) -> PyResult<N> {
        let py = self.value.py();
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
            Ok(_) => self.text().map(str::as_bytes),
            Err(_) if self.value.is_none() => Err(self.must_be(&format!("str or bytes{UNSET}"))),
            Err(_) => Err(self.must_be("str or bytes")),
        }
    }

    pub(crate) fn text(self) -> PyResult<&'a str> {
        let text = self.value.cast::<PyString>().map_err(|_| self.must_be("str"))?;
        // Not the exception that Python has for it, which holds the whole text: it may be a secret.
        text.to_str()
            .map_err(|_| PyValueError::new_err(format!("{} holds half of a surrogate pair", self.name)))
    }

    /// Text that is kept.
    pub(crate) fn kept_text(self) -> PyResult<Bound<'py, PyString>> {
        self.text()?;
        text::plain(self.value.cast::<PyString>()?)
    }

    /// `str` or `bytes` that are kept.
    pub(crate) fn kept(self) -> PyResult<Bound<'py, PyAny>> {
        self.bytes()?;
        match self.value.cast::<PyBytes>() {
            Ok(bytes) => Ok(body::plain(bytes).into_any()),
            Err(_) => Ok(self.kept_text()?.into_any()),
        }
    }

    /// One of the core's words.
    fn word<W: Copy>(self, words: &[W], as_str: fn(W) -> &'static str) -> PyResult<W> {
        let given = self.text()?;
        words.iter().copied().find(|word| as_str(*word) == given).ok_or_else(|| {
            let words: Vec<_> = words.iter().map(|word| format!("{:?}", as_str(*word))).collect();
            PyValueError::new_err(format!("{} must be one of {}", self.name, words.join(", ")))
        })
    }

    fn must_be(self, what: &str) -> PyErr {
        PyTypeError::new_err(format!("{} must be {what}", self.name))
    }
}

/// The ends of an integer type.
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

limits!(usize u64 u32 i16);

/// `"off"` or past and future in seconds.
pub(crate) fn window(given: &Bound<'_, PyAny>) -> PyResult<Window> {
    if let Ok(text) = given.cast::<PyString>() {
        return if text == "off" { Ok(Window::off()) } else { Err(PyValueError::new_err(WINDOW_IS)) };
    }
    let (past, future): (i64, i64) = given.extract().map_err(|error: PyErr| {
        let overflows = error.is_instance_of::<PyOverflowError>(given.py());
        if overflows { PyValueError::new_err(WINDOW_IS) } else { PyTypeError::new_err(WINDOW_IS) }
    })?;
    match (u64::try_from(past), u64::try_from(future)) {
        (Ok(past), Ok(future)) => Ok(Window::seconds(past, future)),
        _ => Err(PyValueError::new_err(WINDOW_IS)),
    }
}

const WINDOW_IS: &str =
    "window must be (past, future) in whole seconds, neither of them negative, or \"off\"";

/// `"hex"`, `"base64"` or `"base64url"`.
pub(crate) fn signature_encoding(given: &Bound<'_, PyAny>) -> PyResult<SignatureEncoding> {
    match Given::new("the signature's encoding", given).text()? {
        "hex" => Ok(SignatureEncoding::Hex),
        "base64" => Ok(SignatureEncoding::Base64),
        "base64url" => Ok(SignatureEncoding::Base64Url),
        _ => Err(PyValueError::new_err(
            "the signature's encoding must be \"hex\", \"base64\" or \"base64url\"",
        )),
    }
}
