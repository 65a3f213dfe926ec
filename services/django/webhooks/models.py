"""What the worker keeps of each event."""

from django.db import models


class Event(models.Model):
    line = models.TextField(help_text="The event's CloudEvent, one line of JSON.")

    class Meta:
        db_table = "events"
