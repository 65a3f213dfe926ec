//! Refuses objects that have a member twice.

use alloc::{borrow::Cow, vec::Vec};

use crate::{
    outgoing::error::OutgoingError,
    payload::{Raw, Token},
};

/// Refuses a repeated member in any object of the value, whatever the escapes in its name. Readers differ in which of
/// the two counts.
pub(super) fn refuse_repeated_members(raw: Raw<'_>) -> Result<(), OutgoingError> {
    // The names of all open objects, and where those of each begin. One buffer serves all objects.
    let (mut names, mut starts) = (Vec::new(), Vec::new());
    for token in raw.tokens() {
        match token {
            Token::ObjectStart => starts.push(names.len()),
            Token::Key(name) => names.push(name.to_cow()),
            Token::ObjectEnd => {
                let start = starts.pop().unwrap_or_default();
                if let Some(position) = repeated(names.get(start..).unwrap_or_default()) {
                    return Err(OutgoingError::RepeatedMember { position });
                }
                names.truncate(start);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The place, from 1, of the first name that is there before it.
fn repeated(names: &[Cow<'_, str>]) -> Option<usize> {
    // For few names, comparing each with each takes less time than sorting.
    const FEW: usize = 12;
    if names.len() <= FEW {
        let is_repeated = |(at, name)| names.iter().take(at).any(|other| other == name);
        return names.iter().enumerate().position(is_repeated).map(|at| at + 1);
    }
    let mut sorted: Vec<_> = names.iter().zip(1..).collect();
    sorted.sort_unstable();
    let pairs = sorted.iter().zip(sorted.iter().skip(1));
    pairs.filter(|((first, _), (second, _))| first == second).map(|(_, (_, position))| *position).min()
}

#[cfg(test)]
mod tests {
    use alloc::{
        format,
        string::{String, ToString},
    };

    use proptest::prelude::*;

    use super::*;

    fn position(json: &str) -> Option<usize> {
        match refuse_repeated_members(Raw::parse(json.as_bytes()).unwrap()) {
            Ok(()) => None,
            Err(OutgoingError::RepeatedMember { position }) => Some(position),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_repeated_member_is_found_at_any_depth_and_whatever_its_escapes() {
        for (json, expected) in [
            (r#"{"a":1,"b":1}"#, None),
            (r#"{"a":1,"b":1,"a":1}"#, Some(3)),
            (r#"{"a":1,"\u0061":1}"#, Some(2)),
            (r#"{"a":{"a":1},"b":{"a":1}}"#, None),
            (r#"{"a":[{"x":1},{"x":1,"y":2,"y":3}]}"#, Some(3)),
            (r#"{"a":{"b":{"":1,"":2}}}"#, Some(2)),
            (r#"{"a":1,"A":2,"a ":3}"#, None),
            (r#"{"a":{},"b":[],"a":{}}"#, Some(3)),
        ] {
            assert_eq!(position(json), expected, "{json}");
        }
    }

    proptest! {
        #[test]
        fn many_members_are_compared_as_few_are(names in proptest::collection::vec("[a-z]{1,2}", 1..60)) {
            let members: String = names.iter().map(|name| format!(r#","{name}":0"#)).collect();
            let expected = (0..names.len()).find(|&at| names[..at].contains(&names[at])).map(|at| at + 1);
            prop_assert_eq!(position(&format!("{{{}}}", &members.to_string()[1..])), expected);
        }
    }
}
