"""An auditor need not trust us: a changed byte is named in the live database, and in what was exported from it."""

import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import closing, exporting
from central_server.services.exporting import ExportNotWritten, export
from central_server.services.verifying import Verified, verify
from central_server.storage.database import reading
from central_server.storage.models import PeriodStepRow
from desk_client.desk import Desk
from sync_protocol.events import Resolved
from sync_protocol.periods import Period
from sync_protocol.signing import encoded
from sync_protocol.vocabulary import ResultKind
from tests.conftest import KEYS, Link, only_on_sqlite, record, sync_quietly, take, void
from tests.damage import flip_random_value, without_triggers
from tests.factories import StandingClock

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "scripts" / "verify_export.py"

FLIPPED = {
    "entry": ("slot", "epoch", "sequence", "ledger", "kind", "subject", "header", "payload_hash", "entry_hash"),
    "payload": ("salt", "bytes"),
    "verdict": ("kind", "reason", "subject"),
    "dossier": ("id", "dossier_code", "procedure_code", "channel", "stage", "received_on", "received_by", "state"),
    "counter": ("received_on", "ledger_on", "count"),
    "month_count": ("first_on", "count"),
    "device": ("signing_key", "agreement_key", "certificate", "certificate_signature", "head", "head_hash"),
    "statement": ("head", "unsent", "body", "signature"),
    "pack": ("hash", "kind", "body", "signature"),
    "desk": ("ledger_sequence",),
}
"""Columns whose every byte is vouched for by a hash, a signature or the ledger."""

FLIPS = 60
OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))


@pytest.fixture
def lived(central: Central, device: Desk, second_device: Desk, link: Link) -> Central:
    """A centre at which two devices of a desk have been at work."""
    dossiers = [record(device) for _ in range(4)]
    take(device, dossiers[0].id, Resolved(result_kind=ResultKind.GRANTED))
    void(device, dossiers[1])
    sync_quietly(device, link)
    record(second_device)
    sync_quietly(second_device, link)
    return central


def test_a_centre_as_it_was_written_has_no_fault(lived: Central) -> None:
    done = verify(lived)

    assert done.faults == []
    assert (done.devices, done.dossiers) == (2, 5)


@only_on_sqlite
@pytest.mark.parametrize("seed", range(4))
def test_a_changed_byte_of_any_row_is_named(lived: Central, seed: int) -> None:
    dice = random.Random(seed)
    print(f"seed {seed}")
    without_triggers(lived)

    for _ in range(FLIPS // 4):
        table = dice.choice(sorted(FLIPPED))
        with flip_random_value(lived, table, FLIPPED[table], dice) as what:
            if what:
                assert verify(lived).fault_count > 0, what
    assert verify(lived).faults == []


def test_an_entry_that_was_taken_out_is_missed(lived: Central) -> None:
    without_triggers(lived)
    with reading(lived.database):
        lived.database.execute_sql("DELETE FROM payload WHERE slot = 1 AND sequence = 4")
        lived.database.execute_sql("DELETE FROM entry WHERE slot = 1 AND sequence = 4")

    assert faulty_tables(verify(lived)) >= {"entry", "ledger"}


def test_a_tail_that_was_cut_off_is_missed(lived: Central) -> None:
    without_triggers(lived)
    with reading(lived.database):
        lived.database.execute_sql("DELETE FROM payload WHERE slot = 2 AND sequence = 3")
        lived.database.execute_sql("DELETE FROM entry WHERE slot = 2 AND sequence = 3")

    assert faulty_tables(verify(lived)) >= {"device", "ledger"}


def test_a_count_that_somebody_raised_is_named(lived: Central) -> None:
    with reading(lived.database):
        lived.database.execute_sql("UPDATE counter SET count = count + 50")

    assert "counter" in faulty_tables(verify(lived))


def test_an_export_is_checked_with_nothing_of_ours(lived: Central, tmp_path: Path) -> None:
    export(lived, tmp_path / "export")

    done = audited(tmp_path / "export", "--key", encoded(KEYS.signing.public))

    assert done.returncode == 0, done.stderr
    assert "no faults" in done.stdout


def test_an_export_of_another_centre_is_told(lived: Central, tmp_path: Path) -> None:
    export(lived, tmp_path / "export")

    done = audited(tmp_path / "export", "--key", encoded(b"x" * 32))

    assert done.returncode == 1
    assert "another key" in done.stderr


@only_on_sqlite
def test_a_changed_byte_of_an_export_is_named(lived: Central, tmp_path: Path) -> None:
    dice, folder = random.Random(7), tmp_path / "export"
    export(lived, folder)

    for path in sorted(path for path in folder.iterdir() if path.stat().st_size):
        whole = path.read_bytes()
        at = dice.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert audited(folder).returncode == 1, (path.name, at)
        path.write_bytes(whole)


CHANGES: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {
    "entries": lambda line: line | {"payload": encoded(b"{}")},
    "statements": lambda line: line | {"slot": 2},
    "devices": lambda line: line | {"slot": 9},
    "packs": lambda line: line | {"hash": "another"},
    "receipts": lambda line: line | {"body": str(line["body"]).replace('"up_to":', '"up_to":1')},
}


@only_on_sqlite
@pytest.mark.parametrize("name", CHANGES)
def test_a_centre_that_signs_a_false_line_is_found_out(
    lived: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The signed list vouches for the files only; each line has to hold by itself."""
    honest = exporting._File.add

    def false(self: exporting._File, content: Mapping[str, Any]) -> None:
        is_first = self.lines == 0 and self.file.name.endswith(f"{name}.ndjson")
        honest(self, CHANGES[name](dict(content)) if is_first else content)

    monkeypatch.setattr(exporting._File, "add", false)
    export(lived, tmp_path / "export")

    done = audited(tmp_path / "export")

    assert done.returncode == 1
    assert f"{name}.ndjson line 1" in done.stderr


def test_the_figures_of_a_closed_period_are_vouched_for(lived: Central, clock: StandingClock, tmp_path: Path) -> None:
    clock.move(days=25)
    closing.close(lived, OCTOBER, by="tinh", reason="Các máy đã gửi hết")
    export(lived, tmp_path / "export")
    done = audited(tmp_path / "export")
    without_triggers(lived)
    with reading(lived.database):
        row = PeriodStepRow.get()
        PeriodStepRow.update(body=bytes(row.body).replace(b'"arrived":4', b'"arrived":9')).execute()

    verified = verify(lived)

    assert done.returncode == 0, done.stderr
    assert "1 snapshots" in done.stdout
    assert faulty_tables(verified) == {"period_step"}


def test_an_export_never_mixes_with_what_is_there(lived: Central, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("something else")

    with pytest.raises(ExportNotWritten):
        export(lived, tmp_path)


def faulty_tables(done: Verified) -> set[object]:
    """The tables in which something is wrong."""
    return {fault.values["table"] for fault in done.faults}


def audited(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """How the script judges an export; it runs where nothing of this project can be imported."""
    return subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(folder), *words], capture_output=True, text=True, cwd=folder, timeout=60
    )
