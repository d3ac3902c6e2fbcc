"""What is sent to the centre and to the plain service: the same receptions, made ready beforehand."""

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scripts.demo_world import events_of, plan_world
from sync_protocol.certificates import certificate_hash, read_certificate
from sync_protocol.entries import Header, SealedEntry, chain, seal
from sync_protocol.packing import pack_contact, pack_entries
from sync_protocol.signing import Signed, SigningKey
from sync_protocol.statements import Pulled, Statement

DESK = "H62.01"
CLERK = "truong"
BATCH = 500
DIFFERENT = 1_000
"""Receptions of the demo's world before they come again with other codes."""


def greeting(certificate: Signed, key: SigningKey) -> bytes:
    """The contact of a device that holds nothing yet: it warms the centre up and learns its name."""
    return pack_contact(_statement(certificate, head=0, hash_=certificate_hash(certificate)).signed_by(key))


def contacts(certificate: Signed, key: SigningKey, incarnation: str, count: int) -> Iterator[bytes]:
    """Contacts of BATCH new receptions each, as a device sends them that takes in what it is told."""
    entries = _sealed(read_certificate(certificate).device.slot, count * BATCH)
    hashes = chain(entries, certificate_hash(certificate))
    for first in range(0, len(entries), BATCH):
        section = pack_entries(entries[first : first + BATCH])
        head = first + BATCH
        statement = replace(
            _statement(certificate, head=head, hash_=hashes[head - 1]),
            acknowledged=first,
            body_hash=hashlib.sha256(section).digest(),
            pulled=Pulled(incarnation, first),
        )
        yield pack_contact(statement.signed_by(key), section)


def plain_batches(count: int) -> Iterator[bytes]:
    """Bodies of BATCH dossiers each for the plain service, the same receptions as JSON."""
    rows = _plain_rows(itertools.islice(_payloads(), count * BATCH), 0)
    while batch := list(itertools.islice(rows, BATCH)):
        yield _json(batch)


def plain_singles(count: int, *, behind: int) -> Iterator[bytes]:
    """Bodies of one dossier each for the plain service, numbered behind those of the batches."""
    yield from map(_json, _plain_rows(itertools.islice(_payloads(), count), behind * BATCH))


def _statement(certificate: Signed, *, head: int, hash_: bytes) -> Statement:
    return Statement(
        device=read_certificate(certificate).device,
        epoch=1,
        head=head,
        hash=hash_,
        acknowledged=0,
        body_hash=b"",
        at=datetime.now(UTC),
        ticket="",
        app_version="0.1.0",
        free_disk_mb=10_000,
        training=False,
        unsent={},
    )


def _sealed(slot: int, count: int) -> list[SealedEntry]:
    now = datetime.now(UTC).replace(microsecond=0)
    entries = []
    for number, payload in enumerate(itertools.islice(_payloads(), count), start=1):
        header = Header(
            slot=slot, epoch=1, sequence=number, kind="receive", version=1, subject=f"{slot}.1.{number}",
            happened_at=now, recorded_at=now, monotonic_ms=number, boot="5f3a9c01", offset_ms=0, clerk=CLERK,
            pack=0, base={},
        )  # fmt: skip
        entries.append(seal(header, payload, number.to_bytes(16)))
    return entries


def _plain_rows(payloads: Iterator[dict[str, Any]], behind: int) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    for number, payload in enumerate(payloads, start=behind + 1):
        stated = {"desk": DESK, "id": f"1.1.{number}", "received_at": now, "recorded_at": now, "received_by": CLERK}
        yield payload | stated


def _payloads() -> Iterator[dict[str, Any]]:
    """Receptions of the demo's world, each with a code of its own."""
    lines = (line for plan in plan_world() for line in events_of(plan) if line["event"] == "receive")
    for number, line in enumerate(itertools.cycle(list(itertools.islice(lines, DIFFERENT)))):
        typed = {name: value for name, value in line.items() if name not in ("event", "dossier", "at")}
        yield typed | {"dossier_code": f"{DESK}-211004-{100_000 + number}"}


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
