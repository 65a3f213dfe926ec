//! The HTTP dates in the tests of other projects; `data/httpdate/README.md` names them.

use std::time::UNIX_EPOCH;

use hookseal::freshness::http_date;
use serde_json::Value;

const CURL: &str = include_str!("data/httpdate/curl-lib517.json");
const CLICKHOUSE: &str = include_str!("data/httpdate/clickhouse-parsehttpdate.json");
const CACHE_TESTS: &str = include_str!("data/httpdate/cache-tests-expires-parse.json");

struct Case {
    input: String,
    /// `None` if the list refuses the date.
    seconds: Option<i64>,
    flags: Vec<String>,
}

fn cases(list: &str) -> Vec<Case> {
    let list: Value = serde_json::from_str(list).unwrap();
    let cases = list["cases"].as_array().unwrap();
    cases
        .iter()
        .map(|case| Case {
            input: case["input"].as_str().unwrap().into(),
            seconds: case["epoch"].as_i64(),
            flags: case["flags"]
                .as_array()
                .map(|flags| flags.iter().map(|flag| flag.as_str().unwrap().into()).collect())
                .unwrap_or_default(),
        })
        .collect()
}

fn read(text: &str) -> Option<i64> {
    http_date::parse(text.as_bytes()).map(|time| time.unix_millis() / 1000)
}

fn oracle(text: &str) -> Option<i64> {
    // httpdate trims; the grammar of a date has no white space around it.
    if text.trim() != text {
        return None;
    }
    let time = httpdate::parse_http_date(text).ok()?;
    Some(time.duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap())
}

/// Whether the century of the year is left to the reader's clock: `Sunday, 06-Nov-94 08:49:37 GMT`.
fn has_two_digit_year(text: &str) -> bool {
    text.split('-').nth(2).is_some_and(|tail| tail.find(' ') == Some(2))
}

#[test]
fn curl_reads_the_same_instant_in_every_date_that_is_read_here() {
    let cases = cases(CURL);
    assert_eq!(cases.len(), 182);
    let mut both = 0;
    for case in cases {
        let Some(seconds) = read(&case.input) else { continue };
        // The row of 2044 for a 32-bit `time_t`.
        if case.seconds == Some(-1) && seconds > i64::from(i32::MAX) {
            continue;
        }
        assert_eq!(Some(seconds), case.seconds, "{}", case.input);
        both += 1;
    }
    // More would mean that a form outside HTTP is read.
    assert_eq!(both, 5);
}

#[test]
fn clickhouse_reads_the_same_dates_but_for_the_marked_ones() {
    let cases = cases(CLICKHOUSE);
    assert_eq!(cases.len(), 71);
    for case in cases {
        if has_two_digit_year(&case.input) {
            continue;
        }
        // `lenient` marks a zero before the day of asctime, which RFC 9110 allows.
        let expected = case.seconds.filter(|_| case.flags.iter().all(|flag| flag == "lenient"));
        assert_eq!(read(&case.input), expected, "{}", case.input);
    }
}

#[test]
fn the_malformed_dates_of_cache_tests_are_refused() {
    let cases = cases(CACHE_TESTS);
    assert_eq!(cases.len(), 10);
    for case in cases {
        assert_eq!(read(&case.input), None, "{}", case.input);
    }
}

#[test]
fn httpdate_reads_every_listed_date_alike() {
    for case in [CURL, CLICKHOUSE, CACHE_TESTS].into_iter().flat_map(cases) {
        let found = read(&case.input);
        // httpdate starts in 1970.
        if found.is_none_or(|seconds| seconds >= 0) {
            assert_eq!(found, oracle(&case.input), "{}", case.input);
        }
    }
}
