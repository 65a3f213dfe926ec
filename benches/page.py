"""The page of results: the summary, how it was measured, what bounds it, and the tables."""

from pathlib import Path
from typing import NamedTuple

import pictures
import targets

HERE = Path(__file__).resolve().parent
CASES = (
    ("Authentication alone", "authenticate"),
    ("Dates", "date:"),
    ("Reading alone", "parse"),
    ("Receiving: from headers and body to fields", "receive"),
    ("Refusing", "refuse"),
    ("Recognizing repetitions", "guard"),
    ("Sending", "send"),
)


class Work(NamedTuple):
    """A line of the summary: a case by the start of its name, and how the page calls it."""

    language: str
    case: str
    name: str
    # The peers that do the same work, by the names of their routines. Empty for all peers of the case.
    peers: dict[str, str] = {}
    # Whether the picture shows it too.
    pictured: bool = False


BY_HAND = "by hand with {}"
PARSES = "{} (parses only)"
SUMMARY = (
    Work("rust", "receive a Benji webhook", "check and read a Benji webhook, 65 bytes", {"hmac + httpdate + serde_json": BY_HAND}, pictured=True),
    Work(
        "rust", "authenticate 65 B", "check a signature alone, 65 bytes",
        {"hmac + sha2": BY_HAND, "webhook-verify": "{}", "standardwebhooks": "{}", "svix": "{}"}, pictured=True,
    ),
    Work("rust", "receive 1,000 Bento events", "check and read 1,000 Bento events", {"sonic-rs Value alone": PARSES, "serde_json Value alone": PARSES}),
    Work("python", "benji, 65 bytes", "check and parse a Benji webhook, 65 bytes"),
    Work("python", "benji, 65 bytes, with kind", "check and read a Benji webhook: kind, id, subject, time", pictured=True),
    Work("python", "benti", "check and read a Benti answer, 575 bytes", {"orjson": BY_HAND}),
    Work("python", "bento", "check and read 1,000 Bento events", {"orjson": BY_HAND}, pictured=True),
    Work("node", "benji", "check and read a Benji webhook, 65 bytes", pictured=True),
    Work("node", "benti", "check and read a Benti answer, 575 bytes", {"timingSafeEqual": BY_HAND, "createHmac": BY_HAND}),
    Work("node", "bento", "check and read 1,000 Bento events", {"timingSafeEqual": BY_HAND}, pictured=True),
)
# Peers that are no libraries of webhooks but what a program uses that checks by hand.
TOOLS = ("hmac + json", "hmac + orjson", "node:crypto")


def write(results, folder, source):
    """Writes RESULTS.md, and its pictures beside the raw figures."""
    for name, picture in (
        ("summary", pictures.summary(summary(results))),
        ("peers", pictures.peers(results)),
        ("size", pictures.size(results)),
    ):
        (folder / "results" / f"{name}.svg").write_text(picture)
    (folder / "RESULTS.md").write_text("\n".join(lines(results, source)) + "\n")


class Line(NamedTuple):
    """A line of the summary with its figures: of each peer the name, the time and how many times as long it takes."""

    work: Work
    nanoseconds: float
    peers: list[tuple[str, float, float]]


def summary(results):
    """The lines of the summary that were measured."""
    found = []
    for work in SUMMARY:
        rows = results.get(work.language, [])
        # "benji, 65 bytes" also begins another case's name. The first one is meant.
        case = next((row["case"] for row in rows if row["case"].startswith(work.case)), None)
        times = {row["peer"]: row for row in rows if row["case"] == case and row["median_ns"]}
        if "hookseal" not in times:
            continue
        ours = times["hookseal"]["median_ns"]
        names = work.peers or {peer: BY_HAND if peer in TOOLS else "{}" for peer in times if not peer.startswith(("hookseal", "limit"))}
        peers = [
            (form.format(peer.removesuffix(" Value alone")), times[peer]["median_ns"], times[peer].get("ratio") or times[peer]["median_ns"] / ours)
            for peer, form in names.items()
            if peer in times
        ]
        if peers:
            found.append(Line(work, ours, sorted(peers, key=lambda peer: peer[2])))
    return found


def lines(results, source):
    yield "# Results of the benchmarks"
    yield ""
    yield "How long hookseal takes to check and read a webhook, and how long others take for the same work. `benches/report.py`"
    yield "writes this page; `make bench` measures anew."
    yield ""
    yield from summary_table(results)
    yield "![How many times as long as hookseal each peer takes](results/summary.svg)"
    yield ""
    yield "## How it is measured"
    yield ""
    yield f"- **On what:** {results['cpu']}, {results['processors']} processors, {results['system']}, {results['date']}; {results['rustc']}, Python {results['python_version']}, Node {results['node_version']}."
    yield "- **Requests:** those of `core/conformance`. The batch in Rust is Bento's documented sample 1,000 times, each time with another customer and order. Every routine must give the expected result before it is measured."
    yield "- **Times:** medians. In Rust criterion measures them, in the build of a user who sets nothing. In Python and Node all contenders of a case take turns. The speed of a machine drifts, so compare times of one run only."
    yield "- **The limit** is the time of the SHA-256 blocks that the HMAC of the body needs with a prepared key. `sha2` hashes them one after the other with the processor's SHA instructions."
    if results["quick"]:
        yield "- This was a **quick** run with few samples, which shows orders of magnitude only."
    yield f"- **Raw figures:** [`results/{source}`](results/{source})."
    yield ""
    yield from HOW.strip().splitlines()
    yield ""
    if results["absent"]:
        yield "## Absent"
        yield ""
        yield from (f"- {absent['what']}: {absent['why']}" for absent in results["absent"])
        yield ""
    yield from overhead(results)
    yield (HERE / "bounds.md").read_text().strip()
    yield ""
    yield from better_peers(results)
    yield "## Time per request"
    yield ""
    yield "![Time per request, against the peers in each language](results/peers.svg)"
    yield ""
    yield "## Time and size of the body"
    yield ""
    yield "![Time against the size of the body, from 64 bytes to 4 MiB](results/size.svg)"
    yield ""
    yield "hookseal hashes and reads each byte of a signed body, so it cannot be faster than the limit. It only reads a body that is not signed."
    yield ""
    for title, prefix in CASES:
        yield f"## {title}"
        yield ""
        yield from table([row for row in results["rust"] if row["case"].startswith(prefix)])
    yield from guards(results)
    yield from inbox(results)
    for language in ("python", "node"):
        if language in results:
            yield f"## {language.capitalize()}"
            yield ""
            yield from table(results[language])
    if "users_flags" in results:
        yield from users_flags(results)


HOW = """
## Measure it yourself

| to measure | command |
|---|---|
| everything, and write this page (some 25 minutes) | `make bench` |
| the same with few samples, written to `benches/target/quick` | `make bench-quick` |
| a request body of your own | `python3 benches/report.py --body FILE` |
| one group in Rust: `authenticate`, `dates`, `guard`, `outgoing`, `parse`, `receive`, `refuse` or `size` | `cargo bench --manifest-path benches/Cargo.toml --bench receive` |
| one case of a group | `cargo bench --manifest-path benches/Cargo.toml --bench receive -- 'a Benti answer'` |
| the inbox alone, once the two packages are installed as below | `pip install './bindings-python[bench]'`, then `python benches/inbox.py` |
| Python alone | `pip install './bindings-python[bench]'`, then `python bindings-python/bench/compare.py` |
| Node alone | `cd bindings-node`, `npm ci`, `npm run build`, then `node --expose-gc bench/compare.mjs` |

Some peers in Rust need a C compiler. `--no-default-features` after `cargo bench` leaves out all peers that are optional.

`--body` signs the file as each vendor would, and measures it in Rust for each vendor that can read it. It prints tables, and
says for every other vendor why it cannot. With `--quick` it takes few samples. The limits of a receiver with default options
apply.
"""


def summary_table(results):
    yield "| | work | hookseal | others, and how many times as long they take |"
    yield "|---|---|---:|---|"
    before = None
    for work, nanoseconds, peers in summary(results):
        language = "" if work.language == before else f"**{work.language.capitalize()}**"
        before = work.language
        others = "; ".join(f"{name} {pictures.shown(time)} (**{pictures.times(ratio)}**)" for name, time, ratio in peers)
        yield f"| {language} | {work.name} | {pictures.shown(nanoseconds)} | {others} |"
    yield ""


def overhead(results):
    if not results.get("overhead"):
        return
    yield "## One check beside its limit"
    yield ""
    yield "The check of a signature with a prepared key. Each check waits for the one before, and takes turns with the limit."
    yield "The ratio is the median of several processes, with the lowest and the highest of them."
    yield ""
    yield "| bytes | limit | hookseal | ratio | lowest and highest of the processes |"
    yield "|---:|---:|---:|---:|---|"
    for row in results["overhead"]:
        spread = f"{row['from']:.3f} to {row['to']:.3f} in {row['processes']} processes"
        yield f"| {row['bytes']:,} | {pictures.shown(row['limit_ns'])} | {pictures.shown(row['hookseal_ns'])} | {row['ratio']:.3f} | {spread} |"
    yield ""


def guards(results):
    rows = [(language, row) for language in ("python", "node") for row in results.get(f"{language}_guards", [])]
    if not rows:
        return
    yield "### Guards in Python and Node"
    yield ""
    yield "Claim and confirm a new key. The bare commands are `SET` with `NX` and `PX`, and `DEL`, by the same client over the same"
    yield "connection; both take turns, and the ratio is the median of five rounds."
    yield ""
    yield "| | guard | bare commands | ratio |"
    yield "|---|---:|---:|---:|"
    for language, row in rows:
        bare = f"{row['bare_us']} µs | {row['ratio']:.2f}" if "bare_us" in row else " | "
        yield f"| {language.capitalize()}, {row['case']} | {row['guard_us']} µs | {bare} |"
    yield ""


# How each queue works, as its documentation has it for one job at a time.
QUEUES = {
    "procrastinate": "`run_worker_async(concurrency=1)`, the handler with a connection of psycopg in autocommit mode",
    "pgqueuer": "`run(batch_size=10)`, the handler with a connection of asyncpg",
    "pg-boss": "`fetch` and `complete` in a loop, since `work` fetches two times a second at most, the handler with a client of pg",
    "graphile-worker": "`run` with `concurrency: 1`, the handler with `helpers.query`",
}


def inbox(results):
    if "inbox" not in results:
        return
    found = results["inbox"]
    rounds = "one round" if found["rounds"] == 1 else f"the medians of {found['rounds']} rounds, in which all take turns"
    yield "## The inbox on PostgreSQL"
    yield ""
    yield f"PostgreSQL {found['postgresql']} with the settings that it ships with (`fsync = {found['fsync']}`), on the same machine. The figures are"
    yield f"{rounds}. The time of `fsync` can change much between two machines, and between two runs."
    yield ""
    yield "### Storing a delivery"
    yield ""
    yield "`put` in a transaction of its own, with its rule on the retention of keys and with the wake-up of the workers. The bare"
    yield "`INSERT` stores key, record and body in a table with a primary key and a unique key, by the same client, in autocommit mode."
    yield "Each writer is a process."
    yield ""
    yield "| | body | writers | `put` | bare `INSERT` | ratio | rounds |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for row in found["put"]:
        each = ", ".join(f"{ratio:.2f}" for ratio in row["ratios"])
        yield (
            f"| {row['language'].capitalize()}, {row['client']} | {row['bytes']:,} B | {row['writers']} | {row['put_us']:.0f} µs |"
            f" {row['bare_us']:.0f} µs | {row['ratio']:.2f} | {each} |"
        )
    yield ""
    yield "### Handling deliveries"
    yield ""
    yield f"Deliveries that are handled in a second, each with a body of {found['worker_bytes']} B. A handler inserts one row into a table of the user's."
    yield f"hookseal commits that row and `done` in one transaction. A queue commits its job apart from it. At the start {found['stored']['1']:,}"
    yield f"deliveries wait, and {found['stored']['10']:,} where ten are taken at once. Each worker is a process. The ratio says how many times as many"
    yield "deliveries hookseal handles in the same language."
    yield ""
    for rows_per_take, title in ((1, "One row a take"), (10, "Ten rows a take")):
        rows = [row for row in found["workers"] if row["rows_per_take"] == rows_per_take]
        if rows:
            yield from workers(title, rows)
    for name, how in QUEUES.items():
        version = next((row["version"] for row in found["workers"] if row["name"] == name), None)
        if version:
            yield f"- {name} {version}: {how}."
    yield "- hookseal: `work` with one connection, psycopg in Python and pg in Node, each setting at its default but `rows_per_take`."
    yield ""


def workers(title, rows):
    counts = sorted({row["workers"] for row in rows})
    yield f"| {title} | " + " | ".join(f"{count} worker{'s' if count > 1 else ''}" for count in counts) + " |"
    yield "|---|" + "---:|" * len(counts)
    for language, name in dict.fromkeys((row["language"], row["name"]) for row in rows):
        cells = []
        for count in counts:
            row = next(row for row in rows if (row["language"], row["name"], row["workers"]) == (language, name, count))
            cells.append(f"{row['per_second']:,}" + (f" ({row['ratio']:.2f})" if "ratio" in row else ""))
        shown = f"**{name}**" if name == "hookseal" else name
        yield f"| {language.capitalize()}, {shown} | " + " | ".join(cells) + " |"
    yield ""


def better_peers(results):
    yield "## Where a peer is better"
    yield ""
    yield "Peers that take less time than hookseal in the same case. A parser that only builds or checks a tree does less work than hookseal, which also authenticates the request and reads fields."
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
    for row in results.get("inbox", {}).get("workers", []):
        if row.get("ratio", 1) < 1:
            found = True
            workers = f"{row['workers']} worker{'s' if row['workers'] > 1 else ''}"
            yield f"- {row['language'].capitalize()}, deliveries that {workers} handle: `{row['name']}` handles {1 / row['ratio']:.2f} times as many as hookseal."
    if not found:
        yield "None in this run."
    yield ""


def table(rows):
    """A table for each case, in the order of time, with the ratio to hookseal."""
    for case in dict.fromkeys(row["case"] for row in rows):
        of_case = [row for row in rows if row["case"] == case]
        ours = next((row["median_ns"] for row in of_case if row["peer"] in ("hookseal", "accepted")), None)
        first = of_case[0]
        speeds = "bytes" in first and first["bytes"] is not None and not case.startswith(("date", "refuse", "guard"))
        yield f"### {case}" + (f" ({first['bytes']:,} bytes)" if speeds else "")
        yield ""
        yield "| | median | times hookseal |" + (" bytes a second | elements a second |" if speeds else "")
        yield "|---|---:|---:|" + ("---:|---:|" if speeds else "")
        for row in of_case:
            median = row["median_ns"]
            if not median:
                yield f"| {row['peer']} | absent | |"
                continue
            # If the contenders took turns, this is the median of the turns' ratios.
            value = row.get("ratio") or (median / ours if ours else None)
            ratio = f"{value:.2f}" if value else ""
            name = f"**{row['peer']}**" if row["peer"].startswith("hookseal") else row["peer"]
            speed = f" {scaled(row['bytes'] / median * 1e9)}B | {scaled(row['elements'] / median * 1e9).strip()} |" if speeds else ""
            yield f"| {name} | {pictures.shown(median)} | {ratio} |{speed}"
        yield ""


def users_flags(results):
    yield "## Built with a user's flags"
    yield ""
    yield f"`lto = \"fat\"`, `codegen-units = 1` and `-C target-cpu=native`, against the portable build. hookseal may take at most {targets.USERS_FLAGS} times as long there."
    yield ""
    yield "| case | routine | portable | user's flags | times as long | |"
    yield "|---|---|---:|---:|---:|---|"
    portable = {(row["case"], row["peer"]): row["median_ns"] for row in results["rust"]}
    for row in results["users_flags"]:
        before = portable.get((row["case"], row["peer"]))
        if before is None:
            continue
        ratio = row["median_ns"] / before
        verdict = ("yes" if ratio <= targets.USERS_FLAGS else "**no**") if row["peer"].startswith("hookseal") else ""
        yield f"| {row['case']} | {row['peer']} | {pictures.shown(before)} | {pictures.shown(row['median_ns'])} | {ratio:.2f} | {verdict} |"
    yield ""


def scaled(value):
    for unit in ("", "k", "M", "G"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} T"
