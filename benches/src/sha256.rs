//! The limit: what the SHA-256 blocks of an HMAC take, and nothing else.

use sha2::block_api::compress256;

/// A SHA-256 block.
pub type Block = [u8; 64];

/// How many blocks the HMAC-SHA256 of a message takes with a prepared key: the message with its padding of 9 bytes or
/// more, and one for the outer pass.
#[must_use]
pub fn blocks_of_hmac(message_bytes: usize) -> usize {
    (message_bytes + 9).div_ceil(size_of::<Block>()) + 1
}

/// Hashes blocks, and nothing else. Not inlined, for the reason that the core's own is not.
#[inline(never)]
pub fn compress(blocks: &[Block]) -> [u32; 8] {
    let mut state = [0; 8];
    compress256(&mut state, blocks);
    state
}
