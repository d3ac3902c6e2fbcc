"""Shows the whole system at work on real data of one province: python3 scripts/demo.py

It makes .venv, starts a training centre with the units, procedures and calendar of Vĩnh Phúc as of 2021, lets one
real desk client a desk enrol, record the period 21 September to 20 October 2021 and sync, and prints who entered
nothing, few, or has data on its way. Then it leaves the centre and one desk's page open to try.

    --check   headless: compares every desk's standing and counts with the truth and exits 0 or 1
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.bootstrap import enter_environment


def main() -> int:
    """Parses the arguments and shows the world inside the environment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the truth, headless")
    parser.add_argument("--seed", type=int, default=2021, help="seed of the invented world")
    arguments = parser.parse_args()
    enter_environment("desk,server")

    # Only the environment has what the show itself needs, so it cannot be imported before.
    from scripts.demo_show import show

    return show(seed=arguments.seed, check=arguments.check)


if __name__ == "__main__":
    sys.exit(main())
