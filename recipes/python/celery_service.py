"""Celery on Redis: puts the record of a delivery into the queue before it answers.

BENJI_SALT=... REDIS_URL=redis://... gunicorn --threads=4 celery_service:app

Deliveries are as safe as the Redis server: set `appendonly yes`, `appendfsync always` and
`maxmemory-policy noeviction`. A worker trusts what is there, so let only your own programs
write to the server.
"""

import os

from celery import Celery
from flask import Flask
from flask.typing import ResponseReturnValue
from kombu.exceptions import OperationalError

from hookseal import Delivery, Receiver
from hookseal.flask import webhook

queue = Celery(broker=os.environ["REDIS_URL"])
queue.conf.broker_transport_options = {"socket_connect_timeout": 2, "socket_timeout": 2}

app = Flask(__name__)


@app.post("/benji")
@webhook(Receiver.benji(os.environ["BENJI_SALT"]))
def on_benji(delivery: Delivery) -> ResponseReturnValue:
    try:
        # By its name, so that the service need not import what the worker does.
        queue.send_task(
            "webhooks.handle",
            [delivery.to_record()],
            queue="webhooks",
            ignore_result=True,
            # The sender waits, and the client of Redis opens a new connection by itself.
            retry=False,
        )
    except OperationalError:
        return "", 503, {"Retry-After": "5"}
    return "", 202
