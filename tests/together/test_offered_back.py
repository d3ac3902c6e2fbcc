"""A centre that was put back gets back what only its machines still know: its own decisions, and other journals."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import deciding, erasing, rebuilding, signing_in, taking_back
from central_server.services.devices import DeviceAction, change_state
from central_server.storage import gaps, models
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.services.lifecycle import dossier_of
from desk_client.services.projecting import lives
from desk_client.services.verifying import verify
from desk_client.storage import journal, vouching
from desk_client.storage.database import reading as desk_reading
from desk_client.storage.vouching import Kept
from sync_protocol.entries import SealedEntry, payload_hash, read_header
from sync_protocol.offers import BadOffer, pack_offer
from sync_protocol.signing import BadSignature, SigningKey
from sync_protocol.vocabulary import DeviceId, DossierStage, Role, Standing
from tests.central.test_deciding import projections
from tests.conftest import DESK, record
from tests.together.field import assert_replicas_are_equal, known_at
from tests.together.fleet import Fleet, names_at

WHO: dict[str, Any] = {"reason": "Theo đề nghị của bộ phận", "by": "tinh"}


@pytest.fixture
def central(central: Central) -> Central:
    """A centre with somebody who decides."""
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Tỉnh", role=Role.PROVINCE, unit_code=None, password="mot-cua-2021"
    )
    return central


def decided(central: Central) -> dict[str, bytes]:
    """The kinds and hashes of what the centre itself has sealed at the desk."""
    entry = models.Entry
    with reading(central.database):
        rows = entry.select(entry.kind, entry.entry_hash).where(entry.desk == DESK, entry.slot == 0)
        return {f"{kind} {bytes(hash_).hex()[:8]}": bytes(hash_) for kind, hash_ in rows.tuples()}


def test_a_decision_that_went_with_the_centres_database_stands_again(fleet: Fleet) -> None:
    first, second = fleet.machine(), fleet.enrol()
    dossier = record(first)
    fleet.quiet(first, second)
    copy = fleet.back_up_centre()
    deciding.void(fleet.central, EVERYTHING, DESK, dossier.id, **WHO)
    fleet.quiet(first, second)
    lost = decided(fleet.central)
    fleet.put_back_centre(copy)

    fleet.quiet(first, second)

    assert len(lost) == 2
    assert decided(fleet.central).items() >= lost.items()
    assert known_at(fleet.central)[dossier.id].stage is DossierStage.VOIDED
    assert fleet.counted() == 0
    assert_replicas_are_equal(fleet.central, first, second)


def test_what_had_been_released_counts_again(fleet: Fleet) -> None:
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    change_state(fleet.central, second.identity().id, DeviceAction.SUSPEND, **WHO)
    record(second)
    fleet.quiet(first, second)
    copy = fleet.back_up_centre()
    deciding.release(fleet.central, EVERYTHING, DESK, ["2.1.3"], **WHO)
    fleet.quiet(first)
    fleet.put_back_centre(copy)
    before = fleet.counted()

    fleet.quiet(first)

    assert (before, fleet.counted()) == (0, 1)


def test_what_a_decision_that_comes_back_finds_counted_keeps_its_day(fleet: Fleet) -> None:
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    copy = fleet.back_up_centre()
    change_state(fleet.central, second.identity().id, DeviceAction.SUSPEND, **WHO)
    record(second)
    fleet.quiet(first, second)
    deciding.release(fleet.central, EVERYTHING, DESK, ["2.1.3"], **WHO)
    fleet.quiet(first)
    fleet.put_back_centre(copy)
    fleet.quiet(second)
    fleet.clock.move(days=1)
    fleet.quiet(first)
    before = projections(fleet.central)

    rebuilding.rebuild(fleet.central)

    assert fleet.counted() == 1
    assert projections(fleet.central) == before


def test_what_was_erased_is_gone_from_a_branch_that_holds_it_under_another_id(fleet: Fleet) -> None:
    desk = fleet.machine()
    fleet.sync(desk)
    twin = fleet.copy(desk, is_told=False)
    fleet.receive(desk, 1)
    fleet.sync(desk)
    fleet.receive(twin, 1)
    before = record(twin)
    fleet.quiet(twin)
    after = dossier_of(twin, before.id).dossier

    erasing.erase(fleet.central, EVERYTHING, DESK, after.id, order="12/QĐ-UBND", **WHO)

    with reading(fleet.central.database):
        held = [read_header(bytes(row.header)).subject for row in models.HeldEntry.select() if row.bytes is not None]
        assert models.HeldEntry.select().exists()
    assert (after.id != before.id, before.id in held) == (True, False)


def test_what_was_erased_by_order_is_gone_again(fleet: Fleet) -> None:
    desk = fleet.machine()
    dossier, kept = record(desk), record(desk)
    fleet.quiet(desk)
    copy = fleet.back_up_centre()
    erasing.erase(fleet.central, EVERYTHING, DESK, dossier.id, order="12/QĐ-UBND", **WHO)
    fleet.quiet(desk)
    fleet.put_back_centre(copy)

    fleet.quiet(desk)
    before = projections(fleet.central)
    rebuilding.rebuild(fleet.central)

    assert known_at(fleet.central)[dossier.id].is_erased
    assert not known_at(fleet.central)[kept.id].is_erased
    assert fleet.counted() == 2
    with reading(fleet.central.database):
        assert models.ErasedEntry.select().count() == 1
    assert projections(fleet.central) == before


def test_what_was_erased_is_shown_alike_where_only_the_erasure_has_come(fleet: Fleet) -> None:
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(second)
    copy = fleet.back_up_centre()
    dossier = record(first)
    fleet.quiet(first)
    erasing.erase(fleet.central, EVERYTHING, DESK, dossier.id, order="12/QĐ-UBND", **WHO)
    erasing.bring_record(copy, fleet.central.settings.data)
    fleet.put_back_centre(copy)
    assert erasing.reapply(copy) == 1

    fleet.quiet(second)

    with desk_reading(second.database):
        assert [lived.dossier.is_erased for lived in lives(second)] == [True]
    verify(second)


def test_what_only_its_own_pull_had_brought_to_a_machine_comes_back(fleet: Fleet) -> None:
    """The machine was put back and pulled its own lost branch from the centre; then the centre is put back, too."""
    desk = fleet.machine()
    fleet.receive(desk, 3)
    fleet.sync(desk)
    centre, backup = fleet.back_up_centre(), fleet.files(desk)
    fleet.receive(desk, 2)
    fleet.sync(desk)
    desk = fleet.put_back(desk, backup, keep_witness=True)
    fleet.quiet(desk)
    fleet.put_back_centre(centre)

    fleet.quiet(desk)

    assert fleet.arrived() == Counter(fleet.received) == names_at(desk)
    assert fleet.counted() == 5
    assert fleet.chain_faults() == []
    judgement = fleet.judgement()
    assert (judgement.unsent, judgement.standing) == (0, Standing.FEW)


def test_what_a_machine_sent_that_is_gone_itself_comes_back_from_its_sibling(fleet: Fleet) -> None:
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    centre = fleet.back_up_centre()
    fleet.receive(second, 3)
    fleet.quiet(second, first)
    fleet.put_back_centre(centre)

    fleet.quiet(first)

    assert fleet.arrived() == Counter(fleet.received)
    assert fleet.chain_faults() == []


def test_the_machine_that_comes_after_its_entries_were_offered_counts_once(fleet: Fleet) -> None:
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    centre = fleet.back_up_centre()
    fleet.receive(second, 3)
    fleet.quiet(second, first)
    fleet.put_back_centre(centre)
    fleet.quiet(first)
    fleet.receive(second, 1)

    fleet.quiet(second, first)

    assert fleet.arrived() == Counter(fleet.received)
    assert fleet.signs() == set()
    assert_replicas_are_equal(fleet.central, first, second)


def test_the_branch_of_a_machine_that_is_gone_comes_back_whole(fleet: Fleet) -> None:
    """The lost epoch began after the backup: the restored centre has never heard of it."""
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    centre, backup = fleet.back_up_centre(), fleet.files(second)
    fleet.receive(second, 2)
    fleet.sync(second)
    second = fleet.put_back(second, backup, keep_witness=True)
    fleet.receive(second, 2)
    fleet.quiet(second, first)
    fleet.put_back_centre(centre)

    fleet.quiet(first)
    alone = fleet.arrived()
    fleet.quiet(second, first)

    assert alone == fleet.arrived() == Counter(fleet.received)
    assert fleet.counted() == 4
    assert fleet.chain_faults() == []


# What proves it


def one_offer(fleet: Fleet) -> tuple[Desk, Kept, list[SealedEntry]]:
    """A machine that knows three dossiers of another one, and the centre's word on these."""
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    centre = fleet.back_up_centre()
    fleet.receive(second, 3)
    fleet.quiet(second, first)
    fleet.put_back_centre(centre)
    with desk_reading(first.database):
        [kept] = [each for each in vouching.everything() if each.vouched.slot == 2]
        return first, kept, journal.entries_after(2, 1, 2, 3)


def offer(fleet: Fleet, desk: Desk, kept: Kept, entries: list[SealedEntry], key: SigningKey | None = None) -> None:
    """Lets the centre accept an offer."""
    identity = desk.identity()
    raw = pack_offer(identity.id, key or identity.key, kept.receipt, kept.vouched, entries)
    taking_back.accept_offer(fleet.central, raw)


def test_an_entry_that_the_centre_never_signed_for_is_not_counted(fleet: Fleet) -> None:
    desk, kept, entries = one_offer(fleet)
    forged = entries[0].payload.replace("Nguyễn".encode(), "Ngưyễn".encode())  # type: ignore[union-attr]
    salt = entries[0].salt or b""
    entries[0] = entries[0]._replace(payload=forged, payload_hash=payload_hash(salt, forged))

    offer(fleet, desk, kept, entries)

    assert fleet.counted() == 0
    with reading(fleet.central.database):
        assert gaps.counts() == {DESK: 3}


def test_an_offer_without_the_centres_word_or_the_machines_is_refused(fleet: Fleet) -> None:
    desk, kept, entries = one_offer(fleet)
    more = replace(kept, vouched=replace(kept.vouched, epoch=2))

    with pytest.raises(BadOffer):
        offer(fleet, desk, more, entries)
    with pytest.raises(BadOffer):
        offer(fleet, desk, kept, [])
    with pytest.raises(BadSignature):
        offer(fleet, desk, kept, entries, SigningKey.from_seed(b"z" * 32))

    assert fleet.counted() == 0
    with reading(fleet.central.database):
        assert not gaps.has_any(DeviceId(DESK, 2))


def test_an_offer_in_parts_is_taken_once_its_end_has_come(fleet: Fleet) -> None:
    desk, kept, entries = one_offer(fleet)

    offer(fleet, desk, kept, entries[:2])
    before = fleet.counted()
    offer(fleet, desk, kept, entries[2:])
    offer(fleet, desk, kept, entries)

    assert (before, fleet.counted()) == (0, 3)
