"""The attacks. Each function returns at the end of its attack, and puts the statuses of the answers into
target.statuses.
"""

import email.utils
import hashlib
import hmac
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from target import CONNECTIONS, PATIENCE_SECONDS, Connection, Failure, Target, beside, expect, in_parallel
from wire import CHUNKED, CLOSE, END, GENUINE, SALT, WRONG, chunk, genuine, head, with_length


def hold(target: Target, piece: bytes, times: int, last: bytes) -> None:
    """All connections send the pieces and stay open until genuine requests beside them have been served."""
    all_sent = threading.Barrier(CONNECTIONS + 1, timeout=2 * PATIENCE_SECONDS)
    served = threading.Barrier(CONNECTIONS + 1, timeout=2 * PATIENCE_SECONDS)

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED, CLOSE))
        is_whole = connection.send_for_a_time(piece, times)
        all_sent.wait()
        served.wait()
        if connection.is_open and not is_whole:
            return connection.abort()
        connection.send(last)
        connection.answers()

    def other() -> None:
        all_sent.wait()
        # Several requests, so that the server has read the bytes that were sent before.
        for _ in range(5):
            expect(target, genuine(target, CLOSE), "204", "a genuine request beside the held connections")
        served.wait()

    beside(other, lambda: in_parallel(target, CONNECTIONS, sender))


def one_byte_chunks(target: Target) -> None:
    """Connections that send one byte in each chunk, as many bytes as the limit allows, and stay open."""
    per_piece = 4096
    hold(target, chunk(b"x") * per_piece, min(target.limit, target.single_bytes) // per_piece, END)


def held_connections(target: Target) -> None:
    """Connections that send all but one byte of the largest body, in chunks of a thousand bytes, and stay open."""
    thousands, rest = divmod(target.limit - 1, 1000)
    hold(target, chunk(b"x" * 1000), thousands, chunk(b"x" * (rest + 1)) + END)


def endless(target: Target, piece: bytes) -> None:
    """Sends pieces as long as the server reads them, in requests that are refused by their size or by their head."""

    def sender(signature: str | None) -> Callable[[Connection], None]:
        def send(connection: Connection) -> None:
            connection.send(head(target, CHUNKED, signature=signature))
            connection.send_for_a_time(piece, sys.maxsize)
            if connection.is_open:
                return connection.abort()
            connection.answers()

        return send

    beside(
        lambda: in_parallel(target, CONNECTIONS // 2, sender(None)),
        lambda: in_parallel(target, CONNECTIONS - CONNECTIONS // 2, sender(WRONG)),
    )


def endless_one_byte_chunks(target: Target) -> None:
    """One-byte chunks without end."""
    endless(target, chunk(b"x") * 4096)


def endless_body(target: Target) -> None:
    """Large chunks without end."""
    endless(target, chunk(b"x" * 65_536))


def empty_chunks(target: Target) -> None:
    """Empty chunks. HTTP/1.1 allows one, as the last chunk. More of them are garbage after a refused request."""

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED))
        connection.send_for_a_time(END * 4096, 64)
        connection.end_sending()
        connection.answers()

    in_parallel(target, CONNECTIONS, sender)


def chunk_extensions(target: Target) -> None:
    """Chunks of one byte with four thousand bytes of extension."""
    piece = b"1;x=%s\r\nx\r\n" % (b"e" * 4000)

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED))
        connection.send_for_a_time(piece, target.limit)
        if connection.is_open:
            return connection.abort()
        connection.answers()

    in_parallel(target, CONNECTIONS, sender)


def empty_frames(target: Target) -> None:
    """DATA frames of HTTP/2 without data, which flow control does not count."""

    def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
        return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload

    def text(value: str) -> bytes:
        return bytes([len(value)]) + value.encode()

    fields = [
        (":method", "POST"), (":scheme", "http"), (":authority", "localhost"), (":path", target.path),
        ("x-webhook-datetime", email.utils.formatdate(usegmt=True)), ("x-benji-signature", WRONG),
    ]
    # Literal fields without indexing (RFC 7541, section 6.2.2). Each length fits into seven bits.
    block = b"".join(b"\x00" + text(name) + text(value) for name, value in fields)
    piece = frame(0, 0, 1) * 4096

    def sender(connection: Connection) -> None:
        connection.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0) + frame(1, 4, 1, block))
        connection.send_for_a_time(piece, sys.maxsize)
        connection.abort()

    in_parallel(target, CONNECTIONS, sender)


def slow_sender(target: Target) -> None:
    """Sends a byte now and then on all connections, and then nothing more."""
    started = threading.Barrier(CONNECTIONS + 1, timeout=PATIENCE_SECONDS)

    def sender(connection: Connection) -> None:
        connection.send(head(target, CHUNKED))
        started.wait()
        while target.goes_on() and connection.send(chunk(b"x")):
            time.sleep(0.02)
        connection.abort()

    def other() -> None:
        started.wait()
        expect(target, genuine(target, CLOSE), "204", "a genuine request beside the slow ones")

    beside(other, lambda: in_parallel(target, CONNECTIONS, sender))


def lying_lengths(target: Target) -> None:
    """Announces lengths that differ from the body's."""
    half = b"x" * (target.limit // 2)

    def announced(length: str, sent: bytes, *fields: str) -> Callable[[Connection], None]:
        def sender(connection: Connection) -> None:
            connection.send(head(target, f"Content-Length: {length}", *fields) + sent)
            connection.end_sending()
            connection.answers()

        return sender

    for lie in (
        announced("1000000000000", half),
        announced("9" * 40, half),
        announced(str(target.limit), half),
        announced("5", half * 4),
        announced("-5", half),
        announced("5, 6", half),
        announced("5", half, "Content-Length: 6"),
        announced("5", chunk(half), CHUNKED),
    ):
        in_parallel(target, CONNECTIONS // 8, lie)


def abort_half_way(target: Target) -> None:
    """Senders that crash in the middle of the body, and some that close the connection properly."""
    half = b"x" * (target.limit // 2)

    def dies(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(half) + b"ffff\r\nxxx")
        connection.abort()

    def dies_with_a_length(connection: Connection) -> None:
        connection.send(head(target, f"Content-Length: {target.limit}") + half)
        connection.abort()

    def leaves(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(half))
        connection.end_sending()
        connection.answers()

    for _ in range(3):
        for sender in (dies, dies_with_a_length, leaves):
            in_parallel(target, CONNECTIONS, sender)


def trailers(target: Target) -> None:
    """A genuine signature in a trailer, where it must not count, and trailers without an end."""
    signature = hmac.new(SALT.encode(), GENUINE, hashlib.sha256).hexdigest()
    last = f"0\r\nX-Benji-Signature: {signature}\r\n\r\n".encode()
    many = b"".join(b"x-trailer-%d: %s\r\n" % (number, b"t" * 1000) for number in range(1000))

    def late(connection: Connection) -> None:
        connection.send(head(target, CHUNKED, CLOSE, "Trailer: X-Benji-Signature", signature=None) + chunk(GENUINE) + last)
        connection.answers()

    def late_beside_a_wrong_one(connection: Connection) -> None:
        connection.send(head(target, CHUNKED, CLOSE) + chunk(GENUINE) + last)
        connection.answers()

    def endless(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(b"x") + b"0\r\n")
        connection.send_for_a_time(many, 20)
        connection.send(b"\r\n")
        connection.end_sending()
        connection.answers()

    for sender in (late, late_beside_a_wrong_one, endless):
        in_parallel(target, CONNECTIONS, sender)


def malformed_chunks(target: Target) -> None:
    """A good chunk and a malformed one. A genuine request after it must not be accepted."""
    behind = genuine(target, CLOSE)
    for bad in (b"zz\r\nx\r\n", b"-1\r\nx\r\n", b"5\r\nabcdefgh\r\n", b"f" * 17 + b"\r\n", b"0x5\r\nabcde\r\n", b"\0\r\n", b"g"):

        def sender(connection: Connection, bad: bytes = bad) -> None:
            connection.send(head(target, CHUNKED) + chunk(b"x" * 100) + bad + behind)
            connection.end_sending()
            connection.answers()

        in_parallel(target, CONNECTIONS // 5, sender)


def pipelining(target: Target) -> None:
    """A genuine request inside of a refused body. It must not count as a request."""
    inner = genuine(target, CLOSE)
    over = inner * (target.limit // len(inner) + 2)

    def within(body: bytes, *fields: str, signature: str | None = WRONG) -> Callable[[Connection], None]:
        def sender(connection: Connection) -> None:
            connection.send(with_length(target, body, *fields, signature=signature))
            connection.end_sending()
            connection.answers()

        return sender

    def within_chunks(connection: Connection) -> None:
        connection.send(head(target, CHUNKED) + chunk(inner) + chunk(over))
        connection.end_sending()
        connection.answers()

    for sender in (
        within(inner),
        within(inner, signature=None),
        within(inner, "Content-Encoding: gzip"),
        within(over),
        within(over, signature=None),
        within_chunks,
    ):
        in_parallel(target, CONNECTIONS // 5, sender)


def genuine_behind_refused(target: Target) -> None:
    """A genuine request after a refused one. It must be served, or the connection closed. It must not be refused."""

    def sender(connection: Connection) -> None:
        connection.send(with_length(target, b"x" * 100) + genuine(target, CLOSE))
        statuses = connection.answers()
        if statuses not in (["401", "204"], ["401"]):
            raise Failure(f"a genuine request behind a refused one: {statuses}")

    in_parallel(target, CONNECTIONS, sender)


@dataclass(frozen=True)
class Attack:
    name: str
    run: Callable[[Target], None]
    in_quick: bool = True
    reads_single_bytes: bool = False
    """Whether the server has to read as many one-byte chunks as the limit allows."""
    http2: bool = False
    may_succeed: bool = False
    """Whether it has a genuine request, which may be answered with 204."""


ATTACKS = [
    Attack("one-byte chunks", one_byte_chunks),
    Attack("one-byte chunks without end", endless_one_byte_chunks, in_quick=False, reads_single_bytes=True),
    Attack("a body without end", endless_body),
    Attack("empty chunks", empty_chunks),
    Attack("empty frames of HTTP/2", empty_frames, in_quick=False, http2=True),
    Attack("chunk extensions", chunk_extensions),
    Attack(f"{CONNECTIONS} held connections", held_connections),
    Attack("slow senders", slow_sender),
    Attack("lengths that lie", lying_lengths),
    Attack("aborts half-way", abort_half_way),
    Attack("trailers", trailers),
    Attack("malformed chunks", malformed_chunks),
    Attack("a request within a body", pipelining),
    Attack("pipelining after a refusal", genuine_behind_refused, may_succeed=True),
]
