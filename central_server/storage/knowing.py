"""The devices of desks as a judgement reads them: now, and as they were known at any instant before."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from peewee import Query, fn

from central_server.storage.database import write_row
from central_server.storage.known import (
    INSTANTS,
    Known,
    Learnt,
    Word,
    first_moment,
    instant,
    last_moment,
    lengthened,
    read_all,
    read_at,
    written,
)
from central_server.storage.latest import Latest
from central_server.storage.models import BranchRow, BranchUnsent, DeviceRow, KnownRow, Unsent
from central_server.storage.prepared import Prepared
from central_server.storage.questions import of_desks
from sync_protocol.vocabulary import DeskCode, DeviceId, DeviceState

Desks = Collection[DeskCode] | None
"""Of which desks, None for all."""

Given = tuple[list[Any], dict[int, dict[date, int]] | None, dict[int, list[Word]] | None]
"""The rows of a desk's devices, what these hold back, and the epochs beside the present ones, by slot."""

COLUMNS = ("state", "epoch", "enrolled_at", *INSTANTS, "left_at", "head", "stated_head")
ARE_INSTANTS = tuple(name.endswith(("_at", "_until")) for name in COLUMNS)


def devices_now(desks: Desks = None) -> dict[DeskCode, list[Known]]:
    """What is known of the devices of desks: a few statements, however many desks there are."""
    unsent, beside = _unsent(desks), _beside(desks)
    rows = of_desks(DeviceRow.select(DeviceRow.desk, DeviceRow.slot, *_columns()), DeviceRow.desk, desks)
    enrolled: dict[DeskCode, list[Any]] = {}
    # The driver's own rows: turning each value by its field would be half of the cost of a province.
    for row in DeviceRow._meta.database.execute(rows.order_by(DeviceRow.desk, DeviceRow.slot)):
        enrolled.setdefault(row[0], []).append(row)
    return {
        code: _LATEST.of(code, (own, unsent.get(code), beside.get(code)), _desk_now) for code, own in enrolled.items()
    }


def devices_as_of(at: datetime, desks: Desks = None) -> dict[DeskCode, list[Known]]:
    """What was known at an instant; a device that was not enrolled then is not there."""
    row, other = KnownRow, KnownRow.alias()
    same = (other.desk == DeviceRow.desk) & (other.slot == DeviceRow.slot)
    # One look into the key for each device: its history is never read through.
    latest = other.select(fn.MAX(other.moment)).where(same, other.moment <= last_moment(at))
    rows = (
        of_desks(row.select(row.desk, row.slot, row.moment, row.facts, row.beats), row.desk, desks)
        .join(DeviceRow, on=((row.desk == DeviceRow.desk) & (row.slot == DeviceRow.slot) & (row.moment == latest)))
        .order_by(row.desk, row.slot)
    )
    found: dict[DeskCode, list[Known]] = {}
    for code, slot, moment, facts, beats in rows.tuples():
        found.setdefault(code, []).append(read_at(at, DeviceId(code, slot), moment, facts, bytes(beats)))
    return found


def learnt(desk: DeskCode, since: datetime, up_to: datetime) -> list[Learnt]:
    """What was learnt of the devices of a desk, of one after the other and each in order.

    The first of each is what was known of it at `since`, where it was enrolled then.
    """
    row = KnownRow
    own = row.desk == desk
    stood = row.select(row.slot, fn.MAX(row.moment)).where(own, row.moment <= last_moment(since)).group_by(row.slot)
    first = dict(stood.tuples())
    rows = row.select(row.slot, row.moment, row.facts, row.beats).where(
        own, row.moment >= min(first.values(), default=0), row.moment <= last_moment(up_to)
    )
    found: list[Learnt] = []
    for slot, moment, facts, beats in rows.order_by(row.slot, row.moment).tuples():
        id_ = DeviceId(desk, slot)
        if moment == first.get(slot):
            known = read_at(since, id_, moment, facts, bytes(beats))
            found.append(Learnt(at=since, known=known, is_only_contact=False))
        if moment >= first.get(slot, 0):
            found += (each for each in read_all(id_, moment, facts, bytes(beats)) if since < each.at <= up_to)
    return found


def note(device: DeviceId, at: datetime) -> None:
    """Remembers what is known of a device now, where that is new.

    Called by whatever changes it, at the end and in the same transaction.
    """
    known, last = _one(device), _last.first(device.desk, device.slot)
    moment, facts, beats = last or (0, "", b"")
    longer = lengthened(known, moment, facts, bytes(beats)) if last else None
    if longer is None:
        values = {"moment": max(first_moment(at), moment + 1), "facts": written(known), "beats": b""}
        write_row(KnownRow, desk=device.desk, slot=device.slot, **values)
    elif longer != bytes(beats):
        _lengthen(device.desk, device.slot, moment, longer)


def _desk_now(given: Given) -> list[Known]:
    rows, unsent, beside = given
    return [_known_now(row, (unsent or {}).get(row[1], {}), (beside or {}).get(row[1], [])) for row in rows]


def _known_now(row: Any, unsent: dict[date, int], beside: list[Word]) -> Known:
    code, slot, *values = row
    row = [_instant(value) if is_instant else value for value, is_instant in zip(values, ARE_INSTANTS, strict=True)]
    return _known(DeviceId(code, slot), row, unsent, beside)


_LATEST: Latest[DeskCode, Given, list[Known]] = Latest()
"""Of most desks nothing is new from one question to the next."""


def _one(device: DeviceId) -> Known:
    """A device now; nearly always its first epoch is the present one, and there is none beside it to look up."""
    (row,) = _device(device.desk, device.slot)
    is_first = row[COLUMNS.index("epoch")] == 1
    beside = [] if is_first else _beside([device.desk]).get(device.desk, {}).get(device.slot, [])
    return _known(device, row, dict(_unsent_of(device.desk, device.slot)), beside)


@Prepared
def _device(desk: Any, slot: Any) -> Query:
    return DeviceRow.select(*_columns()).where(DeviceRow.desk == desk, DeviceRow.slot == slot)


@Prepared
def _unsent_of(desk: Any, slot: Any) -> Query:
    return Unsent.select(Unsent.received_on, Unsent.count).where(Unsent.desk == desk, Unsent.slot == slot)


@Prepared
def _last(desk: Any, slot: Any) -> Query:
    row = KnownRow
    own = row.select(row.moment, row.facts, row.beats).where(row.desk == desk, row.slot == slot)
    return own.order_by(row.moment.desc()).limit(1)


@Prepared
def _lengthen(desk: Any, slot: Any, moment: Any, beats: Any) -> Query:
    row = KnownRow
    return row.update(beats=beats).where(row.desk == desk, row.slot == slot, row.moment == moment)


def _known(id_: DeviceId, row: Any, unsent: dict[date, int], beside: list[Word]) -> Known:
    state, epoch, enrolled_at, heard_at, stated_at, covered_until, left_at, head, stated_head = row
    present = Word(
        epoch=epoch,
        heard_at=heard_at,
        stated_at=stated_at,
        covered_until=covered_until,
        left_at=left_at,
        unsent=unsent,
        missing=_missing(left_at, head, stated_head),
    )
    return Known(id=id_, state=DeviceState(state), enrolled_at=enrolled_at, present=present, beside=beside)


def _missing(left_at: datetime | None, head: int, stated_head: int) -> tuple[int, int] | None:
    """What an epoch that is left had stated and that has not come: of one in use it changes with each contact."""
    return (head + 1, stated_head) if left_at and stated_head > head else None


def _instant(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


def _columns() -> list[Any]:
    return [getattr(DeviceRow, name) for name in COLUMNS]


def _unsent(desks: Desks) -> dict[DeskCode, dict[int, dict[date, int]]]:
    found: dict[DeskCode, dict[int, dict[date, int]]] = {}
    for code, slot, day, count in of_desks(Unsent.select(), Unsent.desk, desks).tuples():
        found.setdefault(code, {}).setdefault(slot, {})[day] = count
    return found


def _beside(desks: Desks) -> dict[DeskCode, dict[int, list[Word]]]:
    """The epochs beside the present ones, by desk and slot."""
    row = BranchRow
    names = ("desk", "slot", "epoch", *INSTANTS, "left_at", "leaves_open", "head", "stated_head")
    columns = [getattr(row, name) for name in names]
    rows = list(of_desks(row.select(*columns), row.desk, desks).order_by(row.desk, row.slot, row.epoch).tuples())
    unsent = _unsent_beside(desks) if rows else {}
    found: dict[DeskCode, dict[int, list[Word]]] = {}
    for code, slot, epoch, heard_at, stated_at, covered_until, left_at, leaves_open, head, stated_head in rows:
        word = Word(
            epoch=epoch,
            heard_at=heard_at,
            stated_at=stated_at,
            covered_until=covered_until,
            left_at=left_at,
            leaves_open=leaves_open,
            unsent=unsent.get((code, slot, epoch), {}),
            missing=_missing(left_at, head, stated_head),
        )
        found.setdefault(code, {}).setdefault(slot, []).append(word)
    return found


def _unsent_beside(desks: Desks) -> dict[tuple[DeskCode, int, int], dict[date, int]]:
    found: dict[tuple[DeskCode, int, int], dict[date, int]] = {}
    for code, slot, epoch, day, count in of_desks(BranchUnsent.select(), BranchUnsent.desk, desks).tuples():
        found.setdefault((code, slot, epoch), {})[day] = count
    return found
