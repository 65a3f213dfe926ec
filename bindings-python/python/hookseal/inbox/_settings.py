"""The settings of an inbox. The core has their defaults and ranges."""

from collections.abc import Mapping
from typing import Any, Final, TypedDict, cast

from hookseal import _native


class Settings(TypedDict, total=False):
    """The settings of an inbox: whole numbers of the unit that the name ends with."""

    max_waiting: int
    """``put`` says ``Full`` when so many rows wait or are taken. 100,000 if not given."""
    lock_timeout_milliseconds: int
    """How long ``put`` waits for another transaction that stored the same key and is open. 2 s. PostgreSQL only."""
    rows_per_take: int
    """How many rows a worker takes at once, of those without an attempt. Others are taken one at a time. 1."""
    handler_limit_seconds: int
    """How long a handler may take. 60 s."""
    lease_seconds: int
    """How long a taken row stays with its worker: longer than a handler may take. 120 s."""
    max_attempts: int
    """After so many the row is dead, and kept. 12."""
    first_delay_seconds: int
    """The time from the first failure to the second attempt; it doubles with each failure. 10 s."""
    longest_delay_seconds: int
    """The longest such time. Each is cut by up to half, at random. 3,600 s."""
    keep_done_seconds: int
    """How long ``prune`` keeps a row after it was done. 604,800 s, which is 7 days."""
    poll_milliseconds: int
    """How often a worker that has nothing to do looks again. 1 s."""


RANGES: Final = {name: (default, least, most) for name, default, least, most in _native.inbox_settings()}


def choose(given: Mapping[str, Any]) -> Settings:
    """All settings. Refuses those that make no sense."""
    for name, value in given.items():
        if name not in RANGES:
            raise TypeError(f"there is no setting {name}")
        _, least, most = RANGES[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"{name} must be an int")
        if not least <= value <= most:
            raise ValueError(f"{name} must be from {least} to {most}")
    chosen = cast(Settings, {name: int(given.get(name, default)) for name, (default, _, _) in RANGES.items()})
    if chosen["handler_limit_seconds"] >= chosen["lease_seconds"]:
        raise ValueError("handler_limit_seconds must be less than lease_seconds")
    return chosen
