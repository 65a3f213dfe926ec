//! A body of the user's own, which `report.py --body FILE` measures.

use std::{env, fs, process};

use hookseal::{Received, Vendor};

use crate::{Sample, sample};

/// The variable that names the file.
const FILE: &str = "HOOKSEAL_BENCH_BODY";
/// The exit status if no vendor reads the body. A panic has another.
const UNREAD: i32 = 3;

/// The body, if the variable names a file.
///
/// # Panics
///
/// The file cannot be read.
#[must_use]
pub fn own_body() -> Option<Vec<u8>> {
    let path = env::var_os(FILE)?;
    Some(fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// A request with this body for each vendor that reads it, and the number of its events. Prints a line for each vendor.
/// Ends the process if no vendor reads the body.
#[must_use]
pub fn readable(body: &[u8]) -> Vec<(Vendor, Sample, usize)> {
    let samples = [
        (Vendor::Benji, "benji/date/imf_fixdate"),
        (Vendor::Benti, "benti/instance/answer"),
        (Vendor::Bento, "bento/documented/webhook_endpoint"),
    ];
    let mut found = Vec::new();
    for (vendor, name) in samples {
        let sample = sample(name).with_body(body.to_vec());
        match events(&sample) {
            Ok(events) => {
                println!("as {vendor}: read, events: {events}");
                found.push((vendor, sample, events));
            }
            Err(why) => println!("as {vendor}: not read: {why}"),
        }
    }
    if found.is_empty() {
        process::exit(UNREAD);
    }
    found
}

/// The number of events, or why there are none.
fn events(sample: &Sample) -> Result<usize, String> {
    match sample.receiver.receive(sample.request(&sample.headers()), sample.now) {
        Ok(Received::Delivery(delivery)) if delivery.is_empty() => {
            Err(delivery.malformed().first().map_or("it has no events".to_owned(), ToString::to_string))
        }
        Ok(Received::Delivery(delivery)) => Ok(delivery.len()),
        Ok(Received::Handshake(_)) => Err("a handshake, which carries no event".to_owned()),
        Err(rejection) => Err(rejection.to_string()),
    }
}
