"""The benchmark runs, and all contenders give the same results."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import postgres_servers
from machine import missing
from redis_servers import PROGRAM

BENCH = Path(__file__).parents[1] / "bench"
# `make bench` installs the extra `bench`, which has no pytest.
WITHOUT_PYTEST = """
import pathlib, runpy, sys
sys.modules["pytest"] = None
del sys.argv[0]
sys.path.insert(0, str(pathlib.Path(sys.argv[0]).parent))
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(program: str | Path, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_PYTEST, BENCH / program, *arguments], check=True)


def test_the_benchmark_runs(tmp_path: Path) -> None:
    run("compare.py", "--rounds", "1", "--json", tmp_path / "results.json")
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["language"] == "python"
    assert {row["case"].split(",")[0] for row in results["cases"]} == {"benji", "benti", "bento"}
    assert all(row.keys() == {"case", "peer", "median_ns", "ratio"} for row in results["cases"])


def test_the_benchmark_of_the_guards_runs(tmp_path: Path) -> None:
    if shutil.which(PROGRAM) is None:
        missing(PROGRAM, f"apt-get install {PROGRAM}")
    results = tmp_path / "results.json"
    run("guard.py", "--turns", "1", "--json", results)
    measured = json.loads(results.read_text())
    assert [row["case"] for row in measured] == ["Redis, redis-py", "in memory, 1000000 live keys"]
    assert measured[0]["ratio"] > 0


def test_the_benchmark_of_the_inbox_runs(tmp_path: Path) -> None:
    postgres_servers.programs()
    results = tmp_path / "results.json"
    run(BENCH.parents[1] / "benches/inbox.py", "--quick", "--without-node", "--json", results)
    measured = json.loads(results.read_text())
    assert (measured["fsync"], measured["absent"]) == ("on", [])
    assert [(row["bytes"], row["writers"]) for row in measured["put"]] == [(300, 1), (300, 4), (8192, 1), (8192, 4)]
    assert all(row["ratio"] > 0 for row in measured["put"])
    names = ("hookseal", 1), ("procrastinate", 1), ("hookseal", 10), ("pgqueuer", 10)
    workers = [(*contender, count) for contender in names for count in (1, 2, 4)]
    assert [(row["name"], row["rows_per_take"], row["workers"]) for row in measured["workers"]] == workers
    assert all(row["per_second"] > 0 for row in measured["workers"])
