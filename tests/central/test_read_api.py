"""What other programs read: the same objects as elsewhere, of their own units only, and no change ever skipped."""

import json
import threading
from collections.abc import Callable
from datetime import date

import orjson
import pytest
from click.testing import CliRunner
from flask import Flask

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.services import changed, closing, deciding, devices
from central_server.services.devices import DeviceAction
from central_server.storage import centre, models, reads
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING
from scripts.verify_export import Audit, document, raw, sha256
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import DossierStage
from tests.central import test_roles
from tests.central.programs import READ, Program, program
from tests.central.test_enrolment import in_parallel
from tests.central.test_ledger import DOSSIERS, send_one_by_one
from tests.central.test_roles import FOREIGN_DESK
from tests.central.writing import DAY, Writer, enrolled_writer
from tests.conftest import DESK, only_on_sqlite
from tests.factories import StandingClock

foreign = test_roles.foreign
OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
PLANTED = ("Nguyễn", "0987000", "truong", "026")
"""Parts of names, telephone and identity numbers in what the devices send."""


@pytest.fixture
def app(foreign: Writer, central: Central) -> Flask:
    """After October: a desk with a dossier in each of two districts."""
    return create_app(central)


@pytest.fixture
def province(app: Flask, central: Central) -> Program:
    return program(app, central, "26")


@pytest.fixture
def district(app: Flask, central: Central) -> Program:
    return program(app, central, "243")


def follow(asking: Program, desk: str = DESK, cursor: str = "") -> tuple[dict[str, str], str]:
    """Reads a desk to its end: the stage of each dossier by its id, and the cursor to go on from."""
    stages: dict[str, str] = {}
    while True:
        page = asking.read(f"/desks/{desk}/dossiers", **({"cursor": cursor} if cursor else {}))
        stages |= {each["id"]: each["stage"] for each in page["dossiers"]}
        cursor = page["cursor"]
        if not page["has_more"]:
            return stages, cursor


def held(central: Central, desk: str = DESK) -> dict[str, str]:
    """The stage of each dossier of a desk, as the centre's own table has it."""
    row = models.DossierRow
    with reading(central.database):
        return dict(row.select(row.id, row.stage).where(row.desk == desk).tuples())


@only_on_sqlite
def test_standings_are_the_objects_of_the_command(
    province: Program, central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    command = CliRunner().invoke(cli, ["standings", "--period", "2021-10", "--json"], catch_exceptions=False)

    told = province.read("/standings", period="2021-10")

    assert told["desks"] == json.loads(command.stdout)
    assert (told["period"], told["is_open"], told["training"]) == ("2021-09-21..2021-10-20", False, False)


def test_a_unit_narrows_the_standings(province: Program) -> None:
    told = province.read("/standings", period="2021-10", unit="246")

    assert [each["desk"] for each in told["desks"]] == ["H62.12", "H62.12.01", "H62.12.02"]


def test_periods_are_told_with_how_far_each_has_come(province: Program, central: Central) -> None:
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi các xã")
    closing.close(central, PeriodSeries(last_day=20).months(2021, 9, count=3), by="tinh", reason="Quý")

    told = [
        (each["name"], each["state"], each["published"])
        for each in province.read("/periods")["periods"]
        if each["name"] >= "2021-08"
    ]

    assert told == [
        ("2021-11", "open", 0),
        ("2021-10", "closed", 1),
        ("2021-09", "closing", 0),
        ("2021-Q3", "closed", 1),
        ("2021-08", "closing", 0),
    ]


def test_published_figures_are_those_of_the_own_desks(district: Program, central: Central, foreign: Writer) -> None:
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi các xã")
    foreign.receive(date(2021, 10, 5))
    foreign.send()
    closing.restate(central, OCTOBER, by="tinh", reason="Lập Thạch gửi sau")

    told = district.read("/periods/2021-10/snapshots/1")

    assert [each["desk"] for each in told["desks"]] == ["H62.11", "H62.11.01", "H62.11.02"]
    assert (told["arrived"], told["missing"], told["changes"]) == (1, ["H62.11", "H62.11.01", "H62.11.02"], [])


def test_an_auditor_can_check_the_signed_document_by_itself(
    province: Program, central: Central, tmp_path_factory: pytest.TempPathFactory
) -> None:
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi các xã")
    told = province.read("/periods/2021-10/snapshots/0/document")
    audit = Audit(tmp_path_factory.mktemp("export"))
    audit.centre_key = raw(told["centre_key"])

    fault = audit.snapshots(told)

    assert fault == ""
    assert audit.centre_key == central.keys.signing.public
    assert sha256(told["body"].encode()).hex() == told["hash"]
    assert document(told, "snapshot", audit.centre_key)["reason"] == "Đã gọi các xã"


def test_the_signed_document_is_only_for_who_sees_every_desk(district: Program, central: Central) -> None:
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi các xã")

    answer = district.ask(f"{READ}/periods/2021-10/snapshots/0/document")

    assert (answer.status_code, answer.json["error"]["code"]) == (403, "not_permitted")


def test_a_publication_that_there_was_not_is_not_found(province: Program) -> None:
    answer = province.ask(f"{READ}/periods/2021-10/snapshots/0")

    assert (answer.status_code, answer.json["error"]["code"]) == (404, "unknown_snapshot")


def test_standings_are_told_as_they_were_known(province: Program, foreign: Writer, clock: StandingClock) -> None:
    before = province.read("/standings", period="2021-10", unit="246")
    clock.move(hours=1)
    foreign.receive(date(2021, 10, 5))
    foreign.send()

    then = province.read("/standings", period="2021-10", unit="246", as_of="2021-10-25T09:00:00+07:00")
    now = province.read("/standings", period="2021-10", unit="246")

    assert then["desks"] == before["desks"] != now["desks"]
    assert (then["as_of"], now["as_of"]) == ("2021-10-25T02:00:00Z", "2021-10-25T03:00:00Z")


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        ("2021-10-26T09:00:00Z", "not_remembered"),
        ("2021-10-25T09:00", "bad_query"),
        ("x", "bad_query"),
        ("0001-01-01T00:00:00+14:00", "bad_query"),
    ],
)
def test_what_nobody_can_know_is_refused(province: Program, as_of: str, code: str) -> None:
    answer = province.ask(f"{READ}/standings", period="2021-10", as_of=as_of)

    assert (answer.status_code, answer.json["error"]["code"]) == (400, code)


# Dossiers


def test_every_change_is_read_whatever_the_pages(
    province: Program, central: Central, foreign: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed, "ENTRIES_MAX", 3)
    taken, cursor = follow(province, FOREIGN_DESK)
    first = foreign.receive(DAY)
    for _ in range(6):
        foreign.receive(DAY)
    foreign.resolve(first)
    foreign.send()
    more, cursor = follow(province, FOREIGN_DESK, cursor)
    foreign.void(first)
    foreign.send()

    last, cursor = follow(province, FOREIGN_DESK, cursor)

    assert taken | more | last == held(central, FOREIGN_DESK)
    assert last == {first: DossierStage.VOIDED}
    assert follow(province, FOREIGN_DESK, cursor) == ({}, cursor)


def test_no_change_that_is_committed_late_is_skipped(province: Program, central: Central) -> None:
    """Two machines send at once while a program follows; it asks once more when both are through."""
    writers = [enrolled_writer(central, DESK, bytes([number]) * 32) for number in (7, 8)]
    is_over = threading.Event()
    seen: dict[str, str] = {}

    def read_on() -> None:
        last, cursor = False, ""
        while not last:
            last = is_over.is_set()
            more, cursor = follow(province, DESK, cursor)
            seen.update(more)

    reader = threading.Thread(target=read_on)
    reader.start()
    in_parallel(*[lambda writer=writer: send_one_by_one(writer) for writer in writers])
    is_over.set()
    reader.join()

    assert seen == held(central)
    assert len(seen) == 2 * DOSSIERS + 1


def test_a_page_ends_at_its_bound_of_dossiers(
    province: Program, foreign: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        foreign.receive(DAY)
    foreign.send()
    monkeypatch.setattr(changed, "REFS_MAX", 2)

    page = province.read(f"/desks/{FOREIGN_DESK}/dossiers")

    assert (len(page["dossiers"]), page["has_more"]) == (2, True)


def test_one_question_tells_which_desks_have_changes(province: Program, foreign: Writer) -> None:
    def ends() -> dict[str, str]:
        return {each["desk"]: each["cursor"] for each in province.read("/ledgers")["ledgers"]}

    before, (_, cursor) = ends(), follow(province, FOREIGN_DESK)
    foreign.receive(DAY)
    foreign.send()
    after = ends()

    assert before[FOREIGN_DESK] == cursor
    assert [desk for desk in after if after[desk] != before[desk]] == [FOREIGN_DESK]


def test_what_a_decision_releases_is_a_change(province: Program, central: Central, foreign: Writer) -> None:
    """A released reception stands far behind the cursor; the decision that counts it stands before it."""
    devices.change_state(central, foreign.device, DeviceAction.SUSPEND, by="tinh", reason="Máy bị mất")
    waiting = foreign.receive(DAY)
    foreign.send()
    taken, cursor = follow(province, FOREIGN_DESK)

    deciding.release(central, EVERYTHING, FOREIGN_DESK, [waiting], reason="Đã hỏi lại xã", by="tinh")

    assert waiting not in taken
    assert follow(province, FOREIGN_DESK, cursor)[0] == {waiting: DossierStage.RECEIVED}


def test_a_cursor_of_before_a_restore_is_refused(province: Program, central: Central) -> None:
    _, cursor = follow(province)
    with write_transaction(central.database):
        centre.renew("khac")

    answer = province.ask(f"{READ}/desks/{DESK}/dossiers", cursor=cursor)

    assert (answer.status_code, answer.json["error"]["code"]) == (409, "cursor_over")
    assert follow(province)[0] == held(central)


@pytest.mark.parametrize("bad", ["0", "x.1", ".1", "{}.-1", "{}.1.1", "{}.999999", "{}. 1", "{}.٣", "{}.1\n"])
def test_a_cursor_that_nobody_was_given_is_refused(province: Program, central: Central, bad: str) -> None:
    answer = province.ask(f"{READ}/desks/{DESK}/dossiers", cursor=bad.format(central.about().incarnation))

    assert (answer.status_code, answer.json["error"]["code"]) == (409, "cursor_over")


def test_no_dossier_tells_what_citizens_have_told(province: Program, central: Central) -> None:
    told = orjson.dumps(province.read(f"/desks/{DESK}/dossiers")["dossiers"]).decode()

    assert DESK in told
    assert [each for each in PLANTED if each in told] == []


def test_who_has_read_dossiers_is_recorded_and_who_found_nothing_new_is_not(
    province: Program, central: Central
) -> None:
    _, cursor = follow(province)
    follow(province, cursor=cursor)

    with reading(central.database):
        looks = reads.latest(10)

    assert [(each.who, each.what, each.place, each.rows) for each in looks] == [
        ("token:phan-mem-26-dossiers-standings-30", "changes", DESK, 1)
    ]
    assert (looks[0].period.first_on, looks[0].period.last_on) == (DAY, DAY)


# Questions that do not fit


@pytest.mark.parametrize(
    ("path", "query", "fields"),
    [
        ("/standings", "", "period"),
        ("/standings", "period=2021-10&perod=2021-09", "perod"),
        ("/standings", "period=2021-10&period=2021-09", "period"),
        ("/standings", f"period=2021-10&unit={'9' * 81}", "unit"),
        ("/standings", "period=2021-10&unit=", "unit"),
        ("/periods", "page=2", "page"),
    ],
)
def test_a_question_that_does_not_fit_is_refused_by_name(province: Program, path: str, query: str, fields: str) -> None:
    answer = province.app.test_client().get(
        f"{READ}{path}?{query}", headers={"Authorization": f"Bearer {province.secret}"}
    )

    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_query")
    assert f"do not fit: {fields}." in answer.json["error"]["en"]


def test_what_is_not_a_period_is_refused(province: Program) -> None:
    answer = province.ask(f"{READ}/standings", period="thang 10")

    assert (answer.status_code, answer.json["error"]["code"]) == (400, "unknown_period")


@only_on_sqlite
def test_a_training_centre_says_so_in_every_answer(make_central: Callable[..., Central]) -> None:
    central = make_central(training=True)
    asking = program(create_app(central), central, "26")

    told = [asking.read(path) for path in ("/periods", "/ledgers", f"/desks/{DESK}/dossiers")]

    assert [each["training"] for each in told] == [True, True, True]
