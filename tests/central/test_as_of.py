"""Standings as known at an instant: what the centre would have said then, to the last contact."""

import re
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from openpyxl import load_workbook
from peewee import DatabaseError

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import following, listing, rebuilding, signing_in, standing, trends
from central_server.services.day_map import day_map
from central_server.services.devices import DeviceAction, change_state
from central_server.services.following import NewStep
from central_server.services.past import flips_of
from central_server.services.standing import NotRemembered, Standings
from central_server.storage import branches, knowing, known, models
from central_server.storage.branches import Sign
from central_server.storage.database import reading, write_transaction
from central_server.storage.follow_ups import FollowStep
from central_server.storage.units import EVERYTHING
from sync_protocol.standings import Judgement
from sync_protocol.vocabulary import Declaration, Role, Standing
from tests.central.browsing import PASSWORD, browser
from tests.central.history import DESKS, NOVEMBER, OCTOBER, PERIODS, Life
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK
from tests.factories import NOW, StandingClock

INSTANTS = 100
RARE = frozenset({Standing.EXEMPT, Standing.ELSEWHERE, Standing.UNDER_REVIEW, Standing.NEVER_HEARD})
"""Not every life comes by these."""

Recorded = dict[datetime, list[list[tuple[str, Any]]]]
"""What was said of each desk in both periods, by instant."""


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def told(central: Central, at: datetime | None = None) -> list[Standings]:
    """The standings of both periods, now or as of an instant, without how they were asked for."""
    return [standing.standings(central, EVERYTHING, period, as_of=at) for period in PERIODS]


def rows(each: Standings) -> list[tuple[str, Any]]:
    """All that is said of each desk, the evidence in it, and of the period."""
    period = ("", each.is_open), ("", each.pace), ("", each.covered_count)
    return [*period, *((desk.desk.code, desk.judgement) for desk in each.desks)]


def words(recorded: Recorded) -> set[Standing]:
    """All standings that were said."""
    return {desk.standing for both in recorded.values() for said in both for code, desk in said if code}


def differing(central: Central, recorded: Recorded) -> list[tuple[datetime, str]]:
    """Where the standings as of an instant are not those that were said then."""
    return [
        (at, code)
        for at, both in recorded.items()
        for said, again in zip(both, told(central, at), strict=True)
        for (code, desk), (_, desk_again) in zip(said, rows(again), strict=True)
        if desk != desk_again
    ]


def pictures(central: Central, at: datetime | None = None) -> list[Any]:
    """What the pages of days, of the curve and of the list read beside the standings of both periods."""
    both = told(central, at)
    days = [(row.arrived, row.unsent, row.standing.stated_at) for each in both for row in day_map(central, each).desks]
    curve = trends.curve(central, EVERYTHING, NOVEMBER, as_of=at)
    seen = listing.seen(central, both[0].desks, at)
    return [days, curve, {code: last.heard_at for code, last in seen.items()}]


def tales(central: Central, at: datetime | None = None) -> dict[str, list[Any]]:
    """What the page of each desk tells of both periods, now or as of an instant."""
    stories = [standing.desk_story(central, EVERYTHING, code, period, as_of=at) for code in DESKS for period in PERIODS]
    found: dict[str, list[Any]] = {}
    for story in stories:
        declared = [(line.slot, line.declared.declaration) for line in story.declared]
        told_of = (story.days, story.arrivals, story.signs, declared, flips_of(central, story))
        judged = (story.standing.judgement, story.standing.devices, story.is_open, story.pace)
        found.setdefault(story.standing.desk.code, []).append((*judged, *told_of))
    return found


def standing_at(central: Central, at: datetime) -> Judgement:
    """The judgement on the desk of the writer as of an instant."""
    desks = standing.standings(central, EVERYTHING, OCTOBER, as_of=at).desks
    return next(each.judgement for each in desks if each.desk.code == DESK)


def history(central: Central) -> list[tuple[Any, ...]]:
    """What is remembered of the desk of the writer."""
    row = models.KnownRow
    with reading(central.database):
        return list(row.select(row.moment, row.facts).where(row.desk == DESK).order_by(row.moment).tuples())


def lived(central: Central, clock: StandingClock, seed: int) -> Recorded:
    """What was said at random instants of a life of some weeks."""
    life = Life(central, clock, Random(seed))
    recorded: Recorded = {}
    life.begin()
    while len(recorded) < INSTANTS:
        life.go_on()
        if life.dice.random() < 0.25:
            recorded[clock.at] = [rows(each) for each in told(central)]
            clock.move(seconds=1)
    return recorded


@pytest.mark.parametrize("seed", range(3))
def test_as_of_an_instant_the_centre_says_what_it_said_then(central: Central, clock: StandingClock, seed: int) -> None:
    recorded = lived(central, clock, seed)

    assert differing(central, recorded) == []
    # The lives are worth the name: they come by all that can be said of a desk with machines.
    assert set(Standing) - words(recorded) <= RARE


@pytest.mark.parametrize("seed", [7])
def test_it_still_does_when_everything_is_made_of_the_ledger_again(
    central: Central, clock: StandingClock, seed: int
) -> None:
    recorded = lived(central, clock, seed)

    rebuilding.rebuild(central)

    assert differing(central, recorded) == []


@pytest.mark.parametrize("seed", [8])
def test_what_is_remembered_last_is_what_is_known_now(central: Central, clock: StandingClock, seed: int) -> None:
    lived(central, clock, seed)

    with reading(central.database):
        remembered, now = knowing.devices_as_of(clock.at), knowing.devices_now()

    assert remembered == now


@pytest.mark.parametrize("seed", [9])
def test_the_periods_before_are_told_as_they_were_known(central: Central, clock: StandingClock, seed: int) -> None:
    life = Life(central, clock, Random(seed))
    life.begin()
    while clock.at < NOVEMBER.starts_at:
        life.go_on()
    desks, at = told(central)[0].desks, clock.at
    then = trends.past_of(central, desks, NOVEMBER, 3)
    clock.move(seconds=1)
    for _ in range(100):
        life.go_on()

    assert trends.past_of(central, told(central)[0].desks, NOVEMBER, 3) != then
    assert trends.past_of(central, told(central, at)[0].desks, NOVEMBER, 3, as_of=at) == then


@pytest.mark.parametrize("seed", [10, 11])
def test_days_contacts_and_the_curve_are_told_as_they_were_known(
    central: Central, clock: StandingClock, seed: int
) -> None:
    life = Life(central, clock, Random(seed))
    life.begin()
    while clock.at < NOVEMBER.starts_at + timedelta(days=10):
        life.go_on()
    then, at = pictures(central), clock.at
    clock.move(seconds=1)
    for _ in range(100):
        life.go_on()
    clock.move(days=30)

    again = pictures(central, at)

    assert again == then
    # Each of them has changed since, so that none is the present one by chance.
    assert [one != other for one, other in zip(pictures(central), then, strict=True)] == [True] * len(then)


@pytest.mark.parametrize("seed", [12, 13])
def test_the_stories_of_desks_are_told_as_they_were_known(central: Central, clock: StandingClock, seed: int) -> None:
    life = Life(central, clock, Random(seed))
    life.begin()
    recorded = {}
    while clock.at < NOVEMBER.starts_at + timedelta(days=10):
        life.go_on()
        if life.dice.random() < 0.1:
            recorded[clock.at] = tales(central)
            clock.move(seconds=1)

    again = {at: tales(central, at) for at in recorded}

    assert [(at, code) for at in recorded for code, tale in recorded[at].items() if again[at][code] != tale] == []


def test_contacts_without_news_lengthen_one_row(writer: Writer, central: Central, clock: StandingClock) -> None:
    writer.send()
    before = len(history(central))

    for _ in range(50):
        clock.move(minutes=5)
        writer.send(writer.alone(acknowledged=writer.head))

    assert len(history(central)) == before
    assert standing_at(central, NOW + timedelta(minutes=121)).last_statement_at == NOW + timedelta(minutes=120)


def test_a_row_takes_no_more_contacts_than_it_may(writer: Writer, central: Central, clock: StandingClock) -> None:
    writer.send()
    before = len(history(central))

    for _ in range(known.BEATS_MAX + 1):
        clock.move(minutes=5)
        writer.send(writer.alone(acknowledged=writer.head))

    assert len(history(central)) == before + 1
    assert standing_at(central, clock.at).last_statement_at == clock.at


def test_the_same_contact_twice_at_one_instant_leaves_one_memory(writer: Writer, central: Central) -> None:
    writer.send()
    before = history(central)

    writer.send(writer.alone(acknowledged=writer.head))

    assert history(central) == before


@pytest.mark.parametrize(
    "query",
    [
        "UPDATE known SET facts = '{}'",
        "UPDATE known SET moment = moment + 1",
        "DELETE FROM known",
        "UPDATE declared_word SET declaration = 'nil'",
        "DELETE FROM declared_word",
    ],
)
def test_what_was_known_is_never_changed_or_removed(writer: Writer, central: Central, query: str) -> None:
    writer.send(writer.contact(declarations=((OCTOBER, Declaration.COMPLETE),)))

    with pytest.raises(DatabaseError), write_transaction(central.database):
        central.database.execute_sql(query)


def test_contacts_that_were_noted_are_not_shortened(writer: Writer, central: Central, clock: StandingClock) -> None:
    writer.send()
    clock.move(minutes=5)
    writer.send(writer.alone(acknowledged=writer.head))

    with pytest.raises(DatabaseError), write_transaction(central.database):
        models.KnownRow.update(beats=b"").execute()


def test_nothing_is_said_of_an_instant_to_come(central: Central) -> None:
    with pytest.raises(NotRemembered):
        standing.standings(central, EVERYTHING, OCTOBER, as_of=NOW + timedelta(seconds=1))


def test_nothing_is_said_of_the_time_before_it_was_remembered(central: Central) -> None:
    with write_transaction(central.database):
        models.Centre.update(known_from=NOW).execute()

    with pytest.raises(NotRemembered):
        standing.standings(central, EVERYTHING, OCTOBER, as_of=NOW - timedelta(seconds=1))
    assert standing.standings(central, EVERYTHING, OCTOBER, as_of=NOW).is_past


def test_a_desk_without_a_machine_then_had_none(central: Central, clock: StandingClock) -> None:
    clock.move(days=1)
    enrolled_writer(central).send()

    assert standing_at(central, NOW).standing is Standing.NO_DEVICE
    assert standing_at(central, clock.at).standing is Standing.ZERO


def test_what_was_released_in_a_day_counts_from_that_minute_on(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    change_state(central, writer.device, DeviceAction.SUSPEND, by="tinh", reason="Theo báo cáo của xã")
    clock.move(hours=1)
    writer.receive()
    writer.send()
    clock.move(hours=1)
    change_state(central, writer.device, DeviceAction.APPROVE, by="tinh", reason="")

    counts = [standing_at(central, NOW + timedelta(minutes=minutes)).arrived for minutes in (59, 60, 119, 120)]

    assert counts == [0, 0, 0, 1]


@pytest.fixture
def came_late(writer: Writer, central: Central, clock: StandingClock) -> FlaskClient:
    """A browser of the province, on 5 October: 3 dossiers had come by the morning before, 4 more at noon."""
    for _ in range(3):
        writer.receive()
    writer.send()
    for _ in range(4):
        writer.receive()
    clock.move(hours=3)
    writer.send(writer.contact(first=5))
    clock.move(days=1)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return browser(create_app(central), "tinh")


VIEWS = ("/standings", "/standings/desks", "/standings/days", "/standings/curve")
DESK_PAGE = f"/desks/{DESK}"
PAGES = (*VIEWS, DESK_PAGE)
THEN = "as_of=2021-10-04T11:59"


def leads(page: str) -> list[str]:
    """Where the links and forms of a page lead that stay with standings, apart from the way back to now."""
    found = re.findall(r'(?:href|action)="(/(?:standings|desks)[^"]*)"', page.partition("<main")[2])
    return [each for each in found if not page.count(f'"{each}">Back to the figures of now')]


@pytest.mark.parametrize("path", PAGES)
def test_each_page_of_standings_says_of_when_it_is_and_leads_on_at_that_time(came_late: FlaskClient, path: str) -> None:
    then = came_late.get(f"{path}?period=2021-10&{THEN}").text
    now = came_late.get(f"{path}?period=2021-10").text

    assert "had come to know by 11:59 04/10/2021, not those of now." in then
    assert "not those of now" not in now
    assert [lead for lead in leads(then) if "?" in lead and THEN not in lead] == []
    assert [lead for lead in leads(now) if "as_of" in lead] == []
    assert re.findall(r'class="step" href="([^?"]+)[^"]*as_of=2021-10-04T11:59[^"]*" title', then) == [path]
    assert f'<a href="{path}?period=2021-10">Back to the figures of now</a>' in then


@pytest.mark.parametrize("path", VIEWS)
def test_each_view_leads_to_the_others_and_to_desks_at_that_time(came_late: FlaskClient, path: str) -> None:
    then = came_late.get(f"{path}?period=2021-10&{THEN}").text

    assert set(re.findall(rf'class="view" href="([^?"]+)[^"]*{THEN}', then)) == set(VIEWS)
    assert (f"{DESK_PAGE}?period=2021-10&amp;{THEN}" in then) == (path != "/standings/curve")


def test_a_desks_page_leads_back_to_its_lists_at_that_time_and_on_to_another_time(came_late: FlaskClient) -> None:
    then = came_late.get(f"{DESK_PAGE}?period=2021-10&{THEN}").text

    crumbs = re.findall(r'<p class="crumb">(.*)</p>', then)[0]
    assert re.findall(r'href="([^?"]+)[^"]*' + THEN, crumbs) == ["/standings", "/standings"]
    assert f'<form class="filter" method="get" action="{DESK_PAGE}">' in then


@pytest.mark.parametrize("path", PAGES)
def test_another_time_can_be_chosen_without_losing_what_was_asked_for(came_late: FlaskClient, path: str) -> None:
    page = came_late.get(f"{path}?period=2021-10&tree=today&_external=1&text=tich").text

    assert re.findall(r'<input type="hidden" name="([a-z_]+)"', page.split("</details>")[0])[-3:] == [
        "period",
        "tree",
        "text",
    ]


def test_the_list_and_the_days_hold_what_was_known_at_that_time(came_late: FlaskClient) -> None:
    listed, days = (
        [
            came_late.get(f"/standings/{page}?period=2021-10&sort=entered&order=desc{at}").text
            for at in ("&as_of=2021-10-04T11:59", "")
        ]
        for page in ("desks", "days")
    )

    assert [re.findall(r'<td class="figure">(\d)</td>', page)[0] for page in listed] == ["3", "7"]
    assert [re.findall(r'class="cell-mark is-some"[^>]*>(\d+)<', page) for page in days] == [["3"], ["7"]]
    # What was entered late, and the last entry, nobody remembers of the past.
    assert ["For earlier days" in page for page in listed] == [False, True]
    assert ["entry " in page for page in listed] == [False, True]


def test_the_page_shows_what_was_known_at_a_local_time_and_says_so(came_late: FlaskClient) -> None:
    then = came_late.get("/standings?period=2021-10&as_of=2021-10-04T11:59").text
    now = came_late.get("/standings?period=2021-10").text

    assert "Dossiers arrived: <strong>3</strong>" in then
    assert "had come to know by 11:59 04/10/2021, not those of now." in then
    assert "Dossiers arrived: <strong>7</strong>" in now
    assert "not those of now" not in now


def test_a_desks_page_tells_what_was_known_at_that_time(came_late: FlaskClient) -> None:
    then, now = (came_late.get(f"{DESK_PAGE}?period=2021-10{at}").text for at in (f"&{THEN}", ""))

    arrived = r"<dt>Arrived</dt><dd>(\d+)</dd>"
    assert [re.findall(arrived, page) for page in (then, now)] == [["3"], ["7"]]
    assert [re.findall(r'class="day-count"[^>]*>(?:≥)?([1-9]\d*)<', page) for page in (then, now)] == [["3"], ["7"]]
    assert ["As known at 11:59 04/10/2021" in page for page in (then, now)] == [True, False]
    # What came at noon is no part of its story yet.
    assert ["12:00 04/10/2021" in page for page in (then, now)] == [False, True]


def test_a_desks_page_of_then_offers_nothing_that_is_of_now(came_late: FlaskClient) -> None:
    then, now = (came_late.get(f"{DESK_PAGE}?period=2021-09{at}").text for at in (f"&{THEN}", ""))

    of_now = ('name="note"', "Look after the machines", "Reminder letter", "waiting for a decision", "Telephone")
    assert [[each in page for each in of_now] for page in (then, now)] == [[False] * 5, [True] * 5]
    assert "To note a call, decide or look after a machine, open the page of now." in then


def test_a_desks_page_of_then_tells_what_was_noted_and_answered_by_then(
    came_late: FlaskClient, writer: Writer, central: Central, clock: StandingClock
) -> None:
    said = {"period": str(OCTOBER), "note": "Đứt cáp từ ngày 04"}
    writer.write("answer", said, happened_at=NOW)
    writer.send(writer.contact(first=writer.head))
    called = NewStep(step=FollowStep.CALL, note="Đã gọi, hẹn nhập hết sổ giấy")
    following.note_step(central, EVERYTHING, DESK, OCTOBER, called, by="tinh")
    clock.move(minutes=10)

    before, after = (
        came_late.get(f"{DESK_PAGE}?period=2021-10&as_of=2021-10-05T{at}").text for at in ("11:59", "12:01")
    )

    assert ["hẹn nhập hết sổ giấy" in page for page in (before, after)] == [False, True]
    # It was written on the day before and had not come yet.
    assert ["Đứt cáp từ ngày 04" in page for page in (before, after)] == [False, True]
    assert ["Nobody has called yet" in page for page in (before, after)] == [True, False]


def test_that_a_machine_was_copied_is_told_from_when_it_was_noticed(
    came_late: FlaskClient, writer: Writer, central: Central, clock: StandingClock
) -> None:
    with write_transaction(central.database):
        branches.note_sign(writer.device, 1, Sign.TICKET, 5, clock.at)
    clock.move(minutes=10)

    pages = [came_late.get(f"{DESK_PAGE}?period=2021-10&as_of=2021-10-05T{at}").text for at in ("11:59", "12:01")]

    assert ["two copies of it are in use" in page for page in pages] == [False, True]


def test_the_file_holds_what_was_known_at_that_time(came_late: FlaskClient) -> None:
    file = came_late.get("/standings/desks.xlsx?period=2021-10&as_of=2021-10-04T11:59").data

    [sheet] = load_workbook(BytesIO(file)).worksheets
    [row] = [row for row in sheet.iter_rows(values_only=True) if DESK in row]
    assert (3 in row, 7 in row) == (True, False)


@pytest.mark.parametrize("path", ["/standings", DESK_PAGE])
@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("hom-qua", 400, "write a day and a time, such as 2021-10-20T16:42."),
        ("0001-01-01T00:00", 400, "write a day and a time"),
        ("2031-10-04T11:59", 400, "that is still to come"),
    ],
)
def test_a_time_of_which_nothing_can_be_said_is_refused_in_a_sentence(
    came_late: FlaskClient, path: str, asked: str, status: int, said: str
) -> None:
    answer = came_late.get(f"{path}?period=2021-10&as_of={asked}")

    assert (answer.status_code, said in answer.text) == (status, True)


def test_the_command_tells_what_was_known(
    came_late: FlaskClient, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    asked = ["standings", "--period", "2021-10", "--unit", "08707", "--json", "--as-of"]

    answers = [
        CliRunner().invoke(cli, [*asked, at], catch_exceptions=False)
        for at in ("2021-10-04T11:59:00+07:00", "2021-10-04T05:00:00Z")
    ]

    assert [orjson.loads(answer.output)[0]["arrived"] for answer in answers] == [3, 7]
