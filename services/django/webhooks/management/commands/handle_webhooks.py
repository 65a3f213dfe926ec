"""The worker: keeps each event's CloudEvent, exactly once."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from hookseal import Recorded
from hookseal.inbox.django import Inbox
from webhooks.models import Event


def handle(delivery: Recorded, _: Any) -> None:
    """In the transaction that marks the delivery as done, and so are all statements of the ORM."""
    for event in delivery:
        Event.objects.create(line=event.to_cloudevent())


class Command(BaseCommand):
    help = "Handles the webhooks that the inbox holds."

    def handle(self, *_: Any, **__: Any) -> None:
        inbox = Inbox()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: inbox.stop())
        inbox.work(handle)
