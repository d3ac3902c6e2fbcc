"""Erasing a dossier by a written order: the contents of its entries go, the chains and the counts stay.

The rule for backups: every erasure also stands in `erasures.ndjson` in the data folder, which holds no personal data
and is kept with the newest backup; a centre that was restored from an older one applies it again before it opens.
"""

import os
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from central_server.central import Central
from central_server.services.deciding import (
    CentrePen,
    check_decision,
    check_who,
    dossier_named,
    take_centre_pen,
)
from central_server.services.rebuilding import count_erased
from central_server.storage import counters, erased, holding, units
from central_server.storage.database import clear_traces, reading, write_transaction
from central_server.storage.units import Scope
from sync_protocol.dossiers import Dossier, state_content
from sync_protocol.entries import EntryId
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Erased, Event
from sync_protocol.schemas import SCHEMAS, payload_content, read_event
from sync_protocol.vocabulary import DeskCode, DeviceId, EventKind

RECORD = "erasures.ndjson"


class AlreadyErased(FieldSyncError):
    """The contents of the dossier are gone."""

    code = "already_erased"
    text = N_("The contents of the dossier %(dossier)s were erased before. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What was erased: the dossier as it stays, and how many entries lost their contents."""

    dossier: Dossier
    entries: int


def erase(central: Central, scope: Scope, desk: DeskCode, ref: str, *, order: str, reason: str, by: str) -> Erasure:
    """Erases the contents of all entries about a dossier, named by its id or code, at the centre.

    The desk's machines follow when they take the decision in. Raises UnknownDesk, UnknownUser, ReasonNeeded, BadInput,
    UnknownDossier, AlreadyErased.
    """
    said = {"order": order, "reason": reason}
    check_decision(Erased, said | {"dossier": _ANY_STATE})
    check_who(central, scope, desk, by)
    with write_transaction(central.database):
        pen = take_centre_pen(central, desk, by=by)
        dossier = dossier_named(desk, ref)
        ids = _entries_about(desk, dossier)
        # Of one that was erased, all is done once more that a power cut may have kept from following.
        if not dossier.is_erased:
            state, counts = state_content(dossier), _counts(desk, ids)
            checked = check_decision(Erased, said | {"dossier": state, "counts": counts})
            assert isinstance(checked, Erased)
            _apply(pen, checked, dossier.id, ids)
        after = dossier_named(desk, dossier.id)
    finish(central)
    if dossier.is_erased:
        raise AlreadyErased(dossier=ref)
    return Erasure(dossier=after, entries=len(ids))


def reapply(central: Central) -> int:
    """Applies again what stands in the record and not in this database, which was restored; gives how many dossiers.

    Called before a restored centre opens: nobody sees again what the law had erased.
    """
    lines = _recorded(central.settings.data / RECORD)
    count = sum(_reapplied(central, line) for line in lines)
    finish(central)
    return count


def finish(central: Central) -> None:
    """What follows erasures that are durable: nothing of them is left in the file, and the record names them all."""
    clear_traces(central.database)
    keep_record(central)


def leave_record(central: Central, folder: Path) -> None:
    """Leaves the record beside a backup, together with what stands in the one that is there; raises OSError."""
    keep_record(central)
    _merge(folder / RECORD, [*_recorded(folder / RECORD), *_recorded(central.settings.data / RECORD)])


def bring_record(central: Central, folder: Path) -> None:
    """Brings the record that lies beside a backup to a centre that is restored from it."""
    _merge(central.settings.data / RECORD, [*_recorded(central.settings.data / RECORD), *_recorded(folder / RECORD)])


def keep_record(central: Central) -> None:
    """Writes the record of all erasures beside the database, those that it held already among them."""
    path = central.settings.data / RECORD
    with reading(central.database):
        events = [
            (desk, read_event(entry))
            for desk in units.desk_codes()
            for entry in holding.decisions(desk, EventKind.ERASE)
        ]
    _merge(path, [*_recorded(path), *(_line(*each) for each in events)])


_ANY_STATE = {
    "id": "0.1.1",
    "dossier_code": "",
    "procedure_code": "",
    "channel": "direct",
    "stage": "received",
    "received_at": "2021-01-01T00:00:00Z",
    "recorded_at": "2021-01-01T00:00:00Z",
    "received_by": "",
}
"""Stands for a dossier while only what a person gave is checked."""


def _reapplied(central: Central, line: dict[str, Any]) -> bool:
    desk, subject = line["desk"], line["subject"]
    payload = SCHEMAS[EventKind.ERASE].load(line["payload"])
    with write_transaction(central.database):
        pen = take_centre_pen(central, desk, by=line["clerk"])
        if subject in erased.at_desk(desk).names:
            return False
        code = payload.dossier.get("dossier_code", "")
        _apply(pen, payload, subject, erased.entries_about(desk, {subject, code} - {""}))
    return True


def _apply(pen: CentrePen, payload: Erased, subject: str, ids: Collection[EntryId]) -> None:
    """Seals an erasure and removes the contents of entries, wherever they rest."""
    pen.seal(payload, subject=subject)
    _carry_out(pen.desk, read_event(pen.written[-1].sealed), ids, pen.now)
    pen.keep()
    erased.clear_beside(pen.desk)


def carry_out(desk: DeskCode, event: Event, at: datetime) -> None:
    """Removes what a sealed erasure names, inside the caller's transaction, which appends it to the ledger."""
    _carry_out(desk, event, erased.entries_about(desk, _names(event)), at)


def _carry_out(desk: DeskCode, event: Event, ids: Collection[EntryId], at: datetime) -> None:
    """Removes the contents of entries. What they had counted here gives way to what the erasure says."""
    for effect in erased.effects_of(desk, ids):
        counters.add(DeviceId(desk, effect.slot), {effect.received_on: -effect.step}, effect.ledger_on)
    erased.erase(desk, ids, event.header.id, at)
    count_erased(desk, event)


def _names(event: Event) -> set[str]:
    """How entries name the dossier of an erasure: by its id, and by its code."""
    assert isinstance(event.payload, Erased)
    return {event.header.subject, str(event.payload.dossier.get("dossier_code", ""))} - {""}


def _entries_about(desk: DeskCode, dossier: Dossier) -> list[EntryId]:
    return erased.entries_about(desk, {dossier.id, dossier.dossier_code} - {""})


def _counts(desk: DeskCode, ids: Iterable[EntryId]) -> list[dict[str, Any]]:
    """What entries changed in the counts, as JSON."""
    counts: Counter[tuple[date, date, int]] = Counter()
    for each in erased.effects_of(desk, list(ids)):
        counts[each.received_on, each.ledger_on, each.slot] += each.step
    return [
        {"received_on": received_on.isoformat(), "ledger_on": ledger_on.isoformat(), "slot": slot, "count": count}
        for (received_on, ledger_on, slot), count in sorted(counts.items())
        if count
    ]


def _line(desk: DeskCode, event: Event) -> dict[str, Any]:
    assert isinstance(event.payload, Erased)
    return {
        "desk": desk,
        "subject": event.header.subject,
        "clerk": event.header.clerk,
        "payload": payload_content(event.payload),
    }


def _recorded(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def _merge(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    """Writes a record with one line for each dossier."""
    merged = {(line["desk"], line["subject"]): line for line in lines}
    if merged:
        _replace(path, b"".join(orjson.dumps(line) + b"\n" for line in merged.values()))


def _replace(path: Path, content: bytes) -> None:
    """Puts a file in the place of another, whole or not at all."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
