"""A skipped test is listed as left out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

TESTS = """
import pytest
from machine import missing

@pytest.mark.parametrize("number", [1, 2])
def test_of_another_platform(number):
    pytest.skip("this one has no such thing")

def test_with_a_tool():
    missing("a tool", "install it")

def test_that_runs():
    pass
"""


def left_out(folder: Path, **environment: str) -> tuple[int, list[str]]:
    """The exit status of a run, and its list."""
    tests, hardening = folder / "bindings-python" / "tests", folder / "hardening"
    tests.mkdir(parents=True)
    hardening.mkdir()
    shutil.copy(HERE.parents[1] / "hardening" / "left_out.sh", hardening)
    for name in ("conftest.py", "machine.py"):
        shutil.copy(HERE / name, tests)
    (tests / "test_some.py").write_text(TESTS)
    found = folder / "list"
    without_ci = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
        env=without_ci | {"LEFT_OUT": str(found), **environment},
        capture_output=True,
        text=True,
    )
    lines = found.read_text().splitlines()
    assert all(line in done.stdout for line in lines)
    return done.returncode, sorted(set(lines))


OTHER_PLATFORM = "left out: Python: test_some.py::test_of_another_platform: this one has no such thing"


def test_a_skip_is_in_the_list(tmp_path: Path) -> None:
    tool = "left out: Python: test_some.py::test_with_a_tool: a tool is missing: install it"
    assert left_out(tmp_path) == (pytest.ExitCode.OK, [OTHER_PLATFORM, tool])


def test_a_missing_tool_is_a_failure_in_ci(tmp_path: Path) -> None:
    assert left_out(tmp_path, CI="1") == (pytest.ExitCode.TESTS_FAILED, [OTHER_PLATFORM])
