"""The checkers of types and style find nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "--strict", "--package", "hookseal"],
        ["mypy", "--strict", "tests", "bench"],
        ["mypy.stubtest", "hookseal", "--allowlist", "tests/stubtest_allowlist"],
        # Without the types that Werkzeug leaves incomplete.
        ["pyright", "--verifytypes", "hookseal", "--ignoreexternal"],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tool_finds_nothing(command: list[str]) -> None:
    # Pyright looks for the packages of the first Python in PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path}
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
