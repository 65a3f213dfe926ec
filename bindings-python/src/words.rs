//! The core's fixed words as `str` objects that are made once.

use hookseal::{Action, Coverage, Entity, IdOrigin, Kind, ReplayPolicy, SignatureEncoding, Vendor};
use pyo3::{prelude::*, sync::PyOnceLock, types::PyString};

/// An enum of the core whose variants are words.
pub(crate) trait Word: Copy + 'static {
    /// Every one, in the order of their declaration.
    const ALL: &'static [Self];

    fn text(self) -> &'static str;

    /// Where the object for it is kept.
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

words!(Action Coverage Entity IdOrigin ReplayPolicy SignatureEncoding Vendor);

/// A word of the core's.
#[inline]
pub(crate) fn word(py: Python<'_>, word: impl Word) -> Py<PyString> {
    once(py, word.slot(), || PyString::intern(py, word.text()))
}

/// `ticket.answered`
#[inline]
pub(crate) fn kind(py: Python<'_>, kind: Kind) -> Py<PyString> {
    static SLOTS: [[Slot; Action::ALL.len()]; Entity::ALL.len()] =
        [const { [const { Slot::new() }; Action::ALL.len()] }; Entity::ALL.len()];
    let slot = SLOTS.get(kind.entity as usize).and_then(|slots| slots.get(kind.action as usize));
    once(py, slot, || PyString::intern(py, &kind.to_string()))
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
