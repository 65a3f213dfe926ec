"""What `prune` of the inbox reads, by the plans of real databases.

A row that was pruned while its key is kept has no body and no record. With the policy `strict` some keys never end,
so the number of these rows only grows: a `prune` that read them would take longer each day.
"""

import json
import re
import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from hookseal._native import inbox_statements
from postgres_servers import Server

ROWS = 5_000
VALUES = {"inbox": "default", "keep_done_seconds": 60, "after": 0, "rows": 100}
# Rows in every state. The last of each kind belongs to the statement that is named after it.
KINDS = {
    "emptied": ("'done', '', '{ended}', '{endless}'", ROWS),
    "emptied, and the key has ended": ("'done', '', '{ended}', '{ended}'", 3),
    "done lately": ("'done', '{{}}', '{now}', '{endless}'", ROWS),
    "done, and the key has ended": ("'done', '{{}}', '{ended}', '{ended}'", 4),
    "done long ago": ("'done', '{{}}', '{ended}', '{endless}'", 5),
    "dead": ("'dead', '{{}}', '{ended}', '{endless}'", 6),
    "waiting": ("'waiting', '{{}}', NULL, '{endless}'", ROWS),
}
INSERT = """
INSERT INTO hookseal_inbox (inbox, key, next_at, stored_at, body, state, record, closed_at, key_until)
SELECT 'default', '{kind}' || n, '{now}', '{now}', {empty}, {values} FROM {numbers}"""


def fill(execute: Any, numbers: str, **times: str) -> None:
    for kind, (values, rows) in KINDS.items():
        execute(
            INSERT.format(
                kind=kind,
                values=values.format(**times),
                numbers=numbers.format(rows),
                **times,
            )
        )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def test_on_postgresql(server: Server) -> None:
    statements = inbox_statements("postgresql")
    with server.connect(server.new_database()) as connection:
        fill(
            connection.execute,
            "generate_series(1, {}) AS n",
            empty="''",
            now="now",
            ended="yesterday",
            endless="infinity",
        )
        connection.execute("VACUUM ANALYZE hookseal_inbox")
        for name, rows in [("dead", 6), ("prune", 7), ("prune_bodies", 5)]:
            text = re.sub(r":([a-z_]+)", r"%(\1)s", statements[name])
            with connection.transaction(force_rollback=True):
                assert len(connection.execute(text, VALUES).fetchall()) == rows
            with (
                connection.transaction(force_rollback=True),
                psycopg.ClientCursor(connection) as cursor,
            ):
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", VALUES)
                (plan,) = cursor.fetchone() or ()
                # Those that it changes twice, and those of the other statement.
                assert read(plan[0]["Plan"]) < 30, f"{name}: {json.dumps(plan)}"


def read(plan: dict[str, Any]) -> int:
    """How many rows a plan read from the table, also those that a condition then removed."""
    own = 0
    if plan.get("Relation Name") and "Scan" in plan["Node Type"]:
        rows = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
        own = round(
            (rows + plan.get("Rows Removed by Index Recheck", 0)) * plan["Actual Loops"]
        )
    return own + sum(map(read, plan.get("Plans", [])))


def test_on_sqlite() -> None:
    statements = inbox_statements("sqlite")
    connection = sqlite3.connect(":memory:")
    connection.executescript(statements["tables"])
    now = int(connection.execute("SELECT strftime('%s') * 1000").fetchone()[0])
    numbers = "(WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {}) SELECT n FROM n)"
    times = {
        "empty": "x''",
        "now": str(now),
        "ended": str(now - 86_400_000),
        "endless": str(2**63 - 1),
    }
    fill(connection.execute, numbers, **times)
    for name, rows, indexes in [
        ("dead", 6, ["dead (inbox=? AND number>?)"]),
        (
            "prune",
            7,
            ["done (inbox=? AND closed_at<?)", "emptied (inbox=? AND key_until<?)"],
        ),
        ("prune_bodies", 5, ["done (inbox=? AND closed_at<?)"]),
    ]:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statements[name]}", VALUES)
        steps = [step for *_, step in plan if re.match("SCAN|SEARCH", step)]
        # The rows themselves are changed by their numbers.
        steps = [step for step in steps if "INTEGER PRIMARY KEY (rowid=?)" not in step]
        start = "SEARCH hookseal_inbox USING INDEX hookseal_inbox_"
        assert steps == [start + index for index in indexes], name
        connection.execute("SAVEPOINT before")
        assert len(connection.execute(statements[name], VALUES).fetchall()) == rows
        connection.execute("ROLLBACK TO before")
