"""Scoring and classification by the nine indicators of TT 01/2018: pure; what is not known is told and never nothing.

Source: domain guide 10.6. Where it leaves a choice, the plainest reading is taken and named:
1, 2, 3 and 7 are of the dossiers resolved in the period; days are compared, as the law compares them. 2 is known of a
dossier that one agency alone has dealt with: there, its time is the total time. 3 counts how often papers were asked
for; whose fault that was is not told apart. Late without an upheld complaint gives nothing in 7. 9 is of dossiers
received online in the period, and none of them may have passed its day; of 30 % and more without 20 % of the
procedures it gives nothing, as the table says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import IntEnum, StrEnum
from fractions import Fraction

from central_server.reports.scoring_rules import ScoringRules
from sync_protocol.errors import N_
from sync_protocol.vocabulary import UnitLevel


class Criterion(IntEnum):
    """The nine, by their numbers in the circular."""

    TOTAL_TIME = 1
    AGENCY_TIME = 2
    CONTACTS = 3
    AGENCIES = 4
    AT_DESK = 5
    PUBLICITY = 6
    ATTITUDE = 7
    COMPLAINTS = 8
    ONLINE = 9


CRITERION_NAMES = {
    Criterion.TOTAL_TIME: N_("Total time against the law"),
    Criterion.AGENCY_TIME: N_("Time of each agency"),
    Criterion.CONTACTS: N_("Contacts to complete the dossier"),
    Criterion.AGENCIES: N_("Agencies contacted"),
    Criterion.AT_DESK: N_("Work done at the one-stop desk"),
    Criterion.PUBLICITY: N_("Publicity of procedures"),
    Criterion.ATTITUDE: N_("Attitude of the staff"),
    Criterion.COMPLAINTS: N_("Handling of complaints"),
    Criterion.ONLINE: N_("Online service"),
}
OF_PERSONS = (Criterion.TOTAL_TIME, Criterion.AGENCY_TIME, Criterion.CONTACTS, Criterion.AGENCIES, Criterion.ATTITUDE)
QUARTERS_A_YEAR = 4
NO_DOSSIER = N_("no dossier was resolved in the period")
NO_STATUTORY = N_("the legal limit of these procedures is not loaded")
NO_AGENCY_TIME = N_("the time of each agency is not known; enter it from its document")
NO_APPOINTMENT = N_("these dossiers have no appointment")
NO_COMPLAINT_BOOK = N_("nobody has told how many complaints there were")
NO_FIGURE = N_("not entered yet, with its document")
NOT_OF_PERSONS = N_("told of units only")
NO_SHARE_SET = N_("the share that gives 2 points is not set for this level")
NO_RECEIVED = N_("no dossier was received in the period")
NO_PROCEDURES_ONLINE = N_("the share of procedures offered online is not known")
NOT_COVERED = N_("whether dossiers filed online are overdue is not known yet")
NO_QUARTER = N_("known in none of the quarters")

OF_DOSSIERS = {
    Criterion.TOTAL_TIME: NO_STATUTORY,
    Criterion.AGENCY_TIME: NO_AGENCY_TIME,
    Criterion.CONTACTS: NO_DOSSIER,
    Criterion.ATTITUDE: NO_APPOINTMENT,
}
"""Those that are scored for each dossier from what its events tell, and why one may have no points there."""


class Against(StrEnum):
    """How the day of a result stands to another day; `UNKNOWN` where there is no such day."""

    EARLIER = "earlier"
    SAME = "same"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a resolved dossier went, as far as scoring asks.

    legal, promised  its result against the limit of the law, and against its appointment
    asked            how often papers were asked for
    is_one_agency    whether one agency alone dealt with it
    is_upheld        whether a complaint about it was upheld
    """

    legal: Against
    promised: Against
    asked: int
    is_one_agency: bool
    is_upheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The points of an indicator, with one decimal; None with the reason where they are not known.

    counted, of  of so many dossiers (in a year: quarters) out of so many; None where it is of no number of them
    source       the document that tells it, "" where it was counted
    """

    criterion: Criterion
    points: Decimal | None
    reason: str = ""
    counted: int | None = None
    of: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a whole, which is never empty."""

    part: int
    whole: int

    def reaches(self, percent: Decimal) -> bool:
        """Whether it is that much or more, exactly."""
        return Fraction(100 * self.part, self.whole) >= Fraction(percent)

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.part >= self.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineService:
    """What is known of dossiers received online; `procedures` is None where that share is not known."""

    dossiers: Share | None
    procedures: Share | None
    overdue: int
    due_unknown: int


class UnitClass(StrEnum):
    """The class of a unit."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    AVERAGE = "average"
    WEAK = "weak"


class PersonGrade(StrEnum):
    """How much of the task of a person counts as done."""

    FULL = "full"
    PART = "part"
    BELOW = "below"


CLASS_NAMES: Mapping[UnitClass | PersonGrade, str] = {
    UnitClass.EXCELLENT: N_("Class: excellent"),
    UnitClass.GOOD: N_("Class: good"),
    UnitClass.FAIR: N_("Class: fair"),
    UnitClass.AVERAGE: N_("Class: average"),
    UnitClass.WEAK: N_("Class: weak"),
    PersonGrade.FULL: N_("100 % of the task"),
    PersonGrade.PART: N_("70 % to under 100 % of the task"),
    PersonGrade.BELOW: N_("under 70 % of the task"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """The sum of the indicators that are known, of how many there are; `at_most` if the others gave all they can."""

    points: Decimal
    known: int
    of: int
    at_most: Decimal

    @property
    def is_whole(self) -> bool:
        """Whether every indicator is known."""
        return self.known == self.of


def dossier_scores(
    rules: ScoringRules, courses: Mapping[Course, int], *, upheld_apart: int = 0, are_complaints_known: bool
) -> list[Score]:
    """Points of the indicators of dossiers.

    courses       how many dossiers went which way
    upheld_apart  upheld complaints that name no dossier: each counts as one more dossier without points for attitude
    """
    scores = []
    for criterion, reason in OF_DOSSIERS.items():
        each = [(_points(rules, criterion, course), count) for course, count in courses.items()]
        more = upheld_apart if criterion is Criterion.ATTITUDE else 0
        scores.append(_mean_score(criterion, each, reason, without_points=more))
    if not are_complaints_known:
        scores[-1] = Score(criterion=Criterion.ATTITUDE, points=None, reason=NO_COMPLAINT_BOOK)
    return scores


def by_day(rules: ScoringRules, against: Against) -> Decimal | None:
    """Most before the day, half-way on it, nothing after it; None where there is no day."""
    points = {Against.EARLIER: rules.best, Against.SAME: rules.middle, Against.LATER: Decimal(0)}
    return points.get(against)


def by_number(rules: ScoringRules, number: int) -> Decimal:
    """Most for none, half-way for one, nothing for more."""
    return {0: rules.best, 1: rules.middle}.get(number, Decimal(0))


def attitude(rules: ScoringRules, course: Course) -> Decimal | None:
    """Nothing where a complaint was upheld, else by the day of the appointment."""
    return Decimal(0) if course.is_upheld else by_day(rules, course.promised)


def work_at_desk(rules: ScoringRules, level: UnitLevel, wholly: Share | None, returned: Share | None) -> Score:
    """Most where enough procedures are handled wholly at the desk; half-way where all come in and go out there."""
    needed = rules.wholly(level)
    points, reason = None, NO_FIGURE
    if wholly and (wholly.is_all or (needed is not None and wholly.reaches(needed))):
        points = rules.best
    elif wholly and needed is None:
        reason = NO_SHARE_SET
    elif wholly and returned:
        points = rules.middle if returned.is_all else Decimal(0)
    return Score(criterion=Criterion.AT_DESK, points=points, reason="" if points is not None else reason)


def handling(rules: ScoringRules, *, due: int, in_time: int, are_known: bool) -> Score:
    """Complaints whose answer fell due in the period: most where there was none or all were answered in time."""
    if not are_known:
        return Score(criterion=Criterion.COMPLAINTS, points=None, reason=NO_COMPLAINT_BOOK)
    share = Share(part=in_time, whole=due) if due else None
    if share is None or share.is_all:
        points = rules.best
    else:
        points = rules.middle if share.reaches(rules.answered) else Decimal(0)
    return Score(criterion=Criterion.COMPLAINTS, points=points)


def online(rules: ScoringRules, service: OnlineService) -> Score:
    """Online service; what cannot change the outcome need not be known."""
    points, reason = _online_points(rules, service)
    return Score(criterion=Criterion.ONLINE, points=points, reason=reason)


def told(criterion: Criterion, points: Decimal | None, source: str) -> Score:
    """Points that a document tells, as such; None where none does."""
    if points is None:
        return Score(criterion=criterion, points=None, reason=NO_FIGURE)
    return Score(criterion=criterion, points=one_decimal(Fraction(points)), source=source)


def total(rules: ScoringRules, scores: Sequence[Score]) -> Total:
    """The sum of what is known."""
    known = [each.points for each in scores if each.points is not None]
    points = sum(known, Decimal(0))
    missing = len(scores) - len(known)
    return Total(points=points, known=len(known), of=len(scores), at_most=points + missing * rules.best)


def unit_class(rules: ScoringRules, points: Decimal) -> UnitClass:
    """The class of a total; each bound belongs to the class above it: exactly 15 is Xuất sắc."""
    bounds = {
        UnitClass.EXCELLENT: rules.excellent,
        UnitClass.GOOD: rules.good,
        UnitClass.FAIR: rules.fair,
        UnitClass.AVERAGE: rules.average,
    }
    return next((each for each, least in bounds.items() if points >= least), UnitClass.WEAK)


def person_grade(rules: ScoringRules, points: Decimal) -> PersonGrade:
    """How much of the task counts as done; each bound belongs to the grade above it."""
    bounds = {PersonGrade.FULL: rules.person_full, PersonGrade.PART: rules.person_part}
    return next((each for each, least in bounds.items() if points >= least), PersonGrade.BELOW)


def year(quarters: Sequence[Sequence[Score]]) -> list[Score]:
    """A year's points: of each indicator the mean of the quarters in which it is known, with one decimal.

    The circular scores by quarter and by year and names no rule for the year; this is the plainest.
    """
    by_criterion: dict[Criterion, list[Score]] = {}
    for quarter in quarters:
        for score in quarter:
            by_criterion.setdefault(score.criterion, []).append(score)
    return [_year_score(criterion, scores) for criterion, scores in by_criterion.items()]


def one_decimal(exact: Fraction) -> Decimal:
    """One decimal, half up, in whole numbers, so that no half is lost; of nothing below 0."""
    return Decimal((20 * exact.numerator + exact.denominator) // (2 * exact.denominator)) / 10


def _points(rules: ScoringRules, criterion: Criterion, course: Course) -> Decimal | None:
    match criterion:
        case Criterion.TOTAL_TIME:
            return by_day(rules, course.legal)
        case Criterion.AGENCY_TIME:
            return by_day(rules, course.legal) if course.is_one_agency else None
        case Criterion.CONTACTS:
            return by_number(rules, course.asked)
        case _:
            return attitude(rules, course)


def _mean_score(
    criterion: Criterion, each: Sequence[tuple[Decimal | None, int]], reason: str, *, without_points: int
) -> Score:
    of = sum(count for _, count in each) + without_points
    known = [(points, count) for points, count in each if points is not None]
    counted = sum(count for _, count in known) + without_points
    if not counted:
        return Score(criterion=criterion, points=None, reason=reason if of else NO_DOSSIER, counted=0, of=of)
    exact = Fraction(sum((points * count for points, count in known), Decimal(0))) / counted
    return Score(criterion=criterion, points=one_decimal(exact), counted=counted, of=of)


def _online_points(rules: ScoringRules, service: OnlineService) -> tuple[Decimal | None, str]:
    if service.dossiers is None:
        return None, NO_RECEIVED
    if service.overdue or not service.dossiers.reaches(rules.online_some):
        return Decimal(0), ""
    points = rules.middle
    if service.dossiers.reaches(rules.online_dossiers):
        if service.procedures is None:
            return None, NO_PROCEDURES_ONLINE
        points = rules.best if service.procedures.reaches(rules.online_procedures) else Decimal(0)
    if service.due_unknown and points:
        return None, NOT_COVERED
    return points, ""


def _year_score(criterion: Criterion, scores: Sequence[Score]) -> Score:
    known = [each for each in scores if each.points is not None]
    bare = Score(criterion=criterion, points=None, reason=NO_QUARTER, counted=len(known), of=QUARTERS_A_YEAR)
    if not known:
        return bare
    points = sum((each.points for each in known if each.points is not None), Decimal(0))
    source = "; ".join(dict.fromkeys(each.source for each in known if each.source))
    return replace(bare, points=one_decimal(Fraction(points) / len(known)), reason="", source=source)
