//! No request, whatever its headers and body, makes a Benji receiver panic.

#![no_main]

use arbitrary::Arbitrary;
use hookseal::{Keys, Receiver, Request, Timestamp};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    headers: Vec<(String, Vec<u8>)>,
    body: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let receiver = Receiver::benji(Keys::new("salt").unwrap());
    let _outcome = receiver.receive(Request::post(&input.headers, input.body), Timestamp::UNIX_EPOCH);
});
