//! The positions of a table's keys, by hash.

use alloc::{collections::TryReserveError, vec::Vec};

/// The positions of held keys, by hash. It takes at most 5.4 bytes a key.
///
/// A key goes into the bucket that its hash selects, or into the next one that has a free slot. A bucket fills a cache
/// line, and its slots hold 8 bits of the hash, so that a search seldom looks at the held keys themselves: with a
/// million of them, each look is a cache miss, which takes longer than everything else.
pub(super) struct Index {
    buckets: Vec<Bucket>,
}

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Bucket {
    slots: [Slot; SLOTS],
    /// How many keys went past this bucket because it was full.
    passed: u32,
}

/// 8 bits of a hash, then 24 bits with the position of a key, counted from 1. All zeros if the slot is free.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Slot(u32);

const SLOTS: usize = 15;
/// How many keys there are for each bucket when the index is full.
const KEYS: usize = 12;
const FREE: Slot = Slot(0);
const EMPTY: Bucket = Bucket { slots: [FREE; SLOTS], passed: 0 };

impl Slot {
    /// The position must be below 2^24 - 1.
    fn new(hash: u64, position: usize) -> Self {
        Self((Self::tag(hash) << 24) | u32::try_from(position).map_or(0, |position| position.wrapping_add(1)))
    }

    fn tag(hash: u64) -> u32 {
        let [tag, ..] = hash.to_le_bytes();
        u32::from(tag)
    }

    fn position(self) -> Option<usize> {
        usize::try_from((self.0 & 0xff_ffff).checked_sub(1)?).ok()
    }
}

impl Bucket {
    /// The slots that pass a test, found without a branch for each slot.
    fn slots_with<T: Fn(Slot) -> bool>(&self, test: T) -> impl Iterator<Item = usize> + use<T> {
        let mut passing = 0_u32;
        for (at, slot) in self.slots.into_iter().enumerate() {
            passing |= u32::from(test(slot)) << at;
        }
        core::iter::from_fn(move || {
            let at = passing.trailing_zeros();
            passing &= passing.checked_sub(1)?;
            usize::try_from(at).ok()
        })
    }
}

impl Index {
    /// An index for so many keys at most.
    pub(super) fn new(capacity: usize) -> Result<Self, TryReserveError> {
        let count = capacity.div_ceil(KEYS);
        let mut buckets = Vec::new();
        buckets.try_reserve_exact(count)?;
        buckets.resize(count, EMPTY);
        Ok(Self { buckets })
    }

    /// The position of the first key with this hash for which `is_it` is true.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let tag = Slot::tag(hash);
        for at in self.sequence(hash) {
            let bucket = self.buckets.get(at)?;
            let mut slots = bucket.slots_with(|slot| slot.0 >> 24 == tag);
            let found =
                slots.find_map(|at| bucket.slots.get(at)?.position().filter(|position| is_it(*position)));
            if found.is_some() || bucket.passed == 0 {
                return found;
            }
        }
        None
    }

    pub(super) fn insert(&mut self, hash: u64, position: usize) {
        for at in self.sequence(hash) {
            let Some(bucket) = self.buckets.get_mut(at) else { return };
            let free = bucket.slots_with(|slot| slot == FREE).next();
            if let Some(slot) = free.and_then(|at| bucket.slots.get_mut(at)) {
                *slot = Slot::new(hash, position);
                return;
            }
            bucket.passed += 1;
        }
    }

    pub(super) fn remove(&mut self, hash: u64, position: usize) {
        let gone = Slot::new(hash, position);
        for at in self.sequence(hash) {
            let Some(bucket) = self.buckets.get_mut(at) else { return };
            let slot = bucket.slots_with(|slot| slot == gone).next();
            if let Some(slot) = slot.and_then(|at| bucket.slots.get_mut(at)) {
                *slot = FREE;
                return;
            }
            bucket.passed = bucket.passed.saturating_sub(1);
        }
    }

    /// The numbers of all buckets, from that of the hash on.
    fn sequence(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let count = self.buckets.len();
        let home = (u128::from(hash) * u128::try_from(count).unwrap_or_default()) >> 64;
        let home = usize::try_from(home).unwrap_or_default();
        (home..count).chain(0..home)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_one_hash_fill_the_index_and_leave_it() {
        for capacity in [1, 12, 13, 100] {
            let mut index = Index::new(capacity).unwrap();
            for hash in [0, u64::MAX, 1 << 63] {
                (0..capacity).for_each(|position| index.insert(hash, position));
                for position in 0..capacity {
                    assert_eq!(index.find(hash, |at| at == position), Some(position));
                    assert_eq!(index.find(hash ^ 1, |_| true), None, "another tag");
                    index.remove(hash, position);
                    assert_eq!(index.find(hash, |at| at == position), None);
                }
                assert!(
                    index.buckets.iter().all(|bucket| bucket.passed == 0 && bucket.slots == [FREE; SLOTS])
                );
            }
        }
    }

    #[test]
    fn hashes_spread_evenly_over_the_buckets() {
        let index = Index::new(4 * KEYS).unwrap();
        for (hash, bucket) in [(0, 0), (1, 0), (1 << 62, 1), (2 << 62, 2), (3 << 62, 3), (u64::MAX, 3)] {
            let expected = (bucket..4).chain(0..bucket);
            assert!(index.sequence(hash).eq(expected), "{hash:x}");
        }
    }

    #[test]
    fn a_key_that_went_past_a_bucket_is_found_after_the_bucket_has_room() {
        let mut index = Index::new(48).unwrap();
        (0..=SLOTS).for_each(|position| index.insert(0, position));
        index.remove(0, 0);
        assert_eq!(index.find(0, |at| at == SLOTS), Some(SLOTS));
    }
}
