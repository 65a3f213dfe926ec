//! Keeps one `str` object for each fixed word of the core.

use hookseal::{
    Action, Coverage, Entity, IdOrigin, Kind, ReplayPolicy, SignatureEncoding, Vendor,
    outgoing::{ApiKey, EndpointGroup, RefusalReason},
};
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyString, PyTuple},
};

/// An enum of the core whose variants are words.
pub(crate) trait Word: Copy + 'static {
    /// All variants, in the order of their declaration.
    const ALL: &'static [Self];

    fn text(self) -> &'static str;

    /// The slot that keeps the word's object.
    fn slot(self) -> Option<&'static Slot>;
}

type Slot = PyOnceLock<Py<PyString>>;

macro_rules! words {
    ($($word:ident)+) => {
        $(impl Word for $word {
            const ALL: &'static [Self] = $word::ALL;

            fn text(self) -> &'static str {
                self.as_str()
            }

            #[inline]
            fn slot(self) -> Option<&'static Slot> {
                static SLOTS: [Slot; $word::ALL.len()] = [const { Slot::new() }; $word::ALL.len()];
                SLOTS.get(self as usize)
            }
        })+
    };
}

words!(Action ApiKey Coverage EndpointGroup Entity IdOrigin RefusalReason ReplayPolicy SignatureEncoding Vendor);

/// The object for a word of the core.
#[inline]
pub(crate) fn word(py: Python<'_>, word: impl Word) -> Py<PyString> {
    once(py, word.slot(), || PyString::intern(py, word.text()))
}

/// The object for a kind, such as `ticket.answered`.
#[inline]
pub(crate) fn kind(py: Python<'_>, kind: Kind) -> Py<PyString> {
    static SLOTS: [[Slot; Action::ALL.len()]; Entity::ALL.len()] =
        [const { [const { Slot::new() }; Action::ALL.len()] }; Entity::ALL.len()];
    let slot = SLOTS.get(kind.entity as usize).and_then(|slots| slots.get(kind.action as usize));
    once(py, slot, || PyString::intern(py, &kind.to_string()))
}

/// Adds the words that programs compare with, each list as a tuple.
pub(crate) fn add_constants(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let kinds = Kind::all().map(|each| kind(py, each)).collect::<Vec<_>>();
    module.add("ACTIONS", tuple(py, Action::ALL)?)?;
    module.add("ENTITIES", tuple(py, Entity::ALL)?)?;
    module.add("KINDS", PyTuple::new(py, kinds)?)?;
    module.add("VENDORS", tuple(py, Vendor::ALL)?)
}

fn tuple<'py>(py: Python<'py>, words: &[impl Word]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, words.iter().map(|each| word(py, *each)))
}

#[inline]
fn once<'py>(
    py: Python<'py>,
    slot: Option<&Slot>,
    make: impl FnOnce() -> Bound<'py, PyString>,
) -> Py<PyString> {
    match slot {
        Some(slot) => slot.get_or_init(py, || make().unbind()).clone_ref(py),
        None => make().unbind(),
    }
}
