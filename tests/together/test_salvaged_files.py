"""A desk's file is damaged while it holds dossiers that were not sent: what is saved goes on, and each counts once."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from central_server.central import Central
from central_server.services import signing_in
from central_server.services.devices import machine
from central_server.services.erasing import erase
from central_server.services.verifying import verify as verify_centre
from central_server.storage import branches, models
from central_server.storage.branches import Sign
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.overview import overview
from desk_client.services.salvaging import salvage_file
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage import lineage
from desk_client.storage import models as desk_models
from desk_client.storage.carving import PAGE_BYTES
from desk_client.storage.database import open_database
from desk_client.storage.database import reading as desk_reading
from desk_client.storage.lineage import Point
from desk_client.storage.witness import WITNESS_FILE
from sync_protocol.vocabulary import Role
from tests.conftest import DESK, Link, arrived_codes, held_codes, only_on_sqlite, record, sync, sync_quietly
from tests.desk.projections import KEY
from tests.factories import StandingClock
from tests.together.field import assert_replicas_are_equal, hush
from tests.together.fleet import Fleet, names_at

pytestmark = only_on_sqlite

ERASED = "Bùi Thị Xóa"


def started(folder: Path, clock: StandingClock) -> Desk:
    """The installation as its program starts, with the clock of the test."""
    return replace(open_desk(Settings(data=folder, key_store="file")), clock=clock)


def killed_with_unsent(device: Desk, link: Link, clock: StandingClock, *, sent: int = 3, filed: int = 2) -> list[str]:
    """Some dossiers were sent, some lie in the file and three in its log when the power fails; gives their codes."""
    folder = device.settings.data
    (folder / "desk.key").write_text(KEY)
    for _ in range(sent):
        record(device)
    sync_quietly(device, link)
    for _ in range(filed):
        record(device)
    device.database.close()
    desk = started(folder, clock)
    left = folder.with_name("left")
    with desk_reading(desk.database):
        for _ in range(3):
            record(desk)
        shutil.copytree(folder, left)
    codes = held_codes(desk)
    desk.database.close()
    shutil.rmtree(folder)
    left.rename(folder)
    (folder / "desk.db-shm").unlink(missing_ok=True)
    return codes


def zero_pages(folder: Path, chance: random.Random, share: float = 0.05) -> None:
    """A disk gives back nothing of a share of the file's pages, the first one never among them."""
    path = folder / "desk.db"
    raw = bytearray(path.read_bytes())
    for _ in range(round(share * len(raw) / PAGE_BYTES)):
        start = chance.randrange(1, len(raw) // PAGE_BYTES) * PAGE_BYTES
        raw[start : start + PAGE_BYTES] = bytes(PAGE_BYTES)
    path.write_bytes(raw)


def salvaged(desk: Desk, clock: StandingClock) -> Desk:
    """An installation after its file was set aside and what could be read of it was saved."""
    desk.database.close()
    path = desk.settings.data / "desk.db"
    log = path.with_name("desk.db-wal")
    assert salvage_file(path, log, KEY, lambda fresh: replace(desk, database=open_database(fresh, KEY)))
    return started(desk.settings.data, clock)


def without_contents(desk: Desk, *sequences: int) -> Desk:
    """An installation of which pages with what some entries of its first epoch say are gone."""
    (desk.settings.data / "desk.key").write_text(KEY)
    with desk_reading(desk.database):
        desk.database.execute_sql("DROP TRIGGER payload_goes_only_by_erasure")
        is_one = (desk_models.Payload.slot == desk.identity().id.slot) & (desk_models.Payload.epoch == 1)
        desk_models.Payload.delete().where(is_one, desk_models.Payload.sequence.in_(sequences)).execute()
    return desk


def counted(central: Central) -> int:
    """How many dossiers of the desk the centre counts."""
    with reading(central.database):
        return sum(row.count for row in models.Counter.select().where(models.Counter.desk == DESK))


@pytest.mark.parametrize("seed", range(4))
def test_what_is_saved_of_a_damaged_file_arrives_in_a_new_epoch_and_counts_once(
    central: Central, link: Link, device: Desk, enrol: Callable[..., Desk], clock: StandingClock, seed: int
) -> None:
    codes = killed_with_unsent(device, link, clock)
    folder = device.settings.data
    zero_pages(folder, random.Random(seed))

    desk = started(folder, clock)
    waiting = overview(desk).unsent_count
    hush(link, desk, sibling := enrol())

    assert any(folder.glob("set-aside-*"))
    assert len(codes) == 8
    assert arrived_codes(central) == held_codes(desk) == held_codes(sibling) == codes
    assert (counted(central), waiting >= 5, overview(desk).unsent_count) == (8, True, 0)
    assert verify(desk).faults == ()
    with reading(central.database):
        assert {each.what for each in branches.signs(DESK)} <= {Sign.RESTORED}
        assert models.Entry.select().where(models.Entry.slot == 1, models.Entry.epoch == 2).exists()
    assert_replicas_are_equal(central, desk, sibling)


def test_what_was_on_its_way_when_the_file_was_damaged_counts_once(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    """The centre had all of it, but its answer was lost: the machine takes it for unsent and writes it again."""
    codes = killed_with_unsent(device, link, clock)
    folder = device.settings.data
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    before = started(copy, clock)
    link.lose("answer")
    sync(before, link)
    before.database.close()
    zero_pages(folder, random.Random(1))

    desk = started(folder, clock)
    hush(link, desk)

    assert arrived_codes(central) == held_codes(desk) == codes
    assert counted(central) == 8


@pytest.mark.parametrize("seed", range(3))
def test_what_stood_behind_a_gap_and_was_not_sent_is_written_again_and_counts_once(
    central: Central, link: Link, device: Desk, clock: StandingClock, seed: int
) -> None:
    """So much of the file is gone that the journal breaks off before what lay in the log."""
    codes = killed_with_unsent(device, link, clock, sent=30, filed=20)
    sent, in_log = codes[:30], codes[-3:]
    folder = device.settings.data
    zero_pages(folder, random.Random(seed), share=1.5)

    desk = started(folder, clock)
    hush(link, desk)

    with reading(central.database):
        again = models.Entry.select().where(models.Entry.slot == 1, models.Entry.epoch > 1)
        assert again.where(models.Entry.kind == "receive").count() >= 3
    assert set(arrived_codes(central)) >= {*sent, *in_log}
    assert arrived_codes(central) == held_codes(desk)
    assert counted(central) == len(held_codes(desk))


def test_what_the_law_had_erased_is_no_gap_of_a_journal_and_stays_erased(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    """Found by the simulator, seed 40023 with many damages: all behind it was written again or fetched once more."""
    (device.settings.data / "desk.key").write_text(KEY)
    dossier = record(device, owner_name=ERASED)
    sync_quietly(device, link)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Tỉnh", role=Role.PROVINCE, unit_code=None, password="mot-cua-2021"
    )
    erase(central, EVERYTHING, DESK, dossier.id, order="12/QĐ-UBND", reason="Theo yêu cầu", by="tinh")
    sync_quietly(device, link)
    record(device)

    desk = salvaged(device, clock)

    with desk_reading(desk.database):
        present = lineage.present()
        assert present is not None
        assert present.parent == present.witnessed == Point(1, 4)
        assert desk_models.Entry.select().where(desk_models.Entry.slot < 0).count() == 0
        contents = [bytes(row.bytes) for row in desk_models.Payload.select()]
    assert not any(ERASED.encode() in content for content in contents)
    hush(link, desk)
    assert_replicas_are_equal(central, desk)


def test_nothing_passes_for_missing_that_was_written_again_behind_a_gap(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    """Found by the simulator, seed 40023 with many damages: what had come back from the centre ended before it."""
    record(device)
    record(device)
    sync_quietly(device, link)
    record(device)

    desk = salvaged(without_contents(device, 3), clock)
    hush(link, desk)

    with desk_reading(desk.database):
        present = lineage.present()
    assert present is not None
    assert (present.parent, present.witnessed) == (Point(1, 2), Point(1, 3))
    assert (told := overview(desk).goes_on) is not None
    assert told.missing == 0
    assert verify(desk).faults == ()
    assert machine(central, EVERYTHING, device.identity().id)[1].missing == ()


def test_an_epoch_that_goes_on_from_the_certificate_is_no_damage_of_the_centre(
    central: Central, link: Link, device: Desk, clock: StandingClock
) -> None:
    """Nothing was left of what the centre had, so the journal begins anew beside it."""
    codes = killed_with_unsent(device, link, clock)
    folder = device.settings.data
    zero_pages(folder, random.Random(1), share=20)
    (folder / "desk.db-wal").unlink()

    desk = started(folder, clock)
    hush(link, desk)

    with desk_reading(desk.database):
        assert lineage.ancestors() == []
    assert verify_centre(central).faults == []
    assert arrived_codes(central) == held_codes(desk) == codes[:3]


# A centre that was put back meanwhile


def sent_and_put_back(fleet: Fleet, held: int) -> Desk:
    """A machine that has sent four dossiers, by its entries 3 to 6; the centre is put back to when it held so many."""
    desk = fleet.machine()
    fleet.receive(desk, held)
    fleet.sync(desk)
    copy = fleet.back_up_centre()
    fleet.receive(desk, 4 - held)
    fleet.sync(desk)
    fleet.put_back_centre(copy)
    return desk


def put_back_and_damaged(fleet: Fleet, *gone: int, held: int = 0) -> Desk:
    """Such a machine that has kept a fifth dossier, entry 7; it is damaged so that the contents of some are gone."""
    desk = sent_and_put_back(fleet, held)
    fleet.receive(desk, 1)
    return salvaged(without_contents(desk, *gone), fleet.clock)


@pytest.mark.parametrize("gone", [(1,), (1, 2), (2, 3), (3,), (3, 5)])
@pytest.mark.parametrize("held", [0, 1, 2])
def test_what_a_centre_that_was_put_back_had_confirmed_behind_a_gap_is_sent_again(
    fleet: Fleet, gone: tuple[int, ...], held: int
) -> None:
    """Found by the simulator, seed 50071: it was known at the centre, so it was never sent again."""
    lost = {sequence - 3 for sequence in gone if sequence >= 3 + held}

    desk = put_back_and_damaged(fleet, *gone, held=held)
    fleet.quiet(desk)

    still = Counter(name for number, name in enumerate(fleet.received) if number not in lost)
    assert fleet.arrived() == names_at(desk) == still
    assert fleet.counted() == len(still)
    assert overview(desk).unsent_entries == 0
    assert fleet.beyond_gaps() == 0
    assert verify_centre(fleet.central).faults == []


@pytest.mark.parametrize("lost", ["answer", "request"])
def test_nothing_is_proven_before_what_was_lost_behind_a_gap_has_come_again(fleet: Fleet, lost: str) -> None:
    """The statement arrives, alone; then its answer is lost, or the message with the entries behind it."""
    desk = put_back_and_damaged(fleet, 1)
    fleet.clock.move(days=30)
    if lost == "request":
        fleet.link.answer(bytes)
    fleet.link.lose(lost)

    fleet.sync(desk)
    before = fleet.judgement()
    fleet.quiet(desk)
    after = fleet.judgement()

    assert (before.arrived, before.flag_proven) == (0, False)
    assert (after.arrived, after.flag_proven) == (5, True)


def test_what_only_a_receipt_has_seen_is_known_to_be_missing(fleet: Fleet) -> None:
    """Two of four that were sent are gone with the centre's database, with the machine's file, and with its witness."""
    desk = sent_and_put_back(fleet, held=1)
    (desk.settings.data / WITNESS_FILE).unlink()

    desk = salvaged(without_contents(desk, 5, 6), fleet.clock)
    fleet.clock.move(days=30)
    fleet.quiet(desk)

    [missing] = machine(fleet.central, EVERYTHING, desk.identity().id)[1].missing
    assert (str(missing.first), str(missing.last)) == ("1.1.5", "1.1.6")
    assert (fleet.judgement().arrived, fleet.judgement().flag_proven) == (2, False)


@pytest.mark.parametrize("since", [0, 1])
def test_an_image_of_a_salvaged_file_goes_on_beside_what_was_sent_since(fleet: Fleet, since: int) -> None:
    """It knows of no answer since the damage, and meets a centre by another name that has its epoch otherwise."""
    desk, second = fleet.machine(), fleet.enrol()
    fleet.receive(desk, 4)
    fleet.sync(desk, second)
    desk = salvaged(without_contents(desk, 1), fleet.clock)
    image = fleet.files(desk)
    desk = fleet.start(desk.settings.data, desk)
    fleet.receive(desk, 2)
    fleet.quiet(desk)
    copy = fleet.back_up_centre()
    fleet.receive(second, 1)
    fleet.sync(second)
    fleet.put_back_centre(copy)
    fleet.quiet(second)
    desk = fleet.put_back(desk, image)
    fleet.receive(desk, since)

    fleet.quiet(desk, second)

    assert fleet.arrived() == names_at(desk) == names_at(second) == Counter(fleet.received)
    assert fleet.counted() == 7 + since
    assert_replicas_are_equal(fleet.central, desk, second)


def test_what_comes_down_again_of_a_journal_with_a_gap_opens_one_epoch(fleet: Fleet) -> None:
    desk = fleet.machine()
    fleet.receive(desk, 4)
    fleet.sync(desk)
    fleet.receive(desk, 1)

    desk = salvaged(without_contents(desk, 1, 4), fleet.clock)
    fleet.quiet(desk)

    with desk_reading(desk.database):
        assert [each.epoch for each in lineage.epochs()] == [2]
    assert fleet.arrived() == names_at(desk) == Counter(fleet.received)
    assert fleet.signs() == {Sign.RESTORED}
