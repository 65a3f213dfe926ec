//! Receives: check, store, answer.

use std::{error::Error, sync::Arc, time::SystemTime};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    routing::any,
};
use hookseal::{Delivery, Keys, Received, Receiver, Rejection, Timestamp};
use http_body_util::BodyExt;
use tokio::sync::Mutex;
use tokio_postgres::Client;

use crate::inbox::{Failure, Outcome, connect, put, shown};

struct Service {
    receiver: Receiver,
    database: String,
    /// One connection is enough here. A larger service has a pool.
    client: Mutex<Option<Client>>,
}

pub(crate) async fn serve(address: &str, salt: &str, database: String) -> Result<(), Box<dyn Error>> {
    let receiver = Receiver::benji(Keys::new(salt)?)?;
    let client = connect(&database).await.map_err(|error| error.to_string())?;
    let service = Service { receiver, database, client: Mutex::new(Some(client)) };
    let routes = Router::new().route("/benji", any(receive)).with_state(Arc::new(service));
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, routes).await?)
}

async fn receive(State(service): State<Arc<Service>>, request: Request) -> StatusCode {
    match check(&service.receiver, request).await {
        Ok(delivery) => match service.store(&delivery).await {
            Ok(Outcome::Stored) => StatusCode::ACCEPTED,
            Ok(Outcome::Duplicate) => StatusCode::OK,
            Ok(Outcome::Full) => StatusCode::SERVICE_UNAVAILABLE,
            Err(error) => {
                eprintln!("not stored: {}", shown(&error));
                StatusCode::SERVICE_UNAVAILABLE
            }
        },
        Err(status) => status,
    }
}

async fn check(receiver: &Receiver, request: Request) -> Result<Delivery<Vec<u8>>, StatusCode> {
    let (head, body) = request.into_parts();
    // What the headers alone can refuse costs no reading of the body.
    receiver.check_head(head.method.as_str(), &head.headers).map_err(|rejection| refuse(&rejection))?;
    let body = read(body, receiver.body_limit()).await?;
    let request = hookseal::Request::new(head.method.as_str(), &head.headers, body);
    match receiver.receive(request, Timestamp::from(SystemTime::now())) {
        Ok(Received::Delivery(delivery)) => Ok(delivery),
        Ok(Received::Handshake(_)) => Err(StatusCode::METHOD_NOT_ALLOWED),
        Err(rejection) => Err(refuse(&rejection)),
    }
}

/// The sender learns the status; the reason is for the log.
fn refuse(rejection: &Rejection) -> StatusCode {
    eprintln!("refused: {}: {rejection}", rejection.code());
    StatusCode::from_u16(rejection.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Reads a body into one buffer that never holds more than the limit.
async fn read(mut body: Body, limit: usize) -> Result<Vec<u8>, StatusCode> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
        if let Some(piece) = frame.data_ref() {
            if piece.len() > limit - bytes.len() {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            bytes.extend_from_slice(piece);
        }
    }
    Ok(bytes)
}

impl Service {
    /// A connection that broke is replaced once. If the first attempt was stored after all, the second is a duplicate.
    async fn store(&self, delivery: &Delivery<Vec<u8>>) -> Result<Outcome, Failure> {
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
