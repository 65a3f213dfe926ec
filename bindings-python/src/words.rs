//! The core's fixed words as `str` objects that are made once.

use hookseal::{
    Action, Entity, IdOrigin, Kind, Vendor,
    binding::{ACTIONS, ENTITIES},
};
use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyString};

type Word = PyOnceLock<Py<PyString>>;

// By the place of each word in its enum, which the core lists in the order of declaration.
static ENTITY_WORDS: [Word; ENTITIES.len()] = [const { Word::new() }; ENTITIES.len()];
static ACTION_WORDS: [Word; ACTIONS.len()] = [const { Word::new() }; ACTIONS.len()];
static KIND_WORDS: [[Word; ACTIONS.len()]; ENTITIES.len()] =
    [const { [const { Word::new() }; ACTIONS.len()] }; ENTITIES.len()];

/// `ticket`
#[inline]
pub(crate) fn entity(py: Python<'_>, entity: Entity) -> Py<PyString> {
    once(py, ENTITY_WORDS.get(entity as usize), || PyString::intern(py, entity.as_str()))
}

/// `answered`
pub(crate) fn action(py: Python<'_>, action: Action) -> Py<PyString> {
    once(py, ACTION_WORDS.get(action as usize), || PyString::intern(py, action.as_str()))
}

/// `ticket.answered`
#[inline]
pub(crate) fn kind(py: Python<'_>, kind: Kind) -> Py<PyString> {
    let word = KIND_WORDS.get(kind.entity as usize).and_then(|words| words.get(kind.action as usize));
    once(py, word, || PyString::intern(py, &kind.to_string()))
}

/// `benji`, `benti` or `bento`
pub(crate) fn vendor(py: Python<'_>, vendor: Vendor) -> &Bound<'_, PyString> {
    match vendor {
        Vendor::Benji => intern!(py, "benji"),
        Vendor::Benti => intern!(py, "benti"),
        Vendor::Bento => intern!(py, "bento"),
    }
}

/// `vendor` or `derived`
pub(crate) fn id_origin(py: Python<'_>, origin: IdOrigin) -> &Bound<'_, PyString> {
    match origin {
        IdOrigin::Vendor => intern!(py, "vendor"),
        IdOrigin::Derived => intern!(py, "derived"),
    }
}

#[inline]
fn once<'py>(
    py: Python<'py>,
    word: Option<&Word>,
    make: impl FnOnce() -> Bound<'py, PyString>,
) -> Py<PyString> {
    match word {
        Some(word) => word.get_or_init(py, || make().unbind()).clone_ref(py),
        None => make().unbind(),
    }
}
