"""Reads the types of the payloads and the codes of errors in the core's source.

A line of a payload that it does not understand is an error.
"""

import re
import sys

from .model import ROOT, Member, Type

CORE = ROOT / "core/src"

# What serde reads with these functions; see core/src/reading/typed.rs and core/src/benti/payload.rs.
READ_WITH = {"typed::id": "id", "typed::key": "number or text", "typed::flag": "flag", "project": "text or Named"}
# The types that hold any JSON, text and a number.
SCALARS = {"Text": "text", "Raw": "json", "Number": "number", "bool": "flag"}
# What all events of an instance of Benti have, and the type of `body`, which they share.
COMMON, BODY, DETAILS = "Common", "TicketBody", "InstanceDetails"
# Benti's API sends this member with every event, and an instance never: it tells them apart (core/docs/benti.md).
NEVER_OF_AN_INSTANCE = "item"


def codes_in(file):
    """The words that `fn code` gives in a file of the core."""
    bodies = re.findall(r"pub fn code\(&self\) -> &'static str \{(.*?)\n    \}", (CORE / file).read_text(), re.S)
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
    if of_type := re.search(r"^#\[serde.*", source, re.M):
        sys.exit(f"kinds/rust.py does not understand: {of_type[0]}")
    prefix = vendor.capitalize()
    structs, types = {}, {}
    for about, public, name, body in re.findall(
        r"((?:^///[^\n]*\n)*)(?:#\[[^\n]*\n)*^(pub )?struct (\w+)<'a> \{\n(.*?)^\}", source, re.M | re.S
    ):
        structs[name] = (about_of(about), bool(public), members_of(body, prefix))
    enums = re.findall(r"((?:^///[^\n]*\n)*)(?:#\[[^\n]*\n)*^pub enum (\w+)<'a> \{\n(.*?)^\}", source, re.M | re.S)
    variants = {name: (about_of(about), variants_of(body, prefix)) for about, name, body in enums}
    for name in re.findall(r"^(?:pub )?(?:struct|enum|type|union) (\w+)", source, re.M):
        if name not in structs and name not in variants:
            sys.exit(f"kinds/rust.py does not understand {name} in core/src/{vendor}/payload.rs")
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
            sys.exit(f"kinds/rust.py does not understand: {text[at:].splitlines()[0]}")
        serde = dict(re.findall(r'(\w+)(?: = "([^"]*)")?', found["serde"] or ""))
        unknown = serde.keys() - {"borrow", "default", "rename", "alias", "deserialize_with"}
        if unknown:
            sys.exit(f"kinds/rust.py does not understand serde({', '.join(unknown)}) of {found['name']}")
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
    if rest := re.sub(pattern, "", body, flags=re.M | re.S).strip():
        sys.exit(f"kinds/rust.py does not understand: {rest.splitlines()[0]}")
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
