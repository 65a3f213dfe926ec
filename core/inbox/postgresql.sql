-- The inbox of hookseal, version 1, on PostgreSQL 12 or later. Run it once, with your migrations.
--
-- Python, Node and Rust write and read this table alike. The time is the server's. Bodies are kept as they came: they
-- are personal data.

CREATE TABLE hookseal_inbox (
  number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- The name of the inbox: several can share the table.
  inbox      text        NOT NULL,
  -- Recognizes a repetition until key_until. NULL once it has ended and a later delivery has taken the key over.
  key        text        COLLATE "C",
  key_until  timestamptz NOT NULL,
  state      text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'done', 'dead')),
  -- Grows each time that a worker takes the row, and never goes back: a worker that was too slow finds another turn.
  turn       bigint      NOT NULL DEFAULT 0,
  -- How often a worker has taken the row since it was stored, or since the last retry.
  attempts   integer     NOT NULL DEFAULT 0,
  -- Of a waiting row the time from which it can be taken, of a taken row the end of the lease.
  next_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
  stored_at  timestamptz NOT NULL DEFAULT statement_timestamp(),
  -- When the row became done or dead.
  closed_at  timestamptz,
  -- The class of the last failure. Its text could hold secrets.
  error      text,
  -- The delivery without its body, as text: jsonb would change it. Empty once the row is pruned and only its key kept.
  record     text        NOT NULL,
  body       bytea       NOT NULL
) WITH (
  -- Each row is updated twice in a short time: clean up early, so that workers do not read dead versions.
  autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0
);

CREATE UNIQUE INDEX hookseal_inbox_key ON hookseal_inbox (inbox, key) WHERE key IS NOT NULL;
CREATE INDEX hookseal_inbox_open ON hookseal_inbox (inbox, next_at, number) WHERE state IN ('waiting', 'taken');
CREATE INDEX hookseal_inbox_dead ON hookseal_inbox (inbox, number) WHERE state = 'dead';
CREATE INDEX hookseal_inbox_done ON hookseal_inbox (inbox, closed_at) WHERE state = 'done' AND record <> '';
-- A pruned row whose key is kept: `prune` does not read it before the key ends.
CREATE INDEX hookseal_inbox_emptied ON hookseal_inbox (inbox, key_until) WHERE state = 'done' AND record = '';

-- hookseal looks up here whether it knows this form of the table.
CREATE TABLE hookseal_version (part text PRIMARY KEY, version integer NOT NULL);
INSERT INTO hookseal_version (part, version) VALUES ('inbox', 1);

-- Rights, if the roles differ from the owner of the table:
--   GRANT SELECT ON hookseal_version TO receiver, worker;
--   GRANT SELECT, INSERT, UPDATE (key) ON hookseal_inbox TO receiver;  -- UPDATE: to take over a key that has ended
--   GRANT SELECT, UPDATE ON hookseal_inbox TO worker;
--   GRANT DELETE ON hookseal_inbox TO worker;                          -- only for whoever calls `prune`
