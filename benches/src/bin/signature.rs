//! The paths of the check of a signature alone, for `instructions.py`.
//!
//! It is a program of its own: beside `receive` the compiler would inline the check in fewer places, and both counts
//! would change.

use std::process::ExitCode;

use hookseal_benches::{
    authenticate::Key,
    count::{Prepare, walk},
    sample,
};

const PATHS: [(&str, Prepare); 2] = [
    ("authenticate_65_bytes", || authenticate(sample("benji/date/imf_fixdate").body)),
    ("authenticate_574_bytes", || authenticate(sample("benti/instance/answer").body)),
];

fn main() -> ExitCode {
    walk(&PATHS)
}

fn authenticate(body: Vec<u8>) -> Box<dyn Fn() -> bool> {
    let sample = sample("benji/date/imf_fixdate").with_body(body);
    let key = Key::new(sample.secret.as_bytes());
    Box::new(move || key.verifies(&sample.headers, &sample.body))
}
