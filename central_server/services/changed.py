"""The dossiers of a desk that have changed since a program last asked, without anything that citizens have told.

The cursor is a number of the desk's ledger, which is given under the desk's lock, so that nobody sees 8 before 7 and
no late commit is skipped. It holds within one incarnation of the centre: a restored centre gives numbers anew.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_server.central import Central
from central_server.services.enrolment import UnknownDesk
from central_server.services.handing_down import released_ids
from central_server.storage import dossiers, growth, handing, reads, touched, units
from central_server.storage.database import snapshot, write_transaction
from central_server.storage.dossiers import Projected
from central_server.storage.reads import Look
from central_server.storage.touched import Touch
from central_server.storage.units import Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, local_date
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, EventKind

ENTRIES_MAX = 500
"""Entries of the ledger that one page goes through."""

REFS_MAX = 1000
"""Dossiers of one page, but for those that a single decision has released together (at most 500 more)."""

CURSOR = re.compile(r"([A-Za-z0-9_-]{1,40})\.([0-9]{1,12})")


class CursorOver(FieldSyncError):
    """A cursor is not one of this centre as it is now: it was restored since, or nobody was ever given this one."""

    code = "cursor_over"
    text = N_(
        "This cursor is not good here, or the centre was restored since. Nothing was read; read this desk once more "
        "from the beginning, without a cursor."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEnd:
    """How far a desk's ledger has come."""

    desk: DeskCode
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDossiers:
    """One page: dossiers as they are now, and the cursor behind it; `has_more` where another page follows."""

    desk: DeskCode
    dossiers: Sequence[Projected]
    cursor: str
    has_more: bool


def ledger_ends(central: Central, scope: Scope) -> list[LedgerEnd]:
    """How far the ledger of each desk of a scope has come: whose cursor is another one has changes to read."""
    with snapshot(central.database):
        incarnation, ends = central.about().incarnation, growth.last_numbers()
        return [
            LedgerEnd(desk=node.code, cursor=_cursor(incarnation, ends.get(node.code, 0)))
            for node in units.desks(scope, central.today())
        ]


def changed_dossiers(central: Central, scope: Scope, code: DeskCode, cursor: str | None, *, by: str) -> ChangedDossiers:
    """What has changed at a desk behind a cursor, from the beginning without one; `by` is recorded as who has looked.

    Raises UnknownDesk, CursorOver.
    """
    today = local_date(central.now())
    with snapshot(central.database):
        if units.desk(scope, code, today) is None:
            raise UnknownDesk(desk=code)
        incarnation, end = central.about().incarnation, growth.last_number(code)
        after = _number(cursor, incarnation, end)
        refs, up_to = _touched(code, after)
        page = ChangedDossiers(
            desk=code,
            dossiers=dossiers.by_refs(code, refs),
            cursor=_cursor(incarnation, up_to),
            has_more=up_to < end,
        )
    if page.dossiers:
        with write_transaction(central.database):
            reads.keep(_look(page, central.now(), by))
    return page


def dossier_content(desk: DeskCode, each: Projected) -> dict[str, Any]:
    """A dossier as programs are told it: nobody's name, of a citizen or of a clerk."""
    dossier = each.dossier
    return {
        "desk": desk,
        "id": dossier.id,
        "dossier_code": dossier.dossier_code,
        "procedure_code": dossier.procedure_code,
        "channel": dossier.channel.value,
        "stage": dossier.stage.value,
        "is_counted": dossier.counted_on is not None,
        "is_erased": dossier.is_erased,
        "received_on": dossier.received_on.isoformat(),
        "recorded_on": each.recorded_on.isoformat(),
        "due_at": instant_text(each.due_at) if each.due_at else None,
        **{
            name: instant_text(at) if (at := getattr(dossier, name)) else None
            for name in ("received_at", "recorded_at", "resolved_at", "delivered_at", "closed_at")
        },
        "result_kind": dossier.result_kind.value if dossier.result_kind else None,
    }


def _look(page: ChangedDossiers, at: datetime, by: str) -> Look:
    days = sorted(each.dossier.received_on for each in page.dossiers)
    return Look(
        at=at,
        who=by,
        what="changes",
        place=page.desk,
        period=Period(first_on=days[0], last_on=days[-1]),
        rows=len(page.dossiers),
    )


def _touched(code: DeskCode, after: int) -> tuple[set[str], int]:
    """Ids and codes of the dossiers that the next entries speak of, and the number of the last of these entries."""
    refs: set[str] = set()
    for touch in touched.touches_after(code, after, ENTRIES_MAX):
        refs |= _refs(code, touch)
        after = touch.number
        if len(refs) >= REFS_MAX:
            break
    return refs, after


def _refs(code: DeskCode, touch: Touch) -> set[str]:
    """What an entry changes: its own dossier, or those of the entries that it has judged again."""
    if touch.kind != EventKind.RELEASE:
        return {touch.subject} - {""}
    [entry] = handing.sealed(code, {touch.number}).values()
    return touched.subjects(code, released_ids(entry))


def _cursor(incarnation: str, number: int) -> str:
    return f"{incarnation}.{number}"


def _number(cursor: str | None, incarnation: str, end: int) -> int:
    if cursor is None:
        return 0
    parts = CURSOR.fullmatch(cursor)
    if parts is None or parts[1] != incarnation or int(parts[2]) > end:
        raise CursorOver
    return int(parts[2])
