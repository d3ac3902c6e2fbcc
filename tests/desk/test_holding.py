"""What the centre sets aside: told to the desk until it has been heard, and gone once it is settled."""

from collections.abc import Callable

import pytest
from peewee import DatabaseError

from central_server.central import Central
from central_server.services import deciding, erasing, signing_in
from central_server.services.devices import DeviceAction, change_state
from central_server.storage import models as central_models
from central_server.storage.database import write_transaction as central_transaction
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.services import syncing
from desk_client.services.holding import held_count, held_lines, held_of, note_held
from desk_client.services.projecting import rebuild
from desk_client.services.verifying import verify
from desk_client.storage import dossiers, models
from desk_client.storage.database import reading, write_transaction
from sync_protocol.events import Corrected
from sync_protocol.transitions import IllegalTransition
from sync_protocol.vocabulary import Role
from tests.conftest import DESK, Link, record, sync, sync_quietly, take

PLANTED = "Bùi Thị Xóa"


@pytest.fixture
def central(central: Central) -> Central:
    """A centre with somebody who decides."""
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Tỉnh", role=Role.PROVINCE, unit_code=None, password="mot-cua-2021"
    )
    return central


def set_state(central: Central, state: str, slot: int = 1) -> None:
    """Makes a device of the desk one whose word counts, or does not."""
    with central_transaction(central.database):
        central_models.DeviceRow.update(state=state).where(central_models.DeviceRow.slot == slot).execute()


def reasons(desk: Desk) -> list[tuple[str, str]]:
    """What the desk knows of entries that wait: the kinds and the reasons, those about dossiers only."""
    return [(line.kind, line.reason) for line in held_lines(desk) if line.dossier_id]


def test_the_desk_hears_which_of_its_dossiers_wait(device: Desk, central: Central, link: Link) -> None:
    set_state(central, "suspended")
    dossier = record(device)

    sync(device, link)

    [line] = held_of(device, dossier.id, dossier.dossier_code)
    assert (line.kind, line.verdict, line.reason) == ("receive", "quarantined", "device_revoked")
    assert (line.dossier_id, line.dossier_code) == (dossier.id, dossier.dossier_code)


def test_what_was_told_in_an_answer_that_was_lost_is_told_again(device: Desk, central: Central, link: Link) -> None:
    set_state(central, "suspended")
    record(device)
    link.lose("answer")

    sync(device, link)
    lost = reasons(device)
    sync(device, link)

    assert (lost, reasons(device)) == ([], [("receive", "device_revoked")])


def test_what_was_heard_is_not_told_again(device: Desk, central: Central, link: Link) -> None:
    set_state(central, "suspended")
    record(device)
    answers: list[bytes] = []
    sync(device, link)
    link.answer(lambda raw: (answers.append(raw), raw)[1])

    sync(device, link)

    assert b'"held"' not in answers[0]
    assert reasons(device) == [("receive", "device_revoked")]


def test_a_released_dossier_leaves_the_list(device: Desk, central: Central, link: Link) -> None:
    set_state(central, "suspended")
    record(device)
    sync(device, link)

    change_state(central, device.identity().id, DeviceAction.APPROVE, reason="Máy đã tìm thấy", by="tinh")
    sync(device, link)

    assert (held_count(device), held_lines(device)) == (0, [])


def test_every_machine_of_the_desk_hears_it(device: Desk, second_device: Desk, central: Central, link: Link) -> None:
    set_state(central, "suspended", slot=1)
    record(device)
    sync(device, link)

    sync(second_device, link)

    assert {line.id.slot for line in held_lines(second_device)} == {1}
    assert held_count(second_device) == held_count(device)


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"mark": "a", "count": 1},
        {"mark": "a", "count": 1, "entries": [["x", "quarantined", "bad_payload"]]},
        {"mark": "a", "count": 1, "entries": [["1.1.3", "quarantined"]]},
        {"mark": "a" * 65, "count": 0, "entries": []},
        {"mark": "a", "count": 201, "entries": [["1.1.3", "quarantined", "bad_payload"]] * 201},
    ],
)
def test_a_list_that_makes_no_sense_is_passed_over(device: Desk, said: object) -> None:
    with write_transaction(device.database):
        note_held(said)

    assert (held_count(device), held_lines(device)) == (0, [])


def erase(central: Central, ref: str) -> None:
    """Erases a dossier at the centre."""
    erasing.erase(central, EVERYTHING, DESK, ref, order="12/QĐ-UBND", reason="Theo yêu cầu", by="tinh")


def said_anywhere(desk: Desk) -> bool:
    """Whether the planted name stands in any table of the desk's file that can be read."""
    with reading(desk.database):
        rows = [row for model in models.MODELS if model is not models.DossierWords for row in model.select().tuples()]
    return PLANTED in " ".join(
        bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)
        for row in rows
        for value in row
    )


def test_the_desk_forgets_what_the_centre_erased_and_still_counts_it(
    device: Desk, central: Central, link: Link
) -> None:
    dossier = record(device, owner_name=PLANTED, submitter_name=PLANTED)
    record(device)
    sync_quietly(device, link)
    before = said_anywhere(device)

    erase(central, dossier.id)
    sync_quietly(device, link)

    with reading(device.database):
        kept = dossiers.by_ref(dossier.id)
        count = dossiers.received_count(dossier.received_on, dossier.received_on)
    assert before
    assert not said_anywhere(device)
    assert kept is not None
    assert (kept.dossier.is_erased, dict(kept.content), count) == (True, {}, 2)
    assert verify(device).faults == ()


def test_what_was_not_sent_yet_of_an_erased_dossier_is_erased_too(device: Desk, central: Central, link: Link) -> None:
    dossier = record(device, owner_name="Người Khác")
    sync_quietly(device, link)
    erase(central, dossier.id)
    take(device, dossier.id, Corrected(changes={"owner_name": PLANTED}, reason="Gõ nhầm"))

    sync_quietly(device, link)

    assert not said_anywhere(device)
    assert verify(device).faults == ()


def test_rebuilding_a_desk_after_an_erasure_shows_the_same(device: Desk, central: Central, link: Link) -> None:
    dossier = record(device, owner_name=PLANTED)
    record(device)
    sync_quietly(device, link)
    erase(central, dossier.id)
    sync_quietly(device, link)

    rebuild(device)

    assert verify(device).faults == ()
    assert not said_anywhere(device)


def test_nothing_more_is_recorded_of_an_erased_dossier(device: Desk, central: Central, link: Link) -> None:
    dossier = record(device)
    sync_quietly(device, link)
    erase(central, dossier.id)
    sync_quietly(device, link)

    with pytest.raises(IllegalTransition):
        take(device, dossier.id, Corrected(changes={"owner_name": PLANTED}, reason="Gõ nhầm"))


def test_a_content_of_the_desk_goes_by_no_other_way(device: Desk) -> None:
    record(device)

    with pytest.raises(DatabaseError), write_transaction(device.database):
        models.Payload.delete().execute()


def test_a_void_of_the_centre_reaches_the_desk(
    device: Desk, central: Central, link: Link, enrol: Callable[..., Desk]
) -> None:
    dossier = record(device)
    sync_quietly(device, link)

    deciding.void(central, EVERYTHING, DESK, dossier.id, reason="Hồ sơ nhập thử", by="tinh")
    sync_quietly(device, link)

    with reading(device.database):
        kept = dossiers.by_ref(dossier.id)
    assert kept is not None
    assert kept.dossier.stage == "voided"
    assert syncing.contact(device, link, jitter=1.0, interval_s=300.0).error is None


def test_a_machine_that_comes_later_learns_the_dossier_without_its_content(
    device: Desk, central: Central, link: Link, enrol: Callable[..., Desk]
) -> None:
    dossier = record(device, owner_name=PLANTED, submitter_name=PLANTED)
    sync_quietly(device, link)
    erase(central, dossier.id)

    later = enrol()
    sync_quietly(later, link)

    with reading(later.database):
        kept = dossiers.by_ref(dossier.id)
    assert kept is not None
    assert kept.dossier.is_erased
    assert not said_anywhere(later)
    assert verify(later).faults == ()
