"""Every route that programs read × every token: nobody reads, guesses or infers what is not of the token's unit.

Made from the application's own map and from what each route says that it may be asked: a part of an address or a
parameter that is not named here fails, so that whoever adds one says what it leads to.
"""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.services import closing, ruling
from central_server.storage import models
from central_server.storage.database import write_transaction
from central_server.storage.tokens import Permission
from central_server.web.read_api import readable
from tests.central import test_roles
from tests.central.programs import OF_A_UNIT, Program, program
from tests.central.test_roles import AFTER_OCTOBER, FOREIGN_DESK, FOREIGN_WORDS, NO_DESK, OCTOBER
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock

foreign = test_roles.foreign
UNITS = ("243", "08707")
"""A district and a commune of it, both of which hold the first desk."""

Asked = tuple[str, dict[str, str]]


@pytest.fixture
def app(foreign: Writer, central: Central) -> Flask:
    """After October, which is closed: desks with dossiers in two districts."""
    closing.close(central, OCTOBER, by="tinh", reason="Chờ Lập Thạch và Ngọc Mỹ đã lâu")
    return create_app(central)


def questions(desk: str, unit: str) -> list[Asked]:
    """Every route with its own parts, asked as little and as much as it may be, about a desk and a unit."""
    parts = {"code": desk, "name": "2021-10", "revision": "0"}
    values = {"period": "2021-10", "unit": unit, "as_of": "2021-10-25T08:00:00+07:00", "cursor": "x.1"}
    asked: list[Asked] = []
    for route in readable.routes:
        path = re.sub(r"{(\w+)}", lambda part: parts[part[1]], route.path)
        needed = {name: values[name] for name, field in route.question.fields.items() if field.required}
        asked += [(path, needed), (path, {name: values[name] for name in route.question.fields})]
    return asked


def move(central: Central, code: str, *, to: str, on: date) -> None:
    """Lets a unit belong to another one from a day on."""
    unit, parent = test_roles.unit_id(central, code), test_roles.unit_id(central, to)
    row = models.UnitParent
    with write_transaction(central.database):
        row.update(valid_to=on - timedelta(days=1)).where(row.unit_id == unit).execute()
        row.insert(unit_id=unit, valid_from=on, parent_id=parent).execute()


def answers(asking: Program, asked: list[Asked]) -> list[TestResponse]:
    return [asking.ask(path, **query) for path, query in asked]


def without(answer: TestResponse, *asked: str) -> str:
    """An answer's text without the desk or unit that was asked for, where it stands as a word and not in a hash."""
    return re.sub(rf"\b({'|'.join(map(re.escape, asked))})\b", "", answer.text)


def told(asking: Program, asked: list[Asked]) -> list[Any]:
    """What is told, without the time at which it is."""
    return [{**(answer.json or {}), "at": ""} for answer in answers(asking, asked)]


@pytest.mark.parametrize("unit", UNITS)
def test_nothing_of_another_area_is_in_any_answer(app: Flask, central: Central, unit: str) -> None:
    asking = program(app, central, unit)

    shown = answers(asking, questions(DESK, unit)) + answers(asking, questions(FOREIGN_DESK, "246"))

    texts = [answer.get_data(as_text=True).replace(FOREIGN_DESK, "") for answer in shown]
    assert [word for word in FOREIGN_WORDS for text in texts if word in text] == []
    assert any(DESK in text for text in texts)


def test_what_is_looked_for_is_in_the_answers_to_the_province(app: Flask, central: Central) -> None:
    texts = "".join(each.get_data(as_text=True) for each in answers(program(app, central, "26"), questions(DESK, "26")))

    assert [word for word in ("H62.12", "Lập Thạch", "Ngọc Mỹ") if word not in texts] == []


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_of_another_area_cannot_be_told_from_what_is_not_there(app: Flask, central: Central, unit: str) -> None:
    asking = program(app, central, unit)

    there, nowhere = answers(asking, questions(FOREIGN_DESK, "246")), answers(asking, questions(NO_DESK, "999"))

    assert [each.status_code for each in there] == [each.status_code for each in nowhere]
    for one, other in zip(there, nowhere, strict=True):
        assert without(one, FOREIGN_DESK, "246") == without(other, NO_DESK, "999")


@pytest.mark.parametrize("unit", UNITS)
def test_no_answer_changes_with_what_happens_in_another_area(
    app: Flask, central: Central, foreign: Writer, unit: str
) -> None:
    asking, province = program(app, central, unit), program(app, central, "26")
    own, all_ = questions(DESK, unit), questions(FOREIGN_DESK, "26")
    before, seen_before = told(asking, own), told(province, all_)

    for _ in range(60):
        foreign.receive(date(2021, 10, 5))
    foreign.send()
    ruling.exempt(central, "H62.12.02", first_on=OCTOBER.first_on, last_on=None, by="tinh", reason="Sửa trụ sở")
    enrolled_writer(central, "H62.12", b"3" * 32)

    assert told(asking, own) == before
    assert told(province, all_) != seen_before


def test_a_unit_that_moves_away_takes_its_desk_along(app: Flask, central: Central, clock: StandingClock) -> None:
    """The subtree is that of a period's last day for its figures, and that of today for what is read now."""
    asking, of_new = program(app, central, "243"), program(app, central, "246")
    move(central, "08707", to="246", on=date(2021, 11, 1))
    clock.at = AFTER_OCTOBER + timedelta(days=10)

    read = [asking.ask(f"/api/read/v1/desks/{DESK}/dossiers"), of_new.ask(f"/api/read/v1/desks/{DESK}/dossiers")]
    figures = [each.read("/standings", period="2021-10")["desks"] for each in (asking, of_new)]

    assert [each.status_code for each in read] == [404, 200]
    assert [DESK in [row["desk"] for row in rows] for rows in figures] == [True, False]


@pytest.mark.parametrize("permission", list(Permission))
def test_a_permission_opens_its_own_routes_and_no_other(app: Flask, central: Central, permission: Permission) -> None:
    asking = program(app, central, "26", permission)

    opened = {
        route.path
        for route, (path, query) in zip(readable.routes, questions(DESK, "26")[::2], strict=True)
        if asking.ask(path, **query).status_code == 200
    }

    assert opened == {route.path for route in readable.routes if route.permission is permission}
    assert (asking.ask("/metrics").status_code == 200) == (permission is Permission.METRICS)


def test_what_is_about_all_desks_is_never_for_a_unit(app: Flask, central: Central) -> None:
    asking = program(app, central, "243", *OF_A_UNIT)

    statuses = [
        asking.ask(path).status_code for path in ("/api/read/v1/periods/2021-10/snapshots/0/document", "/metrics")
    ]

    assert statuses == [403, 403]
