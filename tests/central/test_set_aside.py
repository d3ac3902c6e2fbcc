"""What is set aside, as people and machines see it: lists with reasons, decisions on the page and by command."""

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from central_server import commands
from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import holding, signing_in
from central_server.services.holding import told_to_device
from central_server.services.holding_words import REASONS, reason_words
from central_server.storage import models
from central_server.storage.database import reading
from central_server.storage.holding import AWAITING_A_DECISION
from central_server.storage.units import EVERYTHING
from sync_protocol.statements import HELD_TOLD_MAX
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token_of
from tests.central.test_deciding import arrived, held, send_revoked
from tests.central.writing import DAY, Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK
from tests.factories import reception

POISON = (
    reception(dossier_code=f"{DESK}-211004-1999", owner_name="Trần\0Văn"),
    reception(dossier_code=f"{DESK}-211004-1999", owner_name="N" * 10_000),
    reception(dossier_code=f"{DESK}-211004-1999", set_count=2**40),
    b'{"owner_name": "\xed\xa0\x80"}',
    b"not json",
    b"[" * 1_000,
)


@pytest.fixture
def central(central: Central) -> Central:
    """A centre with a person of the province and one of each district."""
    for username, unit in (("tinh", None), ("vinhyen", "243"), ("lapthach", "246")):
        signing_in.add_user(
            central,
            username=username,
            full_name="Trần Thị Vân",
            role=Role.SUPERVISOR if unit else Role.PROVINCE,
            unit_code=unit,
            password=PASSWORD,
        )
    return central


@pytest.fixture
def browse(central: Central) -> Callable[[str], FlaskClient]:
    """Opens the pages in the name of somebody."""
    app = create_app(central)

    return lambda username: browser(app, username, language="vi")


@pytest.fixture
def run(central: Central, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command of the centre."""
    monkeypatch.setattr(console, "open_central", lambda _: central)
    return lambda *words: CliRunner().invoke(cli, list(words), catch_exceptions=False)


def decide(client: FlaskClient, *entries: str, reason: str = "Đã đối chiếu sổ giấy", desk: str = DESK) -> Any:
    """Sends the form of a desk on the page."""
    form = {"csrf_token": token_of(client.get("/holding").text), "entry": list(entries), "reason": reason}
    return client.post(f"/holding/{desk}", data=form, follow_redirects=True)


def with_poison(central: Central, poison: Any, at: int, count: int = 500) -> Writer:
    """A device with so many receptions, one of which is not what it should be."""
    writer = enrolled_writer(central)
    for number in range(1, count + 1):
        if number == at:
            raw = poison if isinstance(poison, bytes) else orjson.dumps(poison)
            writer.write("receive", raw)
        else:
            writer.receive()
    return writer


@pytest.mark.parametrize("poison", POISON)
def test_one_poisoned_record_among_500_is_listed_and_the_others_count(central: Central, poison: Any) -> None:
    """S21, over HTTP; the first entry of the journal goes with the second contact."""
    writer = with_poison(central, poison, at=250)
    client = create_app(central).test_client()

    first = client.post("/v1/contacts", data=writer.contact(1, 500), content_type="application/octet-stream")
    second = client.post("/v1/contacts", data=writer.contact(501), content_type="application/octet-stream")

    assert (first.status_code, second.status_code) == (200, 200)
    assert arrived(central) == 499
    assert held(central) == [("1.1.251", "bad_payload")]
    assert second.json is not None
    assert second.json["held"]["entries"] == [["1.1.251", "quarantined", "bad_payload"]]


def test_the_list_says_of_each_entry_what_it_is_why_it_waits_and_since_when(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    handed = writer.deliver("H62.11.01-211004-9001")
    writer.send()
    revoked = enrolled_writer(central, seed=b"\x03" * 32)
    late = revoked.receive()
    send_revoked(central, revoked)

    [told] = holding.held(central, EVERYTHING)

    by_id = {str(each.id): each for each in told.entries}
    assert dossier not in by_id
    assert (by_id[handed].kind, by_id[handed].reason, by_id[handed].subject) == (
        "deliver",
        "unknown_dossier",
        "H62.11.01-211004-9001",
    )
    assert (by_id[late].day, by_id[late].id.slot, by_id[late].arrived_at) == (DAY, 2, central.now())
    assert told.count == len(told.entries) == 3


def test_every_reason_that_waits_for_a_person_has_its_words() -> None:
    assert set(REASONS) >= AWAITING_A_DECISION | {
        "bad_payload",
        "illegal_transition",
        "unknown_dossier",
        "unknown_kind",
    }
    assert "KeyError" in reason_words("KeyError", "en")


def test_a_device_is_told_the_list_until_it_has_heard_it(central: Central) -> None:
    writer = enrolled_writer(central)
    writer.write("receive", b"{}")
    writer.send()

    with reading(central.database):
        told = told_to_device(DESK, "", central.now())["held"]
        again = told_to_device(DESK, "another", central.now())["held"]
        heard = told_to_device(DESK, told["mark"], central.now())
        other = told_to_device(OTHER_DESK, "", central.now())

    assert told == again
    assert (told["count"], told["entries"]) == (1, [["1.1.2", "quarantined", "bad_payload"]])
    assert (heard, other) == ({}, {})


def test_a_list_that_has_become_empty_is_told_once(central: Central) -> None:
    with reading(central.database):
        assert told_to_device(DESK, "q7bY1vXm2kQ0", central.now()) == {"held": {"count": 0, "entries": [], "mark": ""}}
        assert told_to_device(DESK, "", central.now()) == {}


def test_a_long_list_is_told_in_part_with_the_count_of_all(central: Central) -> None:
    writer = enrolled_writer(central)
    for _ in range(HELD_TOLD_MAX + 5):
        writer.write("receive", b"{}")
    writer.send()

    with reading(central.database):
        told = told_to_device(DESK, "", central.now())["held"]

    assert (told["count"], len(told["entries"])) == (HELD_TOLD_MAX + 5, HELD_TOLD_MAX)


# The page


def test_a_supervisor_sees_what_waits_in_the_own_district_only(
    central: Central, browse: Callable[[str], FlaskClient]
) -> None:
    writer = enrolled_writer(central)
    writer.write("receive", b"{}")
    writer.send()

    own, other = browse("vinhyen").get("/holding").text, browse("lapthach").get("/holding").text

    assert "Phường Tích Sơn" in own
    assert "Phường Tích Sơn" not in other
    assert browse("lapthach").get(f"/holding?desk={DESK}").status_code == 404


def test_a_decision_on_the_page_counts_in_the_name_of_who_took_it(
    central: Central, browse: Callable[[str], FlaskClient]
) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    send_revoked(central, writer)

    answer = decide(browse("vinhyen"), dossier)

    with reading(central.database):
        headers = [json.loads(bytes(row.header)) for row in models.Entry.select().where(models.Entry.slot == 0)]
    assert answer.status_code == 200
    assert arrived(central) == 1
    assert [(each["kind"], each["clerk"]) for each in headers] == [("open_epoch", ""), ("release", "vinhyen")]


@pytest.mark.parametrize(
    ("entries", "reason"), [(("1.1.2",), ""), ((), "Đã xem"), (("9.9.9",), "Đã xem"), (("x",), "Đã xem")]
)
def test_a_decision_that_cannot_be_taken_says_why_and_changes_nothing(
    central: Central, browse: Callable[[str], FlaskClient], entries: tuple[str, ...], reason: str
) -> None:
    writer = enrolled_writer(central)
    writer.receive()
    send_revoked(central, writer)

    answer = decide(browse("vinhyen"), *entries, reason=reason)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert arrived(central) == 0


def test_nobody_decides_outside_the_own_district(central: Central, browse: Callable[[str], FlaskClient]) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    send_revoked(central, writer)
    client = browse("lapthach")
    token = token_of(client.get("/standings", follow_redirects=True).text)

    answer = client.post(f"/holding/{DESK}", data={"csrf_token": token, "entry": dossier, "reason": "Đã xem"})

    assert (answer.status_code, arrived(central)) == (404, 0)


# The command line


def test_the_list_by_command_is_one_object_a_line(central: Central, run: Callable[..., Result]) -> None:
    writer = enrolled_writer(central)
    writer.write("receive", b"{}")
    writer.send()

    done = run("holding", "list", "--json")

    [line] = map(json.loads, done.output.splitlines())
    assert (line["desk"], line["entry"], line["device"], line["kind"]) == (DESK, "1.1.2", 1, "receive")
    assert (line["reason"], line["day"]) == ("bad_payload", "2021-10-04")
    assert "Nguyễn" not in done.output


def test_release_void_erase_and_rebuild_are_commands(central: Central, run: Callable[..., Result]) -> None:
    writer = enrolled_writer(central)
    first, second = writer.receive(), writer.receive()
    send_revoked(central, writer)
    words = ("--reason", "Đã đối chiếu", "--by", "tinh")

    run("holding", "release", DESK, first, second, *words)
    released = arrived(central)
    run("void", DESK, first, *words)
    run("erase", DESK, second, "--order", "12/QĐ-UBND", *words)
    done = run("rebuild", "--json")

    assert (released, arrived(central)) == (2, 1)
    assert json.loads(done.output)["dossiers"] == 2
    assert commands.__doc__
