"""Adds each skipped test to the list at the end of `make test`."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "hardening" / "left_out.sh"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not os.environ.get("LEFT_OUT"):
        return
    for report in terminalreporter.stats.get("skipped", []):
        _, _, reason = report.longrepr
        test = report.nodeid.rsplit("/")[-1].partition("[")[0]
        command = [SCRIPT, f"Python: {test}", reason.removeprefix("Skipped: ")]
        terminalreporter.write(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
