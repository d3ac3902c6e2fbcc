"""What a device is told of its desk's other devices: their entries, the order of all, and what they last stated.

    bytes      raw deflate of: length of the document (u32, big endian), the document, the frames of entries
    document   canonical JSON, see PROTOCOL.md section 7
    frames     as in a contact, in the order of the ledger

The receipt that comes with the bytes names their SHA-256, so they are the centre's word.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sync_protocol.entries import HASH_BYTES, SEQUENCE_MAX, SealedEntry
from sync_protocol.errors import N_
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.packing import (
    ENTRIES_BYTES_MAX,
    BadFrame,
    deflated,
    frame_entries,
    inflated,
    unframe_entries,
)
from sync_protocol.signing import canonical, decoded, encoded, parsed

FORMAT = 1
DOWN_FRAMES_BYTES_MAX = 262_144
"""Frames of entries that come down with one answer; a single larger entry comes alone."""

DOWN_PLACES_MAX = 5_000
"""Places of the ledger that one answer tells."""

DOWN_ENTRIES_MAX = 200
"""Entries of the ledger that come down with one answer: while a desk takes them in, a clerk who saves has to wait."""

DOWN_RELEASED_MAX = 500
"""Entries that come down beside these, where a decision that stands last has released them."""

DOWN_BYTES_MAX = ENTRIES_BYTES_MAX
"""Bytes of what comes down, inflated."""

SIBLINGS_MAX = 100

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive entries of a device's epoch that stand one behind the other in the ledger.

    ledger      number of the first one in the desk's ledger
    first_hash  hash of the first entry where these entries come down too; b"" where the device has them itself
    """

    slot: int
    epoch: int
    first: int
    count: int
    ledger: int
    first_hash: bytes = b""

    @property
    def last(self) -> int:
        """Sequence of the last entry."""
        return self.first + self.count - 1


@dataclass(frozen=True, slots=True)
class Sibling:
    """What another device of the desk last stated: when, how far the centre has it, how far it goes, dossiers held."""

    slot: int
    stated_at: datetime | None
    held: int
    stated: int
    unsent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """What comes down with a receipt.

    after, up_to  numbers of the desk's ledger: what lies behind `after` is told up to `up_to`
    end           the ledger's last number; above `up_to` there is more
    mark          tells the ledger up to `up_to` from every other that has come to this number; "" where that is 0
    runs          the place of every entry between them
    entries       those that the device does not have by its own chain, in the order of their runs
    """

    after: int
    up_to: int
    end: int
    mark: str = ""
    runs: tuple[Run, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    entries: tuple[SealedEntry, ...] = ()


def pack_down(down: Down) -> bytes:
    """The bytes of what comes down."""
    document = canonical(document_of(down))
    return deflated(_LENGTH.pack(len(document)) + document + frame_entries(down.entries))


def document_of(down: Down) -> dict[str, Any]:
    """What comes down, but for the frames of entries."""
    return {
        "format": FORMAT,
        "after": down.after,
        "up_to": down.up_to,
        "end": down.end,
        "mark": down.mark,
        "runs": [_run_row(run) for run in down.runs],
        "siblings": [
            [
                each.slot,
                instant_text(each.stated_at) if each.stated_at else None,
                each.held,
                each.stated,
                each.unsent,
            ]
            for each in down.siblings
        ],
    }


def unpack_down(raw: bytes) -> Down:
    """Reads what came down; raises BadFrame. Whose it is, the receipt has said."""
    opened = inflated(raw, DOWN_BYTES_MAX)
    start = _LENGTH.size
    if len(opened) < start or len(opened) < start + (length := _LENGTH.unpack_from(opened)[0]):
        raise BadFrame(reason=N_("it is cut short."))
    entries = unframe_entries(opened[start + length :], DOWN_ENTRIES_MAX + DOWN_RELEASED_MAX)
    try:
        down = _down(parsed(opened[start : start + length]), tuple(entries))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadFrame(reason=N_("it is of an unknown format.")) from error
    _check_places(down)
    return down


def runs_of(places: Iterable[tuple[int, int, int, int, bytes]]) -> tuple[Run, ...]:
    """Joins places of the ledger to runs: slot, epoch, sequence, ledger number, hash where the entry comes down."""
    runs = []
    for _, group in groupby(enumerate(places), key=_run_of):
        (_, (slot, epoch, first, ledger, hash_)), *others = group
        runs.append(Run(slot, epoch, first, 1 + len(others), ledger, hash_))
    return tuple(runs)


def _run_of(numbered: tuple[int, tuple[int, int, int, int, bytes]]) -> tuple[int, int, int, int, bool]:
    """What places of one run have in common: sequence and number in the ledger rise with each by one."""
    at, (slot, epoch, sequence, ledger, hash_) = numbered
    return slot, epoch, sequence - at, ledger - at, bool(hash_)


def _run_row(run: Run) -> list[int | str]:
    place: list[int | str] = [run.slot, run.epoch, run.first, run.count, run.ledger]
    return [*place, encoded(run.first_hash)] if run.first_hash else place


def _down(content: dict[str, Any], entries: tuple[SealedEntry, ...]) -> Down:
    if content["format"] != FORMAT or len(content["siblings"]) > SIBLINGS_MAX:
        raise ValueError("another format")
    return Down(
        after=_whole(content["after"]),
        up_to=_whole(content["up_to"]),
        end=_whole(content["end"]),
        mark=_mark(content.get("mark", "")),
        runs=tuple(_run(*row) for row in content["runs"]),
        siblings=tuple(_sibling(*row) for row in content["siblings"]),
        entries=entries,
    )


def _run(slot: object, epoch: object, first: object, count: object, ledger: object, first_hash: str = "") -> Run:
    hash_ = decoded(first_hash)
    if hash_ and len(hash_) != HASH_BYTES:
        raise ValueError("not a hash")
    run = Run(_whole(slot), _whole(epoch), _whole(first), _whole(count), _whole(ledger), hash_)
    if run.count < 1:
        raise ValueError("an empty run")
    return run


def _sibling(slot: object, stated_at: str | None, held: object, stated: object, unsent: object) -> Sibling:
    if type(unsent) is not int or abs(unsent) > SEQUENCE_MAX:
        raise ValueError(unsent)
    return Sibling(_whole(slot), parse_instant(stated_at) if stated_at else None, _whole(held), _whole(stated), unsent)


def _check_places(down: Down) -> None:
    """Each entry that came has its place, and the places lie between the two numbers."""
    if sum(run.count for run in down.runs if run.first_hash) != len(down.entries):
        raise BadFrame(reason=N_("it is cut short."))
    is_between = all(down.after < run.ledger and run.ledger + run.count - 1 <= down.up_to for run in down.runs)
    if not is_between or not down.after <= down.up_to <= down.end:
        raise BadFrame(reason=N_("it is of an unknown format."))


def _mark(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value <= SEQUENCE_MAX:
        raise ValueError(value)
    return value
