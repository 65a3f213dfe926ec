//! The members of a JSON object that is checked, without copies of their values.

use alloc::{borrow::Cow, vec::Vec};

use super::repeated::position_of_repeated;
use crate::{
    outgoing::error::OutgoingError,
    payload::{Number, Raw, Text, Token, Tokens},
};

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
    /// The value that begins with this token. If it is a list or an object, `tokens` are inside of it and stay there.
    fn starting_with(token: Token<'a>, tokens: &Tokens<'a>) -> Option<Self> {
        Some(match token {
            Token::Null => Self::Null,
            Token::Bool(_) => Self::Bool,
            Token::Number(number) => Self::Number(number),
            Token::Text(text) => Self::Text(text),
            Token::ListStart => Self::List(Elements(tokens.clone())),
            Token::ObjectStart => Self::Object(Members { tokens: tokens.clone(), position: 0 }),
            Token::Key(_) | Token::ListEnd | Token::ObjectEnd => return None,
        })
    }

    /// Takes the tokens of one value. `None` if a list or an object ends here.
    fn take(tokens: &mut Tokens<'a>) -> Option<Self> {
        let first = tokens.next()?;
        let value = Self::starting_with(first, tokens);
        let mut open = usize::from(matches!(first, Token::ListStart | Token::ObjectStart));
        while open > 0 {
            match tokens.next()? {
                Token::ListStart | Token::ObjectStart => open += 1,
                Token::ListEnd | Token::ObjectEnd => open -= 1,
                _ => {}
            }
        }
        value
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Object(_))
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

/// The members of the object, once it is certain that neither it nor an object inside has a member twice, whatever the
/// escapes in its name: readers differ in which of the two counts.
///
/// One pass finds both. `None` if this is no object.
pub(super) fn members_of(object: Raw<'_>) -> Result<Option<Vec<Member<'_>>>, OutgoingError> {
    let mut tokens = object.tokens();
    if tokens.next() != Some(Token::ObjectStart) {
        return Ok(None);
    }
    // The names of all open objects, and where those of each inner one begin. One buffer serves all of them.
    let (mut names, mut starts, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut open = 1_usize;
    while let Some(token) = tokens.next() {
        if open == 1 {
            values.extend(Value::starting_with(token, &tokens));
        }
        match token {
            Token::Key(name) => names.push(name.to_cow()),
            Token::ListStart => open += 1,
            Token::ListEnd => open -= 1,
            Token::ObjectStart => {
                open += 1;
                starts.push(names.len());
            }
            Token::ObjectEnd => {
                open -= 1;
                let start = starts.pop().unwrap_or_default();
                if let Some(position) = position_of_repeated(names.get(start..).unwrap_or_default()) {
                    return Err(OutgoingError::RepeatedMember { position });
                }
                if open > 0 {
                    names.truncate(start);
                }
            }
            _ => {}
        }
    }
    let members = names.into_iter().zip(values).zip(1..);
    Ok(Some(members.map(|((name, value), position)| Member { position, name, value }).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(json: &str) -> Option<usize> {
        match members_of(Raw::parse(json.as_bytes()).unwrap()) {
            Ok(members) => {
                assert!(members.is_some());
                None
            }
            Err(OutgoingError::RepeatedMember { position }) => Some(position),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_repeated_member_is_found_at_any_depth_and_whatever_its_escapes() {
        for (json, expected) in [
            ("{}", None),
            (r#"{"a":1,"b":1}"#, None),
            (r#"{"a":1,"b":1,"a":1}"#, Some(3)),
            (r#"{"a":1,"\u0061":1}"#, Some(2)),
            (r#"{"a":{"a":1},"b":{"a":1}}"#, None),
            (r#"{"a":[{"x":1},{"x":1,"y":2,"y":3}]}"#, Some(3)),
            (r#"{"a":{"b":{"":1,"":2}}}"#, Some(2)),
            (r#"{"a":1,"A":2,"a ":3}"#, None),
            (r#"{"a":{},"b":[],"a":{}}"#, Some(3)),
            (r#"{"a":[[{"b":{"c":1}}],{"c":2}],"c":[]}"#, None),
        ] {
            assert_eq!(position(json), expected, "{json}");
        }
    }

    #[test]
    fn the_members_of_the_outermost_object_are_given() {
        let json = r#"{"a":null,"b":{"x":{"y":[{}]},"z":1},"\u0063":[1,[2],{}],"d":"t","e":1,"f":false}"#;
        let members = members_of(Raw::parse(json.as_bytes()).unwrap()).unwrap().unwrap();
        let shown: Vec<_> = members.iter().map(|member| (member.position, &*member.name)).collect();
        assert_eq!(shown, [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e"), (6, "f")]);
        let [
            Value::Null,
            Value::Object(object),
            Value::List(list),
            Value::Text(_),
            Value::Number(_),
            Value::Bool,
        ] = &members.iter().map(|member| member.value.clone()).collect::<Vec<_>>()[..]
        else {
            panic!("the kinds of the values");
        };
        let inside: Vec<_> = object.clone().map(|member| (member.position, member.name)).collect();
        assert_eq!(inside, [(1, "x".into()), (2, "z".into())]);
        assert_eq!(list.clone().count(), 3);
        for json in ["1", "[]", "[{}]", "null"] {
            assert!(members_of(Raw::parse(json.as_bytes()).unwrap()).unwrap().is_none(), "{json}");
        }
    }
}
