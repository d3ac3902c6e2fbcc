"""Entries of the desk that the centre has set aside, as it told last."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from desk_client.storage.models import Entry, HeldEntry
from desk_client.storage.rows import insert_row, row_of
from sync_protocol.entries import EntryId, Header, read_header


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An entry that the centre set aside; `header` is None where the entry is not here."""

    id: EntryId
    verdict: str
    reason: str
    header: Header | None


def replace_all(entries: Iterable[tuple[EntryId, str, str]]) -> None:
    """Keeps a list that the centre told, id, verdict and reason, in place of the one before."""
    HeldEntry.delete().execute()
    for id_, verdict, reason in entries:
        key = {"slot": id_.slot, "epoch": id_.epoch, "sequence": id_.sequence}
        insert_row(HeldEntry, key | {"verdict": verdict, "reason": reason})


def everything() -> list[Held]:
    """All that was told, in the order of the ids."""
    return [_held(*row) for row in _with_entries().tuples()]


def named(id_: EntryId, verdict: str, reason: str) -> Held:
    """An entry with what was decided about it."""
    row = row_of(Entry, {"slot": id_.slot, "epoch": id_.epoch, "sequence": id_.sequence})
    return _held(id_.slot, id_.epoch, id_.sequence, verdict, reason, row.header if row else None)


def about(subject: str) -> list[Held]:
    """What was told of one dossier, named by its id or by the code on its slip."""
    return [_held(*row) for row in _with_entries().where(Entry.subject == subject).tuples()]


def subject_count() -> int:
    """How many dossiers the entries that were told are about."""
    same = (Entry.slot == HeldEntry.slot) & (Entry.epoch == HeldEntry.epoch) & (Entry.sequence == HeldEntry.sequence)
    rows = HeldEntry.select(Entry.subject).join(Entry, on=same).where(Entry.subject != "").distinct()
    return int(rows.count())


def _with_entries() -> Any:
    columns = (HeldEntry.slot, HeldEntry.epoch, HeldEntry.sequence, HeldEntry.verdict, HeldEntry.reason, Entry.header)
    same = (Entry.slot == HeldEntry.slot) & (Entry.epoch == HeldEntry.epoch) & (Entry.sequence == HeldEntry.sequence)
    return (
        HeldEntry.select(*columns)
        .join(Entry, JOIN.LEFT_OUTER, on=same)
        .order_by(HeldEntry.slot, HeldEntry.epoch, HeldEntry.sequence)
    )


def _held(slot: int, epoch: int, sequence: int, verdict: str, reason: str, header: bytes | None) -> Held:
    return Held(
        id=EntryId(slot, epoch, sequence),
        verdict=verdict,
        reason=reason,
        header=read_header(bytes(header)) if header is not None else None,
    )
