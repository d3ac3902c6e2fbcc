"""Makes what the tests need and runs the whole suite: python3 scripts/test.py [pytest's own arguments]

PostgreSQL, Chromium and LibreOffice are taken from the machine where it has them; without them their tests are skipped
with a reason, and in CI (CI=true) they fail instead.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.bootstrap import ROOT, enter_environment

QUICKEST = ("-n", "3", "--dist", "worksteal")
"""Three for the two cores of CI, since many tests wait for other programs; who is done takes over from the rest."""


def main() -> int:
    """Runs pytest inside the environment, on several processes unless told otherwise."""
    if set(sys.argv[1:]) & {"-h", "--help"}:
        print(__doc__)
        return 0
    enter_environment("desk,server,dev")
    return subprocess.call([sys.executable, "-m", "pytest", *(sys.argv[1:] or QUICKEST)], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
