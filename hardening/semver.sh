#!/usr/bin/env bash
# Whether the core's public interface breaks what it was at the revision that hardening/semver_baseline.txt names: what
# compiled with that one compiles with this one. Without a list of features the tool takes all but those whose names
# begin with an underscore. Nothing is promised of those, such as `_internals`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo semver-checks --version >/dev/null 2>&1; then
    echo "cargo-semver-checks is missing: cargo install cargo-semver-checks --locked" >&2
    exit 2
fi
baseline=$(awk '!/^#/ { print $1 }' hardening/semver_baseline.txt)
if ! git rev-parse --quiet --verify "$baseline^{commit}" >/dev/null; then
    echo "semver: hardening/semver_baseline.txt names \"$baseline\", which is no revision of this clone" >&2
    exit 1
fi
target=${CARGO_TARGET_DIR:-$PWD/hardening/target}
log=$target/semver.log
rm -rf "$target/semver-baseline"
mkdir -p "$target/semver-baseline"
git archive "$baseline" | tar -C "$target/semver-baseline" -xf -
status=0
cargo semver-checks --package hookseal --baseline-root "$target/semver-baseline" >"$log" 2>&1 || status=1
# "Checked [   0.034s] 196 checks: 194 pass, 2 fail, 0 warn, 49 skip"; without it nothing was compared.
checked=$(awk '/ checks: / { sub(/.*\] */, ""); found = $0 } END { print found }' "$log")
if [[ -z $checked ]]; then
    tail -40 "$log" >&2
    echo "semver: nothing was compared; see $log" >&2
    exit 1
fi
findings=0
if [[ $checked =~ ([0-9]+)\ fail ]]; then findings=${BASH_REMATCH[1]}; fi
if ((status)); then cat "$log" >&2; fi
printf '%-22s %13s checks  %s findings\n' "public interface" "${checked%% *}" "$findings"
exit "$status"
