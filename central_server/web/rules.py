"""The page of rules: what is in force about judging desks, who ruled it when and why, and what the province changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from central_server.services import ruling
from central_server.services.existence import SHARE, UNKNOWN
from central_server.services.ruling import REASON_CHARACTERS_MAX, BadRuling, RuleBook
from central_server.services.signing_in import NotOfTheProvince
from central_server.storage.rulings import NOT_ANY_MORE, Ruling, RulingKind
from central_server.web.formatting import day_text, number
from central_server.web.present import central, is_changer, language, signed_in
from central_server.web.speech import gettext
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.messages import error_text
from sync_protocol.vocabulary import Role, UnitLevel

CELL_CHARACTERS_MAX = 200
END = "end"
"""What a form says that ends a ruling; the others say the kind of the one that they add."""

LEVEL_NAMES = {
    UnitLevel.PROVINCE: N_("Province level"),
    UnitLevel.DISTRICT: N_("District level"),
    UnitLevel.COMMUNE: N_("Commune level"),
}
KIND_NAMES = {
    RulingKind.THRESHOLD: N_("How many dossiers a period needs"),
    RulingKind.EXISTENCE: N_("Desks that existed for a part of the period"),
    RulingKind.EXEMPT: N_("Desks that are not judged"),
    RulingKind.ELSEWHERE: N_("Desks that enter in other software"),
}
EXISTENCE_WORDS = {
    SHARE: N_("the share of the level that its days are of the period's"),
    UNKNOWN: N_("not judged below the level before it confirms the period"),
}

rules = Blueprint("rules", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A ruling as it is listed: what holds, for whom, on which days, and who ruled it why."""

    number: int
    kind: str
    what: str
    whom: str
    days: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    """The page; `typed` is what stands in the form that was refused, under "kind" which one, `problem` says why."""

    flat: int
    in_force: Sequence[RuleRow]
    history: Sequence[RuleRow]
    units: Sequence[tuple[str, str]]
    levels: Sequence[tuple[str, str]]
    fields: Sequence[str]
    can_change: bool
    today: str
    reason_max: int
    typed: Mapping[str, str]
    problem: str


@rules.get("/rules")
def show() -> str:
    """The page; raises NotOfTheProvince."""
    return _shown({}, "")


@rules.post("/rules")
def change() -> Response | tuple[str, int]:
    """Adds a ruling or ends one; what cannot be is told on the page, with what was typed. Raises NotOfTheProvince."""
    _check_who_asks()
    typed = {name: value.strip()[:CELL_CHARACTERS_MAX] for name, value in request.form.items()}
    typed["reason"] = request.form.get("reason", "")[:REASON_CHARACTERS_MAX]
    try:
        _rule(typed)
    except FieldSyncError as error:
        return _shown(typed, error_text(error, language())), HTTPStatus.BAD_REQUEST
    return redirect(url_for("rules.show"), HTTPStatus.SEE_OTHER)


def _check_who_asks() -> None:
    if signed_in().person.role not in (Role.PROVINCE, Role.AUDITOR):
        raise NotOfTheProvince


def _rule(typed: Mapping[str, str]) -> None:
    """Does what a form asks for; raises what the service raises, BadRuling also for what is no number or no day."""
    kind, by, reason = typed.get("kind", ""), signed_in().person.username, typed["reason"]
    desk, last_on = typed.get("desk", ""), _day(typed["last_on"]) if typed.get("last_on") else None
    first_on = _day(typed.get("first_on", ""))
    unit, level = typed.get("unit") or None, UnitLevel(typed["level"]) if typed.get("level") in LEVEL_NAMES else None
    if kind == RulingKind.THRESHOLD:
        ruling.rule_threshold(
            central(),
            _count(typed.get("value", "")),
            first_on=first_on,
            by=by,
            reason=reason,
            unit=unit,
            level=level,
            months=_count(typed["months"]) if typed.get("months") else None,
            field_=typed.get("field", ""),
        )
    elif kind == RulingKind.EXISTENCE:
        days = _count(typed["days"]) if typed.get("days") else None
        value = typed.get("value") or typed.get("way", "")
        ruling.rule_existence(
            central(), value, first_on=first_on, by=by, reason=reason, unit=unit, level=level, days=days
        )
    elif kind == RulingKind.EXEMPT:
        ruling.exempt(central(), desk, first_on=first_on, last_on=last_on, by=by, reason=reason)
    elif kind == RulingKind.ELSEWHERE:
        software = typed.get("software", "")
        if not software:
            raise BadRuling
        ruling.note_other_software(central(), desk, software, first_on=first_on, last_on=last_on, by=by, reason=reason)
    elif kind == END:
        ruling.end(central(), _count(typed.get("number", "")), first_on=first_on, by=by, reason=reason)
    else:
        raise BadRequest


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(ruling.THRESHOLD_MAX))):
        raise BadRuling
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRuling from error


def _shown(typed: Mapping[str, str], problem: str) -> str:
    _check_who_asks()
    book, about = ruling.rule_book(central()), central().about()
    in_order = sorted(book.units.values(), key=lambda unit: (*unit.parents[::-1], unit.code))
    page = RulesPage(
        flat=about.threshold,
        in_force=[_row(each, book) for each in book.in_force],
        history=[_row(each, book) for each in reversed(book.rows)],
        units=[(unit.code, unit.name) for unit in in_order],
        levels=[(level.value, gettext(name)) for level, name in LEVEL_NAMES.items()],
        fields=book.fields,
        can_change=is_changer(),
        today=central().today().isoformat(),
        reason_max=REASON_CHARACTERS_MAX,
        typed=typed,
        problem=problem,
    )
    return render_template("rules.html", page=page)


def _row(each: Ruling, book: RuleBook) -> RuleRow:
    return RuleRow(
        number=each.number,
        kind=gettext(KIND_NAMES[each.kind]),
        what=_what(each),
        whom="; ".join(filter(None, (_whom(each, book), *_bounds(each)))),
        days=_days(each),
        reason=each.reason,
        by=each.ruled_by,
        at=each.ruled_at,
    )


def _what(each: Ruling) -> str:
    if each.value == NOT_ANY_MORE:
        return gettext("holds no more")
    if each.kind is RulingKind.EXEMPT:
        return gettext("not judged")
    if each.kind is RulingKind.ELSEWHERE:
        return each.value
    if each.value in EXISTENCE_WORDS:
        return gettext(EXISTENCE_WORDS[each.value])
    return gettext("%(count)s dossiers", count=number(int(each.value)))


def _whom(each: Ruling, book: RuleBook) -> str:
    if each.desk:
        return each.desk
    if each.unit_id:
        unit = book.units.get(each.unit_id)
        return gettext("%(unit)s and all below it", unit=unit.name) if unit else gettext("a unit of the past")
    return gettext(LEVEL_NAMES[each.level]) if each.level else gettext("All desks")


def _bounds(each: Ruling) -> list[str]:
    return [
        *([gettext("periods of %(count)s month(s)", count=number(each.months))] if each.months else []),
        *([gettext("existed for %(count)s days at the most", count=number(each.days))] if each.days else []),
        *([gettext("field %(field)s", field=each.field)] if each.field else []),
    ]


def _days(each: Ruling) -> str:
    if each.last_on is None:
        return gettext("from %(first)s", first=day_text(each.first_on))
    return gettext("from %(first)s to %(last)s", first=day_text(each.first_on), last=day_text(each.last_on))
