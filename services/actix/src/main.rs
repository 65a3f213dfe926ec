//! A server with actix-web that handles Benji's and Benti's webhooks.
//!
//! ```text
//! BENJI_SALT=... BENTI_SECRET=... cargo run -- 127.0.0.1:3000
//! ```
//!
//! `webhook.rs` has what every service needs: copy it. `lib.rs` has the routes and the handlers.

use std::{env, error::Error};

use actix_web::{App, HttpServer, web::Data};
use hookseal::{Keys, Receiver, ReplayGuard};
use hookseal_actix::{Endpoints, routes, webhook::Webhook};

/// More deliveries than arrive while their keys are kept.
const GUARDED_KEYS: usize = 100_000;
/// Longer than a handler takes.
const LEASE_SECONDS: u64 = 60;

/// A guard that forgets its keys with the process. Its seed must be secret.
fn guard() -> Result<ReplayGuard, Box<dyn Error>> {
    let mut seed = [0; 16];
    getrandom::fill(&mut seed)?;
    Ok(ReplayGuard::new(GUARDED_KEYS, LEASE_SECONDS, seed)?)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let benji = Receiver::benji(Keys::new(env::var("BENJI_SALT")?)?)?;
    let benti = Receiver::benti(Keys::new(env::var("BENTI_SECRET")?)?)?;
    // The workers share it.
    let endpoints =
        Data::new(Endpoints { benji: Webhook::new(benji, guard()?), benti: Webhook::new(benti, guard()?) });
    let server =
        HttpServer::new(move || App::new().app_data(endpoints.clone()).configure(routes)).bind(&address)?;
    println!("listening on {address}: /benji and /benti");
    Ok(server.run().await?)
}
