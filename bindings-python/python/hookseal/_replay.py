"""Keys for a store of what has been handled."""


class ReplayKey(str):
    """32 hexadecimal digits. Insert it before the delivery is handled, and skip the delivery if it was there."""

    __slots__ = ("retention_seconds",)

    retention_seconds: int
    """How long to keep the key: for Benji's signature and date the width of the window, after which a replay is
    refused as stale; else a day, or longer where the store allows it."""

    def __new__(cls, key: str, retention_seconds: int) -> "ReplayKey":
        self = super().__new__(cls, key)
        self.retention_seconds = retention_seconds
        return self

    def __reduce__(self) -> tuple[type["ReplayKey"], tuple[str, int]]:
        return ReplayKey, (str(self), self.retention_seconds)
