"""The page of the own sessions: what is open is listed, and what should not be is ended."""

import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import signing_in
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.conftest import only_on_sqlite
from tests.factories import StandingClock


@pytest.fixture
def app(central: Central, clock: StandingClock) -> Flask:
    """A centre with one person of the province."""
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return create_app(central)


def rows(client: FlaskClient) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+)</th>', client.get("/sessions").text)


def test_a_session_is_ended_from_another_browser(app: Flask, clock: StandingClock) -> None:
    old = browser(app, "tinh")
    clock.move(minutes=10)
    new = browser(app, "tinh")
    [name] = re.findall(r'name="session" value="(\w+)"', new.get("/sessions").text)
    listed = rows(new)

    new.post("/sessions", data={"csrf_token": token(new, "/sessions"), "session": name})

    assert listed == ["09:10 25/10/2021", "09:00 25/10/2021"]
    assert (rows(new), old.get("/sessions").status_code) == (["09:10 25/10/2021"], 302)


def test_all_others_are_ended_and_this_one_goes_on(app: Flask) -> None:
    browsers = [browser(app, "tinh") for _ in range(3)]

    browsers[0].post("/sessions", data={"csrf_token": token(browsers[0], "/sessions"), "session": ""})

    assert [each.get("/sessions").status_code for each in browsers] == [200, 302, 302]
    assert "End all others" not in browsers[0].get("/sessions").text


@only_on_sqlite
def test_the_command_lists_and_ends_the_sessions_of_a_person(
    app: Flask, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    client = browser(app, "tinh")

    listed = CliRunner().invoke(cli, ["user", "sessions", "tinh"], catch_exceptions=False)
    ended = CliRunner().invoke(cli, ["user", "sign-out", "tinh"], catch_exceptions=False)

    assert listed.stdout == "2021-10-25T02:00:00Z  2021-10-25T02:00:00Z\n"
    assert "1 sessions" in ended.stdout
    assert client.get("/sessions").status_code == 302
