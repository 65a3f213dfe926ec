//! Why a receiver, a key or an option could not be built.

use core::fmt;

/// Why a receiver, a key or an option could not be built: a mistake in the program or its configuration,
/// never in a request.
///
/// ```
/// use hookseal::{Keys, SetupError};
///
/// assert_eq!(Keys::new("").unwrap_err(), SetupError::EmptySecret);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// The secret has no bytes, so anybody could sign with it.
    EmptySecret,
    /// The secret has only NUL, white space and line breaks.
    BlankSecret,
    /// The secret is a word that programs write in place of a missing value.
    PlaceholderSecret(&'static str),
    /// The secret starts with white space, a line break or a byte order mark, and its key is not
    /// [`exact`](crate::Key::exact).
    SecretStartsWith(char),
    /// The secret ends with white space or a line break, and its key is not [`exact`](crate::Key::exact).
    SecretEndsWith(char),
    /// The secret is enclosed in quotes, and its key is not [`exact`](crate::Key::exact).
    QuotedSecret(char),
    /// The secret cannot be the value of a header, because it has this control character, or a space at an end. The
    /// text is the place of the character: `at its start`, `at its end` or `inside`.
    SecretNotAHeaderValue(char, &'static str),
    /// The user, a colon and the secret of Basic authentication have more than 1,024 bytes together.
    CredentialsTooLong,
    /// The key ring holds no key.
    NoKeys,
    /// The key ring holds more than [`Keys::MAX`](crate::Keys::MAX) keys.
    TooManyKeys,
    /// A key has an empty id.
    EmptyKeyId,
    /// Two keys of a ring have the same id.
    DuplicateKeyId,
    /// A key's `not_after` lies before its `not_before`.
    ValidityReversed,
    /// The user of Basic authentication holds a colon or a control character.
    MalformedUser,
    /// HTTP does not allow the header's name, or hookseal reads the header for another purpose.
    MalformedHeaderName,
    /// A limit lies outside its range. The message has the range.
    LimitOutOfRange(&'static str),
    /// The source is empty or no URI reference (RFC 3986).
    MalformedSource,
    /// A zone's offset is not between -1,439 and 1,439 minutes.
    OffsetOutOfRange,
    /// An `id_key` has fewer than 32 bytes.
    IdKeyTooShort,
    /// An `id_key` has only NUL, white space and line breaks.
    BlankIdKey,
    /// `require_signed_time` and `allow_missing_date` are both set.
    SignedTimeAndMissingDate,
    /// A guard was given, and the receiver's replay policy is `none`.
    NoReplayKeys,
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptySecret => "the secret is empty: check that its environment variable or file is set",
            Self::BlankSecret => {
                "the secret has nothing but white space, line breaks or NUL: check its environment variable or file"
            }
            Self::PlaceholderSecret(word) => {
                return write!(
                    f,
                    "the secret is the word {word}, which programs write for a missing value: check that its environment \
                     variable or setting is set for this program"
                );
            }
            Self::SecretStartsWith(character) => {
                return write!(f, "the secret starts with {}: {CHECK_ITS_SOURCE}", CharacterName(*character));
            }
            Self::SecretEndsWith(character) => {
                return write!(f, "the secret ends with {}: {CHECK_ITS_SOURCE}", CharacterName(*character));
            }
            Self::QuotedSecret(quote) => {
                return write!(f, "the secret is enclosed in quotes ({quote}): {CHECK_ITS_SOURCE}");
            }
            Self::SecretNotAHeaderValue(character, place) => {
                return write!(
                    f,
                    "the secret has {} {place}, which no header can carry: check how it was copied, and how its file \
                     or variable is read",
                    CharacterName(*character)
                );
            }
            Self::CredentialsTooLong => "user, colon and password must have at most 1024 bytes together: shorten them",
            Self::NoKeys => "the key ring is empty: give the receiver at least one key",
            Self::TooManyKeys => "a key ring holds at most 16 keys: remove those that are no longer used",
            Self::EmptyKeyId => "a key's id must not be empty: leave it out to use the key's position",
            Self::DuplicateKeyId => {
                "two keys have the same id (a key without one has its position as its id): give each key its own"
            }
            Self::ValidityReversed => "the key's not_after is before its not_before, so it is never valid: correct one of them",
            Self::MalformedUser => "the user must not have a colon or a control character: choose another user",
            Self::MalformedHeaderName => {
                "the header's name must be an HTTP token other than authorization, content-encoding and \
                 content-length: choose another name"
            }
            Self::LimitOutOfRange(range) => {
                return write!(f, "the limit is out of range, so choose another value: {range}");
            }
            Self::MalformedSource => {
                "the source must be a URI reference (RFC 3986) that is not empty, such as https://example.com/hooks"
            }
            Self::OffsetOutOfRange => {
                "utc_offset_minutes must be between -1439 and 1439: give the zone's minutes, such as 60 for UTC+01:00"
            }
            Self::IdKeyTooShort => {
                "id_key must have at least 32 bytes: make it once with a cryptographic random generator, and keep it"
            }
            Self::BlankIdKey => {
                "id_key has nothing but white space, line breaks or NUL: make it once with a cryptographic random \
                 generator, and keep it"
            }
            Self::SignedTimeAndMissingDate => {
                "require_signed_time and allow_missing_date contradict each other: remove one"
            }
            Self::NoReplayKeys => {
                "a guard recognizes deliveries by their replay keys, and with the replay policy `none` there are none: \
                 take another policy, or leave the guard out"
            }
        })
    }
}

impl core::error::Error for SetupError {}

const CHECK_ITS_SOURCE: &str = "check how it was copied, and how its file or variable is read; if this is part of the secret, make the key exact";

/// The name of a character that a terminal does not show.
struct CharacterName(char);

impl fmt::Display for CharacterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => "a line break",
            '\u{feff}' => "a byte order mark",
            '\t' => "a tab",
            ' ' => "a space",
            '\0' => "NUL",
            control if control.is_ascii_control() => "a control character",
            _ => "white space",
        };
        write!(f, "{name} (U+{:04X})", u32::from(self.0))
    }
}
