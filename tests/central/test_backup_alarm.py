"""An old backup is told to those who can do something about it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services.backing_up import back_up
from central_server.services.signing_in import add_user, sign_in
from central_server.web.present import SESSION_COOKIE
from sync_protocol.signing import agreement_public
from sync_protocol.vocabulary import Role
from tests.conftest import only_on_sqlite
from tests.factories import PASSWORD, StandingClock

NEVER = "No checked backup has been made yet"
OLD = "The last checked backup is of"

pytestmark = only_on_sqlite


@pytest.fixture
def safe(central: Central) -> Central:
    """A centre with a recovery kit."""
    return replace(central, keys=replace(central.keys, backup_public=agreement_public(b"b" * 32)))


@pytest.fixture
def page(safe: Central) -> Callable[[Role], str]:
    """The main page as people of a role see it."""

    def shown(role: Role) -> str:
        unit = "243" if role is Role.SUPERVISOR else None
        add_user(safe, username=role.value, full_name="Trần Thị Bình", role=role, unit_code=unit, password=PASSWORD)
        client: FlaskClient = create_app(safe).test_client()
        client.set_cookie(SESSION_COOKIE, sign_in(safe, role.value, PASSWORD, language="en"))
        return client.get("/", follow_redirects=True).text

    return shown


def test_the_province_is_told_that_there_is_no_backup(page: Callable[[Role], str]) -> None:
    assert NEVER in page(Role.PROVINCE)


def test_a_supervisor_is_not_troubled_with_it(page: Callable[[Role], str]) -> None:
    assert NEVER not in page(Role.SUPERVISOR)


def test_the_province_is_told_that_the_last_backup_is_old(
    safe: Central, page: Callable[[Role], str], clock: StandingClock, tmp_path: Path
) -> None:
    back_up(safe, tmp_path)
    clock.move(hours=27)

    shown = page(Role.PROVINCE)

    assert OLD in shown
    assert "04/10/2021" in shown


def test_nothing_is_said_while_the_backup_is_fresh(safe: Central, page: Callable[[Role], str], tmp_path: Path) -> None:
    back_up(safe, tmp_path)

    shown = page(Role.PROVINCE)

    assert OLD not in shown
    assert NEVER not in shown


def test_who_watches_the_centre_is_told_too(safe: Central, clock: StandingClock, tmp_path: Path) -> None:
    client = create_app(safe).test_client()
    before = client.get("/healthz").json
    back_up(safe, tmp_path)
    after = client.get("/healthz").json
    clock.move(hours=27)

    late = client.get("/healthz").json

    assert before == {"ok": True, "last_backup_at": None, "is_backup_old": True}
    assert after == {"ok": True, "last_backup_at": "2021-10-04T02:00:00Z", "is_backup_old": False}
    assert late["is_backup_old"] is True
