"""Measures what the system costs and prints a table: python3 scripts/bench.py [--json]

Medians or means of one run, on this machine's disk and processor: read the ratios, not the absolute figures. The
dossiers are those of the demo's world, other text than the compression dictionary was made of. The centre's intake is
measured over real HTTP beside a plain Flask service and bare inserts, on PostgreSQL too where its binaries are; that
runs without fsync, as in the tests, so compare within one engine.
"""

import argparse
import json
import sys
import tempfile
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
    from scripts.bench_measures import measured

    with tempfile.TemporaryDirectory() as folder:
        rows = [*measured(Path(folder)), *measured_engines()]
    if arguments.json:
        print(json.dumps({row.name: round(row.value, 3) for row in rows}, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row.name:64} {row.value:>10,.2f} {row.unit}")


if __name__ == "__main__":
    main()
