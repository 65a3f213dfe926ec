"""Which cell of the README's table of frameworks a test shows.

`shows("raw body")` stands on a test whose parameter `name` or `running` names the framework, and
`shows("flask", "raw body")` on any other.
"""

from typing import Any, Final

import pytest

_ROWS: Final = {"django": "django-wsgi", "lambda": "aws_lambda"}
FRAMEWORKS: Final = ("flask", "django-wsgi", "django-asgi", "starlette", "fastapi", "aws_lambda")
COLUMNS: Final = (
    "raw body",
    "limit while reading",
    "handshake",
    "refusal",
    "guard",
    "inbox",
    "body afterwards",
    "class views",
    "callbacks",
)


def row_of(name: str) -> str:
    """The framework in the name of an application or a server of the tests."""
    if name.startswith(("django-asgi", "django-async")):
        return "django-asgi"
    first = name.partition("-")[0]
    return _ROWS.get(first, first)


def of(name: str, column: str, value: Any) -> Any:
    """A parameter that shows a cell."""
    return pytest.param(value, id=name, marks=pytest.mark.shows(row_of(name), column))


def cells_of(item: Any) -> set[tuple[str, str]]:
    """The cells that a collected test shows."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    name = str(parameters.get("name", parameters.get("running")))
    return {mark.args if len(mark.args) == 2 else (row_of(name), mark.args[0]) for mark in item.iter_markers("shows")}
