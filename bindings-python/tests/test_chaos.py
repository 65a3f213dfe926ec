"""Each key is confirmed once, whichever process is killed and when."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from machine import missing
from redis_servers import PROGRAM

CHAOS = Path(__file__).with_name("chaos.py")


def chaos(*options: str) -> tuple[int, str]:
    """In a process of its own: it forks, and pytest may have threads."""
    if shutil.which(PROGRAM) is None:
        missing(PROGRAM, f"apt-get install {PROGRAM}")
    done = subprocess.run([sys.executable, CHAOS, *options], capture_output=True, text=True)
    assert done.stderr == ""
    print(done.stdout)
    return done.returncode, done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="it forks, which Windows cannot")
def test_ten_thousand_deliveries_are_each_confirmed_once_while_processes_are_killed() -> None:
    status, printed = chaos("--deliveries", "10000")
    assert (status, printed.splitlines()[-1].split()[-5:]) == (0, ["Redis", "10000", "deliveries", "0", "findings"])


@pytest.mark.skipif(sys.platform == "win32", reason="it forks, which Windows cannot")
@pytest.mark.parametrize("script", ["confirm", "release"])
def test_a_guard_that_compares_no_tokens_is_found(script: str) -> None:
    # Whether one run meets the fault depends on when its processes are killed.
    runs = (chaos("--deliveries", "200", "--without", script) for _ in range(5))
    printed = next((printed for status, printed in runs if status == 1), "found in no run")
    assert "confirmations on the server" in printed or "after its confirmation" in printed
