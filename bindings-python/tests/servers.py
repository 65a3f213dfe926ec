"""The usual servers of the frameworks, on a free port of the loopback interface."""

import asyncio
import logging
import os
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import hypercorn.asyncio
import hypercorn.config
import uvicorn
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.serving import make_server

HERE = Path(__file__).parent


class Running(NamedTuple):
    """A server on its port."""

    port: int
    watched: "queue.SimpleQueue[str] | None" = None
    """`began` and the query for each request that the application gets, and `ended` and the query when it has
    finished it.

    None for a server that takes one request after the other: it has finished a request when it answers the next one.
    """
    log: Path | None = None
    """The output of a server that runs in its own process."""


@contextmanager
def on_uvicorn(app: Any) -> Iterator[Running]:
    watched: queue.SimpleQueue[str] = queue.SimpleQueue()
    config = uvicorn.Config(_watched_asgi(app(), watched), port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Running(server.servers[0].sockets[0].getsockname()[1], watched)
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def on_hypercorn(app: Any) -> Iterator[Running]:
    watched: queue.SimpleQueue[str] = queue.SimpleQueue()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config = hypercorn.config.Config()
    config.bind, config.errorlog = [f"fd://{listening.detach()}"], logging.getLogger("hypercorn")
    stop = asyncio.Event()
    with closing(asyncio.new_event_loop()) as loop:
        serving = hypercorn.asyncio.serve(_watched_asgi(app(), watched), config, shutdown_trigger=stop.wait)
        thread = threading.Thread(target=loop.run_until_complete, args=[serving])
        thread.start()
        try:
            yield Running(port, watched)
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()


@contextmanager
def on_werkzeug(app: Any) -> Iterator[Running]:
    watched: queue.SimpleQueue[str] = queue.SimpleQueue()
    with _serving(make_server("127.0.0.1", 0, _watched_wsgi(app(), watched), threaded=True)) as port:
        yield Running(port, watched)


@contextmanager
def on_django(app: Any) -> Iterator[Running]:
    watched: queue.SimpleQueue[str] = queue.SimpleQueue()
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(_watched_wsgi(app(), watched))
    with _serving(server) as port:
        yield Running(port, watched)


@contextmanager
def on_gunicorn(app: Any, *options: str) -> Iterator[Running]:
    """One worker, which takes one request after the other. Gunicorn needs its own process."""
    command = [sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:0", "--workers=1", "--no-control-socket"]
    command += options
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    with TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with log.open("wb") as file:
            command.append(f"{app.__module__.rpartition('.')[2]}:{app.__name__}()")
            process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
        try:
            while not (listening := re.search(r"Listening at: http://127.0.0.1:(\d+)", log.read_text())):
                assert process.poll() is None, log.read_text()
                time.sleep(0.01)
            yield Running(int(listening[1]), log=log)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _serving(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _watched_asgi(app: Any, watched: "queue.SimpleQueue[str]") -> Any:
    async def run(scope: Any, receive: Any, send: Any) -> None:
        query = scope.get("query_string", b"").decode()
        watched.put(f"began {query}")
        try:
            await app(scope, receive, send)
        finally:
            watched.put(f"ended {query}")

    return run


def _watched_wsgi(app: Any, watched: "queue.SimpleQueue[str]") -> Any:
    def run(environ: Any, start_response: Any) -> Iterator[bytes]:
        query = environ["QUERY_STRING"]
        watched.put(f"began {query}")
        try:
            with closing(app(environ, start_response)) as body:
                yield from body
        finally:
            watched.put(f"ended {query}")

    return run
