"""What is set aside: as a list for people, and told to the desk's machines until they have heard it."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from central_server.central import Central
from central_server.services.enrolment import UnknownDesk
from central_server.storage import gaps, holding, units
from central_server.storage.database import reading
from central_server.storage.holding import HeldEntry
from central_server.storage.units import DeskNode, Scope
from sync_protocol.events import Dismissed, Event
from sync_protocol.schemas import read_event
from sync_protocol.signing import canonical, encoded
from sync_protocol.statements import HELD_TOLD_MAX
from sync_protocol.vocabulary import DeskCode, EventKind, VerdictKind

LISTED_MAX = 1_000
"""More entries than this are not listed at once; the counts are those of all."""

MARK_BYTES = 9

GAP_TOLD_AFTER = timedelta(hours=1)
"""So long a gap may stand before the desk is told: nearly always the machine's next message closes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDesk:
    """A desk with its entries that wait; `count` is of all of them, listed or not."""

    desk: DeskNode
    count: int
    entries: Sequence[HeldEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissedEntry:
    """An entry that a person has decided not to count: why, who, and when."""

    entry: HeldEntry
    reason: str
    by: str
    at: datetime


def held(central: Central, scope: Scope, code: DeskCode | None = None) -> list[HeldDesk]:
    """The desks of a scope of which something waits, or the one of this code; raises UnknownDesk.

    One desk that is asked for by its code is there also where nothing of it waits.
    """
    with reading(central.database):
        nodes = units.desks(scope, central.today())
        if code is not None:
            nodes = [node for node in nodes if node.code == code]
            if not nodes:
                raise UnknownDesk(desk=code)
        counts = _counts()
        wanted = [node for node in nodes if counts.get(node.code) or code]
        codes = [node.code for node in wanted]
        entries: dict[DeskCode, list[HeldEntry]] = {}
        listed = holding.held(codes, LISTED_MAX)
        for each in (*listed, *gaps.held(codes, LISTED_MAX - len(listed))):
            entries.setdefault(each.desk, []).append(each)
    return [HeldDesk(desk=node, count=counts.get(node.code, 0), entries=entries.get(node.code, [])) for node in wanted]


def dismissed(central: Central, scope: Scope, code: DeskCode) -> list[DismissedEntry]:
    """Entries of a desk that a person has decided not to count, the last decision first; raises UnknownDesk."""
    with reading(central.database):
        if units.desk(scope, code, central.today()) is None:
            raise UnknownDesk(desk=code)
        entries = {str(each.id): each for each in holding.held([code], LISTED_MAX, holding.DISMISSED_WORDS)}
        decided = map(read_event, reversed(holding.decisions(code, EventKind.DISMISS)))
    found: dict[str, DismissedEntry] = {}
    for event in decided:
        assert isinstance(event.payload, Dismissed)
        for name in event.payload.entries:
            if name in entries:
                found.setdefault(name, _dismissed(entries[name], event, event.payload))
    return list(found.values())


def held_count(central: Central, scope: Scope) -> int:
    """How many entries wait at the desks of a scope."""
    with reading(central.database):
        counts = _counts()
        if not counts:
            return 0
        return sum(counts.get(node.code, 0) for node in units.desks(scope, central.today()))


def told_to_device(desk: DeskCode, heard: str, now: datetime) -> dict[str, Any]:
    """What an answer tells of the entries of a desk that are set aside; nothing where the device has heard it.

    heard  the mark of the list that the device took in last, as its statement says
    """
    count, listed = holding.told(desk, HELD_TOLD_MAX)
    beyond = gaps.lasting(desk, now - GAP_TOLD_AFTER)
    count += len(beyond)
    listed += [(id_, VerdictKind.QUARANTINED.value, gaps.GAP) for id_ in beyond]
    entries = [[str(id_), word, reason] for id_, word, reason in listed[:HELD_TOLD_MAX]]
    content = {"count": count, "entries": entries}
    mark = encoded(hashlib.sha256(canonical(content)).digest()[:MARK_BYTES]) if count else ""
    return {} if mark == heard else {"held": content | {"mark": mark}}


def _dismissed(entry: HeldEntry, event: Event, decision: Dismissed) -> DismissedEntry:
    return DismissedEntry(entry=entry, reason=decision.reason, by=event.header.clerk, at=event.happened_at)


def _counts() -> Mapping[DeskCode, int]:
    """How many entries of each desk wait, beyond a gap or for another reason."""
    return Counter(holding.held_counts()) + Counter(gaps.counts())
