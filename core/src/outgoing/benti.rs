//! Benti (Inbenta): subscriptions.

#[cfg(test)]
mod tests;

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
