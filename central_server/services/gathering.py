"""What a report is composed of: what is counted of its desks, and what is said of them, in the caller's transaction."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from central_server.central import Central
from central_server.reports.counts import Counts, total
from central_server.reports.elsewhere import ToldFigure, external
from central_server.reports.external import VISITORS
from central_server.reports.layouts import EXTERNAL, LISTED, SCORING, Comparison, Cut, Layout
from central_server.reports.material import DeskFacts, Material, MonthCounted
from central_server.reports.procedure_numbers import with_facts
from central_server.reports.reference_figures import by_list
from central_server.reports.scoring_table import ScoredUnit, scoring
from central_server.services.assessing import DeskStanding
from central_server.services.covering import coverages
from central_server.services.external_figures import figures_of, visitors_by_day
from central_server.services.scoring import scoring_of
from central_server.services.snapshots import read_snapshot
from central_server.services.standing import Standings, is_known_of_fewer
from central_server.services.trends import Past, periods_before
from central_server.storage import counting, periods, procedures, reference, units
from central_server.storage.counting import Known
from central_server.storage.units import Scope, UnitNode
from sync_protocol.instants import local_date
from sync_protocol.periods import Period, PeriodSeries, UnknownPeriod
from sync_protocol.vocabulary import DeskCode


def gathered(
    central: Central, told: Standings, before: Past | None, layout: Layout, series: PeriodSeries, unit: UnitNode
) -> Material:
    """What is counted of the desks; earlier periods are counted by the same ledger, not as they were published."""
    codes = [each.desk.code for each in told.desks]
    known, today, period = coverages(codes), local_date(told.now), told.period
    listed = procedures.listed(period.last_on) if LISTED in layout.tables else []
    facts = procedures.facts(period.last_on)
    now = with_facts(counting.counts(period, known, today, codes), facts)

    compared = {each: compared_period(each, period, series) for each in layout.compared}

    def together(comparison: Comparison) -> Counts | None:
        asked = compared.get(comparison)
        return None if asked is None else _together(asked, known, today, codes)

    return Material(
        now=now,
        before=together(Comparison.BEFORE),
        year_before=together(Comparison.YEAR_BEFORE),
        desks={each.desk.code: _desk_facts(each, before) for each in told.desks},
        procedures=facts,
        by_clerk=counting.counts_by_clerk(period, known, today, codes) if len(codes) == 1 else {},
        months=_months(told, series, total(now.values()).carried_over)
        if Cut.MONTH in {table.cut for table in layout.tables}
        else (),
        is_running=told.is_open,
        known_of_fewer=[each for each, asked in compared.items() if asked and is_known_of_fewer(central, asked, told)],
        given={
            EXTERNAL.id: external(_told_elsewhere(told, unit)),
            **by_list(layout, listed, unit.level),
            **({SCORING.id: scoring(_scored(central, told))} if SCORING in layout.tables else {}),
        },
    )


def _scored(central: Central, told: Standings) -> Iterator[ScoredUnit]:
    for each in scoring_of(central, told).units:
        yield ScoredUnit(
            unit=(each.unit.code, each.unit.name),
            scores=each.scores,
            total=each.total,
            lowest=each.lowest,
            highest=each.highest,
        )


def _together(period: Period, known: Known, today: date, codes: Collection[DeskCode]) -> Counts:
    """All that is told of a period that another one is compared with."""
    counted = counting.counts_together(period, known, today, codes)
    return total(with_facts(counted, procedures.facts(period.last_on)).values())


def _told_elsewhere(told: Standings, unit: UnitNode) -> Iterator[ToldFigure]:
    """What the book says of the report's unit and of those below it that have desks, in this period or on its days."""
    of_desks = (node for each in told.desks for node in (each.desk.district, each.desk.unit))
    inside = (node for node in of_desks if units.is_inside(node, Scope(root=unit.id)))
    names = {node.id: (node.code, node.name) for node in (*inside, unit)}
    for each in figures_of(told.period, names):
        parts = None if each.numerator is None or each.denominator is None else (each.numerator, each.denominator)
        yield ToldFigure(
            indicator=each.indicator, unit=names[each.unit_id], value=each.value, parts=parts, source=each.source
        )
    days = _working_days(told)
    for sum_ in visitors_by_day(told.period, names):
        yield ToldFigure(
            indicator=VISITORS,
            unit=names[sum_.unit_id],
            value=sum_.value,
            parts=None,
            source="; ".join(sum_.sources),
            days=(len(days & sum_.days), len(days)),
        )


def _working_days(told: Standings) -> frozenset[date]:
    """The working days of a period, of one that runs those until the day of the report."""
    calendar, period = reference.calendar(), told.period
    last_on = min(period.last_on, local_date(told.now))
    days = (period.first_on + timedelta(days=each) for each in range((last_on - period.first_on).days + 1))
    return frozenset(day for day in days if calendar.is_working_day(day))


def _desk_facts(told: DeskStanding, before: Past | None) -> DeskFacts:
    desk = told.desk
    return DeskFacts(
        named=(desk.code, desk.name),
        district=(desk.district.code, desk.district.name),
        level=desk.unit.level,
        standing=told.judgement.standing,
        before=before.standings.get(desk.code) if before else None,
        entered=told.judgement.entered,
        is_known=told.is_known,
    )


def _months(told: Standings, series: PeriodSeries, carried_over: int) -> list[MonthCounted]:
    """The months of a period that is made of several, each with what it was published with where it is closed.

    carried_over  what the first one begins with; what is open when a month ends is what the next one begins with
    One to come is left out, but for what a wrong clock has put there: it is part of the whole, too.
    """
    codes, today = [each.desk.code for each in told.desks], local_date(told.now)
    months, found = months_of(told.period, series), []
    for month, flow in zip(months, counting.flows(months, codes) if months else [], strict=True):
        left = carried_over + flow.received_new - flow.resolved - flow.closed_other
        if month.first_on <= today or flow != Counts():
            found.append(
                MonthCounted(
                    period=month,
                    name=month_name(month),
                    counts=flow._replace(carried_over=carried_over, in_time=left),
                    published=_published(month, frozenset(codes)),
                )
            )
        carried_over = left
    return found


def compared_period(comparison: Comparison, period: Period, series: PeriodSeries) -> Period | None:
    """The period that one is compared with; None where there is none, as at the beginning of the calendar."""
    match comparison:
        case Comparison.BEFORE:
            return next(iter(periods_before(period, series, 1)), None)
        case Comparison.YEAR_BEFORE:
            return _a_year_before(period, series)


def month_name(month: Period) -> str:
    """What a report calls a month, ``10/2021``."""
    return f"{month.last_on.month:02d}/{month.last_on.year}"


def months_of(period: Period, series: PeriodSeries) -> list[Period]:
    """Oldest first; none of a period that is not made of months."""
    found: list[Period] = []
    if (series.month_count(period) or 0) > 1:
        month = series.containing(period.first_on)
        while month.last_on <= period.last_on:
            found.append(month)
            month = series.after(month)
    return found


def _published(month: Period, codes: Collection[DeskCode]) -> int | None:
    """What these desks were last published with; None of a month that is not closed."""
    published = [step.snapshot for step in periods.steps(month) if step.snapshot]
    if not published:
        return None
    return sum(int(desk["arrived"]) for desk in read_snapshot(published[-1]).desks if desk["desk"] in codes)


def _a_year_before(period: Period, series: PeriodSeries) -> Period | None:
    """The same months a year ago; None of a period that is not made of months, and at the beginning of the calendar."""
    count = series.month_count(period)
    if count is None:
        return None
    try:
        return series.months(period.last_on.year - 1, period.last_on.month, count=count)
    except UnknownPeriod:
        return None
