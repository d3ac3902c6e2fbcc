"""Erasing by a written order: the contents go for good, the chains hold, the counts stay."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from peewee import DatabaseError

from central_server.central import Central
from central_server.services import deciding, erasing, rebuilding
from central_server.services.backing_up import back_up
from central_server.services.erasing import AlreadyErased
from central_server.services.recovering import Kit
from central_server.services.restoring import Ground, restore
from central_server.settings import Settings
from central_server.storage import models
from central_server.storage.database import reading, write_transaction
from central_server.storage.erased import at_desk
from central_server.storage.keys import NAMES
from central_server.storage.units import EVERYTHING
from sync_protocol.dossiers import UnknownDossier
from sync_protocol.entries import EntryId, SealedEntry, chain
from sync_protocol.signing import agreement_public
from tests.central.test_deciding import arrived, held, projections, release, send_revoked
from tests.central.test_deciding import central as central  # noqa: PLC0414 - the fixture with somebody who decides
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, KEYS, Centres, close, only_on_sqlite
from tests.factories import StandingClock

PLANTED = "Bùi Thị Xóa"
NUMBER = "026185900077"


def lived(central: Central) -> tuple[Writer, str]:
    """A device with a dossier of the planted person, handed over, beside another one."""
    writer = enrolled_writer(central)
    dossier = writer.receive(owner_name=PLANTED, submitter_name=PLANTED, id_number=NUMBER)
    writer.receive()
    writer.resolve(dossier)
    writer.write("deliver", {"delivered_to": PLANTED}, subject=dossier)
    writer.send()
    return writer, dossier


def erase(central: Central, ref: str) -> erasing.Erasure:
    """Erases a dossier of the desk."""
    return erasing.erase(central, EVERYTHING, DESK, ref, order="12/QĐ-UBND", reason="Theo yêu cầu", by="tinh")


def ledger_of(central: Central, slot: int = 1) -> list[tuple[SealedEntry, bytes]]:
    """The entries of a device as they lie in the ledger, with their hashes."""
    with reading(central.database):
        entry, payload = models.Entry, models.Payload
        contents = {
            row.sequence: (bytes(row.bytes), bytes(row.salt)) for row in payload.select().where(payload.slot == slot)
        }
        rows = entry.select().where(entry.slot == slot).order_by(entry.epoch, entry.sequence)
        return [
            (
                SealedEntry(
                    bytes(row.header), bytes(row.payload_hash), *contents.get(row.sequence, (None, None))
                ),
                bytes(row.entry_hash),
            )
            for row in rows
        ]  # fmt: skip


def test_the_contents_of_all_entries_about_the_dossier_are_gone_and_those_of_others_stay(central: Central) -> None:
    _, dossier = lived(central)

    erased = erase(central, dossier)

    assert erased.entries == 3
    assert [entry.payload is None for entry, _ in ledger_of(central)] == [False, True, False, True, True]


def test_the_chain_holds_without_the_contents(central: Central) -> None:
    writer, dossier = lived(central)

    erase(central, dossier)

    kept = ledger_of(central)
    assert chain([entry for entry, _ in kept], writer.origin) == [hash_ for _, hash_ in kept] == writer.hashes


def test_the_dossier_still_counts_and_says_that_it_was_erased(central: Central) -> None:
    _, dossier = lived(central)

    erased = erase(central, dossier)

    assert (arrived(central), erased.dossier.stage, erased.dossier.is_erased) == (2, "delivered", True)


def test_no_byte_of_the_person_is_left_in_the_database(central: Central, tmp_path: Path) -> None:
    _, dossier = lived(central)

    erase(central, dossier)

    close(central)
    with reading(central.database):
        contents = b"".join(bytes(row.bytes) for row in models.Payload.select())
        states = b"".join(bytes(row.state) for row in models.DossierRow.select())
    assert PLANTED.encode() not in contents + states
    assert NUMBER.encode() not in contents + states


def files_of(central: Central) -> bytes:
    """All bytes in the centre's folder."""
    return b"".join(path.read_bytes() for path in central.settings.data.iterdir())


@only_on_sqlite
def test_no_byte_of_the_person_is_left_in_the_file(central: Central) -> None:
    _, dossier = lived(central)
    before = PLANTED.encode() in files_of(central)

    erase(central, dossier)

    assert before
    assert PLANTED.encode() not in files_of(central)
    assert NUMBER.encode() not in files_of(central)


@only_on_sqlite
def test_no_byte_is_left_where_a_row_lay_before_its_page_was_split(central: Central) -> None:
    """Found by the simulator, seed 27: a page that was split kept a copy of what had moved to the next one."""
    first, second = enrolled_writer(central), enrolled_writer(central)
    dossiers = []
    for _ in range(6):
        second.receive()
        second.send()
        dossiers += [first.receive(owner_name=PLANTED) for _ in range(4)]
        first.send()

    for dossier in dossiers:
        erase(central, dossier)

    assert PLANTED.encode() not in files_of(central)


def test_what_a_power_cut_kept_from_following_is_done_by_who_repeats_the_erasure(central: Central) -> None:
    _, dossier = lived(central)
    erase(central, dossier)
    record = central.settings.data / erasing.RECORD
    record.unlink()

    with pytest.raises(AlreadyErased):
        erase(central, dossier)

    assert dossier in record.read_text(encoding="utf-8")


def test_a_backup_is_left_with_a_record_of_all_that_is_erased(central: Central, tmp_path: Path) -> None:
    _, dossier = lived(central)
    erase(central, dossier)
    (central.settings.data / erasing.RECORD).unlink()

    erasing.leave_record(central, tmp_path)

    assert dossier in (tmp_path / erasing.RECORD).read_text(encoding="utf-8")


def test_what_a_branch_that_was_left_says_of_the_person_goes_too(central: Central) -> None:
    writer, dossier = lived(central)
    writer.write("correct", {"changes": {"owner_name": PLANTED}, "reason": "Gõ nhầm"}, subject=dossier)
    last = writer.entries[-1]
    key = {"desk": DESK, "slot": 1, "epoch": 1, "sequence": writer.head, "entry_hash": writer.hashes[-1]}
    said = {"header": last.header_bytes, "payload_hash": last.payload_hash, "salt": last.salt, "bytes": last.payload}
    with write_transaction(central.database):
        models.HeldEntry.insert(**key, **said, arrived_at=central.now()).execute()

    erase(central, dossier)

    with reading(central.database):
        [row] = models.HeldEntry.select()
    assert (row.bytes, row.salt, bytes(row.header)) == (None, None, last.header_bytes)


def test_what_a_device_says_later_of_the_dossier_is_taken_without_its_content(central: Central) -> None:
    writer, dossier = lived(central)
    erase(central, dossier)
    before = projections(central)
    writer.write("correct", {"changes": {"owner_name": PLANTED}, "reason": "Gõ nhầm"}, subject=dossier)

    receipt = writer.send().receipt

    [*_, (last, _)] = ledger_of(central)
    assert receipt.up_to == writer.head
    assert last.payload is None
    assert projections(central) == before


def test_rebuilding_after_an_erasure_gives_what_was_kept(central: Central, clock: StandingClock) -> None:
    writer, dossier = lived(central)
    writer.write(
        "correct",
        {"changes": {"received_at": "2021-10-01T03:00:00Z"}, "reason": "Ghi nhầm ngày"},
        subject=dossier,
        base={"received_at": dossier},
    )
    clock.move(days=1)
    writer.send()
    erase(central, dossier)
    clock.move(days=1)
    deciding.void(central, EVERYTHING, DESK, dossier, reason="Hồ sơ nhập thử", by="tinh")
    kept = projections(central)

    rebuilding.rebuild(central)

    assert projections(central) == kept
    assert arrived(central) == 1


def test_a_dossier_that_was_released_first_is_erased_and_rebuilt(central: Central, clock: StandingClock) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive(owner_name=PLANTED)
    send_revoked(central, writer)
    clock.move(days=2)
    release(central, dossier)
    erase(central, dossier)
    kept = projections(central)

    rebuilding.rebuild(central)

    assert projections(central) == kept
    assert arrived(central) == 1
    assert dossier not in dict(held(central))


def test_a_payload_goes_by_no_other_way(central: Central) -> None:
    lived(central)

    for statement in ("DELETE FROM payload", "UPDATE payload SET salt = salt"):
        with pytest.raises(DatabaseError), write_transaction(central.database):
            central.database.execute_sql(statement)

    assert all(entry.payload for entry, _ in ledger_of(central))


def test_an_erasure_is_itself_never_taken_back(central: Central) -> None:
    _, dossier = lived(central)
    erase(central, dossier)

    for statement in ("DELETE FROM erased_entry", "UPDATE erased_entry SET by_epoch = 1"):
        with pytest.raises(DatabaseError), write_transaction(central.database):
            central.database.execute_sql(statement)


def test_what_is_not_there_or_gone_is_not_erased(central: Central) -> None:
    _, dossier = lived(central)
    erase(central, dossier)

    with pytest.raises(AlreadyErased):
        erase(central, dossier)
    with pytest.raises(UnknownDossier):
        erase(central, "9.9.9")


def test_a_dossier_is_erased_by_the_code_on_its_slip(central: Central) -> None:
    _, dossier = lived(central)

    erased = erase(central, f"{DESK}-211004-1001")

    assert erased.dossier.id == dossier


def test_the_record_for_restored_centres_names_nobody(central: Central) -> None:
    _, dossier = lived(central)

    erase(central, dossier)

    record = (central.settings.data / erasing.RECORD).read_text(encoding="utf-8")
    assert dossier in record
    assert PLANTED not in record
    assert NUMBER not in record


@pytest.fixture
def restored(centres: Centres, central: Central, field_path: Path) -> Callable[[], Central]:
    """Makes a centre from a copy of the database as it is now, as a restored backup would be."""
    return lambda: centres.copy(central, field_path / "restored")


def test_a_restored_centre_erases_again_before_it_opens(
    central: Central, restored: Callable[[], Central], clock: StandingClock
) -> None:
    writer, dossier = lived(central)
    backup = restored()
    writer.write(
        "correct",
        {"changes": {"received_at": "2021-10-01T03:00:00Z"}, "reason": "Ghi nhầm ngày"},
        subject=dossier,
        base={"received_at": dossier},
    )
    writer.send()
    erase(central, dossier)
    (backup.settings.data / erasing.RECORD).write_bytes((central.settings.data / erasing.RECORD).read_bytes())

    count = erasing.reapply(backup)

    with reading(backup.database):
        contents = b"".join(bytes(row.bytes) for row in models.Payload.select())
        counts = [(row.received_on, row.count) for row in models.Counter.select() if row.count]
        erased = at_desk(DESK).names
    assert (count, arrived(backup)) == (1, 2)
    assert PLANTED.encode() not in contents
    assert sorted(counts) == [(date(2021, 10, 1), 1), (date(2021, 10, 4), 1)]
    assert dossier in erased
    assert EntryId.parse(dossier).slot == 1
    assert erasing.reapply(backup) == 0


def test_a_backup_from_before_an_erasure_brings_nothing_back(
    central: Central, clock: StandingClock, tmp_path: Path
) -> None:
    """The record goes with each backup; whichever of them is restored, the centre erases again before it opens."""
    safe = replace(central, keys=replace(KEYS, backup_public=agreement_public(b"b" * 32)))
    _, dossier = lived(safe)
    made = back_up(safe, tmp_path / "backups")
    clock.move(days=1)
    erase(safe, dossier)
    back_up(safe, tmp_path / "backups")
    kit = Kit(keys={name: getattr(safe.keys, name) for name in NAMES}, backup_seed=b"b" * 32)

    done = restore(
        Settings(data=tmp_path / "new"), made.path, kit, Ground(wall=clock, randomness=os.urandom, who="tinh")
    )

    with reading(done.central.database):
        contents = b"".join(bytes(row.bytes) for row in models.Payload.select())
        subjects = at_desk(DESK).names
    assert dossier in subjects
    assert PLANTED.encode() not in contents
    assert arrived(done.central) == 2
