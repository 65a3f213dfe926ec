#!/usr/bin/env python3
"""imports.py, vendors.py and first_lines.py find planted faults in a small tree, and nothing in a correct tree."""

import sys
import unittest

from test_scripts import ROOT, Scripts

sys.path.insert(0, str(ROOT / "hardening"))
import first_lines
import vendors

NATIVE = ("core/src", "bindings-node/src", "bindings-python/src", "fuzz/src", "tower/src")
PYTHON = "bindings-python/python/hookseal"


class Imports(Scripts):
    def setUp(self):
        super().setUp()
        self.copy("hardening/imports.py", "hardening/sources.py")
        for folder in NATIVE:
            self.write(f"{folder}/lib.rs", "//! Words.\n//!\n//! From the ground up: low,\n//! high. More words.\npub use low::Low;\n")
            self.write(f"{folder}/low.rs", "pub struct Low;\n")
            self.write(f"{folder}/high/mod.rs", "mod part;\nuse crate::low::Low;\n")
            self.write(f"{folder}/high/part.rs", "use crate::low;\n")
        self.write("bindings-node/index.cjs", "'use strict'\n\n// From the ground up: low,\n// high.\nrequire('./lib/high.cjs')\n")
        self.write("bindings-node/lib/low.cjs", "const { inspect } = require('node:util')\n")
        self.write("bindings-node/lib/high.cjs", "const { low } = require('./low.cjs')\n")
        self.write("bindings-node/adapters/web.cjs", "const { high } = require('../lib/high.cjs')\n")
        self.write("bindings-node/adapters/web.js", "import adapter from './web.cjs'\n")
        self.write(f"{PYTHON}/__init__.py", '"""Words.\n\nFrom the ground up: _native, low,\nhigh.\n"""\n\nfrom hookseal.high import High\n')
        self.write(f"{PYTHON}/_native.pyi", "from hookseal.high import High\n")
        self.write(f"{PYTHON}/low.py", "import json\nfrom hookseal import _native\n")
        self.write(f"{PYTHON}/high.py", "from hookseal.low import Low\n")

    def imports(self, *arguments):
        return self.run_script("hardening/imports.py", *arguments)

    def planted(self, name, text, *words):
        """Checks that exactly the planted fault is found."""
        path = self.tree / name
        before = path.read_text() if path.exists() else None
        self.write(name, text)
        outcome = self.imports()
        self.assert_fails(outcome, *words)
        self.assertNotIn("Traceback", outcome[1])
        if before is None:
            path.unlink()
        else:
            path.write_text(before)

    def test_a_correct_tree_passes(self):
        self.assert_passes(self.imports(), "imports                           22 files   0 findings")

    def test_it_prints_the_imports(self):
        outcome = self.imports("--print")
        self.assert_passes(outcome)
        for line in (
            "core/src/high/mod.rs: core/src/low.rs",
            "bindings-node/adapters/web.cjs: bindings-node/lib/high.cjs",
            f"{PYTHON}/high.py: {PYTHON}/low.py",
        ):
            self.assertIn(line + "\n", outcome[1])

    def test_a_circle_is_found(self):
        for folder in NATIVE:
            with self.subTest(folder=folder):
                circle = f"a circle: {folder}/high/mod.rs -> {folder}/high/part.rs -> {folder}/high/mod.rs"
                for code in ("use super::High;", "fn f() { super::high() }", "fn f() -> crate::high::High {}", "use crate::{high::{self, A}};"):
                    self.write(f"{folder}/high/mod.rs", "mod part;\nuse part::Part;\n")
                    self.planted(f"{folder}/high/part.rs", code, circle, " 1 findings")
                self.write(f"{folder}/high/mod.rs", "mod part;\nfn f() { part::call() }\n")
                self.planted(f"{folder}/high/part.rs", "use super::High;", circle, " 1 findings")
        self.write("bindings-node/adapters/other.cjs", "require('./web.cjs')\n")
        self.planted("bindings-node/adapters/web.cjs", "const other = () => require('./other.cjs')\n", "a circle: ", " 1 findings")
        self.planted("bindings-node/adapters/web.cjs", "export { a } from './other.cjs'\n", "a circle: ", " 1 findings")
        self.planted("bindings-node/lib/low.cjs", "require('./high.cjs')\n", "a circle: ", "low.cjs:1: it imports bindings-node/lib/high.cjs", " 2 findings")
        for text in ("def f():\n    from hookseal.high import High\n", "from .high import High\n", "if TYPE_CHECKING:\n    from hookseal import high\n"):
            self.planted(f"{PYTHON}/low.py", text, "a circle: ", f"it imports {PYTHON}/high.py, which is above it", " 2 findings")

    def test_a_circle_of_three_is_found(self):
        for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
            self.write(f"core/src/high/{name}.rs", f"use super::{other}::X;")
        self.assert_fails(self.imports(), "a circle: core/src/high/a.rs -> core/src/high/b.rs -> core/src/high/c.rs -> core/src/high/a.rs")

    def test_an_import_against_the_order_is_found(self):
        for folder in NATIVE:
            self.write(f"{folder}/high/mod.rs", "pub struct High;")
            for code in ("use crate::high::High;", "use crate::{\n    high::High,\n};", "fn f() { crate::high::f() }", "use super::high;"):
                with self.subTest(folder=folder, code=code):
                    self.planted(f"{folder}/low.rs", code, f"{folder}/low.rs:1: it imports {folder}/high/mod.rs, which is above it", " 1 findings")
        self.write("bindings-node/lib/high.cjs", "")
        self.write(f"{PYTHON}/high.py", "")
        for code in ("\nrequire('./high.cjs')", '\nimport("./high.cjs")', "\nimport './high.cjs'", "\nimport {\n  a\n} from './high.cjs'"):
            self.planted("bindings-node/lib/low.cjs", code, "it imports bindings-node/lib/high.cjs, which is above it", " 1 findings")
        self.planted(f"{PYTHON}/low.py", "\nimport hookseal.high as h", f"{PYTHON}/low.py:2: it imports {PYTHON}/high.py", " 1 findings")

    def test_the_library_imports_no_adapter(self):
        self.write("bindings-node/adapters/web.cjs", "")
        self.planted("bindings-node/lib/high.cjs", "require('../adapters/web.cjs')", "it imports bindings-node/adapters/web.cjs", " 1 findings")
        self.write("bindings-node/index.cjs", "")
        words = "it imports bindings-node/adapters/web.cjs", "index.cjs: it does not state the order"
        self.planted("bindings-node/lib/high.cjs", "require('../adapters/web.cjs')", *words, " 2 findings")

    def test_an_import_through_the_root_is_found(self):
        for folder in NATIVE:
            for code in ("use crate::Low;", "use crate::*;", "use crate::{self, low};", "fn f() -> crate::Low {}", "use super::super::Low;"):
                with self.subTest(folder=folder, code=code):
                    self.planted(f"{folder}/high/part.rs", code, f"{folder}/high/part.rs:1: it imports what {folder}/lib.rs", " 1 findings")
        for code in ("require('..')", "require('../index.cjs')", "import h from 'hookseal'", "export * from '../index.js'", "require('hookseal/express')"):
            for name in ("bindings-node/lib/high.cjs", "bindings-node/adapters/web.js"):
                self.planted(name, code, f"{name}:1: it imports what bindings-node/index.cjs defines", " 1 findings")
        for code in ("from hookseal import High", "import hookseal", "from . import High", "from hookseal import *", "def f():  from hookseal import a, low"):
            self.planted(f"{PYTHON}/high.py", code, f"{PYTHON}/high.py:1: it imports what {PYTHON}/__init__.py defines", " 1 findings")

    def test_an_order_that_is_not_stated_is_found(self):
        for name in (*(f"{folder}/lib.rs" for folder in NATIVE), "bindings-node/index.cjs", f"{PYTHON}/__init__.py"):
            with self.subTest(name=name):
                self.planted(name, "", f"{name}: it does not state the order of its files", " 1 findings")

    def test_an_order_that_differs_from_the_files_is_found(self):
        self.planted("core/src/new.rs", "", "core/src/lib.rs: it states no place in the order for new", " 1 findings")
        self.planted("core/src/lib.rs", "//! From the ground up: low, gone, high.", "the order has gone, which is not there", " 1 findings")

    def test_imports_in_comments_texts_and_tests_do_not_count(self):
        self.write("core/src/low.rs", """
//! [`High`](crate::high::High)
/* use crate::high; */
const A: &str = "https://x"; const B: &str = r#"use crate::high; ""#; const C: char = '"';
#[cfg(test)]
mod tests { use crate::{Low, high}; const D: &str = "}"; }
""")
        self.write("core/src/high/tests.rs", "use crate::*;")
        self.write("bindings-node/lib/low.cjs", "// require('./high.cjs')\nconst a = 'it\\'s' /* require('./high.cjs') */\n")
        self.write(f"{PYTHON}/low.py", '"""from hookseal import high"""\n# import hookseal\n')
        self.assert_passes(self.imports(), " 0 findings")

    def test_code_after_something_like_a_comment_or_a_test_is_read(self):
        self.write("core/src/high/mod.rs", "")
        for before in ('const A: &str = "https://x";', "#[cfg(test)]\nmod tests {}\n", "const Q: char = '\"';", 'const R: &str = r"\\";'):
            self.planted("core/src/low.rs", f"{before} use crate::high::High;", "which is above it", " 1 findings")
        self.write("bindings-node/lib/high.cjs", "")
        for before in ("const a = 'https://x';", "const a = /[\"'`]/;", "const a = 1 // '\n"):
            self.planted("bindings-node/lib/low.cjs", f"{before} require('./high.cjs')", "which is above it", " 1 findings")

    def test_a_missing_folder_is_found(self):
        for path in (self.tree / "core/src").rglob("*.rs"):
            if path.name != "lib.rs":
                path.unlink()
        self.assert_fails(self.imports(), "core/src: there are no files")
        (self.tree / "core/src/lib.rs").unlink()
        self.assert_fails(self.imports())


class Vendors(Scripts):
    # Each line names a vendor in code of that language.
    RUST = (
        "Vendor::Benji => 1,", "use crate::kind::Vendor::*;", "use kind::{Vendor::{self, *}};", "use kind::Vendor as V;",
        "matches!(family, Family::BentoEmail)", "use Family::*;", "use crate::benti::Handshake;", "fn f(_: BenjiOptions) {}",
        'const A: &str = "x-hook-signature";', 'const A: &[u8] = b"X-Benji-Timestamp";', 'const A: &str = "https://api.bentonow.com";',
        'const A: &str = r#"com.withbenji"#;', 'const A: &str = "io.inbenta";', "const MAX_BENTO_BYTES: usize = 1;",
        "impl Vendor { fn f(self) -> bool { self == Self::Benji } }",
    )
    JAVASCRIPT = ("receiver.benji(key)", "const vendors = ['bento']", "const name = `x-hook-signature`", "const pattern = /x-inbenta/")
    PYTHON = ("from hookseal._native import BenjiOptions", 'VENDOR = "benti"', "def f(bento): ...", 'A = f"x-benji-{1}"')

    def setUp(self):
        super().setUp()
        self.copy("hardening/vendors.py", "hardening/sources.py")
        # Code for each line of the list, so that every line is needed.
        for start, allowed, _ in vendors.ALLOWED:
            self.write(f"{start}mod.rs" if start.endswith("/") else start if "." in start else f"{start}.rs", f'A = "{allowed[0]}"')
        self.write("core/src/kind.rs", "".join(f'    A = "{vendor}", "com.example";\n' for vendor in vendors.VENDORS))
        for name in ("bindings-node/index.cjs", "bindings-node/adapters/web.cjs"):
            self.write(name, "")

    def vendors(self):
        return self.run_script("hardening/vendors.py")

    def planted(self, name, *lines):
        """Checks that each line is found, and nothing else."""
        with self.subTest(name=name):
            self.write(name, "\n".join(["", *lines]))
            outcome = self.vendors()
            found = (f"vendors: {name}:{number}: {line}\n" for number, line in enumerate(lines, 2))
            self.assert_fails(outcome, *found, f" {len(lines)} findings")
            self.assertNotIn("Traceback", outcome[1])
            (self.tree / name).unlink()

    def test_a_correct_tree_passes(self):
        self.assert_passes(self.vendors(), f"vendors                {len(vendors.ALLOWED) + 2:>13} files   0 findings")

    def test_code_that_names_a_vendor_is_found(self):
        for folder in ("core/src/receiver", "bindings-node/src", "bindings-python/src"):
            self.planted(f"{folder}/shared.rs", *self.RUST)
        for name in ("bindings-node/lib/shared.cjs", "bindings-node/adapters/shared.js", "bindings-node/index.js"):
            self.planted(name, *self.JAVASCRIPT)
        self.planted("bindings-python/python/hookseal/shared.py", *self.PYTHON)

    def test_a_vendors_folder_names_no_other(self):
        for name, code in (("benji", "use crate::bento;"), ("benti", 'A = "x-benji"'), ("bento", "Vendor::Benti"), ("benji", "Vendor::*")):
            self.planted(f"core/src/{name}/shared.rs", code)

    def test_comments_documentation_tests_and_stubs_do_not_count(self):
        for name, text in (
            ("core/src/shared.rs", '//! Of [`benji`](crate::benji).\n/* bento */\n#[cfg(test)]\nmod tests { use crate::benti; }\n'),
            ("core/src/rejection/tests.rs", "use crate::benti;"),
            ("bindings-node/lib/shared.cjs", "// benji\n/**\n * Bento.\n */\nconst url = 'https://example.com' // benti\n"),
            ("bindings-python/python/hookseal/shared.py", '"""Benji."""\n\n\ndef f():\n    """Of Benti."""\n    return 1  # Bento\n'),
            ("bindings-python/python/hookseal/_native.pyi", "class Benji: ..."),
            ("bindings-node/adapters/web.d.cts", "export function benji(): void"),
        ):
            self.write(name, text)
        self.assert_passes(self.vendors(), " 0 findings")

    def test_code_after_something_like_a_comment_or_a_test_is_read(self):
        for before in ('A("//"); ', "#[cfg(test)] mod tests {} ", "#[cfg(test)] use a::b; ", "'\"'; "):
            self.planted("core/src/shared.rs", f"{before}Vendor::Benji")
        self.planted("bindings-node/lib/shared.cjs", "f('//', /[\"'`]/); benji()")
        self.planted("bindings-python/python/hookseal/shared.py", 'A = "#"; B = "benji"')

    def test_a_line_of_the_list_that_nothing_needs_is_found(self):
        self.write("core/src/vendors.rs", "")
        self.assert_fails(self.vendors(), "ALLOWED has core/src/vendors.rs, where no vendor is named", " 1 findings")

    def test_an_unreadable_list_of_vendors_is_found(self):
        self.write("core/src/kind.rs", "enum Vendor { Benji }")
        self.assert_fails(self.vendors(), "core/src/kind.rs: no vendor is found")

    def test_a_missing_folder_is_found(self):
        (self.tree / "bindings-node/adapters/web.cjs").unlink()
        self.assert_fails(self.vendors(), "bindings-node/adapters: there are no files")


class FirstLines(Scripts):
    # A file with a first line in each form of each language.
    RIGHT = {
        "mod.rs": ("//! Words for it.\n", "//! Words for it.\n#![no_std]\n"),
        "a.py": ('"""Words for it."""\n', '#!/usr/bin/env python3\n"""Words for it.\n\nMore."""\n', '"""\nWords for it.\n"""\n', "# Words for it.\n"),
        "a.pyi": ("# Words for it.\n",),
        "a.sh": ("#!/usr/bin/env bash\n# Words for it.\n",),
        "a.cjs": ("'use strict'\n\n// Words for it.\n", "// Words for it.\n"),
        "a.mjs": ("// Words for it.\n", "#!/usr/bin/env node\n// Words for it.\n"),
        "a.d.cts": ("/** Words for it. */\n", "/**\n * Words for it.\n */\n"),
    }
    WRONG = {
        "mod.rs": ("", "use a::b;\n", "\n//! Words for it.\n", "// Words for it.\n", "/// Words for it.\n", "//!\nuse a as b;\n", "//! Words\n"),
        "a.py": ("", "import a as b\n", '"""Words"""\n', "#!/usr/bin/env python3\nimport a as b\n", "# noqa: E402 for it\n", "#\nimport a as b\n"),
        "a.pyi": ("from a import b\n",),
        "a.sh": ("#!/usr/bin/env bash\nset -euo pipefail\n", "#!/usr/bin/env bash\n# shellcheck disable=SC2034 here\n"),
        "a.cjs": ("'use strict'\n\nconst a = 1\n", "'use strict'\n// @ts-check for it\n", "import a from 'b'\n"),
        "a.mjs": ("import a from 'b'\n// Words for it.\n",),
        "a.d.cts": ("export type A = 1\n", "/**\n */\nexport type A = 1\n"),
    }

    def setUp(self):
        super().setUp()
        self.copy("hardening/first_lines.py")
        for folder in first_lines.SEARCHED:
            self.write(f"{folder}/a/right.rs", "//! Words for it.\n")
        # One more, because hardening/ contains the script itself.
        self.files = len(first_lines.SEARCHED) + 1

    def first_lines(self):
        return self.run_script("hardening/first_lines.py")

    def test_a_correct_tree_passes(self):
        for name, texts in self.RIGHT.items():
            for text in texts:
                with self.subTest(name=name, text=text):
                    self.write(f"core/src/{name}", text)
                    self.assert_passes(self.first_lines(), f"{self.files + 1} files   0 findings")
                    (self.tree / "core/src" / name).unlink()

    def test_a_file_without_such_a_line_is_found(self):
        for name, texts in self.WRONG.items():
            for text in texts:
                with self.subTest(name=name, text=text):
                    self.write(f"core/src/{name}", text)
                    finding = f"first lines: core/src/{name}: its first line does not say what it is for\n"
                    self.assert_fails(self.first_lines(), finding, f"{self.files + 1} files   1 findings")
                    (self.tree / "core/src" / name).unlink()

    def test_every_folder_and_the_entrances_are_searched(self):
        names = [*(f"{folder}/b/wrong.rs" for folder in first_lines.SEARCHED), "bindings-node/index.js", "bindings-node/index.d.cts"]
        for name in names:
            self.write(name, "use a as b;\n")
        findings = (f"first lines: {name}: its first line" for name in names)
        self.assert_fails(self.first_lines(), *findings, f" {len(names)} findings")

    def test_folders_that_tools_make_do_not_count(self):
        for name in ("fuzz/target/a.rs", "fuzz/corpus/a.js", "hardening/__pycache__/a.py", "benches/target/b/a.rs", "core/src/a.json"):
            self.write(name, "use a as b;\n")
        self.assert_passes(self.first_lines(), f"{self.files} files   0 findings")

    def test_a_missing_folder_is_found(self):
        (self.tree / "benches/a/right.rs").unlink()
        self.assert_fails(self.first_lines(), "first lines: benches: there are no source files", " 1 findings")


if __name__ == "__main__":
    unittest.main()
