//! How many times the heap is asked for memory, and for how much, counted by the allocator itself.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    fmt::Write as _,
};

use hookseal::{
    ClaimOutcome, Event, Field, Headers, Keys, Received, Receiver, ReplayGuard, Request, Secret, Text,
    Timestamp, bento::Credentials, sign,
};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches no memory of the heap.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
        // SAFETY: the caller's promises are handed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are handed on.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        BYTES.set(BYTES.get() + size);
        // SAFETY: the caller's promises are handed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.get();
    work();
    COUNT.get() - before
}

/// Text of a fixed size that needs no heap: what is written to it is read, and lost.
#[derive(Default)]
struct Sink(usize);

impl std::fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// Reads each field of an event to its last character.
fn read_all_fields(event: &Event<'_>, sink: &mut Sink) {
    write!(sink, "{} {} {} {}", event.vendor(), event.source(), event.id(), event.id_origin()).unwrap();
    write!(sink, "{} {} {}", event.index(), event.kind(), event.name()).unwrap();
    write!(sink, "{} {} {}", event.subject(), event.assurance(), event.time_zone_assumed()).unwrap();
    for related in [event.parent(), event.actor()].into_iter().flatten() {
        write!(sink, "{related}").unwrap();
    }
    if let Some(time) = event.time() {
        write!(sink, "{time}").unwrap();
    }
    write!(sink, "{}", event.raw().as_str()).unwrap();
}

fn count(
    receiver: &Receiver,
    headers: &sign::SignedHeaders,
    body: &[u8],
    now: Timestamp,
    events: usize,
) -> usize {
    let mut sink = Sink::default();
    let count = allocations(|| {
        let Ok(Received::Delivery(delivery)) = receiver.receive(Request::post(headers, body), now) else {
            panic!("the request is genuine")
        };
        assert_eq!(delivery.len(), events);
        delivery.events().for_each(|event| read_all_fields(&event, &mut sink));
    });
    assert!(sink.0 > 0);
    count
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(1)))), 1);
}

#[test]
fn a_benji_event_allocates_nothing() {
    let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
    let body = br#"{"event":"reward_transaction_updated","entity":3,"entity_id":243}"#;
    let headers = sign::benji(&Secret::new("salt").unwrap(), body, now);
    let receiver = Receiver::benji(Keys::new("salt").unwrap()).unwrap();
    assert_eq!(count(&receiver, &headers, body, now, 1), 0);
}

#[test]
fn a_delivery_allocates_at_most_twice_whatever_its_number_of_events() {
    let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
    let secret = || Secret::new("secret").unwrap();
    let keys = || Keys::new("secret").unwrap();
    let benti = Receiver::benti(keys()).unwrap();
    let bento = Receiver::bento(Credentials::Basic { user: "public", keys: keys() }).unwrap();

    let api = r#"{"id":200,"item":"reply","action":"add","timestamp":1660834225,"actor":4014,"parent":100}"#;
    let instance =
        r#"{"id":"x","action":"close-ticket","created_at":"20170905091635","body":{"ticket_id":"P-1"}}"#;
    let tracked = r#"{"type":"$purchase","email":"a@example.com","details":{"unique":{"key":7}}}"#;
    let families = [
        (&benti, sign::benti(&secret()), "", api),
        (&benti, sign::benti(&secret()), "events", instance),
        (&benti, sign::benti(&secret()), "events", r#"{"action":"a"}"#),
        (&bento, sign::bento_basic("public", &secret()), "events", tracked),
        (&bento, sign::bento_basic("public", &secret()), "subscribers", r#"{"email":"a@example.com"}"#),
        (&bento, sign::bento_basic("public", &secret()), "emails", r#"{"to":"a@example.com"}"#),
        (
            &bento,
            sign::bento_basic("public", &secret()),
            "command",
            r#"{"command":"add_tag","email":"a@b.co"}"#,
        ),
    ];
    for (receiver, headers, container, element) in families {
        for events in [1, 2, 10, 1_000] {
            for malformed in [0, 1, 500] {
                let elements = [vec![element; events], vec!["1"; malformed]].concat().join(",");
                let list = format!("[{elements}]");
                let body = if container.is_empty() { list } else { format!("{{\"{container}\":{list}}}") };
                let allowed = usize::from(events > 1) + usize::from(malformed > 0);
                let before = BYTES.get();
                let counted = count(receiver, &headers, body.as_bytes(), now, events);
                assert_eq!(counted, allowed, "{container}: {events} events, {malformed} malformed");
                // A stored element has 64 bytes. The shortest event has 3 bytes, the shortest element 2.
                let bytes = BYTES.get() - before;
                let most = body.len() * if malformed > 0 { 54 } else { 22 };
                assert!(
                    bytes <= most,
                    "{container}: {bytes} bytes for {events} events, {malformed} malformed"
                );
            }
        }
    }
}

#[test]
fn a_workflow_webhook_allocates_nothing() {
    let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token").unwrap() }).unwrap();
    let headers = sign::bento_bearer(&Secret::new("token").unwrap());
    let body = br#"{"event":"reached","email":"a@example.com","person":{"tags":[1,2]}}"#;
    assert_eq!(count(&receiver, &headers, body, Timestamp::UNIX_EPOCH, 1), 0);
}

#[test]
fn a_header_is_copied_only_where_it_is_text_above_ascii_and_then_once() {
    let (ascii, above) = ("a".repeat(100), "\u{e9}".repeat(100));
    let headers = [("x-ascii", ascii.as_str()), ("x-above", above.as_str())];
    assert_eq!(allocations(|| assert!(matches!(headers.field("x-ascii"), Field::Value(_)))), 0);
    let before = BYTES.get();
    assert_eq!(allocations(|| assert!(matches!(headers.field("x-above"), Field::Value(_)))), 1);
    assert_eq!(BYTES.get() - before, 100);
}

#[test]
fn a_text_with_escapes_prints_without_an_allocation() {
    let text = Text::from_json(r#""\u0061\n""#).unwrap();
    let mut sink = Sink::default();
    assert_eq!(allocations(|| write!(sink, "{text}").unwrap()), 0);
    assert_eq!(sink.0, 2);
}

/// The memory for all keys is taken when the guard is built; nothing is taken afterwards.
#[test]
fn a_guard_takes_40_bytes_for_each_key_of_its_capacity() {
    const CAPACITY: usize = 10_000;
    let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
    let receiver = Receiver::bento(Credentials::Bearer { keys: Keys::new("token").unwrap() }).unwrap();
    let headers = sign::bento_bearer(&Secret::new("token").unwrap());
    let keys: Vec<_> = (0..CAPACITY)
        .map(|number| {
            let body = format!(r#"{{"event":"e{number}"}}"#);
            let Ok(Received::Delivery(delivery)) = receiver.receive(Request::post(&headers, body), now)
            else {
                panic!("the request is genuine")
            };
            delivery.replay_key().unwrap()
        })
        .collect();
    let before = BYTES.get();
    let mut guard = ReplayGuard::new(CAPACITY, 30, [7; 16]).unwrap();
    let bytes = BYTES.get() - before;
    assert!(bytes <= 40 * CAPACITY, "{bytes}");
    let count = allocations(|| {
        for key in &keys {
            let ClaimOutcome::Claimed(claim) = guard.claim(key, now) else { panic!("the key is new") };
            assert!(guard.confirm(claim, now));
        }
    });
    assert_eq!((count, guard.held()), (0, CAPACITY));
}
