//! Derived ids and replay keys.

use hookseal::Vendor;
use napi::{Result, bindgen_prelude::FunctionCallContext};

/// `digest(vendor, bytes, start, end, second?)`: the core's digest of a part of the bytes, and of the second ones.
/// They come from private memory, or were made for this call.
pub(crate) fn digest(call: FunctionCallContext<'_>) -> Result<String> {
    let vendor = match call.get::<u32>(0)? {
        0 => Vendor::Benji,
        1 => Vendor::Benti,
        _ => Vendor::Bento,
    };
    let bytes: &[u8] = call.get(1)?;
    let (start, end): (u32, u32) = (call.get(2)?, call.get(3)?);
    let part = usize::try_from(start)
        .ok()
        .zip(usize::try_from(end).ok())
        .and_then(|(start, end)| bytes.get(start..end))
        .unwrap_or_default();
    let digits = if call.length() > 4 {
        hookseal::digest(vendor, &[part, call.get(4)?])
    } else {
        hookseal::digest(vendor, &[part])
    };
    Ok(String::from_utf8_lossy(&digits).into_owned())
}
