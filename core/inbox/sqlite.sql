-- The inbox of hookseal, version 1, on SQLite 3.37 or later. Run it once, with your migrations.
--
-- Python, Node and Rust write and read this table alike. Times are milliseconds since 1970, of the machine's clock.
-- Bodies are kept as they came: they are personal data.

CREATE TABLE hookseal_inbox (
  -- AUTOINCREMENT: the number of a pruned row is never used again.
  number     INTEGER PRIMARY KEY AUTOINCREMENT,
  -- The name of the inbox: several can share the table.
  inbox      TEXT    NOT NULL,
  -- Recognizes a repetition until key_until. NULL once it has ended and a later delivery has taken the key over.
  key        TEXT,
  key_until  INTEGER NOT NULL,
  state      TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'done', 'dead')),
  -- Grows each time that a worker takes the row, and never goes back: a worker that was too slow finds another turn.
  turn       INTEGER NOT NULL DEFAULT 0,
  -- How often a worker has taken the row since it was stored, or since the last retry.
  attempts   INTEGER NOT NULL DEFAULT 0,
  -- Of a waiting row the time from which it can be taken, of a taken row the end of the lease.
  next_at    INTEGER NOT NULL,
  stored_at  INTEGER NOT NULL,
  -- When the row became done or dead.
  closed_at  INTEGER,
  -- The class of the last failure. Its text could hold secrets.
  error      TEXT,
  -- The delivery without its body. Empty once the row is pruned and only its key kept.
  record     TEXT    NOT NULL,
  body       BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX hookseal_inbox_key ON hookseal_inbox (inbox, key) WHERE key IS NOT NULL;
CREATE INDEX hookseal_inbox_open ON hookseal_inbox (inbox, next_at, number) WHERE state IN ('waiting', 'taken');
CREATE INDEX hookseal_inbox_dead ON hookseal_inbox (inbox, number) WHERE state = 'dead';
CREATE INDEX hookseal_inbox_done ON hookseal_inbox (inbox, closed_at) WHERE state = 'done' AND record <> '';
-- A pruned row whose key is kept: `prune` does not read it before the key ends.
CREATE INDEX hookseal_inbox_emptied ON hookseal_inbox (inbox, key_until) WHERE state = 'done' AND record = '';

-- hookseal looks up here whether it knows this form of the table.
CREATE TABLE hookseal_version (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;
INSERT INTO hookseal_version (part, version) VALUES ('inbox', 1);
