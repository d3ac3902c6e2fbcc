"""What the centre's intake costs over real HTTP: python3 scripts/bench_centre.py [--json]

The centre with everything on, beside the same rows in bare inserts and beside a plain Flask service; each service is a
process of its own, one client sends over one connection. PostgreSQL is measured where its binaries are on the machine;
it runs without fsync, as in the tests, so read the ratios of one engine and not the figures of two.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.bootstrap import enter_environment


def main() -> None:
    """Measures inside the environment and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON object for machines")
    arguments = parser.parse_args()
    enter_environment("desk,server,dev")

    # Only the environment has what is measured, so it cannot be imported before.
    from scripts.bench_intake import measured_engines

    rows = list(measured_engines())
    if arguments.json:
        print(json.dumps({row.name: round(row.value, 2) for row in rows}, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row.name:64} {row.value:>10,.2f} {row.unit}")


if __name__ == "__main__":
    main()
