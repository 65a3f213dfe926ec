#!/usr/bin/env python3
"""Shows that hookseal is not slow in a build with a user's flags: lto = "fat", codegen-units = 1, target-cpu=native.

    benches/flags.py         # fails if a routine of hookseal takes more than 1.2 times as long as in the portable build

In such a build plain `hmac` + `sha2` once took sixty times as long. The peers are shown too.
"""

import sys

import report
import targets

MOST = targets.USERS_FLAGS
BENCHES = ["authenticate", "parse", "receive"]


def main():
    features, absent = report.peers()
    for peer in absent:
        print(f"absent: {peer['what']}: {peer['why']}", file=sys.stderr)
    portable = {key(row): row["median_ns"] for row in report.rust(features, quick=True, benches=BENCHES)}
    slower, compared = [], 0
    for row in report.rust(features, quick=True, benches=BENCHES, flags=report.USERS_FLAGS):
        ratio = row["median_ns"] / portable[key(row)]
        is_ours = row["peer"].startswith("hookseal")
        compared += is_ours
        if is_ours and ratio > MOST:
            slower.append(row)
        print(f"{row['case']:32} {row['peer']:28} {portable[key(row)]:>12,.0f} ns {row['median_ns']:>12,.0f} ns {ratio:6.2f} times{'  !' * (is_ours and ratio > MOST)}")
    if compared == 0:
        sys.exit("flags: no routine of hookseal was compared")
    if slower:
        sys.exit(f"flags: {len(slower)} routines of hookseal take more than {MOST} times as long with a user's flags")


def key(row):
    return row["case"], row["peer"]


if __name__ == "__main__":
    main()
