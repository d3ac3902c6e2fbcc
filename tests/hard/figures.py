"""Figures of the hard tests as files, one a test, so that a run's figures can be added up and never typed by hand."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = Path(".pytest_cache") / "figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How often something was tried and what was lost by it, such as 20,000 simulated power cuts, lost 0.

    programme  as assurance calls it, such as ``T1``
    more       what else was counted, by name
    """

    programme: str
    what: str
    count: int
    lost: int
    more: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        more = "".join(f", {name.replace('_', ' ')} {count:,}" for name, count in self.more.items())
        return f"{self.what}: {self.count:,}, lost {self.lost}{more}"


def keep(root: Path, test: str, figure: Figure) -> None:
    """Keeps what a test has counted, in place of what it counted the last time."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(f"{test} {figure.what}".encode()).hexdigest()[:16]
    (folder / f"{name}.json").write_text(json.dumps(asdict(figure) | {"test": test}, ensure_ascii=False))


def totals(root: Path) -> list[Figure]:
    """The last figures of all tests, added up by what they count."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for said in _kept(root):
        count, lost = sums.get((said.programme, said.what), (0, 0))
        sums[said.programme, said.what] = count + said.count, lost + said.lost
    return [Figure(programme=key[0], what=key[1], count=sums[key][0], lost=sums[key][1]) for key in sorted(sums)]


def _kept(root: Path) -> Iterator[Figure]:
    for path in sorted((root / FOLDER).glob("*.json")):
        said = json.loads(path.read_text())
        yield Figure(**{name: value for name, value in said.items() if name != "test"})
