//! How long does a refusal take? Each kind, beside the same request when it is accepted.

use criterion::Criterion;
use hookseal::{Receiver, Request};
use hookseal_benches::{Case, Sample, batch, cases, sample};
use std::hint::black_box;

cases!(benji_webhook, bento_batch, too_large);

fn benji() -> Sample {
    sample("benji/date/imf_fixdate")
}

fn benji_webhook(criterion: &mut Criterion) {
    let mut case = Case::new(criterion, "refuse a Benji webhook", benji().body.len(), 1);
    outcome(&mut case, "accepted", &benji(), Ok(()));

    let get = benji();
    let headers = get.headers();
    case.measure("method_not_allowed", Err("method_not_allowed"), || {
        let request = Request::new("GET", headers.as_slice(), get.body.as_slice());
        get.receiver.receive(black_box(request), get.now).map(drop).map_err(|rejection| rejection.code())
    });

    let forged = Sample { body: benji().body.replacen_byte(b'2', b'3'), ..benji() };
    outcome(&mut case, "signature_mismatch", &forged, Err("signature_mismatch"));
    let with = |name: &str, value: Option<&str>| benji().with_header(name, value);
    outcome(
        &mut case,
        "unsupported_content_encoding",
        &with("content-encoding", Some("gzip")),
        Err("unsupported_content_encoding"),
    );
    outcome(&mut case, "missing_signature", &with("x-benji-signature", None), Err("missing_signature"));
    outcome(
        &mut case,
        "malformed_signature",
        &with("x-benji-signature", Some("no signature")),
        Err("malformed_signature"),
    );
    let mut twice = benji();
    twice.headers.push(("X-Benji-Signature".to_owned(), "00".to_owned()));
    outcome(&mut case, "repeated_header", &twice, Err("repeated_header"));
    outcome(&mut case, "missing_timestamp", &with("x-webhook-datetime", None), Err("missing_timestamp"));
    outcome(
        &mut case,
        "malformed_timestamp",
        &with("x-webhook-datetime", Some("yesterday")),
        Err("malformed_timestamp"),
    );
    let stale = with("x-webhook-datetime", Some("Wed, 04 Mar 2026 04:06:07 GMT"));
    outcome(&mut case, "stale", &stale, Err("stale"));
    let ahead = with("x-webhook-datetime", Some("Wed, 04 Mar 2026 06:06:07 GMT"));
    outcome(&mut case, "from_the_future", &ahead, Err("from_the_future"));
    let cut = benji().with_body(benji().body[..64].to_vec());
    outcome(&mut case, "malformed_payload", &cut, Err("malformed_payload"));
}

fn bento_batch(criterion: &mut Criterion) {
    let of_many = || batch(1_000);
    let mut case = Case::new(criterion, "refuse 1,000 Bento events", of_many().body.len(), 1_000);
    outcome(&mut case, "accepted", &of_many(), Ok(()));
    let forged = of_many().with_header("authorization", Some("Basic cHVibGlzaGFibGU6czNjcjN1"));
    outcome(&mut case, "signature_mismatch", &forged, Err("signature_mismatch"));
    let mut cut = of_many();
    cut.body.pop();
    outcome(&mut case, "malformed_payload, at its end", &cut, Err("malformed_payload"));
    let fewer = of_many().with_receiver(|receiver| limited(receiver.max_events(999)));
    outcome(&mut case, "too_many_events", &fewer, Err("too_many_events"));
}

/// One byte over the limit, whatever the limit.
fn too_large(criterion: &mut Criterion) {
    for (name, limit) in [("64 KiB", 64 << 10), ("4 MiB", 4 << 20), ("256 MiB", 256 << 20)] {
        let sample = benji().with_receiver(|receiver| limited(receiver.max_body_bytes(limit)));
        let sample = Sample { body: vec![b' '; limit + 1], ..sample };
        let mut case = Case::new(criterion, "refuse a byte too many", 1, 1);
        outcome(&mut case, &format!("limit of {name}"), &sample, Err("payload_too_large"));
    }
}

fn limited(receiver: Result<Receiver, hookseal::SetupError>) -> Receiver {
    receiver.expect("a limit")
}

fn outcome(case: &mut Case<'_>, routine: &str, sample: &Sample, expected: Result<(), &'static str>) {
    let headers = sample.headers();
    case.measure(routine, expected, || {
        let received = sample.receiver.receive(black_box(sample.request(&headers)), sample.now);
        received.map(|received| drop(black_box(received))).map_err(|rejection| black_box(rejection).code())
    });
}

trait ReplacenByte {
    fn replacen_byte(self, from: u8, to: u8) -> Self;
}

impl ReplacenByte for Vec<u8> {
    fn replacen_byte(mut self, from: u8, to: u8) -> Self {
        let place = self.iter().position(|byte| *byte == from).expect("the byte is there");
        self[place] = to;
        self
    }
}
