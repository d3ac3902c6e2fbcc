"""The text for the press: it tells no other number than the tables, and claims nothing that they do not show."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from central_server.app import create_app
from central_server.central import Central
from central_server.reports.choices import Choices, RateBasis
from central_server.reports.composing import KNOWN_OF_FEWER
from central_server.reports.counts import Counts
from central_server.reports.layouts import Comparison
from central_server.reports.rates import Rate
from central_server.reports.report import Part, Provenance, Report
from central_server.web.report_words import sentence_text
from tests.central.composed import OCTOBER, by_desk, composed, material

Draw = Callable[[Report], str]
RUNNING = Provenance(
    as_of=datetime(2021, 10, 4, 2, tzinfo=UTC), units_on=OCTOBER.last_on, rules={}, ledger="", snapshot=""
)


@pytest.fixture
def drawn(central: Central) -> Iterator[Draw]:
    """The text of a report, in English."""
    with create_app(central).test_request_context("/"), force_locale("en"):
        yield lambda report: "\n".join(sentence_text(report, each) for each in report.text)


def done(early: int, late: int = 0, **more: int) -> Counts:
    """So many resolved early and late, and nothing else."""
    return Counts(received_direct=early + late, resolved_early=early, resolved_late=late, **more)


def test_the_first_sentence_tells_what_was_received_and_how(drawn: Draw) -> None:
    report = composed(material(Counts(received_direct=1_000, received_online=200, received_post=34, in_time=1_234)))

    assert drawn(report).splitlines()[0] == (
        "In month 10/2021 (21/09/2021 to 20/10/2021), Tỉnh Thử Nghiệm newly received 1,234 dossiers, of which 1,000 in"
        " person, 200 online (16.21%) and 34 by public post."
    )


@pytest.mark.parametrize(
    ("counts", "ending"),
    [
        (Counts(received_direct=1, in_time=1), "newly received 1 dossiers in person."),
        (Counts(received_online=2, in_time=2), "newly received 2 dossiers online."),
        (Counts(received_post=2, in_time=2), "newly received 2 dossiers by public post."),
        (Counts(received_direct=1, received_post=1, in_time=2), "of which 1 in person and 1 by public post."),
        (Counts(received_online=1, received_post=1, in_time=2), "of which 1 online (50%) and 1 by public post."),
        (Counts(), "received no dossier."),
    ],
)
def test_a_channel_through_which_nothing_came_is_not_told(drawn: Draw, counts: Counts, ending: str) -> None:
    assert drawn(composed(material(counts))).splitlines()[0].endswith(ending)


@pytest.mark.parametrize(
    ("now", "rate"),
    [
        (done(24_999, 1), "99.99% (24,999 of 25,000 dossiers, of those due)"),
        (done(7), "100% (7 of 7 dossiers, of those due)"),
        (done(0, 7), "0% (0 of 7 dossiers, of those due)"),
        (done(1, 25_000), "0.01% (1 of 25,001 dossiers, of those due)"),
    ],
)
def test_a_rate_is_told_as_all_or_none_only_where_it_is(drawn: Draw, now: Counts, rate: str) -> None:
    """24,999 of 25,000 is 99.996 %, which rounding would make all."""
    assert f"The rate in time is {rate}." in drawn(composed(material(now)))


def test_a_rate_of_nothing_is_not_told(drawn: Draw) -> None:
    assert "rate" not in drawn(composed(material(Counts(received_direct=3, in_time=3))))


def test_a_rate_is_told_with_the_base_that_was_chosen(drawn: Draw) -> None:
    report = composed(material(done(1, overdue=0)), choices=Choices(basis=RateBasis.RECEIVED))

    assert "100% (1 of 1 dossiers, of those newly received)" in drawn(report)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (Counts(received_direct=100, in_time=100), "up by 100 (100%)."),
        (Counts(received_direct=400, in_time=400), "down by 200 (50%)."),
        (Counts(received_direct=201, in_time=201), "about the same as in the period before (201)."),
        (Counts(received_direct=200, in_time=200), "exactly as many as in the period before."),
        (Counts(), "In the period before, no dossier was received."),
    ],
)
def test_a_change_has_the_word_that_the_rules_give_it(drawn: Draw, before: Counts, told: str) -> None:
    report = composed(material(Counts(received_direct=200, in_time=200), before=before))

    assert told in drawn(report)


def test_without_an_earlier_period_nothing_is_compared(drawn: Draw) -> None:
    assert "before" not in drawn(composed(material(Counts(received_direct=200, in_time=200))))


def test_the_rate_has_changed_by_points(drawn: Draw) -> None:
    report = composed(material(done(95, 5), before=done(90, 10)))

    assert "the rate in time is up by 5 percentage points." in drawn(report)


def test_provisional_figures_say_so_and_how_many_desks_are_missing(drawn: Draw) -> None:
    report = composed(material(done(3)), covered=32, desks=40)

    assert drawn(report).splitlines()[1] == (
        "The figures are provisional: 8 of 40 one-stop desks are not yet known to the period's end."
    )


@pytest.mark.parametrize("told", [{"covered": 0}, {"provenance": RUNNING}])
def test_while_figures_may_grow_only_a_rise_is_told(drawn: Draw, told: dict[str, Any]) -> None:
    more, fewer = done(95, 5), done(40, 1)

    fallen = drawn(composed(material(fewer, before=more), **told))
    risen = drawn(composed(material(more, before=fewer), **told))

    assert "period before" not in fallen
    assert "dossiers newly received are up by 59" in risen
    assert "percentage points" not in risen


@pytest.mark.parametrize(
    ("before", "told"),
    [(done(190, 10), "down by 100 (50%)."), (done(90), ""), (done(99), ""), (done(95, 5), ""), (Counts(), "")],
)
def test_against_a_period_that_is_known_of_fewer_desks_only_a_fall_is_told(
    drawn: Draw, before: Counts, told: str
) -> None:
    report = composed(material(done(95, 5), before=before, known_of_fewer=[Comparison.BEFORE]))

    text = drawn(report)

    assert told in text
    assert ("period before" in text) is bool(told)
    assert "percentage points" not in text
    assert KNOWN_OF_FEWER[Comparison.BEFORE] in next(each for each in report.sections if each.id == "summary").notes


def test_a_year_before_that_is_not_known_says_nothing_of_the_period_before(drawn: Draw) -> None:
    fewer = done(40, 1)
    of = material(done(95, 5), before=fewer, year_before=fewer, known_of_fewer=[Comparison.YEAR_BEFORE])

    text = drawn(composed(of, "quarterly"))

    assert "Against the period before, dossiers newly received are up by 59" in text
    assert "a year before" not in text


def test_nothing_that_has_arrived_is_not_nothing(drawn: Draw) -> None:
    report = composed(material(Counts()), covered=0)

    assert drawn(report).startswith("Of month 10/2021 (21/09/2021 to 20/10/2021), no dossier of Tỉnh Thử Nghiệm has")


def test_restated_figures_say_so(drawn: Draw) -> None:
    assert "times restated: 2." in drawn(composed(material(done(3)), restated=2))


def test_what_is_due_and_not_known_is_told_outside_the_rate(drawn: Draw) -> None:
    report = composed(material(done(8, 2, received_online=5, due_unknown=5)))

    assert "Of 5 dossiers that fell due the result is not known yet" in drawn(report)
    assert "80% (8 of 10 dossiers" in drawn(report)


def test_best_and_worst_are_told_by_name_and_not_where_too_many_share_a_place(drawn: Draw) -> None:
    apart = by_desk(done(9, 1), done(8, 2), done(8, 2), done(5, 5))
    equal = by_desk(done(9, 1), done(9, 1), done(9, 1), done(9, 1))

    told, untold = drawn(composed(apart)), drawn(composed(equal))

    assert "Huyện A came first (90%) and Huyện D last (50%)" in told
    assert "came first" not in untold


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("2021-Q3", "In quarter III of 2021 ("),
        ("2021", "In the year 2021 ("),
        ("2021-09-21..2021-10-19", "In the time from 21/09/2021"),
    ],
)
def test_a_period_is_named_as_people_name_it(drawn: Draw, name: str, told: str) -> None:
    assert drawn(composed(material(done(3)), period_name=name)).startswith(told)


NUMBERS = st.integers(0, 40)


@given(
    values=st.lists(st.tuples(*[NUMBERS] * 8), min_size=3, max_size=3),
    covered=st.integers(0, 1),
)
def test_every_place_of_a_sentence_is_a_figure_that_the_report_has(values: list[tuple[int, ...]], covered: int) -> None:
    now, before, year_before = (
        Counts(
            carried_over=early + on_time,
            received_direct=late + overdue,
            received_online=unknown,
            received_post=closed + no_limit,
            resolved_early=early,
            resolved_on_time=on_time,
            resolved_late=late,
            overdue=overdue,
            due_unknown=unknown,
            withdrawn=closed,
            resolved_no_limit=no_limit,
            delivered_post=delivered,
        )
        for early, on_time, late, overdue, unknown, closed, no_limit, delivered in values
    )
    report = composed(material(now, before=before, year_before=year_before), covered=covered)

    own = {"period", "unit", "as_of", "desks", "covered", "missing", "restated"}
    for sentence in report.text:
        assert set(re.findall(r"%\((\w+)\)s", sentence.text)) - own == {*sentence.figures, *sentence.names}
        for at in sentence.figures.values():
            found = report.at(at)[1]
            assert found is not None
            assert not isinstance(found, Rate) or found.denominator or at.part is not Part.VALUE


def test_a_form_has_no_text() -> None:
    assert composed(material(done(3)), layout="ii06a").text == []


def test_each_figure_of_the_text_names_where_it_stands() -> None:
    first = composed(material(done(3))).text[0]

    assert str(first.figures["received"]) == "summary/received_new/now"
