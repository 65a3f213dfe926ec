"""Writes the JSON Schemas."""

import json
import re
import sys

from .model import ORIGIN, ROOT


def of_payloads(types, payloads):
    defs = {each.name: of_type(each) for each in types}
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
        ("Kind", '"kind": { "description": "Entity and action.", '),
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


def of_type(each):
    if each.members is None:
        return {"description": each.about} | of_value(each.of)
    properties = {
        member.name: False if member.of is None else {"description": member.about} | optional(member)
        for member in each.members
    }
    required = [member.name for member in each.members if member.is_required]
    return {"description": each.about, "type": "object", "properties": properties} | (
        {"required": required} if required else {}
    )


def optional(member):
    of = of_value(member.of)
    if member.is_required or not of:
        return of
    return any_of([*of.get("anyOf", [of]), {"type": "null"}])


def of_value(of):
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
            return {"type": "array", "items": of_value(inner)}
        case ("one or list", inner):
            return {"anyOf": [of_value(inner), of_value(("list", inner))]}
        case ("either", *inner):
            return {"anyOf": [of_value(each) for each in inner]}
        case ("named", name):
            return {"$ref": f"#/$defs/{name}"}
    sys.exit(f"kinds/schema.py has no schema of {of}")
