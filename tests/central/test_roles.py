"""Every route × role × area, from the application's own map: nobody sees, guesses, infers or changes what is not
theirs. A route with a part that is not named here fails, so that whoever adds one says what it leads to."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile, is_zipfile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.services import following, publishing, ruling, signing_in
from central_server.services.following import NewStep
from central_server.storage import models, tables, units
from central_server.storage.database import reading, snapshot
from central_server.storage.follow_ups import FollowStep
from central_server.storage.people import Person
from central_server.storage.publications import ReportOf
from central_server.storage.units import EVERYTHING
from central_server.web.guard import OWN_ENDPOINTS
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token, without_token
from tests.central.writing import DAY, Writer, enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock
from tests.papers import page_texts

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
AFTER_OCTOBER = datetime(2021, 10, 25, 2, tzinfo=UTC)
IN_OCTOBER = "2021-10-20T12:00"
FOREIGN_DESK, NO_DESK = "H62.12.01", "H62.99.99"
NO_UNIT = "00000000-0000-0000-0000-000000000000"
FOREIGN_WORDS = ("H62.12", "Lập Thạch", "Ngọc Mỹ", "0211 000 0003", "02110000003", "0211 000 0012")
"""What stands of the other district on the pages of those who may see it."""

NOT_FOR_PEOPLE = ("api.", "health.", "login.", "metrics.", "read.", "static")
PROVINCE_ONLY = {
    "access_tokens.issue",
    "access_tokens.revoke",
    "access_tokens.show",
    "audit.changes",
    "audit.reads",
    "closing.show",
    "closing.take",
    "machines.set_approval",
    "publications.draft",
    "publications.take",
    "rules.change",
    "rules.show",
}
FORM = {
    "step": "call",
    "note": "Đã gọi",
    "reason": "Đã hỏi lại xã",
    "until": "2021-10-28",
    "needed": "yes",
    "entry": "1.1.2",
    "session": "x",
    "seen": "4",
}


@pytest.fixture
def foreign(central: Central, clock: StandingClock) -> Writer:
    """After October: a desk with dossiers in each of two districts, machine 1 of each, and people of every role."""
    own, other = enrolled_writer(central, DESK, b"1" * 32), enrolled_writer(central, FOREIGN_DESK, b"2" * 32)
    for writer in (own, other):
        writer.receive(DAY)
        writer.send()
    clock.at = AFTER_OCTOBER
    for username, role, unit in (
        ("tinh", Role.PROVINCE, None),
        ("kiemtra", Role.AUDITOR, None),
        ("vinhyen", Role.SUPERVISOR, "243"),
        ("tichson", Role.SUPERVISOR, "08707"),
    ):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    for code in ("243", "08707", "246"):
        publish(central, code)
    return other


@pytest.fixture
def app(foreign: Writer, central: Central) -> Flask:
    return create_app(central)


def unit_id(central: Central, code: str) -> str:
    with reading(central.database):
        unit = units.unit_by_code(code, OCTOBER.last_on)
    assert unit
    return unit.id


def publish(central: Central, code: str) -> None:
    """The report of a unit as published, and its correction under way."""
    of = ReportOf(layout="monthly", unit_id=unit_id(central, code), period=OCTOBER)
    by = Person(username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, scope=EVERYTHING)
    publishing.prepare(central, of, worded=lambda report: report.unit_name, by=by, seen=0)
    publishing.approve(central, of, "Đã duyệt", by=by, seen=1)
    publishing.publish(
        central,
        of,
        "Đã duyệt",
        document_number="12/BC-VP",
        issued_on=date(2021, 10, 25),
        drawn=lambda version: {"xlsx": version.report.as_json()},
        by=by,
        seen=2,
    )
    publishing.prepare(central, of, worded=lambda report: report.unit_name, by=by, seen=3, reason="Soát lại")


def routes(app: Flask, method: str) -> list[Rule]:
    """The routes for people that take a method."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and not rule.endpoint.startswith(NOT_FOR_PEOPLE)
    ]


def path_of(rule: Rule, desk: str, unit: str) -> str:
    """The address of a route about a desk and a unit; a part that is unknown here fails."""
    parts = {"code": desk, "slot": "1", "action": "suspend", "unit_id": unit, "name": "2021-10"}
    parts |= {"layout": "monthly", "ending": "xlsx", "revision": "0"}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: parts[part[1]], rule.rule)


def is_about_an_area(rule: Rule) -> bool:
    return bool({"code", "unit_id"} & rule.arguments)


def queries(desk: str, unit: str) -> Iterator[dict[str, str]]:
    """What a page may be asked besides its address."""
    yield {}
    yield {"period": "2021-10"}
    for name, value in (("unit", unit), ("desk", desk), ("district", unit), ("q", desk), ("as_of", IN_OCTOBER)):
        yield {"period": "2021-10", name: value}


def words(answer: TestResponse) -> str:
    """What a person reads in an answer: a page, a letter or a workbook, without what changes with each request."""
    if answer.mimetype == "application/pdf":
        return " ".join(page_texts(answer.data))
    if is_zipfile(BytesIO(answer.data)):
        with ZipFile(BytesIO(answer.data)) as book:
            return " ".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/"))
    return without_token(answer.text)


def everything(central: Central) -> dict[str, list[object]]:
    """All rows of all tables but who is signed in."""
    with snapshot(central.database):
        return {
            table.name: [row for batch in tables.rows(central.database, table) for row in batch]
            for table in tables.tables()
        }


def send(client: FlaskClient, path: str) -> TestResponse:
    return client.post(path, data=FORM | {"csrf_token": token(client, "/sessions")}, query_string="period=2021-10")


@pytest.mark.parametrize("username", ["vinhyen", "tichson"])
def test_nothing_of_another_area_stands_on_any_page(app: Flask, central: Central, username: str) -> None:
    client = browser(app, username)
    own_unit, foreign_unit = unit_id(central, "08707"), unit_id(central, "246")

    shown = [
        words(client.get(path_of(rule, DESK, own_unit), query_string=query))
        for rule in routes(app, "GET")
        for query in queries(FOREIGN_DESK, foreign_unit)
    ]

    assert [word for word in FOREIGN_WORDS for page in shown if word in page.replace(FOREIGN_DESK, "")] == []
    assert any(DESK in page for page in shown)


def test_the_words_that_are_looked_for_do_stand_on_the_provinces_pages(app: Flask, central: Central) -> None:
    shown = " ".join(all_pages(browser(app, "tinh"), central).values())

    assert [word for word in FOREIGN_WORDS if word not in shown] == []


@pytest.mark.parametrize("username", ["vinhyen", "tichson"])
def test_what_is_of_another_area_cannot_be_told_from_what_is_not_there(
    app: Flask, central: Central, username: str
) -> None:
    client, foreign_unit = browser(app, username), unit_id(central, "246")
    for rule in [rule for rule in routes(app, "GET") if is_about_an_area(rule)]:
        for asked in ("period=2021-10", f"period=2021-10&as_of={IN_OCTOBER}"):
            there = client.get(path_of(rule, FOREIGN_DESK, foreign_unit), query_string=asked)
            nowhere = client.get(path_of(rule, NO_DESK, NO_UNIT), query_string=asked)

            assert (there.status_code, nowhere.status_code) == (404, 404), rule
            assert bare(there, FOREIGN_DESK, foreign_unit) == bare(nowhere, NO_DESK, NO_UNIT), rule


@pytest.mark.parametrize("username", ["vinhyen", "tichson"])
def test_what_is_of_another_area_cannot_be_changed_or_told_apart_by_trying(
    app: Flask, central: Central, username: str
) -> None:
    client, foreign_unit = browser(app, username), unit_id(central, "246")
    before = everything(central)
    for rule in [rule for rule in routes(app, "POST") if is_about_an_area(rule)]:
        there = send(client, path_of(rule, FOREIGN_DESK, foreign_unit))
        nowhere = send(client, path_of(rule, NO_DESK, NO_UNIT))

        assert (there.status_code, nowhere.status_code) == (404, 404), rule
        assert bare(there, FOREIGN_DESK, foreign_unit) == bare(nowhere, NO_DESK, NO_UNIT), rule
    assert everything(central) == before


@pytest.mark.parametrize("username", ["vinhyen", "tichson"])
def test_no_page_changes_with_what_happens_in_another_area(
    app: Flask, central: Central, foreign: Writer, username: str
) -> None:
    client, province = browser(app, username), browser(app, "tinh")
    before, seen_before = all_pages(client, central), all_pages(province, central)

    for _ in range(60):
        foreign.receive(date(2021, 10, 5))
    foreign.resolve("1.1.999")
    foreign.send()
    new = NewStep(step=FollowStep.CALL, note="Đã gọi")
    following.note_step(central, EVERYTHING, FOREIGN_DESK, OCTOBER, new, by="tinh")
    ruling.exempt(central, "H62.12.02", first_on=OCTOBER.first_on, last_on=None, by="tinh", reason="Sửa trụ sở")
    enrolled_writer(central, "H62.12", b"3" * 32)

    after = all_pages(client, central)
    assert [path for path in before if after[path] != before[path]] == []
    assert all_pages(province, central) != seen_before


def test_an_auditor_sees_what_the_province_sees(app: Flask, central: Central) -> None:
    auditor, province, unit = browser(app, "kiemtra"), browser(app, "tinh"), unit_id(central, "243")
    for rule in routes(app, "GET"):
        path = path_of(rule, DESK, unit)
        asked = "period=2021-10&section=summary&figure=workload"
        answers = [client.get(path, query_string=asked, follow_redirects=True) for client in (auditor, province)]

        assert [each.status_code for each in answers] == [200, 200], rule


def test_an_auditor_changes_nothing_whatever_is_sent(app: Flask, central: Central) -> None:
    client, unit = browser(app, "kiemtra"), unit_id(central, "243")
    before = everything(central)

    for rule in [rule for rule in routes(app, "POST") if rule.endpoint not in OWN_ENDPOINTS]:
        answer = send(client, path_of(rule, DESK, unit))

        assert answer.status_code == 403, rule
        assert "looks at everything and changes nothing" in answer.text, rule
    assert everything(central) == before


def test_no_page_offers_an_auditor_a_form_that_is_refused(app: Flask, central: Central) -> None:
    client, unit = browser(app, "kiemtra"), unit_id(central, "243")
    offered = {
        address
        for rule in routes(app, "GET")
        if rule.endpoint != "machines.ask"
        for address in re.findall(r'method="post" action="([^"?]+)', words(client.get(path_of(rule, DESK, unit))))
    }

    assert offered - {"/sign-out", "/language", "/sessions"} <= {"/invitations/approval"}


def test_an_auditor_can_sign_out_end_sessions_and_choose_a_language(app: Flask) -> None:
    client = browser(app, "kiemtra")

    statuses = [send(client, path).status_code for path in ("/language", "/sessions", "/sign-out")]

    assert statuses == [302, 303, 302]


def test_what_is_the_provinces_is_refused_to_every_supervisor_and_nothing_else_is(app: Flask, central: Central) -> None:
    client, unit = browser(app, "vinhyen"), unit_id(central, "243")

    refused = {
        rule.endpoint for rule in routes(app, "GET") if client.get(path_of(rule, DESK, unit)).status_code == 403
    } | {rule.endpoint for rule in routes(app, "POST") if send(client, path_of(rule, DESK, unit)).status_code == 403}

    assert refused == PROVINCE_ONLY


def test_a_membership_that_has_ended_opens_nothing(app: Flask, central: Central, clock: StandingClock) -> None:
    client = browser(app, "vinhyen")
    with central.database.connection_context():
        models.Membership.update(valid_to=date(2021, 10, 24)).where(models.Membership.username == "vinhyen").execute()

    statuses = {
        client.get(path_of(rule, DESK, unit_id(central, "243"))).headers.get("Location") for rule in routes(app, "GET")
    }

    assert statuses == {"/sign-in"}


def all_pages(client: FlaskClient, central: Central) -> dict[str, str]:
    """What every page says, by its address."""
    own_unit = unit_id(central, "08707")
    return {
        f"{path_of(rule, DESK, own_unit)} {query}": words(client.get(path_of(rule, DESK, own_unit), query_string=query))
        for rule in routes(client.application, "GET")
        for query in queries(DESK, own_unit)
    }


def bare(answer: TestResponse, desk: str, unit: str) -> str:
    """An answer without what was asked for."""
    return words(answer).replace(desk, "").replace(unit, "")
