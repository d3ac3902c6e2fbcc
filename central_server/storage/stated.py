"""What devices stated: each statement as it came, kept if it changed anything or is its day's last."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from peewee import Expression, Query, fn

from central_server.storage.database import write_row
from central_server.storage.models import StatementRow
from central_server.storage.prepared import Prepared
from sync_protocol.instants import local_date
from sync_protocol.signing import Signed, content_of, decoded
from sync_protocol.statements import STATEMENT, Statement
from sync_protocol.vocabulary import DeskCode, DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedLine:
    """A statement as it is told on a desk's page."""

    slot: int
    stated_at: datetime
    arrived_at: datetime
    head: int
    unsent: int


class Apart(NamedTuple):
    """A statement of a journal that is not the one held: its number, its epoch and where in that it ended."""

    number: int
    epoch: int
    head: int
    hash: bytes
    signed: Signed
    stated_at: datetime


def keep(
    statement: Statement, signed: Signed, stated_at: datetime, arrived_at: datetime, *, epoch: int, is_step: bool
) -> None:
    """Keeps a statement with the time that the centre takes it to be of.

    epoch  the one that it speaks for; below 0 where its journal parts from what is held of that; 0 where a newer one
           has spoken

    One that changed nothing takes the place of such a one of the same day.
    """
    device = statement.device
    number, was_step, last_at = _last.first(device.desk, device.slot) or (0, True, arrived_at)
    if not was_step and not is_step and local_date(last_at) == local_date(arrived_at):
        _drop(device.desk, device.slot, number)
    write_row(
        StatementRow,
        desk=device.desk,
        slot=device.slot,
        number=number + 1,
        epoch=epoch,
        head=statement.head,
        stated_at=stated_at,
        arrived_at=arrived_at,
        unsent=sum(statement.unsent.values()),
        is_step=is_step,
        body=signed.body,
        signature=signed.signature,
    )


def set_apart(device: DeviceId, epoch: int, heads: Collection[int], is_foreign: Callable[[int, bytes], bool]) -> bool:
    """Lets statements of a journal that is not the one held speak for a copy of the machine; gives whether any did.

    heads       sequences of the epoch
    is_foreign  whether the entry of such a sequence and of this hash is of another journal
    """
    if not heads:
        return False
    rows = StatementRow.select().where(*_of_epoch(device, epoch), StatementRow.head.between(min(heads), max(heads)))
    numbers = [row.number for row in rows if row.head in heads and is_foreign(row.head, _hash_stated(row))]
    if numbers:
        StatementRow.update(epoch=-epoch).where(*_of_epoch(device, epoch), StatementRow.number.in_(numbers)).execute()
    return bool(numbers)


def apart(device: DeviceId) -> list[Apart]:
    """What copies of the machine stated that have not shown themselves, what goes furthest last."""
    row = StatementRow
    rows = row.select().where(row.desk == device.desk, row.slot == device.slot, row.epoch < 0)
    return [
        Apart(row.number, -row.epoch, row.head, _hash_stated(row), _signed(row), row.stated_at)
        for row in rows.order_by(row.epoch.desc(), row.head, row.number)
    ]


def let_say_nothing(device: DeviceId, numbers: Collection[int]) -> None:
    """Lets statements speak for nothing any more."""
    row = StatementRow
    of_device = (row.desk == device.desk) & (row.slot == device.slot)
    row.update(epoch=0).where(of_device, row.number.in_(list(numbers))).execute()


def furthest(device: DeviceId, epoch: int) -> tuple[Signed, datetime] | None:
    """The statement of an epoch that goes furthest, the latest of such, and the time that it is taken to be of."""
    row = StatementRow
    found = row.select().where(*_of_epoch(device, epoch)).order_by(row.head.desc(), row.number.desc()).first()
    return (_signed(found), found.stated_at) if found else None


def last(device: DeviceId, epoch: int) -> Signed | None:
    """The latest statement of an epoch of a device."""
    row = StatementRow.select().where(*_of_epoch(device, epoch)).order_by(StatementRow.number.desc()).first()
    return _signed(row) if row else None


def lines(desk: DeskCode, limit: int, as_of: datetime | None = None) -> list[StatedLine]:
    """What a desk's devices stated, newest first.

    as_of  only what had arrived by an instant
    """
    rows = StatementRow.select().where(StatementRow.desk == desk).order_by(StatementRow.arrived_at.desc()).limit(limit)
    rows = rows.where(StatementRow.arrived_at <= as_of) if as_of else rows
    return [
        StatedLine(slot=row.slot, stated_at=row.stated_at, arrived_at=row.arrived_at, head=row.head, unsent=row.unsent)
        for row in rows
    ]


def covered_until(device: DeviceId, epoch: int, head: int) -> datetime | None:
    """Time of the latest statement whose entries are all held up to `head`."""
    ((latest,),) = _covering(device.desk, device.slot, epoch, head)
    assert latest is None or isinstance(latest, datetime)
    return latest


@Prepared
def _last(desk: Any, slot: Any) -> Query:
    row = StatementRow
    last = row.select(row.number, row.is_step, row.arrived_at).where(row.desk == desk, row.slot == slot)
    return last.order_by(row.number.desc()).limit(1)


@Prepared
def _drop(desk: Any, slot: Any, number: Any) -> Query:
    row = StatementRow
    return row.delete().where(row.desk == desk, row.slot == slot, row.number == number)


@Prepared
def _covering(desk: Any, slot: Any, epoch: Any, head: Any) -> Query:
    row = StatementRow
    of_epoch = (row.desk == desk) & (row.slot == slot) & (row.epoch == epoch)
    return row.select(fn.MAX(row.stated_at).alias("stated_at")).where(of_epoch, row.head <= head)


def _of_epoch(device: DeviceId, epoch: int) -> tuple[Expression, ...]:
    row = StatementRow
    return row.desk == device.desk, row.slot == device.slot, row.epoch == epoch


def _signed(row: StatementRow) -> Signed:
    return Signed(bytes(row.body), bytes(row.signature))


def _hash_stated(row: StatementRow) -> bytes:
    return decoded(content_of(_signed(row), STATEMENT)["hash"])
