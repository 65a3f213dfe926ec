//! A whole JSON value, parsed, and the tokens that it is made of.

use alloc::{borrow::Cow, collections::BTreeMap, vec::Vec};
use core::fmt;

use serde::Serialize;

use super::{number::Number, text::Text};

/// A JSON value, parsed.
///
/// ```
/// use hookseal::{Data, Raw};
///
/// let data = Raw::parse(br#"{"amount": 1.10, "tags": ["a", null]}"#).unwrap().data();
/// let Some(Data::Number(amount)) = data.get("amount") else { panic!() };
/// assert_eq!(amount.as_str(), "1.10");
/// ```
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Data<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(Number<'a>),
    /// A string with its escapes resolved. Half of a surrogate pair reads as U+FFFD.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Self>),
    /// An object. If a name is repeated, its last member counts.
    Object(BTreeMap<Cow<'a, str>, Self>),
}

impl<'a> Data<'a> {
    /// The member of an object with this name.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(key),
            _ => None,
        }
    }

    pub(super) fn from_tokens(tokens: Tokens<'a>) -> Self {
        let mut open: Vec<Open<'a>> = Vec::new();
        for token in tokens {
            let value = match token {
                Token::Null => Self::Null,
                Token::Bool(value) => Self::Bool(value),
                Token::Number(number) => Self::Number(number),
                Token::Text(text) => Self::Text(text.to_cow()),
                Token::Key(key) => {
                    if let Some(Open::Object(_, next)) = open.last_mut() {
                        *next = key.to_cow();
                    }
                    continue;
                }
                Token::ListStart => {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                Token::ObjectStart => {
                    open.push(Open::Object(BTreeMap::new(), Cow::Borrowed("")));
                    continue;
                }
                Token::ListEnd | Token::ObjectEnd => match open.pop() {
                    Some(Open::List(elements)) => Self::List(elements),
                    Some(Open::Object(members, _)) => Self::Object(members),
                    None => break,
                },
            };
            match open.last_mut() {
                Some(Open::List(elements)) => elements.push(value),
                Some(Open::Object(members, key)) => {
                    members.insert(core::mem::take(key), value);
                }
                None => return value,
            }
        }
        Self::Null
    }
}

/// Shows only the shape, because the values come from a body.
impl fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Bool(_) => f.write_str("Bool(..)"),
            Self::Number(number) => number.fmt(f),
            Self::Text(_) => f.write_str("Text(..)"),
            Self::List(elements) => write!(f, "List({} elements)", elements.len()),
            Self::Object(members) => write!(f, "Object({} members)", members.len()),
        }
    }
}

/// A list or object that is not closed yet. An object has the name of the member whose value comes next.
enum Open<'a> {
    List(Vec<Data<'a>>),
    Object(BTreeMap<Cow<'a, str>, Data<'a>>, Cow<'a, str>),
}

/// A piece of a JSON value.
#[derive(Clone, Copy, PartialEq)]
pub enum Token<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number<'a>),
    /// A string.
    Text(Text<'a>),
    /// The name of the member whose value comes next.
    Key(Text<'a>),
    /// A list opens.
    ListStart,
    /// The list closes.
    ListEnd,
    /// An object opens.
    ObjectStart,
    /// The object closes.
    ObjectEnd,
}

/// Shows only the kind of piece, because the values come from a body.
impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool(..)",
            Self::Number(_) => "Number(..)",
            Self::Text(_) => "Text(..)",
            Self::Key(_) => "Key(..)",
            Self::ListStart => "ListStart",
            Self::ListEnd => "ListEnd",
            Self::ObjectStart => "ObjectStart",
            Self::ObjectEnd => "ObjectEnd",
        })
    }
}

/// The pieces of a checked JSON value, in order.
///
/// ```
/// use hookseal::{Raw, Token};
///
/// let raw = Raw::parse(br#"{"a": [1]}"#).unwrap();
/// assert_eq!(raw.tokens().filter(|token| matches!(token, Token::Number(_))).count(), 1);
/// ```
#[derive(Clone)]
pub struct Tokens<'a> {
    rest: &'a str,
    /// The open lists and objects, one bit each (1: object). The scanner has checked that they fit.
    objects: u128,
    /// Whether the next string of an object is a member name.
    key_next: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(json: &'a str) -> Self {
        Self { rest: json, objects: 0, key_next: false }
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (token, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(token)
    }

    fn close(&mut self) {
        self.objects >>= 1;
        self.key_next = false;
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest.as_bytes().first()?;
            match first {
                b' ' | b'\n' | b'\r' | b'\t' | b':' => {}
                b',' => self.key_next = self.objects & 1 == 1,
                _ => break,
            }
            self.take(1)?;
        }
        Some(match self.rest.as_bytes().first()? {
            b'{' => {
                self.take(1)?;
                self.objects = self.objects << 1 | 1;
                self.key_next = true;
                Token::ObjectStart
            }
            b'[' => {
                self.take(1)?;
                self.objects <<= 1;
                Token::ListStart
            }
            b'}' => {
                self.take(1)?;
                self.close();
                Token::ObjectEnd
            }
            b']' => {
                self.take(1)?;
                self.close();
                Token::ListEnd
            }
            b'"' => {
                let text = Text::inside(self.take(string_length(self.rest.as_bytes())?)?);
                if core::mem::take(&mut self.key_next) { Token::Key(text) } else { Token::Text(text) }
            }
            b't' => {
                self.take(4)?;
                Token::Bool(true)
            }
            b'f' => {
                self.take(5)?;
                Token::Bool(false)
            }
            b'n' => {
                self.take(4)?;
                Token::Null
            }
            _ => {
                let length =
                    self.rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(self.rest.len());
                Token::Number(Number::from_checked(self.take(length)?))
            }
        })
    }
}

impl fmt::Debug for Tokens<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// The length of the checked string at the start of a text, with its quotes.
fn string_length(json: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += json.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        match json.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}
