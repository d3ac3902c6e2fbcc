"""The record of what people changed: only ever added to, in the order in which it was committed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from peewee import SQL, ModelSelect, Value, fn

from central_server.storage import centre
from central_server.storage.models import ChangeRow, DeskRow, PeriodStepRow
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change: `who` is a username, or `cli:` and that of the machine; `slot` is 0 where no device is meant.

    before, after  what differs, by name; empty where there was nothing. Never personal data
    """

    at: datetime
    who: str
    what: str
    desk: DeskCode = ""
    slot: int = 0
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str = ""


def keep(change: Change) -> None:
    """Adds a change; changes of a desk wait for each other until the transaction ends, so that none is lost."""
    if change.desk:
        DeskRow.update(ledger_sequence=DeskRow.ledger_sequence).where(DeskRow.code == change.desk).execute()
    else:
        centre.lock()
    last = ChangeRow.select(fn.MAX(ChangeRow.number)).where(ChangeRow.desk == change.desk).scalar() or 0
    ChangeRow.insert(
        desk=change.desk,
        number=last + 1,
        at=change.at,
        who=change.who,
        what=change.what,
        slot=change.slot,
        before=_text(change.before),
        after=_text(change.after),
        reason=change.reason,
    ).execute()


def of_desk(desk: DeskCode, limit: int) -> list[Change]:
    """The changes of a desk, newest first."""
    rows = ChangeRow.select().where(ChangeRow.desk == desk).order_by(ChangeRow.number.desc()).limit(limit)
    return [_change(row) for row in rows]


def latest(limit: int, start: int = 0) -> list[Change]:
    """All changes, of desks, of the centre as a whole and of periods, newest first, without the first `start`."""
    newest_first = (SQL("at").desc(), SQL("desk"), SQL("number").desc())
    every = ChangeRow.select().union_all(_of_periods())
    return [_change(row) for row in every.order_by(*newest_first).offset(start).limit(limit)]


def _of_periods() -> ModelSelect:
    """The steps of periods, which are kept with their figures, in the columns of the other changes."""
    row = PeriodStepRow
    period = Value('{"period":"').concat(row.first_on).concat("..").concat(row.last_on).concat('"}')
    nothing = Value("")
    return row.select(
        nothing,
        row.number,
        row.taken_at,
        row.taken_by,
        row.step.concat("_period"),
        Value(0),
        nothing,
        period,
        row.reason,
    )


def _change(row: ChangeRow) -> Change:
    return Change(
        at=row.at,
        who=row.who,
        what=row.what,
        desk=row.desk,
        slot=row.slot,
        before=_content(row.before),
        after=_content(row.after),
        reason=row.reason,
    )


def _text(content: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(content), option=orjson.OPT_SORT_KEYS).decode() if content else ""


def _content(text: str) -> Mapping[str, Any]:
    return dict(orjson.loads(text)) if text else {}
