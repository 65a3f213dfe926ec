"""The worker of `celery_service.py`: handles each delivery once, and again after a failure.

sqlite3 service.db 'CREATE TABLE events (id TEXT PRIMARY KEY, kind TEXT, subject TEXT)'
REDIS_URL=redis://... DATABASE=service.db
    celery --app celery_worker worker --queues webhooks --loglevel INFO
"""

import os
import sqlite3
from contextlib import closing

import redis
from celery import Celery, Task

from hookseal import Claimed, Duplicate, Event, InProgress, from_trusted_record
from hookseal.redis import ReplayGuard

REDIS_URL = os.environ["REDIS_URL"]

app = Celery(broker=REDIS_URL)
app.conf.update(
    # A task leaves the queue after it was handled, so a worker that is killed loses none.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
)
# All workers share it. If a worker is killed, its claim ends after 30 s.
guard = ReplayGuard(redis.Redis.from_url(REDIS_URL, socket_timeout=2), lease_seconds=30)


@app.task(
    name="webhooks.handle",
    bind=True,
    autoretry_for=(Exception,),
    # Without an end, because Celery drops a task after its last retry. The longest pause
    # must be shorter than the broker's `visibility_timeout`, which is an hour.
    max_retries=None,
    retry_backoff=True,
    retry_backoff_max=600,
)
def handle(task: Task, record: str) -> None:
    delivery = from_trusted_record(record)
    match guard.claim(delivery.replay_key()):
        case Duplicate():
            print("a repetition")
        case InProgress():
            raise task.retry(countdown=5)
        case Claimed(claim):
            try:
                for event in delivery:
                    remember(event)
            except BaseException:
                guard.release(claim)
                raise
            guard.confirm(claim)


def remember(event: Event) -> None:
    """An event can come again if its worker is killed before `confirm`: hence `OR IGNORE`."""
    values = (event.id, event.kind, str(event.subject))
    with closing(sqlite3.connect(os.environ["DATABASE"])) as database, database:
        database.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", values)
