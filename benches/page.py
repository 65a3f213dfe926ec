"""The page of results: what was asked and reached, tables, and where the pictures stand."""

from pathlib import Path
from typing import NamedTuple

import pictures

HERE = Path(__file__).resolve().parent
CASES = (
    ("Authentication alone", "authenticate"),
    ("Dates", "date:"),
    ("Reading alone", "parse"),
    ("Receiving: from headers and body to fields", "receive"),
    ("Refusing", "refuse"),
)


class Figure(NamedTuple):
    """What was asked, and what came out; of no measurement there is no answer."""

    what: str
    asked: str
    shown: str
    reached: bool


def write(results, folder, source):
    """Writes RESULTS.md, and its pictures beside the raw figures."""
    (folder / "results" / "peers.svg").write_text(pictures.peers(results))
    (folder / "results" / "size.svg").write_text(pictures.size(results))
    (folder / "RESULTS.md").write_text("\n".join(lines(results, source)) + "\n")


def figures(results):
    """The figures that were asked for."""
    times = {(row["case"], row["peer"]): row["median_ns"] for row in results["rust"]}
    return [*asked(times, results["rust"]), *of_users_flags(results), *of_packages(results)]


# What the packages are asked to be faster than, and how many times.
OF_PACKAGES = (
    ("python", "benji, 65 bytes", {"hmac + json": 20, "hmac + orjson": 14, "standardwebhooks": 22}),
    ("python", "benji, 65 bytes, with kind", {"hmac + json": 13, "hmac + orjson": 10, "standardwebhooks": 15}),
    ("python", "benti", {"orjson": 1}),
    ("python", "bento", {"orjson": 1}),
    ("node", "benji", {"node:crypto": 6, "standardwebhooks": 20, "@octokit/webhooks-methods": 5, "@hookflo/tern": 100}),
    ("node", "benti", {"createHmac": 1, "timingSafeEqual": 1}),
    ("node", "bento", {"timingSafeEqual": 1}),
)


def of_packages(results):
    for language, start, peers in OF_PACKAGES:
        rows = results.get(language, [])
        # "benji, 65 bytes" is the start of another case's name too: the first is meant.
        case = next((row["case"] for row in rows if row["case"].startswith(start)), start)
        for peer, least in peers.items():
            ratio = next((row["ratio"] for row in rows if (row["case"], row["peer"]) == (case, peer)), None)
            shown = f"{ratio:.2f} ×" if ratio else "not measured"
            yield Figure(f"{language.capitalize()}, {case}: faster than `{peer}`", f"at least {least} ×", shown, (ratio or 0) >= least)


def of_users_flags(results):
    if "users_flags" not in results:
        return
    portable = {(row["case"], row["peer"]): row["median_ns"] for row in results["rust"]}
    ratios = {
        f"{row['case']}, {row['peer']}": row["median_ns"] / portable[row["case"], row["peer"]]
        for row in results["users_flags"]
        if row["peer"].startswith("hookseal")
    }
    most = max(ratios, key=ratios.get)
    yield Figure(f"the build with a user's flags against the portable one (most: {most})", "at most 1.2 ×", f"{ratios[most]:.2f} ×", ratios[most] <= 1.2)


def asked(times, rows):
    def ratio(what, case, one, other, most=None, least=None):
        slow, fast = times.get((case, one)), times.get((case, other))
        if slow is None or fast is None:
            return Figure(what, bound(most, least), "not measured", False)
        value = slow / fast
        return Figure(what, bound(most, least), f"{value:.2f} ×", value <= most if least is None else value >= least)

    def bound(most, least):
        return f"at most {most:g} ×" if least is None else f"at least {least:g} ×"

    sizes = {name: next((row["case"] for row in rows if row["case"].startswith(f"authenticate {name}")), "") for name in ("65 B", "57", "17")}
    small, middle, large = sizes.values()
    yield ratio("authenticate 65 B, prepared key, against the limit of 3 blocks", small, "hookseal", "limit", most=1.25)
    yield ratio("authenticate 574 B against the limit", middle, "hookseal", "limit", most=1.15)
    yield ratio("authenticate 178 KB against the limit", large, "hookseal", "limit", most=1.02)
    yield ratio(
        "`receive` of a Benji request, all fields read, against the limit of its authentication",
        "receive a Benji webhook", "hookseal", "limit", most=1.8,
    )
    for name, case, least in (("65 B", small, 2.5), ("574 B", middle, 1.5)):
        yield ratio(f"faster than `webhook-verify`, {name}, verification only", case, "webhook-verify", "hookseal", least=least)
    for name, case, least in (("65 B", small, 9), ("574 B", middle, 6.5), ("178 KB", large, 5)):
        for peer in ("standardwebhooks", "svix"):
            yield ratio(f"faster than `{peer}`, {name}, verification only", case, peer, "hookseal", least=least)
    yield ratio(
        "`receive` of a Benti answer with kind, subject, time: faster than `serde_json::Value` alone",
        "receive a Benti answer", "serde_json Value alone", "hookseal", least=3,
    )
    batch = "receive 1,000 Bento events"
    yield ratio("`receive` of 1,000 Bento events, same reading: faster than `serde_json::Value` alone", batch, "serde_json Value alone", "hookseal", least=4)
    yield ratio("the same against `sonic-rs` `Value` alone", batch, "hookseal", "sonic-rs Value alone", most=1)
    yield ratio("refusing a forged 65 B request against accepting it", "refuse a Benji webhook", "signature_mismatch", "accepted", most=1)
    over = [row["median_ns"] for row in rows if row["case"] == "refuse a byte too many"]
    what = "refusing a body one byte over the limit, whatever the limit"
    shown, reached = (f"{max(over):.0f} ns", max(over) < 200) if over else ("not measured", False)
    yield Figure(what, "under 200 ns", shown, reached)
    for case, name in (("size: Benji", "signed (Benji)"), ("size: Bento", "not signed (Bento)")):
        cost = [row["median_ns"] / row["bytes"] for row in rows if row["case"] == case and int(row["peer"]) >= 64 << 10]
        spread = max(cost) / min(cost) - 1 if cost else None
        shown = "not measured" if spread is None else f"within {spread * 100:.1f} %"
        yield Figure(f"cost per byte from 64 KiB to 4 MiB, {name}", "within 10 %", shown, spread is not None and spread <= 0.1)


def lines(results, source):
    yield "# Results of the benchmarks"
    yield ""
    yield "Written by `benches/report.py`; not edited by hand. `make bench` measures anew."
    yield ""
    yield f"- **On what:** {results['cpu']}, {results['processors']} processors, {results['system']}, {results['date']}; {results['rustc']}, Python {results['python_version']}, Node {results['node_version']}."
    yield "- **What:** requests of `core/conformance`; the batch is Bento's documented sample 1,000 times, with a customer and an order of its own each. Every routine is checked for its result before it is measured."
    yield "- **How:** medians by criterion, of the build that a user of the crate gets without setting anything; in Python and Node all contenders of a case take turns. Times drift with the machine, ratios within one run hold."
    yield "- **The limit** is what the SHA-256 blocks take that the HMAC of the body needs with a prepared key, hashed one behind the other by `sha2` with the processor's SHA instructions, and nothing else."
    if results["quick"]:
        yield "- A **quick** run with few samples: look at orders of magnitude only."
    yield f"- Raw figures: [`results/{source}`](results/{source})."
    yield ""
    if results["absent"]:
        yield "## Absent"
        yield ""
        yield from (f"- {absent['what']}: {absent['why']}" for absent in results["absent"])
        yield ""
    yield "## Asked and reached"
    yield ""
    yield "| what | asked | reached | |"
    yield "|---|---|---|---|"
    reached = figures(results)
    yield from (f"| {figure.what} | {figure.asked} | {figure.shown} | {'yes' if figure.reached else '**no**'} |" for figure in reached)
    yield ""
    bounds = HERE / "bounds.md"
    if bounds.exists() and not all(figure.reached for figure in reached):
        yield bounds.read_text().strip()
        yield ""
    yield "## Time per request"
    yield ""
    yield "![Time per request, against the peers in each language](results/peers.svg)"
    yield ""
    yield "## Cost and size of the body"
    yield ""
    yield "![Time against the size of the body, from 64 bytes to 4 MiB](results/size.svg)"
    yield ""
    yield "Signed, each byte is hashed; below the line of the limit nothing can be. Not signed, each byte is only read."
    yield ""
    yield from better_peers(results)
    for title, prefix in CASES:
        yield f"## {title}"
        yield ""
        yield from table([row for row in results["rust"] if row["case"].startswith(prefix)])
    for language in ("python", "node"):
        if language in results:
            yield f"## {language.capitalize()}"
            yield ""
            yield from table(results[language])
    if "users_flags" in results:
        yield from users_flags(results)


def better_peers(results):
    yield "## Where a peer is better"
    yield ""
    yield "Peers that take less time than hookseal in the same case. A parser that only builds or only checks a tree does less than a case that authenticates and reads fields."
    yield ""
    found = False
    for language in ("rust", "python", "node"):
        ours = {row["case"]: row["median_ns"] for row in results.get(language, []) if row["peer"] == "hookseal"}
        for row in results.get(language, []):
            case = row["case"]
            if row["peer"].startswith(("hookseal", "limit")) or case not in ours or not row["median_ns"]:
                continue
            if row["median_ns"] < ours[case]:
                found = True
                yield f"- {language.capitalize()}, {case}: `{row['peer']}` takes {row['median_ns'] / ours[case]:.2f} times as long as hookseal."
    if not found:
        yield "None in this run."
    yield ""


def table(rows):
    """A table a case, in the order of time, with the ratio to hookseal."""
    for case in dict.fromkeys(row["case"] for row in rows):
        of_case = [row for row in rows if row["case"] == case]
        ours = next((row["median_ns"] for row in of_case if row["peer"] in ("hookseal", "accepted")), None)
        first = of_case[0]
        speeds = "bytes" in first and first["bytes"] is not None and not case.startswith(("date", "refuse"))
        yield f"### {case}" + (f" ({first['bytes']:,} bytes)" if speeds else "")
        yield ""
        yield "| | median | times hookseal |" + (" bytes a second | elements a second |" if speeds else "")
        yield "|---|---:|---:|" + ("---:|---:|" if speeds else "")
        for row in of_case:
            median = row["median_ns"]
            if not median:
                yield f"| {row['peer']} | absent | |"
                continue
            # Where the contenders took turns, the median of the turns' ratios.
            value = row.get("ratio") or (median / ours if ours else None)
            ratio = f"{value:.2f}" if value else ""
            name = f"**{row['peer']}**" if row["peer"].startswith("hookseal") else row["peer"]
            speed = f" {scaled(row['bytes'] / median * 1e9)}B | {scaled(row['elements'] / median * 1e9).strip()} |" if speeds else ""
            yield f"| {name} | {pictures.shown(median)} | {ratio} |{speed}"
        yield ""


def users_flags(results):
    yield "## Built with a user's flags"
    yield ""
    yield "`lto = \"fat\"`, `codegen-units = 1` and `-C target-cpu=native`, against the portable build. hookseal may take at most 1.2 times as long there."
    yield ""
    yield "| case | routine | portable | user's flags | times as long | |"
    yield "|---|---|---:|---:|---:|---|"
    portable = {(row["case"], row["peer"]): row["median_ns"] for row in results["rust"]}
    for row in results["users_flags"]:
        before = portable.get((row["case"], row["peer"]))
        if before is None:
            continue
        ratio = row["median_ns"] / before
        verdict = ("yes" if ratio <= 1.2 else "**no**") if row["peer"].startswith("hookseal") else ""
        yield f"| {row['case']} | {row['peer']} | {pictures.shown(before)} | {pictures.shown(row['median_ns'])} | {ratio:.2f} | {verdict} |"
    yield ""


def scaled(value):
    for unit in ("", "k", "M", "G"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} T"
