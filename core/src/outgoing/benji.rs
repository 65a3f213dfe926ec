//! Benji: subscriptions, and what a webhook names.

#[cfg(test)]
mod tests;

use alloc::{borrow::Cow, borrow::ToOwned, boxed::Box, string::String};
use core::{fmt, ops::Range};

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{
    base_url::{BaseUrl, Segment, https_url},
    error::{OutgoingError, Requirement},
    refusal::RefusalReason,
    request::{Done, Object, Outgoing, Reader, done, header_value, json_object},
};
use crate::{
    authenticate::Secret,
    event::Event,
    kind::{Entity, Kind, Vendor},
    sign,
    table::Row,
    vendors,
    words::words,
};

/// The path of subscriptions below the host of notifications.
const SUBSCRIBE: &str = "/webhooks/subscribe";

/// The base addresses of Benji's services. The vendor's pages of 2026 name staging hosts only, so none has a default.
///
/// Each is an absolute URL, which may have a path. It must be `https`, except for loopback.
#[derive(Debug, Clone, Copy)]
pub struct BenjiHosts<'a> {
    /// The service of notifications, which has the subscriptions.
    pub notifications: &'a str,
    /// The service of users.
    pub users: &'a str,
    /// The service of campaigns.
    pub campaigns: &'a str,
    /// The service of transactions.
    pub transactions: &'a str,
}

words! {
    /// Whose key a request to Benji needs.
    #[non_exhaustive]
    ApiKey {
        /// The partner's key.
        Partner = "partner",
        /// The access token of the user whom the event names.
        User = "user",
    }
}

/// Requests to Benji's API.
///
/// Source: the pages "Webhooks", "Subscribe" and "Update a subscription" at docs.withbenji.com, and their repository,
/// read in 2026. They do not say how long a path the hosts have, or how a subscription is listed.
///
/// ```
/// use hookseal::{Entity, Secret, outgoing::{Benji, BenjiHosts}};
///
/// let benji = Benji::new(
///     BenjiHosts {
///         notifications: "https://notificationservice-staging.withbenji.com",
///         users: "https://userservice-staging.withbenji.com",
///         campaigns: "https://campaignservice-staging.withbenji.com",
///         transactions: "https://api-staging.withbenji.com",
///     },
///     Secret::new("partner key")?,
/// )?;
/// let endpoint = "https://example.com/hooks/benji";
/// let request = benji.subscribe(endpoint, Some(Entity::Transaction), Some("transaction_created"))?;
/// assert_eq!(request.method(), "POST");
/// assert_eq!(
///     request.body(),
///     br#"{"endpoint":"https://example.com/hooks/benji","event_name":"transaction_created","entity_type":3}"#
/// );
///
/// // Hand what the client received to `read`. The salt is there if Benji's answer has one.
/// let answer = br#"{"code":"ok","data":{"subscribed":true}}"#;
/// let subscribed = request.read(200, &[("content-type", "application/json")], answer)?;
/// assert!(subscribed.salt.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Benji {
    notifications: BaseUrl,
    users: BaseUrl,
    campaigns: BaseUrl,
    transactions: BaseUrl,
    partner_key: Secret,
    is_bearer: bool,
}

impl Benji {
    /// Requests to these hosts with the partner's key, in the header `x-api-key`.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedHost`] and [`OutgoingError::InsecureHost`] for a host, and
    /// [`OutgoingError::MalformedValue`] for a key that no header can carry.
    pub fn new(hosts: BenjiHosts<'_>, partner_key: Secret) -> Result<Self, OutgoingError> {
        header_value("partner_key", partner_key.bytes())?;
        Ok(Self {
            notifications: BaseUrl::new("notifications_host", hosts.notifications)?,
            users: BaseUrl::new("users_host", hosts.users)?,
            campaigns: BaseUrl::new("campaigns_host", hosts.campaigns)?,
            transactions: BaseUrl::new("transactions_host", hosts.transactions)?,
            partner_key,
            is_bearer: false,
        })
    }

    /// Sends keys as `Authorization: Bearer`, as older copies of Benji's pages have it, in place of `x-api-key`.
    #[must_use]
    pub fn bearer(self) -> Self {
        Self { is_bearer: true, ..self }
    }

    /// Creates a subscription: `POST /webhooks/subscribe`.
    ///
    /// Without an event it is for all events of the entity type, and without both for everything. The entity type is
    /// [`Entity::User`], [`Entity::Campaign`] or [`Entity::Transaction`].
    ///
    /// Benji's page promises the salt in the answer, and the page's sample has none: the dashboard shows it. Refusals
    /// that the page names: `already_exists`, `unauthorized`, and `bad_request` (`invalid_subscription`).
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedValue`] for an endpoint that is no `https` URL, another entity, or an event that is not
    /// in the table of kinds, and [`OutgoingError::OtherEntityType`] if the event belongs to another entity type.
    pub fn subscribe(
        &self,
        endpoint: &str,
        entity_type: Option<Entity>,
        event: Option<&str>,
    ) -> Result<Outgoing<Subscribed>, OutgoingError> {
        let endpoint = https_url("endpoint", endpoint)?;
        Ok(self.subscription("POST", &endpoint, entity_type, event, subscribed)?.repeatable(true))
    }

    /// Changes the endpoint of a subscription: `PUT /webhooks/subscribe`. Arguments and errors are those of
    /// [`subscribe`](Self::subscribe). The refusal `not_found` means that there is no such subscription.
    ///
    /// # Errors
    ///
    /// Those of [`subscribe`](Self::subscribe).
    pub fn update(
        &self,
        endpoint: &str,
        entity_type: Option<Entity>,
        event: Option<&str>,
    ) -> Result<Outgoing<Subscribed>, OutgoingError> {
        let endpoint = https_url("endpoint", endpoint)?;
        self.subscription("PUT", &endpoint, entity_type, event, subscribed)
    }

    /// Deletes a subscription: `PUT /webhooks/subscribe` with an empty endpoint. Arguments and errors are those of
    /// [`subscribe`](Self::subscribe).
    ///
    /// # Errors
    ///
    /// Those of [`subscribe`](Self::subscribe), except for the endpoint's.
    pub fn unsubscribe(
        &self,
        entity_type: Option<Entity>,
        event: Option<&str>,
    ) -> Result<Outgoing<Done>, OutgoingError> {
        self.subscription("PUT", "", entity_type, event, done)
    }

    fn subscription<A>(
        &self,
        method: &'static str,
        endpoint: &str,
        entity_type: Option<Entity>,
        event: Option<&str>,
        reader: Reader<A>,
    ) -> Result<Outgoing<A>, OutgoingError> {
        #[derive(serde::Serialize)]
        struct Body<'a> {
            endpoint: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            event_name: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            entity_type: Option<u8>,
        }
        let number = entity_type.map(number_of).transpose()?;
        if let Some(event) = event {
            let kind = kind_of(event)
                .ok_or(OutgoingError::MalformedValue { name: "event", must: Requirement::BenjiEvent })?;
            if entity_type.is_some_and(|entity| entity != kind.entity) {
                return Err(OutgoingError::OtherEntityType);
            }
        }
        let body = Body { endpoint, event_name: event, entity_type: number };
        let request = Outgoing::new(method, self.notifications.at(SUBSCRIBE), reader);
        Ok(self.with_key(request, &self.partner_key).with_json(serde_json::to_vec(&body).unwrap_or_default()))
    }

    /// Whose key [`follow_up`](Self::follow_up) needs for this event.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::OtherVendor`] and [`OutgoingError::NothingNamed`].
    pub fn key_for(event: &Event<'_>) -> Result<ApiKey, OutgoingError> {
        let (entity, _) = named_by(event)?;
        Ok(if entity == Entity::User { ApiKey::User } else { ApiKey::Partner })
    }

    /// Reads what a webhook names: `GET /users/{id}`, `/campaigns/{id}` or `/transactions/{id}` on the host of that
    /// entity.
    ///
    /// A user is read with the user's own access token, the rest with the partner's key: [`key_for`](Self::key_for)
    /// tells beforehand. A `user_token` that is not needed is not sent.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::OtherVendor`] for an event of another vendor, [`OutgoingError::NothingNamed`] if it names nothing
    /// that Benji's API can give, [`OutgoingError::UserTokenNeeded`], and [`OutgoingError::MalformedValue`] for an id that
    /// can be no segment of a path, or a token that no header can carry.
    pub fn follow_up(
        &self,
        event: &Event<'_>,
        user_token: Option<&Secret>,
    ) -> Result<Outgoing<LookedUp>, OutgoingError> {
        let (entity, id) = named_by(event)?;
        let (host, path) = match entity {
            Entity::User => (&self.users, "/users"),
            Entity::Campaign => (&self.campaigns, "/campaigns"),
            _ => (&self.transactions, "/transactions"),
        };
        let key = match Self::key_for(event)? {
            ApiKey::Partner => &self.partner_key,
            ApiKey::User => user_token.ok_or(OutgoingError::UserTokenNeeded)?,
        };
        header_value("user_token", key.bytes())?;
        let request = Outgoing::new("GET", host.at_segment(path, Segment::new("id", &id)?), looked_up);
        Ok(self.with_key(request, key).with_header("accept", "application/json"))
    }

    fn with_key<A>(&self, request: Outgoing<A>, key: &Secret) -> Outgoing<A> {
        if self.is_bearer {
            request.with_headers(&sign::bento_bearer(key))
        } else {
            request.with_header("x-api-key", key.bytes())
        }
    }
}

/// Shows no key.
impl fmt::Debug for Benji {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Benji").field("is_bearer", &self.is_bearer).finish_non_exhaustive()
    }
}

/// A subscription was created or changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Subscribed {
    /// The salt of its signatures, if the answer has it as `data.salt` or `salt`. [`Secret::expose`] gives the bytes to
    /// store.
    pub salt: Option<Secret>,
}

/// What a webhook names, as Benji gives it. `Debug` shows its length only.
pub struct LookedUp(Box<str>);

impl LookedUp {
    /// One JSON object, as it came.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LookedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LookedUp({} bytes)", self.0.len())
    }
}

/// The number of an entity type, from the vendor's page on updating a subscription.
fn number_of(entity: Entity) -> Result<u8, OutgoingError> {
    match entity {
        Entity::User => Ok(1),
        Entity::Campaign => Ok(2),
        Entity::Transaction => Ok(3),
        _ => Err(OutgoingError::MalformedValue {
            name: "entity_type",
            must: Requirement::OneOf("user campaign transaction"),
        }),
    }
}

fn kind_of(event: &str) -> Option<Kind> {
    let is_it = |row: &Row| row.vendor == Vendor::Benji && row.name == event && event != Row::ANY_OTHER;
    vendors::rows().find(is_it).map(|row| row.kind)
}

/// The entity and the id of what an event names.
fn named_by<'e>(event: &Event<'e>) -> Result<(Entity, Cow<'e, str>), OutgoingError> {
    if event.vendor() != Vendor::Benji {
        return Err(OutgoingError::OtherVendor);
    }
    let subject = event.subject();
    let id = subject.id.filter(|_| number_of(subject.entity).is_ok()).ok_or(OutgoingError::NothingNamed)?;
    Ok((subject.entity, id.to_cow()))
}

fn subscribed(body: &[u8], _: Range<usize>) -> Result<Subscribed, RefusalReason> {
    #[derive(Deserialize)]
    struct Answer {
        data: Option<Object<Data>>,
        salt: Option<Salt>,
    }
    #[derive(Deserialize)]
    struct Data {
        subscribed: Option<bool>,
        salt: Option<Salt>,
    }
    let answer = json_object(body).and_then(|json| serde_json::from_str::<Answer>(json.get()).ok());
    let Answer { data, salt } = answer.ok_or(RefusalReason::UnexpectedAnswer)?;
    let (is_subscribed, inner) = data.map_or((None, None), |Object(data)| (data.subscribed, data.salt));
    let salt = [inner, salt].into_iter().flatten().find_map(|salt| salt.0);
    // A salt tells as much as the word. It must not be lost.
    match is_subscribed {
        Some(true) => Ok(Subscribed { salt }),
        None if salt.is_some() => Ok(Subscribed { salt }),
        _ => Err(RefusalReason::UnexpectedAnswer),
    }
}

/// A salt that is empty, a placeholder or no text counts as absent.
struct Salt(Option<Secret>);

impl<'de> Deserialize<'de> for Salt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = <&RawValue>::deserialize(deserializer)?.get();
        let text = serde_json::from_str::<String>(json).map(Zeroizing::new);
        Ok(Self(text.ok().and_then(|text| Secret::new(text.as_bytes()).ok())))
    }
}

fn looked_up(body: &[u8], _: Range<usize>) -> Result<LookedUp, RefusalReason> {
    let json = json_object(body).ok_or(RefusalReason::UnexpectedAnswer)?;
    Ok(LookedUp(json.get().to_owned().into()))
}
