"""SQS: sends the record of a delivery to the queue before it answers.

BENJI_SALT=... QUEUE_URL=https://... gunicorn --threads=4 sqs_service:app

A worker trusts what is in the queue, so let only your own programs send to it.
"""

import os

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from flask import Flask
from flask.typing import ResponseReturnValue

from hookseal import Delivery, Receiver
from hookseal.flask import webhook

# The sender waits for the answer, so the service does not wait long for the queue.
short = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2})
sqs = boto3.client("sqs", config=short)

app = Flask(__name__)


@app.post("/benji")
@webhook(Receiver.benji(os.environ["BENJI_SALT"]))
def on_benji(delivery: Delivery) -> ResponseReturnValue:
    try:
        # A record is a third longer than its body. SQS takes up to 1 MiB.
        sqs.send_message(
            QueueUrl=os.environ["QUEUE_URL"], MessageBody=delivery.to_record()
        )
    except (BotoCoreError, ClientError):
        return "", 503, {"Retry-After": "5"}
    return "", 202
