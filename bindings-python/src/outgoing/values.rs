//! What is sent to Bento: events, subscribers, e-mails and commands.

use pyo3::{
    prelude::*,
    types::{PyDict, PyString, PyType},
};

use super::{
    fault,
    json::{self, Known},
};
use crate::{
    boundary::{self, guarded},
    given::Given,
    text,
};

/// Declares the class of a value, and the members that the vendor names.
macro_rules! value {
    ($(#[$doc:meta])* $name:ident, $known:expr) => {
        $(#[$doc])*
        #[pyclass(frozen, module = "hookseal._native")]
        pub(crate) struct $name(pub(super) hookseal::outgoing::$name);

        impl $name {
            const KNOWN: Known = $known;
        }

        #[pymethods]
        impl $name {
            #[new]
            #[pyo3(signature = (**members))]
            fn new(py: Python<'_>, members: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                guarded(py, || {
                    let empty = PyDict::new(py);
                    let json = json::object(members.unwrap_or(&empty), &Self::KNOWN)?;
                    let core = hookseal::outgoing::$name::from_json(&json);
                    core.map(Self).map_err(|error| fault::keyword_error(py, error, Self::KNOWN.members))
                })
            }

            /// The value of one JSON object, a `str`. White space between its tokens is removed; its members keep their
            /// order and its numbers their digits.
            #[classmethod]
            fn from_json(class: &Bound<'_, PyType>, json: &Bound<'_, PyAny>) -> PyResult<Self> {
                let py = class.py();
                guarded(py, || {
                    let core = hookseal::outgoing::$name::from_json(Given::new("json", json).text()?);
                    core.map(Self).map_err(|error| fault::outgoing_error(py, error))
                })
            }

            /// The JSON object as it is sent: one line.
            fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
                guarded(py, || text::of_str(py, self.0.as_json()))
            }

            /// Whether the value may be sent twice: Bento recognizes the repetition, or it changes nothing.
            ///
            /// An event is recognized by its `details["unique"]["key"]`, a subscriber by the address. An e-mail would be
            /// sent twice. Of the commands, `add_tag_via_event`, which makes an event, and `change_email` are not repeatable.
            #[getter]
            fn is_repeatable(&self, py: Python<'_>) -> PyResult<bool> {
                guarded(py, || Ok(self.0.is_repeatable()))
            }

            fn __repr__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
                guarded(py, || text::of_display(py, &format_args!("{:?}", self.0)))
            }

            fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
                boundary::refuse_pickling(
                    py,
                    stringify!($name),
                    "it holds personal data; store to_json(), and read it with from_json()",
                )
            }
        }
    };
}

value! {
    /// An event about a subscriber. Its members are keywords; their order is the order in which they are sent.
    ///
    ///     BentoEvent(type="ticket.answered", email="a@example.com", details={"unique": {"key": event.id}})
    ///
    /// | member | what it must be |
    /// |---|---|
    /// | `type` | one line of text |
    /// | `email` | an e-mail address |
    /// | `fields`, optional | `None`, or a mapping to text, numbers, `True`, `False` and `None` |
    /// | `details`, optional | `None`, or a mapping of any depth up to 127 |
    /// | `date`, optional | `None`, an aware `datetime`, or RFC 3339 as a `str` |
    ///
    /// A `$purchase` needs `details["unique"]["key"]` (text or an integer), by which Bento counts it once, and
    /// `details["value"]` with `currency` (three capital letters) and `amount`, in the smallest unit such as cents
    /// (0 to 9,007,199,254,740,992).
    ///
    /// Bento does not say which e-mail addresses it takes. The rule here is ours: one `@`, at most 254 bytes in all and
    /// 64 before the `@`, at least two labels behind it, and no white space, control character, double quote, bracket,
    /// comma, colon, semicolon or backslash. Letters beyond ASCII are allowed.
    ///
    /// Values are `str`, `int`, `float`, `Decimal`, `bool`, `None`, mappings with `str` keys, lists and tuples. The
    /// digits of an `int` and a `Decimal` are kept. Another class is a `TypeError`. A value that Bento would not take
    /// is an `OutgoingError`, whose message holds nothing of it. The whole value has at most 1,048,576 bytes of JSON.
    BentoEvent,
    Known { members: &["type", "email", "fields", "details", "date"], date: Some("date") }
}

value! {
    /// A subscriber to import or to update. Its members are keywords, as at `BentoEvent`. Bento recognizes a subscriber by
    /// the address.
    ///
    ///     BentoSubscriber(email="a@example.com", tags=["lead", "mql"], plan="team", **{"first name": "Zoe"})
    ///
    /// | member | what it must be |
    /// |---|---|
    /// | `email` | an e-mail address |
    /// | `tags`, `remove_tags`, optional | text with commas between the tags, or a list; no tag is empty |
    /// | any other | a field of the site: text, a number, `True`, `False` or `None` |
    BentoSubscriber,
    Known { members: &["email", "tags", "remove_tags"], date: None }
}

value! {
    /// An e-mail to send. Its members are keywords; `from` is a word of Python's, so it goes through a dict:
    ///
    ///     BentoEmail(to="a@example.com", **{"from": "b@example.com"}, subject="Hello", html_body="<p>Hello</p>",
    ///                transactional=False)
    ///
    /// | member | what it must be |
    /// |---|---|
    /// | `to`, `from` | one e-mail address each |
    /// | `subject` | one line of text |
    /// | `html_body` | text |
    /// | `transactional` | `True` or `False`: whether it is sent even to those who have unsubscribed |
    /// | `personalizations`, optional | a mapping to text, numbers, `True` and `False` |
    ///
    /// Bento documents no key by which it recognizes a repeated e-mail.
    BentoEmail,
    Known {
        members: &["to", "from", "subject", "html_body", "transactional", "personalizations"],
        date: None,
    }
}

value! {
    /// A command on one subscriber. Its members are keywords, as at `BentoEvent`: `command`, `email` (the subscriber's
    /// address) and `query`.
    ///
    ///     BentoCommand(command="add_tag", email="a@example.com", query="vip")
    ///
    /// | `command` | `query` |
    /// |---|---|
    /// | `add_tag`, `add_tag_via_event`, `remove_tag` | the tag, one line |
    /// | `add_field` | a mapping of `key` (one line) and `value` (text, a number, `True`, `False` or `None`) |
    /// | `remove_field` | the key, one line |
    /// | `subscribe`, `unsubscribe` | absent |
    /// | `change_email` | the new e-mail address |
    BentoCommand,
    Known { members: &["command", "email", "query"], date: None }
}
