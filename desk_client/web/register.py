"""The register book (*sổ theo dõi hồ sơ*): all dossiers received between two days, to be looked at and taken along."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, render_template, request, url_for

from desk_client.services.exporting import EXPORT_ROWS_MAX, register_between, register_count
from desk_client.services.standing import periods_offered
from desk_client.web.exports import REGISTER_COLUMNS, exported, register_cells
from desk_client.web.formatting import day_text, number, short_day
from desk_client.web.forms import today
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of
from desk_client.web.typed import parse_day
from sync_protocol.errors import N_
from sync_protocol.periods import Period

SHOWN_ROWS = 100
DAY_MAX = 20
BAD_DAYS = N_("Type the days as day/month/year, the earlier one first. The days of the present period are shown.")

register = Blueprint("register", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days of reception, both inclusive."""

    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A period that is one press away."""

    words: str
    url: str
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """The beginning of the register of some days; `told` says how much of it stands on the page."""

    status: StatusLine
    first_on: str
    last_on: str
    offered: list[Offered]
    columns: list[str]
    rows: list[list[str]]
    count: str
    told: str
    xlsx_url: str
    csv_url: str
    problem: str


@register.get("/register")
def page() -> str:
    """The register of the days asked for, else of the present period."""
    span, problem = _span()
    count = register_count(desk(), span.first_on, span.last_on)
    rows = _rows(span, SHOWN_ROWS)
    shown = RegisterPage(
        status=status_line_of(desk()),
        first_on=day_text(span.first_on),
        last_on=day_text(span.last_on),
        offered=[
            _offered(Span(first_on=each.first_on, last_on=each.last_on), span) for each in periods_offered(desk())
        ],
        columns=[gettext(words) for words, _ in REGISTER_COLUMNS],
        rows=rows,
        count=number(count),
        told=_told(len(rows), count),
        xlsx_url=_export_url("xlsx", span),
        csv_url=_export_url("csv", span),
        problem=problem,
    )
    return render_template("register.html", page=shown)


@register.get("/register/export.<kind>")
def export(kind: str) -> Response:
    """The register as a file for a spreadsheet."""
    span, _ = _span()
    return exported(kind, gettext("Register book"), REGISTER_COLUMNS, _rows(span, EXPORT_ROWS_MAX))


def _span() -> tuple[Span, str]:
    """The days of the address, as a form or a link gives them; the present period where they are none."""
    offered = _span_of(periods_offered(desk())[0])
    first, last = (request.args.get(name, "")[:DAY_MAX].strip() for name in ("first", "last"))
    if not first and not last:
        return offered, ""
    try:
        asked = Span(first_on=_day(first or last), last_on=_day(last or first))
    except ValueError:
        return offered, gettext(BAD_DAYS)
    return (asked, "") if asked.first_on <= asked.last_on else (offered, gettext(BAD_DAYS))


def _span_of(period: Period) -> Span:
    return Span(first_on=period.first_on, last_on=period.last_on)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return parse_day(text, today())


def _offered(each: Span, shown: Span) -> Offered:
    return Offered(
        words=f"{short_day(each.first_on)}–{day_text(each.last_on)}",
        url=url_for("register.page", first=each.first_on.isoformat(), last=each.last_on.isoformat()),
        is_shown=each == shown,
    )


def _export_url(kind: str, span: Span) -> str:
    return url_for("register.export", kind=kind, first=span.first_on.isoformat(), last=span.last_on.isoformat())


def _rows(span: Span, limit: int) -> list[list[str]]:
    procedures = desk().packs().procedures
    lines = register_between(desk(), span.first_on, span.last_on, limit)
    rows = []
    for row_number, (line, content) in enumerate(lines, start=1):
        procedure = procedures.get(line.procedure_code)
        name, area = (procedure.name, procedure.field) if procedure else (line.procedure_code, "")
        rows.append(register_cells(row_number, line, content, name, area))
    return rows


def _told(shown: int, count: int) -> str:
    if count <= shown:
        return ""
    if count > EXPORT_ROWS_MAX:
        return gettext(
            "The first %(shown)s of %(count)s stand here. A file takes %(most)s at the most; choose fewer days.",
            shown=number(shown),
            count=number(count),
            most=number(EXPORT_ROWS_MAX),
        )
    return gettext(
        "The first %(shown)s of %(count)s stand here; the file has them all.", shown=number(shown), count=number(count)
    )
