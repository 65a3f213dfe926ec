//! Subscribers for Bento.

use super::{
    checks::{self, Check, required},
    members::Member,
    value::value,
};

value! {
    /// A subscriber to import or to update: one JSON object on one line, checked.
    ///
    /// | member | what it must be |
    /// |---|---|
    /// | `email` | an e-mail address, as at [`BentoEvent`](crate::outgoing::BentoEvent) |
    /// | `tags`, `remove_tags`, optional | text with commas between the tags, or a list of tags; none is empty |
    /// | any other | a field of the site: text, a number, true, false or null |
    ///
    /// ```
    /// use hookseal::outgoing::BentoSubscriber;
    ///
    /// let subscriber = BentoSubscriber::from_json(r#"{"email":"a@example.com","plan":"team","tags":"lead,mql"}"#)?;
    /// assert_eq!(subscriber.as_json(), r#"{"email":"a@example.com","plan":"team","tags":"lead,mql"}"#);
    /// # Ok::<(), hookseal::outgoing::OutgoingError>(())
    /// ```
    BentoSubscriber, check
}

fn check(members: &[Member<'_>]) -> Check<bool> {
    let mut email = None;
    for member in members {
        match &*member.name {
            "email" => email = Some(checks::email("email", &member.value)?),
            "tags" => checks::tags("tags", &member.value)?,
            "remove_tags" => checks::tags("remove_tags", &member.value)?,
            _ => checks::scalar("each field", &member.value)?,
        }
    }
    required("email", email)?;
    Ok(true)
}
