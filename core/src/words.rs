//! Macros for enums of stable words, which logs, stores and other languages know.

/// Declares an enum whose variants are stable words in lower case. They print and serialize as these words,
/// and are read from them.
macro_rules! words {
    ($(#[$enum_doc:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them, in the order of declaration.
            #[doc(hidden)]
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// Reads the word that it prints as.
        impl core::str::FromStr for $name {
            type Err = $crate::parse_error::ParseError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                const EXPECTED: &str = concat!("one of:" $(, " ", $word)+);
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == text)
                    .ok_or(Self::Err::new(EXPECTED))
            }
        }

        /// Reads the word that it serializes as.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::parse_error::deserialize(deserializer)
            }
        }
    };
}

/// Declares the vendors: a word for each, and the prefix of the `type` of its CloudEvents.
macro_rules! vendors {
    ($($(#[$doc:meta])* $variant:ident = $word:literal, $type_prefix:literal;)+) => {
        words! {
            /// The vendor of a webhook.
            ///
            /// A `match` on it needs an arm for other vendors, so that a new vendor breaks no program.
            #[non_exhaustive]
            Vendor { $($(#[$doc])* $variant = $word,)+ }
        }

        impl Vendor {
            pub(crate) fn source(self) -> &'static str {
                match self { $(Self::$variant => concat!("urn:hookseal:", $word),)+ }
            }

            /// The prefix of the `type` of its CloudEvents: the vendor's domain, reversed.
            pub(crate) fn type_prefix(self) -> &'static str {
                match self { $(Self::$variant => $type_prefix,)+ }
            }
        }
    };
}

/// Declares what the words of a vendor mean: a function that reads one, and the list of them for the table of kinds.
macro_rules! vendor_words {
    (fn $read:ident, $list:ident: $meaning:ident { $($word:literal = $variant:ident,)+ }) => {
        pub(super) const $list: &[(&[u8], $meaning)] = &[$(($word, $meaning::$variant),)+];

        pub(super) fn $read(word: &[u8]) -> Option<$meaning> {
            Some(match word {
                $($word => $meaning::$variant,)+
                _ => return None,
            })
        }
    };
}

/// The text of a word in such a list.
pub(crate) fn text_of(word: &'static [u8]) -> &'static str {
    core::str::from_utf8(word).unwrap_or_default()
}

pub(crate) use {vendor_words, vendors, words};
