//! Ids and replay keys: which events share one, and how many an attacker can make of one request.

#[expect(dead_code, reason = "the vectors are only run here; another test compares their outcomes")]
mod vector;

use std::collections::{BTreeMap, BTreeSet};

use hookseal::{
    Data, Delivery, IdOrigin, Keys, Received, Receiver, ReplayPolicy, Request, Secret, Timestamp,
    bento::Credentials, sign,
};
use proptest::{collection::vec, prelude::*, sample::select};

const ID_KEY: &str = "an id key that is 32 bytes long!";

fn at(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap()
}

fn keys() -> Keys {
    Keys::new("secret").unwrap()
}

fn secret() -> Secret {
    Secret::new("secret").unwrap()
}

fn delivery<'b>(receiver: &Receiver, headers: &sign::SignedHeaders, body: &'b str) -> Delivery<&'b str> {
    match receiver.receive(Request::post(headers, body), at(0)) {
        Ok(Received::Delivery(delivery)) => delivery,
        other => panic!("{other:?}"),
    }
}

/// The ids and keys seen so far, each with its event.
#[derive(Default)]
struct Seen {
    ids: BTreeMap<(String, String), String>,
    event_keys: BTreeMap<String, String>,
    delivery_keys: BTreeMap<String, String>,
}

impl Seen {
    fn add<B: AsRef<[u8]>>(&mut self, delivery: &Delivery<B>, policy: ReplayPolicy) {
        let body = String::from_utf8_lossy(delivery.body().as_ref());
        let time = delivery.time().filter(|_| delivery.vendor().as_str() == "benji");
        // In its older scheme Benji's date counts in whole seconds, and not at all with the strict policy.
        let is_signed = delivery.assurance().time.as_str() == "signed";
        let time_in_key = time
            .filter(|_| is_signed || policy != ReplayPolicy::Strict)
            .map(|time| time.unix_millis().div_euclid(1_000));
        let mut of_this_delivery = BTreeSet::new();
        for event in delivery {
            let unique = unique_event(&event);
            let id = (event.source().to_owned(), event.id().to_string());
            assert!(
                of_this_delivery.insert(id.clone()) || unique.is_some(),
                "an id occurs twice in a delivery"
            );
            if event.id_origin() == IdOrigin::Vendor {
                // The vendor made both ids, so the vendor decides that the events are the same.
                continue;
            }
            let place = if delivery.len() + delivery.malformed().len() > 1 { event.index() } else { 0 };
            let element = format!("{} {} {place} {}", event.kind(), event.name(), event.raw().as_str());
            let of_id = unique.clone().unwrap_or_else(|| format!("{time:?} {element}"));
            let of_key = unique.unwrap_or_else(|| format!("{time_in_key:?} {element}"));
            assert_eq!(self.ids.entry(id).or_insert_with(|| of_id.clone()), &of_id, "source and id");
            if let Some(key) = event.replay_key() {
                let before = self.event_keys.entry(key.to_string()).or_insert_with(|| of_key.clone());
                assert_eq!(before, &of_key, "the replay key of an event");
            }
        }
        if let Some(key) = delivery.replay_key() {
            let what = format!("{time_in_key:?} {} {body}", delivery.vendor());
            let before = self.delivery_keys.entry(key.to_string()).or_insert_with(|| what.clone());
            assert_eq!(before, &what, "the replay key of a delivery");
        }
    }
}

/// What Bento's senders call one event: the same type, unique key and e-mail.
fn unique_event(event: &hookseal::Event<'_>) -> Option<String> {
    let data = event.data();
    if data.get("type").is_none() || event.vendor().as_str() != "bento" {
        return None;
    }
    let key = match data.get("details")?.get("unique")?.get("key")? {
        Data::Number(key) => key.to_string(),
        Data::Text(key) if !key.is_empty() => key.to_string(),
        _ => return None,
    };
    Some(format!("{} {key} {}", event.name(), event.subject()))
}

#[test]
fn different_events_of_all_vectors_share_no_id_and_no_key() {
    let mut seen = Seen::default();
    for vector in vector::all().unwrap() {
        let is_strict = vector.options.replay_policy.as_deref() == Some("strict");
        let policy = if is_strict { ReplayPolicy::Strict } else { ReplayPolicy::Default };
        if let Ok(Received::Delivery(delivery)) = vector.run().unwrap() {
            seen.add(&delivery, policy);
        }
    }
    assert!(seen.ids.len() > 1_000 && seen.delivery_keys.len() > 500, "{}", seen.ids.len());
}

/// One element of each form, with a number and a text in it.
fn element() -> impl Strategy<Value = String> {
    let form = select(vec![
        r##"{"item":"ticket","action":"add","id":N,"parent":null,"x":"T"}"##,
        r##"{"action":"answer","id":"T","resource":N,"created_at":"20260304050607"}"##,
        r##"{"action":"answer","id":N,"resource":"T"}"##,
        r##"{"action":"answer","id":"T#N","resource":"T"}"##,
        r##"{"action":"answer","id":"","resource":N}"##,
    ]);
    (form, 0..3_u8, select(vec!["a", "1", "0#1", "a%231"]))
        .prop_map(|(form, number, text)| form.replace('N', &number.to_string()).replace('T', text))
}

fn tracked() -> impl Strategy<Value = String> {
    let form = select(vec![
        r#"{"type":"T","email":"a@b.co","details":{"unique":{"key":N}}}"#,
        r#"{"type":"T","email":"a@b.co","details":{"unique":{"key":"N"}}}"#,
        r#"{"type":"a","email":"T","details":{"unique":{"key":"T"}}}"#,
        r#"{"type":"aa","email":"T","details":{"unique":{"key":""}}}"#,
        r#"{"type":"T","email":"T"}"#,
        r#"{"type":"T","email":5}"#,
    ]);
    (form, 0..3_u8, select(vec!["a", "aa", "\\u0061"]))
        .prop_map(|(form, number, text)| form.replace('N', &number.to_string()).replace('T', text))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn different_events_of_batches_share_no_id_and_no_key(
        benti in vec(vec(element(), 1..4), 1..4), bento in vec(vec(tracked(), 1..4), 1..4), with_id_key: bool,
    ) {
        let named = |receiver: Receiver| if with_id_key { receiver.id_key(ID_KEY).unwrap() } else { receiver };
        let benti_receiver = named(Receiver::benti(keys()).unwrap());
        let bento_receiver = named(Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap());
        let other = named(Receiver::bento(Credentials::Bearer { keys: keys() }).unwrap().source("urn:other").unwrap());
        let (mut seen, mut of_other) = (Seen::default(), Seen::default());
        for elements in benti {
            let body = format!("[{}]", elements.join(","));
            let headers = sign::benti(&secret());
            let first = delivery(&benti_receiver, &headers, &body);
            // No vendor id is generated twice here.
            let again = delivery(&benti_receiver, &headers, &body);
            prop_assert_eq!(names(&first), names(&again), "an identical redelivery");
            let mut within = Seen::default();
            within.add(&first, ReplayPolicy::Default);
        }
        for elements in bento {
            let body = format!(r#"{{"events":[{}]}}"#, elements.join(","));
            let headers = sign::bento_bearer(&secret());
            if let Ok(Received::Delivery(first)) = bento_receiver.receive(Request::post(&headers, body.as_str()), at(0)) {
                let again = delivery(&bento_receiver, &headers, &body);
                prop_assert_eq!(names(&first), names(&again), "an identical redelivery");
                seen.add(&first, ReplayPolicy::Default);
                let elsewhere = delivery(&other, &headers, &body);
                of_other.add(&elsewhere, ReplayPolicy::Default);
                prop_assert_ne!(first.replay_key(), elsewhere.replay_key());
            }
        }
        // Two receivers with different sources share no key, whatever they receive.
        let shared: Vec<_> = seen.event_keys.keys().filter(|key| of_other.event_keys.contains_key(*key)).collect();
        prop_assert!(shared.is_empty());
    }
}

fn names<B: AsRef<[u8]>>(delivery: &Delivery<B>) -> Vec<[String; 2]> {
    let key = |key: Option<hookseal::ReplayKey>| key.map_or_else(String::new, |key| key.to_string());
    let of_events = delivery.events().map(|event| [event.id().to_string(), key(event.replay_key())]);
    of_events.chain([[String::new(), key(delivery.replay_key())]]).collect()
}

#[test]
fn one_captured_request_of_the_older_scheme_gives_601_keys_at_one_time() {
    let body = r#"{"event":"transaction_created","entity_id":"0f8fad5b-d9cb-469f-a165-70867728950e"}"#;
    let captured = sign::benji_body_only(&secret(), body.as_bytes(), at(0));
    let signature = captured.iter().next().unwrap().1.to_vec();
    for now in [1_772_600_767_000, 1_772_600_767_500, 1_772_600_767_999] {
        let (mut of_deliveries, mut of_events) = (BTreeSet::new(), BTreeSet::new());
        for second in -302..=302 {
            // Dates that an attacker can write: milliseconds, seconds and text.
            let millis = now / 1_000 * 1_000 + second * 1_000;
            let dates = [0, 1, 499, 500, 501, 999].map(|more| (millis + more).to_string());
            let seconds = [(millis / 1_000).to_string(), at(millis).to_string(), at(millis + 1).to_string()];
            for date in dates.into_iter().chain(seconds) {
                let headers =
                    [("x-benji-signature", signature.clone()), ("x-webhook-datetime", date.into_bytes())];
                let receiver = Receiver::benji(keys()).unwrap();
                let outcome = receiver.receive(Request::post(&headers, body), at(now));
                if let Ok(Received::Delivery(delivery)) = outcome {
                    of_deliveries.insert(delivery.replay_key().unwrap().to_string());
                    of_events.insert(delivery.get(0).unwrap().replay_key().unwrap().to_string());
                }
            }
        }
        assert_eq!((of_deliveries.len(), of_events.len()), (601, 601), "{now}");
    }
}

#[test]
fn an_id_key_survives_a_rotation_of_the_salt_and_nothing_else_does() {
    let body = r#"{"event":"transaction_created","entity_id":1}"#;
    let secrets = ["first", "second"].map(|salt| Secret::new(salt).unwrap());
    let received = |id_key: Option<&str>, sign: fn(&Secret, &[u8], Timestamp) -> sign::SignedHeaders| {
        secrets.each_ref().map(|salt| {
            let receiver = Receiver::benji(
                Keys::ring(["first", "second"].map(|salt| hookseal::Key::new(salt).unwrap())).unwrap(),
            )
            .unwrap();
            let receiver = match id_key {
                Some(key) => receiver.id_key(key).unwrap(),
                None => receiver,
            };
            names(&delivery(&receiver, &sign(salt, body.as_bytes(), at(0)), body))
        })
    };
    for sign in [sign::benji, sign::benji_body_only] {
        let [first, second] = received(None, sign);
        assert_ne!(first, second);
        let [first, second] = received(Some(ID_KEY), sign);
        assert_eq!(first, second);
        assert_ne!(received(Some("another key that is 32 bytes long"), sign)[0], first);
    }
}
