"""Measures what the system costs and prints a table: python3 scripts/bench.py [--json]

Medians or means of one run, on this machine's disk and processor: read the ratios, not the absolute figures. The
dossiers are those of the demo's world, other text than the compression dictionary was made of.
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
    enter_environment("desk,server")

    # Only the environment has what is measured, so it cannot be imported before.
    from scripts.bench_measures import measured

    with tempfile.TemporaryDirectory() as folder:
        rows = list(measured(Path(folder)))
    if arguments.json:
        print(json.dumps({row.name: round(row.value, 3) for row in rows}, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row.name:56} {row.value:>10,.2f} {row.unit}")


if __name__ == "__main__":
    main()
