"""The benchmark runs, and all contenders give the same results."""

import json
import subprocess
import sys
from pathlib import Path

COMPARE = Path(__file__).parents[1] / "bench" / "compare.py"


def test_the_benchmark_runs(tmp_path: Path) -> None:
    subprocess.run([sys.executable, COMPARE, "--rounds", "1", "--json", tmp_path / "results.json"], check=True)
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["language"] == "python"
    assert {row["case"].split(",")[0] for row in results["cases"]} == {"benji", "benti", "bento"}
    assert all(row.keys() == {"case", "peer", "median_ns", "ratio"} for row in results["cases"])
