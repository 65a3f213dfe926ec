//! The routes, and what the service does with a delivery.

pub mod webhook;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Payload, ServiceConfig, resource},
};
use hookseal::Delivery;

use webhook::Webhook;

/// An endpoint for each vendor.
#[derive(Debug)]
pub struct Endpoints {
    /// Where Benji sends.
    pub benji: Webhook,
    /// Where Benti sends.
    pub benti: Webhook,
}

/// Any method, because the receiver decides about methods: Benti's handshake is a `GET`.
pub fn routes(config: &mut ServiceConfig) {
    config.service(resource("/benji").to(on_benji)).service(resource("/benti").to(on_benti));
}

async fn on_benji(request: HttpRequest, payload: Payload, endpoints: Data<Endpoints>) -> HttpResponse {
    endpoints.benji.handle(&request, payload, print).await
}

async fn on_benti(request: HttpRequest, payload: Payload, endpoints: Data<Endpoints>) -> HttpResponse {
    endpoints.benti.handle(&request, payload, print).await
}

/// What a handler is given has been checked, and is not a repetition. An answer of 400 or more means that it failed.
async fn print(delivery: &Delivery<Vec<u8>>) -> HttpResponse {
    for event in delivery {
        // The subject is the sender's text: as it is, it could break the line or steer a terminal.
        println!("{} {:?} {}", event.kind(), event.subject().to_string(), event.id());
    }
    HttpResponse::NoContent().finish()
}
