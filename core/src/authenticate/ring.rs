//! The prepared keys of a receiver, and the search for the one that made a request.

use alloc::boxed::Box;

use subtle::Choice;
use zeroize::ZeroizeOnDrop;

use super::{
    hmac_sha256::wipe_stack,
    keys::{Key, KeyId, Keys, Secret},
};
use crate::freshness::Timestamp;

pub(crate) struct Ring<K: ZeroizeOnDrop>(Box<[RingKey<K>]>);

/// No key fits and is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoKey {
    /// Whether a key fits that is not valid now.
    pub(crate) one_fits_when_not_valid: bool,
}

/// A prepared key, its id, and when it is valid.
struct RingKey<K> {
    /// On the heap, where it was prepared: a move would leave a copy that nothing wipes.
    prepared: Box<K>,
    id: KeyId,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

impl<K: ZeroizeOnDrop> Ring<K> {
    pub(crate) fn new(keys: Keys, prepare: impl Fn(&Secret) -> Box<K>) -> Self {
        Self(keys.with_ids().map(|(id, key)| RingKey::new(id, key, prepare(key.secret()))).collect())
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &KeyId> + '_ {
        self.0.iter().map(|key| &key.id)
    }

    /// The keys that end.
    pub(super) fn ends(&self) -> impl Iterator<Item = (&KeyId, Timestamp)> + '_ {
        self.0.iter().filter_map(|key| Some((&key.id, key.not_after?)))
    }

    /// The id of the first key that fits and is valid. It tries every key, and the work does not depend on which one
    /// fits, nor on whether that one is valid.
    pub(crate) fn find(&self, now: Timestamp, fits: impl Fn(&K) -> Choice) -> Result<&KeyId, NoKey> {
        // One bit for each key, the lowest for the first. A ring has at most 16 keys.
        let mut fitting = 0_u16;
        let mut valid = 0_u16;
        for key in self.0.iter().rev() {
            fitting = fitting << 1 | u16::from(fits(&key.prepared).unwrap_u8());
            valid = valid << 1 | u16::from(key.is_valid_at(now));
        }
        let first = usize::try_from((fitting & valid).trailing_zeros()).unwrap_or(usize::MAX);
        self.0.get(first).map(|key| &key.id).ok_or(NoKey { one_fits_when_not_valid: fitting != 0 })
    }
}

impl<K: ZeroizeOnDrop> Drop for Ring<K> {
    fn drop(&mut self) {
        wipe_stack();
    }
}

impl<K> RingKey<K> {
    fn new(id: KeyId, key: &Key, prepared: Box<K>) -> Self {
        Self { prepared, id, not_before: key.not_before(), not_after: key.not_after() }
    }

    /// Inclusive at both ends. The times are not secret, so their comparison may branch.
    fn is_valid_at(&self, now: Timestamp) -> bool {
        let begun = self.not_before.is_none_or(|not_before| not_before <= now);
        let ended = self.not_after.is_some_and(|not_after| not_after < now);
        begun && !ended
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;

    #[derive(ZeroizeOnDrop)]
    struct FirstByte(u8);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_unix_millis(millis).unwrap()
    }

    fn ring(keys: impl IntoIterator<Item = Key>) -> Ring<FirstByte> {
        Ring::new(Keys::ring(keys).unwrap(), |secret| Box::new(FirstByte(secret.bytes()[0])))
    }

    fn key(secret: &str) -> Key {
        Key::new(secret).unwrap()
    }

    #[test]
    fn every_key_is_tried_whichever_fits() {
        let ring = ring(["a", "b", "c", "d"].map(key));
        for (wanted, expected) in [(b'a', Some("0")), (b'c', Some("2")), (b'd', Some("3")), (b'x', None)] {
            let tried = Cell::new(0);
            let found = ring.find(at(0), |FirstByte(byte)| {
                tried.set(tried.get() + 1);
                Choice::from(u8::from(*byte == wanted))
            });
            assert_eq!(found.ok().map(KeyId::as_str), expected);
            assert_eq!(tried.get(), 4);
        }
    }

    #[test]
    fn the_first_key_that_fits_is_named() {
        let ring = ring(["a", "b", "c"].map(key));
        let found = ring.find(at(0), |FirstByte(byte)| Choice::from(u8::from(*byte > b'a')));
        assert_eq!(found.unwrap().as_str(), "1");
    }

    #[test]
    fn a_key_is_valid_from_its_first_to_its_last_millisecond() {
        let ring = ring([key("a").with_not_before(at(10)).with_not_after(at(20))]);
        let found = |now| ring.find(at(now), |_| Choice::from(1)).is_ok();
        assert_eq!([9, 10, 20, 21].map(found), [false, true, true, false]);
    }

    #[test]
    fn a_key_that_fits_when_it_is_not_valid_is_told_from_none() {
        let ring = ring([key("a").with_not_after(at(10)), key("b").with_not_before(at(10)), key("c")]);
        let found = |now, wanted| {
            let found = ring.find(at(now), |FirstByte(byte)| Choice::from(u8::from(*byte == wanted)));
            found.map(KeyId::as_str).map_err(|none| none.one_fits_when_not_valid)
        };
        assert_eq!([9, 10, 11].map(|now| found(now, b'a')), [Ok("0"), Ok("0"), Err(true)]);
        assert_eq!([9, 10, 11].map(|now| found(now, b'b')), [Err(true), Ok("1"), Ok("1")]);
        assert_eq!([9, 10, 11].map(|now| found(now, b'x')), [Err(false); 3]);
    }

    #[test]
    fn a_key_that_is_not_valid_gives_way_to_the_next() {
        let ring = ring([key("a").with_not_after(at(10)), key("b").with_not_before(at(10)), key("c")]);
        let found = |now| ring.find(at(now), |_| Choice::from(1)).unwrap();
        assert_eq!([10, 11, -1].map(|now| found(now).as_str() == "0"), [true, false, true]);
        assert_eq!(found(11).as_str(), "1");
    }
}
