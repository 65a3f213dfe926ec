"""Writes the table of kinds into the documentation."""

import sys

from .model import ROOT

BEGIN, END = "<!-- The table of kinds, written by core/types/generate.py -->", "<!-- End of the table of kinds -->"

# What a line of the table says where every name means the same.
ANY = {"ticket.other": "any other action", "subscriber.commanded": "any `command`", "workflow.reached": "any `event`"}


def lines_of(table):
    """The rows that differ only in name and kind, together: by the item of Benti's API, or else by the kind."""
    lines, any_other = {}, table["any_other"]
    for row in table["rows"]:
        first, dot, _ = row["name"].partition(".")
        together = first if dot else any_other if row["name"] == any_other and row["is_open"] else row["kind"]
        line = lines.setdefault((row["vendor"], row["payload"], together), (row, [], []))
        line[1].append(row["name"])
        line[2].append(row["kind"])
    seen, shown = set(), []
    for row, names, kinds in lines.values():
        if names[0] == any_other:
            cell = "any other" if row["payload"] in seen else ANY[row["kind"]]
        else:
            cell = names_in_table(names, any_other)
        shown.append((row, cell, dict.fromkeys(kinds)))
        seen.add(row["payload"])
    return shown


def names_in_table(names, any_other):
    """The names of a line. Those of Benti's API have an item and an action."""
    item = names[0].partition(".")[0] if "." in names[0] else None
    words = dict.fromkeys(name.rpartition(".")[2] for name in names)
    shown = ", ".join("any other" if word == any_other else f"`{word}`" for word in words)
    if item is None:
        return shown
    return f"{'any other item' if item == any_other else f'`{item}`'} with {shown}"


def table(lines, name_of):
    head = [
        "| vendor | its name for the event | kind | type of the payload | subject | parent | time |",
        "|---|---|---|---|---|---|---|",
    ]
    cells = [
        (
            row["vendor"].capitalize(),
            names,
            ", ".join(f"`{kind}`" for kind in kinds),
            f"`{name_of(row['payload'])}`",
            *(", else ".join(place_in_table(place) for place in row[field]) for field in ("subject", "parent", "time")),
        )
        for row, names, kinds in lines
    ]
    return "\n".join([*head, *("| " + " | ".join(line) + " |" for line in cells)])


def place_in_table(place):
    if not place.startswith("/"):
        return f"header `{place}`"
    return f"`{place.removeprefix('/').replace('/', '.')}`"


def with_table(path, table):
    """The document with this table between the marks."""
    text = path.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{path.relative_to(ROOT)} has no marks for the table of kinds")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"
