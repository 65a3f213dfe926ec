"""Builds with maturin, into a library that tells nothing of the machine that built it.

A panic names the file that it comes from. Of the crates that are linked in, rustc knows the whole path, with the home
folder of whoever builds. Stable Cargo has no setting by which a project could hide it, since it differs from machine
to machine. So rustc gets the folders here, as flags of the environment. Cargo takes these, with those of RUSTFLAGS,
in place of the `rustflags` in its configuration files.

This counts for what builds by pyproject.toml (pip, build, uv). `maturin build` does not ask it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import maturin
from maturin import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

_Settings = Mapping[str, Any] | None


def build_wheel(
    wheel_directory: str, config_settings: _Settings = None, metadata_directory: str | None = None
) -> str:
    _hide_folders()
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: _Settings = None, metadata_directory: str | None = None
) -> str:
    _hide_folders()
    return maturin.build_editable(wheel_directory, config_settings, metadata_directory)


def _hide_folders() -> None:
    """An installer runs each step in a process of its own, so that this environment is the build's alone."""
    encoded = os.environ.get("CARGO_ENCODED_RUSTFLAGS")
    flags = os.environ.get("RUSTFLAGS", "").split() if encoded is None else encoded.split("\x1f")
    flags += (f"--remap-path-prefix={folder}={shown}" for folder, shown in _folders())
    os.environ["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(filter(None, flags))


def _folders() -> list[tuple[str, str]]:
    """Each folder that a path can begin with, and what takes its place. Of several that fit the last one counts."""
    home, here = Path.home(), Path.cwd()
    # The folder of the workspace; in a source distribution it is the one of pyproject.toml.
    sources = here if (here / "Cargo.lock").exists() else here.parent
    folders = [
        (home, "home"),
        (Path(os.environ.get("RUSTUP_HOME") or home / ".rustup"), "rustup"),
        (Path(os.environ.get("CARGO_HOME") or home / ".cargo"), "cargo"),
        (sources, "hookseal"),
        (Path(os.environ.get("CARGO_TARGET_DIR") or sources / "target"), "target"),
    ]
    # As they are given and without symbolic links: tools write either. Where there is no home, as in some containers,
    # it is the root, with which every path begins.
    both = [(str(form), shown) for folder, shown in folders for form in (folder.absolute(), folder.resolve())]
    return [(folder, shown) for folder, shown in dict.fromkeys(both) if folder != Path(folder).anchor]
