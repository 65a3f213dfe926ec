"""The examples that people read first."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import hookseal

PAGES = [Path(__file__).parents[up] / "README.md" for up in (1, 2)]
EXAMPLES = [example for page in PAGES for example in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]
ADAPTERS = ("starlette", "fastapi", "flask", "django", "aws_lambda")


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_prints_what_it_says(
    example: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENJI_SALT", "salt")
    monkeypatch.setenv("BENTI_SECRET", "secret")
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out.splitlines() == re.findall(r"  # (.*)", example)


def test_no_framework_is_imported_before_its_adapter() -> None:
    for name in ADAPTERS:
        assert not hasattr(hookseal, name) or f"hookseal.{name}" in sys.modules
    frameworks = "{'starlette', 'fastapi', 'flask', 'django'}"
    code = f"import sys, hookseal; assert not {frameworks} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
