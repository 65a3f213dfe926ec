//! The statements for SQLite 3.37 and later.

use super::statements::Statements;

/// Milliseconds since 1970, the same in a whole statement.
macro_rules! now {
    () => {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    };
}

/// Takes rows that fulfil a condition.
macro_rules! take {
    ($condition:literal, $limit:literal) => {
        concat!(
            "\
UPDATE hookseal_inbox SET
  state = CASE WHEN attempts < :max_attempts THEN 'taken' ELSE 'dead' END,
  closed_at = CASE WHEN attempts < :max_attempts THEN NULL ELSE ",
            now!(),
            " END,
  error = CASE WHEN attempts < :max_attempts THEN error ELSE 'LeaseEnded' END,
  attempts = min(attempts + 1, :max_attempts),
  turn = turn + 1,
  next_at = ",
            now!(),
            " + :lease_seconds * 1000
WHERE number IN (
  SELECT number FROM hookseal_inbox
  WHERE inbox = :inbox AND state IN ('waiting', 'taken') AND next_at <= ",
            now!(),
            " AND ",
            $condition,
            "
  ORDER BY next_at, number LIMIT ",
            $limit,
            ")
RETURNING number, turn, attempts, state, error, record, body"
        )
    };
}

/// The statements for SQLite 3.37 and later. Each connection runs `connect` first. A transaction that writes begins with
/// `begin`: one that begins to write later fails at once if another connection writes.
pub const SQLITE: Statements = Statements {
    tables: include_str!("../../inbox/sqlite.sql"),
    connect: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000",
    begin: "BEGIN IMMEDIATE",
    version: "SELECT version FROM hookseal_version WHERE part = 'inbox'",
    free: concat!(
        "UPDATE hookseal_inbox SET key = NULL WHERE inbox = :inbox AND key = :key AND key_until <= ",
        now!()
    ),
    put: concat!(
        "\
INSERT INTO hookseal_inbox (inbox, key, key_until, next_at, stored_at, record, body)
VALUES (:inbox, :key, CASE WHEN :retention_seconds <= 4294967295 THEN ",
        now!(),
        " + CAST(:retention_seconds * 1000 AS INTEGER) ELSE 9223372036854775807 END, ",
        now!(),
        ", ",
        now!(),
        ", :record, :body)
ON CONFLICT (inbox, key) WHERE key IS NOT NULL DO NOTHING
RETURNING number"
    ),
    has_key: concat!(
        "SELECT number FROM hookseal_inbox WHERE inbox = :inbox AND key = :key AND key_until > ",
        now!()
    ),
    waiting: "\
SELECT count(*) FROM (
  SELECT 1 FROM hookseal_inbox WHERE inbox = :inbox AND state IN ('waiting', 'taken') LIMIT :max_waiting)",
    wake: "",
    listen: "",
    take: take!("attempts = 0", ":rows_per_take"),
    take_one: take!("1", "1"),
    done: concat!(
        "UPDATE hookseal_inbox SET state = 'done', closed_at = ",
        now!(),
        ", error = NULL WHERE number = :number AND turn = :turn AND state = 'taken' RETURNING number"
    ),
    done_by_number: concat!(
        "UPDATE hookseal_inbox SET state = 'done', closed_at = ",
        now!(),
        ", error = NULL, turn = turn + 1 WHERE inbox = :inbox AND number = :number AND state = 'waiting'
RETURNING record, body"
    ),
    // `random()` is any integer of 64 bits.
    fail: concat!(
        "\
UPDATE hookseal_inbox SET
  state = CASE WHEN attempts < :max_attempts THEN 'waiting' ELSE 'dead' END,
  closed_at = CASE WHEN attempts < :max_attempts THEN NULL ELSE ",
        now!(),
        " END,
  next_at = ",
        now!(),
        " + min(:longest_delay_seconds, :first_delay_seconds * (1 << min(attempts - 1, 30)))
    * (500 + abs(random() % 501)),
  error = :error
WHERE number = :number AND turn = :turn AND state = 'taken'
RETURNING state"
    ),
    give_back: concat!(
        "\
UPDATE hookseal_inbox SET state = 'waiting', attempts = max(attempts - 1, 0), next_at = ",
        now!(),
        " + :delay_seconds * 1000
WHERE number = :number AND turn = :turn AND state = 'taken'
RETURNING number"
    ),
    dead: "\
SELECT number, turn, attempts, state, error, record, body FROM hookseal_inbox
WHERE inbox = :inbox AND state = 'dead' AND number > :after ORDER BY number LIMIT :rows",
    retry: concat!(
        "UPDATE hookseal_inbox SET state = 'waiting', attempts = 0, next_at = ",
        now!(),
        ", closed_at = NULL
WHERE inbox = :inbox AND number = :number AND state IN ('dead', 'done') AND record <> ''
RETURNING number"
    ),
    prune: concat!(
        "\
DELETE FROM hookseal_inbox WHERE number IN (
  SELECT number FROM hookseal_inbox
  WHERE inbox = :inbox AND state = 'done' AND record <> '' AND closed_at < ",
        now!(),
        " - :keep_done_seconds * 1000 AND (key IS NULL OR key_until <= ",
        now!(),
        ")
  UNION ALL
  SELECT number FROM hookseal_inbox
  WHERE inbox = :inbox AND state = 'done' AND record = '' AND key_until <= ",
        now!(),
        "
  LIMIT 1000)
RETURNING number"
    ),
    prune_bodies: concat!(
        "\
UPDATE hookseal_inbox SET record = '', body = x'' WHERE number IN (
  SELECT number FROM hookseal_inbox
  WHERE inbox = :inbox AND state = 'done' AND record <> '' AND closed_at < ",
        now!(),
        " - :keep_done_seconds * 1000 AND key IS NOT NULL AND key_until > ",
        now!(),
        " LIMIT 1000)
RETURNING number"
    ),
    counts: concat!(
        "\
SELECT
  count(*) FILTER (WHERE state = 'waiting') AS waiting,
  count(*) FILTER (WHERE state = 'taken') AS taken,
  count(*) FILTER (WHERE state = 'done') AS done,
  count(*) FILTER (WHERE state = 'dead') AS dead,
  (",
        now!(),
        " - min(stored_at) FILTER (WHERE state = 'waiting')) / 1000.0 AS oldest_waiting_seconds,
  NULL AS oldest_transaction_seconds
FROM hookseal_inbox WHERE inbox = :inbox"
    ),
};
