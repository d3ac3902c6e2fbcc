"""What is installed from a wheel holds every file that the program needs at run time."""

from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NOT_NEEDED = ("*.pyc", "*.po")


@pytest.mark.parametrize("package", ["sync_protocol", "desk_client", "central_server"])
def test_every_file_of_a_package_is_installed_with_it(package: str) -> None:
    installed = {path for pattern in _package_data(package) for path in (ROOT / package).glob(pattern)}

    left_out = set(_files(package)) - installed

    assert left_out == set()


def _package_data(package: str) -> list[str]:
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", "utf-8")
    return [pattern.strip() for pattern in settings["options.package_data"][package].split(",")]


def _files(package: str) -> list[Path]:
    """Files that setuptools does not take by itself: all but the modules of importable packages."""
    folder = ROOT / package
    files = (path for path in folder.rglob("*") if path.is_file())
    return [
        path
        for path in files
        if not any(path.match(pattern) for pattern in NOT_NEEDED)
        and not (path.suffix == ".py" and (path.parent / "__init__.py").exists())
    ]
