//! The layer in axum over a real socket with HTTP/2.

#[expect(dead_code, reason = "it has more than this file needs")]
mod requests;
mod waiting;

use axum::{
    Router,
    http::{HeaderMap, Request},
    routing::any,
};
use bytes::Bytes;
use h2::{Reason, SendStream, client::ResponseFuture};
use hookseal_tower::{Outcome, Verified, WebhookLayer};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};

use requests::{BODY, receiver, signed};
use waiting::{LONGEST, Waiting};

/// A connection to a server with these routes.
async fn connect(routes: Router) -> h2::client::SendRequest<Bytes> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let (sender, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// The head of a genuine request.
async fn head(
    sender: &h2::client::SendRequest<Bytes>,
    length: Option<usize>,
) -> (ResponseFuture, SendStream<Bytes>) {
    let mut request = Request::post("http://a/");
    for (name, value) in &signed(BODY) {
        request = request.header(name, value);
    }
    if let Some(length) = length {
        request = request.header("content-length", length);
    }
    let mut sender = sender.clone().ready().await.unwrap();
    sender.send_request(request.body(()).unwrap(), false).unwrap()
}

async fn status(response: ResponseFuture) -> Result<u16, Option<Reason>> {
    let response = timeout(LONGEST, response).await.unwrap();
    response.map(|response| response.status().as_u16()).map_err(|error| error.reason())
}

#[tokio::test]
async fn frames_are_read_whatever_their_size_and_trailers_are_passed_over() {
    let routes = Router::new().route("/", any(async |_: Verified| ()).layer(WebhookLayer::new(receiver())));
    let sender = connect(routes).await;
    for pieces in [1, 20, BODY.len()] {
        let (response, mut body) = head(&sender, None).await;
        for piece in BODY.chunks(pieces) {
            body.send_data(Bytes::new(), false).unwrap();
            body.send_data(Bytes::copy_from_slice(piece), false).unwrap();
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("x-benji-signature", "00".parse().unwrap());
        body.send_trailers(trailers).unwrap();
        assert_eq!(status(response).await, Ok(200));
    }
    // A body that ends before its announced length is no HTTP/2.
    let (response, mut body) = head(&sender, Some(BODY.len() + 1)).await;
    body.send_data(Bytes::from_static(BODY), true).unwrap();
    assert!(matches!(status(response).await, Err(Some(Reason::PROTOCOL_ERROR)) | Ok(400)));
}

#[tokio::test]
async fn a_stream_that_is_reset_while_it_is_handled_loses_nothing() {
    let mut waiting = Waiting::new();
    let sender = connect(waiting.routes.clone()).await;
    let send = async || {
        let (response, mut body) = head(&sender, Some(BODY.len())).await;
        body.send_data(Bytes::from_static(BODY), true).unwrap();
        (response, body)
    };
    let (_response, mut body) = send().await;
    waiting.begun().await;
    // The connection stays.
    body.send_reset(Reason::CANCEL);
    assert_eq!(waiting.outcome().await, Outcome::Failed);
    waiting.end();
    for (expected, outcome) in [(201, Outcome::Handled), (200, Outcome::Duplicate)] {
        assert_eq!(status(send().await.0).await, Ok(expected));
        assert_eq!(waiting.outcome().await, outcome);
    }
}
