//! The core's fixed words as `str` objects that are made once.

use hookseal::{Action, Entity, IdOrigin, Kind, Vendor};
use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyString};

/// Declares the place of each word in a table; the enums are `non_exhaustive`, so a word that is missing here is
/// made anew each time, and is no mistake otherwise.
macro_rules! places {
    ($place:ident, $count:ident, $name:ident: $($variant:ident)+) => {
        #[derive(Clone, Copy)]
        enum $place { $($variant),+ }
        const $count: usize = [$($place::$variant),+].len();
        impl $place {
            #[inline]
            fn of(word: $name) -> Option<usize> {
                match word {
                    $($name::$variant => Some(Self::$variant as usize),)+
                    _ => None,
                }
            }
        }
    };
}

places!(EntityPlace, ENTITIES, Entity: User Campaign Transaction Alert Ticket Reply Media Classification Queue
    Subscriber Email Workflow Other);
places!(ActionPlace, ACTIONS, Action: Connected Created Authenticated Updated Removed Answered Replied Closed
    Classified Moved Purchased Subscribed Unsubscribed Tagged Untagged Tracked Requested Commanded Reached Other);

type Word = PyOnceLock<Py<PyString>>;

static ENTITY_WORDS: [Word; ENTITIES] = [const { Word::new() }; ENTITIES];
static ACTION_WORDS: [Word; ACTIONS] = [const { Word::new() }; ACTIONS];
static KIND_WORDS: [[Word; ACTIONS]; ENTITIES] = [const { [const { Word::new() }; ACTIONS] }; ENTITIES];

/// `ticket`
#[inline]
pub(crate) fn entity(py: Python<'_>, entity: Entity) -> Py<PyString> {
    let word = EntityPlace::of(entity).and_then(|place| ENTITY_WORDS.get(place));
    once(py, word, || PyString::intern(py, entity.as_str()))
}

/// `answered`
pub(crate) fn action(py: Python<'_>, action: Action) -> Py<PyString> {
    let word = ActionPlace::of(action).and_then(|place| ACTION_WORDS.get(place));
    once(py, word, || PyString::intern(py, action.as_str()))
}

/// `ticket.answered`
#[inline]
pub(crate) fn kind(py: Python<'_>, kind: Kind) -> Py<PyString> {
    let places = EntityPlace::of(kind.entity).zip(ActionPlace::of(kind.action));
    let word = places.and_then(|(entity, action)| KIND_WORDS.get(entity)?.get(action));
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
