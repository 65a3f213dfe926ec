"""Reading a body up to a limit, from the stream that a synchronous framework has."""

from typing import Protocol


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read_up_to(stream: _Readable, limit: int) -> bytes:
    """At most one byte more than the limit, which is enough to see that a body is too large."""
    chunks: list[bytes] = []
    left = limit + 1
    while left and (chunk := stream.read(min(left, 65_536))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)
