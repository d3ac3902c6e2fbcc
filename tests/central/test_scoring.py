"""Scores of units and persons: points added up by hand from what desks have sent, and nothing that nobody has told."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from peewee import PeeweeException

from central_server.central import Central
from central_server.reports import scoring as points
from central_server.reports.scoring import Criterion, Score
from central_server.services import complaints, external_figures, founding, scoring
from central_server.services.complaints import BadComplaint
from central_server.services.lines import BadFile
from central_server.services.resolved_courses import legal_limits
from central_server.services.signing_in import UnknownUnit
from central_server.storage import units
from central_server.storage.database import reading, write_transaction
from central_server.storage.scoring import ResolvedDossier
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.deadlines import promised_at
from sync_protocol.instants import local_date, local_instant
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import Channel
from tests.central.test_counting import at_ten, working
from tests.central.writing import Writer
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock, reception

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
LIMITS = """code,limit_value,limit_unit,fee_basis,channels,note,statutory_value,statutory_unit
1.004873,2,working_day,per_case,direct|online|post,,3,working_day
2.000815,0,same_day,per_page,direct|online|post,,,
"""
MONDAY = date(2021, 10, 4)
COMPLAINT = {
    "received_on": "2021-10-11",
    "unit_code": "08707",
    "finding": "upheld",
    "answer_due_on": "2021-10-18",
    "answered_on": "2021-10-18",
    "document": "Kết luận số 3/KL-UBND",
}


@pytest.fixture
def desk(central: Central, clock: StandingClock) -> Writer:
    """A machine of a commune's desk that promises 2 working days where the law allows 3."""
    founding.load(central, "limits", LIMITS)
    writer = working(central, DESK, b"1" * 32)
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    return writer


def resolve(writer: Writer, received_on: date, resolved_on: date, *, clerk: str = "truong", **said: str) -> str:
    """Seals a dossier with its result and gives its code."""
    code = f"{writer.device.desk}-{received_on:%y%m%d}-{1000 + next(writer.serials)}"
    about = reception(dossier_code=code, **said)
    subject = writer.write("receive", about, {received_on: 1}, happened_at=at_ten(received_on), pack=2, clerk=clerk)
    writer.write("resolve", {"result_kind": "granted"}, subject=subject, happened_at=at_ten(resolved_on), pack=2)
    return code


def tell(central: Central, indicator: str, value: str, *, unit: str = "08707", period: Period = OCTOBER) -> None:
    told = {"indicator": indicator, "unit_code": unit, "period": str(period), "value": value, "source": "BC số 9"}
    external_figures.add(central, EVERYTHING, told, by="tinh")


def of_unit(central: Central, period: Period = OCTOBER, code: str = "08707") -> dict[Criterion, Score]:
    """The scores of a unit by their indicators."""
    [row] = [each for each in scoring.scores(central, EVERYTHING, period).units if each.unit.code == code]
    return {each.criterion: each for each in row.scores}


def five_ways(writer: Writer) -> None:
    """Received on Monday 4 October: appointment on Wednesday, the law's limit on Thursday; one waited for papers."""
    for day in (5, 6, 7, 8):
        resolve(writer, MONDAY, date(2021, 10, day))
    about = reception(dossier_code=f"{DESK}-211004-2000")
    subject = writer.write("receive", about, {MONDAY: 1}, happened_at=at_ten(MONDAY), pack=2)
    asked = {"papers": "Giấy khai sinh", "reason": "Còn thiếu"}
    writer.write("request_supplement", asked, subject=subject, happened_at=at_ten(MONDAY), pack=2)
    writer.write("supplement_received", {}, subject=subject, happened_at=at_ten(date(2021, 10, 6)), pack=2)
    writer.write("resolve", {"result_kind": "granted"}, subject=subject, happened_at=at_ten(date(2021, 10, 8)), pack=2)


def test_dossiers_give_the_points_that_were_added_up_by_hand(desk: Writer, central: Central) -> None:
    """Against the law 2 + 2 + 1 + 0, against the appointment 2 + 1 + 0 + 0; papers came on the 6th, so both begin
    again there: before the law's 11th 2, on the appointment's 8th 1, and one contact 1."""
    five_ways(desk)
    desk.send()
    tell(central, "complaints_received", "0")

    found = of_unit(central)

    assert {int(each): found[each].points for each in (Criterion.TOTAL_TIME, Criterion.AGENCY_TIME)} == {
        1: Decimal("1.4"),
        2: Decimal("1.4"),
    }
    assert found[Criterion.CONTACTS].points == Decimal("1.8")
    assert found[Criterion.ATTITUDE].points == Decimal("0.8")
    assert found[Criterion.COMPLAINTS].points == 2
    assert (found[Criterion.TOTAL_TIME].counted, found[Criterion.TOTAL_TIME].of) == (5, 5)


def test_what_nobody_has_told_has_no_points_and_a_reason(desk: Writer, central: Central) -> None:
    resolve(desk, MONDAY, MONDAY, procedure_code="2.000815")
    desk.send()

    found = of_unit(central)

    assert {int(each.criterion): each.reason for each in found.values() if each.points is None} == {
        1: points.NO_STATUTORY,
        2: points.NO_AGENCY_TIME,
        4: points.NO_FIGURE,
        5: points.NO_FIGURE,
        6: points.NO_FIGURE,
        7: points.NO_COMPLAINT_BOOK,
        8: points.NO_COMPLAINT_BOOK,
    }
    [row] = [each for each in scoring.scores(central, EVERYTHING, OCTOBER).units if each.unit.code == "08707"]
    assert (row.total.known, row.total.of, row.total.points) == (2, 9, Decimal(2))


def test_what_documents_tell_counts_with_its_source(desk: Writer, central: Central) -> None:
    for indicator, value in (
        ("score_agency_time", "1,25"),
        ("score_agencies", "1"),
        ("score_publicity", "2"),
        ("procedures_on_the_spot", "90"),
        ("procedures_received_at_desk", "100"),
    ):
        tell(central, indicator, value)

    found = of_unit(central)

    assert {int(each.criterion): str(each.points) for each in found.values() if each.source} == {
        2: "1.3",
        4: "1",
        5: "1",
        6: "2",
    }
    assert {each.source for each in found.values()} == {"BC số 9", ""}


def test_an_upheld_complaint_takes_the_points_of_its_dossier_and_of_its_clerk(desk: Writer, central: Central) -> None:
    about = resolve(desk, MONDAY, date(2021, 10, 5), clerk="an.nv")
    resolve(desk, MONDAY, date(2021, 10, 5), clerk="binh.tt")
    desk.send()
    complaints.record(central, EVERYTHING, COMPLAINT | {"dossier_code": about}, by="tinh")
    tell(central, "complaints_received", "1")

    told = scoring.scores(central, EVERYTHING, OCTOBER)

    assert of_unit(central)[Criterion.ATTITUDE].points == 1
    by_clerk = {each.clerk: each.scores[-1].points for each in told.persons}
    assert by_clerk == {"an.nv": 0, "binh.tt": 2}


def test_an_upheld_complaint_about_no_dossier_counts_as_one_more_without_points(desk: Writer, central: Central) -> None:
    resolve(desk, MONDAY, date(2021, 10, 5))
    desk.send()
    complaints.record(central, EVERYTHING, COMPLAINT, by="tinh")
    tell(central, "complaints_received", "1")

    attitude = of_unit(central)[Criterion.ATTITUDE]

    assert (attitude.points, attitude.counted) == (Decimal(1), 2)


@pytest.mark.parametrize(("told", "unit", "is_known"), [("1", "08707", True), ("2", "08707", False), ("1", "26", True)])
def test_complaints_are_known_only_where_the_number_told_is_that_of_the_book(
    desk: Writer, central: Central, told: str, unit: str, is_known: bool
) -> None:
    complaints.record(central, EVERYTHING, COMPLAINT, by="tinh")
    tell(central, "complaints_received", told, unit=unit)

    handled = of_unit(central)[Criterion.COMPLAINTS]

    assert (handled.points is not None) is is_known


@pytest.mark.parametrize(("answered_on", "handled"), [("2021-10-18", 2), ("2021-10-19", 0), ("", 0)])
def test_an_answer_is_in_time_to_the_end_of_its_day(
    desk: Writer, central: Central, answered_on: str, handled: int
) -> None:
    complaints.record(central, EVERYTHING, COMPLAINT | {"answered_on": answered_on}, by="tinh")
    tell(central, "complaints_received", "1")

    assert of_unit(central)[Criterion.COMPLAINTS].points == handled


def test_a_correction_goes_before_what_it_corrects_and_both_stay(desk: Writer, central: Central) -> None:
    number = complaints.record(central, EVERYTHING, COMPLAINT, by="tinh")
    complaints.record(central, EVERYTHING, COMPLAINT | {"finding": "mistaken"}, by="tinh", corrects=number)
    tell(central, "complaints_received", "0")

    found = of_unit(central)

    assert found[Criterion.COMPLAINTS].points == 2
    lines = complaints.book(central, EVERYTHING)
    assert [(each.told.complaint, each.is_standing) for each in lines] == [(number, True), (number, False)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"received_on": "2021-10-32"},
        {"received_on": "2021-10-26"},
        {"answer_due_on": "2021-10-10"},
        {"answered_on": "2021-10-10"},
        {"answered_on": "2021-10-26"},
        {"unit_code": "99"},
        {"finding": "perhaps"},
        {"document": ""},
        {"document": "x" * 201},
    ],
)
def test_a_complaint_that_cannot_be_is_refused(central: Central, desk: Writer, wrong: dict[str, str]) -> None:
    with pytest.raises(BadComplaint):
        complaints.record(central, EVERYTHING, COMPLAINT | wrong, by="tinh")

    assert complaints.book(central, EVERYTHING) == []


def test_a_complaint_of_another_area_is_neither_seen_nor_corrected(central: Central, desk: Writer) -> None:
    number = complaints.record(central, EVERYTHING, COMPLAINT, by="tinh")
    with reading(central.database):
        foreign = units.unit_by_code("246", OCTOBER.last_on)
    assert foreign
    scope = Scope(root=foreign.id)

    with pytest.raises(BadComplaint):
        complaints.record(central, scope, COMPLAINT, by="lapthach", corrects=number)

    assert complaints.book(central, scope) == []


@pytest.mark.parametrize("query", ["UPDATE complaint SET finding = 'pending'", "DELETE FROM complaint"])
def test_a_complaint_is_never_changed_or_removed(central: Central, desk: Writer, query: str) -> None:
    complaints.record(central, EVERYTHING, COMPLAINT, by="tinh")

    with pytest.raises(PeeweeException), write_transaction(central.database):
        central.database.execute_sql(query)

    assert len(complaints.book(central, EVERYTHING)) == 1


@pytest.mark.parametrize(("online", "direct", "points_"), [(2, 2, 1), (1, 6, 0), (3, 17, 1), (29, 71, 1)])
def test_online_service_is_of_the_dossiers_received_online(
    desk: Writer, central: Central, online: int, direct: int, points_: int
) -> None:
    for channel, count in (("online", online), ("direct", direct)):
        for _ in range(count):
            resolve(desk, MONDAY, date(2021, 10, 5), channel=channel)
    desk.send()
    if online == direct:
        tell(central, "procedures_online", "20")

    found = of_unit(central)[Criterion.ONLINE].points

    assert found == (2 if online == direct else points_)


def test_one_dossier_received_online_and_late_takes_all_points_of_online_service(
    desk: Writer, central: Central
) -> None:
    resolve(desk, MONDAY, date(2021, 10, 7), channel="online")
    desk.send()
    tell(central, "procedures_online", "100")

    assert of_unit(central)[Criterion.ONLINE].points == 0


def test_a_year_is_made_of_its_quarters_that_have_ended(desk: Writer, central: Central, clock: StandingClock) -> None:
    resolve(desk, MONDAY, date(2021, 10, 5))
    resolve(desk, date(2021, 9, 6), date(2021, 9, 9))
    desk.send()
    clock.at = datetime(2022, 1, 10, 2, tzinfo=UTC)

    told = scoring.scores(central, EVERYTHING, SERIES.months(2021, 12, count=12))

    assert [str(each) for each in told.quarters] == [
        "2020-12-21..2021-03-20",
        "2021-03-21..2021-06-20",
        "2021-06-21..2021-09-20",
        "2021-09-21..2021-12-20",
    ]
    found = of_unit(central, told.period)
    assert (found[Criterion.TOTAL_TIME].points, found[Criterion.TOTAL_TIME].counted) == (Decimal("1.5"), 2)


def test_a_person_is_scored_by_the_dossiers_that_the_person_received(desk: Writer, central: Central) -> None:
    resolve(desk, MONDAY, date(2021, 10, 5), clerk="an.nv")
    resolve(desk, MONDAY, date(2021, 10, 8), clerk="binh.tt")
    desk.send()
    tell(central, "complaints_received", "0")

    told = scoring.scores(central, EVERYTHING, OCTOBER)

    by_clerk = {each.clerk: [score.points for score in each.scores] for each in told.persons}
    assert by_clerk == {"an.nv": [2, 2, 2, None, 2], "binh.tt": [0, 0, 2, None, 0]}
    assert {each.total.of for each in told.persons} == {5}


def test_only_what_a_scope_may_see_is_scored(desk: Writer, central: Central) -> None:
    resolve(working(central, OTHER_DESK, b"2" * 32), MONDAY, date(2021, 10, 5))
    with reading(central.database):
        own, foreign = (units.unit_by_code(code, OCTOBER.last_on) for code in ("08707", "246"))
    assert own
    assert foreign

    told = scoring.scores(central, Scope(root=own.id), OCTOBER)

    assert [each.unit.code for each in told.units] == ["08707"]
    with pytest.raises(UnknownUnit):
        scoring.scores(central, Scope(root=own.id), OCTOBER, unit_id=foreign.id)


def test_the_numbers_of_the_province_hold_from_their_day_on(desk: Writer, central: Central) -> None:
    founding.load(central, "scoring-rules", "name,value,valid_from,source\nexcellent,16,2021-10-01,QĐ 12/QĐ-UBND\n")

    october, september = (scoring.scores(central, EVERYTHING, SERIES.month(2021, month)).rules for month in (10, 9))

    assert (october.excellent, september.excellent) == (Decimal(16), Decimal(15))


@pytest.mark.parametrize(
    "line",
    ["weather,1,2021-10-01,QĐ 1", "good,15,2021-10-01,QĐ 1", "good,x,2021-10-01,QĐ 1", "good,-1,2021-10-01,QĐ 1",
     "good,NaN,2021-10-01,QĐ 1", "good,11,,QĐ 1", "good,11,2021-10-01,"],
)  # fmt: skip
def test_a_number_of_scoring_that_cannot_be_is_refused(desk: Writer, central: Central, line: str) -> None:
    with pytest.raises(BadFile):
        founding.load(central, "scoring-rules", f"name,value,valid_from,source\n{line}\n")

    assert scoring.scores(central, EVERYTHING, OCTOBER).rules.good == 12


def test_every_unit_of_the_scope_has_each_indicator_once(desk: Writer, central: Central) -> None:
    five_ways(desk)
    desk.send()

    told = scoring.scores(central, EVERYTHING, OCTOBER)

    assert {tuple(score.criterion for score in each.scores) for each in told.units} == {tuple(Criterion)}
    assert Counter(each.unit.code for each in told.units).most_common(1)[0][1] == 1


@pytest.mark.parametrize("is_forwarded_next_day", [False, True])
def test_the_day_of_the_laws_limit_is_that_of_each_dossier_by_itself(
    desk: Writer, central: Central, is_forwarded_next_day: bool
) -> None:
    """Of those of a day few are walked through the calendar; whatever the order, none gets another one's day."""
    if is_forwarded_next_day:
        founding.load(central, "rules", "name,value,valid_from\nafter_15h_starts_next_day,on,\n")
    minutes = [*range(0, 24 * 60, 17), 15 * 60, 15 * 60 + 1, 17 * 60, 17 * 60 + 1]
    Random(6).shuffle(minutes)
    midnight = local_instant(MONDAY, datetime.min.time())
    with reading(central.database):
        nodes = [each for each in units.desks(EVERYTHING, MONDAY) if each.code == DESK]
        limits = legal_limits(central, nodes, OCTOBER.last_on)

    for minute in minutes:
        received_at = midnight + timedelta(minutes=minute)
        dossier = ResolvedDossier(
            desk=DESK,
            dossier_code="",
            procedure_code="1.004873",
            channel=Channel.DIRECT,
            received_ms=round(received_at.timestamp() * 1000),
            received_on=MONDAY,
            received_by="truong",
            due_on=None,
            ended_on=MONDAY,
            whole=None,
        )
        alone = promised_at(limits.packs[DESK], "1.004873", Channel.DIRECT, received_at)

        assert alone
        assert limits.due_on(dossier) == local_date(alone), minute


def test_a_quarter_that_runs_is_no_part_of_its_year_yet(desk: Writer, central: Central) -> None:
    told = scoring.scores(central, EVERYTHING, SERIES.months(2021, 12, count=12))

    assert (told.is_year, [each.last_on.month for each in told.quarters]) == (True, [3, 6, 9])


def test_an_extension_moves_the_appointment_and_not_the_laws_limit(desk: Writer, central: Central) -> None:
    """Due by the law on Thursday 7 October, extended to the 12th, resolved on the 11th: late, and yet early."""
    about = reception(dossier_code=f"{DESK}-211004-2000")
    subject = desk.write("receive", about, {MONDAY: 1}, happened_at=at_ten(MONDAY), pack=2)
    extended = {"reason": "Chờ xác minh", "due_on": "2021-10-12"}
    desk.write("extend", extended, subject=subject, happened_at=at_ten(date(2021, 10, 6)), pack=2)
    resolved_at = at_ten(date(2021, 10, 11))
    desk.write("resolve", {"result_kind": "granted"}, subject=subject, happened_at=resolved_at, pack=2)
    desk.send()
    tell(central, "complaints_received", "0")

    found = of_unit(central)

    assert (found[Criterion.TOTAL_TIME].points, found[Criterion.ATTITUDE].points) == (Decimal(0), Decimal(2))
