"""The keys by which a store recognizes a repeated delivery or event."""

from hookseal._native import keep_first


class ReplayKey(str):
    """Names a delivery or an event to a guard, or to a store of your own: 32 hexadecimal digits.

    Keep it for ``retention_seconds``. An equal key in that time is a repetition; an equal key after it is new.
    """

    __slots__ = ("retention_seconds",)

    retention_seconds: int | None
    """How long to keep the key, in seconds; ``None`` means for ever. The table is at ``Delivery.replay_key``."""

    def __new__(cls, key: str, retention_seconds: int | None) -> "ReplayKey":
        self = super().__new__(cls, key)
        self.retention_seconds = retention_seconds
        return self

    def __reduce__(self) -> tuple[type["ReplayKey"], tuple[str, int | None]]:
        return ReplayKey, (str(self), self.retention_seconds)


# If this module is loaded again, it keeps its first class.
keep_first(globals())
