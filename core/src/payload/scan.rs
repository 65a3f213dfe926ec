//! Scans strict JSON (RFC 8259) in bytes that are known to be UTF-8.
//!
//! It needs no recursion and no allocation, and its time is linear in the input.

use alloc::borrow::Cow;

use super::{json_value::JsonValue, span::Span, special_bytes::SpecialBytes, string::short_text, text::Text};
use crate::{
    limits::Limits,
    rejection::{Path, PayloadFault, Problem},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) problem: Problem,
}

impl Fault {
    /// Adds line and column, which are counted only for a fault that is reported.
    #[cold]
    pub(crate) fn locate(self, body: &[u8], path: Path) -> PayloadFault {
        let before = body.get(..self.at).unwrap_or(body);
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

/// The name of an object's member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MemberName<'a>(JsonValue<'a>);

impl<'a> MemberName<'a> {
    /// The place of its opening quote.
    pub(crate) fn at(self) -> usize {
        self.0.at
    }

    /// The name without escapes. Empty, as no known name is, if it has escapes and does not fit the buffer.
    #[inline]
    pub(crate) fn short_text<'n>(self, buffer: &'n mut NameBuffer) -> &'n [u8]
    where
        'a: 'n,
    {
        short_text(self.0, buffer)
    }

    /// The name as text, whatever its length.
    pub(crate) fn text(self) -> Cow<'a, str> {
        Text::from_checked(self.0.json).to_cow()
    }

    pub(crate) fn span(self) -> Span {
        self.0.span()
    }
}

/// A list or object around the cursor.
#[derive(Debug)]
pub(crate) struct Inside {
    /// Whether its first element or member comes next.
    first: bool,
}

/// Receives the members of an object, and of objects inside it.
pub(crate) trait Visitor<'a> {
    /// Names the objects whose members are received. The default is the outermost.
    type Object: Copy + Default;

    /// Passes the value under the cursor and returns `None`. If the value is an object to visit, returns which one
    /// instead, and leaves the cursor at its bracket. `depth` counts the lists and objects around the cursor.
    fn member(
        &mut self,
        scanner: &mut Scanner<'a>,
        object: Self::Object,
        member: MemberName<'a>,
        depth: u32,
    ) -> Scan<Option<Self::Object>>;

    /// The object that holds this one.
    fn parent(object: Self::Object) -> Self::Object;
}

/// A buffer for a name that is written with escapes. A longer name matches none.
pub(crate) type NameBuffer = [u8; 32];

/// A buffer for a date or integer that is written with escapes, as some libraries write `+`. A longer one is not read.
pub(crate) struct ValueBuffer(pub(crate) [u8; 64]);

impl Default for ValueBuffer {
    fn default() -> Self {
        Self([0; 64])
    }
}

/// A cursor over a body. To pass a value means to check it and to move the cursor behind it. A `depth` is the number of
/// lists and objects that are open around the cursor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scanner<'a> {
    body: &'a [u8],
    at: usize,
    specials: SpecialBytes,
    max_depth: u32,
    max_number_length: usize,
    /// The place of the first number over the length limit, or [`NO_LONG_NUMBER`].
    long_number: usize,
}

/// No number was too long. No place in a body is that large.
const NO_LONG_NUMBER: usize = usize::MAX;
/// NUL, which JSON does not have outside of strings.
const END_OF_BODY: u8 = 0;

impl<'a> Scanner<'a> {
    /// A scanner at the first byte of a body that [`check_text`](super::encoding::check_text) has passed.
    #[inline]
    pub(crate) fn new(body: &'a [u8], limits: &Limits) -> Self {
        Self {
            body,
            at: 0,
            specials: SpecialBytes::default(),
            max_depth: limits.depth,
            max_number_length: limits.number_length,
            long_number: NO_LONG_NUMBER,
        }
    }

    /// Goes back to the first byte, to read the same value for other fields.
    pub(crate) fn rewind(&mut self) {
        self.at = 0;
        self.specials = SpecialBytes::default();
        self.long_number = NO_LONG_NUMBER;
    }

    pub(crate) fn remaining(&self) -> usize {
        self.body.len().saturating_sub(self.at)
    }

    /// The place of the first number over the length limit since the last call.
    #[inline]
    pub(crate) fn take_long_number(&mut self) -> Option<usize> {
        if self.long_number == NO_LONG_NUMBER {
            return None;
        }
        Some(core::mem::replace(&mut self.long_number, NO_LONG_NUMBER))
    }

    #[inline]
    pub(crate) fn fault<T>(&self, problem: Problem) -> Scan<T> {
        Err(Fault { at: self.at, problem })
    }

    /// The byte under the cursor, or [`END_OF_BODY`].
    #[inline]
    fn peek(&self) -> u8 {
        self.body.get(self.at).copied().unwrap_or(END_OF_BODY)
    }

    /// Skips white space and returns the byte under the cursor.
    // Without `always` (instructions): 1,000 Bento events +0.6 %.
    #[inline(always)]
    pub(crate) fn token(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' {
            return byte;
        }
        self.at = skip_white_space(self.body, self.at);
        self.peek()
    }

    /// Skips white space and tells whether this byte is under the cursor.
    #[inline]
    fn token_is(&mut self, byte: u8) -> bool {
        self.peek() == byte || self.token() == byte
    }

    /// Checks that only white space is left, and that no number outside of an element was over the length limit.
    #[inline]
    pub(crate) fn finish(mut self) -> Scan<()> {
        self.token();
        match self.long_number {
            _ if self.at != self.body.len() => self.fault(Problem::ExpectedEnd),
            NO_LONG_NUMBER => Ok(()),
            at => Err(Fault { at, problem: Problem::NumberTooLong }),
        }
    }

    // Without `always` (instructions): 1,000 Bento events +19 %, a Benji webhook +7.6 %.
    #[inline(always)]
    pub(crate) fn value(&mut self, depth: u32) -> Scan<JsonValue<'a>> {
        match self.token() {
            b'{' | b'[' => {
                let start = self.at;
                let mut scanner = *self;
                list_or_object(&mut scanner, depth)?;
                *self = scanner;
                Ok(self.passed(start, false))
            }
            byte => self.scalar(byte),
        }
    }

    /// Passes the object whose bracket is under the cursor, and shows its members to the visitor.
    ///
    /// It walks with a local copy of the cursor, which can stay in registers. That matters because most values in
    /// webhooks are short.
    #[inline]
    pub(crate) fn walk<V: Visitor<'a>>(&mut self, outer_depth: u32, visitor: &mut V) -> Scan<JsonValue<'a>> {
        let mut scanner = *self;
        let mut object = V::Object::default();
        let mut depth = outer_depth;
        let mut entered = true;
        loop {
            if entered {
                scanner.enter(depth)?;
                depth += 1;
            }
            if !(entered && scanner.token_is(b'}')) {
                let member = scanner.member_name()?;
                if let Some(inner) = visitor.member(&mut scanner, object, member, depth)? {
                    object = inner;
                    entered = true;
                    continue;
                }
            }
            entered = false;
            loop {
                match scanner.token() {
                    b',' => break,
                    b'}' => depth -= 1,
                    _ => return scanner.fault(Problem::ExpectedCommaOrEnd),
                }
                scanner.at += 1;
                if depth == outer_depth {
                    let outermost = scanner.passed(self.at, false);
                    *self = scanner;
                    return Ok(outermost);
                }
                object = V::parent(object);
            }
            scanner.at += 1;
        }
    }

    /// Steps into the object whose bracket is under the cursor.
    #[inline]
    pub(crate) fn open_object(&mut self, depth: u32) -> Scan<Inside> {
        self.enter(depth)?;
        Ok(Inside { first: true })
    }

    /// Steps behind the colon of the next member, or behind the object if there is none.
    // Without `always` (instructions): a Benti answer +1.3 %.
    #[inline(always)]
    pub(crate) fn next_member(&mut self, object: &mut Inside) -> Scan<Option<MemberName<'a>>> {
        match self.token() {
            b'}' => {
                self.at += 1;
                return Ok(None);
            }
            _ if object.first => object.first = false,
            b',' => self.at += 1,
            _ => return self.fault(Problem::ExpectedCommaOrEnd),
        }
        self.member_name().map(Some)
    }

    #[inline]
    pub(crate) fn open_list(&mut self, depth: u32) -> Scan<Inside> {
        self.open_object(depth)
    }

    /// Steps to the next element and returns whether there is one. If there is none, steps behind the list.
    #[inline]
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

    /// The value from `start` to the cursor.
    #[inline]
    fn passed(&self, start: usize, has_escapes: bool) -> JsonValue<'a> {
        let json = self.body.get(start..self.at).unwrap_or_else(nothing);
        JsonValue { json, at: start, has_escapes }
    }

    #[inline]
    fn enter(&mut self, depth: u32) -> Scan<()> {
        if depth >= self.max_depth {
            return self.fault(Problem::TooDeep);
        }
        self.at += 1;
        Ok(())
    }

    /// Passes a member name and its colon.
    // Without `always` (instructions): 1,000 Bento events +27 %, a Benti answer +16 %.
    #[inline(always)]
    fn member_name(&mut self) -> Scan<MemberName<'a>> {
        if !self.token_is(b'"') {
            return self.fault(Problem::ExpectedKey);
        }
        let string = self.string()?;
        if !self.token_is(b':') {
            return self.fault(Problem::ExpectedColon);
        }
        self.at += 1;
        Ok(MemberName(string))
    }

    // Without `always` (instructions): 1,000 Bento events +21 %, a Benji webhook +8.1 %.
    #[inline(always)]
    fn scalar(&mut self, first: u8) -> Scan<JsonValue<'a>> {
        match first {
            b'"' => self.string(),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => self.fault(Problem::ExpectedValue),
        }
    }

    /// Passes the string whose opening quote is under the cursor.
    #[inline]
    fn string(&mut self) -> Scan<JsonValue<'a>> {
        let start = self.at;
        let mut has_escapes = false;
        self.at += 1;
        loop {
            self.at = self.specials.next_special(self.body, self.at);
            match self.body.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(self.passed(start, has_escapes));
                }
                Some(b'\\') => {
                    has_escapes = true;
                    self.at = escape(self.body, self.at)?;
                }
                Some(_) => return self.fault(Problem::ControlCharacter),
                None => return self.fault(Problem::UnclosedString),
            }
        }
    }

    /// Passes the number whose first byte is under the cursor.
    // Without `always` (instructions): 1,000 Bento events +15 %, a Benji webhook +6.5 %.
    #[inline(always)]
    fn number(&mut self) -> Scan<JsonValue<'a>> {
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
        if self.at - start > self.max_number_length && self.long_number == NO_LONG_NUMBER {
            self.long_number = start;
        }
        Ok(self.passed(start, false))
    }

    #[inline]
    fn digits(&mut self) -> Scan<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { self.fault(Problem::ExpectedDigit) } else { Ok(()) }
    }

    #[inline]
    fn literal(&mut self, literal: &[u8]) -> Scan<JsonValue<'a>> {
        let start = self.at;
        for byte in literal {
            if self.peek() != *byte {
                return self.fault(Problem::ExpectedValue);
            }
            self.at += 1;
        }
        Ok(self.passed(start, false))
    }
}

/// Passes the list or object whose bracket is under the cursor. Each open one is a bit (1: object), so no
/// depth needs stack or heap.
#[inline(never)]
fn list_or_object(cursor: &mut Scanner<'_>, outer_depth: u32) -> Scan<()> {
    let mut scanner = *cursor;
    let mut depth = outer_depth;
    let mut objects: u128 = 0;
    let mut entered = true;
    loop {
        if entered {
            objects = objects << 1 | u128::from(scanner.peek() == b'{');
            scanner.enter(depth)?;
            depth += 1;
        }
        let in_object = objects & 1 == 1;
        if !(entered && scanner.token_is(closing_bracket(in_object))) {
            if in_object {
                scanner.member_name()?;
            }
            match scanner.token() {
                b'{' | b'[' => {
                    entered = true;
                    continue;
                }
                byte => scanner.scalar(byte)?,
            };
        }
        entered = false;
        loop {
            match scanner.token() {
                b',' => break,
                byte if byte == closing_bracket(objects & 1 == 1) => depth -= 1,
                _ => return scanner.fault(Problem::ExpectedCommaOrEnd),
            }
            scanner.at += 1;
            objects >>= 1;
            if depth == outer_depth {
                *cursor = scanner;
                return Ok(());
            }
        }
        scanner.at += 1;
    }
}

#[inline]
fn closing_bracket(of_object: bool) -> u8 {
    if of_object { b'}' } else { b']' }
}

/// Cold, because no value lies outside of the body.
#[cold]
fn nothing<'a>() -> &'a [u8] {
    &[]
}

#[inline(never)]
fn skip_white_space(body: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = body.get(at) {
        at += 1;
    }
    at
}

/// Passes the escape whose backslash is at `at`.
#[inline(never)]
fn escape(body: &[u8], at: usize) -> Scan<usize> {
    let digits = match body.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 0,
        Some(b'u') => 4,
        _ => return Err(Fault { at: at + 1, problem: Problem::InvalidEscape }),
    };
    for digit in at + 2..at + 2 + digits {
        if !body.get(digit).is_some_and(u8::is_ascii_hexdigit) {
            return Err(Fault { at: digit, problem: Problem::InvalidEscape });
        }
    }
    Ok(at + 2 + digits)
}
