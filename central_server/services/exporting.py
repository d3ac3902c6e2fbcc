"""Everything that an auditor needs to check the centre's word without it: files of lines, and their signed list.

`scripts/verify_export.py` reads them with nothing but Python and cryptography.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from central_server.central import Central
from central_server.services.dumping import batches
from central_server.storage.centre import CentreRow
from central_server.storage.database import snapshot
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.signing import Signed, encoded
from sync_protocol.statements import Receipt
from sync_protocol.vocabulary import DeviceId

EXPORT = "export"
FORMAT = 1
MANIFEST = "manifest.json"
FILES = ("packs", "devices", "entries", "statements", "snapshots", "publications", "receipts")


class ExportNotWritten(FieldSyncError):
    """The folder is not empty, or cannot be written to."""

    code = "export_not_written"
    text = N_(
        "The export cannot be written to %(path)s: it has to be a new or empty folder, with room on its disk. "
        "Nothing of the centre was changed; name another folder with --out."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: lines by file, and the key that an auditor compares with the one known from elsewhere."""

    lines: Mapping[str, int]
    centre_key: str


@dataclass(slots=True)
class _File:
    """A file while it grows."""

    file: BinaryIO
    lines: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, content: Mapping[str, Any]) -> None:
        raw = orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
        self.file.write(raw)
        self.digest.update(raw)
        self.lines += 1


def export(central: Central, folder: Path) -> Exported:
    """Writes an export into a new folder, of one moment; raises ExportNotWritten."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise ExportNotWritten(path=str(folder))
        with ExitStack() as stack:
            files = {name: _File(stack.enter_context(_created(folder / f"{name}.ndjson"))) for name in FILES}
            about = central.about()
            with snapshot(central.database):
                for name, content in _lines(central, about):
                    files[name].add(content)
            _write_manifest(central, about, folder, files)
    except OSError as error:
        raise ExportNotWritten(path=str(folder)) from error
    return Exported(
        lines={name: each.lines for name, each in files.items()}, centre_key=encoded(central.keys.signing.public)
    )


def _lines(central: Central, about: CentreRow) -> Iterator[tuple[str, Mapping[str, Any]]]:
    heads: dict[tuple[str, int, int], tuple[int, bytes]] = {}
    for batch in batches(central.database):
        write = _WRITERS.get(batch.table.name)
        for values in batch.rows if write else ():
            assert write is not None
            row = dict(zip(batch.table.columns, values, strict=True))
            if row.get("body", b"") is None:
                continue
            if batch.table.name == "entry":
                heads[row["desk"], row["slot"], row["epoch"]] = row["sequence"], row["entry_hash"]
            yield write(row)
    for (desk, slot, epoch), (sequence, hash_) in heads.items():
        receipt = Receipt(
            device=DeviceId(desk, slot),
            epoch=epoch,
            up_to=sequence,
            hash=hash_,
            at=central.now(),
            incarnation=about.incarnation,
            ticket="",
            archived_up_to=0,
        )
        yield "receipts", receipt.signed_by(central.keys.signing).as_json()


def _pack(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    return "packs", {"hash": row["hash"], **_signed(row["body"], row["signature"])}


def _device(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    said = {name: row[name] for name in ("desk", "slot", "state")}
    return "devices", said | _signed(row["certificate"], row["certificate_signature"])


def _entry(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    is_erased = row["bytes"] is None
    said = {name: row[name] for name in ("desk", "slot", "epoch", "sequence", "ledger", "arrived_at")}
    return "entries", said | {
        "header": row["header"].decode(),
        "payload": None if is_erased else encoded(row["bytes"]),
        "salt": None if is_erased else encoded(row["salt"]),
        "payload_hash": encoded(row["payload_hash"]),
        "entry_hash": encoded(row["entry_hash"]),
    }


def _statement(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    said = {name: row[name] for name in ("desk", "slot", "number", "arrived_at")}
    return "statements", said | _signed(row["body"], row["signature"])


def _snapshot(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    said = {name: row[name] for name in ("first_on", "last_on", "number", "step")}
    return "snapshots", said | _signed(row["body"], row["signature"])


def _publication(row: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    said = {name: row[name] for name in ("layout", "unit_id", "first_on", "last_on", "number", "step")}
    return "publications", said | _signed(row["body"], row["signature"])


_WRITERS = {
    "period_step": _snapshot,
    "publication_step": _publication,
    "pack": _pack,
    "device": _device,
    "entry": _entry,
    "statement": _statement,
}


def _signed(body: bytes, signature: bytes) -> dict[str, Any]:
    return Signed(body, signature).as_json()


def _write_manifest(central: Central, about: CentreRow, folder: Path, files: Mapping[str, _File]) -> None:
    content = {
        "format": FORMAT,
        "centre_key": encoded(central.keys.signing.public),
        "incarnation": about.incarnation,
        "training": about.training,
        "made_at": instant_text(central.now()),
        "files": {
            f"{name}.ndjson": {"lines": each.lines, "sha256": each.digest.hexdigest()} for name, each in files.items()
        },
    }
    with _created(folder / MANIFEST) as file:
        file.write(orjson.dumps(central.keys.signing.sign(EXPORT, content).as_json()))


def _created(path: Path) -> BinaryIO:
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))
