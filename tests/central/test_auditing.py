"""What an auditor goes through: accounts are changed on the record, and looks at dossiers are seen."""

import getpass
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from html import unescape

import pytest
from click.testing import CliRunner
from flask import Flask

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import auditing, closing, complaints, external_figures, publishing, signing_in, tokens
from central_server.storage import reads, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.publications import ReportOf
from central_server.storage.reads import Look
from central_server.storage.tokens import Permission
from central_server.storage.units import EVERYTHING
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.test_scoring import COMPLAINT
from tests.central.writing import enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)


@pytest.fixture
def app(central: Central) -> Flask:
    """The pages, with somebody of every role at the centre."""
    for username, role, unit in (
        ("tinh", Role.PROVINCE, None),
        ("kiemtra", Role.AUDITOR, None),
        ("vinhyen", Role.SUPERVISOR, "243"),
    ):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return create_app(central)


def lines(page: str) -> list[list[str]]:
    """The rows of the page's table, without what says when."""
    rows = re.findall(r"<tr><th scope=\"row\"[^>]*>.*?</tr>", page, re.DOTALL)
    return [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]


def add_clerk(central: Central, username: str) -> None:
    """An account, as anything that is on the record."""
    signing_in.add_user(
        central, username=username, full_name="Lê Văn Cán", role=Role.AUDITOR, unit_code=None, password=PASSWORD
    )


def look(central: Central, who: str, rows: int) -> None:
    """Somebody has seen a list of late dossiers."""
    with write_transaction(central.database):
        reads.keep(Look(at=central.now(), who=who, what="lateness late", place="", period=OCTOBER, rows=rows))


def test_an_account_is_made_signed_out_and_closed_on_the_record(
    app: Flask, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    monkeypatch.setattr(getpass, "getuser", lambda: "quantri")
    added = ["user", "add", "lapthach", "--name", "Nguyễn Văn Thạch", "--role", "supervisor", "--unit", "246"]

    CliRunner().invoke(cli, added, input=f"{PASSWORD}\n{PASSWORD}\n", catch_exceptions=False)
    for deed in ("sign-out", "disable"):
        CliRunner().invoke(cli, ["user", deed, "lapthach"], catch_exceptions=False)

    page = browser(app, "kiemtra").get("/changes").text
    assert lines(page)[:3] == [
        ["cli:quantri", "Account closed", "–", "Username: lapthach", "–"],
        ["cli:quantri", "Signed out everywhere", "–", "Username: lapthach", "–"],
        ["cli:quantri", "Account added", "–", "Username: lapthach; Role: Supervisor; Unit: Huyện Lập Thạch", "–"],
    ]
    assert "Nguyễn Văn" not in page


def test_what_was_changed_of_desks_stands_among_the_changes(app: Flask, central: Central) -> None:
    enrolled_writer(central)

    rows = lines(browser(app, "kiemtra").get("/changes").text)

    assert [[row[1], row[2]] for row in rows if DESK in row[2]] == [["Enrolled", f"{DESK}/1"], ["Code issued", DESK]]


def test_a_look_at_dossiers_is_seen_with_its_unit(app: Flask, central: Central) -> None:
    vinhyen = browser(app, "vinhyen")
    with reading(central.database):
        unit = units.unit_by_code("243", OCTOBER.last_on)
    for place in (f"unit={unit.id if unit else None}", f"desk={DESK}", ""):
        vinhyen.get(f"/lateness/dossiers?period=2021-10&which=overdue&{place}")

    page = browser(app, "kiemtra").get("/reads").text

    assert lines(page) == [
        ["vinhyen", "Overdue, no result", "all that they may see", "21/09/2021 – 20/10/2021", "0"],
        ["vinhyen", "Overdue, no result", DESK, "21/09/2021 – 20/10/2021", "0"],
        ["vinhyen", "Overdue, no result", "Thành phố Vĩnh Yên", "21/09/2021 – 20/10/2021", "0"],
    ]


@pytest.mark.parametrize("path", ["/changes", "/reads"])
def test_a_supervisor_sees_no_record_of_others_and_no_link_to_it(app: Flask, central: Central, path: str) -> None:
    look(central, "tinh", 1)
    supervisor, auditor = browser(app, "vinhyen"), browser(app, "kiemtra")

    refused = supervisor.get(path)

    assert (refused.status_code, "tinh</code>" in refused.text) == (403, False)
    assert path not in supervisor.get("/sessions").text
    assert auditor.get(path).status_code == 200
    assert "/changes" in auditor.get("/sessions").text


def test_what_was_changed_at_the_province_is_told_in_words(app: Flask, central: Central, clock: StandingClock) -> None:
    told = {"indicator": "visitors", "unit_code": "26", "period": "2021-09", "value": "1.234", "source": "BC số 15"}
    external_figures.add(central, EVERYTHING, told, by="tinh")
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    complaints.record(central, EVERYTHING, COMPLAINT, by="tinh")
    clock.move(minutes=1)
    tokens.issue(central, "bang-tin", unit_code="26", permissions=[Permission.STANDINGS], days=30, by="tinh")
    clock.move(minutes=1)
    person = signing_in.person_of(central, "tinh")
    with reading(central.database):
        province = units.unit_by_code("26", OCTOBER.last_on)
    assert province
    publishing.prepare(
        central,
        ReportOf(layout="monthly", unit_id=province.id, period=OCTOBER),
        worded=lambda _: "Đã tiếp nhận 3 hồ sơ.",
        by=person,
        seen=0,
    )

    rows = lines(browser(app, "kiemtra").get("/changes").text)

    name, reads = (
        "Reception and return of administrative procedures' results",
        "Standings, periods and published figures",
    )
    assert [row[3] for row in rows[:3]] == [
        f"Report: {name}; Period: 21/09/2021 – 20/10/2021; Unit: Tỉnh Vĩnh Phúc",
        f"Name: bang-tin; Reads: {reads}; Unit: Tỉnh Vĩnh Phúc; Good until: 09:01 24/11/2021",
        "No.: 1; What was found: upheld: the staff was at fault",
    ]
    assert [row[3] for row in rows if "figures" in row[1].lower()] == ["Indicator: Visitors; Figures: 1"]


def test_what_was_done_to_a_period_stands_among_the_changes_with_who_and_why(
    app: Flask, central: Central, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = enrolled_writer(central)
    clock.at = datetime(2021, 10, 22, 2, tzinfo=UTC)
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi, máy hỏng")
    clock.move(minutes=1)
    writer.receive(date(2021, 10, 4))
    writer.send()
    closing.restate(central, OCTOBER, by="tinh", reason="Số liệu đến sau")
    clock.move(minutes=1)
    add_clerk(central, "cb1")
    clock.move(minutes=1)
    closing.reopen(central, OCTOBER, by="tinh", reason="Chờ Lập Thạch")
    monkeypatch.setattr(auditing, "PAGE_ROWS", 2)
    auditor = browser(app, "kiemtra")

    rows = [lines(auditor.get(f"/changes?page={page}").text) for page in (1, 2)]

    period = "Period: 21/09/2021 – 20/10/2021"
    assert rows == [
        [
            ["tinh", "Period opened again", "–", period, "Chờ Lập Thạch"],
            ["cli", "Account added", "–", "Username: cb1; Role: Auditor", "–"],
        ],
        [
            ["tinh", "Figures of a period restated", "–", period, "Số liệu đến sau"],
            ["tinh", "Figures of a period closed", "–", period, "Đã gọi, máy hỏng"],
        ],
    ]


def test_a_list_behind_a_figure_is_named_by_its_report_and_figure(app: Flask, central: Central) -> None:
    browser(app, "tinh").get("/reports/monthly/dossiers?period=2021-10&section=summary&figure=online_share&base=1")

    [row] = lines(browser(app, "kiemtra").get("/reads").text)

    assert row[1] == "Reception and return of administrative procedures' results: Share online"


def usernames(page: str) -> list[str]:
    """The account that each change of a page is about."""
    return [row[3].partition(";")[0].removeprefix("Username: ") for row in lines(page)]


def counts(page: str) -> list[str]:
    """How many dossiers each look of a page saw."""
    return [row[4] for row in lines(page)]


@pytest.mark.parametrize(
    ("path", "shown", "wanted"),
    [
        ("/reads", counts, [["5", "4"], ["3", "2"], ["1"]]),
        ("/changes", usernames, [["cb2", "cb1"], ["vinhyen", "kiemtra"], ["tinh"]]),
    ],
)
def test_a_long_record_is_cut_into_pages_and_each_line_stands_on_one(
    app: Flask,
    central: Central,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    shown: Callable[[str], list[str]],
    wanted: list[list[str]],
) -> None:
    monkeypatch.setattr(auditing, "PAGE_ROWS", 2)
    auditor = browser(app, "kiemtra")
    for number in range(1, 6):
        look(central, "tinh", number)
    for username in ("cb1", "cb2"):
        add_clerk(central, username)

    pages = [auditor.get(f"{path}?page={page}").text for page in (1, 2, 3)]

    assert [shown(page) for page in pages] == wanted
    assert [re.findall(rf'href="{path}\?page=(\d)"', page) for page in pages] == [["2"], ["1", "3"], ["2"]]


@pytest.mark.parametrize(("path", "empty"), [("/changes", "has been changed yet"), ("/reads", "Nobody has looked")])
def test_a_page_behind_the_last_does_not_say_that_nothing_happened(
    app: Flask, central: Central, path: str, empty: str
) -> None:
    look(central, "tinh", 1)

    page = browser(app, "kiemtra").get(f"{path}?page=7").text

    assert "There is nothing older in this record." in page
    assert empty not in page
