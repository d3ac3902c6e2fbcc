"""The golden files of the fifth release: what a person at the centre decides not to count, sealed as its device 0.

    python -m tests.protocol.golden.make_5    writes the file if it is not there; one that stands is never written again

All people here are invented.
"""

from pathlib import Path

import orjson

from sync_protocol.entries import SealedEntry
from sync_protocol.events import Dismissed, EpochOpened, Payload, Released
from tests.protocol.golden import make, make_3

FOLDER = Path(__file__).parent / "v5"


def payloads() -> list[tuple[Payload, str]]:
    """What each entry says, with its subject."""
    return [
        (EpochOpened(app_version="0.5.0", machine="f6e5d4c3b2a1"), ""),
        (Dismissed(entries=("2.1.12",), reason="Nhập trùng, đã đối chiếu với sổ giấy"), ""),
        (Released(entries=("2.1.12",), reason="Quyết định lại: hồ sơ khác"), ""),
    ]


def journal() -> list[SealedEntry]:
    """The journal, sealed."""
    return [make_3.sealed(number, payload, subject) for number, (payload, subject) in enumerate(payloads(), start=1)]


def lines() -> list[dict[str, str]]:
    """The golden journal as it stands in its file, a line an entry."""
    return [orjson.loads(line) for line in (FOLDER / "journal.ndjson").read_bytes().splitlines()]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    make.keep(FOLDER / "journal.ndjson", make_3.lines_of(journal()))
