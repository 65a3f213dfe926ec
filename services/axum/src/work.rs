//! Handles: take a row, mark it as done and write the effect in one transaction.

use std::{error::Error, pin::pin, time::Duration};

use hookseal::{RecordError, Recorded};
use tokio::time::timeout;
use tokio_postgres::{Client, Transaction};

use crate::inbox::{Failure, Taken, begin, connect, done, fail, give_back, shown, take};

const HANDLER_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What this service is for: it keeps each event's CloudEvent. It is in the transaction that marks the row as done, so
/// that it happens exactly once.
async fn handle(delivery: &Recorded, transaction: &Transaction<'_>) -> Result<(), Failure> {
    for event in delivery {
        transaction.execute("INSERT INTO events (line) VALUES ($1)", &[&event.to_cloudevent()]).await?;
    }
    Ok(())
}

/// Works until `stop` ends, then ends the delivery that is being handled.
pub(crate) async fn work(database: &str, stop: impl Future<Output = ()>) -> Result<(), Box<dyn Error>> {
    let mut stop = pin!(stop);
    let mut pause = POLL;
    let mut client = None;
    loop {
        match work_once(database, &mut client).await {
            Ok(true) => pause = POLL,
            Ok(false) => {
                pause = POLL;
                if timeout(POLL, &mut stop).await.is_ok() {
                    return Ok(());
                }
            }
            Err(error) => {
                eprintln!("the database cannot be used: {}", shown(&error));
                client = None;
                if timeout(pause, &mut stop).await.is_ok() {
                    return Ok(());
                }
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
        // Lets a signal in between two rows.
        if timeout(Duration::ZERO, &mut stop).await.is_ok() {
            return Ok(());
        }
    }
}

/// Handles a row. False: there is none to handle.
async fn work_once(database: &str, kept: &mut Option<Client>) -> Result<bool, Failure> {
    let client = match kept {
        Some(client) => client,
        None => kept.insert(connect(database).await?),
    };
    let Some(row) = take(client).await? else { return Ok(false) };
    match row.delivery() {
        Ok(delivery) => {
            // The error's text could hold secrets, and belongs into no log.
            if handle_once(client, &row, &delivery).await.is_err() {
                fail(client, &row, "HandlerFailed").await?;
            }
        }
        // A worker of a newer version can read it.
        Err(RecordError::NewerVersion(_)) => give_back(client, &row, 60.0).await?,
        Err(error) => fail(client, &row, error.code()).await?,
    }
    Ok(true)
}

async fn handle_once(client: &mut Client, row: &Taken, delivery: &Recorded) -> Result<(), Failure> {
    let transaction = begin(client).await?;
    // If there is no row, another worker has it: the transaction is rolled back.
    if done(&transaction, row).await? {
        timeout(HANDLER_LIMIT, handle(delivery, &transaction)).await??;
        transaction.commit().await?;
    }
    Ok(())
}
