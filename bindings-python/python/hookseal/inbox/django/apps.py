"""The app for ``INSTALLED_APPS``, by its name ``hookseal.inbox.django``."""

from typing import Any

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """The list of dead rows in the admin site."""

    name = "hookseal.inbox.django"
    label = "hookseal_inbox"
    verbose_name: Any = "Inbox of webhooks"
