"""What really happened at the desks, as nobody in the simulated world knows it, and where it can be found.

Every dossier bears a token in its summary, so that it is known again whatever id, code or epoch it has. What the law
has erased says nothing any more: its entries are known by their hashes.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING

import orjson

from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, EventKind

if TYPE_CHECKING:
    from tests.simulation.machines import CentreHost, Machine


class Loss(Enum):
    """How the only copy of a dossier came to be lost, and whether that can be known."""

    WITH_ITS_MACHINE = "with its machine"
    OVERWRITTEN_AFTER_IT_WAS_STATED = "overwritten, but its machine had stated it"
    OVERWRITTEN_UNSEEN = "overwritten before any word of it had left its machine"


@dataclass(slots=True)
class Saved:
    """A dossier whose save was confirmed to a clerk.

    machine     name of the machine that confirmed it; holders: those that must hold it still
    saved_at    true time of the save
    days        every local day in which it has counted
    ended       when it was first seen to have ended at a desk, and at which machine
    is_uncertain  what was done with it since was lost in part, so that only its existence is known
    is_erased   its contents were erased: nothing that desks do with it moves its count any more
    """

    token: str
    desk: DeskCode
    machine: str
    saved_at: datetime
    days: set[date]
    holders: set[str]
    is_voided: bool = False
    ended: tuple[datetime, str] | None = None
    is_uncertain: bool = False
    is_erased: bool = False
    loss: Loss | None = None


@dataclass(slots=True)
class Truth:
    """All dossiers that were ever confirmed, by their tokens."""

    saved: dict[str, Saved] = field(default_factory=dict)

    def of_desk(self, desk: DeskCode) -> list[Saved]:
        """The dossiers of a desk, voided ones too."""
        return [each for each in self.saved.values() if each.desk == desk]

    def received_in(self, desk: DeskCode, period: Period, *, until: datetime) -> list[Saved]:
        """The dossiers of a period that had been saved until then, counted in no other one and still count.

        Without those of which nobody but a file that is no more ever knew.
        """
        return [
            each
            for each in self.of_desk(desk)
            if not (each.is_voided or each.is_uncertain or each.loss is Loss.OVERWRITTEN_UNSEEN)
            and each.saved_at <= until
            and all(period.first_on <= day <= period.last_on for day in each.days)
        ]


@dataclass(frozen=True, slots=True)
class Held:
    """A reception as one of the ends holds it: where in which journal, and its dossier's id."""

    desk: DeskCode
    slot: int
    epoch: int
    sequence: int
    subject: str


class Tokens:
    """The tokens of receptions by the hash of their entry, as long as anybody could read them once."""

    def __init__(self) -> None:
        self._by_hash: dict[bytes, str] = {}

    def of(self, entry_hash: bytes, payload: bytes | None) -> str:
        """The token of a reception; "" where nobody has ever read it."""
        if entry_hash not in self._by_hash and payload is not None:
            self._by_hash[entry_hash] = orjson.loads(payload).get("summary", "")
        return self._by_hash.get(entry_hash, "")


def at_machine(machine: "Machine") -> dict[str, list[Held]]:
    """The receptions in a machine's file by token."""
    with machine.fuse.held():
        rows = machine.desk.database.execute_sql(
            "SELECT slot, epoch, sequence, subject, entry_hash, bytes FROM entry"
            " LEFT JOIN payload USING (slot, epoch, sequence) WHERE kind = ?",
            (EventKind.RECEIVE.value,),
        ).fetchall()
    return _by_token(machine.tokens, ((machine.desk_code, *row) for row in rows))


def at_centre(host: "CentreHost") -> dict[str, list[Held]]:
    """The receptions in the centre's ledgers by token, whatever was made of them."""
    with host.fuse.held():
        rows = host.central.database.execute_sql(
            "SELECT desk, slot, epoch, sequence, subject, entry_hash, bytes FROM entry"
            " LEFT JOIN payload USING (desk, slot, epoch, sequence) WHERE kind = ?",
            (EventKind.RECEIVE.value,),
        ).fetchall()
    return _by_token(host.tokens, rows)


def deliverable(machine: "Machine") -> set[str]:
    """The dossiers that a machine can still deliver: those of its own journal, not its copies of others' entries.

    With those that were saved from a damaged file behind a gap, as long as the centre has not answered since.
    """
    with machine.fuse.held():
        rows = machine.desk.database.execute_sql(
            "SELECT ?1 UNION SELECT slot FROM receipt WHERE slot = -?1", (machine.slot,)
        ).fetchall()
    slots = {slot for (slot,) in rows}
    return {token for token, held in at_machine(machine).items() if any(each.slot in slots for each in held)}


@dataclass(frozen=True, slots=True)
class Written:
    """An entry of a desk by its place and hash, and the dossier that it is about."""

    desk: DeskCode
    slot: int
    epoch: int
    sequence: int
    entry_hash: bytes
    subject: str


def entries_at_machine(machine: "Machine") -> list[Written]:
    """All entries in a machine's file."""
    with machine.fuse.held():
        rows = machine.desk.database.execute_sql(
            "SELECT slot, epoch, sequence, entry_hash, subject FROM entry"
        ).fetchall()
    desk = machine.desk_code
    return [Written(desk, slot, epoch, at, bytes(hash_), subject) for slot, epoch, at, hash_, subject in rows]


def hashes_at_machine(machine: "Machine") -> set[bytes]:
    """All that a machine's file holds, in its journal, in branches that it has left, and from the centre."""
    with machine.fuse.held():
        rows = machine.desk.database.execute_sql(
            "SELECT entry_hash FROM entry UNION SELECT entry_hash FROM left_entry"
        ).fetchall()
    return {bytes(hash_) for (hash_,) in rows}


def entries_at_centre(host: "CentreHost") -> list[Written]:
    """All entries in the centre's ledgers."""
    with host.fuse.held():
        rows = host.central.database.execute_sql(
            "SELECT desk, slot, epoch, sequence, entry_hash, subject FROM entry"
        ).fetchall()
    return [Written(desk, slot, epoch, at, bytes(hash_), subject) for desk, slot, epoch, at, hash_, subject in rows]


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure as one of the ends holds it: its desk, the dossier, and how entries name that, by id or code."""

    desk: DeskCode
    subject: str
    names: frozenset[str]


def erasures_at_centre(host: "CentreHost") -> list[Erasure]:
    """The erasures in the centre's ledgers."""
    with host.fuse.held():
        rows = host.central.database.execute_sql(
            "SELECT desk, subject, bytes FROM entry JOIN payload USING (desk, slot, epoch, sequence) WHERE kind = ?",
            (EventKind.ERASE.value,),
        ).fetchall()
    return [_erasure(*row) for row in rows]


def erasures_at_machine(machine: "Machine") -> list[Erasure]:
    """The erasures that a machine has heard of."""
    with machine.fuse.held():
        rows = machine.desk.database.execute_sql(
            "SELECT subject, bytes FROM entry JOIN payload USING (slot, epoch, sequence) WHERE kind = ?",
            (EventKind.ERASE.value,),
        ).fetchall()
    return [_erasure(machine.desk_code, *row) for row in rows]


def noted_as_erased(machines: Iterable["Machine"], desk: DeskCode) -> set[str]:
    """What is said to be erased by machines of a desk, some of which have lost the decision itself with their disk."""
    found: set[str] = set()
    for machine in machines:
        if machine.desk_code == desk:
            with machine.fuse.held():
                rows = machine.desk.database.execute_sql(
                    "SELECT DISTINCT subject FROM entry JOIN erased_entry USING (slot, epoch, sequence)"
                ).fetchall()
            found.update(subject for (subject,) in rows)
    return found


def _erasure(desk: DeskCode, subject: str, payload: bytes) -> Erasure:
    code = orjson.loads(payload)["dossier"].get("dossier_code", "")
    return Erasure(desk, subject, frozenset({subject, code} - {""}))


def _by_token(
    tokens: Tokens, rows: Iterable[tuple[str, int, int, int, str, bytes, bytes | None]]
) -> dict[str, list[Held]]:
    found: defaultdict[str, list[Held]] = defaultdict(list)
    for desk, slot, epoch, sequence, subject, entry_hash, payload in rows:
        found[tokens.of(bytes(entry_hash), payload)].append(Held(desk, slot, epoch, sequence, subject))
    return dict(found)
