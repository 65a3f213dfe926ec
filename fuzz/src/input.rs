//! Makes arguments from the bytes of the fuzzer. Choices come first, each one byte or one number, and then unencoded
//! text. So a seed is readable, and a word of the dictionary lands where it has a meaning.

use arbitrary::Unstructured;

/// The bytes of one input, read from the front. After their end everything is zero.
pub struct Input<'a>(Unstructured<'a>);

/// Headers in the form of a web framework.
pub type Fields = Vec<(String, Vec<u8>)>;

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(Unstructured::new(bytes))
    }

    pub fn byte(&mut self) -> u8 {
        self.0.arbitrary().unwrap_or_default()
    }

    pub fn i64(&mut self) -> i64 {
        self.0.arbitrary().unwrap_or_default()
    }

    pub fn u64(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or_default()
    }

    /// As many bytes as the next byte says, but no more than are left.
    pub fn short_bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()).min(self.0.len());
        self.0.bytes(length).unwrap_or_default()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn rest(self) -> &'a [u8] {
        self.0.take_rest()
    }

    /// Reads lines `name: value`, an empty line, and the body.
    pub fn request(self) -> (Fields, &'a [u8]) {
        let text = self.rest();
        let end = text.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match end {
            Some(end) => (&text[..end], &text[end + 2..]),
            None => text.strip_prefix(b"\n").map_or((text, &[] as &[u8]), |body| (&[], body)),
        };
        let fields = head.split(|byte| *byte == b'\n').filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((String::from_utf8_lossy(&line[..colon]).into_owned(), line[colon + 1..].to_vec()))
        });
        (fields.collect(), body)
    }
}
