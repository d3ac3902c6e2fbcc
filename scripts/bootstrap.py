"""Makes the virtual environment that the other scripts run in; needs nothing but Python itself."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "scripts" / "constraints.txt"
PYTHON_LEAST = (3, 11)


def enter_environment(extras: str) -> None:
    """Returns inside the project's environment with `extras` installed; outside it, runs the script again in there."""
    if sys.version_info < PYTHON_LEAST:
        sys.exit("Python 3.11 trở lên là cần thiết / Python 3.11 or newer is needed")
    python = _python()
    stamp = VENV / f"installed-{extras.replace(',', '-')}"
    if not stamp.exists() or stamp.read_text() != _wanted():
        _install(python, extras)
        stamp.write_text(_wanted())
    if Path(sys.prefix).resolve() != VENV.resolve():
        sys.exit(subprocess.call([python, *sys.argv], env=os.environ | {"PYTHONPATH": str(ROOT)}))


def _python() -> str:
    return str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def _wanted() -> str:
    """Changes when what has to be installed changes."""
    parts = [path.read_bytes() for path in (ROOT / "setup.cfg", ROOT / "pyproject.toml", CONSTRAINTS)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _install(python: str, extras: str) -> None:
    print("Đang cài đặt vào .venv … / Installing into .venv …", flush=True)
    if not Path(python).exists():
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(VENV)
            sys.exit(
                "Máy này thiếu phần venv của Python; trên Debian, Ubuntu: apt install python3-venv\n"
                "Python's venv is missing on this machine; on Debian, Ubuntu: apt install python3-venv"
            )
    subprocess.check_call(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--constraint", str(CONSTRAINTS), "--editable", f"{ROOT}[{extras}]"]
    )  # fmt: skip
