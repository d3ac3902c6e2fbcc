"""Where entries stand in the desk's ledger, and how far that is known here."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Any

from peewee import SQL, fn

from desk_client.storage import notes
from desk_client.storage.models import DossierRow, Entry, Payload, ReceiptRow, ReleasedRow, RunRow
from desk_client.storage.rows import delete_row, insert_row, last_row_of, put_row, row_of
from sync_protocol.entries import EntryId, Header, SealedEntry
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.siblings import Sibling
from sync_protocol.vocabulary import CENTRE_SLOT, EventKind

PULLED = "pulled"
SIBLINGS = "siblings"

Key = tuple[int, int, int]
"""Slot, epoch and sequence of an entry in this file.

Another branch of this very machine, as of a copied disk, has the slot below 0: both branches bear the same numbers.
"""

Place = tuple[int, int, int, int, int]
"""Orders the entries of a desk: number in the ledger, then as `_in_journal`."""

FORMER_LEDGER = 2**40
"""Added to the numbers in a ledger that is the desk's no more: what stood in it comes behind all that stands in the
present one and before what never had a number, in the order that it had."""

UNPLACED = 2**62
"""Stands for the number of what never had one: it comes last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledState:
    """Up to where the desk's ledger is known here, of which incarnation of the centre, and where it ended then.

    mark  what the centre knows that ledger by
    """

    incarnation: str = ""
    ledger: int = 0
    end: int = 0
    mark: str = ""


def pulled() -> PulledState:
    """How far the ledger is known."""
    kept = notes.note(PULLED)
    return PulledState(**kept) if kept else PulledState()


def keep_pulled(state: PulledState) -> None:
    """Remembers how far the ledger is known."""
    notes.keep_note(PULLED, asdict(state))


def place_of(slot: int, epoch: int, sequence: int) -> Place:
    """Where an entry stands; what has no place yet stands last, in the order of its journal."""
    key = {"slot": slot, "epoch": epoch, "sequence": sequence}
    released = row_of(ReleasedRow, key)
    if released:
        return released.ledger, *_in_journal((slot, epoch, sequence))
    query = (
        RunRow.select(RunRow.first, RunRow.last, RunRow.ledger)
        .where(RunRow.slot == slot, RunRow.epoch == epoch, RunRow.first <= sequence)
        .order_by(RunRow.first.desc())
        .limit(1)
    )
    for first, last, ledger in query.tuples():
        if sequence <= last:
            return ledger + sequence - first, *_in_journal((slot, epoch, sequence))
    return UNPLACED, *_in_journal((slot, epoch, sequence))


def in_order(keys: Iterable[Key]) -> list[Key]:
    """Many entries in the order of the desk's ledger, own ones without a place last."""
    runs: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for slot, epoch, first, last, ledger in RunRow.select().order_by(RunRow.slot, RunRow.epoch, RunRow.first).tuples():
        runs.setdefault((slot, epoch), []).append((first, last, ledger))
    released = {tuple(key): ledger for *key, ledger in ReleasedRow.select().tuples()}

    def place(key: Key) -> Place:
        slot, epoch, sequence = key
        if key in released:
            return released[key], *_in_journal(key)
        of_epoch = runs.get((slot, epoch), [])
        at = bisect_right(of_epoch, sequence, key=itemgetter(0)) - 1
        first, last, ledger = of_epoch[at] if at >= 0 else (0, -1, 0)
        return ledger + sequence - first if sequence <= last else UNPLACED, *_in_journal(key)

    return sorted(keys, key=place)


def about(subjects: Collection[str]) -> list[SealedEntry]:
    """All entries about one of these, in the order of the desk's ledger; own ones that have no place yet come last."""
    # Asked at each reception for what was recorded by its code before: there is hardly ever anything.
    if not any(row_of(Entry, {"subject": subject}) for subject in subjects):
        return []
    rows = (
        Entry.select(
            Entry.slot, Entry.epoch, Entry.sequence, Entry.header, Entry.payload_hash, Payload.bytes, Payload.salt
        )
        .left_outer_join(
            Payload,
            on=((Payload.slot == Entry.slot) & (Payload.epoch == Entry.epoch) & (Payload.sequence == Entry.sequence)),
        )
        .where(Entry.subject.in_(sorted(subjects)))
        .order_by(Entry.slot, Entry.epoch, Entry.sequence)
    )
    found: list[tuple[Key, SealedEntry]] = [
        ((slot, epoch, sequence), _sealed(*sealed)) for slot, epoch, sequence, *sealed in rows.tuples()
    ]
    if _is_of_one_journal([key for key, _ in found]):
        return [entry for _, entry in found]
    return [entry for _, entry in sorted(found, key=lambda each: place_of(*each[0]))]


def opened() -> list[str]:
    """Ids of all dossiers of the desk, in the order of its ledger.

    An entry that opens one is its own subject; what says that one was erased may come without it.
    """
    own_id = fn.printf("%d.%d.%d", fn.ABS(Entry.slot), Entry.epoch, Entry.sequence)
    rows = Entry.select(Entry.slot, Entry.epoch, Entry.sequence, Entry.subject).where(
        (Entry.subject == own_id) | (Entry.kind == EventKind.ERASE.value)
    )
    subjects = {(slot, epoch, sequence): subject for slot, epoch, sequence, subject in rows.tuples()}
    return list(dict.fromkeys(subjects[key] for key in in_order(subjects)))


def put_run(slot: int, epoch: int, first: int, last: int, ledger: int) -> None:
    """Remembers where consecutive entries stand; lengthens the run that they go on from."""
    _forget_former(slot, epoch, first, last)
    before = RunRow.get_or_none(RunRow.slot == slot, RunRow.epoch == epoch, RunRow.last == first - 1)
    if before and before.ledger + first - before.first == ledger:
        first, ledger = before.first, before.ledger
    put_row(RunRow, {"slot": slot, "epoch": epoch, "first": first, "last": last, "ledger": ledger})


def put_released(key: Key, ledger: int) -> None:
    """Remembers that an entry counts from a decision on."""
    slot, epoch, sequence = key
    put_row(ReleasedRow, {"slot": slot, "epoch": epoch, "sequence": sequence, "ledger": ledger})


def are_any_known() -> bool:
    """Whether it is known of any entry where it stands."""
    return bool(RunRow.select().where(RunRow.ledger < FORMER_LEDGER).exists())


def let_places_be_former() -> None:
    """The centre has another ledger than the one that all places were learnt from.

    Their order goes on to hold, so that a clerk's next step still follows what was on the screen.
    """
    for model in (RunRow, ReleasedRow):
        model.update(ledger=model.ledger + FORMER_LEDGER).execute()


def is_placed(key: Key) -> bool:
    """Whether an entry stands in the desk's ledger as it is now."""
    return place_of(*key)[0] < FORMER_LEDGER


def _forget_former(slot: int, epoch: int, first: int, last: int) -> None:
    """Forgets where consecutive entries stood in a ledger that is the desk's no more."""
    is_there = (RunRow.slot == slot) & (RunRow.epoch == epoch) & (RunRow.first <= last) & (RunRow.last >= first)
    for run in list(RunRow.select().where(is_there, RunRow.ledger >= FORMER_LEDGER)):
        key = {"slot": slot, "epoch": epoch, "first": run.first}
        delete_row(RunRow, key)
        if run.first < first:
            put_row(RunRow, key | {"last": first - 1, "ledger": run.ledger})
        if run.last > last:
            put_row(RunRow, key | {"first": last + 1, "last": run.last, "ledger": run.ledger + last + 1 - run.first})
    is_one = (ReleasedRow.slot == slot) & (ReleasedRow.epoch == epoch) & ReleasedRow.sequence.between(first, last)
    ReleasedRow.delete().where(is_one, ReleasedRow.ledger >= FORMER_LEDGER).execute()


def decisions(kind: str) -> list[tuple[int, SealedEntry]]:
    """What the centre decided of a kind, with the number of each decision in the desk's ledger, the last one first."""
    same = (Payload.slot == Entry.slot) & (Payload.epoch == Entry.epoch) & (Payload.sequence == Entry.sequence)
    rows = (
        Entry.select(Entry.epoch, Entry.sequence, Entry.header, Entry.payload_hash, Payload.bytes, Payload.salt)
        .join(Payload, on=same)
        .where(Entry.slot == CENTRE_SLOT, Entry.kind == kind)
        .order_by(Entry.epoch.desc(), Entry.sequence.desc())
    )
    found = (
        (place_of(CENTRE_SLOT, epoch, sequence)[0], _sealed(*sealed)) for epoch, sequence, *sealed in rows.tuples()
    )
    return sorted(found, key=itemgetter(0), reverse=True)


def released_at(id_: EntryId) -> int:
    """The number in the ledger from which on an entry counts that was released, 0 for any other."""
    slots = (id_.slot, -id_.slot)
    rows = (row_of(ReleasedRow, {"slot": slot, "epoch": id_.epoch, "sequence": id_.sequence}) for slot in slots)
    return max((row.ledger for row in rows if row and row.ledger < FORMER_LEDGER), default=0)


def hash_of(key: Key) -> bytes | None:
    """The hash of an entry that is here."""
    slot, epoch, sequence = key
    row = row_of(Entry, {"slot": slot, "epoch": epoch, "sequence": sequence})
    return bytes(row.entry_hash) if row else None


def put_entry(key: Key, header: Header, entry: SealedEntry, entry_hash: bytes) -> None:
    """Keeps an entry of another machine as it was sealed; what the law had erased of it does not come."""
    named = dict(zip(("slot", "epoch", "sequence"), key, strict=True))
    said = {"kind": header.kind, "subject": header.subject, "header": entry.header_bytes}
    hashes = {"payload_hash": entry.payload_hash, "entry_hash": entry_hash}
    insert_row(Entry, named | said | hashes | {"received_on": None, "left_on": None})
    if entry.payload is not None:
        insert_row(Payload, named | {"salt": entry.salt, "bytes": entry.payload})


def ids_held(slot: int, hashes: Collection[bytes]) -> dict[bytes, str]:
    """Under which ids the ledger holds salted contents of dossiers, by their hashes, in another branch of a machine."""
    rows = Entry.select(Entry.slot, Entry.epoch, Entry.sequence, Entry.payload_hash).where(
        Entry.slot == -slot, Entry.subject != "", Entry.payload_hash.in_(list(hashes))
    )
    return {bytes(hash_): str(EntryId(slot, *key[1:])) for *key, hash_ in rows.tuples() if is_placed(key)}


def subject_of(key: Key) -> str | None:
    """What an entry is about, None where it is not here."""
    slot, epoch, sequence = key
    row = row_of(Entry, {"slot": slot, "epoch": epoch, "sequence": sequence})
    return row.subject if row else None


def shared_subjects(slot: int, epoch: int, first: int, last: int) -> set[str]:
    """What consecutive entries are about, where another journal speaks of it too."""
    other = Entry.alias()
    by_code = DossierRow.alias()
    here = [Entry.slot == slot, Entry.epoch == epoch, Entry.sequence.between(first, last), Entry.subject != ""]
    is_other = (other.slot != slot) | (other.epoch != epoch)
    shared = other.select(SQL("1")).where(other.subject == Entry.subject, is_other)
    early = (
        by_code.select(SQL("1"))
        .join(other, on=(other.subject == by_code.dossier_code))
        .where((by_code.id == Entry.subject) | (by_code.dossier_code == Entry.subject))
    )
    rows = Entry.select(Entry.subject).where(*here).where(fn.EXISTS(shared) | fn.EXISTS(early)).distinct()
    return {subject for (subject,) in rows.tuples()}


def all_shared_subjects() -> set[str]:
    """Everything that more than one journal speaks of."""
    rows = Entry.select(Entry.subject).where(Entry.subject != "").group_by(Entry.subject)
    shared = rows.having((fn.MIN(Entry.slot) != fn.MAX(Entry.slot)) | (fn.MIN(Entry.epoch) != fn.MAX(Entry.epoch)))
    early = Entry.select(Entry.subject).join(DossierRow, on=(DossierRow.dossier_code == Entry.subject)).distinct()
    return {subject for (subject,) in shared.tuples()} | {subject for (subject,) in early.tuples()}


def other_slots(own: int) -> list[int]:
    """Under which slots entries of other machines are kept here."""
    return [
        slot for (slot,) in Entry.select(Entry.slot).where(Entry.slot != own).distinct().order_by(Entry.slot).tuples()
    ]


def unsent_subjects(slot: int) -> set[str]:
    """What this machine's own entries are about that no receipt covers yet."""
    covered = last_row_of(ReceiptRow, {"slot": slot})
    rows = Entry.select(Entry.subject).where(Entry.slot == slot, Entry.subject != "").distinct()
    if covered:
        is_later = (Entry.epoch == covered.epoch) & (Entry.sequence > covered.up_to)
        rows = rows.where((Entry.epoch > covered.epoch) | is_later)
    return {subject for (subject,) in rows.tuples()}


def keep_siblings(siblings: Iterable[Sibling]) -> None:
    """Remembers what the desk's other machines last stated."""
    notes.keep_note(
        SIBLINGS,
        [
            [each.slot, instant_text(each.stated_at) if each.stated_at else None, each.held, each.stated, each.unsent]
            for each in siblings
        ],
    )


def siblings() -> list[Sibling]:
    """What the desk's other machines last stated, by their slots; [] where there are none."""
    return [
        Sibling(slot, parse_instant(at) if at else None, *counts) for slot, at, *counts in notes.note(SIBLINGS) or []
    ]


def _in_journal(key: Key) -> tuple[int, int, int, int]:
    """Orders what has one number, as what one decision has released: a machine's own branches stand as in one journal.

    What came back to a machine whose disk was put back goes on from what it still holds itself.
    """
    slot, epoch, sequence = key
    return abs(slot), epoch, sequence, slot


def _is_of_one_journal(keys: Sequence[Key]) -> bool:
    """Whether the sequences alone say the order."""
    return len({key[:2] for key in keys}) == 1 and not (len(keys) > 1 and ReleasedRow.select().exists())


def _sealed(header: Any, payload_hash: Any, payload: Any, salt: Any) -> SealedEntry:
    return SealedEntry(bytes(header), bytes(payload_hash), payload and bytes(payload), salt and bytes(salt))
