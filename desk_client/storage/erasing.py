"""Taking away what was written down of a dossier whose contents the law had erased."""

from collections.abc import Collection

from desk_client.storage import placing
from desk_client.storage.models import DraftRow, Entry, ErasedEntry, HeldEntry, ImportedRow, LeftEntry, Payload
from desk_client.storage.rows import put_row
from sync_protocol.entries import EntryId, read_header
from sync_protocol.vocabulary import CENTRE_SLOT, EventKind


def erase(subjects: Collection[str], *, by: EntryId) -> int:
    """Removes the content of every entry about one of these, here and in branches that were left; gives how many.

    subjects  the dossier's id, and the code on its slip
    by        the centre's entry that says so: without it no content goes, and what the centre decided behind it stays
    """
    wanted, place = sorted(subjects), placing.place_of(*by)
    rows = Entry.select(Entry.slot, Entry.epoch, Entry.sequence).where(
        Entry.subject.in_(wanted), Entry.kind != EventKind.ERASE.value
    )
    keys = [key for key in rows.tuples() if key[0] != CENTRE_SLOT or placing.place_of(*key) < place]
    for slot, epoch, sequence in keys:
        put_row(ErasedEntry, {"slot": slot, "epoch": epoch, "sequence": sequence, "by_entry": str(by)})
        for model in (Payload, HeldEntry):
            model.delete().where(model.slot == slot, model.epoch == epoch, model.sequence == sequence).execute()
    _erase_left(frozenset(subjects))
    ImportedRow.update(content=b"{}").where(ImportedRow.dossier_id.in_(wanted)).execute()
    for subject in wanted:
        DraftRow.delete().where(DraftRow.form.endswith(subject)).execute()
    return len(keys)


def erase_again(slot: int) -> None:
    """Removes of dossiers of which contents under a slot were erased what has come to be about them since."""
    is_same = (ErasedEntry.slot == Entry.slot) & (ErasedEntry.epoch == Entry.epoch)
    rows = Entry.select(Entry.subject, ErasedEntry.by_entry).join(
        ErasedEntry, on=is_same & (ErasedEntry.sequence == Entry.sequence)
    )
    for subject, by in list(rows.where(Entry.slot == slot).distinct().tuples()):
        erase({subject}, by=EntryId.parse(by))


def _erase_left(subjects: frozenset[str]) -> None:
    """Removes what branches that were left say of it, by its ids there too; what stands of them is their chain."""
    became = LeftEntry.select(LeftEntry.slot, LeftEntry.epoch, LeftEntry.sequence).where(
        LeftEntry.became.in_(sorted(subjects))
    )
    names = subjects | {str(EntryId(*key)) for key in became.tuples()}
    for row in LeftEntry.select().where(LeftEntry.bytes.is_null(False)):
        if read_header(bytes(row.header)).subject in names:
            LeftEntry.update(bytes=None, salt=None).where(
                LeftEntry.slot == row.slot,
                LeftEntry.epoch == row.epoch,
                LeftEntry.sequence == row.sequence,
                LeftEntry.entry_hash == row.entry_hash,
            ).execute()
