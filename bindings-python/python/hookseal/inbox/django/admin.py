"""The list of dead rows in the admin site. Whoever may change them can have them tried again."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest

from hookseal.inbox.django._client import retry_in
from hookseal.inbox.django.models import DeadRow

__all__ = ["DeadRows"]


if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[DeadRow]
else:
    # Django's class has no parameters.
    _ModelAdmin = admin.ModelAdmin


@admin.register(DeadRow)
class DeadRows(_ModelAdmin):
    """The dead rows, without their content."""

    list_display: Any = ("number", "inbox", "attempts", "error", "stored_at", "closed_at")
    list_filter: ClassVar[Any] = ("inbox", "error")
    list_display_links: Any = None
    actions: Any = ("retry",)

    @admin.action(description="Try again", permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[DeadRow]) -> None:
        """Makes the chosen rows wait again."""
        rows = queryset.values_list("inbox", "number")
        retried = sum(retry_in(connections[queryset.db], inbox, number) for inbox, number in rows)
        self.message_user(request, f"{retried} of {len(rows)} rows will be tried again.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """All: a form would write back what a worker has changed meanwhile."""
        return [field.name for field in DeadRow._meta.fields]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        raise PermissionDenied

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
