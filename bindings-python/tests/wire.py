"""HTTP/1.1 by hand over a real socket, which can also send what no client would send."""

import socket
import struct
from collections.abc import Callable, Iterable
from http.client import HTTPResponse
from typing import NamedTuple

Headers = Iterable[tuple[str, str]]


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def exchange(port: int, method: str, path: str, headers: Headers, body: bytes = b"") -> Reply:
    """Sends a request with its length."""
    return _exchange(port, method, path, [*headers, ("Content-Length", str(len(body)))], body)


def exchange_chunked(port: int, path: str, headers: Headers, chunks: Iterable[bytes], *, end: bool = True) -> Reply:
    """Sends a request in chunks. Without `end` it never sends the last chunk."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + (b"0\r\n\r\n" if end else b"")
    return _exchange(port, "POST", path, [*headers, ("Transfer-Encoding", "chunked")], framed)


def exchange_framed(port: int, path: str, headers: Headers, framed: bytes) -> Reply:
    """Sends bytes as a chunked body, well-formed or not."""
    return _exchange(port, "POST", path, [*headers, ("Transfer-Encoding", "chunked")], framed)


def flood(port: int, path: str, headers: Headers, chunks: int) -> int:
    """Sends a number of chunks of 64 KiB without an end. Returns the status, or 0 if the server closed the
    connection.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(_head(port, "POST", path, [*headers, ("Transfer-Encoding", "chunked")]))
            for _ in range(chunks):
                connection.sendall(b"10000\r\n%b\r\n" % bytes(0x10000))
            return _read(connection, "POST").status
        except ConnectionError:
            return 0


def exchange_raw(port: int, path: str, headers: Headers, body: bytes) -> Reply:
    """Sends a body with the given headers, whatever they say about its length."""
    return _exchange(port, "POST", path, headers, body)


def exchange_cut(port: int, path: str, headers: Headers, body: bytes) -> Reply:
    """Announces one byte more than the body has, stops sending, and waits for the answer."""
    framing = ("Content-Length", str(len(body) + 1))
    return _exchange(port, "POST", path, [*headers, framing], body, ends=True)


def leave(port: int, path: str, headers: Headers, sent: bytes, arrived: Callable[[], None], *, reset: bool) -> None:
    """Sends a request with a part of its body, and closes the connection, or resets it if `reset` is set.

    Before that it waits for the server's status 100 and for `arrived`, so that the application has the request.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(_head(port, "POST", path, [*headers, ("Expect", "100-continue")]))
        assert connection.recv(1_024).startswith(b"HTTP/1.1 100 ")
        arrived()
        connection.sendall(sent)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _exchange(port: int, method: str, path: str, headers: Headers, sent: bytes, *, ends: bool = False) -> Reply:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(_head(port, method, path, headers) + sent)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        return _read(connection, method)


def _read(connection: socket.socket, method: str) -> Reply:
    with HTTPResponse(connection, method=method) as response:
        response.begin()
        answered = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, answered, response.read())


def _head(port: int, method: str, path: str, headers: Headers) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
