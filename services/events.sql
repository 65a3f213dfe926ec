-- What the three services do with an event: they remember it.
CREATE TABLE events (id text NOT NULL, kind text NOT NULL, subject text NOT NULL);
