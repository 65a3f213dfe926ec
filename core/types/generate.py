#!/usr/bin/env python3
"""Writes what is made from the core's table of kinds: types of the packages, JSON Schemas, and tables in documents.

    python3 core/types/generate.py            write the files
    python3 core/types/generate.py --check    fail if a file differs from what would be written

The table comes from the core itself, which `cargo run --example table` prints. The members of the payloads and the
codes of errors are read in the core's source. A line of a payload that this script does not understand is an error.
"""

import argparse
import itertools
import json
import keyword
import re
import subprocess
import sys
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "core/src"
BEGIN, END = "<!-- The table of kinds, written by core/types/generate.py -->", "<!-- End of the table of kinds -->"
ORIGIN = "Written by core/types/generate.py from the core's table of kinds"
WIDTH = 118

# What serde reads with these functions; see core/src/reading/typed.rs and core/src/benti/payload.rs.
READ_WITH = {"typed::id": "id", "typed::key": "number or text", "typed::flag": "flag", "project": "text or Named"}
# The types that hold any JSON, text and a number.
SCALARS = {"Text": "text", "Raw": "json", "Number": "number", "bool": "flag"}
# What all events of an instance of Benti have, and the type of `body`, which they share.
COMMON, BODY, DETAILS = "Common", "TicketBody", "InstanceDetails"
# Benti's API sends this member with every event, and an instance never: it tells them apart (core/docs/benti.md).
NEVER_OF_AN_INSTANCE = "item"
# What a line of the table says where every name means the same.
ANY = {"ticket.other": "any other action", "subscriber.commanded": "any `command`", "workflow.reached": "any `event`"}

DESCRIPTIONS = {
    "Vendor": "The vendor that sent a webhook.",
    "Entity": "The kind of thing that an event is about.",
    "Action": "What happened.",
    "Kind": "The kinds that events have: an entity and what happened to it.",
    "Coverage": "Whether the vendor's signature covers a part of a delivery.",
    "IdOrigin": "Whether an id is the vendor's or was derived.",
    "ReplayPolicy": None,
    "SignatureEncoding": "The encodings of a signature.",
    "RejectionCode": "The reason for which a request was refused, as one stable word.",
    "RecordErrorCode": "A stable word for what is wrong with a record.",
}


class Member(NamedTuple):
    """A member of an object.

    Its type is one of "text", "id", "flag", "number", "number or text" and "json"; or a tuple of "list", "one or list"
    or "either" and types; or of "named" and a name; or None for a member that is never there.
    """

    name: str
    about: str
    of: object
    is_required: bool


class Type(NamedTuple):
    """A type of a payload, or of an object in it."""

    name: str
    about: str
    members: list[Member] | None  # None: another name for `of`
    of: object = None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="fail if a file differs")
    is_check = arguments.parse_args().check
    stale, written = [], files()
    for path, text in written.items():
        if not path.exists() or path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
            if not is_check:
                path.write_text(text)
    if is_check and stale:
        sys.exit(f"stale: {', '.join(stale)}: run python3 core/types/generate.py, and commit what it writes")
    print(f"{len(written)} files of the table of kinds, {len(stale)} {'stale' if is_check else 'changed'}")


def files():
    """The content of each file by its path."""
    command = ["cargo", "run", "--locked", "--quiet", "--package", "hookseal", "--example", "table"]
    table = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
    words = table["words"] | {
        "RejectionCode": codes_in(CORE / "rejection.rs"),
        "RecordErrorCode": codes_in(CORE / "record/error.rs"),
    }
    types = [each for vendor in words["Vendor"] for each in types_of(vendor)]
    payloads = payloads_by_kind(table, {each.name for each in types})
    lines = lines_of(table)
    python, node = ROOT / "bindings-python", ROOT / "bindings-node"
    return {
        ROOT / "core/docs/kinds.md": table_in_markdown(lines, str) + "\n",
        ROOT / "core/schemas/payloads.schema.json": schema(types, payloads),
        ROOT / "core/schemas/event.schema.json": with_words(ROOT / "core/schemas/event.schema.json", words),
        python / "python/hookseal/_words.py": python_words(words),
        python / "python/hookseal/payloads.py": python_payloads(types),
        node / "lib/words.d.cts": typescript(words, types, payloads),
        ROOT / "README.md": with_table(ROOT / "README.md", table_in_markdown(lines, str)),
        python / "README.md": with_table(python / "README.md", table_in_markdown(lines, package_name)),
        node / "README.md": with_table(node / "README.md", table_in_markdown(lines, package_name)),
    }


# --- What the core says ---


def codes_in(path):
    """The words that `fn code` gives."""
    bodies = re.findall(r"pub fn code\(&self\) -> &'static str \{(.*?)\n    \}", path.read_text(), re.S)
    return re.findall(r'=> "(\w+)"', "".join(bodies))


def package_name(path):
    """The name of a payload's type in the packages: `benti::InstanceDetails::Answer` is `BentiAnswer`."""
    vendor, *_, name = path.split("::")
    return vendor.capitalize() + name


def payloads_by_kind(table, known):
    """The names of the payloads' types by vendor and kind, each with whether it is open."""
    found = {}
    for row in table["rows"]:
        name = package_name(row["payload"])
        if name not in known:
            sys.exit(f"core/src/{row['vendor']}/payload.rs has no type {name} for {row['kind']}")
        found.setdefault(row["vendor"], {}).setdefault(row["kind"], {})[name] = row["is_open"]
    return found


def types_of(vendor):
    """The types in a vendor's payload.rs, each after those that it names."""
    source = (CORE / vendor / "payload.rs").read_text()
    prefix = vendor.capitalize()
    structs, types = {}, {}
    for about, public, name, body in re.findall(
        r"((?:^///[^\n]*\n)*)(?:#\[[^\n]*\n)*^(pub )?struct (\w+)<'a> \{\n(.*?)^\}", source, re.M | re.S
    ):
        structs[name] = (about_of(about), bool(public), members_of(body, prefix))
    enums = re.findall(r"((?:^///[^\n]*\n)*)(?:#\[[^\n]*\n)*^pub enum (\w+)<'a> \{\n(.*?)^\}", source, re.M | re.S)
    variants = {name: (about_of(about), variants_of(body, prefix)) for about, name, body in enums}
    details = variants.pop(DETAILS, (None, []))[1]
    parts = {of for _, _, of in details if isinstance(of, str)} | {"InstanceEvent"}
    for name, (about, public, members) in structs.items():
        if public and name not in parts:
            types[prefix + name] = Type(prefix + name, about, members)
    for name, (about, cases) in variants.items():
        types[prefix + name] = Type(prefix + name, about, None, ("either", *(of for *_, of in cases)))
    for name, about, of in details:
        documented = {member.name: member.about for member in structs["InstanceEvent"][2]}
        common = [member._replace(about=documented[member.name]) for member in structs[COMMON][2]]
        never = Member(NEVER_OF_AN_INSTANCE, "Events of the API alone have it.", None, False)
        if isinstance(of, str):
            more = structs[of][2]
        elif of:
            body = f"{prefix}{name}Body"
            kept = [member._replace(about=of[field]) for field, member in fields(structs[BODY][2]) if field in of]
            if len(kept) != len(of):
                sys.exit(f"core/src/{vendor}/payload.rs: {BODY} has not all of {', '.join(of)}")
            types[body] = Type(body, f"The `body` of a {prefix}{name}.", kept)
            more = [Member("body", "The details.", ("named", body), False)]
        else:
            more = []
        types[prefix + name] = Type(prefix + name, about, [*common, *more, never])
    return in_order(types)


def fields(members):
    """Members with the names of their fields in Rust."""
    return [(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", member.name).lower(), member) for member in members]


def about_of(lines):
    """The text of a documentation comment, up to its example and without links of rustdoc."""
    text = " ".join(line.strip().removeprefix("///").strip() for line in lines.splitlines())
    text = text.partition("```")[0].strip()
    return re.sub(r"\[(`\w+`)\](\(.*?\))?", r"\1", text)


MEMBER = re.compile(
    r"(?P<about>(?:/// .*\n\s*)*)(?P<attribute>#\[serde\((?P<serde>.*?)\)\]\s*)?"
    r"(?:pub )?(?P<name>\w+): (?P<type>.+?),\n\s*",
)


def members_of(body, prefix):
    """The members in the body of a struct."""
    members, at, text = [], 0, body.strip() + "\n"
    while at < len(text):
        found = MEMBER.match(text, at)
        if not found:
            sys.exit(f"generate.py does not understand: {text[at:].splitlines()[0]}")
        serde = dict(re.findall(r'(\w+)(?: = "([^"]*)")?', found["serde"] or ""))
        unknown = serde.keys() - {"borrow", "default", "rename", "alias", "deserialize_with"}
        if unknown:
            sys.exit(f"generate.py does not understand serde({', '.join(unknown)}) of {found['name']}")
        of, is_required = type_of(found["type"], serde.get("deserialize_with"), prefix)
        name, about = serde.get("rename", found["name"]), about_of(found["about"])
        members.append(Member(name, about, of, is_required))
        if "alias" in serde:
            members.append(Member(serde["alias"], f"Another name of `{name}`.", of, is_required))
        at = found.end()
    return members


def variants_of(body, prefix):
    """The variants of an enum: name, documentation, and what it holds: a struct, fields with documentation, a type."""
    variants = []
    pattern = r"((?:^    /// [^\n]*\n)+)^    (\w+)(?:\(([^\n]+)\)| \{\n(.*?)^    \})?,\n"
    for about, name, held, inner in re.findall(pattern, body, re.M | re.S):
        about = re.sub(r"^`[^:]*: ", "", about_of(about))
        if inner:
            of = {field: about_of(text) for text, field in re.findall(r"((?:^ +/// .*\n)+)^ +(\w+): ", inner, re.M)}
        elif name == held.removesuffix("<'a>") and name not in SCALARS:
            of = name
        else:
            of = type_of(held, None, prefix)[0] if held else {}
        variants.append((name, about[:1].upper() + about[1:], of))
    return variants


def type_of(rust, read_with, prefix):
    """The type of a member, and whether it is required."""
    if optional := re.fullmatch(r"Option<(.+)>", rust):
        inner, is_required = optional[1], False
    else:
        inner, is_required = rust, not rust.startswith("Vec<")
    if several := re.fullmatch(r"Vec<(.+)>", inner):
        of = ("list", type_of(several[1], None, prefix)[0])
        # Without the function it is the variant of an enum, which is a list indeed.
        return (("one or list", of[1]) if read_with == "typed::list" else of), is_required
    # `typed::object` changes nothing: a named type is an object.
    if read_with and read_with != "typed::object":
        inner = READ_WITH[read_with]
        return (("either", "text", ("named", prefix + "Named")) if inner == "text or Named" else inner), is_required
    name = re.fullmatch(r"(\w+)(?:<'a>)?", inner)[1]
    return SCALARS.get(name) or ("named", prefix + name), is_required


def names_in(of):
    """The types that a type names."""
    if isinstance(of, tuple):
        return [of[1]] if of[0] == "named" else [name for inner in of[1:] for name in names_in(inner)]
    return []


def in_order(types):
    ordered = {}

    def add(each):
        for of in [each.of, *(member.of for member in each.members or ())]:
            for name in names_in(of):
                add(types[name])
        ordered[each.name] = each

    for each in types.values():
        add(each)
    return list(ordered.values())


# --- JSON Schema ---


def schema(types, payloads):
    defs = {each.name: schema_of_type(each) for each in types}
    rules = [
        {
            "if": {
                "properties": {"vendor": {"const": vendor}, "kind": {"enum": kinds}},
                "required": ["vendor", "kind"],
            },
            "then": {"properties": {"data": any_of([{"$ref": f"#/$defs/{name}"} for name in names])}},
        }
        for vendor, of_vendor in payloads.items()
        for names, kinds in by_names(of_vendor)
    ]
    about = (
        f"{ORIGIN}. An event whose `data` has the types that its vendor documents. An event may differ: hookseal "
        "checks the members of which it makes kind, subject, parent, actor and time, and passes the others on."
    )
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Event with a documented payload",
        "description": about,
        "allOf": rules,
        "$defs": defs,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def with_words(path, words):
    """The schema of events with these words."""
    text = path.read_text()
    for name, before in (
        ("Vendor", '"vendor": { '),
        ("Entity", '"description": "The kind of thing.",\n      '),
        ("Action", '"description": "What happened.",\n      '),
        ("Coverage", '"coverage": { '),
        ("IdOrigin", "hookseal derived it from the bytes.\", "),
    ):
        parts = re.split(f'({re.escape(before)}"enum": )\\[.*?\\]', text)
        if len(parts) != 3:
            sys.exit(f"{path.relative_to(ROOT)} has not one list of {name}")
        text = parts[0] + parts[1] + json.dumps(words[name]) + parts[2]
    return text


def by_names(kinds):
    """The kinds that have the same types."""
    groups = {}
    for kind, names in kinds.items():
        groups.setdefault(tuple(names), []).append(kind)
    return groups.items()


def any_of(schemas):
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def schema_of_type(each):
    if each.members is None:
        return {"description": each.about} | schema_of(each.of)
    properties = {
        member.name: False if member.of is None else {"description": member.about} | optional(member)
        for member in each.members
    }
    required = [member.name for member in each.members if member.is_required]
    return {"description": each.about, "type": "object", "properties": properties} | (
        {"required": required} if required else {}
    )


def optional(member):
    of = schema_of(member.of)
    if member.is_required or not of:
        return of
    return any_of([*of.get("anyOf", [of]), {"type": "null"}])


def schema_of(of):
    match of:
        case "text":
            return {"type": "string"}
        case "id":
            return {"type": ["integer", "string"]}
        case "number or text":
            return {"type": ["number", "string"]}
        case "flag":
            return {"enum": [True, False, "true", "false"]}
        case "number":
            return {"type": "number"}
        case "json":
            return {}
        case ("list", inner):
            return {"type": "array", "items": schema_of(inner)}
        case ("one or list", inner):
            return {"anyOf": [schema_of(inner), schema_of(("list", inner))]}
        case ("either", *inner):
            return {"anyOf": [schema_of(each) for each in inner]}
        case ("named", name):
            return {"$ref": f"#/$defs/{name}"}
    sys.exit(f"generate.py has no schema of {of}")


# --- Python ---


def python_words(words):
    aliases = [
        f"{name}: TypeAlias = {one_or_more_lines('Literal[', [quoted(word) for word in words[name]], ']')}\n"
        for name in DESCRIPTIONS
    ]
    tuples = [
        f"{name}: Final[tuple[{of}, ...]] = {one_or_more_lines('(', [quoted(word) for word in words[of]], ')')}\n"
        for name, of in (("REJECTION_CODES", "RejectionCode"), ("RECORD_ERROR_CODES", "RecordErrorCode"))
    ]
    head = f'"""The words of events and errors as types. {ORIGIN}."""\n\n'
    head += "from typing import Final, Literal, TypeAlias\n\n"
    documented = [
        alias + (f'"""{DESCRIPTIONS[name]}"""\n' if DESCRIPTIONS[name] else "")
        for name, alias in zip(DESCRIPTIONS, aliases, strict=True)
    ]
    return head + "\n".join([*documented, *tuples])


def quoted(word):
    return f'"{word}"'


def one_or_more_lines(opening, items, closing):
    """A list as ruff formats it."""
    line = opening + ", ".join(items) + closing
    # The longest name before it has 40 characters.
    if len(line) + 60 <= WIDTH:
        return line
    return opening + "\n" + "".join(f"    {item},\n" for item in items) + closing


def python_payloads(types):
    about = "\n".join(
        [
            '"""The types of ``event.data`` by the kind of the event.',
            "",
            "    from hookseal.payloads import BentiAnswer",
            "",
            '    if event.kind == "ticket.answered":',
            "        answer: BentiAnswer = event.data",
            "",
            *wrap(
                "The table in the README says which kind has which type. hookseal checks the members of which it makes "
                "kind, subject, parent, actor and time. It passes all others on as they were sent, so a vendor that "
                "leaves its documentation sends other types. ``core/schemas/payloads.schema.json`` checks the whole "
                "payload.",
                WIDTH,
            ),
            "",
            f"{ORIGIN}.",
            '"""',
        ]
    )
    names = [each.name for each in types]
    exported = "\n".join(f'    "{name}",' for name in sorted(names))
    parts = [
        f"{about}\n\nfrom decimal import Decimal\n"
        "from typing import Any, Literal, Required, TypeAlias, TypedDict\n\n"
        f"__all__ = [\n{exported}\n]\n\n"
        "_Id: TypeAlias = int | str\n"
        "# Text, if a Decimal cannot hold the number.\n"
        "_Number: TypeAlias = int | float | Decimal | str\n"
        '_Flag: TypeAlias = bool | Literal["true", "false"]\n'
    ]
    for each in types:
        if each.members is None:
            parts.append(f'{each.name}: TypeAlias = {python_type(each.of)}\n"""{each.about}"""\n')
        elif any(keyword.iskeyword(member.name) for member in each.members):
            parts.append(python_function(each))
        else:
            parts.append(python_class(each))
    # Two empty lines around classes, one between the others.
    text = parts[0]
    for before, part in itertools.pairwise(parts):
        text += ("\n\n" if part.startswith("class ") or before.startswith("class ") else "\n") + part
    return text


def python_member(member):
    of = python_type(member.of) + ("" if member.is_required or member.of == "json" else " | None")
    return f"Required[{of}]" if member.is_required else of


def shown(members):
    """The members that types show. Neither Python nor TypeScript says well that a member is never there."""
    return [member for member in members if member.of is not None]


def python_class(each):
    lines = [f"class {each.name}(TypedDict, total=False):", *docstring(each.about, 4), ""]
    for member in shown(each.members):
        lines += [f"    {member.name}: {python_member(member)}", *docstring(member.about, 4)]
    return "\n".join(lines) + "\n"


def python_function(each):
    """For names that are keywords of Python."""
    lines = [f"{each.name} = TypedDict(", f'    "{each.name}",', "    {"]
    for member in shown(each.members):
        lines += [f"        # {line}" for line in wrap(member.about, WIDTH - 10)]
        lines.append(f'        "{member.name}": {python_member(member)},')
    return "\n".join([*lines, "    },", "    total=False,", ")", *docstring(each.about, 0)]) + "\n"


def docstring(text, indent):
    pad = " " * indent
    if not text:
        return []
    lines = wrap(text, WIDTH - indent - 6)
    if len(lines) == 1:
        return [f'{pad}"""{lines[0]}"""']
    return [f'{pad}"""{lines[0]}', *(pad + line for line in lines[1:]), f'{pad}"""']


def python_type(of):
    match of:
        case "text":
            return "str"
        case "id" | "flag":
            return f"_{of.capitalize()}"
        case "number" | "number or text":
            return "_Number"
        case "json":
            return "Any"
        case ("list", inner):
            return f"list[{python_type(inner)}]"
        case ("one or list", inner):
            return f"{python_type(inner)} | list[{python_type(inner)}]"
        case ("either", *inner):
            return " | ".join(python_type(each) for each in inner)
        case ("named", name):
            return name
    sys.exit(f"generate.py has no Python type of {of}")


# --- TypeScript ---


def typescript(words, types, payloads):
    parts = [
        f"// The words of events and errors, and the types of `event.data`. {ORIGIN}.\n\n"
        "import type { Json, JsonObject } from '../index.cjs'\n"
    ]
    for name, about in DESCRIPTIONS.items():
        # The options have their documentation in index.d.cts.
        if about:
            union = "".join(f"  | '{word}'\n" for word in words[name])
            parts.append(f"/** {about} */\nexport type {name} =\n{union}")
    for each in types:
        if each.members is None:
            parts.append(comment(each.about, "") + f"export type {each.name} = {typescript_type(each.of)}\n")
            continue
        lines = [comment(each.about, "") + f"export type {each.name} = {{"]
        for member in shown(each.members):
            mark = "" if member.is_required else "?"
            null = "" if member.is_required or member.of == "json" else " | null"
            lines.append(comment(member.about, "  ") + f"  {member.name}{mark}: {typescript_type(member.of)}{null}")
        parts.append("\n".join([*lines, "}"]) + "\n")
    about = (
        "The type of `event.data` by vendor and kind. With `JsonObject` it may have any other member: the vendor did "
        "not document the event, or lets its customers choose members."
    )
    lines = [comment(about, "") + "export interface Payloads {"]
    for vendor, kinds in payloads.items():
        lines.append(f"  {vendor}: {{")
        for kind, names in kinds.items():
            either = " | ".join(f"({name} & JsonObject)" if is_open else name for name, is_open in names.items())
            lines.append(f"    '{kind}': {either if len(names) > 1 else either.strip('()')}")
        lines.append("  }")
    return "\n".join([*parts, *lines, "}"]) + "\n"


def comment(text, pad):
    lines = wrap(text, 120 - len(pad) - 7)
    if not lines:
        return ""
    if len(lines) == 1:
        return f"{pad}/** {lines[0]} */\n"
    return "".join([f"{pad}/**\n", *(f"{pad} * {line}\n" for line in wrap(text, 120 - len(pad) - 3)), f"{pad} */\n"])


def typescript_type(of):
    match of:
        case "text":
            return "string"
        case "id" | "number" | "number or text":
            return "number | string"
        case "flag":
            return "boolean | 'true' | 'false'"
        case "json":
            return "Json"
        case ("list", inner):
            return f"{typescript_type(inner)}[]"
        case ("one or list", inner):
            return f"{typescript_type(inner)} | {typescript_type(inner)}[]"
        case ("either", *inner):
            return " | ".join(typescript_type(each) for each in inner)
        case ("named", name):
            return name
    sys.exit(f"generate.py has no TypeScript type of {of}")


# --- Markdown ---


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


def table_in_markdown(lines, name_of):
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


if __name__ == "__main__":
    main()
