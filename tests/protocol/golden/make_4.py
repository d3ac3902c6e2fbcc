"""The golden files of the fourth release: what a clerk settles, and what a desk answers.

    python -m tests.protocol.golden.make_4    writes the file if it is not there; one that stands is never written again

All people here are invented.
"""

from datetime import UTC, datetime
from pathlib import Path

import orjson

from sync_protocol.entries import SealedEntry
from sync_protocol.events import Answered, EpochOpened, Payload, Settled, Taken, Withdrawn
from tests.protocol.golden import make

FOLDER = Path(__file__).parent / "v4"
ANSWERED = Answered(period=make.OCTOBER, note="Đường truyền đứt từ ngày 04, bưu điện hẹn sửa xong ngày 12")
SETTLED = Settled(
    entry="3.1.7",
    reason="Người nộp đã xin rút ngày 04/10",
    takes=Taken(
        happened_at=datetime(2021, 10, 4, 2, tzinfo=UTC),
        step=Withdrawn(reason="Người nộp xin rút"),
    ),
)


def payloads() -> list[tuple[Payload, str]]:
    """What each entry says, with its subject."""
    return [(EpochOpened(app_version="0.4.0", machine="Windows-10"), ""), (SETTLED, "2.1.3"), (ANSWERED, "")]


def journal() -> list[SealedEntry]:
    """The journal, sealed."""
    return [make.sealed(number, payload, subject) for number, (payload, subject) in enumerate(payloads(), start=1)]


def lines() -> list[dict[str, str]]:
    """The golden journal as it stands in its file, a line an entry."""
    return [orjson.loads(line) for line in (FOLDER / "journal.ndjson").read_bytes().splitlines()]


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    make.keep(FOLDER / "journal.ndjson", make.lines_of(journal()))
