"""The published files: the installed package, and the source distribution from which others build it."""

import os
import runpy
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

import hookseal
from hookseal import _native

FOLDER = Path(__file__).parents[1]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", FOLDER.parent / "target")).resolve()


def test_the_native_module_and_the_installed_package_have_one_version() -> None:
    assert hookseal.__version__ == version("hookseal")


def test_the_installed_library_holds_no_path_of_the_machine_that_built_it() -> None:
    assert _native.__file__ is not None
    library = Path(_native.__file__).read_bytes()
    assert places_in(library, FOLDER.parent) == []
    assert sections_for_debugging(library) == []


def test_the_source_distribution_is_complete(tmp_path: Path) -> None:
    run("maturin", "sdist", "--out", tmp_path, folder=FOLDER)
    (archive,) = tmp_path.glob("*.tar.gz")
    # Always in the same place, so that later runs reuse the build.
    place = TARGET / "source-distribution"
    unpacked = place / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    with tarfile.open(archive) as files:
        files.extractall(unpacked, filter="data")
    sources = unpacked / archive.name.removesuffix(".tar.gz")
    for name in ("LICENSE-MIT", "LICENSE-APACHE", "README.md", "Cargo.lock", "python/hookseal/py.typed"):
        assert (sources / name).is_file(), name
    # With the distribution's own settings, as an installer builds it, but not optimized.
    environment = {"CARGO_TARGET_DIR": str(place / "target"), "MATURIN_PEP517_ARGS": "--profile dev --offline"}
    options = ["--no-build-isolation", "--no-deps", "--no-index", "--wheel-dir", tmp_path]
    run("pip", "wheel", *options, sources, folder=tmp_path, **environment)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        contents = {name: files.read(name) for name in files.namelist()}
    (library,) = [content for name, content in contents.items() if name.endswith((".so", ".pyd"))]
    assert sections_for_debugging(library) == []
    assert {name: places for name, content in contents.items() if (places := places_in(content, sources))} == {}


@pytest.mark.parametrize(
    ("environment", "kept"),
    [
        ({}, []),
        ({"RUSTFLAGS": "-C  opt-level=1"}, ["-C", "opt-level=1"]),
        ({"RUSTFLAGS": "-C lto=off", "CARGO_ENCODED_RUSTFLAGS": "--cfg\x1fa b"}, ["--cfg", "a b"]),
        ({"CARGO_HOME": "/elsewhere/cargo", "CARGO_TARGET_DIR": "/elsewhere/target", "HOME": "/"}, []),
    ],
)
def test_a_build_keeps_the_flags_of_the_environment(
    environment: dict[str, str], kept: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_HOME", "CARGO_TARGET_DIR"):
        monkeypatch.setenv(name, environment.get(name, ""))
        if name not in environment:
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", environment.get("HOME", "/somebody"))
    monkeypatch.chdir(FOLDER)
    # Returns the flags with which maturin would build.
    monkeypatch.setattr("maturin.build_wheel", lambda *_: os.environ["CARGO_ENCODED_RUSTFLAGS"])
    names = runpy.run_path(str(FOLDER / "build_backend" / "hookseal_build.py"))
    flags = names["build_wheel"]("folder").split("\x1f")
    assert flags[: len(kept)] == kept
    folders = dict(flag.removeprefix("--remap-path-prefix=").rsplit("=", 1) for flag in flags[len(kept) :])
    home = environment.get("HOME", "/somebody").rstrip("/")
    assert folders.get("/somebody") == ("home" if home else None)
    assert folders[str(FOLDER.parent.resolve())] == "hookseal"
    assert folders[environment.get("CARGO_HOME", f"{home}/.cargo")] == "cargo"
    assert folders[environment.get("CARGO_TARGET_DIR", f"{FOLDER.parent}/target")] == "target"
    assert "/" not in folders


def run(module: str, *arguments: object, folder: Path, **environment: str) -> None:
    # The installer looks for the program `maturin` in PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"PATH": path} | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def places_in(content: bytes, sources: Path) -> list[str]:
    """The folders of this machine in the content: the home, the folders of Cargo and Rust, and the sources."""
    home = Path.home()
    folders = {home, sources, TARGET, Path(os.environ.get("CARGO_HOME", home / ".cargo"))}
    folders.add(Path(os.environ.get("RUSTUP_HOME", home / ".rustup")))
    folders |= {folder.resolve() for folder in folders}
    return sorted(str(folder) for folder in folders - {Path("/")} if os.fsencode(folder) in content)


def sections_for_debugging(library: bytes) -> list[str]:
    """The sections that stripping removes from a library in little-endian 64-bit ELF, the format of most Linux
    machines.
    """
    if not library.startswith(b"\x7fELF\x02\x01"):
        return []
    (table,) = struct.unpack_from("<Q", library, 0x28)
    size, count, names_at = struct.unpack_from("<3H", library, 0x3A)
    sections = [struct.unpack_from("<2I4Q", library, table + number * size) for number in range(count)]
    names = library[sections[names_at][4] :]
    found = [names[section[0] : names.index(b"\0", section[0])].decode() for section in sections]
    assert ".text" in found
    return [name for name in found if name == ".symtab" or name.startswith(".debug")]
