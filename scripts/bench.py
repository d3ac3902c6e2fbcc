"""Measures what the system costs and prints a table: python3 scripts/bench.py [province] [--json | --readme]

Medians or means of one run, on this machine's disk and processor: read the ratios, not the absolute figures. The
dossiers are those of the demo's world, other text than the compression dictionary was made of. The modules beside this
one say how each figure is measured: bench_wire, bench_saving, bench_intake (over real HTTP beside the plain service of
bench_plain, on PostgreSQL too where its binaries are), bench_many, bench_import. It takes some minutes; with --readme
the figures are written into README's own table as well. With `province` it measures the standings of 11,000 desks alone
(bench_province), with `reports` the reports of 400,000 dossiers (bench_reports): these take some minutes more and are
not among the others.
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
    parser.add_argument("--readme", action="store_true", help="write README's figures anew")
    parser.add_argument(
        "part", nargs="?", choices=["province", "reports"], help="only the standings of 11,000 desks, or reports"
    )
    arguments = parser.parse_args()
    if arguments.part and arguments.readme:
        parser.error("README tells of the other parts")
    enter_environment("desk,server,dev")

    # Only the environment has what is measured, so it cannot be imported before.
    from scripts.bench_intake import measured_engines
    from scripts.bench_measures import measured
    from scripts.bench_province import measured_provinces
    from scripts.bench_readme import written
    from scripts.bench_reports import measured_reports

    with tempfile.TemporaryDirectory() as folder:
        parts = {"province": measured_provinces, "reports": measured_reports}
        part = parts.get(arguments.part)
        rows = list(part() if part else [*measured(Path(folder)), *measured_engines()])
    if arguments.readme:
        written(rows)
    if arguments.json:
        print(json.dumps({row.name: round(row.value, 3) for row in rows}, ensure_ascii=False))
        return
    for row in rows:
        print(f"{row.name:64} {row.value:>10,.2f} {row.unit}")


if __name__ == "__main__":
    main()
