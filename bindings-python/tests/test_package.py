"""What is published: the installed package, and the sources that it is built from elsewhere."""

import os
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path

import hookseal

FOLDER = Path(__file__).parents[1]


def test_the_native_module_and_the_installed_package_have_one_version() -> None:
    assert hookseal.__version__ == version("hookseal")


def test_the_source_distribution_is_complete(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "maturin", "sdist", "--out", tmp_path], cwd=FOLDER, check=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(tmp_path, filter="data")
    sources = tmp_path / archive.name.removesuffix(".tar.gz")
    for name in ("LICENSE-MIT", "LICENSE-APACHE", "README.md", "Cargo.lock", "python/hookseal/py.typed"):
        assert (sources / name).is_file(), name
    # Outside of the repository, with its own settings, as an installer builds it; without optimizing.
    build = [sys.executable, "-m", "maturin", "build", "--profile", "dev", "--offline", "--out", str(tmp_path)]
    target = Path(os.environ.get("CARGO_TARGET_DIR", FOLDER.parent / "target")).resolve()
    subprocess.run(build, cwd=sources, check=True, env=os.environ | {"CARGO_TARGET_DIR": str(target)})
