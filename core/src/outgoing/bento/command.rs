//! Commands for Bento.

use super::{
    checks::{self, Check, required},
    members::{Member, Value},
    value::value,
};
use crate::outgoing::error::{OutgoingError, Requirement};

value! {
    /// A command on one subscriber: one JSON object on one line, checked.
    ///
    /// `email` is the subscriber's address, as at [`BentoEvent`](crate::outgoing::BentoEvent). `query` depends on
    /// `command`:
    ///
    /// | `command` | `query` |
    /// |---|---|
    /// | `add_tag`, `add_tag_via_event`, `remove_tag` | the tag, one line |
    /// | `add_field` | `{"key", "value"}`: one line, and text, a number, true, false or null |
    /// | `remove_field` | the key, one line |
    /// | `subscribe`, `unsubscribe` | absent |
    /// | `change_email` | the new e-mail address |
    ///
    /// ```
    /// use hookseal::outgoing::BentoCommand;
    ///
    /// let command = BentoCommand::from_json(r#"{"command":"add_tag","email":"a@example.com","query":"vip"}"#)?;
    /// assert_eq!(command.as_json(), r#"{"command":"add_tag","email":"a@example.com","query":"vip"}"#);
    /// # Ok::<(), hookseal::outgoing::OutgoingError>(())
    /// ```
    BentoCommand, check
}

const COMMANDS: &str =
    "add_tag, add_tag_via_event, remove_tag, add_field, remove_field, subscribe, unsubscribe, change_email";

fn check(members: &[Member<'_>]) -> Check<bool> {
    let (mut command, mut email, mut query) = (None, None, None);
    for member in members {
        match &*member.name {
            "command" => command = Some(&member.value),
            "email" => email = Some(checks::email("email", &member.value)?),
            "query" => query = Some(member),
            _ => return Err(OutgoingError::UnknownMember { position: member.position }),
        }
    }
    let command = match required("command", command)? {
        Value::Text(text) => text.to_cow(),
        _ => "".into(),
    };
    required("email", email)?;
    let needed = |check: fn(&'static str, &Value<'_>) -> Check| {
        required("query", query).and_then(|query| check("query", &query.value))
    };
    match &*command {
        "add_tag" | "add_tag_via_event" | "remove_tag" | "remove_field" => needed(checks::line),
        "add_field" => needed(field),
        "change_email" => needed(checks::email),
        "subscribe" | "unsubscribe" => match query {
            None => Ok(()),
            Some(Member { position, .. }) => Err(OutgoingError::UnknownMember { position: *position }),
        },
        _ => Err(OutgoingError::MalformedValue { name: "command", must: Requirement::OneOf(COMMANDS) }),
    }?;
    // The rest sets what may be set already.
    Ok(!matches!(&*command, "add_tag_via_event" | "change_email"))
}

fn field(name: &'static str, query: &Value<'_>) -> Check {
    let (mut key, mut value) = (None, None);
    for member in checks::object(name, query)?.clone() {
        match &*member.name {
            "key" => key = Some(checks::line("query.key", &member.value)?),
            "value" => value = Some(checks::scalar("query.value", &member.value)?),
            _ => return Err(OutgoingError::MalformedValue { name: "query", must: Requirement::KeyAndValue }),
        }
    }
    required("query.key", key)?;
    required("query.value", value)
}
