"""Keys by which a repetition is recognized."""

from hookseal._native import keep_first


class ReplayKey(str):
    """32 hexadecimal digits, which an identical redelivery repeats.

    An equal key is a repetition for ``retention_seconds``; after that it is new again.
    """

    __slots__ = ("retention_seconds",)

    retention_seconds: int | None
    """How long the key counts, in seconds; ``None`` is without end. ``Delivery.replay_key`` has the table."""

    def __new__(cls, key: str, retention_seconds: int | None) -> "ReplayKey":
        self = super().__new__(cls, key)
        self.retention_seconds = retention_seconds
        return self

    def __reduce__(self) -> tuple[type["ReplayKey"], tuple[str, int | None]]:
        return ReplayKey, (str(self), self.retention_seconds)


# Whoever loads this module again gets the class of the first time.
keep_first(globals())
