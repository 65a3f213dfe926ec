"""Writes the types of the Node package."""

import sys
from textwrap import wrap

from .model import DESCRIPTIONS, ORIGIN, shown

WIDTH = 120


def declarations(words, types, payloads):
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
            parts.append(comment(each.about, "") + f"export type {each.name} = {type_of(each.of)}\n")
            continue
        lines = [comment(each.about, "") + f"export type {each.name} = {{"]
        for member in shown(each.members):
            mark = "" if member.is_required else "?"
            null = "" if member.is_required or member.of == "json" else " | null"
            lines.append(comment(member.about, "  ") + f"  {member.name}{mark}: {type_of(member.of)}{null}")
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
    lines = wrap(text, WIDTH - len(pad) - 7)
    if not lines:
        return ""
    if len(lines) == 1:
        return f"{pad}/** {lines[0]} */\n"
    return "".join([f"{pad}/**\n", *(f"{pad} * {line}\n" for line in wrap(text, WIDTH - len(pad) - 3)), f"{pad} */\n"])


def type_of(of):
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
            return f"{type_of(inner)}[]"
        case ("one or list", inner):
            return f"{type_of(inner)} | {type_of(inner)}[]"
        case ("either", *inner):
            return " | ".join(type_of(each) for each in inner)
        case ("named", name):
            return name
    sys.exit(f"kinds/typescript.py has no TypeScript type of {of}")
