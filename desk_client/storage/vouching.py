"""How far the centre has vouched for the journals of which entries came down, and what it does not hold any more."""

from dataclasses import dataclass

from peewee import fn

from desk_client.storage import journal, placing
from desk_client.storage.models import RunRow, VouchedRow
from sync_protocol.entries import SealedEntry
from sync_protocol.signing import Signed
from sync_protocol.statements import Vouched


@dataclass(frozen=True, slots=True)
class Kept:
    """The centre's word on a journal, and the receipt in which it gave it."""

    vouched: Vouched
    receipt: Signed


def keep(vouched: Vouched, receipt: Signed) -> None:
    """Remembers the centre's last word on a journal."""
    VouchedRow.insert(
        slot=vouched.slot,
        epoch=vouched.epoch,
        sequence=vouched.sequence,
        hash=vouched.hash,
        body=receipt.body,
        signature=receipt.signature,
    ).on_conflict_replace().execute()


def word_on(slot: int, epoch: int) -> Vouched | None:
    """The centre's last word on a journal."""
    row = VouchedRow.get_or_none(VouchedRow.slot == slot, VouchedRow.epoch == epoch)
    return _vouched(row) if row else None


def everything() -> list[Kept]:
    """The centre's last word on each journal."""
    rows = VouchedRow.select().order_by(VouchedRow.slot, VouchedRow.epoch)
    return [Kept(_vouched(row), Signed(bytes(row.body), bytes(row.signature))) for row in rows]


def lacking(key: int, vouched: Vouched, limit: int) -> list[SealedEntry]:
    """The first entries of a journal that have no place in the desk's ledger as it is now, up to the vouched one.

    key  the slot under which the journal is kept here
    """
    runs = RunRow.select(fn.MAX(RunRow.last)).where(RunRow.slot == key, RunRow.epoch == vouched.epoch)
    placed = runs.where(RunRow.ledger < placing.FORMER_LEDGER).scalar() or 0
    entries = journal.entries_after(key, vouched.epoch, placed, min(limit, max(0, vouched.sequence - placed)))
    # A branch of this very machine begins where it parted from the machine's own journal.
    first = entries[0].header.sequence if entries else 0
    return [entry for sequence, entry in enumerate(entries, start=first) if entry.header.sequence == sequence]


def _vouched(row: VouchedRow) -> Vouched:
    return Vouched(row.slot, row.epoch, row.sequence, bytes(row.hash))
