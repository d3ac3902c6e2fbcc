"""Reads the code for what tests do not show: python3 scripts/check.py

ruff, mypy in strict mode, the contracts between the rooms (setup.cfg) and the catalogues of words. Stops at the first
that complains.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.bootstrap import ROOT, VENV, enter_environment

CHECKS = (
    ("ruff", "check", "."),
    ("mypy",),
    ("lint-imports",),
    ("python", "scripts/messages.py", "--check"),
)


def main() -> int:
    """Runs each check in turn; the first one that fails gives the exit code."""
    if set(sys.argv[1:]) & {"-h", "--help"}:
        print(__doc__)
        return 0
    enter_environment("desk,server,dev")
    folder = VENV / ("Scripts" if sys.platform == "win32" else "bin")
    for words in CHECKS:
        print("—", *words, flush=True)
        if code := subprocess.call([str(folder / words[0]), *words[1:]], cwd=ROOT):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
