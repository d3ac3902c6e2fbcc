"""The read API describes itself: a valid OpenAPI document of every route, whose words are those of the answers."""

import re
from typing import Any

import orjson
import pytest
from flask import Blueprint, Flask
from marshmallow import Schema
from openapi_spec_validator import OpenAPIV31SpecValidator

from central_server.app import create_app
from central_server.central import Central
from central_server.services.snapshots import desk_rows
from central_server.services.standing import standings
from central_server.services.telling import standing_content
from central_server.storage.units import EVERYTHING
from central_server.web import read_schemas
from central_server.web.openapi import PARTS, REFUSALS, Readable
from central_server.web.read_api import readable
from sync_protocol.periods import PeriodSeries
from tests.central.programs import READ
from tests.conftest import only_on_sqlite

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)


@pytest.fixture
def app(central: Central) -> Flask:
    return create_app(central)


def described_paths(app: Flask) -> dict[str, dict[str, object]]:
    answer = app.test_client().get(f"{READ}/openapi.json")
    return dict(orjson.loads(answer.data)["paths"])


@only_on_sqlite
def test_the_description_is_a_valid_openapi_document_that_anybody_may_read(app: Flask) -> None:
    answer = app.test_client().get(f"{READ}/openapi.json")

    description: Any = answer.json
    OpenAPIV31SpecValidator(description).validate()
    assert answer.status_code == 200


@only_on_sqlite
def test_every_route_that_programs_read_is_described_and_no_other(app: Flask) -> None:
    """A route that is added beside `readable` has neither a permission nor a description, and fails here."""
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(READ) and rule.endpoint != "read.description"
    }

    assert routes == set(described_paths(app))
    assert len(routes) == 6


@only_on_sqlite
def test_every_description_has_words_and_every_way_in_which_it_may_be_refused(app: Flask) -> None:
    for path, operations in described_paths(app).items():
        told = operations["get"]
        assert isinstance(told, dict)

        assert told["summary"], path
        assert {int(number) for number in told["responses"]} == {200, *REFUSALS}, path
        assert {each["name"] for each in told["parameters"] if each["in"] == "path"} == set(
            re.findall(r"{(\w+)}", path)
        ), path


def test_a_route_without_words_is_not_made() -> None:
    routes = Readable(Blueprint("bare", __name__, url_prefix="/bare"))

    with pytest.raises(AssertionError, match="describes itself"):
        routes.get("/x", next(iter(readable.routes)).permission, read_schemas.Periods)(lambda: {})


@only_on_sqlite
def test_the_schemas_hold_every_field_of_what_they_describe(central: Central) -> None:
    """What the one definition tells and a schema does not name would silently not be sent."""
    [first, *_] = standings(central, EVERYTHING, OCTOBER).desks
    [published, *_] = desk_rows([first])

    assert set(standing_content(first)) == set(read_schemas.StandingRow().fields)
    assert set(published) == set(read_schemas.PublishedRow().fields)


@pytest.mark.parametrize("schema", [each.answer for each in readable.routes], ids=lambda schema: type(schema).__name__)
def test_every_field_of_every_answer_is_always_there(schema: Schema) -> None:
    assert [name for name, field in schema.fields.items() if not field.required] == []


def test_parts_of_addresses_that_nothing_uses_are_not_described() -> None:
    used = {name for each in readable.routes for name in re.findall(r"{(\w+)}", each.path)}

    assert used == set(PARTS)
