#!/usr/bin/env python3
"""Measures everything in the three languages, and writes benches/RESULTS.md with its pictures and the raw figures.

    benches/report.py                  # everything: some 25 minutes; fails if a target of targets.py is missed
    benches/report.py --quick          # fewer samples: some 6 minutes once everything is built; writes to target/quick
    benches/report.py --page FILE      # writes only the page, from results/FILE
    benches/report.py --body FILE      # measures a request body of your own in Rust, prints tables and writes no page

It needs cargo, and for the other languages the tools of their packages (a venv with pip; npm). The page lists a peer or
a language that does not build or install as absent. Python 3.11 with its standard library is enough.
"""

import argparse
import datetime
import json
import os
import platform
import re
import shlex
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import page
import targets

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target")).resolve()
VENV = TARGET / "bench-venv"
QUICK = ["--warm-up-time", "0.1", "--measurement-time", "0.4", "--sample-size", "20"]
# How many processes measure a check beside its limit.
PROCESSES = 15
# The flags with which plain `hmac` and `sha2` lose the most.
USERS_FLAGS = {
    "RUSTFLAGS": "-C target-cpu=native",
    "CARGO_PROFILE_BENCH_LTO": "fat",
    "CARGO_PROFILE_BENCH_CODEGEN_UNITS": "1",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer samples, and only the portable build")
    parser.add_argument("--page", metavar="FILE", help="write the page anew from a file of results/")
    parser.add_argument("--body", type=Path, metavar="FILE", help="measure this request body, and write no page")
    arguments = parser.parse_args()
    if arguments.body:
        own_body(arguments.body, arguments.quick)
        return
    if arguments.page:
        page.write(json.loads((HERE / "results" / arguments.page).read_text()), HERE, arguments.page)
        return

    results = about(arguments.quick)
    features, results["absent"] = peers()
    results["overhead"] = overhead(3 if arguments.quick else PROCESSES)
    results["rust"] = rust(features, arguments.quick)
    for language, install, measure, guards in (("python", install_python, python, python_guards), ("node", install_node, node, node_guards)):
        try:
            install()
        except (OSError, subprocess.CalledProcessError) as error:
            results["absent"].append({"what": f"the comparison in {language.capitalize()}", "why": last_line(error)})
            continue
        results[language] = measure(arguments.quick)
        if shutil.which("redis-server"):
            results[f"{language}_guards"] = guards()
        else:
            results["absent"].append({"what": f"guards in {language.capitalize()}", "why": "there is no redis-server"})
    if why := without_inbox(results):
        results["absent"].append({"what": "the inbox", "why": why})
    else:
        results["inbox"] = inbox(arguments.quick, "node" in results)
        results["absent"] += results["inbox"]["absent"]
    if not arguments.quick:
        results["users_flags"] = rust(features, quick=True, benches=["authenticate", "parse", "receive"], flags=USERS_FLAGS)

    # A quick run does not replace the page of a full one.
    folder = TARGET / "quick" if arguments.quick else HERE
    name = f"{results['date']}-{re.sub('[^a-z0-9]+', '-', results['cpu'].lower()).strip('-')}.json"
    (folder / "results").mkdir(parents=True, exist_ok=True)
    (folder / "results" / name).write_text(json.dumps(results, indent=1) + "\n")
    page.write(results, folder, name)
    print(f"written: {folder / 'RESULTS.md'}", file=sys.stderr)
    missed = report_targets(targets.outcomes(results))
    if missed and not arguments.quick:
        sys.exit(f"report: {missed} targets are missed")


def report_targets(outcomes):
    """Prints every target that was not reached, and returns the number of those that no known miss explains."""
    for outcome in outcomes:
        if outcome.status != targets.REACHED:
            print(f"{outcome.status}: {outcome.what}: {outcome.measured} (target: {outcome.target})", file=sys.stderr)
    counts = {status: sum(outcome.status == status for outcome in outcomes) for status in (targets.REACHED, targets.KNOWN_MISS, targets.MISSED)}
    print("targets: " + ", ".join(f"{count} {status}" for status, count in counts.items()), file=sys.stderr)
    return counts[targets.MISSED]


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
    """The features of the peers that build, and a line for each peer that does not."""
    manifest = (HERE / "Cargo.toml").read_text()
    wanted = re.findall(r'"([^"]+)"', re.search(r"^default = \[(.*)\]", manifest, re.MULTILINE)[1])
    if not fails(wanted):
        return wanted, []
    whys = {feature: fails([feature]) for feature in wanted}
    return [feature for feature in wanted if not whys[feature]], [
        {"what": feature, "why": why} for feature, why in whys.items() if why
    ]


def fails(features):
    """Why the benchmarks do not build with these peers, or an empty text if they build."""
    print(f"building with {', '.join(features)}", file=sys.stderr)
    done = subprocess.run(
        ["cargo", "bench", "--quiet", "--locked", "--no-run", "--no-default-features", "--features", ",".join(features)],
        cwd=HERE, env=environment({}), capture_output=True, text=True,
    )
    errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
    return (errors or ["it does not build"])[0] if done.returncode else ""


def rust(features, quick, benches=(), flags=None):
    """Runs the benchmarks, and returns the routines with their medians in nanoseconds."""
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


def overhead(processes):
    """The check of a signature beside its limit: the median of several processes, and their range."""
    run("cargo", "build", "--quiet", "--locked", "--profile", "bench", "--no-default-features", "--bin", "overhead", cwd=HERE, env=environment({}))
    print(f"measuring a check beside its limit in {processes} processes", file=sys.stderr)
    runs = []
    for _ in range(processes):
        printed = subprocess.run([TARGET / "release/overhead"], check=True, capture_output=True, text=True).stdout
        runs.append([json.loads(line) for line in printed.splitlines()])
    rows = []
    for of_size in zip(*runs, strict=True):
        ratios = [row["ratio"] for row in of_size]
        medians = {name: statistics.median(row[name] for row in of_size) for name in of_size[0]}
        rows.append(medians | {"from": min(ratios), "to": max(ratios), "processes": processes})
    if not rows:
        sys.exit("report: nothing is written, because the program overhead printed no figures")
    return rows


# The exit status of a benchmark if no vendor reads the user's body.
UNREAD = 3


def own_body(path, quick):
    """Measures a body of the user's own, and prints a table for each vendor that reads it."""
    try:
        size = len(path.read_bytes())
    except OSError as error:
        sys.exit(f"report: {path} cannot be read: {error.strerror}")
    if size == 0:
        sys.exit(f"report: {path} is empty, and no vendor sends an empty body")
    features, absent = peers()
    for peer in absent:
        print(f"absent: {peer['what']}: {peer['why']}", file=sys.stderr)
    home = TARGET / "criterion-body"
    shutil.rmtree(home, ignore_errors=True)
    variables = environment({}) | {"CRITERION_HOME": str(home), "HOOKSEAL_BENCH_BODY": str(path.resolve())}
    for name in ("receive", "authenticate"):
        # Not by cargo, which would hide the exit status.
        done = subprocess.run([executable(name, features), "--bench", *(QUICK if quick else [])], cwd=HERE, env=variables)
        if done.returncode == UNREAD:
            sys.exit(f"report: no vendor reads {path}; the lines above say why")
        if done.returncode:
            sys.exit(f"report: the benchmark {name} failed on {path}")
    rows = routines(home)
    print(f"\n# {path}: {size:,} bytes\n")
    print("\n".join(page.table(rows)))


def executable(bench, features):
    """The program of a benchmark, built with these peers."""
    done = subprocess.run(
        ["cargo", "bench", "--quiet", "--locked", "--no-run", "--no-default-features", "--features", ",".join(features),
         "--bench", bench, "--message-format", "json"],
        cwd=HERE, env=environment({}), check=True, stdout=subprocess.PIPE, text=True,
    )
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    return next(message["executable"] for message in messages if message.get("executable") and message["target"]["name"] == bench)


def environment(flags):
    own = os.environ | {"CARGO_TARGET_DIR": str(TARGET / "users-flags" if flags else TARGET)}
    # Flags of this machine's user must not change the build.
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
    run(VENV / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{ROOT / 'bindings-python'}[bench,redis]", stderr=subprocess.PIPE)


def python(quick):
    out = TARGET / "bench-python.json"
    run(VENV / "bin/python", ROOT / "bindings-python/bench/compare.py", "--json", out, *(["--rounds", "11"] if quick else []))
    return cases(out)


def python_guards():
    out = TARGET / "guards-python.json"
    run(VENV / "bin/python", ROOT / "bindings-python/bench/guard.py", "--json", out)
    return json.loads(out.read_text())


def install_node():
    run("npm", "--prefix", ROOT / "bindings-node", "ci", stderr=subprocess.PIPE)
    run("npm", "--prefix", ROOT / "bindings-node", "run", "build", stderr=subprocess.PIPE)


def node(_quick):
    out = TARGET / "bench-node.json"
    run("node", "--expose-gc", ROOT / "bindings-node/bench/compare.mjs", "--json", out)
    return cases(out)


def node_guards():
    out = TARGET / "guards-node.json"
    run("node", ROOT / "bindings-node/bench/guard.mjs", "--json", out)
    return json.loads(out.read_text())


def without_inbox(results):
    """Why the inbox cannot be measured, or nothing."""
    if "python" not in results:
        return "its benchmark needs the package for Python"
    if shutil.which("initdb") is None and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return "there is no PostgreSQL server"
    return None


def inbox(quick, has_node):
    out = TARGET / "inbox.json"
    run(
        VENV / "bin/python", HERE / "inbox.py", "--json", out,
        *(["--quick"] if quick else []), *([] if has_node else ["--without-node"]),
    )
    found = json.loads(out.read_text())
    if not found["put"] or not found["workers"]:
        sys.exit(f"report: nothing is written, because {out.name} came without figures")
    return found


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
        # The command has already printed why.
        sys.exit(f"report: nothing is written, because this failed: {shlex.join(map(str, error.cmd))}")
