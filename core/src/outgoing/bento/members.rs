//! The members of a JSON object that is checked, without copies of their values.

use alloc::borrow::Cow;

use crate::payload::{Number, Raw, Text, Token, Tokens};

/// A member of an object.
pub(super) struct Member<'a> {
    /// Its place among the members, from 1.
    pub(super) position: usize,
    pub(super) name: Cow<'a, str>,
    pub(super) value: Value<'a>,
}

/// A JSON value. Lists and objects are read when they are asked for.
#[derive(Clone)]
pub(super) enum Value<'a> {
    Null,
    Bool,
    Number(Number<'a>),
    Text(Text<'a>),
    List(Elements<'a>),
    Object(Members<'a>),
}

impl<'a> Value<'a> {
    /// Takes the tokens of one value. `None` if a list or an object ends here.
    fn take(tokens: &mut Tokens<'a>) -> Option<Self> {
        Some(match tokens.next()? {
            Token::Null => Self::Null,
            Token::Bool(_) => Self::Bool,
            Token::Number(number) => Self::Number(number),
            Token::Text(text) => Self::Text(text),
            Token::ListStart => {
                let inside = tokens.clone();
                skip(tokens);
                Self::List(Elements(inside))
            }
            Token::ObjectStart => {
                let inside = tokens.clone();
                skip(tokens);
                Self::Object(Members { tokens: inside, position: 0 })
            }
            Token::Key(_) | Token::ListEnd | Token::ObjectEnd => return None,
        })
    }

    /// The members, if it is an object.
    pub(super) fn of(raw: Raw<'a>) -> Option<Self> {
        Self::take(&mut raw.tokens())
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
    }
}

/// Passes the rest of the list or object that is open.
fn skip(tokens: &mut Tokens<'_>) {
    let mut open = 1_usize;
    while open > 0 {
        match tokens.next() {
            Some(Token::ListStart | Token::ObjectStart) => open += 1,
            Some(Token::ListEnd | Token::ObjectEnd) => open -= 1,
            Some(_) => {}
            None => return,
        }
    }
}

/// The members of an object, in the order in which they were written.
#[derive(Clone)]
pub(super) struct Members<'a> {
    tokens: Tokens<'a>,
    position: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let Token::Key(name) = self.tokens.next()? else { return None };
        self.position += 1;
        Some(Member { position: self.position, name: name.to_cow(), value: Value::take(&mut self.tokens)? })
    }
}

/// The elements of a list.
#[derive(Clone)]
pub(super) struct Elements<'a>(Tokens<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        Value::take(&mut self.0)
    }
}
