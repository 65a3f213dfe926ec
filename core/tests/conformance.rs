//! Every vector of `core/conformance` has the outcome, the code and the events that it expects.

mod vector;

use std::{collections::BTreeMap, fs};

use hookseal::{Kind, Received};
use vector::{Outcome, Refusal, Vector};

fn outcomes() -> Vec<(Vector, Outcome)> {
    let outcome = |vector: Vector| {
        let outcome = vector.run()?;
        Ok((vector, outcome))
    };
    let vectors = vector::all().unwrap_or_else(|error| panic!("{error}"));
    vectors.into_iter().map(outcome).collect::<Result<_, String>>().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_vector_has_the_outcome_that_it_expects() {
    let mut wrong = 0;
    for (vector, outcome) in outcomes() {
        let differences = vector.differences(&outcome);
        if !differences.is_empty() {
            wrong += 1;
            println!("{}: {}", vector.name, vector.about);
            differences.iter().for_each(|difference| println!("    {difference}"));
        }
    }
    assert_eq!(wrong, 0, "vectors with another outcome, listed above");
}

#[test]
fn there_are_vectors_enough_of_every_code_and_every_kind() {
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let outcomes = outcomes();
    for (_, outcome) in &outcomes {
        match outcome {
            Err(Refusal::Setup(_)) => *codes.entry("setup_error").or_default() += 1,
            Err(Refusal::Request(rejection)) => *codes.entry(rejection.code()).or_default() += 1,
            Ok(Received::Delivery(delivery)) => {
                let mut of_this: Vec<String> =
                    delivery.events().map(|event| event.kind().to_string()).collect();
                of_this.sort();
                of_this.dedup();
                of_this.into_iter().for_each(|kind| *kinds.entry(kind).or_default() += 1);
            }
            Ok(Received::Handshake(_)) => {}
        }
    }
    let refusals: usize = codes.values().sum();
    assert!(outcomes.len() >= 1_300 && refusals >= 620, "{} vectors, {refusals} refusals", outcomes.len());
    assert_eq!(codes.len(), 16, "{codes:?}");
    assert!(codes.values().all(|&count| count >= 2), "{codes:?}");
    let known: Vec<String> = Kind::all().map(|kind| kind.to_string()).collect();
    for kind in &known {
        // No document has these three, so one vector of each is enough.
        let least =
            if ["queue.other", "other.updated", "other.removed"].contains(&kind.as_str()) { 1 } else { 2 };
        assert!(kinds.get(kind).is_some_and(|&count| count >= least), "{kind}: {:?}", kinds.get(kind));
    }
    assert!(kinds.keys().all(|kind| known.contains(kind)), "{kinds:?}");
    assert_eq!(kinds.len(), known.len(), "a kind is listed twice");
}

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/benji/order.json");

#[test]
fn a_vector_with_an_unknown_field_is_not_understood() {
    let text = fs::read_to_string(FILE).expect("a file");
    assert!(serde_json::from_str::<Vec<Vector>>(&text).is_ok());
    let with_another = text.replacen('{', "{\"unknown\": 1,", 1);
    assert!(serde_json::from_str::<Vec<Vector>>(&with_another).is_err());
}

#[test]
fn a_missing_or_empty_file_is_an_error() {
    let folder = std::env::temp_dir().join(format!("hookseal-vectors-{}", std::process::id()));
    let file = folder.join("benji/order.json");
    fs::create_dir_all(folder.join("benji")).expect("a folder");
    let read = |change: &dyn Fn()| {
        fs::copy(FILE, &file).expect("a copy");
        change();
        vector::below(&folder).map(|vectors| vectors.len())
    };
    let count = |count| fs::write(folder.join("counts.json"), count).expect("a file of counts");
    assert_eq!(read(&|| count(r#"{"benji/order": 9}"#)), Ok(9));
    let wrong: [(&dyn Fn(), &str); 5] = [
        (&|| fs::remove_file(&file).expect("the file"), "there is no vector"),
        (&|| fs::write(&file, "").expect("the file"), "order.json: EOF"),
        (&|| fs::write(&file, "[]").expect("the file"), "there is no vector"),
        (&|| count(r#"{"benji/order": 10}"#), "benji/order: 9 vectors in place of 10"),
        (&|| count(r#"{"benji/order": 9, "benji/other": 1}"#), "benji/other: 0 vectors in place of 1"),
    ];
    for (change, message) in wrong {
        let error = read(change).expect_err(message);
        assert!(error.contains(message), "{error}");
    }
    fs::remove_dir_all(folder).expect("the folder");
}
