"""The worker of `sqs_service.py`: handles each delivery once, and again after a failure.

sqlite3 service.db 'CREATE TABLE handled (key TEXT PRIMARY KEY, until REAL);
                    CREATE TABLE events (id TEXT, kind TEXT, subject TEXT)'
QUEUE_URL=https://... DATABASE=service.db python sqs_worker.py

A message that was not handled comes back after the queue's visibility timeout, which must
be longer than handling takes. Give the queue a dead-letter queue for those that never succeed.
"""

import logging
import os
import signal
import sqlite3
import sys
import time

import boto3

from hookseal import Recorded, from_trusted_record

QUEUE_URL = os.environ["QUEUE_URL"]


def handle(delivery: Recorded, database: sqlite3.Connection) -> None:
    """Remembers the key and handles the events in one transaction, so both happen or neither."""
    key = delivery.replay_key()
    assert key, "the service's receiver must not have the replay policy `none`"
    # A key without a number of seconds has no end: its `until` is NULL.
    values = (key, time.time(), key.retention_seconds)
    with database:
        database.execute("DELETE FROM handled WHERE until < ?", [time.time()])
        inserted = database.execute(
            "INSERT OR IGNORE INTO handled VALUES (?, ? + ?)", values
        )
        if not inserted.rowcount:
            print("a repetition")
            return
        for event in delivery:
            database.execute(
                "INSERT INTO events VALUES (?, ?, ?)",
                (event.id, event.kind, str(event.subject)),
            )


def work() -> None:
    sqs = boto3.client("sqs")
    database = sqlite3.connect(os.environ["DATABASE"])
    while True:
        # One at a time: the visibility timeout of a second one would run while it waits.
        answer = sqs.receive_message(
            QueueUrl=QUEUE_URL, MaxNumberOfMessages=1, WaitTimeSeconds=20
        )
        for message in answer.get("Messages", []):
            try:
                handle(from_trusted_record(message["Body"]), database)
            except Exception:
                logging.exception("a delivery failed, and comes back")
            else:
                sqs.delete_message(
                    QueueUrl=QUEUE_URL, ReceiptHandle=message["ReceiptHandle"]
                )


if __name__ == "__main__":
    # Ends at once, also inside of a transaction, which is then undone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    work()
