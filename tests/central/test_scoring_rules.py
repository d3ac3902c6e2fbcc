"""Scoring by TT 01/2018: every edge of its tables, and a year of dossiers against points added up by hand."""

from collections import Counter
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_server.reports import scoring
from central_server.reports.scoring import (
    Against,
    Course,
    Criterion,
    OnlineService,
    PersonGrade,
    Score,
    Share,
    Total,
    UnitClass,
)
from central_server.reports.scoring_rules import RuleSet, ScoringRules, rules_on
from sync_protocol.vocabulary import UnitLevel

RULES = ScoringRules()
TENTHS = [Decimal(tenths) / 10 for tenths in range(181)]
COURSES = st.builds(
    Course,
    legal=st.sampled_from(Against),
    promised=st.sampled_from(Against),
    asked=st.integers(0, 4),
    is_one_agency=st.booleans(),
    is_upheld=st.booleans(),
)


def points_of(score: Score) -> str | None:
    return None if score.points is None else str(score.points)


@pytest.mark.parametrize(
    ("points", "name"),
    [
        ("18.0", "excellent"),
        ("15.1", "excellent"),
        ("15.0", "excellent"),
        ("14.9", "good"),
        ("12.0", "good"),
        ("11.9", "fair"),
        ("9.0", "fair"),
        ("8.9", "average"),
        ("6.0", "average"),
        ("5.9", "weak"),
        ("0.0", "weak"),
    ],
)
def test_each_edge_of_a_class_belongs_to_the_class_above_it(points: str, name: str) -> None:
    assert scoring.unit_class(RULES, Decimal(points)) is UnitClass(name)


def test_every_total_that_there_can_be_has_the_class_of_the_circular() -> None:
    classes = Counter(scoring.unit_class(RULES, points).value for points in TENTHS)

    assert classes == {"excellent": 31, "good": 30, "fair": 30, "average": 30, "weak": 60}


@pytest.mark.parametrize(
    ("points", "grade"),
    [("10", "full"), ("5.0", "full"), ("4.9", "part"), ("3.5", "part"), ("3.4", "below"), ("0", "below")],
)
def test_each_edge_of_a_persons_grade_belongs_to_the_grade_above_it(points: str, grade: str) -> None:
    assert scoring.person_grade(RULES, Decimal(points)) is PersonGrade(grade)


@pytest.mark.parametrize(
    ("against", "points"),
    [(Against.EARLIER, 2), (Against.SAME, 1), (Against.LATER, 0), (Against.UNKNOWN, None)],
)
def test_time_gives_2_before_the_day_1_on_it_and_0_after_it(against: Against, points: int | None) -> None:
    assert scoring.by_day(RULES, against) == points


@pytest.mark.parametrize(("asked", "points"), [(0, 2), (1, 1), (2, 0), (7, 0)])
def test_contacts_give_2_for_none_1_for_one_and_0_for_more(asked: int, points: int) -> None:
    assert scoring.by_number(RULES, asked) == points


@pytest.mark.parametrize(
    ("promised", "is_upheld", "points"),
    [
        (Against.EARLIER, False, 2),
        (Against.SAME, False, 1),
        (Against.LATER, False, 0),
        (Against.UNKNOWN, False, None),
        (Against.EARLIER, True, 0),
        (Against.UNKNOWN, True, 0),
    ],
)
def test_attitude_is_of_the_appointment_unless_a_complaint_was_upheld(
    promised: Against, is_upheld: bool, points: int | None
) -> None:
    course = Course(legal=Against.UNKNOWN, promised=promised, asked=0, is_one_agency=True, is_upheld=is_upheld)

    assert scoring.attitude(RULES, course) == points


@pytest.mark.parametrize(
    ("level", "wholly", "returned", "points"),
    [
        (UnitLevel.COMMUNE, (100, 100), None, 2),
        (UnitLevel.COMMUNE, (99, 100), (100, 100), 1),
        (UnitLevel.COMMUNE, (99, 100), (99, 100), 0),
        (UnitLevel.COMMUNE, (99, 100), None, None),
        (UnitLevel.COMMUNE, None, (100, 100), None),
        (UnitLevel.PROVINCE, (99, 100), (100, 100), None),
        (UnitLevel.PROVINCE, (100, 100), None, 2),
    ],
)
def test_work_at_the_desk_is_known_only_with_the_shares_that_it_needs(
    level: UnitLevel, wholly: tuple[int, int] | None, returned: tuple[int, int] | None, points: int | None
) -> None:
    shares = [Share(part=each[0], whole=each[1]) if each else None for each in (wholly, returned)]

    score = scoring.work_at_desk(RULES, level, *shares)

    assert score.points == points
    assert bool(score.reason) is (points is None)


@pytest.mark.parametrize(
    ("in_time", "due", "points"),
    [(0, 0, 2), (10, 10, 2), (9, 10, 1), (90, 100, 1), (89, 100, 0), (899, 1000, 0), (0, 1, 0)],
)
def test_complaints_give_2_in_time_1_from_90_percent_and_0_below(in_time: int, due: int, points: int) -> None:
    assert scoring.handling(RULES, due=due, in_time=in_time, are_known=True).points == points


def test_complaints_that_nobody_has_told_of_are_not_taken_for_none() -> None:
    score = scoring.handling(RULES, due=0, in_time=0, are_known=False)

    assert (score.points, score.reason) == (None, scoring.NO_COMPLAINT_BOOK)


@pytest.mark.parametrize(
    ("dossiers", "procedures", "overdue", "due_unknown", "points"),
    [
        ((30, 100), (20, 100), 0, 0, 2),
        ((2999, 10000), (20, 100), 0, 0, 1),
        ((30, 100), (19, 100), 0, 0, 0),
        ((30, 100), (20, 100), 1, 0, 0),
        ((30, 100), (20, 100), 0, 1, None),
        ((30, 100), None, 0, 0, None),
        ((15, 100), None, 0, 0, 1),
        ((15, 100), None, 1, 0, 0),
        ((15, 100), None, 0, 1, None),
        ((1499, 10000), None, 0, 0, 0),
        ((0, 5), None, 0, 5, 0),
        (None, (100, 100), 0, 0, None),
    ],
)
def test_online_service_has_exact_edges_and_nothing_that_is_unknown_counts(
    dossiers: tuple[int, int] | None,
    procedures: tuple[int, int] | None,
    overdue: int,
    due_unknown: int,
    points: int | None,
) -> None:
    of_dossiers, of_procedures = (
        Share(part=each[0], whole=each[1]) if each else None for each in (dossiers, procedures)
    )

    score = scoring.online(
        RULES,
        OnlineService(dossiers=of_dossiers, procedures=of_procedures, overdue=overdue, due_unknown=due_unknown),
    )

    assert score.points == points
    assert bool(score.reason) is (points is None)


@given(st.lists(COURSES, max_size=30), st.integers(0, 3))
def test_points_of_dossiers_are_those_added_up_one_by_one(courses: list[Course], apart: int) -> None:
    days = {"earlier": 2, "same": 1, "later": 0}
    by_hand: dict[int, list[int]] = {1: [], 2: [], 3: [], 7: [0] * apart}
    for each in courses:
        if each.legal != "unknown":
            by_hand[1].append(days[each.legal])
            if each.is_one_agency:
                by_hand[2].append(days[each.legal])
        by_hand[3].append(max(0, 2 - each.asked))
        if each.is_upheld:
            by_hand[7].append(0)
        elif each.promised != "unknown":
            by_hand[7].append(days[each.promised])

    scores = scoring.dossier_scores(RULES, Counter(courses), upheld_apart=apart, are_complaints_known=True)

    for score in scores:
        points = by_hand[int(score.criterion)]
        mean = Decimal(sum(points)) / len(points) if points else None
        assert score.points == (mean if mean is None else mean.quantize(Decimal("0.1"), ROUND_HALF_UP))
        assert score.counted == len(points)
        assert bool(score.reason) is (mean is None)


@given(st.integers(0, 10_000), st.integers(1, 5_000))
def test_one_decimal_is_rounded_half_up(part: int, whole: int) -> None:
    exact = Fraction(part, whole)

    tenths = (Decimal(20 * part + whole) / Decimal(2 * whole)).to_integral_value(ROUND_FLOOR)
    assert scoring.one_decimal(exact) == tenths / 10
    assert scoring.one_decimal(Fraction(5, 100)) == Decimal("0.1")
    assert scoring.one_decimal(Fraction(145, 100)) == Decimal("1.5")


def test_without_a_word_about_complaints_attitude_is_not_known() -> None:
    courses = {
        Course(legal=Against.SAME, promised=Against.SAME, asked=0, is_one_agency=True, is_upheld=False): 4,
    }

    scores = scoring.dossier_scores(RULES, courses, are_complaints_known=False)

    assert [points_of(each) for each in scores] == ["1", "1", "2", None]
    assert scores[-1].reason == scoring.NO_COMPLAINT_BOOK


def test_a_total_says_of_how_many_it_is_and_what_it_could_be() -> None:
    scores = [
        Score(criterion=Criterion.TOTAL_TIME, points=Decimal("1.5")),
        Score(criterion=Criterion.CONTACTS, points=Decimal(2)),
        Score(criterion=Criterion.AGENCIES, points=None, reason=scoring.NO_FIGURE),
    ]

    told = scoring.total(RULES, scores)

    assert told == Total(points=Decimal("3.5"), known=2, of=3, at_most=Decimal("5.5"))
    assert not told.is_whole


def test_a_year_is_the_mean_of_the_quarters_in_which_it_is_known() -> None:
    quarters = [
        [Score(criterion=Criterion.TOTAL_TIME, points=Decimal(each) if each else None)]
        for each in ("1.9", "1.8", "", "2.0")
    ]

    [of_year] = scoring.year(quarters)

    assert (of_year.points, of_year.counted, of_year.of) == (Decimal("1.9"), 3, 4)


def test_a_year_of_unknown_quarters_is_unknown() -> None:
    [of_year] = scoring.year([[Score(criterion=Criterion.AGENCIES, points=None, reason=scoring.NO_FIGURE)]])

    assert (of_year.points, of_year.reason) == (None, scoring.NO_QUARTER)


def test_what_a_province_has_set_holds_from_its_day_on_and_not_before() -> None:
    rows = [
        RuleSet(name="excellent", valid_from=date(2022, 1, 1), value=Decimal(16), source="QĐ 12/QĐ-UBND"),
        RuleSet(name="excellent", valid_from=date(2023, 1, 1), value=Decimal(14), source="QĐ 15/QĐ-UBND"),
        RuleSet(name="wholly_district", valid_from=date(2023, 1, 1), value=Decimal(50), source="QĐ 15/QĐ-UBND"),
    ]

    before, first, last = (rules_on(rows, date(year, 6, 30)) for year in (2021, 2022, 2023))

    assert before == ScoringRules()
    assert (first.excellent, first.sources) == (Decimal(16), ("TT 01/2018/TT-VPCP", "QĐ 12/QĐ-UBND"))
    assert (last.excellent, last.wholly_district, last.good) == (Decimal(14), Decimal(50), Decimal(12))
    assert last.sources == ("TT 01/2018/TT-VPCP", "QĐ 15/QĐ-UBND")


def test_numbers_that_contradict_one_another_are_refused() -> None:
    with pytest.raises(ValueError, match="15"):
        ScoringRules(good=Decimal(15)).check()
    with pytest.raises(ValueError, match="3"):
        ScoringRules(online_some=Decimal(40)).check()
