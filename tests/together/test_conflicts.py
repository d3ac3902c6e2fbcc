"""What two machines entered differently is settled once, on either of them, and all follow."""

from typing import Any

import pytest

from central_server.central import Central
from desk_client.desk import Desk
from desk_client.services.conflicts import OnlyNoted, SettledBefore, conflicts, settle
from desk_client.services.lifecycle import dossier_of
from desk_client.services.recording import InvalidReception, record_reception, record_registration
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Corrected, Extended, Step, Withdrawn
from sync_protocol.vocabulary import DossierStage, EventKind
from tests.conftest import Link, head_of, only_on_sqlite, record, sync_quietly, take
from tests.desk.lives import DELIVERED, EXTENDED, RESOLVED
from tests.factories import reception
from tests.together.field import assert_replicas_are_equal, hush, known_by, phone_of_two

WITHDRAWN = Withdrawn(reason="Người nộp xin rút")
REASON = "Đã gọi hỏi người nộp"


def corrected(**changes: Any) -> Step:
    return Corrected(changes=changes, reason="Ghi nhầm")


@pytest.fixture
def two_phones(link: Link, device: Desk, second_device: Desk) -> Dossier:
    """A dossier whose phone two machines corrected differently."""
    return phone_of_two(link, device, second_device)


@pytest.fixture
def two_ends(link: Link, device: Desk, second_device: Desk) -> Dossier:
    """A dossier that machine 1 handed over while machine 2 noted its withdrawal."""
    dossier = record(device)
    hush(link, device, second_device)
    take(device, dossier.id, RESOLVED)
    take(device, dossier.id, DELIVERED)
    take(second_device, dossier.id, WITHDRAWN)
    hush(link, device, second_device)
    return dossier


def test_both_machines_show_both_values_and_who_entered_them(
    device: Desk, second_device: Desk, two_phones: Dossier
) -> None:
    [shown], [shown_there] = conflicts(device), conflicts(second_device)

    assert shown == shown_there
    assert (shown.field, shown.stands.value, shown.says.value) == ("phone", "0987000011", "0987000022")
    assert (shown.stands.slot, shown.says.slot) == (1, 2)


@pytest.mark.parametrize(("keeps", "phone"), [(True, "0987000011"), (False, "0987000022")])
@pytest.mark.parametrize("where", [0, 1])
def test_a_field_settled_on_either_machine_is_settled_on_both(
    central: Central,
    link: Link,
    device: Desk,
    second_device: Desk,
    two_phones: Dossier,
    where: int,
    keeps: bool,
    phone: str,
) -> None:
    desks = (device, second_device)

    settle(desks[where], conflicts(desks[where])[0].name, keeps=keeps, reason=REASON, clerk=head_of(desks[where]))
    hush(link, device, second_device)

    assert [dossier_of(each, two_phones.id).content["phone"] for each in desks] == [phone, phone]
    assert [conflicts(each) for each in desks] == [[], []]
    assert_replicas_are_equal(central, device, second_device)


def test_two_clerks_who_settle_it_differently_have_it_before_them_again(
    central: Central, link: Link, device: Desk, second_device: Desk, two_phones: Dossier
) -> None:
    for desk, keeps in ((device, True), (second_device, False)):
        settle(desk, conflicts(desk)[0].name, keeps=keeps, reason=REASON, clerk=head_of(desk))

    hush(link, device, second_device)

    [left] = conflicts(device)
    assert (left.stands.value, left.says.value) == ("0987000011", "0987000022")
    assert_replicas_are_equal(central, device, second_device)


@pytest.mark.parametrize(("keeps", "stage"), [(True, DossierStage.DELIVERED), (False, DossierStage.WITHDRAWN)])
def test_an_end_settled_on_one_machine_is_settled_on_both(
    central: Central,
    link: Link,
    device: Desk,
    second_device: Desk,
    two_ends: Dossier,
    keeps: bool,
    stage: DossierStage,
) -> None:
    [shown] = conflicts(second_device)
    assert (shown.stands.kind, shown.says.kind) == (EventKind.DELIVER, EventKind.WITHDRAW)

    settle(second_device, shown.name, keeps=keeps, reason=REASON, clerk=head_of(second_device))
    hush(link, device, second_device)

    assert [known_by(each)[two_ends.id].stage for each in (device, second_device)] == [stage, stage]
    assert conflicts(device) == conflicts(second_device) == []
    assert_replicas_are_equal(central, device, second_device)


@only_on_sqlite
def test_what_is_settled_is_not_settled_again(device: Desk, two_ends: Dossier) -> None:
    name = conflicts(device)[0].name
    settle(device, name, keeps=True, reason=REASON, clerk=head_of(device))

    with pytest.raises(SettledBefore):
        settle(device, name, keeps=False, reason=REASON, clerk=head_of(device))


@only_on_sqlite
def test_nothing_is_settled_without_a_reason(device: Desk, two_phones: Dossier) -> None:
    name = conflicts(device)[0].name

    with pytest.raises(InvalidReception):
        settle(device, name, keeps=True, reason=" ", clerk=head_of(device))

    assert [each.name for each in conflicts(device)] == [name]


@only_on_sqlite
def test_a_second_slip_can_only_be_noted(link: Link, device: Desk, second_device: Desk) -> None:
    filed = record_registration(device, reception(), filed_at=device.now(), clerk=head_of(device)).dossier
    hush(link, device, second_device)
    for desk in (device, second_device):
        record_reception(desk, reception(), received_at=desk.now(), clerk=head_of(desk), registered=filed.id)
    hush(link, device, second_device)
    [shown] = conflicts(device)

    with pytest.raises(OnlyNoted):
        settle(device, shown.name, keeps=False, reason=REASON, clerk=head_of(device))
    settle(device, shown.name, keeps=True, reason=REASON, clerk=head_of(device))

    assert conflicts(device) == []


@only_on_sqlite
def test_two_appointments_are_settled_as_a_field(link: Link, device: Desk, second_device: Desk) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    take(device, dossier.id, EXTENDED)
    take(second_device, dossier.id, Extended(reason="Cần thêm thời gian", due_on=EXTENDED.due_on.replace(day=20)))
    hush(link, device, second_device)
    [shown] = conflicts(device)

    settle(device, shown.name, keeps=False, reason=REASON, clerk=head_of(device))
    sync_quietly(device, link)
    sync_quietly(second_device, link)

    assert (shown.field, shown.stands.value, shown.says.value) == ("due_on", "2021-10-12", "2021-10-20")
    assert dossier_of(second_device, dossier.id).due_at == dossier_of(device, dossier.id).due_at
    assert conflicts(second_device) == []
