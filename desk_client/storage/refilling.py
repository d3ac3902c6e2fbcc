"""Filling a fresh file with what was saved from a damaged one, row by row, inside the caller's transaction."""

from collections.abc import Iterable, Mapping
from typing import Any

from desk_client.storage.lineage import Point
from desk_client.storage.models import ClerkRow, DeviceRow, Entry, ErasedEntry, ImportedRow, Payload, ReceiptRow
from desk_client.storage.rescuing import Rescued, RescuedEntry, Row
from desk_client.storage.rows import insert_row
from sync_protocol.signing import Signed


def put_device(rescued: Rescued) -> None:
    """The machine, its people, and which rows of other systems were taken in."""
    tables: dict[Any, Iterable[Row]] = {
        DeviceRow: [rescued.device],
        ClerkRow: rescued.clerks.values(),
        ImportedRow: rescued.imported.values(),
    }
    for model, rows in tables.items():
        marks = ", ".join("?" * len(model._meta.sorted_fields))
        for row in rows:
            # The values are as the engine keeps them: no field may read them anew.
            model._meta.database.execute_sql(f"INSERT INTO {model._meta.table_name} VALUES ({marks})", row)  # noqa: S608


def put_entry(slot: int, each: RescuedEntry) -> None:
    """An entry and its content, as they were sealed, or by what that was erased."""
    header, sealed = each.header, each.entry
    key = {"slot": slot, "epoch": header.epoch, "sequence": header.sequence}
    said = {"kind": header.kind, "subject": header.subject, "header": sealed.header_bytes}
    hashes = {"payload_hash": sealed.payload_hash, "entry_hash": each.entry_hash}
    insert_row(Entry, key | said | hashes | {"received_on": each.counted[0], "left_on": each.counted[1]})
    if each.erased_by:
        insert_row(ErasedEntry, key | {"by_entry": each.erased_by})
    else:
        insert_row(Payload, key | {"salt": sealed.salt, "bytes": sealed.payload})


def put_receipts(slot: int, rescued: Rescued, hashes: Mapping[Point, bytes]) -> None:
    """What the centre has confirmed, as far as it is here without a gap; `hashes` are those of the journal.

    The last receipt of what stands behind one is kept as its entries are, under the slot below 0.
    """
    for receipt, signed, learned_at in rescued.receipts.values():
        covered = [each for each in hashes if each.epoch == receipt.epoch and each.sequence <= receipt.up_to]
        if covered:
            end = max(covered)
            _put_receipt(slot, end, hashes[end], signed, learned_at)
    if rescued.last_receipt and rescued.sent not in hashes:
        receipt, signed, learned_at = rescued.last_receipt
        _put_receipt(-slot, rescued.sent, receipt.hash, signed, learned_at)


def _put_receipt(slot: int, point: Point, hash_: bytes, signed: Signed, learned_at: int) -> None:
    row = (slot, point.epoch, point.sequence, hash_, signed.body, signed.signature, learned_at)
    ReceiptRow._meta.database.execute_sql("INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?)", row)
