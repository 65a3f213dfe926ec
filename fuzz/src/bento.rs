//! The oracle for Bento's bodies: a second implementation of the rules, on a tree.

use crate::{
    dates,
    names::Id,
    oracle::{self, Expected, Json, Malformed, NoJson},
    receive::Limits,
};

/// An element of a body: its event and the event's id.
pub type Element<'a> = Result<(Expected<'a>, Id), Malformed>;

type Members<'a> = Vec<(String, &'a str)>;

const CONTAINERS: [&str; 5] = ["events", "subscribers", "subscriber", "emails", "command"];

/// The elements of a body, or the codes with which it may be refused. With `one_required` a workflow webhook needs an
/// event or an e-mail.
pub fn read(
    body: &[u8],
    limits: Limits,
    one_required: bool,
) -> Result<Vec<Element<'_>>, &'static [&'static str]> {
    const MALFORMED: &[&str] = &["malformed_payload"];
    let raw = match Json::read(body, limits.depth) {
        Ok(_) => std::str::from_utf8(body).unwrap().trim_matches([' ', '\t', '\r', '\n']),
        // The scanner counts elements up to the fault, so either limit may be hit first.
        Err(NoJson::Syntax | NoJson::Depth) => return Err(&["malformed_payload", "too_many_events"]),
    };
    let members = oracle::members(raw).ok_or(MALFORMED)?;
    let is_text = |value: &str| oracle::text(Some(value)).is_some();
    let is_long = |value: &str| Json::of_checked(value).longest_number() > limits.number_length;

    // The first container. Its elements are counted, whatever else the body holds.
    let is_container =
        |(key, value): &(String, &str)| CONTAINERS.contains(&key.as_str()) && value.starts_with(['{', '[']);
    let first = members.iter().position(|member| {
        let earlier = members.iter().take_while(|other| !std::ptr::eq(*other, member));
        is_container(member) && !earlier.into_iter().any(|(key, _)| *key == member.0)
    });
    let mut elements = Vec::new();
    if let Some(at) = first {
        if members[..at].iter().any(|(_, value)| is_long(value)) {
            return Err(MALFORMED);
        }
        elements = elements_of(&members[at].0, members[at].1);
        if elements.len() > limits.events {
            return Err(&["too_many_events"]);
        }
    }

    let count = |name: &str| members.iter().filter(|(key, _)| key == name).count();
    let read: Vec<Element<'_>> = if members.iter().any(|(key, value)| key == "event" && is_text(value)) {
        vec![whole(raw, is_long, || workflow(raw, &members, one_required))]
    } else if CONTAINERS.iter().any(|name| count(name) > 1)
        || members.iter().filter(|member| is_container(member)).count() > 1
    {
        return Err(MALFORMED);
    } else if let Some(at) = first {
        if members[at + 1..].iter().any(|(_, value)| is_long(value)) {
            return Err(MALFORMED);
        }
        let container = members[at].0.as_str();
        elements
            .into_iter()
            .map(|element| {
                element.and_then(|raw| {
                    whole(raw, is_long, || {
                        let members = oracle::members(raw).ok_or(Malformed)?;
                        if container == "events" {
                            event(raw, &members)
                        } else {
                            addressee(container, raw, &members)
                        }
                    })
                })
            })
            .collect()
    } else if is_bare_event(&members) {
        vec![whole(raw, is_long, || event(raw, &members))]
    } else {
        vec![whole(raw, is_long, || workflow(raw, &members, one_required))]
    };
    if !read.is_empty() && read.iter().all(Result::is_err) { Err(MALFORMED) } else { Ok(read) }
}

/// Reads an element, unless a number in it is too long.
fn whole<'a>(raw: &str, is_long: impl Fn(&str) -> bool, read: impl FnOnce() -> Element<'a>) -> Element<'a> {
    if is_long(raw) { Err(Malformed) } else { read() }
}

/// The elements of a container. If a number occurs twice, the later element is malformed.
fn elements_of<'a>(container: &str, value: &'a str) -> Vec<Result<&'a str, Malformed>> {
    let numbered = oracle::members(value).filter(|members| {
        let is_number = |key: &str| key.bytes().all(|byte| byte.is_ascii_digit()) && oracle::is_integer(key);
        container == "events" && !members.is_empty() && members.iter().all(|(key, _)| is_number(key))
    });
    match (numbered, oracle::elements(value)) {
        (Some(members), _) => (0..members.len())
            .map(|at| {
                let (key, value) = &members[at];
                if members[..at].iter().any(|(other, _)| other == key) { Err(Malformed) } else { Ok(*value) }
            })
            .collect(),
        (None, Some(elements)) if container != "subscriber" => elements.into_iter().map(Ok).collect(),
        _ => vec![Ok(value)],
    }
}

/// Whether the first `type` and the first e-mail that are not null are texts.
fn is_bare_event(members: &Members<'_>) -> bool {
    let first = |members: &Members<'_>, name: &str| {
        let found = members.iter().find(|(key, value)| key == name && *value != "null");
        found.map(|(_, value)| oracle::text(Some(value)).is_some())
    };
    let identities = members.iter().filter(|(key, _)| key == "identity");
    let has_identity = || {
        identities
            .filter_map(|(_, value)| oracle::members(value))
            .any(|members| first(&members, "email") == Some(true))
    };
    first(members, "type") == Some(true) && first(members, "email").unwrap_or_else(has_identity)
}

fn event<'a>(raw: &'a str, members: &Members<'a>) -> Element<'a> {
    let name = oracle::text(oracle::read(members, "type")?).ok_or(Malformed)?;
    let own_email = oracle::read(members, "email")?;
    let identity_email = oracle::read(&oracle::inside(members, "identity")?, "email")?;
    let email = match own_email {
        None | Some("null") if identity_email.is_some() => identity_email,
        _ => own_email,
    };
    let email = oracle::text(email).ok_or(Malformed)?;
    let date = oracle::read(members, "date")?;
    let details = oracle::inside(members, "details")?;
    let key = oracle::read(&oracle::inside(&details, "unique")?, "key")?;
    let key = match key.map(Json::of_checked) {
        Some(Json::Number(digits)) => Some(digits),
        _ => oracle::text(key),
    };
    let action = match name.as_str() {
        "$purchase" => "purchased",
        "$subscribe" => "subscribed",
        "$unsubscribe" => "unsubscribed",
        "$tag" => "tagged",
        "$remove_tag" => "untagged",
        "$update_fields" => "updated",
        _ => "tracked",
    };
    let id = match &key {
        Some(key) => Id::Alone([&name, key, &email].map(|part| part.clone().into_bytes()).to_vec()),
        None => Id::Numbered(vec![raw.as_bytes().to_vec()]),
    };
    let date = date.filter(|date| date.starts_with('"')).and_then(oracle::digits);
    Ok((
        Expected {
            kind: format!("subscriber.{action}"),
            name,
            subject: ("subscriber", Some(email)),
            time: date.and_then(|date| dates::of_bento(date.as_bytes())),
            time_zone_assumed: false,
            raw,
        },
        id,
    ))
}

/// Reads a subscriber, an e-mail or a command.
fn addressee<'a>(container: &str, raw: &'a str, members: &Members<'a>) -> Element<'a> {
    let read = |name| oracle::read(members, name).map(oracle::text);
    let (kind, name, id) = match container {
        "emails" => {
            let to = read("to")?.filter(|to| !to.contains(','));
            ("email.requested", "emails".to_owned(), to)
        }
        "command" => {
            let (email, uuid) = (read("email")?, read("uuid")?);
            ("subscriber.commanded", read("command")?.ok_or(Malformed)?, email.or(uuid))
        }
        _ => ("subscriber.updated", container.to_owned(), read("email")?),
    };
    let shape = container;
    Ok((plain(kind, name, ("subscriber", id), raw), of_bytes(raw, shape)))
}

fn workflow<'a>(raw: &'a str, members: &Members<'a>, one_required: bool) -> Element<'a> {
    let read = |name| oracle::read(members, name).map(oracle::text);
    let (name, email) = (read("event")?, read("email")?);
    if one_required && name.is_none() && email.is_none() {
        return Err(Malformed);
    }
    let kind = if name.is_some() { "workflow.reached" } else { "workflow.other" };
    let entity = if email.is_some() { "subscriber" } else { "workflow" };
    let name = name.unwrap_or("workflow".into());
    Ok((plain(kind, name, (entity, email), raw), of_bytes(raw, "workflow")))
}

fn plain<'a>(
    kind: &str,
    name: String,
    subject: (&'static str, Option<String>),
    raw: &'a str,
) -> Expected<'a> {
    Expected { kind: kind.to_owned(), name, subject, time: None, time_zone_assumed: false, raw }
}

/// The id of an element whose bytes do not show its shape: a digest of the bytes and the shape.
fn of_bytes(raw: &str, shape: &str) -> Id {
    Id::Numbered(vec![raw.as_bytes().to_vec(), shape.as_bytes().to_vec()])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds, names and subjects of a body's events, or the codes.
    fn shown(body: &str) -> String {
        match read(body.as_bytes(), Limits::chosen(true), false) {
            Ok(elements) => {
                let shown = elements.iter().map(|element| match element {
                    Ok((Expected { kind, name, subject: (entity, id), .. }, _)) => {
                        format!("{kind} {name} {entity}/{}", id.as_deref().unwrap_or("-"))
                    }
                    Err(Malformed) => "malformed".to_owned(),
                });
                shown.collect::<Vec<_>>().join(", ")
            }
            Err(codes) => codes.join(" or "),
        }
    }

    #[test]
    fn the_oracle_knows_each_shape() {
        for (body, expected) in [
            (r#"{"subscriber":{"email":"a@b"}}"#, "subscriber.updated subscriber subscriber/a@b"),
            (r#"{"subscriber":[{"email":"a@b"}]}"#, "malformed_payload"),
            (r#"{"subscribers":[{}]}"#, "subscriber.updated subscribers subscriber/-"),
            (
                r#"{"events":{"1":{"type":"t","email":"e"},"1":{"type":"t","email":"e"}}}"#,
                "subscriber.tracked t subscriber/e, malformed",
            ),
            (r#"{"events":{"01":{"type":"t","email":"e"}}}"#, "malformed_payload"),
            (r#"{"events":{}}"#, "malformed_payload"),
            (r#"{"events":[]}"#, ""),
            (
                r#"{"events":[{"type":"$tag","identity":{"email":"e"}}]}"#,
                "subscriber.tagged $tag subscriber/e",
            ),
            (
                r#"{"type":"$purchase","identity":{"email":"e"}}"#,
                "subscriber.purchased $purchase subscriber/e",
            ),
            (r#"{"type":"t","email":5}"#, "workflow.other workflow workflow/-"),
            (r#"{"command":{"command":"c","uuid":"u"}}"#, "subscriber.commanded c subscriber/u"),
            (r#"{"emails":{"to":"a@b,c@d"}}"#, "email.requested emails subscriber/-"),
            (r#"{"events":[5],"emails":[],"event":"e","email":"m"}"#, "workflow.reached e subscriber/m"),
            (r#"{"events":[5],"emails":[]}"#, "malformed_payload"),
            (r#"{"events":[1,2,3,4],"event":"e"}"#, "too_many_events"),
            (r#"{"event":"e","events":[1,2,3,4]}"#, "too_many_events"),
            (r#"{"events":[1,2,3,4"#, "malformed_payload or too_many_events"),
            (r#"{"tag":{}}"#, "workflow.other workflow workflow/-"),
        ] {
            assert_eq!(shown(body), expected, "{body}");
        }
    }
}
