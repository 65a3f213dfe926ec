//! Why a request or one of its values could not be built.

use core::fmt;

/// Why a request, a value in it, or a vendor's configuration could not be built: nothing was sent.
///
/// The message says what to change. It holds nothing of the value.
///
/// ```
/// use hookseal::outgoing::BentoEvent;
///
/// let error = BentoEvent::from_json(r#"{"type":"signup","email":"nobody"}"#).unwrap_err();
/// assert_eq!(error.code(), "malformed_value");
/// assert_eq!(error.to_string(), "email must be an e-mail address such as name@example.com: correct it");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutgoingError {
    /// The base address of a vendor's API is no absolute URL, or has a user, a query, a fragment or a path with `..`.
    MalformedHost {
        /// The argument's name.
        name: &'static str,
    },
    /// The base address of a vendor's API is not `https`, and its host is not loopback.
    InsecureHost {
        /// The argument's name.
        name: &'static str,
    },
    /// A member of a value, or an argument, is not what the vendor takes.
    MalformedValue {
        /// The member's or argument's name.
        name: &'static str,
        /// What it must be.
        must: Requirement,
    },
    /// A value is no JSON object. Line and column count from 1.
    MalformedJson {
        /// The line of the fault.
        line: usize,
        /// The column of the fault, in bytes.
        column: usize,
    },
    /// An object has a member of which the vendor says nothing. It is told by its place among the members, from 1,
    /// because its name comes from outside.
    UnknownMember {
        /// The place of the member.
        position: usize,
    },
    /// A member is there twice.
    RepeatedMember {
        /// The place of the second one among the members, from 1.
        position: usize,
    },
    /// A member that the vendor requires is absent.
    MissingMember(&'static str),
    /// The event is not one of Benji's.
    OtherVendor,
    /// The event names nothing that Benji's API can give: it has no id, or its entity is unknown.
    NothingNamed,
    /// What the event names is read with the access token of a user, and none was given.
    UserTokenNeeded,
    /// The event belongs to another entity type than the subscription.
    OtherEntityType,
    /// Fewer than 32 bytes of randomness were given for a secret.
    TooLittleRandomness,
}

/// What a member or an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Requirement {
    /// An e-mail address.
    Email,
    /// Text that is not empty.
    Text,
    /// Text of one line, not empty, without control characters, and without white space at its ends.
    Line,
    /// An object.
    Object,
    /// An object of text, numbers, true, false and null.
    FlatObject,
    /// Text, a number, true, false or null.
    Scalar,
    /// A date and time as RFC 3339 has it.
    Date,
    /// True or false.
    Boolean,
    /// Text that is not empty, or an integer.
    TextOrInteger,
    /// A number from 0 to 9,007,199,254,740,992.
    Amount,
    /// Three capital letters of ISO 4217.
    Currency,
    /// An object of `key` and `value`, and nothing else.
    KeyAndValue,
    /// Tags with commas between them, or a list of tags. None may be empty.
    Tags,
    /// An object of text, numbers, true and false.
    Personalizations,
    /// Visible ASCII characters without a colon, and spaces only between them.
    User,
    /// JSON of at most 1,048,576 bytes.
    ShortJson,
    /// JSON in whose text each half of a surrogate pair has its other half.
    WholeCharacters,
    /// One of these words.
    OneOf(&'static str),
    /// The name of an event of Benji's that is in the table of kinds.
    BenjiEvent,
    /// An absolute `https` URL without a user.
    HttpsUrl,
    /// A UUID: 32 hexadecimal digits, with or without hyphens.
    Uuid,
    /// An id of 1 to 512 bytes other than `.` and `..`.
    PathSegment,
    /// A header's value: visible ASCII characters, and spaces between them.
    HeaderValue,
}

impl OutgoingError {
    /// The error as one stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MalformedHost { .. } => "malformed_host",
            Self::InsecureHost { .. } => "insecure_host",
            Self::MalformedValue { .. } => "malformed_value",
            Self::MalformedJson { .. } => "malformed_json",
            Self::UnknownMember { .. } => "unknown_member",
            Self::RepeatedMember { .. } => "repeated_member",
            Self::MissingMember(_) => "missing_member",
            Self::OtherVendor => "other_vendor",
            Self::NothingNamed => "nothing_named",
            Self::UserTokenNeeded => "user_token_needed",
            Self::OtherEntityType => "other_entity_type",
            Self::TooLittleRandomness => "too_little_randomness",
        }
    }
}

impl fmt::Display for OutgoingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MalformedHost { name } => {
                return write!(
                    f,
                    "{name} must be an absolute URL such as https://api.example.com/v1, without user, query, fragment and \
                     dot segments: correct it"
                );
            }
            Self::InsecureHost { name } => {
                return write!(
                    f,
                    "{name} must start with https://, because credentials go there: only localhost, 127.0.0.0/8 and [::1] \
                     may use http://"
                );
            }
            Self::MalformedValue { name, must } => return write!(f, "{name} must be {must}: correct it"),
            Self::MalformedJson { line, column } => {
                return write!(f, "the value is no JSON object (line {line}, column {column}): give one object");
            }
            Self::UnknownMember { position } => {
                return write!(f, "the vendor does not know member {position}: remove it, or correct its name");
            }
            Self::RepeatedMember { position } => {
                return write!(
                    f,
                    "an object in the value has a name twice, the second time as its member {position}: give each once"
                );
            }
            Self::MissingMember(name) => return write!(f, "{name} is missing: the vendor requires it"),
            Self::OtherVendor => "the event is not one of Benji's: follow up Benji's events alone",
            Self::NothingNamed => {
                "the event names nothing that can be read: follow up events with the id of a user, a campaign or a \
                 transaction"
            }
            Self::UserTokenNeeded => {
                "Benji gives a user only to the user's own access token: give the token of the user whom the event names"
            }
            Self::OtherEntityType => {
                "the event belongs to another entity type: subscribe to it under its own, or leave one of them out"
            }
            Self::TooLittleRandomness => {
                "a secret needs at least 32 bytes of randomness: take them from the operating system"
            }
        })
    }
}

impl core::error::Error for OutgoingError {}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "an e-mail address such as name@example.com",
            Self::Text => "text that is not empty",
            Self::Line => "one line of text that is not empty, without control characters, and without white space at its ends",
            Self::Object => "an object",
            Self::FlatObject => "an object of text, numbers, true, false and null",
            Self::Scalar => "text, a number, true, false or null",
            Self::Date => "a date and time of RFC 3339 such as 2026-03-04T05:06:07Z",
            Self::Boolean => "true or false",
            Self::TextOrInteger => "text that is not empty, or an integer",
            Self::Amount => "a number from 0 to 9007199254740992",
            Self::Currency => "three capital letters of ISO 4217 such as USD",
            Self::KeyAndValue => "an object of key and value, and nothing else",
            Self::Tags => "tags with commas between them or a list of tags, none of them empty",
            Self::Personalizations => "an object of text, numbers, true and false",
            Self::User => "visible ASCII characters without a colon, with spaces only between them",
            Self::ShortJson => "JSON of at most 1048576 bytes",
            Self::WholeCharacters => "JSON whose escaped surrogates are all in pairs",
            Self::OneOf(words) => return write!(f, "one of: {words}"),
            Self::BenjiEvent => {
                "the name of an event of Benji's such as transaction_created (see the table of kinds)"
            }
            Self::HttpsUrl => "an absolute URL that starts with https:// and has no user",
            Self::Uuid => "a UUID of 32 hexadecimal digits, with or without hyphens",
            Self::PathSegment => "an id of 1 to 512 bytes other than . and ..",
            Self::HeaderValue => {
                "visible ASCII characters with spaces only between them, because a header carries it"
            }
        })
    }
}
