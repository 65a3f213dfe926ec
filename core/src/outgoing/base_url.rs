//! The base address of a vendor's API, and the URLs below it.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
};
use core::{
    fmt::Write,
    net::{Ipv4Addr, Ipv6Addr},
};

use iri_string::types::UriStr;

use super::error::{OutgoingError, Requirement};

/// The longest id in a path, in bytes.
const MOST_SEGMENT_BYTES: usize = 512;

/// An address without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseUrl(String);

impl BaseUrl {
    /// An absolute URL: `https`, or `http` if the host is loopback.
    pub(super) fn new(name: &'static str, text: &str) -> Result<Self, OutgoingError> {
        let malformed = OutgoingError::MalformedHost { name };
        let url = UriStr::new(text).map_err(|_| malformed)?;
        let is_whole =
            url.query_str().is_none() && url.fragment().is_none() && !has_dot_segment(url.path_str());
        let host = host_of(url).filter(|_| is_whole).ok_or(malformed)?;
        match &*url.scheme_str().to_ascii_lowercase() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => return Err(OutgoingError::InsecureHost { name }),
            _ => return Err(malformed),
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }

    /// The address with this path, which starts with a slash, behind it.
    pub(super) fn at(&self, path: &str) -> String {
        let Self(base) = self;
        [base, path].concat()
    }

    /// The address with this path and one more segment, percent-encoded, behind it.
    pub(super) fn at_segment(&self, path: &str, segment: Segment<'_>) -> String {
        let mut url = self.at(path);
        url.push('/');
        segment.write_to(&mut url);
        url
    }
}

/// Text that stands in a path as one segment, whatever its characters.
#[derive(Clone, Copy)]
pub(super) struct Segment<'a>(&'a str);

impl<'a> Segment<'a> {
    /// `.`, `..` and an empty text are refused, because they would name another path. So is a text that is too long.
    pub(super) fn new(name: &'static str, text: &'a str) -> Result<Self, OutgoingError> {
        if matches!(text, "" | "." | "..") || text.len() > MOST_SEGMENT_BYTES {
            return Err(OutgoingError::MalformedValue { name, must: Requirement::PathSegment });
        }
        Ok(Self(text))
    }

    /// Each byte but the unreserved characters of RFC 3986 (section 2.3) is percent-encoded.
    pub(super) fn write_to(self, url: &mut String) {
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    url.push(char::from(byte));
                }
                // Writing to a `String` cannot fail.
                _ => {
                    let _ = write!(url, "%{byte:02X}");
                }
            }
        }
    }
}

/// Refuses what is no absolute `https` URL, or has a user in it.
pub(super) fn https_url(name: &'static str, text: &str) -> Result<String, OutgoingError> {
    let refused = OutgoingError::MalformedValue { name, must: Requirement::HttpsUrl };
    let url = UriStr::new(text).map_err(|_| refused)?;
    if host_of(url).is_none() || !url.scheme_str().eq_ignore_ascii_case("https") {
        return Err(refused);
    }
    Ok(text.to_string())
}

/// The host, unless it is empty or a user stands before it.
fn host_of(url: &UriStr) -> Option<&str> {
    let authority = url.authority_components()?;
    let is_plain =
        authority.userinfo().is_none() && authority.port().is_none_or(|port| port.parse::<u16>().is_ok());
    // A percent sign in a host is read in different ways.
    Some(authority.host()).filter(|host| is_plain && !host.is_empty() && !host.contains('%'))
}

fn is_loopback(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        None => {
            host.eq_ignore_ascii_case("localhost")
                || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        }
    }
}

/// Clients remove dot segments, also those that are percent-encoded.
fn has_dot_segment(path: &str) -> bool {
    path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    })
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn https_is_required_except_on_loopback() {
        for text in [
            "https://api.example.com",
            "HTTPS://api.example.com:8443/v1/",
            "http://localhost:3000",
            "http://LOCALHOST",
            "http://127.0.0.1:1/api",
            "http://127.9.9.9",
            "http://[::1]:80",
        ] {
            assert!(BaseUrl::new("host", text).is_ok(), "{text}");
        }
        for text in [
            "http://example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://127.1",
            "http://[::ffff:127.0.0.1]",
            "http://0.0.0.0",
            "http://[::2]",
        ] {
            assert_eq!(
                BaseUrl::new("host", text),
                Err(OutgoingError::InsecureHost { name: "host" }),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_base_address_is_refused() {
        for text in [
            "",
            "api.example.com",
            "//api.example.com",
            "https://",
            "https:///v1",
            "https:v1",
            "ftp://example.com",
            "file:///etc",
            "https://user@example.com",
            "https://user:pw@example.com",
            "https://@example.com",
            "https://example.com?site=1",
            "https://example.com/#a",
            "https://example.com/a/../b",
            "https://example.com/%2E%2e/b",
            "https://example.com/.",
            "https://example.com:99999",
            "https://example.com\r\nX: y",
            "https://exämple.com",
            " https://example.com",
            "https://example.com/a b",
            "https://example.com\\@evil.example",
            "https://a%40b",
            "https://a%0d%0ab",
        ] {
            assert_eq!(
                BaseUrl::new("host", text),
                Err(OutgoingError::MalformedHost { name: "host" }),
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_id_is_one_segment_whatever_it_holds() {
        let base = BaseUrl::new("host", "https://example.com/v1/").unwrap();
        for (id, segment) in [
            ("a-1_b.c~", "a-1_b.c~"),
            ("a/b", "a%2Fb"),
            ("../x", "..%2Fx"),
            ("?q#f", "%3Fq%23f"),
            ("%2e%2e", "%252e%252e"),
            ("a b\r\n", "a%20b%0D%0A"),
            ("ä🍱", "%C3%A4%F0%9F%8D%B1"),
            ("...", "..."),
            ("a:b@c;d=e", "a%3Ab%40c%3Bd%3De"),
        ] {
            let url = base.at_segment("/users", Segment::new("id", id).unwrap());
            assert_eq!(url, format!("https://example.com/v1/users/{segment}"));
        }
        for id in ["", ".", "..", &"a".repeat(513)] {
            assert!(Segment::new("id", id).is_err(), "{id:?}");
        }
        assert!(Segment::new("id", &"a".repeat(512)).is_ok());
    }

    #[test]
    fn an_endpoint_is_an_absolute_https_url_without_a_user() {
        for text in ["https://example.com", "https://example.com/hooks?token=1#a", "https://localhost/"] {
            assert_eq!(https_url("url", text).as_deref(), Ok(text));
        }
        for text in
            ["", "http://example.com", "http://localhost", "https://u@example.com", "https://", "example.com"]
        {
            let refused = OutgoingError::MalformedValue { name: "url", must: Requirement::HttpsUrl };
            assert_eq!(https_url("url", text), Err(refused), "{text:?}");
        }
    }
}
