"""Handles tools that are missing on the machine."""

import os
from typing import NoReturn


def missing(tool: str, command: str) -> NoReturn:
    """Skips a test because a tool is missing that `command` installs. In CI it fails the test instead."""
    # The benchmarks use the tests' servers, and have no pytest.
    import pytest

    message = f"{tool} is missing: {command}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
