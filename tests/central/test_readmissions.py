"""A centre that was restored lets the machines back in that enrolled since, and gets back from them what it lacks."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from central_server.app import create_app
from central_server.central import Central
from central_server.services.backing_up import Made, back_up
from central_server.services.recovering import Kit
from central_server.services.restoring import Ground, restore
from central_server.settings import Settings
from central_server.storage import changes, devices
from central_server.storage.database import reading, write_transaction
from central_server.storage.keys import NAMES
from central_server.storage.models import DeskRow
from desk_client.desk import Desk
from desk_client.services.road import CentreRefused
from desk_client.storage import device as stored_device
from desk_client.storage.database import reading as desk_reading
from sync_protocol.readmissions import readmission
from sync_protocol.signing import Signed, SigningKey, agreement_public
from sync_protocol.vocabulary import DeviceId
from tests.conftest import (
    DESK,
    KEYS,
    OTHER_DESK,
    Centres,
    Link,
    arrived_codes,
    close,
    held_codes,
    only_on_sqlite,
    record,
    sync,
    sync_quietly,
)
from tests.factories import StandingClock

SEED = b"b" * 32
KIT = Kit(
    keys={name: getattr(KEYS, name) for name in NAMES} | {"backup_public": agreement_public(SEED)}, backup_seed=SEED
)
PATH = "/v1/readmissions"


@pytest.fixture
def burnt(
    central: Central, clock: StandingClock, tmp_path: Path, centres: Centres, database_kind: str
) -> Iterator[Callable[[], Central]]:
    """Backs the centre up when it is called first; called again, gives the centre that was restored from that."""
    safe = replace(central, keys=replace(central.keys, backup_public=agreement_public(SEED)))
    made: list[Made] = []
    restored: list[Central] = []

    def step() -> Central:
        if not made:
            made.append(back_up(safe, tmp_path / "backups"))
            return safe
        url = centres.server().create(f"again_{next(centres.numbers)}") if database_kind == "postgresql" else ""
        ground = Ground(wall=clock, randomness=os.urandom, who="test")
        restored.append(restore(Settings(data=tmp_path / "new", database=url), made[0].path, KIT, ground).central)
        return restored[0]

    yield step
    for each in restored:
        close(each)


def test_what_arrived_after_the_backup_is_sent_again(burnt: Callable[[], Central], device: Desk, link: Link) -> None:
    record(device)
    sync_quietly(device, link)
    burnt()
    later = [record(device, submitter_name="Trần Văn Bình") for _ in range(2)]
    sync_quietly(device, link)
    new = burnt()

    outcome = sync(device, Link(create_app(new)))

    assert outcome.error is None
    assert outcome.unsent == 0
    assert arrived_codes(new) == held_codes(device)
    assert {each.dossier_code for each in later} < set(arrived_codes(new))


def test_a_machine_that_enrolled_after_the_backup_is_let_in_by_its_certificate(
    burnt: Callable[[], Central], enrol: Callable[..., Desk], link: Link
) -> None:
    burnt()
    device = enrol()
    record(device)
    sync_quietly(device, link)
    new = burnt()
    road = Link(create_app(new))

    outcome = sync(device, road)

    assert outcome.error is None
    assert arrived_codes(new) == held_codes(device)
    assert road.calls()[:3] == [("POST", "/v1/contacts"), ("POST", PATH), ("POST", "/v1/contacts")]
    with reading(new.database):
        assert changes.of_desk(DESK, 1)[0].what == "readmit"


def test_where_devices_are_approved_it_waits_for_that(
    burnt: Callable[[], Central], enrol: Callable[..., Desk], link: Link
) -> None:
    burnt()
    device = enrol()
    new = burnt()
    with write_transaction(new.database):
        new.database.execute_sql("UPDATE centre SET device_approval = " + ("TRUE" if new.settings.database else "1"))

    sync(device, Link(create_app(new)))

    with reading(new.database):
        known = devices.by_id(DeviceId(DESK, 1))
    assert known is not None
    assert known.state.value == "pending"


def test_a_new_machine_never_gets_the_slot_of_one_that_is_still_to_come_back(
    burnt: Callable[[], Central], enrol: Callable[..., Desk]
) -> None:
    enrol()
    burnt()
    enrol()
    new = burnt()

    with reading(new.database):
        following = devices.next_slot(DESK)

    assert following == 7


def test_nor_does_it_at_a_desk_whose_first_machine_is_still_to_come_back(
    burnt: Callable[[], Central], enrol: Callable[..., Desk]
) -> None:
    burnt()
    enrol()
    new = burnt()

    with reading(new.database):
        following = devices.next_slot(DESK)

    assert following == 6


@only_on_sqlite
def test_a_desk_that_the_restored_register_lacks_is_named(
    burnt: Callable[[], Central], enrol: Callable[..., Desk]
) -> None:
    burnt()
    device = enrol(OTHER_DESK)
    record(device)
    new = burnt()
    with write_transaction(new.database):
        DeskRow.delete().where(DeskRow.code == OTHER_DESK).execute()

    outcome = sync(device, Link(create_app(new)))

    assert isinstance(outcome.error, CentreRefused)
    assert outcome.error.refusal_code == "desk_not_here"


def asking(device: Desk) -> dict[str, dict[str, str]]:
    """What a device asks to be let in with."""
    with desk_reading(device.database):
        stored = stored_device.stored()
    assert stored is not None
    assert stored.certificate is not None
    return readmission(stored.certificate, device.identity().key)


@only_on_sqlite
@pytest.mark.parametrize(
    "broken", ["no proof", "another key's proof", "another centre's certificate", "not JSON", "a list"]
)
def test_a_certificate_without_its_proof_lets_nobody_in(
    burnt: Callable[[], Central], enrol: Callable[..., Desk], broken: str
) -> None:
    burnt()
    device = enrol()
    new = burnt()
    asked = asking(device)
    certificate = Signed.from_json(asked["certificate"])
    forged = Signed(certificate.body, SigningKey.from_seed(b"z" * 32).private.sign(certificate.body))
    bodies = {
        "no proof": orjson.dumps({"certificate": asked["certificate"]}),
        "another key's proof": orjson.dumps(readmission(certificate, SigningKey.from_seed(b"z" * 32))),
        "another centre's certificate": orjson.dumps(readmission(forged, device.identity().key)),
        "not JSON": b"{",
        "a list": b"[]",
    }

    answer = create_app(new).test_client().post(PATH, data=bodies[broken])

    assert answer.status_code in (400, 401)
    with reading(new.database):
        assert devices.by_id(DeviceId(DESK, 1)) is None


@only_on_sqlite
def test_a_slot_that_somebody_else_has_is_never_shared(
    burnt: Callable[[], Central], enrol: Callable[..., Desk]
) -> None:
    burnt()
    device, asked = enrol(), {}
    asked = asking(device)
    new = burnt()
    client = create_app(new).test_client()
    client.post(PATH, data=orjson.dumps(asked))
    with write_transaction(new.database):
        new.database.execute_sql("UPDATE device SET signing_key = ?", [b"y" * 32])

    answer = client.post(PATH, data=orjson.dumps(asked))

    assert answer.status_code == 409
    assert answer.json["error"]["code"] == "slot_taken"
