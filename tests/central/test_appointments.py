"""The centre counts appointments as the desk does, from the same entries and packs, and makes them again the same."""

import random
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import deciding, erasing, founding, rebuilding, verifying
from central_server.services.rebuilding import rebuild_if_needed
from central_server.services.signing_in import add_user
from central_server.storage import models
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.storage import models as desk_models
from desk_client.storage.database import reading as desk_reading
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import Extended, Resolved, SupplementReceived, SupplementRequested
from sync_protocol.vocabulary import ResultKind, Role
from tests.central.browsing import PASSWORD
from tests.central.writing import DAY, Writer, enrolled_writer
from tests.conftest import CALENDAR, DESK, Link, record, sync_quietly, take
from tests.factories import NOW, StandingClock, reception
from tests.protocol.lives import STEPS, corrected

OCTOBER_7 = datetime(2021, 10, 7, 2, 0, tzinfo=UTC)
"""The third working day after Monday 4 October 2021, at the same hour."""

GRANTED = Resolved(result_kind=ResultKind.GRANTED)
ASKED = SupplementRequested(papers="Giấy khai sinh", reason="Thiếu bản chính")


def rows(central: Central) -> dict[str, dict[str, Any]]:
    """What the centre holds of each dossier, by its id."""
    with reading(central.database):
        return {row["id"]: row for row in models.DossierRow.select().dicts()}


def due(central: Central) -> dict[str, datetime | None]:
    """The appointments at the centre."""
    return {id_: row["due_at"] for id_, row in rows(central).items()}


def due_at_desk(desk: Desk) -> dict[str, datetime | None]:
    """The appointments on the screens of a machine."""
    row = desk_models.DossierRow
    with desk_reading(desk.database):
        return dict(row.select(row.id, row.due_at).where(row.stage != "voided").tuples())


def close_the_offices_on(central: Central, *days: date) -> None:
    """Announces days off: a new calendar is issued, which desks adopt with their next contact."""
    founding.load(central, "calendar", CALENDAR + "".join(f"{day},off,Nghỉ bão,announced\n" for day in days))


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def test_a_dossier_is_due_by_the_packs_that_its_desk_works_by(device: Desk, link: Link, central: Central) -> None:
    dossier = record(device, procedure_code="1.004873")

    sync_quietly(device, link)

    row = rows(central)[dossier.id]
    assert (row["due_at"], row["due_on"]) == (OCTOBER_7, date(2021, 10, 7))


def test_a_new_calendar_moves_what_is_open_once_the_desk_has_adopted_it(
    device: Desk, link: Link, central: Central
) -> None:
    still_open = record(device, procedure_code="1.004873")
    answered = record(device, procedure_code="1.004873")
    take(device, answered.id, GRANTED)
    sync_quietly(device, link)

    close_the_offices_on(central, date(2021, 10, 5))
    before = due(central)
    sync_quietly(device, link)

    assert before == {still_open.id: OCTOBER_7, answered.id: OCTOBER_7}
    assert due(central) == {still_open.id: OCTOBER_7 + timedelta(days=1), answered.id: OCTOBER_7}


def test_waits_and_extensions_move_it(device: Desk, link: Link, central: Central, clock: StandingClock) -> None:
    waited, extended = (record(device, procedure_code="1.004873") for _ in range(2))
    take(device, waited.id, ASKED)
    take(device, extended.id, Extended(reason="Chờ xác minh", due_on=date(2021, 10, 15)))
    clock.move(days=2)
    take(device, waited.id, SupplementReceived(note=""))

    sync_quietly(device, link)

    row = rows(central)
    assert row[waited.id]["due_on"] == date(2021, 10, 11)
    assert row[extended.id]["due_on"] == date(2021, 10, 15)


def test_what_names_no_packs_is_not_due(writer: Writer, central: Central) -> None:
    writer.receive()

    writer.send()

    assert [row["due_at"] for row in rows(central).values()] == [None]


def test_packs_that_are_not_here_give_no_appointment(writer: Writer, central: Central) -> None:
    writer.write("adopt_packs", {"packs": {"procedures": "a" * 43, "calendar": "b" * 43, "desk": "c" * 43}})
    writer.write("adopt_packs", {"packs": {}})
    for pack in (1, 2, 3, 99):
        writer.write("receive", reception_of(pack), happened_at=NOW, pack=pack)

    answer = writer.send()

    assert answer.verdicts == []
    assert [row["due_at"] for row in rows(central).values()] == [None] * 4


def reception_of(serial: int) -> dict[str, Any]:
    """A reception under a code of its own."""
    return reception(dossier_code=f"{DESK}-211004-{1000 + serial}")


@pytest.mark.parametrize("seed", range(4))
def test_after_any_life_both_ends_and_a_rebuild_say_the_same(
    device: Desk, second_device: Desk, link: Link, central: Central, clock: StandingClock, seed: int
) -> None:
    chance = random.Random(seed)
    desks = (device, second_device)
    known: list[str] = []
    for _ in range(60):
        desk = chance.choice(desks)
        clock.move(hours=chance.choice((0, 1, 3, 26)))
        match chance.random():
            case roll if roll < 0.25 or not known:
                known.append(record(desk, procedure_code=chance.choice(("1.004873", "2.000815"))).id)
            case roll if roll < 0.75:
                step = chance.choice((*STEPS, corrected(received_at="2021-10-01T01:15:00Z")))
                with suppress(FieldSyncError):
                    take(desk, chance.choice(known), step)
            case roll if roll < 0.82:
                close_the_offices_on(central, date(2021, 10, 1) + timedelta(days=chance.randrange(30)))
            case _:
                sync_quietly(desk, link)
    for desk in (*desks, *desks):
        sync_quietly(desk, link)
    kept = rows(central)

    rebuilding.rebuild(central)

    counted = {id_: row["due_at"] for id_, row in kept.items() if row["stage"] != "voided"}
    assert len(counted) > 5
    assert counted == due_at_desk(device) == due_at_desk(second_device)
    assert rows(central) == kept
    assert verifying.verify(central).faults == []


def test_the_day_of_entering_is_that_of_the_corrected_clock(writer: Writer, central: Central) -> None:
    at_night = datetime(2021, 10, 4, 16, 30, tzinfo=UTC)
    late = writer.write("receive", reception_of(1), recorded_at=at_night, offset_ms=3_600_000)
    in_time = writer.write("receive", reception_of(2), recorded_at=at_night, offset_ms=None)
    writer.write("correct", {"changes": {"channel": "post"}, "reason": "Ghi nhầm"}, subject=in_time,
                 base={"channel": in_time}, recorded_at=at_night + timedelta(days=3))  # fmt: skip

    writer.send()

    told = rows(central)
    assert (told[late]["received_on"], told[late]["recorded_on"]) == (DAY, date(2021, 10, 5))
    assert told[in_time]["recorded_on"] == DAY


def test_a_dossier_filed_online_is_entered_on_the_day_of_its_acceptance(writer: Writer, central: Central) -> None:
    filed = writer.write("register", reception_of(1) | {"channel": "online", "dossier_code": ""}, recorded_at=NOW)
    writer.write("receive", reception_of(1), subject=filed, recorded_at=NOW + timedelta(days=2))

    writer.send()

    assert rows(central)[filed]["recorded_on"] == date(2021, 10, 6)


def test_an_erased_dossier_is_due_no_more_and_a_rebuild_agrees(writer: Writer, central: Central) -> None:
    packs = writer.send().packs
    writer.write("adopt_packs", {"packs": dict(packs)})
    at_night = datetime(2021, 10, 4, 16, 30, tzinfo=UTC)
    dossier = writer.write("receive", reception_of(1), recorded_at=at_night, offset_ms=3_600_000, pack=2)
    writer.send(writer.contact(first=2))
    before = rows(central)[dossier]
    add_user(
        central, username="tinh", full_name="Văn phòng tỉnh", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    erasing.erase(central, EVERYTHING, DESK, dossier, order="12/QĐ-UBND", reason="Theo yêu cầu", by="tinh")
    kept = rows(central)

    rebuilding.rebuild(central)

    assert (before["due_on"], kept[dossier]["due_on"]) == (date(2021, 10, 7), None)
    assert (before["recorded_on"], kept[dossier]["recorded_on"]) == (date(2021, 10, 5), DAY)
    assert rows(central) == kept


def test_a_decision_of_the_centre_leaves_the_appointment(device: Desk, link: Link, central: Central) -> None:
    dossier = record(device, procedure_code="1.004873")
    sync_quietly(device, link)
    add_user(
        central,
        username="tinh",
        full_name="Văn phòng tỉnh",
        role=Role.PROVINCE,
        unit_code=None,
        password=PASSWORD,
    )

    deciding.void(central, EVERYTHING, DESK, dossier.id, reason="Nhập thử", by="tinh")

    assert due(central) == {dossier.id: OCTOBER_7}


def test_dossiers_of_an_older_shape_are_made_again_once(device: Desk, link: Link, central: Central) -> None:
    record(device, procedure_code="1.004873")
    sync_quietly(device, link)
    kept = rows(central)
    with write_transaction(central.database):
        models.Centre.update(projected_as=0).execute()
        models.DossierRow.update(due_at=None, due_on=None).execute()

    rebuild_if_needed(central)
    made = rows(central)
    with write_transaction(central.database):
        models.DossierRow.update(due_at=None, due_on=None).execute()
    rebuild_if_needed(central)

    assert made == kept
    assert set(due(central).values()) == {None}
