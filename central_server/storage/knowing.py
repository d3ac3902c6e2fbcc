"""The devices of desks as a judgement reads them: now, and as they were known at any instant before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, compress
from operator import ne
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
from central_server.storage.models import BranchRow, BranchUnsent, DeviceRow, KnownRow, Unsent
from central_server.storage.prepared import Prepared
from central_server.storage.questions import named, of_desks
from sync_protocol.vocabulary import DeskCode, DeviceId, DeviceState

Desks = Collection[DeskCode] | None
"""Of which desks, None for all."""

COLUMNS = ("state", "epoch", "enrolled_at", *INSTANTS, "left_at", "head", "stated_head")
BESIDE_COLUMNS = ("desk", "slot", "epoch", *INSTANTS, "left_at", "leaves_open", "head", "stated_head")
BAR = "|"
"""What stands between the values of a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """All that is read to know the devices of desks.

    lines   each device in one line of text, in their order: of a province's thousands nearly all are as they were, and
            to see that takes one look at each and not one at each of its values
    unsent  what they hold back, beside: the epochs beside the present ones, both by desk and slot
    """

    lines: Sequence[str] = ()
    unsent: Mapping[DeskCode, Mapping[int, Mapping[date, int]]] = field(default_factory=dict)
    beside: Mapping[DeskCode, Mapping[int, Sequence[Word]]] = field(default_factory=dict)

    def desks_unlike(self, other: "Given") -> set[DeskCode]:
        """The desks of which anything is otherwise in another one."""
        found = {_desk_of(line) for line in _unlike(self.lines, other.lines)}
        for own, others in ((self.unsent, other.unsent), (self.beside, other.beside)):
            found |= {code for code in own.keys() | others.keys() if own.get(code) != others.get(code)}
        return found

    def known(self, desks: Collection[DeskCode] | None = None) -> dict[DeskCode, list[Known]]:
        """What is known of the devices of these desks, or of all that are there."""
        found: dict[DeskCode, list[Known]] = {}
        for line in self.lines:
            if desks is None or _desk_of(line) in desks:
                device = self._device(line)
                found.setdefault(device.id.desk, []).append(device)
        return found

    def _device(self, line: str) -> Known:
        code, slot, state, epoch, *instants, head, stated_head = line.split(BAR)
        id_ = DeviceId(code, int(slot))
        told = (instant(int(each)) if each else None for each in instants)
        unsent, beside = self.unsent.get(code, {}).get(id_.slot, {}), self.beside.get(code, {}).get(id_.slot, [])
        return _known(id_, (state, int(epoch), *told, int(head), int(stated_head)), unsent, beside)


class _Province:
    """What was last known of all devices, and what it was made of: the next time only what is new is made anew."""

    def __init__(self) -> None:
        self._kept: tuple[Given, Mapping[DeskCode, list[Known]]] = Given(), {}

    def known(self, given: Given) -> Mapping[DeskCode, list[Known]]:
        """What is known of all devices: nothing is kept of a desk of which anything is otherwise than before."""
        before, known = self._kept
        if new := given.desks_unlike(before):
            known = {code: devices for code, devices in known.items() if code not in new} | given.known(new)
        # Also where nothing is new: what was read together lies together, and is looked through the sooner.
        self._kept = given, known
        return known


def devices_now(desks: Desks = None) -> Mapping[DeskCode, list[Known]]:
    """What is known of the devices of desks: a few statements, however many desks there are."""
    few = named(desks)
    if few == []:
        return {}
    codes = few or ()
    given = Given(lines=[line for (line,) in _lines(*codes)], unsent=_unsent(*codes), beside=_beside(*codes))
    return _PROVINCE.known(given) if few is None else given.known()


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


_PROVINCE = _Province()


def _unlike(lines: Sequence[str], others: Sequence[str]) -> Iterable[str]:
    """The lines of two texts without those that stand at the same place of both, or where one is longer, in both."""
    if len(lines) != len(others):
        return {*lines} ^ {*others}
    return chain.from_iterable(compress(zip(lines, others, strict=True), map(ne, lines, others)))


def _line() -> Any:
    """A device as a line: its desk, its slot, then COLUMNS, empty where there is no value."""
    row = DeviceRow
    values = (fn.COALESCE(getattr(row, name).cast("TEXT"), "") for name in COLUMNS)
    return fn.CONCAT_WS(BAR, row.desk, row.slot, *values)


def _desk_of(line: str) -> DeskCode:
    return line.partition(BAR)[0]


def _one(device: DeviceId) -> Known:
    """A device now."""
    (row,) = _device(device.desk, device.slot)
    beside = _beside(device.desk).get(device.desk, {}).get(device.slot, [])
    return _known(device, row, dict(_unsent_of(device.desk, device.slot)), beside)


@Prepared
def _lines(*desks: Any) -> Query:
    return _of(DeviceRow.select(_line()), DeviceRow.desk, desks).order_by(DeviceRow.desk, DeviceRow.slot)


@Prepared
def _unsent_rows(*desks: Any) -> Query:
    row = Unsent
    return _of(row.select(row.desk, row.slot, row.received_on, row.count), row.desk, desks)


@Prepared
def _beside_rows(*desks: Any) -> Query:
    row = BranchRow
    columns = [getattr(row, name) for name in BESIDE_COLUMNS]
    return _of(row.select(*columns), row.desk, desks).order_by(row.desk, row.slot, row.epoch)


@Prepared
def _unsent_beside_rows(*desks: Any) -> Query:
    row = BranchUnsent
    return _of(row.select(row.desk, row.slot, row.epoch, row.received_on, row.count), row.desk, desks)


def _of(query: Any, column: Any, desks: Collection[Any]) -> Query:
    """A question about the desks that it names; about all where it names none."""
    return query.where(column.in_(desks)) if desks else query


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


def _known(id_: DeviceId, row: Any, unsent: Mapping[date, int], beside: Sequence[Word]) -> Known:
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


def _columns() -> list[Any]:
    return [getattr(DeviceRow, name) for name in COLUMNS]


def _unsent(*desks: DeskCode) -> dict[DeskCode, dict[int, dict[date, int]]]:
    found: dict[DeskCode, dict[int, dict[date, int]]] = {}
    for code, slot, day, count in _unsent_rows(*desks):
        found.setdefault(code, {}).setdefault(slot, {})[day] = count
    return found


def _beside(*desks: DeskCode) -> dict[DeskCode, dict[int, list[Word]]]:
    """The epochs beside the present ones, by desk and slot."""
    rows = _beside_rows(*desks)
    unsent = _unsent_beside(*desks) if rows else {}
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


def _unsent_beside(*desks: DeskCode) -> dict[tuple[DeskCode, int, int], dict[date, int]]:
    found: dict[tuple[DeskCode, int, int], dict[date, int]] = {}
    for code, slot, epoch, day, count in _unsent_beside_rows(*desks):
        found.setdefault((code, slot, epoch), {})[day] = count
    return found
