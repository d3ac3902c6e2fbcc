"""The golden files of the third release: what the centre decides at a desk, sealed as its device 0.

    python -m tests.protocol.golden.make_3    writes the file if it is not there; one that stands is never written again

All people here are invented.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import orjson

from sync_protocol.certificates import centre_origin
from sync_protocol.dossiers import read_state, state_content
from sync_protocol.entries import Header, SealedEntry, chain, seal
from sync_protocol.events import EpochOpened, Erased, ErasedCount, Payload, Released, Voided
from sync_protocol.schemas import KIND_VERSION, KINDS, payload_content
from sync_protocol.signing import encoded
from sync_protocol.vocabulary import CENTRE_SLOT
from tests.protocol.golden import make, make_2

FOLDER = Path(__file__).parent / "v3"
DESK = "H62.11.01"


def payloads() -> list[tuple[Payload, str]]:
    """What each entry says, with its subject."""
    # As a program of then had made it.
    dossier = read_state(make_2.states()[0])
    return [
        (EpochOpened(app_version="0.3.0", machine="a1b2c3d4e5f6"), ""),
        (Released(entries=("2.1.7", "2.1.9"), reason="Đã đối chiếu với sổ giấy"), ""),
        (Voided(reason="Hồ sơ nhập thử"), "2.1.16"),
        (
            Erased(
                order="12/QĐ-UBND",
                reason="Theo yêu cầu của công dân",
                dossier=state_content(dossier),
                counts=(
                    ErasedCount(received_on=date(2021, 10, 4), ledger_on=date(2021, 10, 4), slot=2, count=1),
                    ErasedCount(received_on=date(2021, 10, 4), ledger_on=date(2021, 10, 6), slot=2, count=-1),
                ),
            ),
            dossier.id,
        ),
    ]


def journal() -> list[SealedEntry]:
    """The journal, sealed."""
    return [sealed(number, payload, subject) for number, (payload, subject) in enumerate(payloads(), start=1)]


def origin() -> bytes:
    """What its first entry follows."""
    return centre_origin(make.CENTRE_KEY.public, DESK)


def lines() -> list[dict[str, str]]:
    """The golden journal as it stands in its file, a line an entry."""
    return [orjson.loads(line) for line in (FOLDER / "journal.ndjson").read_bytes().splitlines()]


def lines_of(entries: Iterable[SealedEntry]) -> bytes:
    """A journal of the centre as it stands in its file, a line an entry."""
    entries = list(entries)
    rows = [
        {
            "header": encoded(entry.header_bytes),
            "payload": encoded(entry.payload or b""),
            "salt": encoded(entry.salt or b""),
            "payload_hash": encoded(entry.payload_hash),
            "entry_hash": encoded(entry_hash),
        }
        for entry, entry_hash in zip(entries, chain(entries, origin()), strict=True)
    ]
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def sealed(number: int, payload: Payload, subject: str) -> SealedEntry:
    """An entry of the centre's journal; the first one is of no person."""
    header = Header(
        slot=CENTRE_SLOT,
        epoch=1,
        sequence=number,
        kind=KINDS[type(payload)].value,
        version=KIND_VERSION,
        subject=subject,
        happened_at=make.START + timedelta(days=number),
        recorded_at=make.START + timedelta(days=number),
        monotonic_ms=0,
        boot="",
        offset_ms=0,
        clerk="tinh" if number > 1 else "",
        pack=0,
    )
    return seal(header, payload_content(payload), bytes([number]) * 16)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    make.keep(FOLDER / "journal.ndjson", lines_of(journal()))
