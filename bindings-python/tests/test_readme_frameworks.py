"""The README's table of frameworks says what the tests show, without a gap."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import shown

HERE = Path(__file__).parent
COLLECTS = """
import json, sys
import pytest, shown

class Cells:
    def pytest_collection_finish(self, session):
        print("cells", json.dumps(sorted({cell for item in session.items for cell in shown.cells_of(item)})))

sys.exit(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[Cells()]))
"""


def table() -> dict[tuple[str, str], str]:
    page = (HERE.parent / "README.md").read_text()
    section = page.partition("## Frameworks")[2].partition("\n## ")[0]
    head, *rows = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    _, *columns = head.split(" | ")
    assert tuple(columns) == shown.COLUMNS
    cells: dict[tuple[str, str], str] = {}
    for row in rows:
        name, *texts = row.split(" | ")
        framework = {"Django under WSGI": "django-wsgi", "Django under ASGI": "django-asgi"}.get(
            name, name.lower().replace(" ", "_")
        )
        assert len(texts) == len(columns)
        cells |= {(framework, column): text for column, text in zip(columns, texts, strict=True)}
    return cells


def test_each_cell_of_the_table_is_shown_by_a_test() -> None:
    tests = [str(path) for path in sorted(HERE.glob("test_*.py")) if "pytest.mark.shows" in path.read_text()]
    tests += [str(path) for path in sorted(HERE.glob("test_*.py")) if "shown import" in path.read_text()]
    command = [sys.executable, "-c", COLLECTS, *sorted({*tests} - {__file__})]
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        command, cwd=HERE.parent, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("cells ")]
    marked = {(framework, column) for framework, column in json.loads(line.removeprefix("cells "))}
    assert marked <= {(framework, column) for framework in shown.FRAMEWORKS for column in shown.COLUMNS}
    cells = table()
    assert {framework for framework, _ in cells} == {*shown.FRAMEWORKS}
    assert {cell for cell, text in cells.items() if text == "yes"} == marked
    for cell, text in cells.items():
        assert text == "yes" or text.startswith("not possible, because "), cell


@pytest.mark.parametrize("name", ["flask-gunicorn", "django", "django-asgi-async", "lambda"])
def test_each_name_of_an_application_is_a_row(name: str) -> None:
    assert shown.row_of(name) in shown.FRAMEWORKS
