//! The bytes of a chunk as the bits of a word.

pub(super) const CHUNK_BYTES: usize = 64;

/// One bit for each byte of the chunk that fits, the lowest for the first.
///
/// Compilers turn the loop of comparisons into vector instructions. The product then gathers the lowest bits of eight
/// bytes.
#[inline]
pub(super) fn bits_of(chunk: &[u8; CHUNK_BYTES], fits: impl Fn(u8) -> bool) -> u64 {
    let marks = chunk.map(|byte| u8::from(fits(byte)));
    let (words, _) = marks.as_chunks::<8>();
    words
        .iter()
        .rev()
        .fold(0, |bits, word| bits << 8 | u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56)
}

#[inline]
pub(super) fn place_of_lowest(bits: u64) -> usize {
    usize::try_from(bits.trailing_zeros()).unwrap_or_default()
}
