//! Builds the requests.

use alloc::{borrow::ToOwned, format, string::String, vec::Vec};
use core::{fmt, ops::Range};

use super::{
    answers::{Commanded, Sent, Tracked},
    checks::must,
    command::BentoCommand,
    email::BentoEmail,
    event::BentoEvent,
    rate_limit::EndpointGroup,
    subscriber::BentoSubscriber,
};
use crate::{
    authenticate::Secret,
    outgoing::{
        base_url::{BaseUrl, Segment},
        error::{OutgoingError, Requirement},
        request::{Outgoing, Reader, header_value},
    },
    sign::{self, SignedHeaders},
};

/// The most events in one call.
pub const MOST_EVENTS: usize = 1_000;
/// The most subscribers in one call.
pub const MOST_SUBSCRIBERS: usize = 1_000;
/// The most e-mails in one call.
pub const MOST_EMAILS: usize = 60;

const USER_AGENT: &str = concat!("hookseal/", env!("CARGO_PKG_VERSION"));

/// Builds requests to Bento's API and to its webhook endpoint.
///
/// Each call takes any number of values and gives as many requests as Bento's limits need: 1,000 events, 1,000
/// subscribers or 60 e-mails each. No values give no request. Every request has a `User-Agent`, because Bento's
/// firewall blocks those without.
///
/// The bodies are those of `@bentonow/bento-node-sdk` 2.0.0, byte for byte, if the values have its order of members and
/// `user_agent` is `bento-node-<site UUID>`. Bento's clients differ, and its page differs from some of them:
///
/// | point | here | others |
/// |---|---|---|
/// | `site_uuid` | in the body, behind the values, as in the Node and PHP clients | in the query: Bento's pages, and the clients for Python and Ruby: [`site_uuid_in_query`](Self::site_uuid_in_query) |
/// | `User-Agent` | `hookseal/<version>`; [`user_agent`](Self::user_agent) | `bento-node-<site UUID>` in the Node client |
/// | e-mails in a call | at most 60 | 100 in the Node client |
/// | `to` of an e-mail | one address | several with commas between them in the Laravel client |
/// | `date` | RFC 3339 | also `2026-03-04 05:06:07 UTC`, any text, null, an object (PHP) |
/// | `events` | a list | an object in one PHP client and in the old class of the Ruby client |
/// | `command` | one object | a list of up to 100 on an older page of Bento's |
/// | values of a subscriber's fields | text, numbers, true, false, null | also lists and objects in the Node client |
/// | answers | any status from 200 to 299, `results` and `failed` | 200 and 201, and `results` alone, in the Node client; the Go client reads both numbers |
///
/// ```
/// use hookseal::{Secret, outgoing::{Bento, BentoCommand}};
///
/// let bento = Bento::new("publishable", Secret::new("secret key")?, "11111111222233334444555555555555")?
///     .user_agent("shop/1.0")?;
/// let command = BentoCommand::from_json(r#"{"command":"subscribe","email":"a@example.com"}"#)?;
/// let request = bento.command(&command);
/// assert_eq!(request.url(), "https://app.bentonow.com/api/v1/fetch/commands");
/// assert_eq!(
///     request.body(),
///     br#"{"command":{"command":"subscribe","email":"a@example.com"},"site_uuid":"11111111222233334444555555555555"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Bento {
    credentials: SignedHeaders,
    site_uuid: String,
    api: BaseUrl,
    track: BaseUrl,
    user_agent: Vec<u8>,
    is_site_in_query: bool,
}

impl Bento {
    /// Requests for one site, with the keys that Bento shows under its API keys. Both hosts are Bento's own.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedValue`] if a key has a control character or a space at an end, as one that was copied
    /// badly does; if the publishable key has a colon or a character beyond ASCII; or if the site's UUID is not 32
    /// hexadecimal digits, with or without hyphens.
    pub fn new(publishable_key: &str, secret_key: Secret, site_uuid: &str) -> Result<Self, OutgoingError> {
        let is_user = header_value("publishable_key", publishable_key.as_bytes()).is_ok();
        must("publishable_key", Requirement::User, is_user && !publishable_key.contains(':'))?;
        must("secret_key", Requirement::Line, is_whole(secret_key.bytes()))?;
        must("site_uuid", Requirement::Uuid, is_uuid(site_uuid))?;
        Ok(Self {
            credentials: sign::bento_basic(publishable_key, &secret_key),
            site_uuid: site_uuid.to_owned(),
            api: BaseUrl::new("api_host", "https://app.bentonow.com/api/v1")?,
            track: BaseUrl::new("track_host", "https://track.bentonow.com")?,
            user_agent: USER_AGENT.into(),
            is_site_in_query: false,
        })
    }

    /// Sets the base address of the API, such as that of a stand-in for tests.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedHost`] and [`OutgoingError::InsecureHost`].
    pub fn api_host(self, url: &str) -> Result<Self, OutgoingError> {
        Ok(Self { api: BaseUrl::new("api_host", url)?, ..self })
    }

    /// Sets the base address of the webhook endpoint.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedHost`] and [`OutgoingError::InsecureHost`].
    pub fn track_host(self, url: &str) -> Result<Self, OutgoingError> {
        Ok(Self { track: BaseUrl::new("track_host", url)?, ..self })
    }

    /// Sets the `User-Agent`, in place of `hookseal/<version>`.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedValue`] if it is empty or has a character that a header cannot carry.
    pub fn user_agent(self, user_agent: &str) -> Result<Self, OutgoingError> {
        header_value("user_agent", user_agent.as_bytes())?;
        Ok(Self { user_agent: user_agent.into(), ..self })
    }

    /// Sends `site_uuid` in the query, as Bento's page has it, and not in the body.
    #[must_use]
    pub fn site_uuid_in_query(self) -> Self {
        Self { is_site_in_query: true, ..self }
    }

    /// Requests that track events, of at most [`MOST_EVENTS`] each.
    #[must_use]
    pub fn events(&self, events: &[BentoEvent]) -> Vec<Outgoing<Sent>> {
        self.batch("events", MOST_EVENTS, events, BentoEvent::as_json, BentoEvent::is_repeatable)
    }

    /// Requests that import or update subscribers, of at most [`MOST_SUBSCRIBERS`] each. They start no automations.
    #[must_use]
    pub fn subscribers(&self, subscribers: &[BentoSubscriber]) -> Vec<Outgoing<Sent>> {
        let repeatable = BentoSubscriber::is_repeatable;
        self.batch("subscribers", MOST_SUBSCRIBERS, subscribers, BentoSubscriber::as_json, repeatable)
    }

    /// Requests that send e-mails, of at most [`MOST_EMAILS`] each.
    #[must_use]
    pub fn emails(&self, emails: &[BentoEmail]) -> Vec<Outgoing<Sent>> {
        self.batch("emails", MOST_EMAILS, emails, BentoEmail::as_json, BentoEmail::is_repeatable)
    }

    /// A request that runs a command on one subscriber.
    #[must_use]
    pub fn command(&self, command: &BentoCommand) -> Outgoing<Commanded> {
        let body = [r#"{"command":"#, command.as_json(), &self.end_of_body()].concat();
        self.call("/fetch/commands", Commanded::read).with_json(body).repeatable(command.is_repeatable())
    }

    /// Requests that track events through the webhook endpoint, of at most [`MOST_EVENTS`] each. They carry no
    /// credentials. The source, such as `pos` or `billing`, is a segment of the path, and Bento shows it.
    ///
    /// # Errors
    ///
    /// [`OutgoingError::MalformedValue`] if the source is empty, `.`, `..` or longer than 512 bytes.
    pub fn webhook(
        &self,
        source: &str,
        events: &[BentoEvent],
    ) -> Result<Vec<Outgoing<Tracked>>, OutgoingError> {
        let path = format!("/webhooks/{}", self.site_uuid);
        let url = self.track.at_segment(&path, Segment::new("source", source)?) + "/track";
        let request = |(positions, body): (Range<usize>, String)| {
            let sent = events.get(positions.clone()).unwrap_or_default();
            let mut request = Outgoing::new("POST", url.clone(), Tracked::read)
                .with_header("user-agent", self.user_agent.as_slice())
                .with_json(body)
                .repeatable(sent.iter().all(BentoEvent::is_repeatable));
            request.values = positions;
            request
        };
        Ok(bodies("events", "}", MOST_EVENTS, events, BentoEvent::as_json).map(request).collect())
    }

    fn batch<V>(
        &self,
        name: &str,
        most: usize,
        values: &[V],
        json: fn(&V) -> &str,
        is_repeatable: fn(&V) -> bool,
    ) -> Vec<Outgoing<Sent>> {
        let path = format!("/batch/{name}");
        let end = self.end_of_body();
        let request = |(positions, body): (Range<usize>, String)| {
            let are_repeatable =
                values.get(positions.clone()).is_some_and(|sent| sent.iter().all(is_repeatable));
            let mut request = self.call(&path, Sent::read).with_json(body).repeatable(are_repeatable);
            request.values = positions;
            request
        };
        bodies(name, &end, most, values, json).map(request).collect()
    }

    /// A call of the API, without its body.
    fn call<A>(&self, path: &str, reader: Reader<A>) -> Outgoing<A> {
        let mut url = self.api.at(path);
        if self.is_site_in_query {
            url.push_str("?site_uuid=");
            url.push_str(&self.site_uuid);
        }
        Outgoing::new("POST", url, reader)
            .with_headers(&self.credentials)
            .with_header("user-agent", self.user_agent.as_slice())
    }

    fn end_of_body(&self) -> String {
        if self.is_site_in_query { "}".into() } else { format!(r#","site_uuid":"{}"}}"#, self.site_uuid) }
    }
}

/// The bodies of calls with at most so many values each, and the positions of these values.
fn bodies<'v, V>(
    name: &'v str,
    end: &'v str,
    most: usize,
    values: &'v [V],
    json: fn(&V) -> &str,
) -> impl Iterator<Item = (Range<usize>, String)> {
    (0..values.len()).step_by(most).zip(values.chunks(most)).map(move |(start, values)| {
        // Reserve the full length: a text that grows is copied, and leaves copies of personal data.
        let length: usize = values.iter().map(|value| json(value).len() + 1).sum();
        let mut body = String::with_capacity(length + name.len() + end.len() + 5);
        body.extend(["{\"", name, "\":["]);
        for (position, value) in values.iter().enumerate() {
            body.push_str(if position == 0 { "" } else { "," });
            body.push_str(json(value));
        }
        body.extend(["]", end]);
        (start..start + values.len(), body)
    })
}

/// Whether a key has no control character and no space at an end. Basic credentials carry any other byte.
fn is_whole(key: &[u8]) -> bool {
    !matches!(key, [b' ', ..] | [.., b' ']) && !key.iter().any(u8::is_ascii_control)
}

/// 32 hexadecimal digits, or the same in groups of 8, 4, 4, 4 and 12 with hyphens between them.
fn is_uuid(text: &str) -> bool {
    const HYPHENS: [usize; 4] = [8, 13, 18, 23];
    let is_in_place = |(at, byte): (usize, u8)| match text.len() {
        36 if HYPHENS.contains(&at) => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    matches!(text.len(), 32 | 36) && text.bytes().enumerate().all(is_in_place)
}

/// Shows nothing of the keys.
impl fmt::Debug for Bento {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bento")
            .field("site_uuid", &self.site_uuid)
            .field("api", &self.api)
            .field("track", &self.track)
            .finish_non_exhaustive()
    }
}

impl Outgoing<Sent> {
    /// The values that it sends, as positions in the slice that was given.
    #[must_use]
    pub fn values(&self) -> Range<usize> {
        self.values.clone()
    }

    /// Which calls Bento counts it with: [`EndpointGroup::Batch`].
    #[must_use]
    pub fn group(&self) -> EndpointGroup {
        EndpointGroup::Batch
    }
}

impl Outgoing<Commanded> {
    /// Which calls Bento counts it with: [`EndpointGroup::Fetch`].
    #[must_use]
    pub fn group(&self) -> EndpointGroup {
        EndpointGroup::Fetch
    }
}

impl Outgoing<Tracked> {
    /// The events that it sends, as positions in the slice that was given.
    #[must_use]
    pub fn values(&self) -> Range<usize> {
        self.values.clone()
    }

    /// Which calls it is counted with: [`EndpointGroup::Track`].
    #[must_use]
    pub fn group(&self) -> EndpointGroup {
        EndpointGroup::Track
    }
}
