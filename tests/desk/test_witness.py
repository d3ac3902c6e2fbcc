"""The witness beside the database: it knows of what was written, and a torn or absent one says nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services.continuing import look_around
from desk_client.services.recording import InvalidReception, record_reception
from desk_client.services.verifying import JournalCutOff, verify
from desk_client.storage import journal
from desk_client.storage.database import reading
from desk_client.storage.journal import Head
from desk_client.storage.witness import WITNESS_FILE, Witnessed, read_witness, write_witness
from sync_protocol.vocabulary import EpochCause
from tests.conftest import record
from tests.factories import bare_desk, enrolled_desk, reception


def head(desk: Desk) -> Head:
    """The end of a desk's journal."""
    with reading(desk.database):
        return journal.head(1, desk.identity().origin)


def seen(desk: Desk) -> Witnessed | None:
    """What a desk's witness has seen."""
    return read_witness(desk.settings.data)


def put_back(desk: Desk, raw: bytes) -> Desk:
    """The desk with an older database file, started again."""
    desk.database.close()
    for name in ("desk.db-wal", "desk.db-shm"):
        (desk.settings.data / name).unlink(missing_ok=True)
    (desk.settings.data / "desk.db").write_bytes(raw)
    return bare_desk(desk.settings.data)


def test_the_witness_has_seen_the_journals_end_after_each_save(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)

    for _ in range(3):
        record(desk)

        end = head(desk)
        assert seen(desk) == Witnessed(end.epoch, end.sequence, end.hash)


def test_what_was_not_saved_is_not_seen(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)
    before = seen(desk)

    with pytest.raises(InvalidReception):
        record_reception(desk, reception(channel="by pigeon"), received_at=desk.now(), clerk="an.nv")

    assert seen(desk) == before


def test_a_torn_slot_counts_as_absent_and_the_other_one_speaks(tmp_path: Path) -> None:
    write_witness(tmp_path, Witnessed(1, 6, b"a" * 32))
    write_witness(tmp_path, Witnessed(1, 8, b"b" * 32))
    file = tmp_path / WITNESS_FILE
    file.write_bytes(file.read_bytes()[:100])

    assert read_witness(tmp_path) == Witnessed(1, 6, b"a" * 32)


TEARS: dict[str, Callable[[bytes], bytes]] = {
    "a bit of each slot": lambda raw: bytes([raw[0] ^ 1]) + raw[1:64] + bytes([raw[64] ^ 1]) + raw[65:],
    "cut in the first slot": lambda raw: raw[:63],
    "empty": lambda raw: b"",
    "nonsense": lambda raw: b"x" * 128,
}


@pytest.mark.parametrize("name", TEARS)
def test_a_torn_witness_raises_no_alarm(tmp_path: Path, name: str) -> None:
    desk = enrolled_desk(tmp_path)
    record(desk)
    file = tmp_path / WITNESS_FILE
    file.write_bytes(TEARS[name](file.read_bytes()))

    assert look_around(desk) is None


def test_an_older_witness_raises_no_alarm(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)
    older = (tmp_path / WITNESS_FILE).read_bytes()
    record(desk)
    (tmp_path / WITNESS_FILE).write_bytes(older)

    assert look_around(desk) is None


def test_a_file_that_was_put_back_goes_on_in_a_new_epoch_with_other_numbers(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)
    record(desk)
    desk.database.close()
    older = (tmp_path / "desk.db").read_bytes()
    record(desk)

    restored = put_back(desk, older)
    cause = look_around(restored)

    assert (cause, head(restored).epoch) == (EpochCause.RESTORED, 2)
    assert record(restored).dossier_code == "H62.11.01-211004-200000"
    assert look_around(restored) is None


def test_a_tail_that_is_cut_off_is_noticed(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)
    record(desk)
    desk.database.close()
    older = (tmp_path / "desk.db").read_bytes()
    record(desk)
    restored = put_back(desk, older)

    before = verify(restored).faults
    look_around(restored)
    after = verify(restored).faults

    assert [type(fault) for fault in (*before, *after)] == [JournalCutOff, JournalCutOff]
    assert {str(fault.values["entry"]) for fault in (*before, *after)} == {"1.1.4"}


def test_another_machine_is_noticed_once(tmp_path: Path) -> None:
    desk = replace(enrolled_desk(tmp_path), machine="one")

    causes = [look_around(desk), look_around(replace(desk, machine="two")), look_around(replace(desk, machine="two"))]

    assert causes == [None, EpochCause.COPIED, None]
