//! The sender's side, for `hookseal.sign`.

use hookseal::{
    Key, Keys, MAX_CHALLENGE_BYTES, Receiver, Secret, SetupError, SignatureEncoding, Timestamp,
    bento::Credentials, binding, sign, sign::SignedHeaders,
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyDict},
};
use zeroize::Zeroizing;

use crate::{
    boundary::guarded,
    clock,
    given::{Given, setup_error},
    text,
};

#[pyfunction]
#[pyo3(signature = (salt, body, time = None, encoding = None), text_signature = "(salt, body, time=None, encoding='hex')")]
pub(crate) fn sign_benji<'py>(
    salt: &Bound<'py, PyAny>,
    body: &Bound<'py, PyAny>,
    time: Option<&Bound<'py, PyAny>>,
    encoding: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    benji(sign::benji_encoded, salt, body, time, encoding)
}

#[pyfunction]
#[pyo3(signature = (salt, body, time = None, encoding = None), text_signature = "(salt, body, time=None, encoding='hex')")]
pub(crate) fn sign_benji_body_only<'py>(
    salt: &Bound<'py, PyAny>,
    body: &Bound<'py, PyAny>,
    time: Option<&Bound<'py, PyAny>>,
    encoding: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    benji(sign::benji_body_only_encoded, salt, body, time, encoding)
}

fn benji<'py>(
    sign: fn(&Secret, &[u8], Timestamp, SignatureEncoding) -> SignedHeaders,
    salt: &Bound<'py, PyAny>,
    body: &Bound<'py, PyAny>,
    time: Option<&Bound<'py, PyAny>>,
    encoding: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = salt.py();
    guarded(py, || {
        let body = body.cast::<PyBytes>().map_err(|_| PyTypeError::new_err(BODY_IS))?;
        let encoding =
            encoding.map_or(Ok(SignatureEncoding::Hex), |given| Given::new("encoding", given).word())?;
        let time = time.map_or_else(|| clock::now(py, None), |time| clock::time(time, "time"))?;
        to_dict(py, &sign(&secret(salt)?, body.as_bytes(), time, encoding))
    })
}

const BODY_IS: &str = "body must be bytes, exactly as they are sent; the time, if any, comes after it";

#[pyfunction]
pub(crate) fn sign_benti<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    guarded(given.py(), || {
        check(given, Receiver::benti)?;
        to_dict(given.py(), &sign::benti(&secret(given)?))
    })
}

#[pyfunction]
pub(crate) fn sign_benti_handshake<'py>(
    given: &Bound<'py, PyAny>,
    challenge: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    guarded(given.py(), || {
        let challenge = Given::new("the challenge", challenge).text()?;
        if !binding::is_challenge(challenge) {
            return Err(PyValueError::new_err(format!(
                "the challenge must be 1 to {MAX_CHALLENGE_BYTES} visible ASCII characters"
            )));
        }
        check(given, Receiver::benti)?;
        to_dict(given.py(), &sign::benti_handshake(&secret(given)?, challenge))
    })
}

#[pyfunction]
pub(crate) fn sign_bento_basic<'py>(
    user: &Bound<'py, PyAny>,
    given: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    guarded(given.py(), || {
        let user = Given::user(user).configured_text()?;
        check(given, |keys| Receiver::bento(Credentials::Basic { user, keys }))?;
        to_dict(given.py(), &sign::bento_basic(user, &secret(given)?))
    })
}

#[pyfunction]
pub(crate) fn sign_bento_bearer<'py>(given: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    guarded(given.py(), || {
        check(given, |keys| Receiver::bento(Credentials::Bearer { keys }))?;
        to_dict(given.py(), &sign::bento_bearer(&secret(given)?))
    })
}

#[pyfunction]
pub(crate) fn sign_bento_header<'py>(
    name: &Bound<'py, PyAny>,
    given: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyDict>> {
    guarded(given.py(), || {
        let name = Given::header_name(name).configured_text()?;
        check(given, |keys| Receiver::bento(Credentials::Header { name, keys }))?;
        to_dict(given.py(), &sign::bento_header(name, &secret(given)?))
    })
}

/// Refuses credentials that no receiver takes: a request with them would look like one with another secret.
fn check(
    given: &Bound<'_, PyAny>,
    receiver: impl FnOnce(Keys) -> Result<Receiver, SetupError>,
) -> PyResult<()> {
    let key = Key::exact(Given::secret(given).bytes()?).map_err(setup_error)?;
    Keys::ring([key]).and_then(receiver).map(drop).map_err(setup_error)
}

fn secret(given: &Bound<'_, PyAny>) -> PyResult<Secret> {
    Secret::new(Given::secret(given).bytes()?).map_err(setup_error)
}

/// Names and values as text. Values are decoded as ISO-8859-1, the encoding of Python's HTTP clients.
fn to_dict<'py>(py: Python<'py>, headers: &SignedHeaders) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, value) in headers {
        dict.set_item(name, text::of_str(py, &latin1(value))?)?;
    }
    Ok(dict)
}

/// The text has its full capacity from the start, because a growing text would leave copies behind.
fn latin1(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    text.extend(bytes.iter().copied().map(char::from));
    text
}
