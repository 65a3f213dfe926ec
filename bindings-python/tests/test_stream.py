"""Reading a body from the stream of a synchronous framework."""

from collections.abc import Iterator

import pytest

from hookseal._stream import Unreadable, read_up_to


class Stream:
    """Returns one piece at each read, whatever size is asked for."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces: Iterator[bytes | Exception] = iter(pieces)
        self.reads = 0

    def read(self, size: int, /) -> bytes:
        assert 0 < size <= 65_536
        self.reads += 1
        piece = next(self.pieces, b"")
        if isinstance(piece, Exception):
            raise piece
        return piece


@pytest.mark.parametrize("announced", [None, 9])
@pytest.mark.parametrize("pieces", [[b"123456789"], [b"1234", b"56789"], [bytes([each]) for each in b"123456789"]])
def test_a_body_is_joined_from_pieces_of_any_size(pieces: list[bytes], announced: int | None) -> None:
    assert read_up_to(Stream(*pieces), 9, announced) == b"123456789"


def test_at_most_one_byte_more_than_the_limit_is_kept() -> None:
    for pieces in ([b"123456789"], [b"12345", b"6789"], [b"12345", b"6", b"7", b"8"]):
        stream = Stream(*pieces)
        assert read_up_to(stream, 5, None) == b"123456"
        assert stream.reads == min(len(pieces), 2)


@pytest.mark.parametrize("announced", [10, 10**18])
def test_a_body_shorter_than_announced_is_unreadable(announced: int) -> None:
    with pytest.raises(Unreadable, match="shorter than announced"):
        read_up_to(Stream(b"123"), 9, announced)


def test_a_body_over_the_limit_is_not_read_to_its_announced_end() -> None:
    assert read_up_to(Stream(b"123456"), 5, 10**18) == b"123456"


@pytest.mark.parametrize("error", [OSError("1234"), ValueError("1234"), EOFError("1234"), RuntimeError("1234")])
def test_an_error_while_reading_is_named_without_its_text(error: Exception) -> None:
    with pytest.raises(Unreadable) as raised:
        read_up_to(Stream(b"123", error), 9, None)
    assert str(raised.value) == type(error).__name__
    assert raised.value.__suppress_context__


@pytest.mark.parametrize("error", [MemoryError(), LookupError()])
def test_an_error_that_the_sender_did_not_cause_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        read_up_to(Stream(b"123", error), 9, None, (LookupError,))
