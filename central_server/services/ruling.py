"""Making, ending and listing the rulings about how desks are judged: each dated, with its reason and who made it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from central_server.central import Central
from central_server.services.enrolment import UnknownDesk
from central_server.services.existence import SHARE, UNKNOWN
from central_server.services.signing_in import UnknownUnit
from central_server.services.terms import Rulings, last_words
from central_server.storage import procedures, rulings, units
from central_server.storage.centre import CentreRow
from central_server.storage.database import reading, write_transaction
from central_server.storage.rulings import NOT_ANY_MORE, Ruling, RulingKind
from central_server.storage.units import EVERYTHING, UnitNode
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import UnitLevel

EXEMPTED = "yes"
THRESHOLD_MAX = 100_000
REASON_CHARACTERS_MAX = 500


class BadRuling(FieldSyncError):
    """A ruling that cannot hold."""

    code = "bad_ruling"
    text = N_(
        "A ruling needs a reason, a threshold from 1 to 100000, and an end that is not before its beginning."
        " Nothing was changed."
    )


class UnknownField(FieldSyncError):
    """A field to which no procedure belongs."""

    code = "unknown_field"
    text = N_('No procedure here belongs to the field "%(field)s". Nothing was changed; write it as in the list.')


class UnknownRuling(FieldSyncError):
    """A ruling that is ended is none, or has been ended already."""

    code = "unknown_ruling"
    text = N_("There is no ruling of this number in force. Nothing was changed; look at the list again.")


def in_force(about: CentreRow, as_of: datetime | None = None) -> Rulings:
    """The rulings of a centre that had been made by an instant, or by now, inside the caller's connection."""
    return Rulings(rows=tuple(rulings.rulings(as_of)), flat=about.threshold, series=about.series)


def all_rulings(central: Central) -> Sequence[Ruling]:
    """All rulings, oldest first."""
    with reading(central.database):
        return rulings.rulings()


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """All rulings, oldest first, those of them in force today or to come, and what they can be about.

    units   the units of today by id
    fields  names of the fields of procedures
    """

    rows: Sequence[Ruling]
    in_force: Sequence[Ruling]
    units: Mapping[str, UnitNode]
    fields: Sequence[str]


def rule_book(central: Central) -> RuleBook:
    """What the page of rules tells."""
    today = central.today()
    with reading(central.database):
        rows = rulings.rulings()
        to_come = [each for each in rows if each.first_on > today and each.value != NOT_ANY_MORE]
        return RuleBook(
            rows=rows,
            in_force=[*last_words(rows, today), *to_come],
            units=units.tree(today),
            fields=list(procedures.fields()),
        )


def rule_threshold(
    central: Central,
    value: int,
    *,
    first_on: date,
    by: str,
    reason: str,
    unit: str | None = None,
    level: UnitLevel | None = None,
    months: int | None = None,
    field_: str = "",
) -> None:
    """Sets the threshold of every desk, of a level, or of the subtree of a unit; of one field's dossiers if named.

    Raises BadRuling, UnknownUnit, UnknownField.
    """
    if not 1 <= value <= THRESHOLD_MAX:
        raise BadRuling
    with write_transaction(central.database):
        if field_ and field_ not in procedures.fields():
            raise UnknownField(field=field_)
        _keep(
            central,
            kind=RulingKind.THRESHOLD,
            value=str(value),
            unit_id=_unit_id(unit, first_on),
            level=level,
            months=months,
            field_=field_,
            first_on=first_on,
            last_on=None,
            by=by,
            reason=reason,
        )


def rule_existence(
    central: Central,
    value: str,
    *,
    first_on: date,
    by: str,
    reason: str,
    unit: str | None = None,
    level: UnitLevel | None = None,
    days: int | None = None,
) -> None:
    """Says what is asked of a desk that existed for a part of a period only: SHARE, UNKNOWN, or an own figure.

    days  only of desks that existed for so many days of it at the most
    Raises BadRuling, UnknownUnit.
    """
    is_figure = value.isascii() and value.isdigit() and 1 <= int(value) <= THRESHOLD_MAX
    if not is_figure and value not in (SHARE, UNKNOWN):
        raise BadRuling
    with write_transaction(central.database):
        _keep(
            central,
            kind=RulingKind.EXISTENCE,
            value=value,
            unit_id=_unit_id(unit, first_on),
            level=level,
            days=days,
            first_on=first_on,
            last_on=None,
            by=by,
            reason=reason,
        )


def end(central: Central, number: int, *, first_on: date, by: str, reason: str) -> None:
    """Lets a ruling hold no more from a day on; what it meant before stays. Raises UnknownRuling, BadRuling."""
    with write_transaction(central.database):
        ended = next((each for each in last_words(rulings.rulings(), first_on) if each.number == number), None)
        if ended is None:
            raise UnknownRuling
        _keep(
            central,
            kind=ended.kind,
            value=NOT_ANY_MORE,
            desk=ended.desk,
            unit_id=ended.unit_id,
            level=ended.level,
            months=ended.months,
            days=ended.days,
            field_=ended.field,
            first_on=first_on,
            last_on=ended.last_on,
            by=by,
            reason=reason,
        )


def exempt(
    central: Central, desk: str, *, first_on: date, last_on: date | None, by: str, reason: str, is_over: bool = False
) -> None:
    """Leaves a desk out of judgement for some days, or takes that back. Raises UnknownDesk, BadRuling."""
    value = NOT_ANY_MORE if is_over else EXEMPTED
    _rule_desk(central, desk, RulingKind.EXEMPT, value, first_on=first_on, last_on=last_on, by=by, reason=reason)


def note_other_software(
    central: Central, desk: str, software: str, *, first_on: date, last_on: date | None, by: str, reason: str
) -> None:
    """Notes that a desk enters in other software, "" that it no longer does. Raises UnknownDesk, BadRuling."""
    name = normalised(software)
    _rule_desk(central, desk, RulingKind.ELSEWHERE, name, first_on=first_on, last_on=last_on, by=by, reason=reason)


def _rule_desk(
    central: Central,
    desk: str,
    kind: RulingKind,
    value: str,
    *,
    first_on: date,
    last_on: date | None,
    by: str,
    reason: str,
) -> None:
    with write_transaction(central.database):
        if units.desk(EVERYTHING, desk, last_on or first_on) is None:
            raise UnknownDesk(desk=desk)
        _keep(central, kind=kind, value=value, desk=desk, first_on=first_on, last_on=last_on, by=by, reason=reason)


def _unit_id(code: str | None, on: date) -> str:
    """The id of the unit that bears a code on a day, "" for no code."""
    node = units.unit_by_code(code, on) if code else None
    if code and node is None:
        raise UnknownUnit(unit=code)
    return node.id if node else ""


def _keep(
    central: Central,
    *,
    kind: RulingKind,
    value: str,
    first_on: date,
    last_on: date | None,
    by: str,
    reason: str,
    desk: str = "",
    unit_id: str = "",
    level: UnitLevel | None = None,
    months: int | None = None,
    days: int | None = None,
    field_: str = "",
) -> None:
    said = normalised(reason)[:REASON_CHARACTERS_MAX]
    if not said or (last_on and last_on < first_on):
        raise BadRuling
    rulings.keep(
        Ruling(
            kind=kind,
            desk=desk,
            unit_id=unit_id,
            level=level,
            months=months,
            days=days,
            field=field_,
            value=value,
            first_on=first_on,
            last_on=last_on,
            reason=said,
            ruled_by=by,
            ruled_at=central.now(),
        )
    )
