"""Writes the types of the Python package."""

import itertools
import keyword
import sys
from textwrap import wrap

from .model import DESCRIPTIONS, ORIGIN, shown

WIDTH = 118


def words_module(words):
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


def payloads_module(types):
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
            parts.append(f'{each.name}: TypeAlias = {type_of(each.of)}\n"""{each.about}"""\n')
        elif any(keyword.iskeyword(member.name) for member in each.members):
            parts.append(functional(each))
        else:
            parts.append(class_of(each))
    # Two empty lines around classes, one between the others.
    text = parts[0]
    for before, part in itertools.pairwise(parts):
        text += ("\n\n" if part.startswith("class ") or before.startswith("class ") else "\n") + part
    return text


def annotation(member):
    of = type_of(member.of) + ("" if member.is_required or member.of == "json" else " | None")
    return f"Required[{of}]" if member.is_required else of


def class_of(each):
    lines = [f"class {each.name}(TypedDict, total=False):", *docstring(each.about, 4), ""]
    for member in shown(each.members):
        lines += [f"    {member.name}: {annotation(member)}", *docstring(member.about, 4)]
    return "\n".join(lines) + "\n"


def functional(each):
    """For names that are keywords of Python."""
    lines = [f"{each.name} = TypedDict(", f'    "{each.name}",', "    {"]
    for member in shown(each.members):
        lines += [f"        # {line}" for line in wrap(member.about, WIDTH - 10)]
        lines.append(f'        "{member.name}": {annotation(member)},')
    return "\n".join([*lines, "    },", "    total=False,", ")", *docstring(each.about, 0)]) + "\n"


def docstring(text, indent):
    pad = " " * indent
    if not text:
        return []
    lines = wrap(text, WIDTH - indent - 6)
    if len(lines) == 1:
        return [f'{pad}"""{lines[0]}"""']
    return [f'{pad}"""{lines[0]}', *(pad + line for line in lines[1:]), f'{pad}"""']


def type_of(of):
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
            return f"list[{type_of(inner)}]"
        case ("one or list", inner):
            return f"{type_of(inner)} | list[{type_of(inner)}]"
        case ("either", *inner):
            return " | ".join(type_of(each) for each in inner)
        case ("named", name):
            return name
    sys.exit(f"kinds/python.py has no Python type of {of}")
