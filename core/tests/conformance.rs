//! Every vector of `core/conformance` has the outcome, the code and the events that it expects.

mod vector;

use std::{collections::BTreeMap, path::PathBuf};

use vector::{Expect, Vector};

fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for vendor in ["benji", "benti", "bento"] {
        vector::files_below(&vector::root().join(vendor), &mut files).expect("a folder of vectors");
    }
    files
}

fn vectors() -> Vec<Vector> {
    files().iter().map(|file| Vector::read(file).unwrap_or_else(|error| panic!("{error}"))).collect()
}

#[test]
fn every_vector_has_the_outcome_that_it_expects() {
    let mut wrong = 0;
    for vector in vectors() {
        let differences = vector.differences(&vector.run());
        if !differences.is_empty() {
            wrong += 1;
            println!("{}: {}", vector.name, vector.about);
            differences.iter().for_each(|difference| println!("    {difference}"));
        }
    }
    assert_eq!(wrong, 0, "vectors with another outcome, listed above");
}

#[test]
fn there_are_vectors_enough_of_every_code() {
    let mut codes: BTreeMap<String, usize> = BTreeMap::new();
    let (mut all, mut refusals) = (0, 0);
    for vector in vectors() {
        all += 1;
        if let Expect::Rejection { code, .. } = vector.expect {
            refusals += 1;
            *codes.entry(code).or_default() += 1;
        }
    }
    assert!(all >= 250 && refusals >= 120, "{all} vectors, {refusals} refusals");
    assert_eq!(codes.len(), 15, "{codes:?}");
    assert!(codes.values().all(|&count| count >= 2), "{codes:?}");
}

#[test]
fn a_vector_with_an_unknown_field_is_not_understood() {
    let text = std::fs::read_to_string(files().remove(0)).expect("a vector");
    assert!(serde_json::from_str::<Vector>(&text).is_ok());
    let with_another = text.replacen('{', "{\"unknown\": 1,", 1);
    assert!(serde_json::from_str::<Vector>(&with_another).is_err());
}
