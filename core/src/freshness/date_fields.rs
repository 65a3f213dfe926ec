//! Reads the fields of a date whose form has a fixed width.

/// The fields of a date of fixed width, taken from left to right.
///
/// A fault is remembered and reported only by [`rest`](Self::rest): a branch per field costs more than all the
/// arithmetic.
pub(super) struct DateFields<'a> {
    rest: &'a [u8],
    sound: bool,
}

impl<'a> DateFields<'a> {
    #[inline]
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self { rest: text, sound: true }
    }

    /// The next bytes, unchecked.
    #[inline]
    pub(super) fn bytes<const LENGTH: usize>(&mut self) -> [u8; LENGTH] {
        let Some((bytes, rest)) = self.rest.split_first_chunk() else {
            self.sound = false;
            return [0; LENGTH];
        };
        self.rest = rest;
        *bytes
    }

    #[inline]
    pub(super) fn literal<const LENGTH: usize>(&mut self, expected: &[u8; LENGTH]) {
        let found = self.bytes();
        self.sound &= found == *expected;
    }

    #[inline]
    pub(super) fn two_digits(&mut self) -> u8 {
        let [tens, ones] = self.bytes();
        self.digit(tens) * 10 + self.digit(ones)
    }

    #[inline]
    pub(super) fn four_digits(&mut self) -> u16 {
        u16::from(self.two_digits()) * 100 + u16::from(self.two_digits())
    }

    /// The day of asctime, whose first digit may be a space.
    #[inline]
    pub(super) fn two_digits_or_space_and_digit(&mut self) -> u8 {
        let [tens, ones] = self.bytes();
        let tens = if tens == b' ' { b'0' } else { tens };
        self.digit(tens) * 10 + self.digit(ones)
    }

    /// `hh:mm:ss`.
    #[inline]
    pub(super) fn time_of_day(&mut self) -> (u8, u8, u8) {
        let hour = self.two_digits();
        self.literal(b":");
        let minute = self.two_digits();
        self.literal(b":");
        (hour, minute, self.two_digits())
    }

    /// The text after the fields, or `None` if a field had a fault.
    #[inline]
    pub(super) fn rest(self) -> Option<&'a [u8]> {
        self.sound.then_some(self.rest)
    }

    #[inline]
    fn digit(&mut self, byte: u8) -> u8 {
        let value = byte ^ b'0';
        self.sound &= value <= 9;
        // At most 15, so that two of them fit in a u8.
        value & 15
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_in_their_order() {
        let mut fields = DateFields::of(b"2024-07 tail");
        assert_eq!(fields.four_digits(), 2024);
        fields.literal(b"-");
        assert_eq!(fields.two_digits(), 7);
        assert_eq!(fields.rest(), Some(b" tail".as_slice()));
    }

    #[test]
    fn only_the_ten_digits_are_digits() {
        for byte in 0..=u8::MAX {
            for text in [[byte, b'1'], [b'1', byte]] {
                let mut fields = DateFields::of(&text);
                fields.two_digits();
                assert_eq!(fields.rest().is_some(), byte.is_ascii_digit(), "{byte:#x}");
            }
        }
    }

    #[test]
    fn a_fault_is_remembered_to_the_end() {
        let mut fields = DateFields::of(b"x-12");
        fields.literal(b":");
        fields.literal(b"-");
        fields.two_digits();
        assert_eq!(fields.rest(), None);
    }

    #[test]
    fn a_text_that_ends_early_is_a_fault() {
        let mut fields = DateFields::of(b"12:3");
        fields.time_of_day();
        assert_eq!(fields.rest(), None);
    }
}
