//! Compares rings of keys with a search through a list.

use hookseal::{Key, Keys, Received, Request, SetupError, Timestamp, Window, benji};

use crate::{
    input::Input,
    oracle::{hex, hmac_sha256},
};

struct Model {
    secret: Vec<u8>,
    id: Option<String>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
}

impl Model {
    fn read(input: &mut Input<'_>) -> Self {
        let choice = input.byte();
        // Few secrets, ids and times, so that some are equal. Some secrets are longer than a block of the hash.
        let secret = match choice >> 5 {
            0 => b"a\0".to_vec(),
            1 => vec![b'k'; 60 + usize::from(input.byte() % 8)],
            _ => vec![b'a' + input.byte() % 4],
        };
        let time = |input: &mut Input<'_>| Timestamp::from_unix_millis(i64::from(input.byte() % 8));
        Self {
            secret,
            id: (choice & 1 == 1).then(|| (input.byte() % 20).to_string()),
            not_before: if choice & 2 == 2 { time(input) } else { None },
            not_after: if choice & 4 == 4 { time(input) } else { None },
        }
    }

    fn key(&self) -> Key {
        let mut key = Key::new(&self.secret).unwrap();
        if let Some(id) = &self.id {
            key = key.with_id(id).unwrap();
        }
        if let Some(time) = self.not_before {
            key = key.with_not_before(time);
        }
        if let Some(time) = self.not_after {
            key = key.with_not_after(time);
        }
        key
    }
}

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (count, now) =
        (usize::from(input.byte() % 19), Timestamp::from_unix_millis(i64::from(input.byte() % 9)));
    let now = now.expect("in range");
    let models: Vec<Model> = (0..count).map(|_| Model::read(&mut input)).collect();
    let sender = Model::read(&mut input).secret;

    let names: Vec<String> =
        models.iter().enumerate().map(|(at, model)| model.id.clone().unwrap_or(at.to_string())).collect();
    let twice = names.iter().enumerate().any(|(at, name)| names[..at].contains(name));
    let reversed = models.iter().any(|model| match (model.not_before, model.not_after) {
        (Some(not_before), Some(not_after)) => not_before > not_after,
        _ => false,
    });
    let expected = match count {
        0 => Some(SetupError::NoKeys),
        17.. => Some(SetupError::TooManyKeys),
        _ if twice => Some(SetupError::DuplicateKeyId),
        _ if reversed => Some(SetupError::ValidityReversed),
        _ => None,
    };
    let ring = Keys::ring(models.iter().map(Model::key));
    assert_eq!(ring.as_ref().err(), expected.as_ref());
    let Ok(ring) = ring else { return };

    let body = br#"{"event":"transaction_created"}"#;
    let date = "1970-01-01T00:00:00Z";
    let receiver = benji::Options::default().window(Window::off()).receiver(ring).unwrap();
    // A signature of date and body, and one of the body alone.
    for (date_header, signed_date) in [("x-benji-timestamp", date), ("x-webhook-datetime", "")] {
        let message = [signed_date.as_bytes(), body].concat();
        let tag = hmac_sha256(&sender, &message);
        let fits = models.iter().position(|model| {
            model.not_before.is_none_or(|time| time <= now)
                && model.not_after.is_none_or(|time| now <= time)
                && hmac_sha256(&model.secret, &message) == tag
        });
        let headers = [("x-benji-signature", hex(&tag)), (date_header, date.into())];
        match (receiver.receive(Request::post(&headers, body), now), fits) {
            (Ok(Received::Delivery(delivery)), Some(at)) => assert_eq!(delivery.key_id(), names[at]),
            (Err(rejection), None) => assert_eq!(rejection.code(), "signature_mismatch"),
            (outcome, fits) => panic!("{outcome:?}, expected {fits:?}"),
        }
    }
}
