//! How the bytes of the fuzzer become arguments: the choices first, one byte or number each, and then text as it
//! stands, so that a seed is readable and a dictionary word lands where it means something.

use arbitrary::Unstructured;

/// The bytes of one input, taken from the front; beyond their end everything is zero.
pub struct Input<'a>(Unstructured<'a>);

/// Headers as a web framework would hand them over.
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

    /// As many bytes as the next byte says, or as there are.
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

    /// Lines `name: value`, an empty line, and the body.
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
