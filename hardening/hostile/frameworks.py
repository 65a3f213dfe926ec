"""The servers that are attacked. Each is one line of SERVERS."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024


@dataclass(frozen=True)
class Server:
    name: str
    command: str
    """The command, which runs in the root of the repository without a shell. `{python}` is the Python of --python."""
    path: str
    allowance: int
    """MiB that the runtime may use before it collects its garbage, in addition to the cost of the requests."""
    http2_allowance: int | None = None
    """The same for attacks by HTTP/2, if the server accepts HTTP/2 without TLS from the first byte on."""
    needs: tuple[str, ...] = ()
    """The files, and the programs in PATH, that the server needs."""
    modules: tuple[str, ...] = ()
    """The Python modules that the server needs."""
    keeps_memory: bool = False
    """Whether it keeps freed memory. Its memory at rest is then measured again before each attack."""
    in_quick: bool = True
    most_single_bytes: int = MIB
    """The most one-byte chunks of a connection that it can read in time."""


def python_server(
    name: str, command: str, allowance: int, *modules: str, http2_allowance: int | None = None, in_quick: bool = False
) -> Server:
    return Server(
        name,
        command,
        "/hook",
        allowance,
        http2_allowance,
        modules=("hookseal", *modules),
        keeps_memory=True,
        in_quick=in_quick,
        most_single_bytes=64 * 1024,
    )


# Node lets its young generation grow to 48 MiB before it collects older objects, and it reads into new memory each
# time. Measured above rest, without the bodies: up to 43 MiB, and 68 MiB on Hono, whose streams make promises for each
# chunk.
NODE = "bindings-node/hookseal.node", "bindings-node/node_modules/express", "node"
SERVERS = [
    Server("express", "node hardening/hostile/servers.mjs express", "/hook", 64, needs=NODE),
    Server("fastify", "node hardening/hostile/servers.mjs fastify", "/hook", 64, needs=NODE),
    Server("node:http", "node hardening/hostile/servers.mjs node:http", "/", 64, needs=NODE),
    Server("fetch on Hono", "node hardening/hostile/servers.mjs hono", "/hook", 96, needs=NODE),
]
UVICORN = "{python} -m uvicorn --factory --port 0 --no-access-log hardening.hostile.servers"
HYPERCORN = "{python} -m hypercorn --bind 127.0.0.1:0 hardening.hostile.servers"
# With threads, because one slow sender blocks a worker without threads for all others.
GUNICORN = "{python} -m gunicorn --bind 127.0.0.1:0 --threads 64 --no-control-socket hardening.hostile.servers"
# The allowance is the memory that these servers themselves use for each connection. uvicorn holds the bytes that it
# reads at once (256 KiB) twice. Hypercorn holds ten pieces of 64 KiB that wait for the application, and with HTTP/2 an
# object for each frame of a piece. gunicorn holds a trailer section of 256 KiB three times while it reads one.
SERVERS += [
    python_server("Starlette on uvicorn", f"{UVICORN}:starlette", 24, "starlette", "uvicorn"),
    python_server("FastAPI on uvicorn", f"{UVICORN}:fastapi", 24, "fastapi", "uvicorn"),
    python_server(
        "Starlette on Hypercorn", f"{HYPERCORN}:starlette()", 32, "starlette", "hypercorn", http2_allowance=192, in_quick=True
    ),
    python_server("Flask on gunicorn", f"{GUNICORN}:flask()", 40, "flask", "gunicorn", in_quick=True),
    python_server("Django on gunicorn", f"{GUNICORN}:django_wsgi()", 40, "django", "gunicorn"),
    python_server("Django on uvicorn", f"{UVICORN}:django_asgi", 24, "django", "uvicorn"),
]

RUST = "hardening/target/release/hostile"
SERVERS.append(Server("Rust example", RUST, "/benji", 16, needs=(RUST,)))


def missing(server: Server, python: str) -> list[str]:
    modules = []
    if server.modules:
        find = "import sys, importlib.util as u; print(*(n for n in sys.argv[1:] if u.find_spec(n) is None))"
        found = subprocess.run([python, "-c", find, *server.modules], stdout=subprocess.PIPE, text=True, check=True)
        modules = found.stdout.split()
    return modules + [
        need.format(python=python)
        for need in server.needs
        if not (ROOT / need.format(python=python)).exists() and shutil.which(need.format(python=python)) is None
    ]
