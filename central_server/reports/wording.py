"""The text for the press: sentences about figures of the report, each left out where its figure says nothing.

The words are those of provincial reports. No sentence draws a conclusion; a change is told by the rules of
`reports.changes`, a rate with what it is made of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from central_server.reports.changes import CountChange, Direction, RateChange
from central_server.reports.choices import Choices
from central_server.reports.composing import KNOWN_OF_FEWER
from central_server.reports.elsewhere import BY_DAY
from central_server.reports.layouts import EXTERNAL, Comparison
from central_server.reports.rates import Rate
from central_server.reports.report import Cell, FigureAt, Part, Report, Row, Section, Sentence
from sync_protocol.errors import N_

NAMES_MAX = 3
"""Of more units with the same rate none is named: a list of them is a table."""

CHANNELS = ("received_direct", "received_online", "received_post")
RECEIVED: Mapping[tuple[bool, ...], str] = {
    (True, True, True): N_(
        "In %(period)s, %(unit)s newly received %(received)s dossiers, of which %(direct)s in person, %(online)s online"
        " (%(online_share)s) and %(post)s by public post."
    ),
    (True, True, False): N_(
        "In %(period)s, %(unit)s newly received %(received)s dossiers, of which %(direct)s in person and %(online)s"
        " online (%(online_share)s)."
    ),
    (True, False, True): N_(
        "In %(period)s, %(unit)s newly received %(received)s dossiers, of which %(direct)s in person and %(post)s by"
        " public post."
    ),
    (False, True, True): N_(
        "In %(period)s, %(unit)s newly received %(received)s dossiers, of which %(online)s online (%(online_share)s)"
        " and %(post)s by public post."
    ),
    (True, False, False): N_("In %(period)s, %(unit)s newly received %(received)s dossiers in person."),
    (False, True, False): N_("In %(period)s, %(unit)s newly received %(received)s dossiers online."),
    (False, False, True): N_("In %(period)s, %(unit)s newly received %(received)s dossiers by public post."),
}
"""By the channels through which any came: in person, online, by public post."""

NOTHING_RECEIVED = N_("In %(period)s, %(unit)s received no dossier.")
NOTHING_ARRIVED = N_("Of %(period)s, no dossier of %(unit)s has arrived yet.")
RUNNING = N_("The period has not ended: the figures are those of %(as_of)s.")
PROVISIONAL = N_(
    "The figures are provisional: %(missing)s of %(desks)s one-stop desks are not yet known to the period's end."
)
RESTATED = N_("The figures published of this period were restated; times restated: %(restated)s.")

RECEIVED_CHANGE: Mapping[str, Mapping[Direction, str]] = {
    "change": {
        Direction.UP: N_("Against the period before, dossiers newly received are up by %(difference)s (%(percent)s)."),
        Direction.DOWN: N_(
            "Against the period before, dossiers newly received are down by %(difference)s (%(percent)s)."
        ),
        Direction.STEADY: N_("Dossiers newly received are about the same as in the period before (%(then)s)."),
        Direction.SAME: N_("Dossiers newly received are exactly as many as in the period before."),
        Direction.FIRST: N_("In the period before, no dossier was received."),
    },
    "year_change": {
        Direction.UP: N_("Against a year before, dossiers newly received are up by %(difference)s (%(percent)s)."),
        Direction.DOWN: N_("Against a year before, dossiers newly received are down by %(difference)s (%(percent)s)."),
        Direction.STEADY: N_("Dossiers newly received are about the same as a year before (%(then)s)."),
        Direction.SAME: N_("Dossiers newly received are exactly as many as a year before."),
        Direction.FIRST: N_("A year before, no dossier was received."),
    },
}
COMPARISON = {"change": Comparison.BEFORE, "year_change": Comparison.YEAR_BEFORE}
"""The period that a column of changes compares with; its counts stand in the column of that name."""

WORKLOAD = N_("With %(carried)s carried over from the period before, %(workload)s dossiers were in hand in all.")
RESOLVED = N_("%(resolved)s dossiers were resolved: %(early)s early, %(on_time)s on the day, %(late)s late.")
RESOLVED_NO_LIMIT = N_(
    "%(resolved)s dossiers were resolved: %(early)s early, %(on_time)s on the day, %(late)s late, %(no_limit)s without"
    " a limit."
)
RATE = N_("The rate in time is %(rate)s (%(numerator)s of %(denominator)s dossiers, %(basis)s).")
RATE_CHANGE: Mapping[Direction, str] = {
    Direction.UP: N_("Against the period before, the rate in time is up by %(points)s percentage points."),
    Direction.DOWN: N_("Against the period before, the rate in time is down by %(points)s percentage points."),
    Direction.STEADY: N_("The rate in time is about the same as in the period before (%(then)s)."),
    Direction.SAME: N_("The rate in time is exactly that of the period before."),
}
CLOSED_OTHER = N_("%(closed_other)s dossiers ended without a result: sent back, withdrawn or stopped.")
IN_PROCESS = N_("At the end of the period %(in_process)s dossiers were in process.")
OVERDUE = N_("%(overdue)s dossiers were overdue without a result.")
DUE_UNKNOWN = N_(
    "Of %(due_unknown)s dossiers that fell due the result is not known yet; they are in no rate of this report."
)
DELIVERED = N_("%(delivered)s results were handed over.")
BEST_AND_WORST = N_(
    "By the rate in time, %(best)s came first (%(best_rate)s) and %(worst)s last (%(worst_rate)s) of the units ranked."
)
MOST_RECEIVED = N_("%(most)s newly received the most dossiers (%(received)s).")
ZERO = N_("One-stop desks that entered no dossier (confirmed): %(zero)s.")
FEW = N_("One-stop desks that entered few dossiers (confirmed): %(few)s.")
ENTRY_UNKNOWN = N_("One-stop desks of which it is not known whether they entered enough: %(unknown)s.")

VISITORS_BY_DAY = N_(
    "Visitors: %(visitors)s, added up from days (told of %(days)s working days), according to %(source)s."
)
TOLD_ELSEWHERE = {
    "visitors": N_("Visitors: %(visitors)s, according to %(source)s."),
    "visitors_a_day": N_("Visitors a day: %(visitors_a_day)s, according to %(source)s."),
}
"""By the figure from elsewhere that a sentence tells of the report's own unit, with the document that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Summary:
    """The summary of a report, asked by its rows and columns."""

    report: Report
    cells: Mapping[tuple[str, str], Cell]
    notes: Sequence[str]

    def count(self, figure: str) -> int:
        """A number of dossiers in the period."""
        value = self.cells[figure, "now"]
        assert isinstance(value, int), f"{figure} is a count"
        return value

    def may_have_been_more(self, column: str) -> bool:
        """Whether the period that a column of changes compares with is known of fewer desks than this one."""
        return KNOWN_OF_FEWER[COMPARISON[column]] in self.notes

    def about(self, text: str, **figures: str) -> Sentence:
        """A sentence about figures of the period, by the places that they have in it."""
        return Sentence(text=text, figures={place: _now(figure) for place, figure in figures.items()})


def sentences(report: Report, choices: Choices) -> list[Sentence]:
    """The text of a report that has a summary; none of another."""
    section = _section(report, "summary")
    if section is None:
        return []
    summary = _Summary(
        report=report,
        cells={
            (row.key, column.id): cell
            for row in section.rows
            for column, cell in zip(section.columns, row.cells, strict=True)
        },
        notes=section.notes,
    )
    rate = choices.figure("on_time_rate")
    assert rate, "every basis has its rate"
    paragraphs = (_reception(summary), _work(summary, rate), _units(report), _told_elsewhere(report))
    return [each for paragraph in paragraphs for each in _opened(list(paragraph))]


def _opened(paragraph: list[Sentence]) -> list[Sentence]:
    """A paragraph whose first sentence opens it."""
    return [
        Sentence(text=each.text, figures=each.figures, names=each.names, opens=at == 0)
        for at, each in enumerate(paragraph)
    ]


def _reception(summary: _Summary) -> Iterator[Sentence]:
    yield _received(summary)
    yield from _reservations(summary.report)
    for column in RECEIVED_CHANGE:
        yield from _received_change(summary, column)
    if summary.count("carried_over"):
        yield summary.about(WORKLOAD, carried="carried_over", workload="workload")


def _received(summary: _Summary) -> Sentence:
    if not summary.count("received_new"):
        return Sentence(text=NOTHING_ARRIVED if _may_grow(summary.report) else NOTHING_RECEIVED)
    came = tuple(summary.count(channel) > 0 for channel in CHANNELS)
    places = {
        "received": "received_new",
        "direct": "received_direct",
        "online": "received_online",
        "online_share": "online_share",
        "post": "received_post",
    }
    text = RECEIVED[came]
    return summary.about(text, **{place: figure for place, figure in places.items() if f"%({place})s" in text})


def _reservations(report: Report) -> Iterator[Sentence]:
    """What the reader has to know before a figure is quoted."""
    if report.is_running:
        yield Sentence(text=RUNNING)
    if report.is_provisional:
        yield Sentence(text=PROVISIONAL)
    if report.restated:
        yield Sentence(text=RESTATED)


def _received_change(summary: _Summary, column: str) -> Iterator[Sentence]:
    change = summary.cells.get(("received_new", column))
    if not isinstance(change, CountChange) or not change.now or not _is_told(summary, column, change.direction):
        return
    text = RECEIVED_CHANGE[column].get(change.direction)
    if text is None:
        return
    at = {
        "difference": FigureAt(section="summary", row="received_new", column=column, part=Part.DIFFERENCE),
        "percent": FigureAt(section="summary", row="received_new", column=column, part=Part.PERCENT),
        "then": FigureAt(section="summary", row="received_new", column=COMPARISON[column].value),
    }
    yield Sentence(text=text, figures={place: figure for place, figure in at.items() if f"%({place})s" in text})


def _is_told(summary: _Summary, column: str, direction: Direction) -> bool:
    """Whether what is still on its way cannot undo it; see `changes.RULES`."""
    holds_now = direction is Direction.UP or not _may_grow(summary.report)
    return holds_now and (direction is Direction.DOWN or not summary.may_have_been_more(column))


def _may_grow(report: Report) -> bool:
    return report.is_provisional or report.is_running


def _work(summary: _Summary, rate: str) -> Iterator[Sentence]:
    if summary.count("resolved"):
        places = {"early": "resolved_early", "on_time": "resolved_on_time", "late": "resolved_late"}
        if summary.count("resolved_no_limit"):
            yield summary.about(RESOLVED_NO_LIMIT, resolved="resolved", no_limit="resolved_no_limit", **places)
        else:
            yield summary.about(RESOLVED, resolved="resolved", **places)
    yield from _rate(summary, rate)
    for figure, text in (
        ("closed_other", CLOSED_OTHER),
        ("in_process", IN_PROCESS),
        ("overdue", OVERDUE),
        ("due_unknown", DUE_UNKNOWN),
        ("delivered", DELIVERED),
    ):
        if summary.count(figure):
            yield summary.about(text, **{figure: figure})


def _rate(summary: _Summary, rate: str) -> Iterator[Sentence]:
    now = summary.cells[rate, "now"]
    if not isinstance(now, Rate) or not now.denominator:
        return
    parts = {"numerator": Part.NUMERATOR, "denominator": Part.DENOMINATOR, "basis": Part.BASIS}
    figures = {place: _now(rate, part) for place, part in parts.items()}
    yield Sentence(text=RATE, figures={"rate": _now(rate)} | figures)
    change = summary.cells.get((rate, "change"))
    # A rate may move either way while dossiers are still on their way.
    if not isinstance(change, RateChange) or change.direction not in RATE_CHANGE:
        return
    if _may_grow(summary.report) or summary.may_have_been_more("change"):
        return
    text = RATE_CHANGE[change.direction]
    at = {
        "points": FigureAt(section="summary", row=rate, column="change", part=Part.DIFFERENCE),
        "then": FigureAt(section="summary", row=rate, column="before"),
    }
    yield Sentence(text=text, figures={place: figure for place, figure in at.items() if f"%({place})s" in text})


def _units(report: Report) -> Iterator[Sentence]:
    yield from _best_and_worst(report)
    yield from _most_received(report)
    idle = _section(report, "idle")
    if idle is None:
        return
    for column, text in (("zero", ZERO), ("few", FEW), ("unknown", ENTRY_UNKNOWN)):
        at = FigureAt(section="idle", row="", column=column)
        if report.at(at)[1]:
            yield Sentence(text=text, figures={column: at})


def _told_elsewhere(report: Report) -> Iterator[Sentence]:
    section = _section(report, EXTERNAL.id)
    told = {row.key: row for row in section.rows} if section else {}
    for figure, text in TOLD_ELSEWHERE.items():
        key = f"{figure}.{report.unit_code}"
        if key in told:
            is_by_day = BY_DAY in told[key].cells
            columns = {figure: "value", "source": "source"} | ({"days": "parts"} if is_by_day else {})
            figures = {
                place: FigureAt(section=EXTERNAL.id, row=key, column=column) for place, column in columns.items()
            }
            yield Sentence(text=VISITORS_BY_DAY if is_by_day else text, figures=figures)


def _best_and_worst(report: Report) -> Iterator[Sentence]:
    section = _section(report, "ranking_on_time")
    if section is None or not section.rows:
        return
    best, worst = _ranked_as(section, section.rows[0]), _ranked_as(section, section.rows[-1])
    if best == worst or max(len(best), len(worst)) > NAMES_MAX:
        return
    yield Sentence(
        text=BEST_AND_WORST,
        figures={"best_rate": best[0], "worst_rate": worst[0]},
        names={"best": best, "worst": worst},
    )


def _most_received(report: Report) -> Iterator[Sentence]:
    section = _section(report, "ranking_received")
    if section is None or not section.rows:
        return
    most = _ranked_as(section, section.rows[0])
    if report.at(most[0])[1] and len(most) <= NAMES_MAX and len(most) < len(section.rows):
        yield Sentence(text=MOST_RECEIVED, figures={"received": most[0]}, names={"most": most})


def _ranked_as(section: Section, row: Row) -> list[FigureAt]:
    """The figures that rows of one rank are ranked by; the rank stands first, the figure next."""
    figure = section.columns[1].id
    return [
        FigureAt(section=section.id, row=each.key, column=figure)
        for each in section.rows
        if each.cells[0] == row.cells[0]
    ]


def _section(report: Report, id_: str) -> Section | None:
    return next((each for each in report.sections if each.id == id_), None)


def _now(figure: str, part: Part = Part.VALUE) -> FigureAt:
    return FigureAt(section="summary", row=figure, column="now", part=part)
