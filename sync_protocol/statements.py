"""What a device says it holds, and what the centre says it has.

A statement is signed by the device and is under 500 bytes as sent for a backlog of a period; a receipt is signed by
the centre. Both are kept as they came, for the auditor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, parse_instant
from sync_protocol.periods import Period, UnknownPeriod
from sync_protocol.signing import Signed, SigningKey, content_of, decoded, encoded, opened
from sync_protocol.vocabulary import Declaration, DeviceId

STATEMENT = "statement"
RECEIPT = "receipt"
FORMAT = 1
RUN_GAP_DAYS_MAX = 7
DECLARATIONS_MAX = 12
ANCESTORS_MAX = 16
VOUCHED_MAX = 200
"""Other journals that one receipt vouches for; no more entries come down with it."""

HELD_TOLD_MAX = 200
"""Entries set aside that one answer names; their number tells of more."""

COUNT_MAX = 2**31 - 1
"""Bound of every number in a statement or receipt, and of all that is unsent together; columns hold it."""


class BadStatement(FieldSyncError):
    """A signed document of the right kind whose content is not a statement or receipt of this format."""

    code = "bad_statement"
    text = N_("The message cannot be understood. Nothing was taken from it. The two programs may need an update.")


@dataclass(frozen=True, slots=True)
class Ancestor:
    """Where a device's journal left an earlier epoch: the last entry of it that the present one builds on."""

    epoch: int
    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Pulled:
    """Up to where a device has taken in its desk's ledger, and of which incarnation of the centre that is.

    mark  what the centre told to know that ledger by, "" where it told none
    """

    incarnation: str = ""
    ledger: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Vouched:
    """The last entry of another journal of the desk of which entries come down: the centre signs that it holds it."""

    slot: int
    epoch: int
    sequence: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a device holds at one moment.

    head, hash    highest sequence of its journal in `epoch` and that entry's hash
    acknowledged  highest sequence that a receipt covers; `unsent` counts the entries between it and `head`
    acknowledged_epoch  the earlier epoch of which that is a sequence, 0 where it is of `epoch`
    body_hash     SHA-256 of the entries section that this contact announces, empty where there is none
    sent_hash     hash of the last entry of that section, empty where that is the head or nothing comes
    at            corrected time, aware UTC
    ticket        the last one that the centre gave, "" before the first
    unsent        dossiers by local day of reception: received, less voided, moved ones on both days
    declarations  what the desk says of whole periods, as far as the centre has not confirmed it
    ancestors     the earlier epochs that this journal goes on from, newest first
    pulled        how far the ledger of the desk is known here
    held          mark of the list of entries set aside that the centre told last, "" before the first
    """

    device: DeviceId
    epoch: int
    head: int
    hash: bytes
    acknowledged: int
    body_hash: bytes
    at: datetime
    ticket: str
    app_version: str
    free_disk_mb: int
    training: bool
    unsent: Mapping[date, int]
    declarations: tuple[tuple[Period, Declaration], ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    pulled: Pulled = Pulled()
    held: str = ""
    acknowledged_epoch: int = 0
    sent_hash: bytes = b""

    def signed_by(self, key: SigningKey) -> Signed:
        """The statement as a document of its device."""
        return key.sign(
            STATEMENT,
            {
                "format": FORMAT,
                "desk": self.device.desk,
                "slot": self.device.slot,
                "epoch": self.epoch,
                "head": self.head,
                "hash": encoded(self.hash),
                "acknowledged": self.acknowledged,
                "body": encoded(self.body_hash),
                "at": instant_text(self.at),
                "ticket": self.ticket,
                "app": self.app_version,
                "free_mb": self.free_disk_mb,
                "training": self.training,
                "unsent": _runs(self.unsent),
                "declarations": [[str(period), declaration.value] for period, declaration in self.declarations],
            }
            | (
                {"ancestors": [[a.epoch, a.sequence, encoded(a.hash)] for a in self.ancestors]}
                if self.ancestors
                else {}
            )
            | ({"pulled": [self.pulled.incarnation, self.pulled.ledger]} if self.pulled.ledger else {})
            | ({"pulled_mark": self.pulled.mark} if self.pulled.mark else {})
            | ({"held": self.held} if self.held else {})
            | ({"acknowledged_epoch": self.acknowledged_epoch} if self.acknowledged_epoch else {})
            | ({"sent": encoded(self.sent_hash)} if self.sent_hash else {}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The centre's word that it has a device's chain up to a hash.

    at              the centre's time, aware UTC: what a device learns its offset from
    incarnation     random id of the centre's database, replaced when it is restored
    archived_up_to  highest sequence that a verified backup holds
    fork            where the centre holds another continuation of this epoch behind `up_to`: its head; where it holds
                    the entry behind `up_to` under another id: that entry; else 0
    down_hash       SHA-256 of what comes down with this receipt, empty where nothing does
    vouched         how far the centre holds each journal of which entries come down with it
    """

    device: DeviceId
    epoch: int
    up_to: int
    hash: bytes
    at: datetime
    incarnation: str
    ticket: str
    archived_up_to: int
    fork: int = 0
    down_hash: bytes = b""
    vouched: tuple[Vouched, ...] = ()

    def signed_by(self, key: SigningKey) -> Signed:
        """The receipt as a document of the centre."""
        return key.sign(
            RECEIPT,
            {
                "format": FORMAT,
                "desk": self.device.desk,
                "slot": self.device.slot,
                "epoch": self.epoch,
                "up_to": self.up_to,
                "hash": encoded(self.hash),
                "at": instant_text(self.at),
                "incarnation": self.incarnation,
                "ticket": self.ticket,
                "archived_up_to": self.archived_up_to,
            }
            | ({"fork": self.fork} if self.fork else {})
            | ({"down": encoded(self.down_hash)} if self.down_hash else {})
            | (
                {"vouched": [[v.slot, v.epoch, v.sequence, encoded(v.hash)] for v in self.vouched]}
                if self.vouched
                else {}
            ),
        )


def device_of(signed: Signed) -> tuple[DeviceId, bool]:
    """Whom an unverified statement claims to be from, and whether it is of a training centre."""
    content = content_of(signed, STATEMENT)
    try:
        return _device(content), content["training"] is True
    except (KeyError, TypeError, ValueError) as error:
        raise BadStatement from error


def read_statement(signed: Signed, public: bytes) -> Statement:
    """The statement of a device whose public key is `public`; raises BadSignature, NotADocument, BadStatement."""
    content = opened(signed, STATEMENT, public)
    try:
        return _statement(content)
    except (KeyError, TypeError, ValueError, OverflowError, UnknownPeriod) as error:
        raise BadStatement from error


def read_receipt(signed: Signed, centre_key: bytes) -> Receipt:
    """The receipt of the centre whose public key is `centre_key`; raises as `read_statement`."""
    content = opened(signed, RECEIPT, centre_key)
    try:
        _check_format(content)
        return Receipt(
            device=_device(content),
            epoch=_count(content["epoch"]),
            up_to=_count(content["up_to"]),
            hash=decoded(content["hash"]),
            at=parse_instant(content["at"]),
            incarnation=_text(content["incarnation"]),
            ticket=_text(content["ticket"]),
            archived_up_to=_count(content["archived_up_to"]),
            fork=_count(content.get("fork", 0)),
            down_hash=decoded(content.get("down", "")),
            vouched=_vouched(content.get("vouched", [])),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadStatement from error


def _statement(content: dict[str, Any]) -> Statement:
    _check_format(content)
    if len(content["declarations"]) > DECLARATIONS_MAX:
        raise ValueError("too many declarations")
    return Statement(
        device=_device(content),
        epoch=_count(content["epoch"]),
        head=_count(content["head"]),
        hash=decoded(content["hash"]),
        acknowledged=_count(content["acknowledged"]),
        body_hash=decoded(content["body"]),
        at=parse_instant(content["at"]),
        ticket=_text(content["ticket"]),
        app_version=_text(content["app"])[:40],
        free_disk_mb=_count(content["free_mb"]),
        training=content["training"] is True,
        unsent=_days(content["unsent"]),
        declarations=tuple((_period(text), Declaration(word)) for text, word in content["declarations"]),
        ancestors=_ancestors(content.get("ancestors", [])),
        pulled=_pulled(content.get("pulled", ["", 0]), content.get("pulled_mark", "")),
        acknowledged_epoch=_count(content.get("acknowledged_epoch", 0)),
        sent_hash=decoded(content.get("sent", "")),
        held=_text(content.get("held", "")),
    )


def _ancestors(rows: list[Any]) -> tuple[Ancestor, ...]:
    if len(rows) > ANCESTORS_MAX:
        raise ValueError("too many epochs")
    ancestors = tuple(Ancestor(_count(epoch), _count(sequence), decoded(hash_)) for epoch, sequence, hash_ in rows)
    if any(later.epoch <= earlier.epoch for later, earlier in pairwise(ancestors)):
        raise ValueError("not newest first")
    return ancestors


def _vouched(rows: list[Any]) -> tuple[Vouched, ...]:
    if len(rows) > VOUCHED_MAX:
        raise ValueError("too many journals")
    return tuple(
        Vouched(_count(slot), _count(epoch), _count(sequence), decoded(hash_)) for slot, epoch, sequence, hash_ in rows
    )


def _pulled(pair: list[Any], mark: object) -> Pulled:
    incarnation, ledger = pair
    return Pulled(_text(incarnation), _count(ledger), _text(mark))


def _runs(counts: Mapping[date, int]) -> list[list[str | int]]:
    """Counts by day as runs: the first day, then one number a day."""
    days = sorted(day for day, count in counts.items() if count)
    runs: list[list[str | int]] = [[days[0].isoformat(), counts[days[0]]]] if days else []
    for before, day in pairwise(days):
        gap = (day - before).days
        if gap > RUN_GAP_DAYS_MAX:
            runs.append([day.isoformat()])
        else:
            runs[-1].extend([0] * (gap - 1))
        runs[-1].append(counts[day])
    return runs


def _days(runs: list[list[Any]]) -> dict[date, int]:
    counts: dict[date, int] = {}
    for first, *numbers in runs:
        first_on = date.fromisoformat(first)
        for ahead, number in enumerate(numbers):
            day = first_on + timedelta(days=ahead)
            if type(number) is not int or day in counts:
                raise ValueError(number)
            counts[day] = number
    if sum(map(abs, counts.values())) > COUNT_MAX:
        raise ValueError("more than a desk can hold")
    return {day: number for day, number in counts.items() if number}


def _period(text: object) -> Period:
    first, last = _text(text).split("..")
    return Period(first_on=date.fromisoformat(first), last_on=date.fromisoformat(last))


def _check_format(content: Mapping[str, Any]) -> None:
    if content["format"] != FORMAT:
        raise ValueError("another format")


def _device(content: Mapping[str, Any]) -> DeviceId:
    return DeviceId(_text(content["desk"]), _count(content["slot"]))


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value <= COUNT_MAX:
        raise ValueError(value)
    return value
