//! The statements of an inbox on PostgreSQL.

use hookseal::{
    Delivery, RecordError, Recorded, from_trusted_record_and_body,
    inbox::{INBOX_VERSION, POSTGRESQL, SETTINGS, numbered},
};
use hookseal_tower::PutOutcome;
use tokio_postgres::{Client, Error, GenericClient, IsolationLevel, NoTls, Row, Transaction, types::ToSql};

/// What a log may have of a failure: the texts of the server hold values of the statement.
pub(crate) fn shown(error: &Failure) -> String {
    match error.downcast_ref::<Error>().map(Error::code) {
        Some(Some(code)) => format!("SQLSTATE {}", code.code()),
        Some(None) => "the connection broke, or was refused".to_owned(),
        None => error.to_string(),
    }
}

const INBOX: &str = "default";

/// Why the inbox cannot be used.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A connection on which the tables of the inbox are there, in the version that this hookseal knows.
pub(crate) async fn connect(database: &str) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
    // It ends with an error when the server goes away. The next statement then fails.
    tokio::spawn(connection);
    let rows = run(&client, POSTGRESQL.version, &[]).await?;
    let version: i32 = rows.first().ok_or("run core/inbox/postgresql.sql in this database")?.try_get(0)?;
    if u32::try_from(version) != Ok(INBOX_VERSION) {
        return Err(
            format!("the tables have version {version}, and this hookseal knows {INBOX_VERSION}").into()
        );
    }
    Ok(client)
}

/// A transaction of the inbox, whatever level the database has by default.
pub(crate) async fn begin(client: &mut Client) -> Result<Transaction<'_>, Error> {
    client.build_transaction().isolation_level(IsolationLevel::ReadCommitted).start().await
}

/// Stores a delivery, and commits.
pub(crate) async fn put<B: AsRef<[u8]>>(
    client: &mut Client,
    delivery: &Delivery<B>,
) -> Result<PutOutcome, Error> {
    // Only the policy `none` gives no key, and this service does not set it.
    let key = delivery.replay_key();
    #[expect(clippy::cast_precision_loss, reason = "the statement takes seconds beyond 2^32 as without end")]
    let retention_seconds = key.and_then(|key| key.retention_seconds()).map(|seconds| seconds as f64);
    let values: &[Value<'_>] = &[
        ("inbox", &INBOX),
        ("key", &key.as_ref().map(hookseal::ReplayKey::as_str)),
        ("retention_seconds", &retention_seconds),
        ("record", &delivery.to_record_without_body()),
        ("body", &delivery.body().as_ref()),
        ("lock_timeout_milliseconds", &setting("lock_timeout_milliseconds").to_string()),
        ("max_waiting", &i64::from(setting("max_waiting"))),
    ];
    let transaction = begin(client).await?;
    // A larger service counts once a second.
    let waiting: i64 =
        run(&transaction, POSTGRESQL.waiting, values).await?.first().map_or(Ok(0), |row| row.try_get(0))?;
    if waiting >= setting("max_waiting").into() {
        let is_known = !run(&transaction, POSTGRESQL.has_key, values).await?.is_empty();
        return Ok(if is_known { PutOutcome::Duplicate } else { PutOutcome::Full });
    }
    let mut rows = run(&transaction, POSTGRESQL.put, values).await?;
    if rows.is_empty() {
        // The key is held. If its retention has ended, the row that holds it gives it up.
        run(&transaction, POSTGRESQL.free, values).await?;
        rows = run(&transaction, POSTGRESQL.put, values).await?;
    }
    transaction.commit().await?;
    Ok(if rows.is_empty() { PutOutcome::Duplicate } else { PutOutcome::Stored })
}

/// A row that a worker has taken.
pub(crate) struct Taken {
    pub(crate) number: i64,
    turn: i64,
    pub(crate) attempts: i32,
    record: String,
    body: Vec<u8>,
}

impl Taken {
    pub(crate) fn delivery(&self) -> Result<Recorded, RecordError> {
        from_trusted_record_and_body(&self.record, &*self.body)
    }
}

/// Takes a row and counts the attempt. A row whose last attempt ended without a word is dead, and is only reported.
pub(crate) async fn take(client: &Client) -> Result<Option<Taken>, Error> {
    let rows = run(
        client,
        POSTGRESQL.take_one,
        &[
            ("inbox", &INBOX),
            ("max_attempts", &integer("max_attempts")),
            ("lease_seconds", &seconds("lease_seconds")),
        ],
    )
    .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let taken = Taken {
        number: row.try_get("number")?,
        turn: row.try_get("turn")?,
        attempts: row.try_get("attempts")?,
        record: row.try_get("record")?,
        body: row.try_get("body")?,
    };
    if row.try_get::<_, &str>("state")? == "dead" {
        eprintln!("delivery {} is dead: its last attempt ended with its lease", taken.number);
        return Box::pin(take(client)).await;
    }
    Ok(Some(taken))
}

/// Says that the row is handled. It is the first statement of the handler's transaction. False: roll back.
pub(crate) async fn done(transaction: &Transaction<'_>, row: &Taken) -> Result<bool, Error> {
    // The server ends a statement that takes longer, also when nobody waits for it any more.
    let limit = integer("handler_limit_seconds") + 1;
    let values: &[Value<'_>] =
        &[("number", &row.number), ("turn", &row.turn), ("handler_limit_seconds", &limit)];
    Ok(!run(transaction, POSTGRESQL.done, values).await?.is_empty())
}

/// Says that the handler failed. `error` names the kind of failure; its text could hold secrets.
pub(crate) async fn fail(client: &Client, row: &Taken, error: &str) -> Result<(), Error> {
    let rows = run(
        client,
        POSTGRESQL.fail,
        &[
            ("number", &row.number),
            ("turn", &row.turn),
            ("error", &error),
            ("max_attempts", &integer("max_attempts")),
            ("first_delay_seconds", &seconds("first_delay_seconds")),
            ("longest_delay_seconds", &seconds("longest_delay_seconds")),
        ],
    )
    .await?;
    let state = rows.first().map_or(Ok("another worker's"), |row| row.try_get(0))?;
    eprintln!("delivery {} failed in attempt {} ({error}): it is {state}", row.number, row.attempts);
    Ok(())
}

/// Gives a row back without the attempt, for another worker.
pub(crate) async fn give_back(client: &Client, row: &Taken, delay_seconds: f64) -> Result<(), Error> {
    let values: &[Value<'_>] =
        &[("number", &row.number), ("turn", &row.turn), ("delay_seconds", &delay_seconds)];
    run(client, POSTGRESQL.give_back, values).await.map(drop)
}

type Value<'v> = (&'static str, &'v (dyn ToSql + Sync));

async fn run(
    client: &impl GenericClient,
    statement: &'static str,
    values: &[Value<'_>],
) -> Result<Vec<Row>, Error> {
    let (text, names) = numbered(statement);
    let value = |name: &&str| values.iter().find(|(of, _)| of == name).map(|(_, value)| *value);
    let values: Vec<_> = names.iter().filter_map(value).collect();
    client.query(&text, &values).await
}

fn setting(name: &str) -> u32 {
    SETTINGS.iter().find(|setting| setting.name == name).map_or(0, |setting| setting.default)
}

fn integer(name: &str) -> i32 {
    setting(name).try_into().unwrap_or(i32::MAX)
}

fn seconds(name: &str) -> f64 {
    setting(name).into()
}
