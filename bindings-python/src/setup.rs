//! Converts the keys and the options of a receiver.

use hookseal::{Keys, Receiver, Vendor};
use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyDict, PyList, PyString, PyTuple, PyType},
};

use crate::{
    given::{Given, UNSET, setup_error},
    key::{Key, core_key},
};

/// The keys of a receiver: its one argument, also as the keyword `keys`. Python's own errors would not say that several
/// keys are a list, and that a secret has no keyword.
pub(crate) fn keys_argument<'py>(
    arguments: &Bound<'py, PyTuple>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let keyword = match options {
        Some(options) => taken(options)?,
        None => None,
    };
    match (arguments.len(), keyword) {
        (1, None) => arguments.get_item(0),
        (0, Some(keys)) => Ok(keys),
        (0, None) => Err(PyTypeError::new_err(
            "keys, the first argument, is missing: pass a secret (str or bytes), a Key, or a list of these",
        )),
        _ => Err(PyTypeError::new_err(
            "keys is the only argument without a name: pass several keys as a list, and options by their names",
        )),
    }
}

/// The keyword `keys`, taken out of the options.
fn taken<'py>(options: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let name = intern!(options.py(), "keys");
    let keys = options.get_item(name)?;
    if keys.is_some() {
        options.del_item(name)?;
    }
    Ok(keys)
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

/// The receiver with the options that every receiver has. A vendor's own options are in the signature of its
/// constructor in `class`.
pub(crate) fn with_options(
    receiver: Receiver,
    class: &Bound<'_, PyType>,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<Receiver> {
    // Collected first: PyO3 panics if a dict grows during a loop over it, and a value may have a class whose methods do
    // that.
    let given: Vec<_> = options.into_iter().flatten().collect();
    given.into_iter().try_fold(receiver, |receiver, (name, value)| {
        let name = name.cast::<PyString>()?.to_string_lossy();
        let Some((_, set)) = OPTIONS.iter().find(|(option, _)| *option == name) else {
            return Err(not_an_option(&name, receiver.vendor(), class)?);
        };
        if value.is_none() && name == "id_key" {
            // Without it ids would be open to guesses, and nobody would notice.
            return Err(PyTypeError::new_err(
                "id_key is None: check that its environment variable is set, or leave the option out",
            ));
        }
        if value.is_none() { Ok(receiver) } else { set(receiver, Given::new(&name, &value)) }
    })
}

/// The error for an option that this vendor's receivers do not have. It names the vendors whose receivers do.
fn not_an_option(name: &str, vendor: Vendor, class: &Bound<'_, PyType>) -> PyResult<PyErr> {
    let own = |vendor: Vendor| {
        let signature = class.getattr(vendor.as_str())?.getattr("__text_signature__")?.extract::<String>()?;
        let options =
            signature.split(", ").filter_map(|parameter| Some(parameter.split_once('=')?.0.to_owned()));
        PyResult::Ok(options.collect::<Vec<_>>())
    };
    let mut elsewhere = Vec::new();
    for &other in Vendor::ALL {
        if own(other)?.iter().any(|option| option == name) {
            elsewhere.push(format!("Receiver.{other}"));
        }
    }
    let elsewhere = match elsewhere.join(" and ") {
        none if none.is_empty() => none,
        some => format!("an option of {some} and "),
    };
    let mut all = own(vendor)?;
    all.extend(OPTIONS.iter().map(|(option, _)| (*option).to_owned()));
    let all = all.join(", ");
    Ok(PyTypeError::new_err(format!("{name:?} is {elsewhere}not an option of this receiver: it has {all}")))
}

/// Sets an option to the given value.
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
    ("replay_policy", |receiver, given| Ok(receiver.replay_policy(given.word()?))),
    ("replay_retention_seconds", |receiver, given| {
        receiver.replay_retention_seconds(given.integer()?).map_err(setup_error)
    }),
];
