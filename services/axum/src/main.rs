//! A service that stores webhooks of Benji, Benti and Bento before it answers, and its worker.
//!
//! ```text
//! psql $DATABASE_URL -f core/inbox/postgresql.sql -f services/events.sql
//! cargo run -- serve 127.0.0.1:3000     # receives
//! cargo run -- work                     # handles; any number of workers can run
//! ```
//!
//! Beside `DATABASE_URL`, the service needs `BENJI_SALT`, `BENTI_SECRET`, `BENTO_USER` and `BENTO_SECRET`. While a
//! secret is replaced, the old one is in `BENJI_SALT_OLD`, `BENTI_SECRET_OLD` or `BENTO_SECRET_OLD`.
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
        ["serve", address] => serve::serve(address, database).await,
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
