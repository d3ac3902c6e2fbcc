"""A centre that was put back has another ledger: until that is told anew, entries keep the order that they had."""

from desk_client.services.lifecycle import dossier_of
from desk_client.services.projecting import life_of
from desk_client.services.verifying import verify
from desk_client.storage.database import reading
from sync_protocol.events import Corrected
from tests.conftest import record, take
from tests.desk.lives import RESOLVED
from tests.together.field import assert_replicas_are_equal
from tests.together.fleet import Fleet


def test_a_step_follows_what_was_on_the_screen(fleet: Fleet) -> None:
    """The other machine has a later number, so by the numbers of the machines alone its entries would come last."""
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    before = fleet.back_up_centre()
    dossier = record(second)
    take(second, dossier.id, Corrected(changes={"phone": "0987000011"}, reason="Ghi nhầm"))
    take(second, dossier.id, RESOLVED)
    fleet.quiet(second, first)
    fleet.put_back_centre(before)
    fleet.sync(first)

    take(first, dossier.id, Corrected(changes={"phone": "0987000012"}, reason="Ghi nhầm"))

    assert dossier_of(first, dossier.id).content["phone"] == "0987000012"
    assert verify(first).faults == ()
    with reading(first.database):
        assert [event.header.slot for event, _ in life_of(first, dossier.id)] == [2, 2, 2, 1]
    fleet.quiet(first, second)
    assert dossier_of(second, dossier.id).content["phone"] == "0987000012"
    assert_replicas_are_equal(fleet.central, first, second)
