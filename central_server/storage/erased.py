"""What the law had erased at a desk: by what it is known, where it may rest, and how it goes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from central_server.storage import holding, undecided
from central_server.storage.ledger import JudgedEntry
from central_server.storage.models import Entry, ErasedEntry, GapEntry, HeldEntry, LaterCount, Payload, VerdictRow
from central_server.storage.questions import is_entry, same_entry
from sync_protocol.entries import EntryId, Header, read_header
from sync_protocol.instants import local_date
from sync_protocol.signing import parsed
from sync_protocol.vocabulary import CENTRE_SLOT, DeskCode, EventKind


@dataclass(slots=True)
class Erasures:
    """What was erased at a desk, each with the decision on it: dossiers by their names, contents by their salted hash.

    No salt is given twice, so the hash tells a content that was written again, or was never sent, under another id.
    """

    names: dict[str, EntryId]
    contents: dict[bytes, EntryId]

    def decision_on(self, header: Header, payload_hash: bytes) -> EntryId | None:
        """The decision by which an entry is erased, None for any other; to be asked in the order of a journal.

        Where the content of an opening bears another id, what stands behind it names the dossier by that one.
        """
        decision = self.names.get(header.subject) or self.contents.get(payload_hash)
        if decision:
            self.names.setdefault(header.subject, decision)
        return decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A change of the counts: `step` is 1 where the day gained a dossier, -1 where it lost one."""

    slot: int
    ledger_on: date
    received_on: date
    step: int


def at_desk(desk: DeskCode) -> Erasures:
    """What was erased at a desk; of most desks it is nothing, and one question tells so."""
    names: dict[str, EntryId] = {}
    for entry in holding.decisions(desk, EventKind.ERASE):
        assert entry.payload is not None, "an erasure is itself never erased"
        header = entry.header
        code = parsed(entry.payload)["dossier"].get("dossier_code", "")
        names |= {name: header.id for name in (header.subject, code) if name}
    return Erasures(names, _contents(desk, names) if names else {})


def entries_about(desk: DeskCode, names: Collection[str]) -> list[EntryId]:
    """Entries of a desk's ledger about a dossier, under whatever id, those left out that erase it; reads all of it."""
    row, subjects, contents = Entry, set(names), set[bytes]()
    about = row.select(row.slot, row.epoch, row.sequence, row.subject, row.payload_hash).order_by(row.ledger)
    while True:
        is_about = row.subject.in_(sorted(subjects)) | row.payload_hash.in_(sorted(contents))
        found = list(about.where(row.desk == desk, row.kind != EventKind.ERASE.value, is_about).tuples())
        known = subjects, contents
        subjects = subjects | {subject for *_, subject, _ in found}
        contents = {bytes(hash_) for *_, hash_ in found}
        if known == (subjects, contents):
            return [EntryId(slot, epoch, sequence) for slot, epoch, sequence, *_ in found]


def effects_of(desk: DeskCode, ids: Collection[EntryId]) -> list[Effect]:
    """What entries changed in the counts, on the day of their arrival or later."""
    effects = []
    for id_ in ids:
        for model, when in ((Entry, Entry.arrived_at), (LaterCount, LaterCount.ledger_on)):
            rows = model.select(when, model.received_on, model.left_on).where(is_entry(model, desk, id_)).tuples()
            for at, received_on, left_on in rows:
                ledger_on = local_date(at) if isinstance(at, datetime) else at
                for day, step in ((received_on, 1), (left_on, -1)):
                    if day:
                        effects.append(Effect(slot=id_.slot, ledger_on=ledger_on, received_on=day, step=step))
    return effects


def erase(desk: DeskCode, ids: Collection[EntryId], decision: EntryId, at: datetime) -> None:
    """Removes the contents of entries of the ledger by a decision, and what else names them.

    at  ledger time of the decision
    """
    for id_ in ids:
        waited_on = VerdictRow.select(VerdictRow.received_on).where(is_entry(VerdictRow, desk, id_)).scalar()
        undecided.add(desk, [], [waited_on], at)
        _note(desk, id_, decision)
        for model in (Payload, VerdictRow, LaterCount):
            model.delete().where(is_entry(model, desk, id_)).execute()


def note_late(desk: DeskCode, entries: Iterable[JudgedEntry]) -> None:
    """Remembers which entries have come to the ledger without their content since a decision stands there.

    What they had said under other ids, and rests beside the ledger, is known by them and goes as well.
    """
    erasures = at_desk(desk)
    for each in entries:
        if decision := erasures.decision_on(each.header, each.sealed.payload_hash):
            _note(desk, each.header.id, decision)
    clear_beside(desk)


def clear_beside(desk: DeskCode) -> None:
    """Removes what entries beside the ledger say of what was erased, on other branches and beyond gaps; they stay.

    To be asked once the decision stands in the ledger, and whenever something has been laid beside it.
    """
    for table, key in ((HeldEntry, HeldEntry.entry_hash), (GapEntry, GapEntry.payload_hash)):
        erasures = at_desk(desk)
        if not erasures.names:
            return
        rows = table.select().where(table.desk == desk, table.bytes.is_null(False))
        for row in rows.order_by(table.slot, table.epoch, table.sequence):
            header = read_header(bytes(row.header))
            if erasures.decision_on(header, bytes(row.payload_hash)):
                is_row = is_entry(table, desk, header.id) & (key == getattr(row, key.name))
                table.update(bytes=None, salt=None).where(is_row).execute()


def _contents(desk: DeskCode, names: dict[str, EntryId]) -> dict[bytes, EntryId]:
    """The hashes of contents that were erased; the other ids under which the ledger has them are added to the names."""
    row = ErasedEntry
    rows = row.select(Entry.subject, Entry.payload_hash, row.by_epoch, row.by_sequence)
    contents = {}
    for subject, hash_, *by in rows.join(Entry, on=same_entry(row, Entry)).where(row.desk == desk).tuples():
        contents[bytes(hash_)] = EntryId(CENTRE_SLOT, *by)
        names.setdefault(subject, EntryId(CENTRE_SLOT, *by))
    return contents


def _note(desk: DeskCode, id_: EntryId, decision: EntryId) -> None:
    ErasedEntry.insert(
        desk=desk,
        slot=id_.slot,
        epoch=id_.epoch,
        sequence=id_.sequence,
        by_epoch=decision.epoch,
        by_sequence=decision.sequence,
    ).on_conflict_ignore().execute()
