"""What was answered is stored, and its effect happens once, whichever process is killed and when."""

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from machine import missing
from postgres_servers import programs
from redis_servers import PROGRAM

CHAOS = Path(__file__).with_name("inbox_chaos.py")
NODE_PACKAGE = Path(__file__).parents[2] / "bindings-node"
PROGRAMS = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it forks, which Windows cannot")


def chaos(*options: str) -> tuple[int, str]:
    """In a process of its own: it forks, and pytest may have threads."""
    done = subprocess.run([sys.executable, CHAOS, *options], capture_output=True, text=True)
    print(done.stdout)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("database", PROGRAMS)
def test_each_delivery_has_one_effect_while_processes_in_python_and_node_are_killed(database: str) -> None:
    if database == "postgresql":
        programs()
    built, modules = NODE_PACKAGE / "hookseal.node", NODE_PACKAGE / "node_modules"
    if shutil.which("node") is None or not built.exists() or not modules.exists():
        missing("the package for Node", "npm --prefix bindings-node ci; npm --prefix bindings-node run build")
    status, printed = chaos("--database", database, "--deliveries", "500")
    assert printed.splitlines()[-1].split() == [
        "inbox",
        "on",
        PROGRAMS[database],
        *["500", "deliveries", "0", "findings"],
    ]
    assert status == 0


def is_found(database: str, fault: str) -> bool:
    # What one run does not meet, another does.
    for _ in range(6):
        _, printed = chaos("--database", database, "--deliveries", "100", "--without", fault)
        if re.search(rf"^  (?:delivery|\d+ answered deliveries) .*\n(?:  .*\n)*.* without {fault} ", printed, re.M):
            return True
    return False


def test_planted_faults_are_found() -> None:
    programs()
    faults = [("postgresql", fault) for fault in ("turn", "one-transaction", "transaction", "synchronous_commit")]
    faults.append(("sqlite", "one-transaction"))
    # They mostly wait for leases to end.
    with ThreadPoolExecutor(len(faults)) as threads:
        found = list(threads.map(lambda each: is_found(*each), faults))
    assert [fault for fault, is_so in zip(faults, found, strict=True) if not is_so] == []


def test_the_inbox_loses_nothing_that_it_has_answered_and_handles_nothing_twice() -> None:
    programs()
    if shutil.which(PROGRAM) is None:
        missing(PROGRAM, f"apt-get install {PROGRAM}")
    status, printed = chaos("--table", "--deliveries", "6")
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines()[2:]]
    cells = {(failure, sender): rest for failure, sender, *rest in lines}
    assert status == 0
    assert cells["the handler", "sends once"] == ["6 / 0", "6 / 0", "6 / 0", "0 / 0"]
    assert cells["the process is killed", "sends once"] == ["4 / 0", "4 / 0", "4 / 0", "2 / 0"]
    assert cells["the process is killed", "three attempts in 2 minutes"] == ["0 / 2", "0 / 2", "0 / 2", "0 / 0"]
    assert cells["the store is away", "sends once"] == ["", "", "3 / 0", "3 / 0"]
    assert cells["the answer is lost", "three attempts in 2 minutes"] == ["0 / 6", "0 / 0", "0 / 0", "0 / 0"]
    # Bento's keys are kept for 300 s.
    assert cells["the answer is lost", "three attempts in 30 minutes: Bento"] == ["0 / 6"] * 4
