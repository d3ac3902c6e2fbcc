"""What an auditor goes through: accounts are changed on the record, and looks at dossiers are seen."""

import re

import pytest
from click.testing import CliRunner
from flask import Flask

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import auditing, signing_in
from central_server.storage import reads, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.reads import Look
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.writing import enrolled_writer
from tests.conftest import DESK

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
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row)] for row in rows]


def look(central: Central, who: str, rows: int) -> None:
    """Somebody has seen a list of late dossiers."""
    with write_transaction(central.database):
        reads.keep(Look(at=central.now(), who=who, what="lateness late", place="", period=OCTOBER, rows=rows))


def test_an_account_is_made_signed_out_and_closed_on_the_record(
    app: Flask, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    monkeypatch.setattr(console.getpass, "getuser", lambda: "quantri")
    added = ["user", "add", "lapthach", "--name", "Nguyễn Văn Thạch", "--role", "supervisor", "--unit", "246"]

    CliRunner().invoke(cli, added, input=f"{PASSWORD}\n{PASSWORD}\n", catch_exceptions=False)
    for deed in ("sign-out", "disable"):
        CliRunner().invoke(cli, ["user", deed, "lapthach"], catch_exceptions=False)

    page = browser(app, "kiemtra").get("/changes").text
    assert lines(page)[:3] == [
        ["cli:quantri", "Account closed", "–", "username: lapthach", "–"],
        ["cli:quantri", "Signed out everywhere", "–", "username: lapthach", "–"],
        ["cli:quantri", "Account added", "–", "role: supervisor, unit: 246, username: lapthach", "–"],
    ]
    assert "Thạch" not in page


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


def test_a_long_record_is_cut_into_pages_and_each_look_stands_on_one(
    app: Flask, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "PAGE_ROWS", 2)
    for rows in range(1, 6):
        look(central, "tinh", rows)
    auditor = browser(app, "kiemtra")

    pages = [auditor.get(f"/reads?page={page}").text for page in (1, 2, 3)]

    assert [[row[4] for row in lines(page)] for page in pages] == [["5", "4"], ["3", "2"], ["1"]]
    assert [re.findall(r'href="/reads\?page=(\d)"', page) for page in pages] == [["2"], ["1", "3"], ["2"]]
