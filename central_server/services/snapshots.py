"""The published figures of a period: a signed snapshot, and what differs from the one before, desk by desk."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from central_server.services.assessing import DeskStanding
from central_server.services.telling import standing_content
from central_server.storage.growth import CountedEntry
from sync_protocol.creation import surely_made_after
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.periods import Period
from sync_protocol.signing import Signed, SigningKey, content_of, decoded, encoded
from sync_protocol.vocabulary import DeskCode, EventKind

SNAPSHOT = "snapshot"
FORMAT = 1
FIGURES = ("unit_id", "district_id", "arrived", "unsent", "threshold", "flag", "flag_proven", "standing")
"""What a restatement is about; the evidence beside them changes with every contact."""


class ChangeCause(StrEnum):
    """Why a figure differs from the one that was published before."""

    ARRIVED_LATE = "arrived_late"
    ENTERED_LATE = "entered_late"
    CORRECTED = "corrected"
    VOIDED = "voided"
    DECIDED = "decided"
    REORGANISED = "reorganised"
    CENTRE_RESTORED = "centre_restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How many dossiers a desk has gained or lost for one cause since the figures that stood before."""

    desk: DeskCode
    cause: ChangeCause
    dossiers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """How many dossiers each desk had at an instant, in an incarnation of the centre."""

    at: datetime
    arrived: Mapping[DeskCode, int]
    incarnation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The figures of a period as they were published.

    revision  0 for the first closing, then 1, 2 …
    desks     one object a desk, as `standings --json` tells it, with the ids of its units
    ledgers   the last number of each desk's ledger that the figures count
    missing   desks that were not known to the period's end: the figures are provisional while there are any
    changes   what differs from the revision before
    hash      SHA-256 of the signed bytes; previous: that of the revision before, empty for the first
    """

    period: Period
    revision: int
    taken_at: datetime
    taken_by: str
    reason: str
    incarnation: str
    desks: Sequence[Mapping[str, Any]]
    ledgers: Mapping[DeskCode, int]
    missing: Sequence[DeskCode]
    changes: Sequence[Change]
    previous: bytes
    hash: bytes = b""

    def sum(self, name: str) -> int:
        """A figure of all desks together."""
        return sum(desk[name] for desk in self.desks)

    def signed_by(self, key: SigningKey) -> Signed:
        """The snapshot as a document of the centre."""
        return key.sign(
            SNAPSHOT,
            {
                "format": FORMAT,
                "period": str(self.period),
                "revision": self.revision,
                "taken_at": instant_text(self.taken_at),
                "taken_by": self.taken_by,
                "reason": self.reason,
                "incarnation": self.incarnation,
                "desks": list(self.desks),
                "ledgers": dict(self.ledgers),
                "missing": list(self.missing),
                "changes": [[each.desk, each.cause.value, each.dossiers] for each in self.changes],
                "previous": encoded(self.previous),
                "totals": {name: self.sum(name) for name in ("arrived", "unsent", "entered")},
            },
        )


def read_snapshot(signed: Signed) -> Snapshot:
    """The figures of a snapshot whose signature the caller has verified or made; raises NotADocument."""
    content = content_of(signed, SNAPSHOT)
    first, last = content["period"].split("..")
    return Snapshot(
        period=Period(first_on=date.fromisoformat(first), last_on=date.fromisoformat(last)),
        revision=content["revision"],
        taken_at=parse_instant(content["taken_at"]),
        taken_by=content["taken_by"],
        reason=content["reason"],
        incarnation=content["incarnation"],
        desks=content["desks"],
        ledgers=content["ledgers"],
        missing=content["missing"],
        changes=[Change(desk=desk, cause=ChangeCause(cause), dossiers=n) for desk, cause, n in content["changes"]],
        previous=decoded(content["previous"]),
        hash=hashlib.sha256(signed.body).digest(),
    )


def desk_rows(desks: Iterable[DeskStanding]) -> list[dict[str, Any]]:
    """The rows of a snapshot."""
    return [
        standing_content(each) | {"unit_id": each.desk.unit.id, "district_id": each.desk.district.id} for each in desks
    ]


def figures(desks: Iterable[Mapping[str, Any]]) -> dict[DeskCode, tuple[Any, ...]]:
    """What two snapshots are compared by."""
    return {desk["desk"]: tuple(desk[name] for name in FIGURES) for desk in desks}


def changes(before: Snapshot, now: Snapshot, counted: Mapping[DeskCode, Sequence[CountedEntry]]) -> list[Change]:
    """What differs between two snapshots, as `differing` tells it."""
    return differing(_stood(before), _stood(now), now.period, counted)


def differing(
    before: Stood, now: Stood, period: Period, counted: Mapping[DeskCode, Sequence[CountedEntry]]
) -> list[Change]:
    """What differs, desk by desk; `counted` are the entries that each ledger has gained between the two.

    What no entry explains was there and not counted: a person has decided about it since.
    """
    return [
        Change(desk=desk, cause=cause, dossiers=count)
        for desk in sorted({**before.arrived, **now.arrived})
        for cause, count in sorted(_causes(desk, before, now, period, counted.get(desk, ())).items())
        if count
    ]


def _stood(snapshot: Snapshot) -> Stood:
    arrived = {desk["desk"]: desk["arrived"] for desk in snapshot.desks}
    return Stood(at=snapshot.taken_at, arrived=arrived, incarnation=snapshot.incarnation)


def _causes(
    desk: DeskCode,
    before: Stood,
    now: Stood,
    period: Period,
    counted: Sequence[CountedEntry],
) -> Counter[ChangeCause]:
    difference = now.arrived.get(desk, 0) - before.arrived.get(desk, 0)
    if desk not in before.arrived or desk not in now.arrived:
        return Counter({ChangeCause.REORGANISED: difference})
    if before.incarnation != now.incarnation:
        return Counter({ChangeCause.CENTRE_RESTORED: difference})
    causes: Counter[ChangeCause] = Counter()
    for entry in counted:
        causes[_cause(entry, before.at)] += entry.effect(period)
    causes[ChangeCause.DECIDED] = difference - causes.total()
    return causes


def _cause(entry: CountedEntry, published_at: datetime) -> ChangeCause:
    if entry.kind == EventKind.VOID:
        return ChangeCause.VOIDED
    if entry.kind == EventKind.CORRECT:
        return ChangeCause.CORRECTED
    return ChangeCause.ENTERED_LATE if surely_made_after(entry.made, published_at) else ChangeCause.ARRIVED_LATE
