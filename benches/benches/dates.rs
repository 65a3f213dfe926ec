//! How long does it take to read a date? Each form that the vendors write, beside the libraries that read it.

use criterion::Criterion;
use hookseal::freshness::{compact, http_date, rfc3339, spaced as spaced_date, unix};
use hookseal_benches::{Case, cases};
use std::hint::black_box;
use time::{
    OffsetDateTime, PrimitiveDateTime, format_description::well_known::Rfc3339, macros::format_description,
};

cases!(
    http_date_of_today,
    http_date_of_rfc_850,
    http_date_of_asctime,
    date_of_rfc_3339,
    spaced,
    compact_date,
    unix_time
);

const MILLIS: i64 = 1_772_600_767_000;
const IMF_FIXDATE: &str = "Wed, 04 Mar 2026 05:06:07 GMT";
const RFC_850: &str = "Wednesday, 04-Mar-26 05:06:07 GMT";
const ASCTIME: &str = "Wed Mar  4 05:06:07 2026";
const RFC_3339: &str = "2026-03-04T05:06:07Z";
const SPACED: &str = "2026-03-04 05:06:07 UTC";
const COMPACT: &str = "20260304050607";
const UNIX: &str = "1772600767";

fn http_date_of_today(criterion: &mut Criterion) {
    let mut case = http_date_case(criterion, "date: IMF-fixdate", IMF_FIXDATE);
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    case.measure("time", Some(MILLIS), || millis(PrimitiveDateTime::parse(black_box(IMF_FIXDATE), form)));
}

fn http_date_of_rfc_850(criterion: &mut Criterion) {
    http_date_case(criterion, "date: RFC 850", RFC_850);
}

fn http_date_of_asctime(criterion: &mut Criterion) {
    http_date_case(criterion, "date: asctime", ASCTIME);
}

fn http_date_case<'c>(criterion: &'c mut Criterion, name: &str, text: &str) -> Case<'c> {
    let mut case = Case::new(criterion, name, text.len(), 1);
    case.measure("hookseal", Some(MILLIS), || {
        http_date::parse(black_box(text.as_bytes())).map(|time| time.unix_millis())
    });
    case.measure("httpdate", Some(MILLIS), || {
        let time = httpdate::parse_http_date(black_box(text)).ok()?;
        i64::try_from(time.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis()).ok()
    });
    case
}

fn date_of_rfc_3339(criterion: &mut Criterion) {
    let mut case = Case::new(criterion, "date: RFC 3339", RFC_3339.len(), 1);
    case.measure("hookseal", Some(MILLIS), || {
        rfc3339::parse(black_box(RFC_3339.as_bytes())).map(|(time, _offset)| time.unix_millis())
    });
    case.measure("time", Some(MILLIS), || {
        OffsetDateTime::parse(black_box(RFC_3339), &Rfc3339).ok().map(|time| time.unix_timestamp() * 1_000)
    });
}

fn spaced(criterion: &mut Criterion) {
    let mut case = Case::new(criterion, "date: spaced", SPACED.len(), 1);
    case.measure("hookseal", Some(MILLIS), || {
        spaced_date::parse(black_box(SPACED.as_bytes())).map(|(time, _zone)| time.unix_millis())
    });
    let form = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    case.measure("time", Some(MILLIS), || millis(PrimitiveDateTime::parse(black_box(SPACED), form)));
}

fn compact_date(criterion: &mut Criterion) {
    let mut case = Case::new(criterion, "date: compact", COMPACT.len(), 1);
    case.measure("hookseal", Some(MILLIS), || {
        compact::parse(black_box(COMPACT.as_bytes()), 0).map(|time| time.unix_millis())
    });
    let form = format_description!("[year][month][day][hour][minute][second]");
    case.measure("time", Some(MILLIS), || millis(PrimitiveDateTime::parse(black_box(COMPACT), form)));
}

fn unix_time(criterion: &mut Criterion) {
    let mut case = Case::new(criterion, "date: unix", UNIX.len(), 1);
    case.measure("hookseal", Some(MILLIS), || {
        unix::parse(black_box(UNIX.as_bytes())).map(|time| time.unix_millis())
    });
    case.measure("str::parse", Some(MILLIS), || {
        black_box(UNIX).parse::<i64>().ok().map(|seconds| seconds * 1_000)
    });
}

fn millis<E>(time: Result<PrimitiveDateTime, E>) -> Option<i64> {
    Some(time.ok()?.assume_utc().unix_timestamp() * 1_000)
}
