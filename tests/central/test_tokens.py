"""Access tokens: shown once, kept as a hash, bounded by a unit, a day and permissions, and ended at once."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import signing_in, tokens
from central_server.services.signing_in import UnknownUnit
from central_server.services.tokens import BadTokenName, BadTokenTerms, TokenState
from central_server.storage import archives, changes, models
from central_server.storage.database import reading, write_transaction
from central_server.storage.tokens import Permission
from central_server.web import limits
from sync_protocol.errors import FieldSyncError
from sync_protocol.passwords import token_hash
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.central.programs import READ, Program, program
from tests.central.test_roles import everything
from tests.conftest import only_on_sqlite
from tests.factories import StandingClock

FORM = {"name": "bo-noi-vu", "unit": "243", "days": "30", "permission": ["standings", "dossiers"]}


@pytest.fixture
def app(central: Central, clock: StandingClock) -> Flask:
    """A centre with a person of the province, an auditor and a supervisor."""
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    for username, role in (("tinh", Role.PROVINCE), ("kiemtra", Role.AUDITOR), ("vinhyen", Role.SUPERVISOR)):
        unit = "243" if role is Role.SUPERVISOR else None
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return create_app(central)


def issued_by(app: Flask, username: str) -> Program:
    """A program with a token that somebody has issued on the page."""
    client = browser(app, username)
    page = client.post("/tokens", data=FORM | {"csrf_token": token(client, "/tokens")}).text
    [secret] = re.findall(r"fsr_[\w-]{43}", page)
    return Program(app, secret)


def status(asking: Program) -> int:
    return asking.ask(f"{READ}/periods").status_code


def test_a_token_is_shown_once_and_kept_only_as_a_hash(app: Flask, central: Central) -> None:
    asking = issued_by(app, "tinh")

    with reading(central.database):
        kept = bytes(models.AccessTokenRow.get().token_hash)

    assert kept == token_hash(asking.secret)
    assert asking.secret not in browser(app, "tinh").get("/tokens").text
    assert asking.secret not in str(everything(central))


def test_a_token_opens_until_its_last_day(app: Flask, central: Central, clock: StandingClock) -> None:
    asking = program(app, central, "243", days=1)
    clock.move(hours=23, minutes=59)
    before = status(asking)

    clock.move(minutes=1)

    assert (before, status(asking)) == (200, 401)


def test_a_token_ends_at_once_when_it_is_revoked(app: Flask, central: Central) -> None:
    asking, client = issued_by(app, "tinh"), browser(app, "tinh")
    before = status(asking)

    client.post("/tokens/bo-noi-vu/revocation", data={"csrf_token": token(client, "/tokens")})

    assert (before, status(asking)) == (200, 401)


def test_a_token_ends_when_who_answers_for_it_leaves(app: Flask, central: Central) -> None:
    asking = issued_by(app, "tinh")
    before = status(asking)

    signing_in.disable_user(central, "tinh")

    assert (before, status(asking)) == (200, 401)
    assert [each.state for each in tokens.listed(central)] == [TokenState.OWNER_GONE]


def test_a_token_that_may_have_been_revoked_since_the_backup_is_not_restored(app: Flask, central: Central) -> None:
    asking = issued_by(app, "tinh")

    with write_transaction(central.database):
        archives.forget_what_came_later(central.now())

    assert status(asking) == 401


def test_who_issued_and_who_revoked_is_recorded_without_the_token(app: Flask, central: Central) -> None:
    asking = issued_by(app, "tinh")
    tokens.revoke(central, "bo-noi-vu", by="cli:root")
    tokens.revoke(central, "bo-noi-vu", by="cli:again")

    with reading(central.database):
        recorded = [each for each in changes.of_desk("", 10) if each.what.endswith("_token")]

    assert [(each.what, each.who) for each in recorded] == [("revoke_token", "cli:root"), ("issue_token", "tinh")]
    assert recorded[1].after["permissions"] == ["dossiers", "standings"]
    assert asking.secret not in str(recorded)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"name": "Bộ Nội vụ"}, BadTokenName),
        ({"name": "x"}, BadTokenName),
        ({"name": "da-co"}, BadTokenName),
        ({"days": 0}, BadTokenTerms),
        ({"days": 731}, BadTokenTerms),
        ({"permissions": []}, BadTokenTerms),
        ({"permissions": [Permission.METRICS], "unit_code": "243"}, BadTokenTerms),
        ({"unit_code": "99999"}, UnknownUnit),
    ],
)
def test_a_token_without_bounds_is_not_issued(
    app: Flask, central: Central, changed: dict[str, object], error: type[FieldSyncError]
) -> None:
    terms: dict[str, object] = {"name": "moi", "unit_code": "26", "permissions": [Permission.STANDINGS], "days": 30}
    tokens.issue(central, "da-co", unit_code="26", permissions=[Permission.STANDINGS], days=30, by="tinh")
    tokens.revoke(central, "da-co", by="tinh")

    with pytest.raises(error):
        tokens.issue(central, by="tinh", **terms | changed)  # type: ignore[arg-type]

    assert [each.token.name for each in tokens.listed(central)] == ["da-co"]


def test_what_was_typed_stands_again_where_nothing_was_issued(app: Flask) -> None:
    client = browser(app, "tinh")

    answer = client.post("/tokens", data=FORM | {"unit": "99999", "csrf_token": token(client, "/tokens")})

    assert answer.status_code == 400
    assert 'value="bo-noi-vu"' in answer.text
    assert "There is no unit with the code 99999" in answer.text


def test_an_auditor_sees_the_tokens_and_is_offered_nothing(app: Flask) -> None:
    issued_by(app, "tinh")

    page = browser(app, "kiemtra").get("/tokens").text

    assert "bo-noi-vu" in page
    assert 'action="/tokens' not in page


def test_a_token_opens_no_page_and_a_session_no_reading(app: Flask) -> None:
    asking, client = issued_by(app, "tinh"), browser(app, "tinh")

    answers = [asking.ask("/standings"), asking.ask("/tokens"), client.get(f"{READ}/periods"), client.get("/metrics")]

    assert [each.status_code for each in answers] == [302, 302, 401, 401]
    assert answers[2].headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer x", "Basic dGluaDp4", "Bearer fsr_=x", "fsr_x"])
def test_without_a_good_token_nothing_is_read(app: Flask, header: str) -> None:
    answer = app.test_client().get(f"{READ}/periods", headers={"Authorization": header} if header else {})

    assert (answer.status_code, answer.json["error"]["code"]) == (401, "no_token")
    assert {"code", "vi", "en"} == set(answer.json["error"])


def test_it_is_known_to_the_minute_when_a_token_was_last_used(
    app: Flask, central: Central, clock: StandingClock
) -> None:
    asking = program(app, central, "243")
    used = []
    for seconds in (0, 59, 1):
        clock.move(seconds=seconds)
        status(asking)
        used += [each.token.used_at for each in tokens.listed(central)]

    assert used == [datetime(2021, 10, 25, 2, minute, tzinfo=UTC) for minute in (0, 0, 1)]


@only_on_sqlite
def test_who_asks_too_often_waits_and_its_neighbour_does_not(
    app: Flask, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "READS_PER_MINUTE", 2)
    app = create_app(central)
    first, second, guessing = program(app, central, "243"), program(app, central, "246"), Program(app, "fsr_x")

    asked = [[status(each) for _ in range(3)] for each in (first, second, guessing)]
    over = first.ask(f"{READ}/periods")

    assert asked == [[200, 200, 429], [200, 200, 429], [401, 401, 429]]
    assert (over.headers["Retry-After"], over.json["error"]["code"]) == ("60", "too_many_reads")


@only_on_sqlite
def test_a_token_in_an_address_is_refused_and_no_token_is_in_the_log(
    app: Flask, central: Central, caplog: pytest.LogCaptureFixture
) -> None:
    asking = program(app, central, "243")
    caplog.set_level(logging.DEBUG)

    asking.read("/periods")
    refused = asking.ask(f"{READ}/periods", token=asking.secret)

    assert refused.status_code == 400
    assert asking.secret not in refused.text + caplog.text
    assert "token phan-mem-243-dossiers-standings-30 read /api/read/v1/periods" in caplog.text


@only_on_sqlite
def test_the_commands_issue_list_and_revoke(app: Flask, central: Central, run: Callable[..., Result]) -> None:
    issued = run("token", "issue", "so-ke-hoach", "--unit", "243", "--permission", "dossiers", "--expires", "7")
    asking = Program(app, issued.stdout.splitlines()[0])
    before = asking.ask(f"{READ}/ledgers").status_code
    listed = run("token", "list").stdout
    run("token", "revoke", "so-ke-hoach")

    assert (before, asking.ask(f"{READ}/ledgers").status_code) == (200, 401)
    assert "so-ke-hoach  good  Thành phố Vĩnh Yên  dossiers  2021-11-01T02:00:00Z" in listed
    assert asking.secret not in listed


@pytest.fixture
def run(central: Central, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line of this centre."""
    monkeypatch.setattr(console, "open_central", lambda _: central)
    return lambda *words: CliRunner().invoke(cli, list(words), catch_exceptions=False)
