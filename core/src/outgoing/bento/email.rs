//! E-mails for Bento to send.

use super::{
    checks::{self, Check, must, required},
    members::{Member, Value},
    value::value,
};
use crate::outgoing::error::{OutgoingError, Requirement};

value! {
    /// An e-mail to send: one JSON object on one line, checked.
    ///
    /// | member | what it must be |
    /// |---|---|
    /// | `to`, `from` | one e-mail address each, as at [`BentoEvent`](crate::outgoing::BentoEvent) |
    /// | `subject` | one line of text |
    /// | `html_body` | text |
    /// | `transactional` | true or false: whether it is sent even to those who have unsubscribed |
    /// | `personalizations`, optional | an object of text, numbers, true and false |
    ///
    /// Bento documents no key by which it recognizes a repeated e-mail.
    ///
    /// ```
    /// use hookseal::outgoing::BentoEmail;
    ///
    /// let email = r#"{"to":"a@example.com","from":"b@example.com","subject":"Hello","html_body":"<p>Hello</p>"}"#;
    /// let error = BentoEmail::from_json(email).unwrap_err();
    /// assert_eq!(error.to_string(), "transactional is missing: the vendor requires it");
    /// ```
    BentoEmail, check
}

fn check(members: &[Member<'_>]) -> Check<bool> {
    let (mut to, mut from, mut subject, mut html_body, mut transactional) = (None, None, None, None, None);
    for member in members {
        let value = &member.value;
        match &*member.name {
            "to" => to = Some(checks::email("to", value)?),
            "from" => from = Some(checks::email("from", value)?),
            "subject" => subject = Some(checks::line("subject", value)?),
            "html_body" => html_body = Some(checks::text("html_body", value)?),
            "transactional" => transactional = Some(checks::boolean("transactional", value)?),
            "personalizations" => {
                must("personalizations", Requirement::Personalizations, are_personalizations(value))?;
            }
            _ => return Err(OutgoingError::UnknownMember { position: member.position }),
        }
    }
    required("to", to)?;
    required("from", from)?;
    required("subject", subject)?;
    required("html_body", html_body)?;
    required("transactional", transactional)?;
    Ok(false)
}

fn are_personalizations(value: &Value<'_>) -> bool {
    let is_one = |value: Value<'_>| matches!(value, Value::Text(_) | Value::Number(_) | Value::Bool);
    matches!(value, Value::Object(members) if members.clone().all(|member| is_one(member.value)))
}
