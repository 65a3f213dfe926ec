//! A service that stores Benji's webhooks before it answers, and its worker.
//!
//! ```text
//! psql $DATABASE_URL -f core/inbox/postgresql.sql
//! cargo run -- serve 127.0.0.1:3000     # needs DATABASE_URL and BENJI_SALT
//! cargo run -- work                     # needs DATABASE_URL; any number of workers can run
//! ```
//!
//! `inbox.rs` runs the statements of `hookseal::inbox` with the client `tokio-postgres`. `serve.rs` receives, and
//! `work.rs` handles.

mod inbox;
mod serve;
mod work;

use std::{env, error::Error};

use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let database = env::var("DATABASE_URL")?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", address] => serve::serve(address, &env::var("BENJI_SALT")?, database).await,
        ["work"] => work::work(&database, stop()?).await,
        _ => Err("the arguments are `serve ADDRESS` or `work`".into()),
    }
}

/// Ends when the process is asked to stop.
fn stop() -> Result<impl Future<Output = ()>, Box<dyn Error>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
