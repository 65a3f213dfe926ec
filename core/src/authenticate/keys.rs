//! Secrets, and the keys and rings of keys that a program hands to a receiver.

use alloc::{boxed::Box, collections::BTreeSet, sync::Arc, vec::Vec};
use core::fmt;

use zeroize::Zeroizing;

use super::mistakes;
use crate::{freshness::Timestamp, setup_error::SetupError};

/// The bytes that sender and receiver share: Benji's salt, Benti's secret, a password, a token, or the value of a
/// header of your own. They are used exactly as they are, never trimmed or decoded.
///
/// They are wiped from memory when the secret is dropped, and `Debug` prints only `Secret`. A secret can be neither
/// copied nor compared:
///
/// ```compile_fail,E0599
/// let secret = hookseal::Secret::new("salt").unwrap();
/// let copy: hookseal::Secret = secret.clone();
/// ```
///
/// ```compile_fail,E0369
/// let secret = hookseal::Secret::new("salt").unwrap();
/// let equal = secret == secret;
/// ```
///
/// ```
/// use hookseal::Secret;
///
/// let secret = Secret::new("salt")?;
/// assert_eq!(format!("{secret:?}"), "Secret");
/// # Ok::<(), hookseal::SetupError>(())
/// ```
pub struct Secret(Zeroizing<Box<[u8]>>);

impl Secret {
    /// A secret with these bytes.
    ///
    /// # Errors
    ///
    /// [`SetupError::EmptySecret`] if there are no bytes, [`SetupError::BlankSecret`] if all are white space or NUL,
    /// and [`SetupError::PlaceholderSecret`] if they are a word such as `undefined`: an unset variable must not become
    /// a key.
    pub fn new(bytes: impl AsRef<[u8]>) -> Result<Self, SetupError> {
        let bytes = bytes.as_ref();
        mistakes::refuse_no_secret(bytes)?;
        Ok(Self(Zeroizing::new(bytes.into())))
    }

    /// The bytes, for a program that has to store or send the secret. They are not wiped where they are copied to.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A secret with an id and a period of validity, for a ring of several keys.
///
/// ```
/// use hookseal::{Key, Timestamp};
///
/// let key = Key::new("the salt of next year")?
///     .with_id("2027")?
///     .with_not_before(Timestamp::from_unix_millis(1_798_761_600_000).unwrap());
/// assert_eq!(key.id(), Some("2027"));
/// assert_eq!(key.not_after(), None);
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug)]
pub struct Key {
    secret: Secret,
    is_exact: bool,
    id: Option<Arc<str>>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

impl Key {
    /// A key that is always valid. Its id is its position in the ring.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::new`].
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SetupError> {
        Ok(Self {
            secret: Secret::new(secret)?,
            is_exact: false,
            id: None,
            not_before: None,
            not_after: None,
        })
    }

    /// A key whose secret really starts or ends with white space or a line break, starts with a byte order mark, or is
    /// enclosed in quotes. In any other key a receiver refuses such a secret, because it comes from the way in which
    /// the secret was copied or read.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::new`].
    ///
    /// ```
    /// use hookseal::{Key, Keys, Receiver, SetupError};
    ///
    /// let refused = Receiver::benji(Keys::new("salt\n")?).unwrap_err();
    /// assert_eq!(refused, SetupError::SecretEndsWith('\n'));
    /// assert!(Receiver::benji(Keys::ring([Key::exact("salt\n")?])?).is_ok());
    /// # Ok::<(), SetupError>(())
    /// ```
    pub fn exact(secret: impl AsRef<[u8]>) -> Result<Self, SetupError> {
        Ok(Self { is_exact: true, ..Self::new(secret)? })
    }

    /// Gives the key an id. A delivery names it if the key fits. The id is not secret: it is meant for logs.
    ///
    /// # Errors
    ///
    /// [`SetupError::EmptyKeyId`].
    pub fn with_id(self, id: &str) -> Result<Self, SetupError> {
        if id.is_empty() {
            return Err(SetupError::EmptyKeyId);
        }
        Ok(Self { id: Some(id.into()), ..self })
    }

    /// Makes the key valid from this time on, by the receiver's clock.
    #[must_use]
    pub fn with_not_before(self, time: Timestamp) -> Self {
        Self { not_before: Some(time), ..self }
    }

    /// Makes the key valid up to and including this time, by the receiver's clock.
    #[must_use]
    pub fn with_not_after(self, time: Timestamp) -> Self {
        Self { not_after: Some(time), ..self }
    }

    /// The id, if one was given.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The first millisecond in which the key is valid, if one was set.
    #[must_use]
    pub fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// The last millisecond in which the key is valid, if one was set.
    #[must_use]
    pub fn not_after(&self) -> Option<Timestamp> {
        self.not_after
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    fn is_valid_at_some_time(&self) -> bool {
        match (self.not_before, self.not_after) {
            (Some(not_before), Some(not_after)) => not_before <= not_after,
            _ => true,
        }
    }
}

/// The keys of a receiver: one, or a ring of several while an old key is replaced. Each request is tried with all of
/// them.
///
/// ```
/// use hookseal::{Key, Keys};
///
/// let one = Keys::new("salt")?;
/// let ring = Keys::ring([Key::new("new salt")?.with_id("new")?, Key::new("old salt")?.with_id("old")?])?;
/// # Ok::<(), hookseal::SetupError>(())
/// ```
#[derive(Debug)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// The most keys in a ring. Each key adds work to every request.
    pub const MAX: usize = 16;

    /// A ring of one key, always valid, with the id `0`.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::new`].
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, SetupError> {
        Self::ring([Key::new(secret)?])
    }

    /// A ring of these keys. A key without an id gets its position as id: `0`, `1`, and so on. If several keys fit, a
    /// delivery names the first.
    ///
    /// # Errors
    ///
    /// [`SetupError::NoKeys`], [`SetupError::TooManyKeys`] above [`Keys::MAX`], [`SetupError::DuplicateKeyId`],
    /// and [`SetupError::ValidityReversed`] for a key that is never valid.
    ///
    /// ```
    /// use hookseal::{Key, Keys, SetupError};
    ///
    /// assert_eq!(Keys::ring([]).unwrap_err(), SetupError::NoKeys);
    /// let keys = [Key::new("a")?, Key::new("b")?.with_id("0")?];
    /// assert_eq!(Keys::ring(keys).unwrap_err(), SetupError::DuplicateKeyId);
    /// # Ok::<(), SetupError>(())
    /// ```
    pub fn ring(keys: impl IntoIterator<Item = Key>) -> Result<Self, SetupError> {
        let keys = Self(keys.into_iter().take(Self::MAX + 1).collect());
        match keys.0.len() {
            0 => return Err(SetupError::NoKeys),
            1..=Self::MAX => {}
            _ => return Err(SetupError::TooManyKeys),
        }
        let mut ids = BTreeSet::new();
        if !keys.with_ids().all(|(id, _)| ids.insert(id)) {
            return Err(SetupError::DuplicateKeyId);
        }
        if !keys.0.iter().all(Key::is_valid_at_some_time) {
            return Err(SetupError::ValidityReversed);
        }
        Ok(keys)
    }

    /// Refuses secrets with signs of a copying mistake, except in exact keys.
    pub(crate) fn refuse_mistakes(&self) -> Result<(), SetupError> {
        let mut others = self.0.iter().filter(|key| !key.is_exact);
        others.try_for_each(|key| mistakes::refuse_copying_mistake(key.secret().bytes()))
    }

    pub(crate) fn with_ids(&self) -> impl Iterator<Item = (KeyId, &Key)> {
        (0..).zip(&self.0).map(|(position, key)| {
            let id = key.id.clone().map_or(KeyId::Position(position), KeyId::Given);
            (id, key)
        })
    }

    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().map(Key::secret)
    }
}

#[derive(Debug, Clone)]
pub(crate) enum KeyId {
    /// The key's position in its ring, below [`Keys::MAX`].
    Position(u8),
    Given(Arc<str>),
}

impl KeyId {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Position(position) => POSITIONS.get(usize::from(*position)).copied().unwrap_or_default(),
            Self::Given(id) => id,
        }
    }
}

/// The positions as text, so that a delivery can name its key without an allocation.
const POSITIONS: [&str; Keys::MAX] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15"];

impl PartialEq for KeyId {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for KeyId {}

impl PartialOrd for KeyId {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KeyId {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString};

    use super::*;

    /// Fails to compile if the type has the trait, because `item` is then ambiguous.
    macro_rules! assert_not_implemented {
        ($($type:ty: $trait:path),+ $(,)?) => {
            $(const _: fn() = || {
                trait Ambiguous<Marker> {
                    fn item() {}
                }
                impl<T: ?Sized> Ambiguous<()> for T {}
                struct Implemented;
                impl<T: ?Sized + $trait> Ambiguous<Implemented> for T {}
                let _ = <$type as Ambiguous<_>>::item;
            };)+
        };
    }

    assert_not_implemented!(
        Secret: Clone, Secret: PartialEq, Secret: fmt::Display, Secret: AsRef<[u8]>,
        Key: Clone, Key: PartialEq, Key: fmt::Display,
        Keys: Clone, Keys: PartialEq, Keys: fmt::Display,
    );

    const fn assert_send_and_sync<T: Send + Sync>() {}
    const _: () = {
        assert_send_and_sync::<Secret>();
        assert_send_and_sync::<Keys>();
    };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis).unwrap()
    }

    fn key(secret: &str) -> Key {
        Key::new(secret).unwrap()
    }

    #[test]
    fn an_empty_secret_is_refused() {
        assert_eq!(Secret::new("").unwrap_err(), SetupError::EmptySecret);
        assert_eq!(Key::new([]).unwrap_err(), SetupError::EmptySecret);
        assert_eq!(Keys::new("").unwrap_err(), SetupError::EmptySecret);
    }

    #[test]
    fn a_secret_keeps_its_exact_bytes() {
        assert_eq!(Secret::new(" \x00salt\n").unwrap().bytes(), b" \x00salt\n");
    }

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        assert_eq!(format!("{:?}", Secret::new("hunter2").unwrap()), "Secret");
        let keys = Keys::ring([key("hunter2").with_id("mine").unwrap()]).unwrap();
        for shown in [format!("{keys:?}"), format!("{keys:#?}")] {
            assert!(shown.contains("mine"));
            for part in ["hunter2", "104", "0x68", "68, 75", "len", "7"] {
                assert!(!shown.contains(part), "{shown}");
            }
        }
    }

    #[test]
    fn a_ring_has_between_one_and_sixteen_keys() {
        let ring = |length: usize| Keys::ring((0..length).map(|number| key(&format!("secret {number}"))));
        assert_eq!(ring(0).unwrap_err(), SetupError::NoKeys);
        assert_eq!(ring(16).unwrap().with_ids().count(), Keys::MAX);
        assert_eq!(ring(17).unwrap_err(), SetupError::TooManyKeys);
    }

    #[test]
    fn a_ring_without_an_end_is_refused() {
        assert_eq!(Keys::ring(core::iter::repeat_with(|| key("a"))).unwrap_err(), SetupError::TooManyKeys);
    }

    #[test]
    fn a_key_without_an_id_goes_by_its_position() {
        let keys = Keys::ring((0..16).map(|number| {
            let key = key("secret");
            if number == 3 { key.with_id("third").unwrap() } else { key }
        }));
        for (position, (id, _)) in keys.unwrap().with_ids().enumerate() {
            let expected = if position == 3 { "third".to_string() } else { position.to_string() };
            assert_eq!(id.as_str(), expected);
        }
    }

    #[test]
    fn two_keys_of_one_id_are_refused() {
        let named = |secret, id| key(secret).with_id(id).unwrap();
        let duplicate = Err(SetupError::DuplicateKeyId);
        assert_eq!(Keys::ring([named("a", "x"), named("b", "x")]).map(drop), duplicate);
        assert_eq!(Keys::ring([named("a", "1"), key("b")]).map(drop), duplicate);
        assert_eq!(Keys::ring([named("a", "2"), key("b")]).map(drop), Ok(()));
        assert_eq!(Keys::ring([named("a", "x"), named("b", "X")]).map(drop), Ok(()));
    }

    #[test]
    fn a_key_that_is_never_valid_is_refused() {
        let valid =
            |from, to| Keys::ring([key("a").with_not_before(at(from)).with_not_after(at(to))]).map(drop);
        assert_eq!(valid(5, 5), Ok(()));
        assert_eq!(valid(5, 4), Err(SetupError::ValidityReversed));
    }

    #[test]
    fn an_id_is_its_text_whoever_gave_it() {
        let [zero, one] = [0, 1].map(KeyId::Position);
        let named = |id: &str| KeyId::Given(Arc::from(id));
        assert!(zero == named("0") && zero != one && zero != named("1"));
        assert!(zero < one && named("1") > zero && KeyId::Position(10) < named("2"));
    }
}
