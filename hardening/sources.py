"""Gives the code of a file without its comments and tests, for imports.py and vendors.py.

Comments and tests become spaces, so that each line keeps its number.
"""

import ast
import io
import re
import tokenize

# Matches a comment, or, as a group, a text or a character.
RUST = re.compile(
    r"""//[^\n]*|/\*.*?\*/
    |(b?r(?P<hashes>\#*)".*?"(?P=hashes)|[bc]?"(?:\\.|[^"\\])*"|b?'(?:\\(?:u\{\w+\}|x\w\w|.)|[^'\\\n])')""",
    re.S | re.X,
)
# The same for JavaScript. The group also matches regular expressions, which may contain quotes.
JAVASCRIPT = re.compile(
    r"""//[^\n]*|/\*.*?\*/
    |('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`
    |(?<=[=(,:!&|?;{}\n])[ ]*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/)""",
    re.S | re.X,
)
RUST_TEST = re.compile(r"#\[cfg\((?:test|all\(test\b[^\]]*)\)\]")


def code_of(path, texts=True):
    """The code of a file, with or without its texts."""
    source = path.read_text()
    if path.suffix in (".py", ".pyi"):
        return python_code(source)
    if path.suffix == ".rs":
        return rust_code(source, texts)
    return JAVASCRIPT.sub(lambda found: found[0] if found[1] and texts else spaces(found[0]), source)


def line_of(code, place):
    return code.count("\n", 0, place) + 1


def spaces(text):
    return re.sub(r"[^\n]", " ", text)


def rust_code(source, texts):
    with_texts = RUST.sub(lambda found: found[0] if found[1] else spaces(found[0]), source)
    without = RUST.sub(lambda found: spaces(found[0]), source)
    code, end = "", 0
    for test in RUST_TEST.finditer(without):
        if test.start() >= end:
            code += (with_texts if texts else without)[end : test.start()]
            behind = end_of_item(without, test.end())
            code += spaces(source[test.start() : behind])
            end = behind
    return code + (with_texts if texts else without)[end:]


def end_of_item(code, start):
    """The position after the first `;` outside of braces, or after the first pair of braces."""
    depth = 0
    for place in range(start, len(code)):
        depth += {"{": 1, "}": -1}.get(code[place], 0)
        if depth == 0 and code[place] in ";}":
            return place + 1
    return len(code)


def python_code(source):
    lines = source.splitlines(keepends=True)

    def leave_out(first, start, last, end):
        for number in range(first, last + 1):
            line = lines[number - 1]
            from_here, to_here = start if number == first else 0, end if number == last else len(line)
            lines[number - 1] = line[:from_here] + spaces(line[from_here:to_here]) + line[to_here:]

    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            leave_out(*token.start, *token.end)
    for node in ast.walk(ast.parse(source)):
        # A text as a statement is documentation.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            leave_out(node.lineno, 0, node.end_lineno, len(lines[node.end_lineno - 1]))
    return "".join(lines)
