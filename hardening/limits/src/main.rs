//! Measures the cost of hostile input, and prints a table of inputs with outcome, time and memory.
//!
//! Everything runs on a thread with a stack of 64 KiB. The program fails if an outcome is not the expected one, if the
//! cost of a byte grows with the size, or if the heap grows beyond its bound.

mod memory;

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use hookseal::{Key, Keys, Received, Receiver, Request, Secret, Timestamp, Vendor, bento::Credentials, sign};

const STACK_BYTES: usize = 64 * 1024;
const MEBIBYTE: usize = 1 << 20;
const SECRET: &str = "secret";

/// The name and the value of a header.
type Header = (String, Vec<u8>);

struct Input {
    name: &'static str,
    vendor: Vendor,
    /// The expected outcome: the code of the rejection, or what is accepted.
    outcome: &'static str,
    /// The most bytes of heap for each byte of input.
    heap_per_byte: usize,
    /// Makes headers and body of about the given number of bytes.
    make: fn(usize) -> (Vec<Header>, Vec<u8>),
    /// The size of the input in the table.
    bytes: usize,
    keys: usize,
}

const fn body_of(
    vendor: Vendor,
    name: &'static str,
    bytes: usize,
    outcome: &'static str,
    heap_per_byte: usize,
    make: fn(usize) -> (Vec<Header>, Vec<u8>),
) -> Input {
    Input { name, vendor, outcome, heap_per_byte, make, bytes, keys: 1 }
}

fn nothing_but(body: impl Into<Vec<u8>>) -> (Vec<Header>, Vec<u8>) {
    (Vec::new(), body.into())
}

fn around(start: &str, middle: &str, end: &str, bytes: usize) -> (Vec<Header>, Vec<u8>) {
    nothing_but([start, &middle.repeat(bytes / middle.len()), end].concat())
}

fn many_keys(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    // 200,000 keys in about 2.8 MB.
    let keys: String = (0..bytes / 14).map(|at| format!("\"key {at:06}\":1,")).collect();
    nothing_but(format!(r#"{{"event":"e","action":"a",{keys}"last":0}}"#))
}

fn a_field_once_more(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    around("{", r#""event":"e","#, r#""event":"e"}"#, bytes)
}

fn headers(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    // 100,000 headers of about 20 bytes.
    let headers = (0..bytes / 20).map(|at| (format!("x-header-{at}"), b"value".to_vec())).collect();
    (headers, br#"{"event":"e"}"#.to_vec())
}

fn repeated_headers(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    let value = vec![b'a'; 64];
    (vec![("X-Benji-Signature".to_owned(), value); bytes / 80], br#"{"event":"e"}"#.to_vec())
}

fn joined_headers(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    let one = [b'a'; 64];
    let value = vec![one.as_slice(); bytes / 66].join(b", ".as_slice());
    (vec![("x-benji-signature".to_owned(), value)], br#"{"event":"e"}"#.to_vec())
}

fn look_alike_names(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    // U+2010 for the hyphens, a Cyrillic ve, a Turkish dotless i, a Kelvin sign, full-width letters, a zero-width
    // space.
    let names = [
        "x\u{2010}benji\u{2010}signature",
        "x-\u{432}enji-signature",
        "x-benj\u{131}-signature",
        "x-benji-s\u{131}gnature",
        "X-BENJI-S\u{130}GNATURE",
        "\u{ff58}-benji-signature",
        "x-benji-signature\u{200b}",
        " x-benji-signature",
        "x_benji_signature",
    ];
    let headers = names.iter().cycle().take(bytes / 90).map(|name| ((*name).to_owned(), vec![b'a'; 64]));
    (headers.collect(), br#"{"event":"e"}"#.to_vec())
}

fn wrong_signatures(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    let signature = format!("{:064x}", bytes);
    (vec![("x-benji-signature".to_owned(), signature.into_bytes())], vec![b' '; bytes])
}

/// A request with this time in the signed header, and the right signature of time and body.
fn signed_time(time: Vec<u8>) -> (Vec<Header>, Vec<u8>) {
    let body = br#"{"event":"e"}"#.to_vec();
    // Signed as one body of the older scheme, because the signed bytes are the same.
    let signed = sign::benji_body_only(
        &Secret::new(SECRET).unwrap(),
        &[time.as_slice(), &body].concat(),
        Timestamp::UNIX_EPOCH,
    );
    let signature = signed.iter().next().expect("a signature").1.to_vec();
    (vec![("x-benji-signature".to_owned(), signature), ("x-benji-timestamp".to_owned(), time)], body)
}

fn times(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    let (mut headers, body) = signed_time(b"Thu, 01 Jan 1970 00:00:00 GMT".to_vec());
    let time = headers[1].clone();
    headers.extend(vec![time; bytes / 46]);
    (headers, body)
}

fn wrongly_signed_time(bytes: usize) -> (Vec<Header>, Vec<u8>) {
    let (mut headers, body) = signed_time(b"0".repeat(bytes));
    headers[1].1[0] = b'1';
    (headers, body)
}

/// Events of about `event_bytes` bytes, each with a key, as members of an object.
fn numbered(bytes: usize, event_bytes: usize, key: impl Fn(usize) -> String) -> (Vec<Header>, Vec<u8>) {
    let filling = "a".repeat(event_bytes.saturating_sub(50));
    let members: Vec<String> = (0..bytes / (event_bytes + key(0).len()))
        .map(|at| format!(r#""{}":{{"type":"t","email":"e","x":"{filling}"}}"#, key(at)))
        .collect();
    nothing_but(format!(r#"{{"events":{{{}}}}}"#, members.join(",")))
}

/// The same with long numbers as keys. Each is smaller than the one before and starts with the same digits.
fn long_numbers(bytes: usize, digit: &str) -> (Vec<Header>, Vec<u8>) {
    numbered(bytes, 50, |at| format!("1{}{:08}", digit.repeat(1_950 / digit.len()), 99_999_999 - at))
}

use Vendor::{Benji, Benti, Bento};

const INPUTS: [Input; 49] = [
    body_of(Benji, "[ and nothing else", 4 * MEBIBYTE, "malformed_payload", 0, |n| around("", "[", "", n)),
    body_of(Benti, "[ and nothing else", 4 * MEBIBYTE, "malformed_payload", 0, |n| around("", "[", "", n)),
    body_of(Bento, "[ and nothing else", 4 * MEBIBYTE, "malformed_payload", 0, |n| around("", "[", "", n)),
    body_of(Bento, "{\"a\": and nothing else", 4 * MEBIBYTE, "malformed_payload", 0, |n| {
        around("", "{\"a\":", "", n)
    }),
    body_of(Benji, "127 deep, again and again", 4 * MEBIBYTE, "1 event", 0, |n| {
        let deep = [",", &"[".repeat(125), &"]".repeat(125)].concat();
        around("{\"event\":\"e\",\"a\":[0", &deep, "]}", n)
    }),
    body_of(Benji, "200,000 keys", 2_800_000, "1 event", 0, many_keys),
    body_of(Benti, "200,000 keys", 2_800_000, "1 event", 0, many_keys),
    body_of(Bento, "200,000 keys", 2_800_000, "1 event", 0, many_keys),
    body_of(Benji, "one key 200,000 times", 2_400_000, "malformed_payload", 0, a_field_once_more),
    body_of(Benji, "a number of 1 MiB", MEBIBYTE, "malformed_payload", 0, |n| {
        around("{\"event\":\"e\",\"entity_id\":1", "0", "}", n)
    }),
    body_of(Bento, "a number of 1 MiB", MEBIBYTE, "malformed_payload", 0, |n| {
        around("{\"a\":1e", "9", "}", n)
    }),
    body_of(Benji, "a text of 1 MiB of escapes", MEBIBYTE, "1 event", 0, |n| {
        around("{\"event\":\"", "\\u0041", "\"}", n)
    }),
    body_of(Benti, "a text of 1 MiB of escapes", MEBIBYTE, "1 event", 0, |n| {
        around("{\"action\":\"a\",\"resource\":\"", "\\n", "\"}", n)
    }),
    body_of(Bento, "a text of 1 MiB of escapes", MEBIBYTE, "1 event", 0, |n| {
        around("{\"event\":\"", "\\ud83d\\ude00", "\"}", n)
    }),
    body_of(Benji, "halves of surrogate pairs", MEBIBYTE, "malformed_payload", 0, |n| {
        around("{\"event\":\"", "\\ud800", "\"}", n)
    }),
    body_of(Benji, "1 MiB of backslashes, unclosed", MEBIBYTE, "malformed_payload", 0, |n| {
        around("{\"event\":\"", "\\\\", "", n)
    }),
    body_of(Benji, "white space", 4 * MEBIBYTE, "1 event", 0, |n| around("", " \n", "{\"event\":\"e\"}", n)),
    body_of(Benji, "newlines before a fault", 4 * MEBIBYTE, "malformed_payload", 0, |n| {
        around("", "\n", "x", n)
    }),
    body_of(Benji, "not UTF-8 at the end", 4 * MEBIBYTE, "malformed_payload", 0, |n| {
        let (headers, mut body) = around("{\"event\":\"", "a", "", n);
        body.push(0xff);
        (headers, body)
    }),
    body_of(Benti, "events, each of one byte", 4 * MEBIBYTE, "too_many_events", 1, |n| {
        around("[", "1,", "1]", n)
    }),
    body_of(Benti, "10,000 events", 600_000, "10000 events", 2, |n| {
        let events = "{\"action\":\"an action that fills the line to its 60 bytes....\"},".repeat(n / 60 - 1);
        nothing_but(["[", &events, "{\"action\":\"a\"}]"].concat())
    }),
    body_of(Bento, "100,000 events", 4 * MEBIBYTE, "too_many_events", 1, |n| {
        around("{\"events\":[", "{\"type\":\"a\",\"email\":\"a@example.com\"},", "{}]}", n)
    }),
    body_of(Benji, "100,000 headers", 2_000_000, "missing_signature", 0, headers),
    body_of(Benji, "a header 10,000 times", 800_000, "repeated_header", 0, repeated_headers),
    body_of(Benji, "10,000 signatures in one header", 660_000, "malformed_signature", 0, joined_headers),
    body_of(Benji, "look-alike names of a header", 900_000, "missing_signature", 0, look_alike_names),
    body_of(Bento, "a header of 4 MiB", 4 * MEBIBYTE, "malformed_signature", 0, |n| {
        (vec![("authorization".into(), [b"Basic ".as_slice(), &vec![b'A'; n]].concat())], Vec::new())
    }),
    body_of(Benji, "a signed time of 1 MiB", MEBIBYTE, "malformed_timestamp", 0, |n| {
        signed_time(b"a".repeat(n))
    }),
    body_of(Benji, "a signed time of 1 MiB of digits", MEBIBYTE, "malformed_timestamp", 0, |n| {
        signed_time(b"1".repeat(n))
    }),
    body_of(Benji, "a signed time, 1 MiB of fraction", MEBIBYTE, "1 event", 0, |n| {
        signed_time([b"1970-01-01T00:00:00.".as_slice(), &b"0".repeat(n), b"Z"].concat())
    }),
    body_of(Benji, "a signed time 20,000 times", 920_000, "repeated_header", 0, times),
    Input {
        name: "a wrongly signed time, 16 keys",
        vendor: Benji,
        outcome: "signature_mismatch",
        heap_per_byte: 0,
        make: wrongly_signed_time,
        bytes: 64 * 1024,
        keys: Keys::MAX,
    },
    body_of(Bento, "10,000 numbered events", 4 * MEBIBYTE, "9962 events", 1, |n| {
        numbered(n, 420, |at| at.to_string())
    }),
    body_of(Bento, "numbered events, descending", 4 * MEBIBYTE, "9822 events", 1, |n| {
        numbered(n, 420, |at| (1_000_000 - at).to_string())
    }),
    body_of(Bento, "numbered events, one key", 4 * MEBIBYTE, "1 event", 1, |n| {
        numbered(n, 420, |_| "7".to_owned())
    }),
    body_of(Bento, "numbered events, long numbers", 4 * MEBIBYTE, "2087 events", 1, |n| long_numbers(n, "0")),
    body_of(Bento, "numbered events, escaped numbers", 4 * MEBIBYTE, "2087 events", 1, |n| {
        long_numbers(n, "\\u0030")
    }),
    body_of(Bento, "numbered, each of one byte", 4 * MEBIBYTE, "too_many_events", 1, |n| {
        let members: Vec<String> =
            (0..n / 11).map(|at| format!("\"{at:07}\":1").replace("\"0", "\"9")).collect();
        nothing_but(format!(r#"{{"events":{{{}}}}}"#, members.join(",")))
    }),
    body_of(Bento, "a number among names at the end", 4 * MEBIBYTE, "malformed_payload", 0, |n| {
        around(r#"{"events":{"#, r#""10":0,"#, r#""x":0}}"#, n)
    }),
    body_of(Bento, "10,000 events with an identity", 4 * MEBIBYTE, "9986 events", 1, |n| {
        let event = format!(r#"{{"type":"t","identity":{{"x":"{}","email":"e"}}}},"#, "a".repeat(378));
        let events = event.repeat(n / 420);
        nothing_but(format!(r#"{{"events":[{}]}}"#, events.trim_end_matches(',')))
    }),
    body_of(Bento, "one bare event with details", 4 * MEBIBYTE, "1 event", 0, |n| {
        around(r#"{"type":"t","details":[0"#, ",{\"a\":[1]}", r#"],"identity":{"email":"e"}}"#, n)
    }),
    body_of(Bento, "one bare event, a large identity", 4 * MEBIBYTE, "1 event", 0, |n| {
        around(r#"{"type":"t","identity":{"x":[0"#, ",[1]", r#"],"email":"e"}}"#, n)
    }),
    body_of(Bento, "an identity 200,000 times", 4_600_000, "malformed_payload", 0, |n| {
        around(r#"{"type":"t""#, r#","identity":{"a":[0,1]}"#, r#","email":"e"}"#, n)
    }),
    body_of(Bento, "events, and behind them an event", 4 * MEBIBYTE, "1 event", 1, |n| {
        let event = format!(r#"{{"type":"t","email":"{}"}},"#, "a".repeat(394));
        let events = event.repeat(n / 420);
        nothing_but(format!(r#"{{"events":[{}],"event":"e"}}"#, events.trim_end_matches(',')))
    }),
    body_of(Bento, "an e-mail to 4 MiB of addresses", 4 * MEBIBYTE, "1 event", 0, |n| {
        around(r#"{"emails":{"to":"a"#, ",a@example.com", r#""}}"#, n)
    }),
    body_of(Bento, "an e-mail to 4 MiB of escapes", 4 * MEBIBYTE, "1 event", 0, |n| {
        around(r#"{"emails":{"to":"a"#, "\\u0061", r#""}}"#, n)
    }),
    body_of(Bento, "a container 200,000 times", 4_200_000, "malformed_payload", 0, |n| {
        around("{", r#""subscriber":{"a":1},"#, r#""x":0}"#, n)
    }),
    Input {
        name: "a wrong signature, 16 keys",
        vendor: Benji,
        outcome: "signature_mismatch",
        heap_per_byte: 0,
        make: wrong_signatures,
        bytes: 64 * 1024,
        keys: Keys::MAX,
    },
    body_of(Benji, "a body one byte over the limit", 8 * MEBIBYTE + 1, "payload_too_large", 0, |n| {
        (Vec::new(), vec![b' '; n])
    }),
];

fn receiver(vendor: Vendor, keys: usize) -> Receiver {
    let keys = || {
        Keys::ring(
            (0..keys).map(|at| Key::new(if at == 0 { SECRET.into() } else { at.to_string() }).unwrap()),
        )
    };
    match vendor {
        Benji => Receiver::benji(keys().unwrap()).unwrap(),
        Benti => Receiver::benti(keys().unwrap()).unwrap(),
        Bento => Receiver::bento(Credentials::Basic { user: "key", keys: keys().unwrap() }).unwrap(),
        other => panic!("there is no receiver for {other}"),
    }
    .max_body_bytes(8 * MEBIBYTE)
    .unwrap()
}

/// The outcome of an input, the least time of five runs, its size, and the most heap in use above the start.
fn measured(input: &Input, bytes: usize) -> (String, Duration, usize, usize) {
    let receiver = receiver(input.vendor, input.keys);
    let (mut headers, body) = (input.make)(bytes);
    let is_about_headers = !headers.is_empty();
    if !is_about_headers {
        let secret = Secret::new(SECRET).unwrap();
        let signed = match input.vendor {
            Benji => sign::benji(&secret, &body, Timestamp::UNIX_EPOCH),
            Benti => sign::benti(&secret),
            Bento => sign::bento_basic("key", &secret),
            other => panic!("there is no sender for {other}"),
        };
        headers.extend(signed.iter().map(|(name, value)| (name.to_owned(), value.to_vec())));
    }
    let size = body.len() + headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    let mut least = Duration::MAX;
    let mut shown = String::new();
    let mut heap = 0;
    for _ in 0..5 {
        let before = memory::start();
        let start = Instant::now();
        let outcome = receiver.receive(Request::post(black_box(&headers), &body), Timestamp::UNIX_EPOCH);
        least = least.min(start.elapsed());
        heap = memory::most_since(before);
        shown = match outcome {
            Ok(Received::Delivery(delivery)) if delivery.len() == 1 => "1 event".to_owned(),
            Ok(Received::Delivery(delivery)) => format!("{} events", delivery.len()),
            Ok(Received::Handshake(_)) => "handshake".to_owned(),
            Err(rejection) => {
                assert!(rejection.to_string().len() < 300);
                rejection.code().to_owned()
            }
        };
    }
    (shown, least, size, heap)
}

/// 5,000 requests in a row, each with another signature, against 16 keys. No state may grow, and the last request must
/// cost as much as the first.
fn five_thousand_guesses() -> (Duration, usize) {
    let receiver = receiver(Benji, Keys::MAX);
    let body = br#"{"event":"reward_transaction_updated","entity":3,"entity_id":243}"#;
    let before = memory::start();
    let start = Instant::now();
    for guess in 0..5_000 {
        let mut signature = [b'0'; 64];
        let mut rest = guess;
        for digit in &mut signature {
            *digit = b"0123456789abcdef"[rest % 16];
            rest /= 16;
        }
        let outcome =
            receiver.receive(Request::post(&[("x-benji-signature", signature)], body), Timestamp::UNIX_EPOCH);
        assert!(outcome.is_err_and(|rejection| rejection.code() == "signature_mismatch"));
    }
    (start.elapsed(), memory::most_since(before))
}

fn table() -> bool {
    println!(
        "{:6} {:34} {:20} {:>9} {:>10} {:>8} {:>9} {:>10}",
        "vendor", "input", "outcome", "bytes", "time", "ns/byte", "at a 1/4", "heap bytes"
    );
    let mut findings = 0;
    let mut row = |wrong: Vec<String>| {
        findings += usize::from(!wrong.is_empty());
        println!("{}", wrong.iter().map(|what| format!("  <- {what}")).collect::<String>());
    };
    for input in &INPUTS {
        let per_byte = |time: Duration, size: usize| time.as_nanos() as f64 / size as f64;
        // The larger input may leave the caches. A quadratic cost would be four times as much.
        let grows = |small: f64, large: f64| large > 2.5 * small + 0.1;
        let (mut small, mut large) = (f64::MAX, f64::MAX);
        let (mut outcome, mut time, mut size, mut heap);
        let mut rounds = 0;
        loop {
            let (_, small_time, small_size, _) = measured(input, input.bytes / 4);
            (outcome, time, size, heap) = measured(input, input.bytes);
            small = small.min(per_byte(small_time, small_size));
            large = large.min(per_byte(time, size));
            rounds += 1;
            // On a busy machine a round can be slow for other reasons.
            if !grows(small, large) || rounds == 10 {
                break;
            }
        }
        print!(
            "{:6} {:34} {outcome:20} {size:9} {:>7.1} µs {large:8.3} {small:9.3} {heap:10}",
            input.vendor.to_string(),
            input.name,
            time.as_nanos() as f64 / 1000.0
        );
        let mut wrong = Vec::new();
        if outcome != input.outcome {
            wrong.push(format!("expected {}", input.outcome));
        }
        if grows(small, large) {
            wrong.push("grows faster than the input".to_owned());
        }
        if heap > input.heap_per_byte * size + 1_024 * 1_024 {
            wrong.push("takes too much memory".to_owned());
        }
        row(wrong);
    }
    let (time, heap) = five_thousand_guesses();
    print!(
        "{:6} {:34} {:20} {:9} {:>7.1} µs {:>8} {:>9} {heap:10}",
        "benji",
        "5,000 wrong signatures, 16 keys",
        "signature_mismatch",
        5_000 * 129,
        time.as_nanos() as f64 / 1000.0,
        "",
        ""
    );
    row(if heap > 4_096 { vec!["takes memory".to_owned()] } else { Vec::new() });
    println!("{:22} {:>13} inputs  {findings} findings", "limits", INPUTS.len() + 5_000);
    findings == 0
}

fn main() {
    let thread = thread::Builder::new().stack_size(STACK_BYTES).spawn(table).expect("a thread");
    let passed = thread.join().expect("no panic");
    std::process::exit(i32::from(!passed));
}
