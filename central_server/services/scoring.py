"""Scores of units and persons in a period: by dossiers, by complaints, by documents; what nobody has told is no score.

A quarter, or any other period, is scored by its dossiers; a year by those of its quarters that have ended.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from central_server.central import Central
from central_server.reports import scoring as points
from central_server.reports.counts import Counts, total
from central_server.reports.scoring import (
    OF_PERSONS,
    QUARTERS_A_YEAR,
    Course,
    Criterion,
    OnlineService,
    PersonGrade,
    Score,
    Share,
    Total,
    UnitClass,
)
from central_server.reports.scoring_rules import ScoringRules, rules_on
from central_server.services import standing
from central_server.services.covering import coverages
from central_server.services.resolved_courses import UnitClerk, courses, legal_limits
from central_server.services.scoring_evidence import Evidence, evidence_of
from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import Standings
from central_server.storage import counting, units
from central_server.storage import scoring as stored
from central_server.storage.database import snapshot
from central_server.storage.units import DeskNode, Scope, UnitNode
from sync_protocol.instants import local_date
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import Channel

MONTHS_A_QUARTER = 3
CODE_CHARACTERS_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A unit, or one of its clerks, with the points of each indicator; `clerk` is "" for the unit itself.

    lowest, highest  the class, or the grade of a person, if what is not known gave nothing, and if it gave all it can
    """

    unit: UnitNode
    clerk: str
    scores: Sequence[Score]
    total: Total
    lowest: UnitClass | PersonGrade
    highest: UnitClass | PersonGrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """The scores of a period, as known at `as_of`.

    is_year, quarters  whether it is made of quarters, and those of them that have ended
    covered, desks     desks that are known to the period's end, of how many; below all of them points may still change
    """

    period: Period
    as_of: datetime
    rules: ScoringRules
    is_year: bool
    quarters: Sequence[Period]
    covered: int
    desks: int
    units: Sequence[Scored]
    persons: Sequence[Scored]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the scores of a period follow from: how dossiers went, those received by desk and channel, and the rest."""

    courses: Mapping[UnitClerk, Counter[Course]]
    counts: Mapping[tuple[str, Channel], Counts]
    evidence: Evidence


def scores(central: Central, scope: Scope, period: Period, *, unit_id: str | None = None) -> Scoring:
    """The scores of the units that a scope may see; `unit_id` narrows them to a subtree. Raises UnknownUnit."""
    with snapshot(central.database):
        if unit_id:
            _check_inside(unit_id, scope, period)
        return scoring_of(central, standing.standings(central, scope, period, under=unit_id))


def scoring_of(central: Central, told: Standings) -> Scoring:
    """The scores of the units of desks, inside the caller's transaction."""
    quarters = quarters_of(told.period, central.about().series)
    nodes = [each.desk for each in told.desks]
    rules = rules_on(stored.rule_rows(), told.period.last_on)
    ended = [each for each in quarters if each.ends_at <= told.now]
    found = [_scored(central, each, nodes, rules, told.now) for each in (ended if quarters else [told.period])]
    rows = _rows(_year(found) if quarters else found[0], {node.unit.id: node.unit for node in nodes}, rules)
    return Scoring(
        period=told.period,
        as_of=told.now,
        rules=rules,
        is_year=bool(quarters),
        quarters=ended,
        covered=told.covered_count,
        desks=len(nodes),
        units=[row for row in rows if not row.clerk],
        persons=[row for row in rows if row.clerk],
    )


def quarters_of(period: Period, series: PeriodSeries) -> list[Period]:
    """Those of a year, the first one first; none of any other period."""
    if series.month_count(period) != MONTHS_A_QUARTER * QUARTERS_A_YEAR:
        return []
    found = [series.months(period.last_on.year, period.last_on.month, count=MONTHS_A_QUARTER)]
    while len(found) < QUARTERS_A_YEAR:
        found.append(series.before(found[-1]))
    return found[::-1]


def _check_inside(unit_id: str, scope: Scope, period: Period) -> None:
    if units.unit(unit_id, period.last_on, scope) is None:
        raise UnknownUnit(unit=unit_id[:CODE_CHARACTERS_MAX])


def _rows(
    found: Mapping[UnitClerk, Sequence[Score]], of_units: Mapping[str, UnitNode], rules: ScoringRules
) -> list[Scored]:
    rows = [_row(of_units[unit], clerk, each, rules) for (unit, clerk), each in found.items()]
    return sorted(rows, key=lambda row: (row.unit.code, row.clerk))


def _row(unit: UnitNode, clerk: str, each: Sequence[Score], rules: ScoringRules) -> Scored:
    total_, class_of = points.total(rules, each), points.person_grade if clerk else points.unit_class
    return Scored(
        unit=unit,
        clerk=clerk,
        scores=each,
        total=total_,
        lowest=class_of(rules, total_.points),
        highest=class_of(rules, total_.at_most),
    )


def _year(quarters: Sequence[Mapping[UnitClerk, Sequence[Score]]]) -> dict[UnitClerk, list[Score]]:
    keys = dict.fromkeys(key for quarter in quarters for key in quarter)
    return {key: points.year([quarter[key] for quarter in quarters if key in quarter]) for key in keys}


def _scored(
    central: Central, period: Period, nodes: Sequence[DeskNode], rules: ScoringRules, now: datetime
) -> dict[UnitClerk, list[Score]]:
    """The scores of each unit, under no clerk, and of each of its clerks."""
    by_unit: dict[str, list[DeskNode]] = {}
    for node in nodes:
        by_unit.setdefault(node.unit.id, []).append(node)
    facts = _facts(central, period, nodes, local_date(now))
    apart = facts.evidence.upheld_apart()
    found: dict[UnitClerk, list[Score]] = {}
    for id_, desks in by_unit.items():
        unit = desks[0].unit
        are_known = facts.evidence.are_complaints_known(unit)
        gone = {clerk: each for (of, clerk), each in facts.courses.items() if of == id_}
        for clerk, each in {**gone, "": sum(gone.values(), Counter())}.items():
            of_dossiers = points.dossier_scores(
                rules, each, upheld_apart=apart[id_, clerk], are_complaints_known=are_known
            )
            found[id_, clerk] = _of_person(of_dossiers) if clerk else _of_unit(rules, unit, desks, of_dossiers, facts)
    return found


def _facts(central: Central, period: Period, nodes: Sequence[DeskNode], today: date) -> _Facts:
    codes, evidence = [node.code for node in nodes], evidence_of(period, [node.unit for node in nodes])
    limits = legal_limits(central, nodes, period.last_on)
    return _Facts(
        courses=courses(period, nodes, limits, evidence.upheld_codes),
        counts=counting.counts_by_channel(period, coverages(codes), today, codes),
        evidence=evidence,
    )


def _of_person(of_dossiers: Sequence[Score]) -> list[Score]:
    by_criterion = {each.criterion: each for each in of_dossiers}
    nobodys = Score(criterion=Criterion.AGENCIES, points=None, reason=points.NOT_OF_PERSONS)
    return [by_criterion.get(criterion, nobodys) for criterion in OF_PERSONS]


def _of_unit(
    rules: ScoringRules, unit: UnitNode, desks: Sequence[DeskNode], of_dossiers: Sequence[Score], facts: _Facts
) -> list[Score]:
    evidence = facts.evidence
    found = {each.criterion: each for each in of_dossiers}
    agency_time, source = evidence.points("score_agency_time", unit)
    if agency_time is not None:
        found[Criterion.AGENCY_TIME] = points.told(Criterion.AGENCY_TIME, agency_time, source)
    found[Criterion.AGENCIES] = points.told(Criterion.AGENCIES, *evidence.points("score_agencies", unit))
    found[Criterion.PUBLICITY] = points.told(Criterion.PUBLICITY, *evidence.points("score_publicity", unit))
    wholly, by = evidence.share("procedures_on_the_spot", unit)
    returned, also_by = evidence.share("procedures_received_at_desk", unit)
    at_desk = points.work_at_desk(rules, unit.level, wholly, returned)
    found[Criterion.AT_DESK] = replace(at_desk, source="; ".join(filter(None, dict.fromkeys((by, also_by)))))
    due, in_time = evidence.answers(unit)
    found[Criterion.COMPLAINTS] = points.handling(
        rules, due=due, in_time=in_time, are_known=evidence.are_complaints_known(unit)
    )
    offered, by = evidence.share("procedures_online", unit)
    found[Criterion.ONLINE] = replace(points.online(rules, _online(desks, offered, facts)), source=by)
    return [found[criterion] for criterion in Criterion]


def _online(desks: Sequence[DeskNode], offered: Share | None, facts: _Facts) -> OnlineService:
    by_channel = {
        channel: total(facts.counts.get((desk.code, channel), Counts()) for desk in desks) for channel in Channel
    }
    received = sum(each.received_new for each in by_channel.values())
    online = by_channel[Channel.ONLINE]
    return OnlineService(
        dossiers=Share(part=online.received_new, whole=received) if received else None,
        procedures=offered,
        overdue=online.resolved_late + online.overdue,
        due_unknown=online.due_unknown,
    )
