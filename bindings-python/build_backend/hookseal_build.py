"""Builds with maturin, and keeps the paths of the machine out of the library.

A panic message names its source file. For linked crates rustc writes the whole path, with the home folder of the
person who builds. The path differs between machines, and stable Cargo has no setting by which a project could hide
it. So this file passes the folders to rustc as flags in the environment. Cargo then uses these flags and those of
RUSTFLAGS, and ignores the `rustflags` in its configuration files.

Tools that build by pyproject.toml (pip, build, uv) use this file. `maturin build` does not.
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
    """Adds the flags to this process's environment. An installer runs each step in its own process."""
    encoded = os.environ.get("CARGO_ENCODED_RUSTFLAGS")
    flags = os.environ.get("RUSTFLAGS", "").split() if encoded is None else encoded.split("\x1f")
    flags += (f"--remap-path-prefix={folder}={shown}" for folder, shown in _folders())
    os.environ["CARGO_ENCODED_RUSTFLAGS"] = "\x1f".join(filter(None, flags))


def _folders() -> list[tuple[str, str]]:
    """Each folder that a path can begin with, and its replacement. If several match, the last one counts."""
    home, here = Path.home(), Path.cwd()
    # The folder of the workspace. In a source distribution it is the folder of pyproject.toml.
    sources = here if (here / "Cargo.lock").exists() else here.parent
    folders = [
        (home, "home"),
        (Path(os.environ.get("RUSTUP_HOME") or home / ".rustup"), "rustup"),
        (Path(os.environ.get("CARGO_HOME") or home / ".cargo"), "cargo"),
        (sources, "hookseal"),
        (Path(os.environ.get("CARGO_TARGET_DIR") or sources / "target"), "target"),
    ]
    # With and without symbolic links resolved, because tools write either. In some containers the home is the root,
    # with which every path begins.
    both = [(str(form), shown) for folder, shown in folders for form in (folder.absolute(), folder.resolve())]
    return [(folder, shown) for folder, shown in dict.fromkeys(both) if folder != Path(folder).anchor]
