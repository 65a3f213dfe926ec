//! Compares every date format with `httpdate` and with a reader that follows a pattern letter by letter.

use std::time::UNIX_EPOCH;

use hookseal::{
    Timestamp,
    freshness::{compact, http_date, rfc3339, spaced as spaced_date, unix},
};

use crate::{
    input::Input,
    oracle::{in_range, unix_seconds, weekday},
};

const IMF_FIXDATE: &str = "w, DD b YYYY hh:mm:ss GMT";
const RFC_850: &str = "W, DD-b-yy hh:mm:ss GMT";
const ASCTIME: &str = "w b _D hh:mm:ss YYYY";
const RFC_3339: &str = "YYYY-OO-DDThh:mm:ss";
const SPACED: &str = "YYYY-OO-DD hh:mm:ss";
const COMPACT: &str = "YYYYOODDhhmmss";

/// The input: a byte that chooses the format; then a text, or an instant and changes to its text.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let choice = input.byte();
    let pattern = [IMF_FIXDATE, RFC_850, ASCTIME, RFC_3339, SPACED, COMPACT][usize::from(choice % 6)];
    if choice < 128 {
        return check_text(input.rest());
    }
    let seconds = input.i64().rem_euclid(253_402_300_800 + 62_135_596_800) - 62_135_596_800;
    let mut text = written(pattern, seconds).into_bytes();
    let ends = ["", "Z", "+00:00", " UTC", ".5Z", "-23:59", "+0100", " +0100", ".123456", "-0000"];
    text.extend(ends[usize::from(input.byte()) % ends.len()].bytes());
    check_text(&text);
    while !input.is_empty() {
        let (place, byte, way) = (usize::from(input.byte()) % (text.len() + 1), input.byte(), input.byte());
        match way % 4 {
            0 => text.insert(place, byte),
            1 if place < text.len() => drop(text.remove(place)),
            2 if place < text.len() => text[place] = byte,
            _ if place < text.len() => text[place] = b'0' + byte % 10,
            _ => {}
        }
        check_text(&text);
        if text.len() > 64 {
            return;
        }
    }
}

pub fn check_text(text: &[u8]) {
    let ours = http_date::parse(text);
    assert_eq!(ours.map(Timestamp::unix_millis), http(text), "HTTP date {}", text.escape_ascii());
    if ours.is_none_or(|time| time >= Timestamp::UNIX_EPOCH) {
        assert_eq!(ours.map(Timestamp::unix_millis), of_httpdate(text), "httpdate {}", text.escape_ascii());
    }
    let ours = rfc3339::parse(text).map(|(time, offset)| (time.unix_millis(), i64::from(offset)));
    assert_eq!(ours, of_rfc_3339(text), "RFC 3339 {}", text.escape_ascii());
    let ours = rfc3339::parse_lenient(text).map(|(time, offset)| (time.unix_millis(), offset.map(i64::from)));
    assert_eq!(ours, lenient(text), "lenient {}", text.escape_ascii());
    let ours = spaced_date::parse_offset(text).map(|(time, offset)| (time.unix_millis(), i64::from(offset)));
    assert_eq!(ours, spaced_offset(text), "spaced offset {}", text.escape_ascii());
    let ours = spaced_date::parse(text).map(|(time, zone)| (time.unix_millis(), zone));
    assert_eq!(ours, spaced(text), "spaced {}", text.escape_ascii());
    for offset in [0, 1, -1, 1_439, -1_439, i16::MAX, i16::MIN] {
        let ours = compact::parse(text, offset).map(Timestamp::unix_millis);
        assert_eq!(ours, of_compact(text, offset), "compact {} at {offset}", text.escape_ascii());
    }
    assert_eq!(unix::parse(text).map(Timestamp::unix_millis), of_unix(text), "unix {}", text.escape_ascii());
    for time in [http_date::parse(text), rfc3339::parse(text).map(|(time, _)| time)].into_iter().flatten() {
        assert_eq!(rfc3339::parse(time.to_string().as_bytes()), Some((time, 0)));
    }
}

/// Reads the date of Benji's headers, and whether its zone is assumed.
pub fn of_benji(text: &[u8]) -> Option<(i64, bool)> {
    if let Some(millis) = http(text).or_else(|| spaced(text).map(|(millis, _)| millis)) {
        return Some((millis, false));
    }
    if let Some((millis, offset)) = lenient(text) {
        return matches!(offset, None | Some(0)).then_some((millis, offset.is_none()));
    }
    // Unix time: ten digits are seconds, thirteen are milliseconds.
    let digits = text.iter().all(u8::is_ascii_digit).then(|| std::str::from_utf8(text).unwrap())?;
    let unit = match digits.len() {
        10 => 1000,
        13 => 1,
        _ => return None,
    };
    Some((in_range(digits.parse::<i128>().unwrap() * unit)?, false))
}

/// Reads the date of a Bento event.
pub fn of_bento(text: &[u8]) -> Option<i64> {
    lenient(text)
        .and_then(|(millis, offset)| offset.map(|_| millis))
        .or_else(|| spaced(text).and_then(|(millis, zone)| (zone == b" UTC").then_some(millis)))
        .or_else(|| spaced_offset(text).map(|(millis, _)| millis))
}

fn http(text: &[u8]) -> Option<i64> {
    [IMF_FIXDATE, RFC_850, ASCTIME].into_iter().find_map(|pattern| {
        let read = Read::all(pattern, text)?;
        let seconds = read.seconds()?;
        (read.weekday.as_deref() == Some(weekday(seconds))).then_some(())?;
        in_range(i128::from(seconds) * 1000)
    })
}

/// Reads a date with `httpdate`, but only in the forms of the RFC: `httpdate` also trims, and accepts any character
/// between the year and the hour of RFC 850.
fn of_httpdate(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let gap = text.len().checked_sub(13).and_then(|place| text.as_bytes().get(place));
    if text.trim() != text || (text.len() >= 30 && gap != Some(&b' ')) {
        return None;
    }
    let time = httpdate::parse_http_date(text).ok()?;
    Some(time.duration_since(UNIX_EPOCH).expect("from 1970 on").as_millis().try_into().unwrap())
}

fn of_rfc_3339(text: &[u8]) -> Option<(i64, i64)> {
    let (millis, offset) = dated(text, &[RFC_3339], &["+hh:mm"])?;
    Some((millis, offset?))
}

/// RFC 3339 in the variants that programs write: with a space, with `±hhmm`, or without a zone.
fn lenient(text: &[u8]) -> Option<(i64, Option<i64>)> {
    dated(text, &[RFC_3339, SPACED], &["+hh:mm", "+hhmm", ""])
}

/// The form that Ruby prints: no fraction, and one space before the offset.
fn spaced_offset(text: &[u8]) -> Option<(i64, i64)> {
    let (head, zone) = text.split_at_checked(19)?;
    let zone = zone.strip_prefix(b" ").filter(|zone| zone.starts_with(b"+") || zone.starts_with(b"-"))?;
    let (millis, offset) = dated(&[head, zone].concat(), &[SPACED], &["+hhmm"])?;
    Some((millis, offset?))
}

/// A date and a time of day in one of the patterns, an optional fraction, and `Z` or a zone in one of the patterns.
fn dated(text: &[u8], patterns: &[&str], zones: &[&str]) -> Option<(i64, Option<i64>)> {
    let upper: Vec<u8> = text.to_ascii_uppercase();
    let (head, tail) = upper.split_at_checked(19)?;
    let seconds = patterns.iter().find_map(|pattern| Read::all(pattern, head))?.seconds()?;
    let zone = tail.iter().position(|byte| b"Z+-".contains(byte)).unwrap_or(tail.len());
    let (fraction, zone) = tail.split_at(zone);
    let millis: i64 = match fraction {
        [] => 0,
        [b'.', digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            let three: Vec<u8> = digits.iter().copied().chain(*b"00").take(3).collect();
            std::str::from_utf8(&three).unwrap().parse().unwrap()
        }
        _ => return None,
    };
    let offset = match zone {
        [] => zones.contains(&"").then_some(None)?,
        b"Z" => Some(0),
        [sign, digits @ ..] => {
            let read = zones.iter().find_map(|zone| Read::all(zone.strip_prefix('+')?, digits))?;
            let minutes = (read.hour <= 23 && read.minute <= 59).then_some(read.hour * 60 + read.minute)?;
            Some(if *sign == b'-' { -minutes } else { minutes })
        }
    };
    let utc = i128::from(seconds - offset.unwrap_or(0) * 60) * 1000 + i128::from(millis);
    Some((in_range(utc)?, offset))
}

fn spaced(text: &[u8]) -> Option<(i64, &[u8])> {
    let (head, zone) = text.split_at_checked(19)?;
    let seconds = Read::all(SPACED, head)?.seconds()?;
    let known: [&[u8]; 6] = [b"GMT", b"UTC", b"Z", b" GMT", b" UTC", b" Z"];
    known.contains(&zone).then_some((in_range(i128::from(seconds) * 1000)?, zone))
}

fn of_compact(text: &[u8], offset: i16) -> Option<i64> {
    let seconds = Read::all(COMPACT, text)?.seconds()?;
    in_range((i128::from(seconds) - i128::from(offset) * 60) * 1000)
}

fn of_unix(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let value: i128 = text.parse().ok()?;
    // Only the one form in which JSON writes an integer.
    (value.to_string() == text).then_some(())?;
    in_range(if value > 100_000_000_000 { value } else { value * 1000 })
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[derive(Debug, Default)]
struct Read {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: Option<String>,
}

impl Read {
    /// Follows the pattern to the end of the text. `Y`, `y`, `O`, `D`, `h`, `m` and `s` are a digit of their field, `_`
    /// is a digit or a space, `b` is a month's name, and `w` and `W` are a weekday's short and long name. Any other
    /// letter is itself.
    fn all(pattern: &str, mut text: &[u8]) -> Option<Self> {
        let mut read = Self::default();
        for letter in pattern.chars() {
            if let 'b' | 'w' | 'W' = letter {
                let names: Vec<&str> = match letter {
                    'b' => MONTHS.to_vec(),
                    'w' => WEEKDAYS.iter().map(|name| &name[..3]).collect(),
                    _ => WEEKDAYS.to_vec(),
                };
                let at = names.iter().position(|name| text.starts_with(name.as_bytes()))?;
                text = &text[names[at].len()..];
                match letter {
                    'b' => read.month = i64::try_from(at).unwrap() + 1,
                    _ => read.weekday = Some(names[at][..3].to_owned()),
                }
                continue;
            }
            let (byte, rest) = text.split_first()?;
            text = rest;
            let field = match letter {
                'Y' | 'y' => &mut read.year,
                'O' => &mut read.month,
                'D' | '_' => &mut read.day,
                'h' => &mut read.hour,
                'm' => &mut read.minute,
                's' => &mut read.second,
                _ if u32::from(*byte) == u32::from(letter) => continue,
                _ => return None,
            };
            match byte {
                b'0'..=b'9' => *field = *field * 10 + i64::from(byte - b'0'),
                b' ' if letter == '_' => {}
                _ => return None,
            }
        }
        if pattern.contains('y') {
            read.year += if read.year >= 70 { 1900 } else { 2000 };
        }
        text.is_empty().then_some(read)
    }

    fn seconds(&self) -> Option<i64> {
        unix_seconds([self.year, self.month, self.day], [self.hour, self.minute, self.second])
    }
}

/// Writes an instant in the pattern.
fn written(pattern: &str, seconds: i64) -> String {
    let time = Timestamp::from_unix_seconds(seconds).expect("in range").to_string();
    let field = |range: std::ops::Range<usize>| time[range].to_owned();
    let month: usize = time[5..7].parse().unwrap();
    let long = WEEKDAYS.iter().find(|name| name.starts_with(weekday(seconds))).unwrap();
    pattern
        .replace("YYYY", &field(0..4))
        .replace("yy", &field(2..4))
        .replace("OO", &field(5..7))
        .replace("DD", &field(8..10))
        .replace("_D", &field(8..10).replacen('0', " ", usize::from(time[8..].starts_with('0'))))
        .replace("hh", &field(11..13))
        .replace("mm", &field(14..16))
        .replace("ss", &field(17..19))
        .replace('b', MONTHS[month - 1])
        .replace('W', long)
        .replacen('w', weekday(seconds), usize::from(pattern.starts_with('w')))
}
