"""What a test needs of the machine."""

import os
from typing import NoReturn

import pytest


def missing(tool: str, command: str) -> NoReturn:
    """Skips a test for want of a tool that `command` installs; in CI that is a failure."""
    message = f"{tool} is missing: {command}"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
