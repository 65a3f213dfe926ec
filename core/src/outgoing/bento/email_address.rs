//! What counts as an e-mail address.

use crate::event::is_format;

/// The longest address, its longest local part and its longest label, in bytes (RFC 5321, section 4.5.3.1; RFC 1035,
/// section 2.3.4).
const MOST_BYTES: usize = 254;
const MOST_LOCAL_BYTES: usize = 64;
const MOST_LABEL_BYTES: usize = 63;

/// Whether the text is one e-mail address. Bento does not say which it takes; the rule is ours, and documented at
/// [`BentoEvent`](super::BentoEvent).
pub(super) fn is_email_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.len() <= MOST_BYTES
        && (1..=MOST_LOCAL_BYTES).contains(&local.len())
        && local.chars().all(is_local)
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

/// Quotes, brackets and signs between addresses are for forms of several addresses and of addresses with names.
fn is_local(character: char) -> bool {
    match character {
        '"' | '(' | ')' | '<' | '>' | '[' | ']' | '{' | '}' | ',' | ':' | ';' | '\\' => false,
        other => !other.is_whitespace() && !other.is_control() && !is_format(other),
    }
}

fn is_label(label: &str) -> bool {
    let is_name = |character: char| match character {
        '-' => true,
        '\0'..='\x7f' => character.is_ascii_alphanumeric(),
        other => is_local(other),
    };
    (1..=MOST_LABEL_BYTES).contains(&label.len())
        && label.chars().all(is_name)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn an_address_has_a_local_part_and_a_domain_of_two_labels() {
        for address in [
            "a@b.co",
            "jesse+tag@bentonow.com",
            "o'brien@example.com",
            "a..b@example.com",
            "!#$%&*/=?^_`|~-.1@example.com",
            "zoë@example.com",
            "用户@例子.公司",
            "a@xn--bcher-kva.example",
            "a@1.2",
            "a@b-c.d--e.com",
        ] {
            assert!(is_email_address(address), "{address}");
        }
        for text in [
            "",
            "a",
            "@",
            "a@",
            "@b.co",
            "a@b",
            "a@b.",
            "a@.co",
            "a@b..co",
            "a@b.co.",
            "a@b@c.co",
            "a@-b.co",
            "a@b-.co",
            "a@b_c.co",
            "a@[127.0.0.1]",
            "a@b.co ",
            " a@b.co",
            "a b@c.co",
            "a@b .co",
            "a\u{a0}b@c.co",
            "a\u{2028}@b.co",
            "a@b\u{85}.co",
            "a\u{200b}@b.co",
            "a@b\u{202e}.co",
            "a\r\nBcc: x@y.co",
            "a\0@b.co",
            "a@b.co,c@d.co",
            "a@b.co;c@d.co",
            "Jo <a@b.co>",
            "\"a\"@b.co",
            "a(b)@c.co",
            "a{b}@c.co",
            "mailto:a@b.co",
            "a\\b@c.co",
        ] {
            assert!(!is_email_address(text), "{text:?}");
        }
    }

    #[test]
    fn an_address_has_at_most_254_bytes_64_before_the_sign_and_63_in_a_label() {
        let (local, label) = ("a".repeat(64), "b".repeat(63));
        assert!(is_email_address(&format!("{local}@{label}.com")));
        assert!(!is_email_address(&format!("{local}a@b.com")));
        assert!(!is_email_address(&format!("a@{label}b.com")));
        assert!(!is_email_address(&format!("{}@b.com", "é".repeat(33))));
        let longest = format!("{local}@{label}.{label}.{}", "c".repeat(61));
        assert_eq!(longest.len(), 254);
        assert!(is_email_address(&longest));
        assert!(!is_email_address(&format!("{longest}c")));
    }
}
