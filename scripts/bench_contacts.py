"""What is sent to the centre and to the plain service: the same receptions, made ready beforehand."""

import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from scripts.demo_world import events_of, plan_world
from sync_protocol.certificates import certificate_hash, read_certificate
from sync_protocol.entries import Header, SealedEntry, chain, seal
from sync_protocol.packing import pack_contact, pack_entries
from sync_protocol.signing import Signed, SigningKey, content_of
from sync_protocol.statements import RECEIPT, Pulled, Statement

DESK = "H62.01"
CLERK = "truong"
BATCH = 500
PROMISED_WITHIN = timedelta(days=7)
"""What the plain service is told of an appointment, which the centre counts itself."""

DIFFERENT = 1_000
"""Receptions of the demo's world before they come again with other codes."""


def greeting(certificate: Signed, key: SigningKey) -> bytes:
    """The contact of a device that holds nothing yet: it learns the centre's name and its packs."""
    return pack_contact(_statement(certificate, head=0, hash_=certificate_hash(certificate)).signed_by(key))


def contacts(certificate: Signed, key: SigningKey, told: Mapping[str, Any], count: int) -> Iterator[bytes]:
    """A contact that adopts the packs which the centre has told, then some of BATCH new receptions each.

    told  the answer to the greeting; the device takes in with each contact what it is told in the one before
    """
    entries = _sealed(read_certificate(certificate).device.slot, told["packs"], count * BATCH)
    hashes = chain(entries, certificate_hash(certificate))
    incarnation = content_of(Signed.from_json(told["receipt"]), RECEIPT)["incarnation"]
    ends = [0, *range(1, len(entries) + 1, BATCH)]
    for sent, head in pairwise(ends):
        section = pack_entries(entries[sent:head])
        statement = replace(
            _statement(certificate, head=head, hash_=hashes[head - 1]),
            acknowledged=sent,
            body_hash=hashlib.sha256(section).digest(),
            pulled=Pulled(incarnation, sent),
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
        at=_now(),
        ticket="",
        app_version="0.1.0",
        free_disk_mb=10_000,
        training=False,
        unsent={},
    )


def _sealed(slot: int, packs: Mapping[str, str], count: int) -> list[SealedEntry]:
    """The entry that adopts packs, and receptions of the last days behind it."""
    began_at = _now() - timedelta(minutes=count)
    says = [("adopt_packs", {"packs": packs}), *(("receive", each) for each in itertools.islice(_payloads(), count))]
    entries = []
    for number, (kind, payload) in enumerate(says, start=1):
        at = began_at + timedelta(minutes=number - 1)
        header = Header(
            slot=slot, epoch=1, sequence=number, kind=kind, version=1, subject=f"{slot}.1.{number}" * (number > 1),
            happened_at=at, recorded_at=at, monotonic_ms=number, boot="5f3a9c01", offset_ms=0, clerk=CLERK,
            pack=int(number > 1), base={},
        )  # fmt: skip
        entries.append(seal(header, payload, number.to_bytes(16)))
    return entries


def _plain_rows(payloads: Iterator[dict[str, Any]], behind: int) -> Iterator[dict[str, Any]]:
    now = _now()
    for number, payload in enumerate(payloads, start=behind + 1):
        received_at = now - timedelta(minutes=number)
        at, due_on = received_at.isoformat(), (received_at + PROMISED_WITHIN).date().isoformat()
        yield payload | {
            "desk": DESK, "id": f"1.1.{number}", "received_at": at, "recorded_at": at, "received_by": CLERK,
            "due_on": due_on,
        }  # fmt: skip


def _payloads() -> Iterator[dict[str, Any]]:
    """Receptions of the demo's world, each with a code of its own."""
    lines = (line for plan in plan_world() for line in events_of(plan) if line["event"] == "receive")
    for number, line in enumerate(itertools.cycle(list(itertools.islice(lines, DIFFERENT)))):
        typed = {name: value for name, value in line.items() if name not in ("event", "dossier", "at")}
        yield typed | {"dossier_code": f"{DESK}-211004-{100_000 + number}"}


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
