"""What a supervisor reads of lateness: the pages, their files and the command, without the data of any person."""

import json
from datetime import date
from io import BytesIO

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import signing_in
from central_server.storage import reads
from central_server.storage.database import reading
from central_server.web import lateness as lateness_routes
from central_server.web import paging
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.test_counting import live, working
from tests.central.test_standings_of_desks import counted_statements
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock

PAGE = "/lateness?period=2021-10"
LIST = "/lateness/dossiers?period=2021-10"
COMMON = {"received_on": date(2021, 10, 4), "procedure_code": "1.004873", "channel": "direct", "handed_over_after": 0}
OVERDUE_CODE, UNKNOWN_CODE, LATE_CODE = f"{DESK}-211004-1001", f"{OTHER_DESK}-211004-1001", f"{DESK}-211004-1002"


@pytest.fixture
def app(central: Central, clock: StandingClock) -> Flask:
    """On 14 October: of one desk a dossier is overdue and one was late, of another, not heard since, one is due."""
    heard, silent = working(central, DESK, b"\x01" * 32), working(central, OTHER_DESK, b"\x02" * 32)
    live(heard, COMMON | {"end": "", "after": 0})
    live(heard, COMMON | {"end": "resolve", "after": 4})
    live(heard, COMMON | {"end": "resolve", "after": 1})
    live(silent, COMMON | {"end": "", "after": 0})
    silent.send()
    clock.move(days=10)
    heard.send()
    for username, role, unit in (
        ("tinh", Role.PROVINCE, None),
        ("vinhyen", Role.SUPERVISOR, "243"),
        ("lapthach", Role.SUPERVISOR, "246"),
    ):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return create_app(central)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The province's browser."""
    return browser(app, "tinh")


def test_the_page_parts_what_is_late_from_what_is_not_known(client: FlaskClient) -> None:
    text = client.get(PAGE).text

    assert "Due, result not known: 1" in text
    assert f"period=2021-10&amp;desk={DESK}&amp;which=overdue" in text
    assert f"period=2021-10&amp;desk={OTHER_DESK}&amp;which=due_unknown" in text
    assert f"desk={OTHER_DESK}&amp;which=overdue" not in text
    assert "33.33%" in text
    assert "of 3" in text


def test_each_list_names_its_dossiers_by_codes_alone(client: FlaskClient) -> None:
    overdue, unknown, late = (
        client.get(f"{LIST}&which={which}").text for which in ("overdue", "due_unknown", "resolved_late")
    )

    assert [code in overdue for code in (OVERDUE_CODE, UNKNOWN_CODE, LATE_CODE)] == [True, False, False]
    assert [code in unknown for code in (OVERDUE_CODE, UNKNOWN_CODE, LATE_CODE)] == [False, True, False]
    assert [code in late for code in (OVERDUE_CODE, UNKNOWN_CODE, LATE_CODE)] == [False, False, True]
    assert "Working days late" not in unknown
    assert "Đặng Văn Ước" not in overdue + unknown + late


def test_a_list_is_narrowed_to_a_desk_and_to_a_unit(client: FlaskClient) -> None:
    of_desk = client.get(f"{LIST}&which=overdue&desk={OTHER_DESK}")
    nowhere = client.get(f"{LIST}&which=overdue&desk=H62.99.99")

    assert "There is no such dossier." in of_desk.text
    assert nowhere.status_code == 404
    assert client.get(f"{LIST}&unit=nowhere").status_code == 404
    assert client.get("/lateness?period=2021-10&unit=nowhere").status_code == 404


def test_another_district_sees_none_of_it(app: Flask) -> None:
    client = browser(app, "lapthach")

    texts = [
        client.get(path).text for path in (PAGE, *(f"{LIST}&which={each}" for each in ("overdue", "resolved_late")))
    ]

    assert all(code not in text for code in (DESK, OTHER_DESK, "Vĩnh Yên") for text in texts)
    assert client.get(f"{LIST}&desk={DESK}").status_code == 404


def test_a_long_list_is_turned_over(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE_DOSSIERS", 1)
    monkeypatch.setattr(lateness_routes, "PAGE_DOSSIERS", 1)

    first = client.get(f"{LIST}&which=resolved_late").text
    beyond = client.get(f"{LIST}&which=resolved_late&page=7").text

    assert "Dossiers 1 to 1 of 1" in first
    assert "Dossiers – to – of 1" in beyond


def test_the_files_hold_numbers_and_the_same_figures(client: FlaskClient) -> None:
    figures = load_workbook(BytesIO(client.get("/lateness.xlsx?period=2021-10").data)).active
    listed = load_workbook(
        BytesIO(client.get("/lateness/dossiers.xlsx?period=2021-10&which=resolved_late").data)
    ).active
    assert figures
    assert listed

    rows = {row[3]: row for row in figures.iter_rows(values_only=True) if row[3]}
    [late] = [row for row in listed.iter_rows(values_only=True) if row[3] == LATE_CODE]
    assert rows[DESK][4:13] == (0, 0, 0, 1, 1, 1, 3, "33.33%", "66.67%")
    assert rows[OTHER_DESK][4:13] == (0, 0, 1, 0, 0, 0, 0, "–", "–")
    assert late[10] == 1


def test_looking_at_dossiers_is_recorded_and_looking_at_figures_is_not(client: FlaskClient, central: Central) -> None:
    client.get(PAGE)
    client.get(f"{LIST}&which=overdue&desk={DESK}")
    client.get("/lateness/dossiers.xlsx?period=2021-10&which=due_unknown")

    with reading(central.database):
        looks = [(look.who, look.what, look.place, look.rows) for look in reads.latest(10)]
    assert looks == [("tinh", "lateness due_unknown", "", 1), ("tinh", "lateness overdue", DESK, 1)]


def test_the_page_takes_few_statements_however_many_desks(client: FlaskClient, central: Central) -> None:
    with counted_statements(central) as asked:
        client.get(PAGE)

    assert len(asked) < 40


def test_the_command_tells_each_desk_in_figures(app: Flask, central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)

    told = CliRunner().invoke(cli, ["lateness", "--period", "2021-10", "--json"], catch_exceptions=False)
    narrowed = CliRunner().invoke(cli, ["lateness", "--period", "2021-10", "--unit", "246"], catch_exceptions=False)

    rows = {row["desk"]: row for row in json.loads(told.output)}
    assert [rows[DESK][name] for name in ("workload", "overdue", "resolved_late", "resolved_early", "due")] == [
        3,
        1,
        1,
        1,
        3,
    ]
    assert [rows[OTHER_DESK][name] for name in ("workload", "due_unknown", "overdue", "due")] == [1, 1, 0, 0]
    assert DESK not in narrowed.output
    assert "H62.12.01" in narrowed.output
