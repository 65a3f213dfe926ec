//! Benti (Inbenta): subscriptions.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};
use core::{
    fmt::{self, Write},
    ops::Range,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    base_url::{BaseUrl, Segment, https_url},
    error::{OutgoingError, Requirement},
    refusal::RefusalReason,
    request::{Done, Object, Outgoing, Reader, done, header_value, json_object},
};
use crate::{authenticate::Secret, kind::Entity, sign};

const WEBHOOKS: &str = "/v1/webhooks";
/// The randomness of a secret, in bytes.
const LEAST_RANDOM_BYTES: usize = 32;
/// The longest id of a webhook, in bytes. The vendor's are UUIDs.
const MOST_ID_BYTES: usize = 128;

/// Requests for the webhooks of Benti's API: create, list, update and delete.
///
/// The verification `GET` of Benti arrives while the `POST` that creates a webhook still waits for its answer. So the
/// receiver must run with the secret before the request is sent: make the secret first, with
/// [`new_secret`](Self::new_secret).
///
/// The token comes from `POST /v1/auth` on the vendor's authorization host, and the base address from `GET /v1/apis`
/// there. Both expire, so neither has a default: the refusal `unauthorized` means that a new token is due.
///
/// Source: the vendor's pages on webhooks (Benti, Messenger, Case Management), read in 2026. The answers' form is not
/// documented but for the uuid of a created webhook: [`BentiWebhook`] says what is read.
///
/// ```
/// use hookseal::{Entity, Keys, Receiver, Secret, outgoing::Benti};
///
/// // Take the randomness from the operating system.
/// # let random_bytes: [u8; 32] = core::array::from_fn(|n| u8::try_from(n).unwrap());
/// let secret = Benti::new_secret(&random_bytes)?;
/// let receiver = Receiver::benti(Keys::new(secret.expose())?)?; // now let the server answer with it
///
/// let benti = Benti::new("https://api.example.com/ticketing", Secret::new("api key")?, Secret::new("token")?)?;
/// let request = benti.create(Entity::Ticket, "https://example.com/hooks/benti", &secret)?;
/// assert_eq!((request.method(), request.url()), ("POST", "https://api.example.com/ticketing/v1/webhooks"));
/// let created = request.read(200, &[("content-type", "application/json")], br#"{"uuid":"0f8fad5b"}"#)?;
/// assert_eq!(created.id, "0f8fad5b");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Benti {
    base: BaseUrl,
    api_key: Secret,
    token: Secret,
}

impl Benti {
    /// Requests to this base address with the API's key (`x-inbenta-key`) and a token (`Authorization: Bearer`).
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedHost`] and [`OutgoingError::InsecureHost`] for the base address, and
    /// [`OutgoingError::MalformedValue`] for a key or token that no header can carry.
    pub fn new(base: &str, api_key: Secret, token: Secret) -> Result<Self, OutgoingError> {
        header_value("api_key", api_key.bytes())?;
        header_value("token", token.bytes())?;
        Ok(Self { base: BaseUrl::new("base", base)?, api_key, token })
    }

    /// A secret for a new webhook, from at least 32 bytes of randomness: base64url without padding.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::TooLittleRandomness`] for fewer bytes, or if all are the same.
    pub fn new_secret(randomness: &[u8]) -> Result<Secret, OutgoingError> {
        let is_constant = randomness.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
        if randomness.len() < LEAST_RANDOM_BYTES || is_constant {
            return Err(OutgoingError::TooLittleRandomness);
        }
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(randomness));
        Secret::new(text.as_bytes()).map_err(|_| OutgoingError::TooLittleRandomness)
    }

    /// Creates a webhook: `POST /v1/webhooks`. Its events are those of one item: [`Entity::Alert`], `Ticket`, `Reply`,
    /// `User`, `Media`, `Classification` or `Queue`.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedValue`] for another item, a URL that is not `https`, or a secret that no header can
    /// carry, since Benti sends it in one.
    pub fn create(
        &self,
        item: Entity,
        url: &str,
        secret: &Secret,
    ) -> Result<Outgoing<BentiWebhook>, OutgoingError> {
        let body = body(item, url, secret)?;
        Ok(self.request("POST", self.base.at(WEBHOOKS), created).with_json(body))
    }

    /// Lists the webhooks: `GET /v1/webhooks`.
    #[must_use]
    pub fn list(&self) -> Outgoing<BentiWebhooks> {
        self.request("GET", self.base.at(WEBHOOKS), listed).with_header("accept", "application/json")
    }

    /// Changes a webhook: `PUT /v1/webhooks/{id}`. While the secret changes, let the receiver's ring hold both.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create), and [`OutgoingError::MalformedValue`] for an id that can be no segment of a path.
    pub fn update(
        &self,
        id: &str,
        item: Entity,
        url: &str,
        secret: &Secret,
    ) -> Result<Outgoing<Done>, OutgoingError> {
        let url_of_it = self.base.at_segment(WEBHOOKS, Segment::new("id", id)?);
        let body = body(item, url, secret)?;
        Ok(self.request("PUT", url_of_it, done).with_json(body))
    }

    /// Deletes a webhook: `DELETE /v1/webhooks/{id}`.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedValue`] for an id that can be no segment of a path.
    pub fn delete(&self, id: &str) -> Result<Outgoing<Done>, OutgoingError> {
        let url = self.base.at_segment(WEBHOOKS, Segment::new("id", id)?);
        Ok(self.request("DELETE", url, done).with_header("accept", "application/json"))
    }

    fn request<A>(&self, method: &'static str, url: String, reader: Reader<A>) -> Outgoing<A> {
        Outgoing::new(method, url, reader)
            .with_header("x-inbenta-key", self.api_key.bytes())
            .with_headers(&sign::bento_bearer(&self.token))
    }
}

/// Shows no key.
impl fmt::Debug for Benti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Benti").finish_non_exhaustive()
    }
}

/// A webhook as Benti lists it.
///
/// The vendor documents only that a created webhook is answered with its uuid. So an id is read from the member `uuid`
/// or `id` of an object, or of the object `data` in it, from a JSON text, and from an answer that is the bare uuid.
///
/// `Debug` hides the URL, which may hold a token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BentiWebhook {
    /// Its uuid.
    pub id: String,
    /// Its item, such as `ticket`, if the answer has it.
    pub item: Option<String>,
    /// The URL that it calls, if the answer has it.
    pub url: Option<String>,
}

impl fmt::Debug for BentiWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BentiWebhook").field("id", &self.id).field("item", &self.item).finish_non_exhaustive()
    }
}

/// The webhooks that Benti lists.
///
/// They are read from a list, or from the list `data` or `webhooks` of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BentiWebhooks {
    /// Those that have an id, in their order.
    pub webhooks: Vec<BentiWebhook>,
    /// How many elements of the list have none.
    pub malformed: usize,
}

fn body(item: Entity, url: &str, secret: &Secret) -> Result<String, OutgoingError> {
    const ITEMS: [Entity; 7] = [
        Entity::Alert,
        Entity::Ticket,
        Entity::Reply,
        Entity::User,
        Entity::Media,
        Entity::Classification,
        Entity::Queue,
    ];
    if !ITEMS.contains(&item) {
        let must = Requirement::OneOf("alert ticket reply user media classification queue");
        return Err(OutgoingError::MalformedValue { name: "item", must });
    }
    let secret = header_value("secret", secret.bytes())?;
    let url = serde_json::to_string(&https_url("url", url)?).unwrap_or_default();
    // Reserve the full length: a text that grows would leave copies of the secret. Each character may need an escape.
    let mut json = String::with_capacity(64 + url.len() + secret.len() * 2);
    // Writing to a `String` cannot fail.
    let _ = write!(json, r#"{{"item":"{item}","url":{url},"secret":""#);
    for byte in secret {
        match byte {
            b'"' | b'\\' => json.push('\\'),
            b'\t' => {
                json.push_str("\\t");
                continue;
            }
            _ => {}
        }
        json.push(char::from(*byte));
    }
    json.push_str("\"}");
    Ok(json)
}

/// A webhook in any of the forms that are read.
#[derive(Deserialize)]
struct Listed {
    uuid: Option<Id>,
    id: Option<Id>,
    item: Option<IfText>,
    url: Option<IfText>,
}

/// A text. Anything else counts as absent, so that it costs no id.
struct IfText(Option<String>);

impl<'de> Deserialize<'de> for IfText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(serde_json::from_str(<&RawValue>::deserialize(deserializer)?.get()).ok()))
    }
}

/// Text, or the digits of an integer.
struct Id(String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let text = match json.as_bytes() {
            [b'"', ..] => serde_json::from_str(json).map_err(serde::de::Error::custom)?,
            digits if digits.iter().all(u8::is_ascii_digit) => json.to_string(),
            _ => return Err(serde::de::Error::custom("an id is text or an integer")),
        };
        Ok(Self(text))
    }
}

impl Listed {
    fn webhook(self) -> Option<BentiWebhook> {
        let Id(id) = self.uuid.or(self.id)?;
        let text = |value: Option<IfText>| value.and_then(|text| text.0);
        Some(BentiWebhook { id, item: text(self.item), url: text(self.url) })
            .filter(|webhook| is_id(&webhook.id))
    }
}

fn is_id(id: &str) -> bool {
    (1..=MOST_ID_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn created(body: &[u8], _: Range<usize>) -> Result<BentiWebhook, RefusalReason> {
    webhook(body).ok_or(RefusalReason::UnexpectedAnswer)
}

fn webhook(body: &[u8]) -> Option<BentiWebhook> {
    #[derive(Deserialize)]
    struct Data {
        data: Object<Listed>,
    }
    if let Some(json) = json_object(body) {
        let direct = serde_json::from_str::<Listed>(json.get()).ok().and_then(Listed::webhook);
        return direct.or_else(|| serde_json::from_str::<Data>(json.get()).ok()?.data.0.webhook());
    }
    let id = match serde_json::from_slice::<Id>(body) {
        Ok(Id(id)) => id,
        // Other JSON, such as `null`, is no id.
        Err(_) if serde_json::from_slice::<&RawValue>(body).is_ok() => return None,
        Err(_) => core::str::from_utf8(body).ok()?.trim().to_owned(),
    };
    // HTML, broken JSON and words such as `OK` are no id: a uuid has digits.
    let is_word = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let is_like_a_uuid = is_word && id.bytes().any(|byte| byte.is_ascii_digit());
    (is_id(&id) && is_like_a_uuid).then_some(BentiWebhook { id, item: None, url: None })
}

fn listed(body: &[u8], _: Range<usize>) -> Result<BentiWebhooks, RefusalReason> {
    let elements = elements(body).ok_or(RefusalReason::UnexpectedAnswer)?;
    let webhook =
        |element: &&RawValue| serde_json::from_str::<Object<Listed>>(element.get()).ok()?.0.webhook();
    let webhooks: Vec<_> = elements.iter().filter_map(webhook).collect();
    Ok(BentiWebhooks { malformed: elements.len() - webhooks.len(), webhooks })
}

/// The elements of a list, or of the list in an object.
fn elements(body: &[u8]) -> Option<Vec<&RawValue>> {
    #[derive(Deserialize)]
    struct Wrapped<'a> {
        #[serde(borrow)]
        data: Option<Vec<&'a RawValue>>,
        #[serde(borrow)]
        webhooks: Option<Vec<&'a RawValue>>,
    }
    let Some(json) = json_object(body) else { return serde_json::from_slice(body).ok() };
    let wrapped: Wrapped<'_> = serde_json::from_str(json.get()).ok()?;
    wrapped.data.or(wrapped.webhooks)
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;

    const NONE: [(&str, &str); 0] = [];
    const URL: &str = "https://example.com/hooks";

    fn secret(text: &str) -> Secret {
        Secret::new(text).unwrap()
    }

    fn benti() -> Benti {
        Benti::new("https://api.example/ticketing/", secret("api-key"), secret("token")).unwrap()
    }

    fn parts<A>(request: &Outgoing<A>) -> (&'static str, &str, &str) {
        (request.method(), request.url(), core::str::from_utf8(request.body()).unwrap())
    }

    #[test]
    fn a_webhook_is_created_listed_changed_and_deleted() {
        let (benti, hook) = (benti(), secret("hook \"s\\ecret\"\tx"));
        let body = r#"{"item":"ticket","url":"https://example.com/hooks","secret":"hook \"s\\ecret\"\tx"}"#;
        let base = "https://api.example/ticketing/v1/webhooks";
        let created = benti.create(Entity::Ticket, URL, &hook).unwrap();
        assert_eq!(parts(&created), ("POST", base, body));
        assert_eq!(parts(&benti.list()), ("GET", base, ""));
        let one = format!("{base}/a%2F1");
        let updated = benti.update("a/1", Entity::Ticket, URL, &hook).unwrap();
        assert_eq!(parts(&updated), ("PUT", one.as_str(), body));
        let deleted = benti.delete("a/1").unwrap();
        assert_eq!(parts(&deleted), ("DELETE", one.as_str(), ""));
        for headers in [created.headers().collect::<Vec<_>>(), deleted.headers().collect()] {
            assert!(headers.contains(&("x-inbenta-key", b"api-key")));
            assert!(headers.contains(&("authorization", b"Bearer token")));
        }
        assert_eq!(updated.read(200, &NONE, b""), Ok(Done));
        assert_eq!(deleted.read(204, &NONE, b""), Ok(Done));
        assert_eq!(updated.read(200, &NONE, br#"{"uuid":"a"}"#), Ok(Done));
        for body in ["<html>login</html>", r#"{"error":"not deleted"}"#, r#"{"errors":[]}"#, "{"] {
            assert_eq!(
                deleted.read(200, &NONE, body.as_bytes()).unwrap_err().code(),
                "unexpected_answer",
                "{body}"
            );
        }
    }

    #[test]
    fn what_benti_would_refuse_is_not_sent() {
        let benti = benti();
        let refused = |name, must| OutgoingError::MalformedValue { name, must };
        for url in
            ["http://example.com", "http://localhost", "", "ftp://example.com", "https://u@example.com"]
        {
            let error = benti.create(Entity::Ticket, url, &secret("s")).unwrap_err();
            assert_eq!(error, refused("url", Requirement::HttpsUrl), "{url}");
        }
        for item in [Entity::Campaign, Entity::Subscriber, Entity::Other] {
            assert_eq!(
                benti.create(item, URL, &secret("s")).unwrap_err().code(),
                "malformed_value",
                "{item}"
            );
        }
        for hook in [" s", "s\n", "s\r\nx-evil: 1", "é"] {
            let error = benti.create(Entity::Ticket, URL, &secret(hook)).unwrap_err();
            assert_eq!(error, refused("secret", Requirement::HeaderValue));
        }
        for id in ["", ".", ".."] {
            assert_eq!(benti.delete(id).unwrap_err(), refused("id", Requirement::PathSegment));
            assert!(benti.update(id, Entity::Ticket, URL, &secret("s")).is_err());
        }
        assert_eq!(
            Benti::new("http://api.example", secret("k"), secret("t")).unwrap_err(),
            OutgoingError::InsecureHost { name: "base" }
        );
        assert!(Benti::new("https://api.example", secret("k\n"), secret("t")).is_err());
        assert!(Benti::new("https://api.example", secret("k"), secret("t t\r")).is_err());
    }

    #[test]
    fn a_secret_is_made_from_32_bytes_of_randomness() {
        let random: Vec<u8> = (0..32).collect();
        let made = Benti::new_secret(&random).unwrap();
        assert_eq!(made.expose(), b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
        assert!(benti().create(Entity::Ticket, URL, &made).is_ok());
        for randomness in [vec![], (0..31).collect(), vec![0; 32], vec![7; 64]] {
            assert_eq!(Benti::new_secret(&randomness).unwrap_err(), OutgoingError::TooLittleRandomness);
        }
    }

    #[test]
    fn the_id_of_a_new_webhook_is_read_from_any_likely_form() {
        let request = benti().create(Entity::Ticket, URL, &secret("s")).unwrap();
        for body in [
            r#"{"uuid":"0f8fad5b-d9cb"}"#,
            r#"{"id":"0f8fad5b-d9cb","item":"ticket"}"#,
            r#"{"uuid":"0f8fad5b-d9cb","id":7}"#,
            r#"{"data":{"uuid":"0f8fad5b-d9cb"}}"#,
            r#""0f8fad5b-d9cb""#,
            "0f8fad5b-d9cb\n",
            r#"{"uuid":"0f8fad5b-d9cb","item":{"id":1},"url":7}"#,
            r#"{"uuid":null,"data":{"id":"0f8fad5b-d9cb"}}"#,
        ] {
            let created = request.read(201, &NONE, body.as_bytes()).map(|webhook| webhook.id);
            assert_eq!(created.as_deref(), Ok("0f8fad5b-d9cb"), "{body}");
        }
        assert_eq!(
            request.read(200, &NONE, br#"{"id":18446744073709551616}"#).unwrap().id,
            "18446744073709551616"
        );
        for body in [
            "",
            "{}",
            "[]",
            "null",
            "<html>",
            "a b",
            r#"{"uuid":""}"#,
            r#"{"id":1.5}"#,
            r#"{"id":-1}"#,
            "{\"uuid\"",
        ] {
            assert_eq!(
                request.read(200, &NONE, body.as_bytes()).unwrap_err().code(),
                "unexpected_answer",
                "{body}"
            );
        }
    }

    #[test]
    fn one_bad_element_costs_no_other_of_a_list() {
        let list = benti().list();
        let elements = r#"[{"uuid":"a","item":"ticket","url":"https://a.example","secret":"x"},7,{"item":"user"},{"id":2}]"#;
        for body in [
            elements.to_string(),
            format!(r#"{{"data":{elements}}}"#),
            format!(r#"{{"webhooks":{elements}}}"#),
        ] {
            let listed = list.read(200, &NONE, body.as_bytes()).unwrap();
            let ids: Vec<_> = listed.webhooks.iter().map(|webhook| &*webhook.id).collect();
            assert_eq!((&*ids, listed.malformed), (["a", "2"].as_slice(), 2));
            assert_eq!(listed.webhooks.first().and_then(|webhook| webhook.item.as_deref()), Some("ticket"));
        }
        assert_eq!(list.read(200, &NONE, b"[]").unwrap().webhooks, []);
        for body in ["", "{}", "7", r#"{"data":{}}"#] {
            assert_eq!(
                list.read(200, &NONE, body.as_bytes()).unwrap_err().code(),
                "unexpected_answer",
                "{body}"
            );
        }
    }
}
