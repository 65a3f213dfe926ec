//! For each vendor a receiver, the headers of a genuine request to it, and its delivery.

use hookseal::{
    Delivery, Keys, Received, Receiver, Request, Secret, Timestamp, Vendor, bento::Credentials, sign,
};

pub(crate) fn receiver_of(vendor: Vendor, keys: Keys) -> Receiver {
    match vendor {
        Vendor::Benji => Receiver::benji(keys).unwrap(),
        Vendor::Benti => Receiver::benti(keys).unwrap(),
        Vendor::Bento => Receiver::bento(Credentials::Bearer { keys }).unwrap(),
        other => panic!("there is no receiver for {other}: add it"),
    }
}

pub(crate) fn signed_by(vendor: Vendor, secret: &Secret, body: &[u8], now: Timestamp) -> sign::SignedHeaders {
    match vendor {
        Vendor::Benji => sign::benji(secret, body, now),
        Vendor::Benti => sign::benti(secret),
        Vendor::Bento => sign::bento_bearer(secret),
        other => panic!("there is no sender for {other}: add it"),
    }
}

/// The delivery of a body that the vendor sent, by a receiver with the default options.
pub(crate) fn received(vendor: Vendor, body: &[u8], now: Timestamp) -> Delivery<Vec<u8>> {
    let receiver = receiver_of(vendor, Keys::new("s").unwrap());
    let headers = signed_by(vendor, &Secret::new("s").unwrap(), body, now);
    match receiver.receive(Request::post(&headers, body.to_vec()), now) {
        Ok(Received::Delivery(delivery)) => delivery,
        other => panic!("{other:?}"),
    }
}
