//! Reads Basic and Bearer credentials from the value of an `Authorization` header.

use base64::{Engine, decoded_len_estimate, engine::general_purpose::STANDARD};
use zeroize::Zeroize;

/// The longest `user:password`, in bytes. It is decoded on the stack.
pub(super) const MAX_CREDENTIALS_BYTES: usize = 1_024;

/// Calls `then` with `user:password` of a Basic `Authorization` value (RFC 7617). `None` if the value has another form.
pub(crate) fn basic<T>(value: &[u8], then: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let text = after_auth_scheme(value, b"basic")?;
    let mut decoded = Decoded::new(text.len());
    decoded.of(text).map(then)
}

/// The token of a Bearer `Authorization` value (RFC 6750).
pub(crate) fn bearer(value: &[u8]) -> Option<&[u8]> {
    after_auth_scheme(value, b"bearer")
}

/// The text after the name of the `auth-scheme`, in any case, and one or more spaces (RFC 9110, section 11.4).
fn after_auth_scheme<'v>(value: &'v [u8], auth_scheme: &[u8]) -> Option<&'v [u8]> {
    let (name, rest) = value.split_at_checked(auth_scheme.len())?;
    let spaces = rest.iter().position(|byte| *byte != b' ')?;
    if spaces == 0 || !name.eq_ignore_ascii_case(auth_scheme) {
        return None;
    }
    rest.get(spaces..)
}

/// A buffer for decoded credentials. Its drop wipes only the bytes that may have been written: wiping all of it would
/// take longer than the check.
struct Decoded {
    bytes: [u8; MAX_CREDENTIALS_BYTES],
    used: usize,
}

impl Decoded {
    fn new(encoded_bytes: usize) -> Self {
        let used = decoded_len_estimate(encoded_bytes).min(MAX_CREDENTIALS_BYTES);
        Self { bytes: [0; MAX_CREDENTIALS_BYTES], used }
    }

    /// Decodes canonical base64 with its padding.
    fn of(&mut self, text: &[u8]) -> Option<&[u8]> {
        let room = self.bytes.get_mut(..self.used)?;
        let length = STANDARD.decode_slice(text, room).ok()?;
        self.bytes.get(..length)
    }
}

impl Drop for Decoded {
    fn drop(&mut self) {
        self.bytes.get_mut(..self.used).unwrap_or_default().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::ToString, vec, vec::Vec};

    use base64::display::Base64Display;

    use super::*;

    fn decoded(value: &str) -> Option<Vec<u8>> {
        basic(value.as_bytes(), <[u8]>::to_vec)
    }

    #[test]
    fn the_scheme_is_read_in_any_case_before_one_or_more_spaces() {
        for value in ["Basic dTpw", "basic dTpw", "BASIC    dTpw", "bAsIc dTpw"] {
            assert_eq!(decoded(value).as_deref(), Some(b"u:p".as_slice()), "{value}");
        }
        for value in ["Bearer a b", "bearer   a b", "BEARER a b"] {
            assert_eq!(bearer(value.as_bytes()), Some(b"a b".as_slice()), "{value}");
        }
    }

    #[test]
    fn another_scheme_or_none_is_refused() {
        for value in [
            "",
            "Basic",
            "Basic ",
            "BasicdTpw",
            "Basic\tdTpw",
            "Bearer dTpw",
            "Basi dTpw",
            "dTpw",
            " Basic dTpw",
        ] {
            assert_eq!(decoded(value), None, "{value:?}");
        }
        for value in ["", "Bearer", "Bearer   ", "Bearera", "Bearer\ta", "Basic dTpw", "Token a"] {
            assert_eq!(bearer(value.as_bytes()), None, "{value:?}");
        }
    }

    #[test]
    fn only_canonical_padded_standard_base64_is_read() {
        for text in ["dTo=", "dTpwcA=="] {
            assert!(decoded(&format!("Basic {text}")).is_some(), "{text}");
        }
        for text in [
            "dTo",
            "dTpwcA",
            "dTpwcA=",
            "dTpwcB==",
            "dTp=",
            "dTpw=",
            "dTpw====",
            "dT pw",
            "dTp-",
            "dTp_",
            "dTpw,",
            "dTpw dTpw",
            "=",
            "d",
        ] {
            assert_eq!(decoded(&format!("Basic {text}")), None, "{text}");
        }
    }

    #[test]
    fn credentials_have_at_most_1024_bytes() {
        for (length, accepted) in
            [(1_022, true), (1_023, true), (1_024, true), (1_025, false), (1_026, false), (9_000, false)]
        {
            let credentials = vec![b'a'; length];
            let value = format!("Basic {}", Base64Display::new(&credentials, &STANDARD));
            assert_eq!(decoded(&value), accepted.then_some(credentials), "{length}");
        }
    }

    #[test]
    fn every_byte_can_stand_in_credentials() {
        let credentials: Vec<u8> = (0..=255).collect();
        let value = format!("Basic {}", Base64Display::new(&credentials, &STANDARD));
        assert_eq!(decoded(&value.to_string()), Some(credentials));
    }
}
