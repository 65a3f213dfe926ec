from importlib.metadata import version

import hookseal


def test_the_native_module_and_the_installed_package_have_one_version() -> None:
    assert hookseal.__version__ == version("hookseal")
