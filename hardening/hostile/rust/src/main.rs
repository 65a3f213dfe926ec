//! The Rust example as a server for `attack.py`. The salt is in HOOKSEAL_SALT, the body limit in HOOKSEAL_LIMIT.

#[path = "../../../../core/examples/server.rs"]
#[expect(dead_code, reason = "the example's main reads other variables")]
mod server;

use std::{env, error::Error};

use hookseal::{Keys, Receiver, bento::Credentials};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let limit = env::var("HOOKSEAL_LIMIT")?.parse()?;
    let benji = Receiver::benji(Keys::new(env::var("HOOKSEAL_SALT")?)?)?.max_body_bytes(limit)?;
    let benti = Receiver::benti(Keys::new("of no use here")?)?;
    let bento = Receiver::bento(Credentials::Bearer { keys: Keys::new("of no use here")? })?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    axum::serve(listener, server::router(benji, benti, bento, server::BODY_TIME)?).await?;
    Ok(())
}
