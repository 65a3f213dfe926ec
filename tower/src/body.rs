//! Reads a body within a limit.

use std::pin::pin;

use bytes::{Buf, Bytes};
use http_body::Body;
use http_body_util::BodyExt;

/// Why a body was not read.
pub(crate) enum Unread {
    /// It is longer than the limit.
    TooLarge,
    /// Its sender left, or sent no HTTP.
    Broken,
}

/// Reads a body into one buffer that never holds more than the limit, whatever length the sender announces and in
/// whatever pieces it sends. To collect the pieces would keep an object for each, and a sender can make them one byte
/// long. Trailers are passed over.
pub(crate) async fn read<B: Body>(body: B, limit: usize) -> Result<Bytes, Unread> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(mut data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        let needed = data.remaining();
        if needed > limit - bytes.len() {
            return Err(Unread::TooLarge);
        }
        if needed > bytes.capacity() - bytes.len() {
            // Twice as much, so that it is copied seldom, and never more than the limit: with the old buffer beside it
            // while it is copied, that is twice the limit at most.
            let capacity = bytes.capacity().saturating_mul(2).clamp(bytes.len() + needed, limit);
            bytes.reserve_exact(capacity - bytes.len());
        }
        while data.has_remaining() {
            let piece = data.chunk();
            bytes.extend_from_slice(piece);
            let length = piece.len();
            data.advance(length);
        }
    }
    Ok(bytes.into())
}
