//! Which numbers a 64-bit float can take without becoming another number.

use alloc::format;

use super::number::Number;

/// The float whose shortest printing denotes the same value as the number. `None` if there is no such float: printed or
/// converted, the number would become another one, as `9007199254740993.0` becomes …992 and `1e400` infinity.
///
/// The shortest printing has the fewest digits that read back as the float. Rust, Python and JavaScript print the same
/// digits.
#[must_use]
pub fn exact_float(number: Number<'_>) -> Option<f64> {
    let text = number.as_str();
    let float = text.parse::<f64>().ok().filter(|float| float.is_finite())?;
    // A float holds any 15 digits (C, DBL_DIG), and these have no exponent that could leave its range. The sixteenth
    // character is the point.
    let is_short = text.len() <= 15 + usize::from(text.contains('.')) && !text.contains(['e', 'E']);
    let denotes_the_same = || Decimal::of(text) == Decimal::of(&format!("{float:e}"));
    (is_short || denotes_the_same()).then_some(float)
}

/// A decimal number without its sign, so that equal values have equal parts. Zero has no digits.
#[derive(Debug, PartialEq)]
struct Decimal<'n> {
    /// The digits in order, without zeros at either end, in the two pieces that the point leaves.
    digits: Digits<'n>,
    /// The power of ten of the first digit.
    exponent: i64,
}

#[derive(Debug)]
struct Digits<'n>(&'n str, &'n str);

impl PartialEq for Digits<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes().chain(self.1.bytes()).eq(other.0.bytes().chain(other.1.bytes()))
    }
}

impl<'n> Decimal<'n> {
    /// The value of a JSON number. `None` if its exponent is too large for 64 bits, so that it is not a float's.
    fn of(number: &'n str) -> Option<Self> {
        let number = number.strip_prefix('-').unwrap_or(number);
        let (mantissa, power) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let leading = if whole.is_empty() { fraction.trim_start_matches('0') } else { fraction };
        let digits = match leading {
            "" => Digits(whole.trim_end_matches('0'), ""),
            leading => Digits(whole, leading),
        };
        if digits.0.is_empty() && digits.1.is_empty() {
            return Some(Self { digits, exponent: 0 });
        }
        let zeros = i64::try_from(fraction.len() - leading.len()).ok()?;
        let places = i64::try_from(whole.len()).ok()? - zeros - 1;
        Some(Self { digits, exponent: power.parse::<i64>().ok()?.checked_add(places)? })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use proptest::prelude::*;

    use super::*;

    fn exact(number: &str) -> Option<f64> {
        exact_float(Number::from_checked(number))
    }

    #[test]
    fn a_number_that_a_float_prints_is_exact() {
        for (number, float) in [
            ("1.50", 1.5),
            ("0.1", 0.1),
            ("1E5", 1e5),
            ("1e+05", 1e5),
            ("100000.000e-05", 1.0),
            ("0.000001234567890123456", 1.234_567_890_123_456e-6),
            ("9007199254740992.0", 9_007_199_254_740_992.0),
            ("123456789012345.6", 123_456_789_012_345.6),
            ("1.7976931348623157e308", f64::MAX),
            ("5e-324", 5e-324),
            ("0.0", 0.0),
            ("0e999999999999", 0.0),
            ("0.000e-999", 0.0),
            ("1e22", 1e22),
        ] {
            for (sign, factor) in [("", 1.0), ("-", -1.0)] {
                let found = exact(&format!("{sign}{number}")).unwrap();
                assert_eq!(found.to_bits(), (float * factor).to_bits(), "{sign}{number}");
            }
        }
        let long = format!("0.{}1e400", "0".repeat(399));
        assert_eq!(exact(&long), Some(1.0));
        assert_eq!(exact(&format!("1.{}", "0".repeat(1_000))), Some(1.0));
        assert_eq!(exact(&format!("1{}e-1000", "0".repeat(1_000))), Some(1.0));
    }

    #[test]
    fn a_number_that_would_change_is_not_exact() {
        for number in [
            "9007199254740993.0",
            "9007199254740993",
            "0.1000000000000000055511151231257827",
            "1.7976931348623157081e308",
            "1e400",
            "1e309",
            "1e-400",
            "4e-324",
            "2e-324",
            "123456789.123456789012",
            "1e99999999999999999999999999",
            "1e-99999999999999999999999999",
            "12345678901234567890.0",
        ] {
            assert_eq!(exact(number), None, "{number}");
            assert_eq!(exact(&format!("-{number}")), None, "-{number}");
        }
        let long = format!("1.{}1", "0".repeat(998));
        assert_eq!(exact(&long), None);
    }

    #[test]
    fn an_exponent_that_the_reading_of_floats_cuts_makes_no_wrong_value() {
        // Rust stops counting an exponent's digits somewhere above 65,536.
        let number = format!("0.{}1e1000000", "0".repeat(999_999));
        assert!(exact(&number).is_none_or(|float| float.to_bits() == 1.0_f64.to_bits()));
    }

    proptest! {
        #[test]
        fn each_float_is_exact_as_it_prints(bits in any::<u64>()) {
            let float = f64::from_bits(bits);
            prop_assume!(float.is_finite());
            for text in [float.to_string(), format!("{float:e}"), format!("{float:E}"), format!("{float:?}")] {
                prop_assert_eq!(exact(&text).map(f64::to_bits), Some(bits), "{}", text);
            }
        }

        #[test]
        fn a_float_with_a_digit_more_is_not_exact(bits in any::<u64>(), digit in 1..=9_u8) {
            let float = f64::from_bits(bits);
            prop_assume!(float.is_finite() && float != 0.0);
            let printed = format!("{float:e}");
            let (mantissa, exponent) = printed.split_once('e').unwrap();
            let point = if mantissa.contains('.') { "" } else { "." };
            // 20 zeros keep the value the nearest to the float.
            let text = format!("{mantissa}{point}{}{digit}e{exponent}", "0".repeat(20));
            prop_assert_eq!(exact(&text), None, "{}", text);
        }

        #[test]
        fn fifteen_digits_are_exact(digits in "[1-9][0-9]{0,14}", point in 0..15_usize, zeros in 0..5_usize) {
            let point = point.min(digits.len());
            let (whole, fraction) = digits.split_at(point);
            let whole = if whole.is_empty() { "0" } else { whole };
            let text = format!("{whole}.{fraction}{}", "0".repeat(zeros + 1));
            prop_assert_eq!(exact(&text).map(|float| exact(&format!("{float:e}")) == Some(float)), Some(true));
            let same: String = format!("{:e}", exact(&text).unwrap());
            prop_assert_eq!(Decimal::of(&same), Decimal::of(&text));
        }
    }
}
