"""What the centre decides at a desk reaches each of its machines, like the word of a sibling."""

from datetime import timedelta
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import deciding, erasing, signing_in
from central_server.services.devices import DeviceAction, change_state
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.services.lifecycle import record_print
from desk_client.services.printing import NoSuchPaper, print_paper, sheet_of
from desk_client.storage import models
from desk_client.storage.database import reading
from sync_protocol.events import Corrected, Rated, SentBack
from sync_protocol.instants import instant_text
from sync_protocol.transitions import IllegalTransition
from sync_protocol.vocabulary import DossierStage, EventKind, PaperForm, Rating, RatingSource, RatingSubject, Role
from tests.central.writing import unsent_by_day
from tests.conftest import DESK, Link, held_codes, record, sync, sync_quietly, take
from tests.desk.lives import RESOLVED
from tests.factories import CLERK, StandingClock
from tests.together.field import assert_replicas_are_equal, hush, known_by
from tests.together.fleet import Fleet

WHO: dict[str, Any] = {"reason": "Theo đề nghị của bộ phận", "by": "tinh"}
RATED = Rated(
    rating=Rating.VERY_SATISFIED, subject=RatingSubject.SERVICE, source=RatingSource.SCREEN, scale_version="1"
)


@pytest.fixture
def central(central: Central) -> Central:
    """A centre with somebody who decides."""
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Tỉnh", role=Role.PROVINCE, unit_code=None, password="mot-cua-2021"
    )
    return central


def test_a_dossier_that_the_supervisor_voids_is_out_on_every_machine(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)

    deciding.void(central, EVERYTHING, DESK, dossier.id, **WHO)
    hush(link, device, second_device)

    assert [known_by(each)[dossier.id].stage for each in (device, second_device)] == [DossierStage.VOIDED] * 2
    assert_replicas_are_equal(central, device, second_device)


def test_what_a_suspended_machine_sent_is_nobody_elses_until_it_is_released(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    change_state(central, second_device.identity().id, DeviceAction.SUSPEND, **WHO)
    entered = record(second_device)
    take(second_device, dossier.id, RESOLVED)
    sync(second_device, link)
    sync_quietly(device, link)
    assert held_codes(device) == [dossier.dossier_code]

    change_state(central, second_device.identity().id, DeviceAction.APPROVE, **WHO)
    hush(link, device, second_device)

    assert held_codes(device) == [dossier.dossier_code, entered.dossier_code]
    assert known_by(device)[dossier.id].stage is DossierStage.RESOLVED
    assert_replicas_are_equal(central, device, second_device)


def test_what_is_released_stands_as_in_the_journal_on_a_disk_that_was_put_back(fleet: Fleet, central: Central) -> None:
    """Simulated seed 305: the rating came back from the centre, and was taken to stand before the end."""
    desk = fleet.machine()
    dossier = record(desk)
    fleet.sync(desk)
    change_state(central, desk.identity().id, DeviceAction.SUSPEND, **WHO)
    take(desk, dossier.id, SentBack(reason="Sai thẩm quyền"))
    image = fleet.files(desk)
    take(desk, dossier.id, RATED)
    fleet.sync(desk)
    desk = fleet.put_back(desk, image)
    change_state(central, desk.identity().id, DeviceAction.APPROVE, **WHO)

    fleet.quiet(desk)

    assert known_by(desk)[dossier.id].stage is DossierStage.SENT_BACK
    assert_replicas_are_equal(central, desk)


def test_a_suspended_machine_is_told_nothing_of_the_others(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    hush(link, device, second_device)
    change_state(central, second_device.identity().id, DeviceAction.SUSPEND, **WHO)
    record(device)
    sync_quietly(device, link)

    sync(second_device, link)

    assert held_codes(second_device) == []


def test_what_is_erased_by_order_is_gone_from_every_machine(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    kept = record(device, owner_name="Lò Thị Ún")
    hush(link, device, second_device)

    erasing.erase(central, EVERYTHING, DESK, dossier.id, order="12/QĐ-UBND", **WHO)
    hush(link, device, second_device)

    for desk in (device, second_device):
        with reading(desk.database):
            assert [row.owner_name for row in models.DossierRow.select().order_by(models.DossierRow.id)] == [
                "",
                "Lò Thị Ún",
            ]
    assert known_by(device)[kept.id].stage is DossierStage.RECEIVED
    assert_replicas_are_equal(central, device, second_device)


def test_what_is_decided_behind_an_erasure_is_followed(central: Central, link: Link, device: Desk) -> None:
    dossier = record(device)
    hush(link, device)

    erasing.erase(central, EVERYTHING, DESK, dossier.id, order="12/QĐ-UBND", **WHO)
    deciding.void(central, EVERYTHING, DESK, dossier.id, **WHO)
    hush(link, device)

    known = known_by(device)[dossier.id]
    assert known.is_erased
    assert known.stage is DossierStage.VOIDED
    assert_replicas_are_equal(central, device)


def test_a_correction_of_what_was_erased_meanwhile_is_not_held_back(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    """Found by the simulator, seed 7044: it counts where it was written, and at the centre it does not any more."""
    dossier = record(device)
    hush(link, device)
    erasing.erase(central, EVERYTHING, DESK, dossier.id, order="12/QĐ-UBND", **WHO)
    the_day_before = instant_text(clock() - timedelta(days=1))
    take(device, dossier.id, Corrected(changes={"received_at": the_day_before}, reason="Ghi nhầm"))
    # The rounds in which the rest comes down do not get through.
    link.answer(bytes)
    link.lose("request")

    sync(device, link)

    assert unsent_by_day(central) == {}


def test_no_paper_is_printed_of_what_was_erased(central: Central, link: Link, device: Desk) -> None:
    dossier = record(device)
    hush(link, device)
    erasing.erase(central, EVERYTHING, DESK, dossier.id, order="12/QĐ-UBND", **WHO)
    hush(link, device)

    with pytest.raises(NoSuchPaper):
        sheet_of(device, dossier.id, PaperForm.RECEIPT)
    with pytest.raises(NoSuchPaper):
        print_paper(device, dossier.id, PaperForm.RECEIPT, clerk=CLERK.username)
    with pytest.raises(IllegalTransition):
        record_print(device, dossier.id, PaperForm.RECEIPT, clerk=CLERK.username)

    with reading(device.database):
        assert not models.Entry.select().where(models.Entry.kind == EventKind.PRINT.value).exists()
