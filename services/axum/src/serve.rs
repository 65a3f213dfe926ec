//! Receives: check, store, answer.

use std::{env, error::Error, sync::Arc};

use axum::{Router, body::Bytes};
use hookseal::{Delivery, Key, Keys, Receiver, SetupError, bento::Credentials};
use hookseal_tower::{PutOutcome, WebhookInbox};
use tokio::sync::Mutex;
use tokio_postgres::Client;

use crate::inbox::{Failure, connect, put, shown};

struct Store {
    database: String,
    /// One connection is enough here. A larger service has a pool.
    client: Mutex<Option<Client>>,
}

pub(crate) async fn serve(address: &str, database: String) -> Result<(), Box<dyn Error>> {
    let client = connect(&database).await.map_err(|error| error.to_string())?;
    let store = Arc::new(Store { database, client: Mutex::new(Some(client)) });
    let inbox = |receiver| {
        let store = Arc::clone(&store);
        WebhookInbox::new(receiver, move |delivery| {
            // A task of its own: if the sender leaves, the delivery is stored nevertheless.
            let stored = tokio::spawn(Arc::clone(&store).put(delivery));
            async { stored.await? }
        })
        .on_rejection(|rejection, _| eprintln!("refused: {}: {rejection}", rejection.code()))
        // Once no delivery names the old key, it can go.
        .on_delivery(|delivery, outcome| println!("{}, key {}", outcome.as_str(), delivery.key_id()))
    };
    let credentials = Credentials::Basic { user: &env::var("BENTO_USER")?, keys: keys("BENTO_SECRET")? };
    let routes = Router::new()
        .route_service("/benji", inbox(Receiver::benji(keys("BENJI_SALT")?)?))
        .route_service("/benti", inbox(Receiver::benti(keys("BENTI_SECRET")?)?))
        .route_service("/bento", inbox(Receiver::bento(credentials)?));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}

/// The new and the old secret, with the names of their variables as ids.
fn keys(name: &str) -> Result<Keys, SetupError> {
    let mut ring = Vec::new();
    for name in [name.to_owned(), format!("{name}_OLD")] {
        if let Some(secret) = env::var_os(&name) {
            ring.push(Key::new(secret.as_encoded_bytes())?.with_id(&name)?);
        }
    }
    Keys::ring(ring)
}

impl Store {
    async fn put(self: Arc<Self>, delivery: Arc<Delivery<Bytes>>) -> Result<PutOutcome, Failure> {
        self.try_to_put(&delivery).await.inspect_err(|error| eprintln!("not stored: {}", shown(error)))
    }

    /// A connection that broke is replaced once. If the first attempt was stored after all, the second is a duplicate.
    async fn try_to_put(&self, delivery: &Delivery<Bytes>) -> Result<PutOutcome, Failure> {
        let mut client = self.client.lock().await;
        for attempt in [1, 2] {
            let mut open = match client.take() {
                Some(open) if !open.is_closed() => open,
                _ => connect(&self.database).await?,
            };
            match put(&mut open, delivery).await {
                Ok(outcome) => {
                    *client = Some(open);
                    return Ok(outcome);
                }
                Err(error) if attempt == 1 && error.is_closed() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err("the connection broke twice".into())
    }
}
