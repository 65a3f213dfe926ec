"""The servers that people run the frameworks with, on a free port of the loopback interface."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.serving import make_server


@contextmanager
def on_uvicorn(app: Any) -> Iterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def on_werkzeug(app: Any) -> Iterator[int]:
    with _running(make_server("127.0.0.1", 0, app, threaded=True)) as port:
        yield port


@contextmanager
def on_django(app: Any) -> Iterator[int]:
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(app)
    with _running(server) as port:
        yield port


@contextmanager
def _running(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
