#!/usr/bin/env python3
"""Measures everything in the three languages, and writes benches/RESULTS.md with its pictures and the raw figures.

    benches/report.py                  # all of it, some 20 minutes
    benches/report.py --quick          # fewer samples, under 5 minutes once everything is built; written to target/quick
    benches/report.py --page FILE      # only the page anew, from results/FILE

Needs cargo, and for the other languages what their packages need (a venv with pip; npm). What does not build or
install is listed on the page as absent. Uses nothing but the standard library of Python 3.11.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
VENV = TARGET / "bench-venv"
QUICK = ["--warm-up-time", "0.1", "--measurement-time", "0.4", "--sample-size", "20"]
# The build in which plain `hmac` and `sha2` lose the most.
USERS_FLAGS = {
    "RUSTFLAGS": "-C target-cpu=native",
    "CARGO_PROFILE_BENCH_LTO": "fat",
    "CARGO_PROFILE_BENCH_CODEGEN_UNITS": "1",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer samples, and only the portable build")
    parser.add_argument("--page", metavar="FILE", help="write the page anew from a file of results/")
    arguments = parser.parse_args()
    if arguments.page:
        page.write(json.loads((HERE / "results" / arguments.page).read_text()), HERE, arguments.page)
        return

    results = about(arguments.quick)
    features, results["absent"] = peers()
    results["rust"] = rust(features, arguments.quick)
    for language, install, measure in (("python", install_python, python), ("node", install_node, node)):
        try:
            install()
        except (OSError, subprocess.CalledProcessError) as error:
            results["absent"].append({"what": f"the comparison in {language.capitalize()}", "why": last_line(error)})
        else:
            results[language] = measure(arguments.quick)
    if not arguments.quick:
        results["users_flags"] = rust(features, quick=True, benches=["authenticate", "parse", "receive"], flags=USERS_FLAGS)

    # What few samples say does not replace the page that was measured with care.
    folder = TARGET / "quick" if arguments.quick else HERE
    name = f"{results['date']}-{re.sub('[^a-z0-9]+', '-', results['cpu'].lower()).strip('-')}.json"
    (folder / "results").mkdir(parents=True, exist_ok=True)
    (folder / "results" / name).write_text(json.dumps(results, indent=1) + "\n")
    page.write(results, folder, name)
    print(f"written: {folder / 'RESULTS.md'}", file=sys.stderr)
    missed = [figure for figure in page.figures(results) if not figure.reached]
    for figure in missed:
        print(f"not reached: {figure.what}: {figure.shown}, asked {figure.asked}", file=sys.stderr)


def about(quick):
    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        cpu = found[1] if found else cpu
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": cpu,
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "rustc": version("rustc", "--version"),
        "python_version": platform.python_version(),
        "node_version": version("node", "--version"),
        "quick": quick,
    }


def version(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "absent"


def peers():
    """The features whose peers build, and a line for each that does not."""
    manifest = (HERE / "Cargo.toml").read_text()
    wanted = re.findall(r'"([^"]+)"', re.search(r"^default = \[(.*)\]", manifest, re.MULTILINE)[1])
    if not fails(wanted):
        return wanted, []
    whys = {feature: fails([feature]) for feature in wanted}
    return [feature for feature in wanted if not whys[feature]], [
        {"what": feature, "why": why} for feature, why in whys.items() if why
    ]


def fails(features):
    """Why the benchmarks do not build with these peers; nothing where they do."""
    print(f"building with {', '.join(features)}", file=sys.stderr)
    done = subprocess.run(
        ["cargo", "bench", "--quiet", "--locked", "--no-run", "--no-default-features", "--features", ",".join(features)],
        cwd=HERE, env=environment({}), capture_output=True, text=True,
    )
    errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
    return (errors or ["it does not build"])[0] if done.returncode else ""


def rust(features, quick, benches=(), flags=None):
    """Runs the benchmarks; the routines with their medians in nanoseconds."""
    home = TARGET / ("criterion-users-flags" if flags else "criterion-report")
    shutil.rmtree(home, ignore_errors=True)
    command = ["cargo", "bench", "--locked", "--no-default-features", "--features", ",".join(features)]
    for bench in benches:
        command += ["--bench", bench]
    subprocess.run(
        [*command, "--", *(QUICK if quick else [])], cwd=HERE, check=True,
        env=environment(flags or {}) | {"CRITERION_HOME": str(home)},
    )
    return routines(home)


def environment(flags):
    own = os.environ | {"CARGO_TARGET_DIR": str(TARGET / "users-flags" if flags else TARGET)}
    # What the machine's owner has set is not the build that is asked for.
    for name in ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"):
        own.pop(name, None)
    return own | flags


def routines(home):
    rows = []
    for file in home.glob("*/*/new/benchmark.json"):
        routine = json.loads(file.read_text())
        median = json.loads((file.parent / "estimates.json").read_text())["median"]
        throughput = (routine["throughput"] or {}).get("ElementsAndBytes", {})
        rows.append({
            "case": routine["group_id"],
            "peer": routine["function_id"],
            "median_ns": round(median["point_estimate"], 1),
            "from_ns": round(median["confidence_interval"]["lower_bound"], 1),
            "to_ns": round(median["confidence_interval"]["upper_bound"], 1),
            "bytes": throughput.get("bytes"),
            "elements": throughput.get("elements"),
        })
    if not rows:
        sys.exit(f"report: nothing is written, because the benchmarks left no figures in {home}")
    return sorted(rows, key=lambda row: (row["case"], row["median_ns"]))


def install_python():
    run(sys.executable, "-m", "venv", VENV, stderr=subprocess.PIPE)
    run(VENV / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{ROOT / 'bindings-python'}[bench]", stderr=subprocess.PIPE)


def python(quick):
    out = TARGET / "bench-python.json"
    run(VENV / "bin/python", ROOT / "bindings-python/bench/compare.py", "--json", out, *(["--rounds", "11"] if quick else []))
    return cases(out)


def install_node():
    run("npm", "--prefix", ROOT / "bindings-node", "ci", stderr=subprocess.PIPE)
    run("npm", "--prefix", ROOT / "bindings-node", "run", "build", stderr=subprocess.PIPE)


def node(_quick):
    out = TARGET / "bench-node.json"
    run("node", "--expose-gc", ROOT / "bindings-node/bench/compare.mjs", "--json", out)
    return cases(out)


def cases(out):
    rows = json.loads(out.read_text())["cases"]
    if not rows:
        sys.exit(f"report: nothing is written, because {out.name} came without a case")
    return rows


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, text=True, **options)


def last_line(error):
    lines = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
    return lines[-1] if lines else "no message"


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        # It has said why, and which benchmark it was.
        sys.exit(f"report: nothing is written, because this failed: {shlex.join(map(str, error.cmd))}")
