"""HTTP/1.1 by hand over a real socket: what no client would send can be sent too."""

import socket
from collections.abc import Iterable
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
    """Sends a request in chunks; without `end` it never says that the body is complete."""
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + (b"0\r\n\r\n" if end else b"")
    return _exchange(port, "POST", path, [*headers, ("Transfer-Encoding", "chunked")], framed)


def leave(port: int, path: str, headers: Headers, body: bytes) -> None:
    """Announces a request, sends this much of its body, and goes."""
    sent = _head(port, "POST", path, [*headers, ("Content-Length", str(len(body) + 1))]) + body
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(sent)


def _exchange(port: int, method: str, path: str, headers: Headers, sent: bytes) -> Reply:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(_head(port, method, path, headers) + sent)
        with HTTPResponse(connection) as response:
            response.begin()
            answered = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, answered, response.read())


def _head(port: int, method: str, path: str, headers: Headers) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
