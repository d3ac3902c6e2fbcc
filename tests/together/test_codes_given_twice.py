"""Two machines with copies of one disk give one code: what names the code means the same dossier at both ends."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from central_server.services.rebuilding import rebuild
from desk_client.desk import Desk
from desk_client.services.lifecycle import deliver_unseen
from sync_protocol.dossiers import Dossier
from sync_protocol.vocabulary import DossierStage
from tests.conftest import record, void
from tests.desk.lives import DELIVERED
from tests.together.field import assert_replicas_are_equal, known_at
from tests.together.fleet import Fleet


@dataclass(frozen=True, slots=True)
class Twins:
    """Dossiers of one code at two machines with copies of one disk, and a third machine that has seen neither."""

    machines: tuple[Desk, Desk]
    dossiers: tuple[Dossier, Dossier]
    third: Desk

    @property
    def everybody(self) -> tuple[Desk, ...]:
        return (*self.machines, self.third)


@pytest.fixture
def twins(fleet: Fleet) -> Twins:
    """The first was received first."""
    first, third = fleet.machine(), fleet.enrol()
    fleet.quiet(first, third)
    copy = fleet.copy(first, is_told=False)
    early = record(first, owner_name="Lò Thị Ún")
    fleet.clock.move(minutes=5)
    late = record(copy, owner_name="Đặng Văn Ước")
    assert early.dossier_code == late.dossier_code
    return Twins((first, copy), (early, late), third)


def hand_over(fleet: Fleet, twins: Twins) -> None:
    """The third machine hands over the result of a slip with the code."""
    code = twins.dossiers[0].dossier_code
    assert code, "a reception has a code"
    deliver_unseen(twins.third, code, DELIVERED, happened_at=twins.third.now(), clerk="truong")
    fleet.clock.move(minutes=1)


def delivered(fleet: Fleet, twins: Twins) -> list[datetime]:
    """When those dossiers were recorded that count as handed over, at all machines and at the centre."""
    fleet.quiet(*twins.everybody)
    assert_replicas_are_equal(fleet.central, *twins.everybody)
    known = known_at(fleet.central)
    rebuild(fleet.central)
    assert known_at(fleet.central) == known
    return [each.recorded_at for each in known.values() if each.stage is DossierStage.DELIVERED]


@pytest.mark.parametrize("is_turned", [False, True])
def test_it_means_the_one_that_was_recorded_first(fleet: Fleet, twins: Twins, is_turned: bool) -> None:
    """Whichever came first to the centre."""
    fleet.quiet(*(twins.machines[::-1] if is_turned else twins.machines))

    hand_over(fleet, twins)

    assert delivered(fleet, twins) == [twins.dossiers[0].recorded_at]


def test_what_was_said_before_the_other_came_stays_with_the_one_that_was_there(fleet: Fleet, twins: Twins) -> None:
    fleet.quiet(twins.machines[1])
    hand_over(fleet, twins)
    fleet.quiet(twins.third)

    assert delivered(fleet, twins) == [twins.dossiers[1].recorded_at]


def test_what_was_said_before_any_came_goes_to_the_first_to_come(fleet: Fleet, twins: Twins) -> None:
    hand_over(fleet, twins)
    fleet.quiet(twins.third, *twins.machines[::-1])

    assert delivered(fleet, twins) == [twins.dossiers[1].recorded_at]


def test_it_does_not_mean_one_that_was_voided(fleet: Fleet, twins: Twins) -> None:
    void(twins.machines[0], twins.dossiers[0])
    fleet.quiet(*twins.machines)

    hand_over(fleet, twins)

    assert delivered(fleet, twins) == [twins.dossiers[1].recorded_at]


def test_what_was_said_of_one_that_is_voided_later_does_not_go_over(fleet: Fleet, twins: Twins) -> None:
    fleet.quiet(*twins.machines)
    hand_over(fleet, twins)
    assert delivered(fleet, twins) == [twins.dossiers[0].recorded_at]

    void(twins.machines[0], twins.dossiers[0])

    assert delivered(fleet, twins) == []
