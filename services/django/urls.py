"""Where the vendors send to. The inbox's views store, and answer."""

import logging

from django.conf import settings
from django.urls import path

from hookseal import Delivery, Receiver
from hookseal.django import webhook
from hookseal.inbox.django import Inbox

inbox = Inbox()
benji = Receiver.benji(settings.BENJI_KEYS)
benti = Receiver.benti(settings.BENTI_KEYS)
bento = Receiver.bento(basic=(settings.BENTO_USER, settings.BENTO_KEYS))


def log(delivery: Delivery, outcome: str) -> None:
    """Once no delivery names the old key, it can go."""
    logging.info("%s, key %s", outcome, delivery.key_id)


urlpatterns = [
    path("benji", webhook(benji, inbox=inbox, on_delivery=log)),
    path("benti", webhook(benti, inbox=inbox, on_delivery=log)),
    path("bento", webhook(bento, inbox=inbox, on_delivery=log)),
]
