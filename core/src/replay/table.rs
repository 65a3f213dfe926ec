//! The keys that a guard holds, found by key or by the time at which they end.

use alloc::vec::Vec;

use siphasher::sip::SipHasher13;

use super::{index::Index, keys::DIGEST_BYTES};
use crate::setup_error::SetupError;

/// The position of a held key in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position(usize);

/// A position or none, in 3 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Link([u8; 3]);

impl Link {
    const NONE: Self = Self([0; 3]);

    fn to(position: Position) -> Self {
        // The capacity keeps the number below 2^24.
        let [low, middle, high, _] =
            u32::try_from(position.0).map_or(0, |at| at.wrapping_add(1)).to_le_bytes();
        Self([low, middle, high])
    }

    fn get(self) -> Option<Position> {
        let [low, middle, high] = self.0;
        let number = u32::from_le_bytes([low, middle, high, 0]);
        usize::try_from(number.checked_sub(1)?).ok().map(Position)
    }
}

/// A key in 33 bytes; the index takes some 5 more.
#[derive(Clone, Copy)]
struct HeldKey {
    digest: [u8; DIGEST_BYTES],
    /// The end in the upper 49 bits, then the number of the queue in 6, then whether the key is confirmed.
    end_queue_confirmed: [u8; 7],
    token: [u8; 4],
    /// The neighbours in the queue. A free position is linked to the next free one by `later`.
    earlier: Link,
    later: Link,
}

/// When and how a held key ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    /// The key no longer counts from this millisecond on. At most [`Table::NO_END`].
    pub(super) end: u64,
    pub(super) token: u32,
    pub(super) confirmed: bool,
}

/// Held keys in the order of their ends.
#[derive(Debug, Clone, Copy)]
struct Queue {
    first: Link,
    last: Link,
}

const EMPTY: Queue = Queue { first: Link::NONE, last: Link::NONE };

/// A hash table of bounded size. Its keys are also linked in queues by the time at which they end.
///
/// A guard gives all claims the same lease, and all deliveries of a receiver the same retention. So a key nearly always
/// ends after those before it with the same duration, and belongs at the end of a queue. There is a queue for each
/// duration, and another one after the clock was set back. If all queues are in use, the key's place is searched from
/// the end of one of them towards its beginning.
pub(super) struct Table {
    capacity: usize,
    hasher: SipHasher13,
    index: Index,
    keys: Vec<HeldKey>,
    free: Link,
    queues: [Queue; QUEUES],
    /// The end of the last key of each queue, or 0.
    last_ends: [u64; QUEUES],
    len: usize,
}

const QUEUES: usize = 8;

impl Table {
    /// The largest capacity: a link has 24 bits, and one number means none.
    pub(super) const MAX_CAPACITY: usize = 0xff_ffff;
    /// The end of a key that is kept for ever.
    pub(super) const NO_END: u64 = (1 << 49) - 1;

    pub(super) fn new(capacity: usize, seed: &[u8; 16]) -> Result<Self, SetupError> {
        if !(1..=Self::MAX_CAPACITY).contains(&capacity) {
            return Err(SetupError::LimitOutOfRange("capacity must be between 1 and 16777215"));
        }
        let mut keys = Vec::new();
        let index = keys.try_reserve_exact(capacity).and_then(|()| Index::new(capacity));
        let index = index.map_err(|_| {
            SetupError::LimitOutOfRange(
                "capacity takes 40 bytes a key, more memory than there is: choose a smaller capacity",
            )
        })?;
        let hasher = SipHasher13::new_with_key(seed);
        Ok(Self {
            capacity,
            hasher,
            index,
            keys,
            free: Link::NONE,
            queues: [EMPTY; QUEUES],
            last_ends: [0; QUEUES],
            len: 0,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// The hash of a digest, with the table's secret seed.
    pub(super) fn hash(&self, digest: &[u8; DIGEST_BYTES]) -> u64 {
        self.hasher.hash(digest)
    }

    pub(super) fn find(&self, hash: u64, digest: &[u8; DIGEST_BYTES]) -> Option<Position> {
        let is_it = |position: usize| self.keys.get(position).is_some_and(|held| held.digest == *digest);
        self.index.find(hash, is_it).map(Position)
    }

    /// The state of the key at a position, if it has this digest.
    pub(super) fn state(&self, position: Position, digest: &[u8; DIGEST_BYTES]) -> Option<State> {
        let held = self.keys.get(position.0)?;
        (held.digest == *digest).then(|| held.state())
    }

    /// Adds a key: at a free position, or at that of a key that has ended. `None` if there is neither.
    pub(super) fn insert(
        &mut self,
        hash: u64,
        digest: &[u8; DIGEST_BYTES],
        state: State,
        now: u64,
    ) -> Option<Position> {
        if self.len == self.capacity {
            let ended = self.ended(now)?;
            self.remove(ended);
        }
        let held = HeldKey::new(*digest, state);
        let position = match self.free.get() {
            Some(position) => {
                let free = self.keys.get_mut(position.0)?;
                self.free = free.later;
                *free = held;
                position
            }
            None => {
                // Within the capacity, which was reserved.
                self.keys.push(held);
                Position(self.keys.len() - 1)
            }
        };
        self.index.insert(hash, position.0);
        self.len += 1;
        self.enqueue(position, state.end);
        Some(position)
    }

    /// Changes the state of the key at a position.
    pub(super) fn change(&mut self, position: Position, state: State) {
        self.dequeue(position);
        if let Some(held) = self.keys.get_mut(position.0) {
            *held = HeldKey::new(held.digest, state);
        }
        self.enqueue(position, state.end);
    }

    pub(super) fn remove(&mut self, position: Position) {
        self.dequeue(position);
        let Some(held) = self.keys.get_mut(position.0) else { return };
        // The digest goes too, so that no claim fits the position.
        let digest = core::mem::take(&mut held.digest);
        held.later = self.free;
        self.free = Link::to(position);
        self.index.remove(self.hash(&digest), position.0);
        self.len -= 1;
    }

    /// A key that has ended. The first key of a queue ends before the others of it.
    fn ended(&self, now: u64) -> Option<Position> {
        self.queues.iter().filter_map(|queue| queue.first.get()).find(|first| self.end(*first) <= now)
    }

    fn end(&self, position: Position) -> u64 {
        self.keys.get(position.0).map_or(Self::NO_END, |held| held.state().end)
    }

    /// Links the key into the queue whose last key ends last before it; an empty queue is the second choice.
    fn enqueue(&mut self, position: Position, end: u64) {
        let (mut number, mut last_end) = (0, 0);
        for (at, queue_end) in self.last_ends.into_iter().enumerate() {
            if (last_end..=end).contains(&queue_end) {
                (number, last_end) = (at, queue_end);
            }
        }
        let (Some(queue), Some(queue_end)) = (self.queues.get(number), self.last_ends.get(number)) else {
            return;
        };
        let (mut before, mut after) = (queue.last, Link::NONE);
        if *queue_end > end {
            while let Some(last) = before.get().filter(|last| self.end(*last) > end) {
                (before, after) = (self.keys.get(last.0).map_or(Link::NONE, |held| held.earlier), before);
            }
        }
        if let Some(held) = self.keys.get_mut(position.0) {
            held.set_queue(number);
        }
        self.join(number, before, Link::to(position));
        self.join(number, Link::to(position), after);
    }

    fn dequeue(&mut self, position: Position) {
        if let Some(&held) = self.keys.get(position.0) {
            self.join(held.queue(), held.earlier, held.later);
        }
    }

    /// Makes two links of a queue neighbours. No link before the other, or after it, makes it an end of the queue.
    fn join(&mut self, number: usize, before: Link, after: Link) {
        let Some(queue) = self.queues.get_mut(number) else { return };
        match after.get().and_then(|after| self.keys.get_mut(after.0)) {
            Some(held) => held.earlier = before,
            None => {
                queue.last = before;
                let last = before.get().and_then(|before| self.keys.get(before.0));
                if let Some(last_end) = self.last_ends.get_mut(number) {
                    *last_end = last.map_or(0, |last| last.state().end);
                }
            }
        }
        match before.get().and_then(|before| self.keys.get_mut(before.0)) {
            Some(held) => held.later = after,
            None => queue.first = after,
        }
    }
}

impl HeldKey {
    fn new(digest: [u8; DIGEST_BYTES], State { end, token, confirmed }: State) -> Self {
        let mut held = Self {
            digest,
            end_queue_confirmed: [0; 7],
            token: token.to_le_bytes(),
            earlier: Link::NONE,
            later: Link::NONE,
        };
        held.set_word((end << 7) | u64::from(confirmed));
        held
    }

    fn state(&self) -> State {
        let word = self.word();
        State { end: word >> 7, token: u32::from_le_bytes(self.token), confirmed: word & 1 != 0 }
    }

    fn queue(&self) -> usize {
        usize::try_from((self.word() >> 1) & 0x3f).unwrap_or_default()
    }

    fn set_queue(&mut self, number: usize) {
        let number = u64::try_from(number).unwrap_or_default();
        self.set_word((self.word() & !0x7e) | (number << 1));
    }

    fn word(&self) -> u64 {
        let [a, b, c, d, e, f, g] = self.end_queue_confirmed;
        u64::from_le_bytes([a, b, c, d, e, f, g, 0])
    }

    fn set_word(&mut self, word: u64) {
        let [a, b, c, d, e, f, g, _] = word.to_le_bytes();
        self.end_queue_confirmed = [a, b, c, d, e, f, g];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(table: &mut Table, digest: u8, end: u64) -> Position {
        let digest = [digest; DIGEST_BYTES];
        let state = State { end, token: 0, confirmed: false };
        table.insert(table.hash(&digest), &digest, state, 0).unwrap()
    }

    #[test]
    fn a_held_key_takes_33_bytes() {
        assert_eq!(size_of::<HeldKey>(), 33);
    }

    #[test]
    fn a_hash_depends_on_the_seed_and_on_the_digest() {
        let hash = |seed, digest| Table::new(1, &[seed; 16]).unwrap().hash(&[digest; DIGEST_BYTES]);
        assert_ne!(hash(1, 1), hash(2, 1));
        assert_ne!(hash(1, 1), hash(1, 2));
    }

    #[test]
    fn a_removed_key_leaves_its_queue() {
        let mut table = Table::new(2, &[7; 16]).unwrap();
        let mut insert = |digest, end| insert(&mut table, digest, end);
        // The second key ends earlier, so it is in another queue.
        let (first, second) = (insert(1, 20), insert(2, 10));
        assert_eq!(table.ended(19), Some(second));
        table.remove(second);
        assert_eq!(table.ended(19), None);
        assert_eq!(table.ended(20), Some(first));
    }

    #[test]
    fn keys_that_end_together_go_in_the_order_in_which_they_came() {
        let mut table = Table::new(QUEUES + 2, &[7; 16]).unwrap();
        let mut insert = |digest, end| insert(&mut table, digest, end);
        // Each ends before those that came earlier, so it needs a queue of its own. Then no queue is left.
        for number in 0..u8::try_from(QUEUES).unwrap() {
            insert(number, 200 - u64::from(number));
        }
        let (first, second) = (insert(100, 50), insert(101, 50));
        assert_eq!(table.ended(49), None);
        assert_eq!(table.ended(50), Some(first));
        table.remove(first);
        assert_eq!(table.ended(50), Some(second));
    }
}
