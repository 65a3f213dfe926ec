#!/usr/bin/env python3
"""No script of this repository exits with 0 without having done its work, and each says what went wrong.

A script runs in its own tree, where small programs replace cargo, valgrind and the others, and fail like them.
planted.sh plants the faults that need the real programs, such as a crash under the fuzzing engine.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def own(pattern):
    """The files that match a pattern and that no build has made."""
    return [path for path in ROOT.glob(pattern) if "target" not in path.relative_to(ROOT).parts]
# The programs that the scripts may find on any machine. Their PATH holds only these and the programs that a test adds.
SYSTEM = (
    "awk basename bash cat chmod cp cut date dirname env find git grep head ln make mkdir mktemp mv node od printf python3 rm"
    " rmdir sed sh sha1sum sleep sort tail tar tee touch tr uname wc xargs"
).split()
HOST = "x86_64-unknown-linux-gnu"
RUSTC = f"""
case $1 in
    -vV) echo "host: {HOST}" ;;
    *) echo "rustc 1.95.0 (stands for it)" ;;
esac
"""
CPU = Path("/proc/cpuinfo")
COUNTED = unittest.skipUnless(CPU.exists() and "avx2" in CPU.read_text(), "Valgrind's checks are for Linux on x86_64 with AVX2")
# A row that counts as a pass in quick.sh.
ROW = "echo 'a check                            7 inputs  0 findings'\n"


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.tree, self.bin, self.target = (self.folder / name for name in ("tree", "bin", "target"))
        for path in (self.tree, self.bin, self.target):
            path.mkdir()
        for name in SYSTEM:
            found = sys.executable if name == "python3" else shutil.which(name)
            self.assertIsNotNone(found, f"{name} is missing")
            (self.bin / name).symlink_to(found)
        self.tool("rustc", RUSTC)

    def copy(self, *names):
        for name in names:
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.tree / name)

    def write(self, name, text, executable=False):
        path = self.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if executable:
            path.chmod(0o755)
        return path

    def tool(self, name, body):
        """Puts a program of that name into the PATH of the scripts, in place of the system's."""
        (self.bin / name).unlink(missing_ok=True)
        self.write(self.bin / name, f"#!/usr/bin/env bash\nset -u\n{body}\n", executable=True)

    def run_script(self, *command, **environment):
        """Runs a script, and returns its exit status and its whole output."""
        if command[0].endswith(".py"):
            command = (sys.executable, *command)
        done = subprocess.run(
            command, cwd=self.tree, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            env={"PATH": str(self.bin), "HOME": str(self.folder), "CARGO_TARGET_DIR": str(self.target)} | environment,
        )
        return done.returncode, done.stdout

    def assert_fails(self, outcome, *words):
        status, printed = outcome
        self.assertNotEqual(status, 0, f"it passed, and printed:\n{printed}")
        for word in words:
            self.assertIn(word, printed)

    def assert_passes(self, outcome, *words):
        status, printed = outcome
        self.assertEqual(status, 0, printed)
        for word in words:
            self.assertIn(word, printed)


class FuzzingRuns(Scripts):
    """libFuzzer's messages and statuses: 77 for a crash, 71 for too much memory, 72 for an interrupted run."""

    ENGINE = r"""
for argument in "$@"; do
    case $argument in
        -artifact_prefix=*) prefix=${argument#*=} ;;
    esac
done
found() {
    echo "thread panicked at src/window.rs:9:5: planted"
    echo "==7== ERROR: libFuzzer: deadly signal"
    echo input >"$prefix$1"
    echo "artifact_prefix='$prefix'; Test unit written to $prefix$1"
}
progress() {
    echo "#2	INITED cov: 10 ft: 20 corp: 1/1b"
    echo "#90	DONE   cov: 12 ft: 25 corp: 3/9b"
}
case $(basename "$0") in
    good) progress; echo "stat::number_of_executed_units: 90" ;;
    crash_at_load) found crash-1f; exit 77 ;;
    crash_later) progress; found crash-2e; echo "stat::number_of_executed_units: 90"; exit 77 ;;
    leak) progress; found leak-3d; exit 77 ;;
    memory) progress; found oom-4c; exit 71 ;;
    slow) progress; found slow-unit-5b; echo "stat::number_of_executed_units: 90" ;;
    killed) progress; kill -KILL $$ ;;
    interrupted) progress; echo "stat::number_of_executed_units: 90"; exit 72 ;;
    idle) echo "INFO: Loaded 1 modules" ;;
esac
"""
    TARGETS = "good crash_at_load crash_later leak memory slow killed interrupted idle".split()

    def setUp(self):
        super().setUp()
        self.copy("fuzz/run.sh", "fuzz/words.dict")
        self.copy("hardening/left_out.sh")
        for target in (*self.TARGETS, "not_built"):
            self.write(f"fuzz/fuzz_targets/{target}.rs", "")
            self.write(f"fuzz/corpus/{target}/seed-0", "")
        engine = self.write("engine", f"#!/usr/bin/env bash\n{self.ENGINE}", executable=True)
        self.programs = self.target / HOST / "release"
        self.tool("c++", "")
        self.tool("cargo", f"""
case "$*" in
    "fuzz --version") ;;
    "+nightly --version") exit 1 ;;
    *" fuzz build "*) mkdir -p "{self.programs}"; for name in {' '.join(self.TARGETS)}; do cp "{engine}" "{self.programs}/$name"; done ;;
    "run "*) ;;
    *) exit 9 ;;
esac""")

    def fuzz(self, *arguments):
        return self.run_script("fuzz/run.sh", *arguments)

    def assert_finding(self, target, artifact):
        outcome = self.fuzz("5", target)
        kept = self.tree / "fuzz/artifacts" / target / artifact
        self.assertTrue(kept.exists())
        again = f"fuzz run --sanitizer none --target {HOST} --target-dir {self.target} {target} artifacts/{target}/{artifact}"
        self.assert_fails(outcome, target, "1 findings", f"input: {kept}", again, f"log: {self.target}/fuzz-logs/{target}")

    def test_a_run_without_a_finding_passes(self):
        self.assert_passes(self.fuzz("5", "good"), "good", "90 inputs", "12 edges", "25 features", "0 findings")

    def test_a_crash_while_the_corpus_loads_is_reported(self):
        self.assert_finding("crash_at_load", "crash-1f")

    def test_a_crash_later_names_its_input_and_its_log(self):
        self.assert_finding("crash_later", "crash-2e")

    def test_a_leak_is_reported(self):
        self.assert_finding("leak", "leak-3d")

    def test_too_much_memory_is_reported(self):
        self.assert_finding("memory", "oom-4c")

    def test_a_killed_process_is_reported_without_an_input(self):
        self.assert_fails(self.fuzz("5", "killed"), "1 findings", "no input was kept; again: ", "run.sh 5 killed", "log: ")

    def test_an_interrupted_run_does_not_pass(self):
        self.assert_fails(self.fuzz("5", "interrupted"), "0 findings; interrupted", "log: ")

    def test_a_run_that_tried_nothing_does_not_pass(self):
        self.assert_fails(self.fuzz("5", "idle"), "no input was tried", "log: ")

    def test_a_slow_input_is_named_but_is_not_a_finding(self):
        self.assert_passes(self.fuzz("5", "slow"), "0 findings", "artifacts/slow/slow-unit-5b")

    def test_the_other_targets_run_after_a_crash(self):
        self.assert_fails(self.fuzz("5", "crash_at_load", "good"), "90 inputs", "1 findings")

    def test_a_mistyped_target_is_named_before_anything_runs(self):
        outcome = self.fuzz("5", "good", "windwo")
        self.assert_fails(outcome, 'no target "windwo"', "crash_later")
        self.assertNotIn("90 inputs", outcome[1])

    def test_a_target_that_only_an_earlier_build_had_counts_as_mistyped(self):
        self.fuzz("5", "good")
        shutil.copy2(self.programs / "good", self.programs / "renamed")
        self.assert_fails(self.fuzz("5", "renamed"), 'no target "renamed"')

    def test_a_target_that_was_not_built_is_named(self):
        self.assert_fails(self.fuzz("5", "not_built"), "not_built", "was not built")

    def test_a_mistyped_time_is_named(self):
        for time in ("sixty", "0", "lnog"):
            self.assert_fails(self.fuzz(time, "good"), f'"{time}" is neither')


class FuzzingKeeps(Scripts):
    def setUp(self):
        super().setUp()
        self.copy("fuzz/keep.sh")
        self.write("fuzz/fuzz_targets/window.rs", "")
        self.write("fuzz/corpus/window/seed-0", "seed")
        self.kept = self.write("fuzz/kept/window.hex", "# why one broke,\n# in two lines\n6f6e65\n74776f\n")
        self.tool("xxd", 'od -An -v -tx1 "${@: -1}" | tr -d " \\n"; echo')

    def engine(self, body):
        path = self.target / HOST / "release" / "window"
        path.parent.mkdir(parents=True)
        self.write(path, f"#!/usr/bin/env bash\n{body}", executable=True)

    def test_an_input_below_a_comment_of_two_lines_is_kept(self):
        self.engine("echo new >$3/1; cp corpus/window/seed-0 $3/2")
        self.assert_passes(self.run_script("fuzz/keep.sh"), "window: 2 kept inputs")
        self.assertEqual(self.kept.read_text(), "# why one broke,\n# in two lines\n6f6e65\n6e65770a\n")

    def test_a_run_that_reached_nothing_new_does_not_empty_the_list(self):
        self.engine("cp corpus/window/seed-0 $3/1")
        self.assert_fails(self.run_script("fuzz/keep.sh"), "window", "nothing beyond its 1 seeds")
        self.assertIn("74776f", self.kept.read_text())

    def test_a_merge_that_fails_shows_its_log(self):
        self.engine("echo 'the reason'; exit 77")
        self.assert_fails(self.run_script("fuzz/keep.sh"), "the reason", "window", "could not be merged")

    def test_a_missing_program_is_named(self):
        self.assert_fails(self.run_script("fuzz/keep.sh"), "release/window", "run fuzz/run.sh first")


class Mutants(Scripts):
    """cargo-mutants' statuses: 0 all caught, 1 usage, 2 some missed, 3 timeouts, 4 tests that fail, 70 its own error.
    """

    def setUp(self):
        super().setUp()
        self.copy("hardening/mutants.sh")
        for part in ("authenticate", "freshness", "rejection"):
            self.write(f"core/src/{part}/mod.rs", "")

    def mutants(self, unit, again=("", "", ""), status=0, status_again=0, **arguments):
        """Plants the results of the two passes: caught, timeout and missed."""
        for name, lists in (("unit", unit), ("all", again)):
            for file, text in zip(("caught", "timeout", "missed"), lists, strict=True):
                self.write(f"found/{name}/{file}.txt", text)
            self.write(f"found/{name}/outcomes.json", "{}")
        self.tool("cargo", f"""
[[ $* == "mutants --version" ]] && exit 0
while [[ $1 != -o ]]; do shift; done
mkdir -p "$2/mutants.out" && cp {self.tree}/found/"$(basename "$2")"/* "$2/mutants.out/"
echo "what cargo-mutants says"
[[ $2 == */unit ]] && exit {status}
exit {status_again}""")
        return self.run_script("hardening/mutants.sh", *arguments.get("arguments", ()))

    def test_a_run_passes_if_all_mutants_are_caught(self):
        outcome = self.mutants(("a\nb\n", "c\n", ""), status=3)
        self.assert_passes(outcome, "3 mutants 0 findings", "100.0 %", "1 of them by the time limit")

    def test_a_survivor_that_all_tests_catch_passes(self):
        outcome = self.mutants(("a\n", "", "core/src/sign.rs:1:2: b\n"), ("core/src/sign.rs:1:2: b\n", "", ""), status=2)
        self.assert_passes(outcome, "2 mutants 0 findings")

    def test_a_survivor_where_none_may_survive_fails(self):
        missed = "core/src/freshness/window.rs:1:2: b\n"
        outcome = self.mutants(("a\n" * 99, "", missed), ("", "", missed), status=2, status_again=2)
        self.assert_fails(outcome, f"survived: {missed.strip()}", "100 mutants 1 findings", "1 where none may")

    def test_too_many_survivors_fail(self):
        missed = "core/src/sign.rs:1:2: b\n"
        outcome = self.mutants(("a\n" * 9, "", missed), ("", "", missed), status=2, status_again=2)
        self.assert_fails(outcome, "10 mutants 1 findings; 90.0 %")

    def test_any_other_status_fails(self):
        # The lists exist, as after a run that ended half-way.
        for status in (1, 4, 5, 6, 70, 101, 137):
            with self.subTest(status=status):
                outcome = self.mutants(("a\n", "", ""), status=status)
                self.assert_fails(outcome, "what cargo-mutants says", f"ended with status {status}")

    def test_the_second_pass_may_not_end_early_either(self):
        missed = "core/src/sign.rs:1:2: b\n"
        self.assert_fails(self.mutants(("a\n", "", missed), ("", "", ""), status=2, status_again=70), "ended with status 70")

    def test_a_survivor_that_the_second_pass_does_not_try_is_not_caught(self):
        missed = "core/src/sign.rs:1:2: b\n"
        self.assert_fails(self.mutants(("a\n" * 99, "", missed), ("", "", ""), status=2), "not tried again with all tests", missed)

    def test_a_run_that_changed_nothing_fails(self):
        outcome = self.mutants(("", "", ""), arguments=("-f", "core/src/sing.rs"))
        self.assert_fails(outcome, "nothing was changed", "core/src/sing.rs")

    def test_a_critical_part_that_was_moved_is_named(self):
        shutil.move(self.tree / "core/src/freshness", self.tree / "core/src/time")
        self.assert_fails(self.mutants(("a\n", "", "")), "core/src/freshness")


class Coverage(Scripts):
    def coverage(self, says, status):
        self.copy("hardening/coverage.sh")
        self.tool("cargo", f'[[ $* == "tarpaulin --version" ]] && exit 0\necho "{says}"; exit {status}')
        return self.run_script("hardening/coverage.sh")

    def test_enough_coverage_passes(self):
        self.assert_passes(self.coverage("97.12% coverage, 971/1000 lines covered", 0), "1000 lines   0 findings; 97.12%")

    def test_too_little_coverage_fails(self):
        self.assert_fails(self.coverage("90.00% coverage, 900/1000 lines covered", 2), "1000 lines   1 findings; 90.00%")

    def test_tests_that_do_not_compile_are_shown(self):
        self.assert_fails(self.coverage("error: could not compile", 1), "could not compile", "coverage.log")

    def test_a_run_without_a_figure_fails(self):
        self.assert_fails(self.coverage("nothing to do", 0), "nothing to do", "coverage.log")


class Semver(Scripts):
    def semver(self, says="", status=0, baseline="HEAD", cargo=""):
        self.copy("hardening/semver.sh")
        self.write("hardening/semver_baseline.txt", f"# A comment.\n{baseline}\n")
        author = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "one"]):
            subprocess.run(["git", *author, *command], cwd=self.tree, check=True)
        self.tool("cargo", f"""{cargo}
[[ $* == "semver-checks --version" ]] && exit
[[ -f ${{*: -1}}/hardening/semver.sh ]] || exit 9
echo "{says}"; exit {status}""")
        return self.run_script("hardening/semver.sh")

    def test_an_interface_without_a_break_passes(self):
        self.assert_passes(self.semver("  Checked [   0.034s] 196 checks: 196 pass, 49 skip"), "196 checks  0 findings")

    def test_a_break_is_shown(self):
        says = "  Checked [   0.034s] 196 checks: 194 pass, 2 fail, 0 warn, 49 skip\n--- failure enum_missing"
        self.assert_fails(self.semver(says, 100), "failure enum_missing", "196 checks  2 findings")

    def test_a_crate_that_does_not_build_is_shown(self):
        self.assert_fails(self.semver("error: running cargo-doc failed", 1), "cargo-doc failed", "nothing was compared")

    def test_a_baseline_that_is_not_a_revision_is_named(self):
        self.assert_fails(self.semver(baseline="v9"), 'names "v9"', "no revision")
        self.assert_fails(self.semver(baseline=""), 'names ""', "no revision")

    def test_a_missing_tool_is_named(self):
        self.assert_fails(self.semver(cargo="exit 101"), "cargo install cargo-semver-checks")


class Packages(Scripts):
    def packages(self, python="", npm=""):
        self.copy("hardening/packages.sh")
        self.write(self.target / "venv-hardening/bin/python", f"#!/usr/bin/env bash\n{python}", executable=True)
        self.tool("npm", npm)
        return self.run_script("hardening/packages.sh")

    def test_if_both_packages_build_the_path_of_python_is_printed(self):
        self.assert_passes(self.packages(), "venv-hardening/bin/python")

    def test_a_python_package_that_does_not_build_fails(self):
        outcome = self.packages(python="echo 'pip: no'; exit 1")
        self.assert_fails(outcome, "pip: no", "this failed: ", "pip install")

    def test_a_node_package_that_does_not_build_fails(self):
        self.assert_fails(self.packages(npm="echo 'npm: no'; exit 1"), "npm: no", "this failed: npm")


class Valgrind(Scripts):
    CASES = "echo signature; echo leak_by_a_table"

    def valgrind(self, listing=CASES, running='case $1 in leak_*) echo "3 $1" ;; *) echo "0 $1" ;; esac'):
        self.copy("hardening/valgrind.sh", "hardening/left_out.sh")
        program = self.write("program", f"#!/usr/bin/env bash\nif (($# == 0)); then {listing}\nelse {running}\nfi", executable=True)
        self.tool("cargo", f'mkdir -p "{self.target}/release"; cp "{program}" "{self.target}/release/valgrind"')
        self.tool("valgrind", 'shift; "$@"')
        self.tool("uname", "echo Linux x86_64")
        return self.run_script("hardening/valgrind.sh")

    def test_no_findings_and_a_found_control_pass(self):
        self.assert_passes(self.valgrind(), "1 cases   0 findings; 1 controls found")

    def fails(self, *words, **program):
        self.assert_fails(self.valgrind(**program), *words)

    def test_a_program_that_names_no_case_fails(self):
        self.fails("0 cases and 0 controls", listing="true")

    def test_a_program_that_does_not_start_fails(self):
        self.fails(listing="exit 127")

    def test_cases_without_a_control_prove_nothing(self):
        self.fails("1 cases and 0 controls", listing="echo signature")

    def test_a_case_that_prints_nothing_did_not_run(self):
        self.fails("signature: did not run to its end", running='case $1 in leak_*) echo "3 $1" ;; esac')

    def test_a_case_that_prints_another_name_did_not_run(self):
        self.fails("signature: did not run to its end", running='echo "3 leak_by_a_table"')

    def test_a_finding_fails(self):
        self.fails("signature: 2 findings", running='case $1 in leak_*) echo "3 $1" ;; *) echo "2 $1" ;; esac')


class Sanitizer(Scripts):
    def sanitizer(self, *arguments, cargo="exit 1", python="", node=""):
        self.copy("hardening/sanitizer.sh", "hardening/left_out.sh")
        self.tool("cargo", f'[[ $* == "+nightly --version" ]] && exit 0\n{cargo}')
        return self.run_script("hardening/sanitizer.sh", *arguments)

    def test_passed_tests_pass(self):
        self.assert_passes(self.sanitizer("quick", cargo="echo 'test result: ok. 7 passed; 0 failed'"), "7 tests   0 findings")

    def test_tests_that_do_not_compile_are_shown(self):
        self.assert_fails(self.sanitizer(cargo="echo 'error: linking failed'; exit 101"), "linking failed", "1 findings")

    def test_a_run_without_a_test_fails(self):
        self.assert_fails(self.sanitizer(cargo="echo 'nothing to run'"), "nothing to run", "0 tests")

    def test_a_mistyped_depth_is_named(self):
        self.assert_fails(self.sanitizer("qiuck", cargo="echo '7 passed'"), '"qiuck" is neither')

    def bindings(self, python="echo 5 passed", node="echo '# pass 6'"):
        for file in ("index.cjs", "index.js", "package.json", "lib/one", "test/one"):
            self.write(f"bindings-node/{file}", "")
        self.write("bindings-python/python/hookseal/__init__.py", "")
        self.write(self.folder / "python", f"#!/usr/bin/env bash\n[[ $* == *pip* ]] || {python}", executable=True)
        self.write("hardening/packages.sh", f"#!/usr/bin/env bash\necho {self.folder}/python", executable=True)
        self.tool("cc", "echo /usr/lib/libasan.so")
        self.tool("node", node)
        built = self.target / "asan" / HOST / "debug"
        build = f"mkdir -p {built}; echo >{built}/lib_hookseal.so; echo >{built}/libhookseal_node.so"
        return self.sanitizer("bindings", cargo=build)

    def test_both_packages_pass(self):
        self.assert_passes(self.bindings(), "5 tests   0 findings", "6 tests   0 findings")

    def test_a_package_without_a_test_fails(self):
        self.assert_fails(self.bindings(python="echo no tests ran"), "asan: Python", "no tests ran")

    def test_a_report_in_an_unknown_form_fails(self):
        self.assert_fails(self.bindings(node="echo 'ℹ pass 6'"), "asan: Node", "0 tests")


class OtherChecks(Scripts):
    def test_a_bill_without_components_fails(self):
        self.copy("hardening/sbom.sh")
        for crate in ("core", "bindings-python", "bindings-node"):
            self.write(f"{crate}/Cargo.toml", "")
        self.tool("cargo", "for crate in core bindings-python bindings-node; do echo {} >$crate/hookseal.cdx.json; done")
        self.assert_fails(self.run_script("hardening/sbom.sh"), "core.cdx.json names no component")

    def test_a_replay_of_no_corpus_fails(self):
        self.copy("hardening/corpus.sh")
        self.tool("cargo", "echo 'running 0 tests'")
        self.assert_fails(self.run_script("hardening/corpus.sh"), "no input was tried")

    def test_a_replay_of_a_corpus_passes(self):
        self.copy("hardening/corpus.sh")
        self.tool("cargo", "echo 'window: 3 seeds, 4 kept inputs'")
        self.assert_passes(self.run_script("hardening/corpus.sh"), "7 inputs  0 findings")

    def test_a_corpus_that_breaks_a_promise_fails(self):
        self.copy("hardening/corpus.sh")
        self.tool("cargo", "echo 'window: 3 seeds, 4 kept inputs'; exit 101")
        self.assert_fails(self.run_script("hardening/corpus.sh"))

    def test_a_replay_of_nothing_fails_in_python(self):
        self.copy("hardening/three-languages/replay.py", "bindings-python/tests/vectors.py")
        self.write("bindings-python/tests/hookseal.py", """
Delivery = Event = Handshake = Key = Rejection = Subject = str
Receiver = list
""")
        outcome = self.run_script("bash", "-c", "python3 hardening/three-languages/replay.py </dev/null")
        self.assert_fails(outcome, "0 inputs", "nothing to try")

    def test_a_replay_of_nothing_fails_in_node(self):
        self.copy("hardening/three-languages/replay.mjs", "bindings-node/test/vectors.js")
        self.write("bindings-node/index.js", "export const Key = 0, Receiver = 0\n")
        self.write("bindings-node/package.json", '{"name":"hookseal","type":"module","exports":"./index.js"}')
        outcome = self.run_script("bash", "-c", "node hardening/three-languages/replay.mjs </dev/null")
        self.assert_fails(outcome, "0 inputs", "nothing to try")

    def test_a_replay_needs_both_languages(self):
        self.copy("hardening/replay.sh")
        self.write("hardening/packages.sh", f"#!/usr/bin/env bash\necho {self.folder}/python", executable=True)
        self.write(self.folder / "python", "#!/usr/bin/env bash\nexit 1", executable=True)
        self.tool("node", "echo Node went on")
        self.tool("cargo", "echo '{}'")
        self.assert_fails(self.run_script("hardening/replay.sh"), "Node went on")

    def test_statistics_without_a_case_fail(self):
        self.copy("hardening/timing.sh")
        self.tool("cargo", f'mkdir -p "{self.target}/release"; printf "#!/bin/sh\\n" >"{self.target}/release/dudect"; chmod +x "{self.target}/release/dudect"')
        self.assert_fails(self.run_script("hardening/timing.sh"), "0 cases")


class Deny(Scripts):
    def deny(self, fetched, advisories=0):
        self.copy("hardening/deny.sh", "hardening/left_out.sh")
        self.tool("cargo", f"""
case "$*" in
    "deny --version") ;;
    "deny --locked check licenses bans sources") ;;
    "deny --locked fetch db") exit {fetched} ;;
    "deny --locked check --disable-fetch advisories") echo "asked for advisories"; exit {advisories} ;;
    "metadata --format-version 1 --locked") echo '{{"manifest_path":1}}' ;;
    *) exit 9 ;;
esac""")
        return self.run_script("hardening/deny.sh")

    def test_known_vulnerabilities_are_checked(self):
        status, printed = self.deny(fetched=0)
        self.assertEqual(status, 0, printed)
        self.assertIn("asked for advisories", printed)
        self.assertNotIn("left out", printed)

    def test_a_known_vulnerability_fails(self):
        status, printed = self.deny(fetched=0, advisories=1)
        self.assertNotEqual(status, 0, printed)

    def test_a_database_that_cannot_be_reached_is_reported(self):
        status, printed = self.deny(fetched=1)
        self.assertEqual(status, 0, printed)
        self.assertIn("left out: known vulnerabilities: their database cannot be reached", printed)
        self.assertNotIn("asked for advisories", printed)


class Benchmarks(Scripts):
    def instructions(self, names, *arguments):
        self.copy("benches/instructions.py", "benches/instructions.json", "hardening/left_out.sh")
        (self.tree / "benches/instructions.json").write_text('{"rustc": "1.95.0", "counts": {}}\n')
        self.tool("cargo", f'mkdir -p "{self.target}/counts"; printf "#!/bin/sh\\n{names}\\n" >"{self.target}/counts/paths"; chmod +x "{self.target}/counts/paths"')
        self.tool("valgrind", "")
        return self.run_script("benches/instructions.py", *arguments)

    @COUNTED
    def test_a_program_that_names_no_path_is_not_counted(self):
        self.assert_fails(self.instructions(""), "names no path")
        self.assert_fails(self.instructions("", "--write"), "names no path")

    @COUNTED
    def test_counts_of_another_compiler_are_left_out_and_never_overwritten(self):
        self.copy("benches/instructions.json")
        self.instructions("")
        (self.tree / "benches/instructions.json").write_text('{"rustc": "1.1.0", "counts": {}}\n')
        self.assert_passes(self.run_script("benches/instructions.py"), "left out: the instructions of the main paths: ", "1.95.0")

    def python(self, program):
        self.copy("benches/report.py", "benches/flags.py", "benches/page.py", "benches/pictures.py", "benches/targets.py")
        return self.run_script("bash", "-c", f"cd benches && python3 -c '{program}'")

    def test_benchmarks_without_figures_give_no_report(self):
        program = 'import report, pathlib; report.routines(pathlib.Path("nothing"))'
        self.assert_fails(self.python(program), "no figures in nothing")

    def test_a_comparison_without_a_case_gives_no_report(self):
        self.write("benches/bench-python.json", '{"cases": []}')
        program = 'import report, pathlib; report.cases(pathlib.Path("bench-python.json"))'
        self.assert_fails(self.python(program), "without a case")

    def test_an_inbox_without_figures_gives_no_report(self):
        self.write("benches/inbox.json", '{"put": [{}], "workers": []}')
        program = 'import report, pathlib; report.TARGET = pathlib.Path("."); report.run = lambda *_: None; report.inbox(True, True)'
        self.assert_fails(self.python(program), "inbox.json came without figures")

    def test_a_queue_that_handles_more_deliveries_is_named(self):
        program = (
            "import page; row = lambda name, ratio: dict(language=\"node\", name=name, workers=2, ratio=ratio);"
            " print(*page.better_peers(dict(inbox=dict(workers=[row(\"a fast queue\", 0.5), row(\"a slow queue\", 1.5)]))))"
        )
        outcome = self.python(program)
        self.assert_passes(outcome, "`a fast queue` handles 2.00 times as many")
        self.assertNotIn("a slow queue", outcome[1])

    def test_a_comparison_of_flags_without_a_case_fails(self):
        program = (
            "import flags, report; report.peers = lambda: ([], []);"
            ' report.rust = lambda *_, **options: [{"case": "c", "peer": "limit", "median_ns": 1}]; flags.main()'
        )
        self.assert_fails(self.python(program), "no routine of hookseal was compared")

    def test_a_target_without_a_measured_figure_is_not_met(self):
        program = (
            'import targets; found = targets.outcomes({}); missed = [target for target in found if target.status == "missed"];'
            " print(len(found), len(missed), [target.measured for target in found].count(\"not measured\"))"
        )
        status, printed = self.python(program)
        self.assertEqual(status, 0, printed)
        targets, missed, without = printed.split()
        self.assertGreater(int(targets), 30)
        self.assertEqual((missed, without), (targets, targets))

    def test_a_known_miss_is_told_apart_from_a_target_that_is_missed(self):
        for value, status, missed in ((1.2, "reached", 0), (1.3, "known miss", 0), (1.4, "missed", 1)):
            program = (
                f'import report, targets; found = targets.at_most("a check", {value}, 1.25, held=1.35);'
                " print(found.status, report.report_targets([found]))"
            )
            outcome = self.python(program)
            self.assert_passes(outcome, f"{status} {missed}", f"1 {status}")
            self.assertEqual("a check" in outcome[1], status != "reached")
        program = 'import targets; print(targets.at_least("a peer", 3.0, 4).status, targets.at_least("a peer", 3.0, 4, held=2.9).status)'
        self.assert_passes(self.python(program), "missed known miss")

    def test_a_full_report_that_misses_a_target_fails_and_a_quick_one_only_says_so(self):
        program = """
import report, sys, targets
value = float(sys.argv.pop())
def absent(): raise OSError("absent")
report.peers, report.overhead, report.rust = lambda: ([], []), lambda _: [], lambda *_, **__: []
report.install_python = report.install_node = absent
report.page.write = lambda *_: None
targets.outcomes = lambda _: [targets.at_most("a check", value, 1.25)]
report.main()
"""
        self.copy("benches/report.py", "benches/page.py", "benches/pictures.py", "benches/targets.py")
        self.write("benches/program.py", program)
        self.assert_passes(self.run_script("benches/program.py", "1.2"), "1 reached")
        self.assert_fails(self.run_script("benches/program.py", "1.3"), "missed: a check: 1.30 ×", "report: 1 targets are missed")
        self.assert_passes(self.run_script("benches/program.py", "--quick", "1.3"), "missed: a check: 1.30 ×", "1 missed")

    def body(self, path, ends_with=0):
        self.copy("benches/report.py", "benches/page.py", "benches/pictures.py", "benches/targets.py", "benches/Cargo.toml")
        program = self.write("program", f"#!/bin/sh\necho as benji: not read; exit {ends_with}\n", executable=True)
        lines = "".join(f'{{"executable": "{program}", "target": {{"name": "{name}"}}}}\\n' for name in ("receive", "authenticate"))
        self.tool("cargo", f"[[ $* == *json* ]] && printf '{lines}'; exit 0")
        return self.run_script("benches/report.py", "--quick", "--body", path)

    def test_a_body_that_cannot_be_measured_is_named_with_the_reason(self):
        for path, reason in (("absent.json", "absent.json cannot be read: No such file"), ("benches", "benches cannot be read: Is a directory")):
            outcome = self.body(path)
            self.assert_fails(outcome, reason)
            self.assertNotIn("Traceback", outcome[1])
        self.write("empty.json", "")
        self.assert_fails(self.body("empty.json"), "empty.json is empty")

    def test_a_body_that_no_vendor_reads_is_no_result(self):
        self.write("body.json", "[")
        self.assert_fails(self.body("body.json", ends_with=3), "as benji: not read", "no vendor reads body.json")
        self.assert_fails(self.body("body.json", ends_with=101), "the benchmark receive failed on body.json")
        self.assert_fails(self.body("body.json"), "no figures in")


class Quick(Scripts):
    def quick(self, *arguments, **checks):
        """Runs quick.sh with checks that pass, except for those that are given."""
        self.copy("hardening/quick.sh")
        text = (ROOT / "hardening/quick.sh").read_text()
        for name in re.findall(r'^ *check "[^"]+" (?:python3 )?(\S+)', text, re.MULTILINE):
            key = Path(name).stem
            body = checks.get(key, ROW)
            if name.endswith(".py"):
                body = f"import subprocess, sys\nsys.exit(subprocess.run(['bash', '-c', {body!r}]).returncode)\n"
                self.write(name, body)
            elif name.endswith(".sh"):
                self.write(name, f"#!/usr/bin/env bash\n{body}", executable=True)
        self.tool("cargo", "echo 'window: 3 seeds, 4 kept inputs'; echo '\"manifest_path\"'")
        return self.run_script("hardening/quick.sh", *arguments)

    def test_it_passes_if_all_checks_pass(self):
        self.assert_passes(self.quick(), " passed, 0 failed")

    def test_a_check_that_fails_is_shown(self):
        self.assert_fails(self.quick(limits="echo the reason; exit 1"), "FAILED", "the reason", ", 1 failed")

    def test_a_check_that_prints_nothing_does_not_pass(self):
        self.assert_fails(self.quick(limits="exit 0"), "limits", "FAILED: it says nothing", ", 1 failed")

    def test_a_check_that_tried_nothing_does_not_pass(self):
        outcome = self.quick(limits="echo 'limits                            0 inputs  0 findings'")
        self.assert_fails(outcome, "FAILED: it tried nothing")

    def test_a_check_with_findings_does_not_pass(self):
        outcome = self.quick(limits="echo 'limits                            9 inputs  2 findings'")
        self.assert_fails(outcome, "FAILED: it has findings")

    def test_a_check_that_was_left_out_does_not_pass_and_is_listed(self):
        outcome = self.quick(sanitizer="echo 'left out: the sanitizer: no nightly toolchain'")
        self.assert_passes(outcome, "left out: the sanitizer: no nightly toolchain", "0 failed, 1 skipped")

    def test_a_mistyped_depth_is_named(self):
        self.assert_fails(self.quick("fulll"), '"fulll" is not "full"')


class Types(Scripts):
    """The script that makes types and tables from the core's table of kinds, over a small core with one vendor."""

    TABLE = {
        "words": {name: ["benji"] for name in (
            "Vendor", "Entity", "Action", "Kind", "Coverage", "IdOrigin", "ReplayPolicy", "SignatureEncoding")},
        "any_other": "*",
        "rows": [{"vendor": "benji", "name": "user_created", "kind": "user.created", "payload": "benji::Webhook",
                  "is_open": False, "subject": ["/id"], "parent": [], "actor": [], "time": ["x-date"]}],
    }
    PAYLOAD = """/// A webhook.
#[derive(Deserialize)]
pub struct Webhook<'a> {
    /// The id.
    #[serde(borrow, default, deserialize_with = "typed::id")]
    pub id: Option<Text<'a>>,
}
"""
    CODES = """    pub fn code(&self) -> &'static str {
        match self {
            Self::Stale => "stale",
        }
    }
"""
    README = "<!-- The table of kinds, written by core/types/generate.py -->\n<!-- End of the table of kinds -->\n"
    WRITTEN = ("bindings-python/python/hookseal/payloads.py", "bindings-node/lib/words.d.cts", "core/docs/kinds.md",
               "core/schemas/payloads.schema.json", "README.md")

    def setUp(self):
        super().setUp()
        self.copy("core/types/generate.py")
        for path in (ROOT / "core/types/kinds").glob("*.py"):
            self.copy(path.relative_to(ROOT))
        self.tool("cargo", f"cat <<'END'\n{json.dumps(self.TABLE)}\nEND")
        self.write("core/src/benji/payload.rs", self.PAYLOAD)
        for name in ("rejection.rs", "record/error.rs"):
            self.write(f"core/src/{name}", self.CODES)
        for name in ("README.md", "bindings-python/README.md", "bindings-node/README.md"):
            self.write(name, self.README)
        self.copy("core/schemas/event.schema.json")
        for name in (*self.WRITTEN, "bindings-python/python/hookseal/_words.py"):
            (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        self.assert_passes(self.generate(), "9 files of the table of kinds, 9 changed")

    def generate(self, *options):
        return self.run_script("core/types/generate.py", *options)

    def test_what_it_wrote_is_not_stale(self):
        self.assert_passes(self.generate("--check"), "9 files of the table of kinds, 0 stale")
        self.assertIn("id: _Id | None", (self.tree / self.WRITTEN[0]).read_text())
        self.assertIn("id?: number | string | null", (self.tree / self.WRITTEN[1]).read_text())

    def test_a_stale_file_is_found_and_not_written(self):
        for name in self.WRITTEN:
            with self.subTest(name=name):
                path = self.tree / name
                right = path.read_text()
                stale = right.replace("user_created", "user_made").replace("id", "name")
                path.write_text(stale)
                self.assert_fails(self.generate("--check"), f"stale: {name}: run python3 core/types/generate.py")
                self.assertEqual(path.read_text(), stale)
                path.write_text(right)
        (self.tree / self.WRITTEN[2]).unlink()
        self.assert_fails(self.generate("--check"), f"stale: {self.WRITTEN[2]}")

    def test_what_it_does_not_understand_is_an_error(self):
        for before, after, message in (
            ("    pub id: Option<Text<'a>>,", "    pub id: Option<Text<'a>>", "does not understand: /// The id."),
            ("borrow, default", "borrow, default, flatten", "does not understand serde(flatten) of id"),
            ("#[derive", '#[serde(rename_all = "camelCase")]\n#[derive', "does not understand: #[serde(rename_all"),
            ("/// A webhook.", "pub struct Word(u8);\n\n/// A webhook.", "does not understand Word in core/src/benji"),
            ("/// A webhook.", "pub enum Tags<'a> {\n    Text(Text<'a>),\n}\n\n/// A webhook.",
             "does not understand: Text(Text<'a>),"),
            ("pub struct Webhook", "pub struct Body", "payload.rs has no type BenjiWebhook for user.created"),
        ):
            with self.subTest(message=message):
                self.write("core/src/benji/payload.rs", self.PAYLOAD.replace(before, after))
                self.assert_fails(self.generate("--check"), message)

    def test_a_core_that_does_not_build_and_a_file_without_its_place_are_errors(self):
        schema = self.tree / "core/schemas/event.schema.json"
        text = schema.read_text()
        schema.write_text(text.replace("What happened.", "What was done."))
        self.assert_fails(self.generate("--check"), "event.schema.json has not one list of Action")
        schema.write_text(text)
        self.write("README.md", "no marks")
        self.assert_fails(self.generate(), "README.md has no marks for the table of kinds")
        self.tool("cargo", "echo 'error: planted' >&2; exit 101")
        self.assert_fails(self.generate("--check"), "planted")


class LeftOut(Scripts):
    def setUp(self):
        super().setUp()
        self.copy("Makefile", ".ci/run", "hardening/left_out.sh", "hardening/valgrind.sh", "benches/instructions.py")
        self.copy("benches/instructions.json")
        for name in ("lints", "floors"):
            self.write(f"hardening/{name}.sh", "#!/usr/bin/env bash\n", executable=True)
        for name in ("tests/test_scripts", "tests/test_layout", "imports", "vendors", "first_lines", "memory"):
            self.write(f"hardening/{name}.py", "")
        for name in ("conformance", "types"):
            self.write(f"core/{name}/generate.py", "")
        # Replaces the environment that `make test-python` makes.
        self.tool("python", f"""
if [[ $* == *venv* ]]; then
    mkdir -p "{self.target}/venv/bin"
    for name in python typos; do echo '#!/bin/sh' >"{self.target}/venv/bin/$name"; chmod +x "{self.target}/venv/bin/$name"; done
    exit
fi
exec python3 "$@" """)
        self.tool("npm", "")
        self.tool("cargo", "")

    def make(self, *targets, **environment):
        return self.run_script("make", "--silent", "PYTHON=python", *targets, **environment)

    @COUNTED
    def test_make_test_ends_with_the_list_of_left_out_checks(self):
        outcome = self.make("test")
        self.assert_passes(outcome)
        missing = "valgrind is missing: apt-get install valgrind"
        self.assertEqual(outcome[1].splitlines()[-2:], [
            f"left out: constant time: valgrind: {missing}",
            f"left out: the instructions of the main paths: {missing}",
        ])

    @COUNTED
    def test_in_ci_a_missing_tool_is_a_failure(self):
        for target in ("test", "test-hardening", "test-benches"):
            self.assert_fails(self.make(target, CI="true"), "valgrind is missing: apt-get install valgrind")

    def test_an_empty_list_is_reported(self):
        for name in ("hardening/valgrind.sh", "benches/instructions.py"):
            self.write(name, "#!/bin/sh\n" if name.endswith("sh") else "", executable=True)
        self.write(self.target / "left-out.txt", "left out: something: by an earlier run\n")
        outcome = self.make("test")
        self.assert_passes(outcome)
        self.assertEqual(outcome[1].splitlines()[-1], "left out: nothing")

    @COUNTED
    def test_outside_of_make_test_a_missing_tool_is_a_failure(self):
        self.assert_fails(self.run_script("hardening/valgrind.sh"), "valgrind is missing")

    def test_a_check_that_no_tool_could_run_is_left_out_in_ci_too(self):
        outcome = self.run_script("hardening/left_out.sh", "a build", "no toolchain", CI="1", LEFT_OUT=str(self.target / "list"))
        self.assert_passes(outcome, "left out: a build: no toolchain")
        self.assertEqual((self.target / "list").read_text(), "left out: a build: no toolchain\n")

    def ci(self, **environment):
        for name in ("cc", "valgrind", "shellcheck", "cargo", "npm", "apt-get"):
            self.tool(name, "")
        self.tool("make", 'echo "CI is ${CI:-not set}"; exit 7')
        return self.run_script(".ci/run", **environment)

    def test_the_ci_script_sets_ci(self):
        self.assertEqual(self.ci(), (7, "CI is 1\n"))

    def test_the_ci_script_keeps_a_given_ci(self):
        self.assertEqual(self.ci(CI="true"), (7, "CI is true\n"))


class Floors(Scripts):
    """Tests without a registry. planted.sh shows that a wrong floor makes the script fail."""

    def floors(self, *arguments, fails="nothing", rustup="exit 1"):
        self.copy("hardening/floors.sh", "hardening/left_out.sh")
        self.write("hardening/rust_versions.py", "")
        self.write("Cargo.lock", 'name = "committed"\n')
        for folder in ("core", "bindings-python", "bindings-node", "fuzz", "hardening", "benches", "services", "tower"):
            self.write(f"{folder}/Cargo.toml", "")
        self.write("Cargo.toml", "")
        self.tool("cargo", f"""
[[ $* == {fails} ]] && exit 101
case $1 in
    update) echo 'name = "lowest"' >Cargo.lock ;;
    metadata) echo '{{"packages":[{{"rust_version":"1.88","x":1}}]}}' ;;
    *) echo "$(cat Cargo.lock): $*" ;;
esac""")
        self.tool("rustup", rustup)
        return self.run_script("hardening/floors.sh", *arguments)

    def test_an_absent_toolchain_is_reported(self):
        self.assert_passes(self.floors(), "left out: a build with Rust 1.88", "floors", "1 crates  0 findings")

    def test_an_installed_toolchain_builds_with_both_lock_files(self):
        rustup = '[[ $2 == 1.88.0 ]] || exit 1\nshift 2\necho "with 1.88.0: $(cat Cargo.lock): $*"'
        outcome = self.floors(rustup=rustup)
        for lock in ("lowest", "committed"):
            for features in ("--all-features", "--no-default-features"):
                words = f'with 1.88.0: name = "{lock}": cargo check --quiet --locked --package hookseal {features}'
                self.assert_passes(outcome, words)
        self.assertNotIn("left out", outcome[1])

    def test_it_fails_if_the_toolchain_cannot_build(self):
        self.assert_fails(self.floors(rustup='[[ $2 == 1.88 ]] || exit 1\n[[ $4 != check ]]'))

    def test_each_build_that_fails_is_a_failure(self):
        for fails in ("update*", "*--all-features*", "*--no-default-features*"):
            with self.subTest(fails=fails):
                self.assert_fails(self.floors(fails=fails))
        for fails in ("*--workspace*", "test*", "*--bins*"):
            with self.subTest(fails=fails):
                self.assert_fails(self.floors("full", fails=fails))

    def test_a_mistyped_depth_is_named(self):
        self.assert_fails(self.floors("fulll"), '"fulll" is not "full"')


class Lints(Scripts):
    def lints(self, rustc="1.95.0", cargo="", **environment):
        self.copy("hardening/lints.sh", "hardening/left_out.sh")
        self.tool("rustc", f'echo "rustc {rustc} (stands for it)"')
        self.tool("cargo", f'{cargo}\necho "cargo $*"')
        return self.run_script("hardening/lints.sh", **environment)

    def test_warnings_are_errors_in_every_workspace(self):
        outcome = self.lints()
        self.assert_passes(outcome)
        lines = [line for line in outcome[1].splitlines() if line.startswith("cargo clippy --locked")]
        self.assertTrue(all(line.endswith("-- -D warnings") for line in lines), lines)
        for workspace in ("benches", "fuzz", "services/axum", "services/actix", "hardening"):
            self.assertTrue(any(f"--manifest-path {workspace}/Cargo.toml" in line for line in lines), workspace)
            self.assertIn(f"cargo fmt --manifest-path {workspace}/Cargo.toml", outcome[1])

    def test_a_warning_fails(self):
        for what in ("fmt --all --check", "clippy --locked*--workspace*--all-targets*", "*hardening/Cargo.toml*", "doc*"):
            with self.subTest(what=what):
                self.assert_fails(self.lints(cargo=f"[[ $* == {what.replace(' ', chr(92) + ' ')} ]] && exit 101"))

    def test_with_another_toolchain_no_warning_fails_and_that_is_reported(self):
        for rustc in ("1.88.0", "1.97.0-nightly", "1.950.0"):
            outcome = self.lints(rustc=rustc, CI="1")
            self.assert_passes(outcome, "left out: formatting, lints and documentation: they count only with Rust 1.95", rustc)
            self.assertNotIn("-D warnings", outcome[1])

    def test_a_missing_clippy_is_a_failure_because_it_could_be_installed(self):
        cargo = '[[ $* == "clippy --version" ]] && exit 101'
        self.assert_fails(self.lints(cargo=cargo, CI="1"), "rustup component add clippy")


class HowScriptsAreWritten(unittest.TestCase):
    SCRIPTS = sorted({*ROOT.glob("*/*.sh"), ROOT / ".ci/run"})
    PROGRAMS = sorted({*own("hardening/**/*.py"), *own("benches/*.py"), *own("fuzz/*.py")})

    def test_there_are_shell_scripts(self):
        self.assertGreater(len(self.SCRIPTS), 10)
        self.assertGreater(len(self.PROGRAMS), 5)

    def test_each_stops_at_a_command_that_fails(self):
        for script in self.SCRIPTS:
            with self.subTest(script=script.name):
                code = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
                self.assertEqual(code[0], "set -euo pipefail")
                for line in code:
                    self.assertNotRegex(line, r"\|\| *(true\b|: *$|echo\b)|set \+e")
                    # A group before `||` continues after a command in it that fails.
                    self.assertNotRegex(line, r"^ *[})].*\|\| *[{(]")

    def test_shellcheck_finds_no_lost_status(self):
        if shutil.which("shellcheck") is None:
            left_out = [ROOT / "hardening/left_out.sh", "--missing", "shellcheck", "apt-get install shellcheck", "lints of the scripts"]
            self.assertEqual(subprocess.run(left_out, check=False).returncode, 0)
            return
        done = subprocess.run(
            [
                # Only these, so that every version finds the same.
                "shellcheck", "--include=SC2155,SC2164,SC2310,SC2311,SC2312",
                "--enable=check-extra-masked-returns,check-set-e-suppressed", *self.SCRIPTS,
            ],
            capture_output=True, text=True, check=False,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_makefile_has_no_conditions(self):
        for number, line in enumerate((ROOT / "Makefile").read_text().splitlines(), 1):
            if line.startswith("\t"):
                # The shell of a recipe has no pipefail, and the status of `a; b` is that of b.
                self.assertNotRegex(line, r"\|\||;|\||^\t@?-|\$\$CI|\bif\b", f"Makefile:{number}")

    def test_each_workspace_is_linted_and_its_versions_are_checked(self):
        manifests = {path: path.read_text() for path in (ROOT / "Cargo.toml", *ROOT.glob("*/Cargo.toml"))}
        workspaces = [path.parent for path, text in manifests.items() if re.search(r"^\[workspace\]", text, re.MULTILINE)]
        self.assertGreater(len(workspaces), 3)
        for workspace in workspaces:
            name = "." if workspace == ROOT else workspace.name
            with self.subTest(workspace=name):
                for lint in ("incompatible_msrv", "undocumented_unsafe_blocks"):
                    self.assertIn(f'\n{lint} = "warn"\n', manifests[workspace / "Cargo.toml"])
                self.assertIn(f'"{name}": [', (ROOT / "hardening/rust_versions.py").read_text())
                for script in ("lints", "floors") if workspace != ROOT else ():
                    self.assertRegex((ROOT / f"hardening/{script}.sh").read_text(), rf"\b{name}\b(?!\.sh)")
        for manifest in own("hardening/*/**/Cargo.toml"):
            self.assertIn("[lints]\nworkspace = true\n", manifest.read_text(), manifest)
        self.assertIn("check-incompatible-msrv-in-tests = true", (ROOT / "clippy.toml").read_text())

    def test_python_programs_check_the_status_of_a_process(self):
        for program in self.PROGRAMS:
            tree = ast.parse(program.read_text())
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                if ast.unparse(call.func) in ("subprocess.run", "subprocess.call", "os.system"):
                    with self.subTest(place=f"{program.name}:{call.lineno}"):
                        self.assertEqual(ast.unparse(call.func), "subprocess.run")
                        checks = any(key.arg == "check" for key in call.keywords)
                        self.assertTrue(checks or ".returncode" in program.read_text(), "its status is not looked at")


if __name__ == "__main__":
    os.environ.pop("CARGO_TARGET_DIR", None)
    unittest.main()
