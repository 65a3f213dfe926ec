"""The rows of the inbox for the admin site. Django neither makes nor changes their table."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import models

__all__ = ["DeadRow"]


class _Time(models.Field):  # type: ignore[type-arg]
    """A time: ``timestamptz`` on PostgreSQL, and milliseconds since 1970 on SQLite."""

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> datetime | None:
        return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) else value


class _DeadRows(models.Manager["DeadRow"]):
    def get_queryset(self) -> models.QuerySet["DeadRow"]:
        # Without the record and the body, which are personal data.
        return super().get_queryset().filter(state="dead")


class DeadRow(models.Model):
    """A row whose handler failed at each attempt."""

    number: Any = models.BigAutoField(primary_key=True)
    inbox: Any = models.TextField()
    state: Any = models.TextField()
    attempts: Any = models.IntegerField()
    error: Any = models.TextField(null=True)
    stored_at: Any = _Time()
    closed_at: Any = _Time(null=True)

    objects: ClassVar[_DeadRows] = _DeadRows()

    class Meta:
        managed = False
        db_table = "hookseal_inbox"
        ordering: tuple[str, ...] = ("number",)

    def __str__(self) -> str:
        return f"row {self.number}"
