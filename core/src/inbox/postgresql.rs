//! The statements for PostgreSQL 12 and later.
//!
//! The time is `statement_timestamp()`: `now()` is when the transaction began, and `clock_timestamp()` changes within a
//! statement, so that no index serves it (26 times slower with 50,000 rows that wait for later).

use super::statements::Statements;

/// For this transaction alone.
macro_rules! lock_timeout {
    () => {
        "set_config('lock_timeout',
    coalesce(CAST(:lock_timeout_milliseconds AS text), current_setting('lock_timeout')), true)"
    };
}

/// Limits a handler's statements, or the time between them, for this transaction. A stricter limit is kept.
macro_rules! handler_limit {
    ($name:literal) => {
        concat!(
            "set_config('",
            $name,
            "', CASE
    WHEN CAST(:handler_limit_seconds AS integer) IS NULL THEN current_setting('",
            $name,
            "')
    WHEN CAST(current_setting('",
            $name,
            "') AS interval) > interval '0' AND CAST(current_setting('",
            $name,
            "') AS interval)
      < CAST(:handler_limit_seconds AS integer) * interval '1 second' THEN current_setting('",
            $name,
            "')
    ELSE CAST(:handler_limit_seconds AS integer) || 's' END, true)"
        )
    };
}

/// Takes rows that fulfil a condition. With a parameter as its limit PostgreSQL plans the statement anew each time, also if
/// it is prepared: 241 µs in place of 112 µs.
macro_rules! take {
    ($condition:literal, $limit:literal) => {
        // MATERIALIZED: the planner must run the inner query once, or it could take more rows than asked for.
        concat!(
            "\
WITH chosen AS MATERIALIZED (
  SELECT number FROM hookseal_inbox
  WHERE inbox = CAST(:inbox AS text) AND state IN ('waiting', 'taken') AND next_at <= statement_timestamp() AND ",
            $condition,
            "
  ORDER BY next_at, number LIMIT ",
            $limit,
            " FOR UPDATE SKIP LOCKED
)
UPDATE hookseal_inbox AS row SET
  state = CASE WHEN row.attempts < CAST(:max_attempts AS integer) THEN 'taken' ELSE 'dead' END,
  closed_at = CASE WHEN row.attempts < CAST(:max_attempts AS integer) THEN NULL ELSE statement_timestamp() END,
  error = CASE WHEN row.attempts < CAST(:max_attempts AS integer) THEN row.error ELSE 'LeaseEnded' END,
  attempts = least(row.attempts + 1, CAST(:max_attempts AS integer)),
  turn = row.turn + 1,
  next_at = statement_timestamp() + CAST(:lease_seconds AS double precision) * interval '1 second'
FROM chosen WHERE row.number = chosen.number
RETURNING row.number, row.turn, row.attempts, row.state, row.error, row.record, row.body"
        )
    };
}

/// The statements for PostgreSQL 12 and later. They need the isolation level `READ COMMITTED`: with a higher one
/// PostgreSQL refuses a statement whose row another transaction has changed (error 40001).
pub const POSTGRESQL: Statements = Statements {
    tables: include_str!("../../inbox/postgresql.sql"),
    connect: "",
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED",
    version: "SELECT version FROM hookseal_version WHERE part = 'inbox'",
    free: concat!(
        "WITH settings AS MATERIALIZED (SELECT ",
        lock_timeout!(),
        ")
UPDATE hookseal_inbox SET key = NULL FROM settings
WHERE inbox = CAST(:inbox AS text) AND key = CAST(:key AS text) AND key_until <= statement_timestamp()
RETURNING number"
    ),
    // With `synchronous_commit` a commit is on disk before the answer, also where the database is set to answer first.
    put: concat!(
        "\
WITH settings AS MATERIALIZED (
  SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true), ",
        lock_timeout!(),
        "
)
INSERT INTO hookseal_inbox (inbox, key, key_until, record, body)
SELECT CAST(:inbox AS text), CAST(:key AS text),
  CASE WHEN CAST(:retention_seconds AS double precision) <= 4294967295
    THEN statement_timestamp() + CAST(:retention_seconds AS double precision) * interval '1 second'
    ELSE 'infinity' END,
  CAST(:record AS text), CAST(:body AS bytea)
FROM settings
ON CONFLICT (inbox, key) WHERE key IS NOT NULL DO NOTHING
RETURNING number"
    ),
    has_key: "\
SELECT number FROM hookseal_inbox
WHERE inbox = CAST(:inbox AS text) AND key = CAST(:key AS text) AND key_until > statement_timestamp()",
    waiting: "\
SELECT count(*) FROM (
  SELECT FROM hookseal_inbox WHERE inbox = CAST(:inbox AS text) AND state IN ('waiting', 'taken')
  LIMIT CAST(:max_waiting AS bigint)) AS waiting",
    wake: "SELECT pg_notify('hookseal_inbox', CAST(:inbox AS text))",
    listen: "LISTEN hookseal_inbox",
    take: take!("attempts = 0", "CAST(:rows_per_take AS bigint)"),
    take_one: take!("true", "1"),
    done: concat!(
        "WITH settings AS MATERIALIZED (
  SELECT ",
        handler_limit!("statement_timeout"),
        ", ",
        handler_limit!("idle_in_transaction_session_timeout"),
        "
)
UPDATE hookseal_inbox SET state = 'done', closed_at = statement_timestamp(), error = NULL FROM settings
WHERE number = :number AND turn = :turn AND state = 'taken'
RETURNING number"
    ),
    done_by_number: "\
UPDATE hookseal_inbox SET state = 'done', closed_at = statement_timestamp(), error = NULL, turn = turn + 1
WHERE inbox = CAST(:inbox AS text) AND number = :number AND state = 'waiting'
RETURNING record, body",
    fail: "\
UPDATE hookseal_inbox SET
  state = CASE WHEN attempts < CAST(:max_attempts AS integer) THEN 'waiting' ELSE 'dead' END,
  closed_at = CASE WHEN attempts < CAST(:max_attempts AS integer) THEN NULL ELSE statement_timestamp() END,
  next_at = statement_timestamp() + interval '1 second' * (0.5 + random() / 2) * least(
    CAST(:longest_delay_seconds AS double precision),
    CAST(:first_delay_seconds AS double precision) * power(2, least(attempts - 1, 30))),
  error = CAST(:error AS text)
WHERE number = :number AND turn = :turn AND state = 'taken'
RETURNING state",
    give_back: "\
UPDATE hookseal_inbox SET state = 'waiting', attempts = greatest(attempts - 1, 0),
  next_at = statement_timestamp() + CAST(:delay_seconds AS double precision) * interval '1 second'
WHERE number = :number AND turn = :turn AND state = 'taken'
RETURNING number",
    dead: "\
SELECT number, turn, attempts, state, error, record, body FROM hookseal_inbox
WHERE inbox = CAST(:inbox AS text) AND state = 'dead' AND number > :after
ORDER BY number LIMIT CAST(:rows AS bigint)",
    retry: "\
UPDATE hookseal_inbox SET state = 'waiting', attempts = 0, next_at = statement_timestamp(), closed_at = NULL
WHERE inbox = CAST(:inbox AS text) AND number = :number AND state IN ('dead', 'done') AND record <> ''
RETURNING number",
    // An array, because the planner reads the whole table to join it with a thousand rows.
    prune: "\
WITH closed AS MATERIALIZED (
  SELECT number FROM hookseal_inbox
  WHERE inbox = CAST(:inbox AS text) AND state = 'done' AND record <> ''
    AND closed_at < statement_timestamp() - CAST(:keep_done_seconds AS double precision) * interval '1 second'
    AND (key IS NULL OR key_until <= statement_timestamp())
  LIMIT 1000 FOR UPDATE SKIP LOCKED
), emptied AS MATERIALIZED (
  SELECT number FROM hookseal_inbox
  WHERE inbox = CAST(:inbox AS text) AND state = 'done' AND record = '' AND key_until <= statement_timestamp()
  LIMIT 1000 - (SELECT count(*) FROM closed) FOR UPDATE SKIP LOCKED
)
DELETE FROM hookseal_inbox
WHERE number = ANY (ARRAY(SELECT number FROM closed UNION ALL SELECT number FROM emptied)) RETURNING number",
    prune_bodies: "\
WITH old AS MATERIALIZED (
  SELECT number FROM hookseal_inbox
  WHERE inbox = CAST(:inbox AS text) AND state = 'done' AND record <> ''
    AND closed_at < statement_timestamp() - CAST(:keep_done_seconds AS double precision) * interval '1 second'
    AND key IS NOT NULL AND key_until > statement_timestamp()
  LIMIT 1000 FOR UPDATE SKIP LOCKED
)
UPDATE hookseal_inbox SET record = '', body = '' WHERE number = ANY (ARRAY(SELECT number FROM old)) RETURNING number",
    counts: "\
SELECT
  count(*) FILTER (WHERE state = 'waiting') AS waiting,
  count(*) FILTER (WHERE state = 'taken') AS taken,
  count(*) FILTER (WHERE state = 'done') AS done,
  count(*) FILTER (WHERE state = 'dead') AS dead,
  CAST(extract(epoch FROM statement_timestamp() - min(stored_at) FILTER (WHERE state = 'waiting')) AS double precision)
    AS oldest_waiting_seconds,
  (SELECT CAST(extract(epoch FROM statement_timestamp() - min(xact_start)) AS double precision) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()) AS oldest_transaction_seconds
FROM hookseal_inbox WHERE inbox = CAST(:inbox AS text)",
};
