//! Strict JSON (RFC 8259) in one pass over bytes that are known to be UTF-8: without recursion and without
//! allocation, in time linear in the input.

use super::{
    Span, Value,
    span::position,
    text::{is_well_formed, unescape_short},
};
use crate::{
    limits::{LARGEST_BODY_BYTES, Limits},
    rejection::{Path, PayloadFault, Problem},
};

/// Why and where a scan stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: u32,
    pub(crate) problem: Problem,
}

impl Fault {
    /// The fault with its line and column, which are counted only now.
    #[cold]
    pub(crate) fn locate(self, body: &[u8], path: Path) -> PayloadFault {
        let before = usize::try_from(self.at).ok().and_then(|at| body.get(..at)).unwrap_or(body);
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        PayloadFault {
            line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
            column: before.len() - line_start + 1,
            path,
            problem: self.problem,
        }
    }
}

pub(crate) type Scan<T> = Result<T, Fault>;

/// A string that stands as a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key<'a> {
    at: u32,
    /// What stands between the quotes.
    text: &'a [u8],
    escaped: bool,
}

impl<'a> Key<'a> {
    /// Where its opening quote stands.
    pub(crate) fn at(self) -> u32 {
        self.at
    }

    /// The key's name; one that needs more than the buffer once unescaped is empty, as no known name is.
    #[inline(always)]
    pub(crate) fn name<'n>(self, buffer: &'n mut NameBuffer) -> &'n [u8]
    where
        'a: 'n,
    {
        if self.escaped { unescape_short(self.text, buffer) } else { self.text }
    }
}

/// A list or an object that the cursor is inside of.
#[derive(Debug)]
pub(crate) struct Inside {
    start: u32,
    /// Whether nothing of it was passed yet.
    first: bool,
}

/// The longest name that is compared with a key which is written with escapes.
pub(crate) type NameBuffer = [u8; 32];

/// A cursor over a body.
///
/// What reads an element works on a copy and writes it back: a cursor whose address nobody has lives in
/// registers, and most of what webhooks hold is short.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanner<'a> {
    body: &'a [u8],
    at: u32,
    max_depth: u32,
    max_number_length: u32,
    long_number: Option<u32>,
}

impl<'a> Scanner<'a> {
    /// A scanner at the first byte, once the body is known to be UTF-8 without a byte order mark.
    pub(crate) fn new(body: &'a [u8], limits: &Limits) -> Scan<Self> {
        if body.len() > LARGEST_BODY_BYTES {
            return Err(Fault { at: u32::MAX, problem: Problem::TooLarge });
        }
        if simdutf8::basic::from_utf8(body).is_err() {
            let valid = core::str::from_utf8(body).map_or_else(|error| error.valid_up_to(), str::len);
            return Err(Fault { at: position(valid), problem: Problem::InvalidUtf8 });
        }
        if body.starts_with(b"\xef\xbb\xbf") {
            return Err(Fault { at: 0, problem: Problem::ByteOrderMark });
        }
        Ok(Self {
            body,
            at: 0,
            max_depth: limits.depth,
            max_number_length: position(limits.number_length),
            long_number: None,
        })
    }

    /// Goes back to the first byte, to read the same value for other fields.
    pub(crate) fn rewind(&mut self) {
        self.at = 0;
        self.long_number = None;
    }

    pub(crate) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// How many bytes are still to be read.
    pub(crate) fn remaining(&self) -> usize {
        self.body.len().saturating_sub(index(self.at))
    }

    /// Where the first number over the length limit stood since this was last asked.
    #[inline(always)]
    pub(crate) fn take_long_number(&mut self) -> Option<u32> {
        if self.long_number.is_some() { self.long_number.take() } else { None }
    }

    #[inline(always)]
    pub(crate) fn fault<T>(&self, problem: Problem) -> Scan<T> {
        Err(Fault { at: self.at, problem })
    }

    /// The byte under the cursor, and NUL at the end: JSON has none outside of strings.
    #[inline(always)]
    fn peek(&self) -> u8 {
        self.body.get(index(self.at)).copied().unwrap_or(0)
    }

    /// The next byte that is not white space, which the cursor then stands on.
    #[inline(always)]
    pub(crate) fn token(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' {
            return byte;
        }
        self.at = skip_white_space(self.body, self.at);
        self.peek()
    }

    /// Passes the end of the body: nothing but white space is left, and no number outside of an element was over
    /// the length limit.
    #[inline(always)]
    pub(crate) fn finish(mut self) -> Scan<()> {
        self.token();
        match self.long_number {
            _ if index(self.at) != self.body.len() => self.fault(Problem::ExpectedEnd),
            Some(at) => Err(Fault { at, problem: Problem::NumberTooLong }),
            None => Ok(()),
        }
    }

    /// Passes any value, with `open` containers around it.
    #[inline(always)]
    pub(crate) fn value(&mut self, open: u32) -> Scan<Value> {
        match self.token() {
            b'{' | b'[' => {
                let start = self.at;
                let (end, long_number) =
                    container(self.body, start, open, self.max_depth, self.max_number_length)?;
                self.at = end;
                self.long_number = self.long_number.or(long_number);
                Ok(Value { span: Span::between(start, end), escaped: false })
            }
            byte => self.scalar(byte),
        }
    }

    /// Steps into the object whose bracket is under the cursor, with `open` containers around it.
    #[inline(always)]
    pub(crate) fn open_object(&mut self, open: u32) -> Scan<Inside> {
        self.enter(open).map(|start| Inside { start, first: true })
    }

    /// Steps behind the colon of the next member, or behind the object where there is none.
    #[inline(always)]
    pub(crate) fn next_key(&mut self, object: &mut Inside) -> Scan<Option<Key<'a>>> {
        match self.token() {
            b'}' => {
                self.at += 1;
                return Ok(None);
            }
            _ if object.first => object.first = false,
            b',' => {
                self.at += 1;
                self.token();
            }
            _ => return self.fault(Problem::ExpectedCommaOrEnd),
        }
        if self.peek() != b'"' {
            return self.fault(Problem::ExpectedKey);
        }
        let at = self.at;
        let escaped = self.string()?.escaped;
        let text = self.body.get(index(at) + 1..index(self.at) - 1).unwrap_or_default();
        self.colon()?;
        Ok(Some(Key { at, text, escaped }))
    }

    /// Steps into the list whose bracket is under the cursor, with `open` containers around it.
    #[inline(always)]
    pub(crate) fn open_list(&mut self, open: u32) -> Scan<Inside> {
        self.open_object(open)
    }

    /// Steps to the next element and tells whether there is one, or steps behind the list.
    #[inline(always)]
    pub(crate) fn next_element(&mut self, list: &mut Inside) -> Scan<bool> {
        match self.token() {
            b']' => {
                self.at += 1;
                Ok(false)
            }
            _ if list.first => {
                list.first = false;
                Ok(true)
            }
            b',' => {
                self.at += 1;
                self.token();
                Ok(true)
            }
            _ => self.fault(Problem::ExpectedCommaOrEnd),
        }
    }

    /// What was passed since the container opened.
    #[inline(always)]
    pub(crate) fn span_of(&self, container: &Inside) -> Span {
        Span::between(container.start, self.at)
    }

    #[inline(always)]
    fn enter(&mut self, open: u32) -> Scan<u32> {
        if open >= self.max_depth {
            return self.fault(Problem::TooDeep);
        }
        let start = self.at;
        self.at += 1;
        Ok(start)
    }

    #[inline(always)]
    fn colon(&mut self) -> Scan<()> {
        if self.token() != b':' {
            return self.fault(Problem::ExpectedColon);
        }
        self.at += 1;
        Ok(())
    }

    #[inline(always)]
    fn scalar(&mut self, first: u8) -> Scan<Value> {
        match first {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.fault(Problem::ExpectedValue),
        }
    }

    /// Passes the string whose opening quote is under the cursor.
    #[inline(always)]
    fn string(&mut self) -> Scan<Value> {
        let start = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            let byte = if let Some(chunk) = self.body.get(index(self.at)..).and_then(<[u8]>::first_chunk::<8>)
            {
                let word = u64::from_le_bytes(*chunk);
                let found = specials(word);
                if found == 0 {
                    self.at += 8;
                    continue;
                }
                let [.., byte] = (word << (56 - (found.trailing_zeros() & !7))).to_le_bytes();
                self.at += found.trailing_zeros() / 8;
                byte
            } else {
                match self.body.get(index(self.at)) {
                    Some(&byte) if matches!(byte, b'"' | b'\\' | ..b' ') => byte,
                    Some(_) => {
                        self.at += 1;
                        continue;
                    }
                    None => return self.fault(Problem::UnclosedString),
                }
            };
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(Value { span: Span::between(start, self.at), escaped });
                }
                b'\\' => {
                    escaped = true;
                    self.at = escape(self.body, self.at)?;
                }
                _ => return self.fault(Problem::ControlCharacter),
            }
        }
    }

    /// Passes the number whose first byte is under the cursor.
    #[inline(always)]
    fn number(&mut self) -> Scan<Value> {
        let start = self.at;
        if self.peek() == b'-' {
            self.at += 1;
        }
        if self.peek() == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        if self.at - start > self.max_number_length && self.long_number.is_none() {
            self.long_number = Some(start);
        }
        Ok(Value { span: Span::between(start, self.at), escaped: false })
    }

    #[inline(always)]
    fn digits(&mut self) -> Scan<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { self.fault(Problem::ExpectedDigit) } else { Ok(()) }
    }

    #[inline(always)]
    fn word(&mut self, word: &[u8]) -> Scan<Value> {
        let start = self.at;
        for byte in word {
            if self.peek() != *byte {
                return self.fault(Problem::ExpectedValue);
            }
            self.at += 1;
        }
        Ok(Value { span: Span::between(start, self.at), escaped: false })
    }
}

/// The text of a string without quotes and escapes, or of another value as it stands; empty where it has
/// escapes and is longer than the buffer.
#[inline(always)]
pub(crate) fn short_text<'n>(body: &'n [u8], value: Value, buffer: &'n mut NameBuffer) -> &'n [u8] {
    let text = inside_quotes(value.span.bytes(body));
    if value.escaped { unescape_short(text, buffer) } else { text }
}

/// Whether every surrogate in this value has its other half.
pub(crate) fn has_whole_surrogates(body: &[u8], value: Value) -> bool {
    !value.escaped || is_well_formed(inside_quotes(value.span.bytes(body)))
}

#[inline(always)]
pub(crate) fn inside_quotes(json: &[u8]) -> &[u8] {
    match json {
        [b'"', text @ .., b'"'] => text,
        other => other,
    }
}

#[inline(never)]
fn skip_white_space(body: &[u8], mut at: u32) -> u32 {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = body.get(index(at)) {
        at += 1;
    }
    at
}

/// Passes the escape whose backslash stands at `at`.
#[inline(never)]
fn escape(body: &[u8], at: u32) -> Scan<u32> {
    let digits = match body.get(index(at) + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 0,
        Some(b'u') => 4,
        _ => return Err(Fault { at: at + 1, problem: Problem::InvalidEscape }),
    };
    for digit in at + 2..at + 2 + digits {
        if !body.get(index(digit)).is_some_and(u8::is_ascii_hexdigit) {
            return Err(Fault { at: digit, problem: Problem::InvalidEscape });
        }
    }
    Ok(at + 2 + digits)
}

/// A position as an index.
#[inline(always)]
fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// Passes the container whose bracket stands at `start`, and tells where the first number over the length
/// limit stands in it. Open containers are bits (1: object), so depth costs neither stack nor heap.
///
/// Kept out of line, with the position by value: a cursor that lives in a register makes the short values
/// around it faster.
#[inline(never)]
fn container(
    body: &[u8],
    start: u32,
    open: u32,
    max_depth: u32,
    max_number_length: u32,
) -> Scan<(u32, Option<u32>)> {
    let mut scanner = Scanner { body, at: start, max_depth, max_number_length, long_number: None };
    let mut objects: u128 = 0;
    let mut depth = open;
    'container: loop {
        let in_object = scanner.peek() == b'{';
        scanner.enter(depth)?;
        depth += 1;
        objects = objects << 1 | u128::from(in_object);
        let mut closed = scanner.token() == if in_object { b'}' } else { b']' };
        if closed {
            scanner.at += 1;
        }
        loop {
            if closed {
                objects >>= 1;
                depth -= 1;
                if depth == open {
                    return Ok((scanner.at, scanner.long_number));
                }
            } else {
                if objects & 1 == 1 {
                    if scanner.token() != b'"' {
                        return scanner.fault(Problem::ExpectedKey);
                    }
                    scanner.string()?;
                    scanner.colon()?;
                }
                match scanner.token() {
                    b'{' | b'[' => continue 'container,
                    byte => scanner.scalar(byte)?,
                };
            }
            let end = if objects & 1 == 1 { b'}' } else { b']' };
            match scanner.token() {
                b',' => closed = false,
                byte if byte == end => closed = true,
                _ => return scanner.fault(Problem::ExpectedCommaOrEnd),
            }
            scanner.at += 1;
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Marks the high bit of each byte that ends a run of plain characters: a quote, a backslash, or below U+0020.
/// A borrow can mark bytes above the lowest marked one by mistake; the lowest is always right.
#[inline(always)]
fn specials(word: u64) -> u64 {
    // With bit 1 flipped the quote, U+0022, is the space, so that one comparison finds it and what is below.
    let quote_or_control = word ^ (ONES * 0x02);
    let backslash = word ^ (ONES * 0x5c);
    ((quote_or_control.wrapping_sub(ONES * 0x21) & !quote_or_control)
        | (backslash.wrapping_sub(ONES) & !backslash))
        & HIGH_BITS
}
