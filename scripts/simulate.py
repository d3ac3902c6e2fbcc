"""Simulates a province under faults, seed by seed: python3 scripts/simulate.py --seeds N [--first-seed K] [--json]

Each seed is one history of a centre and its desks, the same on every machine: tests/simulation says what can happen in
it and what must hold. Seeds run on all processors; the exit code is 0 only if no promise was broken, and hardly a desk
with a road was unknown.
"""

import argparse
import json
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.bootstrap import enter_environment

if TYPE_CHECKING:
    from tests.simulation.world import History

SEEDS = 100
PROGRESS_S = 60.0

UNKNOWN_MOST = 0.01
"""Of the desks that had a road one working day after the period's end, fewer may be unknown."""


def main() -> int:
    """Runs the seeds inside the environment, tells each violation as it is found, and the figures at the end."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"how many, {SEEDS} unless told otherwise")
    parser.add_argument("--first-seed", type=int, default=0, help="the number of the first one")
    parser.add_argument("--json", action="store_true", help="one JSON object for machines")
    arguments = parser.parse_args()
    enter_environment("desk,server,dev")

    started_at = monotonic()
    histories, broken = _run(range(arguments.first_seed, arguments.first_seed + arguments.seeds))
    figures = _figures(histories, broken, monotonic() - started_at)
    print(json.dumps(figures) if arguments.json else _line(figures))
    return 1 if broken or _is_too_much_unknown(histories) else 0


def simulated(seed: int) -> "History | str":
    """A seed's history, or what was broken in it; any other error is a broken promise too."""
    # Only the environment has what is simulated, so it cannot be imported before.
    from tests.simulation.disk import PowerCut
    from tests.simulation.world import simulate

    try:
        return simulate(seed)
    # A power cut that reaches as far is the simulator's own fault, and must not end the other histories.
    except (Exception, PowerCut) as error:
        return f"seed {seed}: {type(error).__name__}: {error}"


def _run(seeds: range) -> tuple[list["History"], list[str]]:
    histories, broken = [], []
    told_at = monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        for done in as_completed([processes.submit(simulated, seed) for seed in seeds]):
            result = done.result()
            if isinstance(result, str):
                broken.append(result)
                print(result, file=sys.stderr)
            else:
                histories.append(result)
            if monotonic() - told_at > PROGRESS_S:
                told_at = monotonic()
                print(f"{len(histories) + len(broken)} of {len(seeds)} seeds", file=sys.stderr)
    return histories, broken


def _is_too_much_unknown(histories: list["History"]) -> bool:
    return sum(each.unknown for each in histories) > UNKNOWN_MOST * sum(each.asked for each in histories)


def _figures(histories: list["History"], broken: list[str], took_s: float) -> dict[str, object]:
    faults: Counter[str] = Counter()
    for history in histories:
        faults.update(history.faults)
    return {
        "seeds": len(histories) + len(broken),
        "desk_days": round(sum(history.desk_days for history in histories)),
        "dossiers": sum(history.dossiers for history in histories),
        "entries": sum(history.entries for history in histories),
        "contacts": sum(history.contacts for history in histories),
        "asked": sum(history.asked for history in histories),
        "unknown": sum(history.unknown for history in histories),
        "faults": dict(faults.most_common()),
        "violations": len(broken),
        "seeds_a_second": round((len(histories) + len(broken)) / took_s, 2),
    }


def _line(figures: dict[str, object]) -> str:
    faults = figures["faults"]
    assert isinstance(faults, dict)
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in faults.items())
    return (
        f"simulated: {figures['seeds']:,} seeds, {figures['desk_days']:,} desk-days, {figures['dossiers']:,} dossiers,"
        f" {figures['contacts']:,} contacts, {sum(faults.values()):,} faults ({kinds});"
        f" unknown one working day after the period: {figures['unknown']:,} of {figures['asked']:,} desks with a road;"
        f" violations: {figures['violations']}; {figures['seeds_a_second']} seeds a second"
    )


if __name__ == "__main__":
    sys.exit(main())
