"""The file is checked as a whole: any damage to the journal is told, and so is a screen that says something else."""

import json
import threading
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from desk_client.__main__ import cli
from desk_client.desk import Desk, NotEnrolled
from desk_client.services.projecting import rebuild
from desk_client.services.verifying import FAULTS_MAX, JournalDamaged, ScreensDiffer, Verified, verify
from desk_client.storage import dossiers, journal
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.erasing import erase
from sync_protocol.entries import EntryId, Header, seal
from sync_protocol.messages import error_text
from tests.conftest import record, take, void
from tests.desk.projections import KEY, projection
from tests.factories import NOW, StandingClock, enrolled_desk
from tests.processes import command
from tests.protocol.lives import RESOLVED

WITHOUT_GUARDS = ("entry_is_never_changed", "entry_is_never_removed", "payload_is_never_changed")


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device with six entries about three dossiers: 3 receive, 4 resolve, 5 receive, 6 receive, 7 void."""
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "desk.key").write_text(KEY)
    made = enrolled_desk(tmp_path / "desk", clock=clock)
    take(made, record(made).id, RESOLVED)
    record(made)
    void(made, record(made, procedure_code="2.000815"))
    return made


def damage(desk: Desk, statement: str) -> None:
    """Changes the file as no part of the program can."""
    with reading(desk.database):
        for trigger in WITHOUT_GUARDS:
            desk.database.execute_sql(f"DROP TRIGGER IF EXISTS {trigger}")
        desk.database.execute_sql("PRAGMA foreign_keys = 0")
        desk.database.execute_sql(statement)


def told(verified: Verified) -> list[tuple[str, str]]:
    return [(str(fault.values["entry"]), str(fault.values["reason"])) for fault in verified.faults]


def test_a_file_that_is_whole_has_no_fault(desk: Desk) -> None:
    assert verify(desk) == Verified(entries=7, epochs=1, dossiers=3, faults=())


def test_checking_changes_nothing_and_can_be_done_again(desk: Desk) -> None:
    shown = projection(desk)

    first, second = verify(desk), verify(desk)

    assert (first, projection(desk)) == (second, shown)


CONTENT, CHAIN = "its content is not the one that was sealed.", "it does not follow from the one before it."
ROW, SEQUENCE, HEADER = "it is not what its row says.", "it is out of sequence.", "its header is damaged."
DAMAGES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a content that was changed": (
        "UPDATE payload SET bytes = CAST('{\"reason\":\"x\"}' AS BLOB) WHERE sequence = 7",
        [("1.1.7", CONTENT)],
    ),
    "a salt that was changed": ("UPDATE payload SET salt = zeroblob(16) WHERE sequence = 3", [("1.1.3", CONTENT)]),
    "a hash of a content that was changed": (
        "UPDATE entry SET payload_hash = zeroblob(32) WHERE sequence = 3",
        [("1.1.3", CHAIN)],
    ),
    "a hash that was changed": (
        "UPDATE entry SET entry_hash = zeroblob(32) WHERE sequence = 5",
        [("1.1.5", CHAIN), ("1.1.6", CHAIN)],
    ),
    "a header that was changed": (
        "UPDATE entry SET header = CAST(replace(CAST(header AS TEXT), 'an.nv', 'binh') AS BLOB) WHERE sequence = 4",
        [("1.1.4", CHAIN)],
    ),
    "a header that is none": ("UPDATE entry SET header = x'00' WHERE sequence = 6", [("1.1.6", HEADER)]),
    "a row of another kind": ("UPDATE entry SET kind = 'deliver' WHERE sequence = 4", [("1.1.4", ROW)]),
    "a row about another dossier": ("UPDATE entry SET subject = '1.1.5' WHERE sequence = 4", [("1.1.4", ROW)]),
    "an entry that is gone": ("DELETE FROM entry WHERE sequence = 4", [("1.1.5", SEQUENCE)]),
    "a beginning that is gone": ("DELETE FROM entry WHERE sequence = 1", [("1.1.2", SEQUENCE)]),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_to_the_journal_is_told_with_its_place(desk: Desk, name: str) -> None:
    statement, expected = DAMAGES[name]
    damage(desk, statement)

    verified = verify(desk)

    assert told(verified) == expected
    assert all(isinstance(fault, JournalDamaged) for fault in verified.faults)


def test_a_journal_that_is_damaged_all_over_is_not_told_entry_by_entry(desk: Desk) -> None:
    for _ in range(FAULTS_MAX):
        record(desk)
    damage(desk, "UPDATE entry SET entry_hash = zeroblob(32)")

    assert len(verify(desk).faults) == FAULTS_MAX


def test_the_journal_is_whole_also_where_the_law_had_a_content_erased(desk: Desk) -> None:
    erased = record(desk).id
    with write_transaction(desk.database):
        assert erase({erased}, by=EntryId(0, 1, 1)) == 1
    rebuild(desk)

    assert verify(desk).faults == ()


@pytest.mark.parametrize("is_fresh", [True, False], ids=["from the certificate", "from the epoch before"])
def test_the_chain_of_every_epoch_is_followed(desk: Desk, is_fresh: bool) -> None:
    origin = desk.identity().origin
    with reading(desk.database):
        last = journal.head(1, origin)
    previous = origin if is_fresh else last.hash
    first = _opened_epoch(desk, 1, previous)
    _opened_epoch(desk, 2, first)

    verified = verify(desk)

    assert (verified.entries, verified.epochs, verified.faults) == (9, 2, ())


def test_an_epoch_that_follows_from_nowhere_is_told(desk: Desk) -> None:
    _opened_epoch(desk, 1, b"h" * 32)

    assert told(verify(desk)) == [("1.2.1", CHAIN)]


def _opened_epoch(desk: Desk, sequence: int, previous: bytes) -> bytes:
    header = Header(
        slot=1, epoch=2, sequence=sequence, kind="open_epoch", version=1, subject="", happened_at=NOW, recorded_at=NOW,
        monotonic_ms=0, boot="b", offset_ms=None, clerk="", pack=0,
    )  # fmt: skip
    entry = seal(header, {"app_version": "1", "machine": "x"}, b"s" * 16)
    with write_transaction(desk.database):
        journal.append(header, entry, entry.hash_after(previous), (None, None))
    return entry.hash_after(previous)


FIRST, SECOND = "H62.11.01-211004-0001", "H62.11.01-211004-0002"
OTHER_SCREENS: dict[str, tuple[str, list[str]]] = {
    "a stage": ("UPDATE dossier SET stage = 'delivered' WHERE id = '1.1.3'", [FIRST]),
    "an appointment": ("UPDATE dossier SET due_at = due_at + 1000 WHERE id = '1.1.5'", [SECOND]),
    "a name": ("UPDATE dossier SET owner_name = 'Vàng A Páo' WHERE id = '1.1.3'", [FIRST]),
    "a row that is gone": ("DELETE FROM dossier WHERE id = '1.1.3'", [FIRST]),
    "a row too many": (
        "INSERT INTO dossier SELECT 99, '1.1.99', NULL, slip_code, external_code, procedure_code, channel, stage,"
        " source, received_at, received_on, recorded_on, received_by, due_at, resolved_at, delivered_at,"
        " submitter_name, owner_name, id_number, phone, sort_key, contradicted, state, content"
        " FROM dossier WHERE id = '1.1.3'",
        ["dossiers that the journal does not hold"],
    ),
    "a word that is gone": ("DELETE FROM dossier_words WHERE rowid = 2", ["the search"]),
    "a word too many": ("INSERT INTO dossier_words (rowid, words) VALUES (77, 'ma')", ["the search"]),
    "a count": ("UPDATE procedure_use SET count = 9", ["the usual procedures"]),
}


@pytest.mark.parametrize("name", OTHER_SCREENS)
def test_a_screen_that_says_something_else_is_told_and_a_rebuild_mends_it(desk: Desk, name: str) -> None:
    statement, what = OTHER_SCREENS[name]
    damage(desk, statement)

    [fault] = verify(desk).faults
    rebuild(desk)

    assert isinstance(fault, ScreensDiffer)
    assert fault.values["what"] == what
    assert verify(desk).faults == ()


def test_others_may_write_while_the_file_is_checked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clerk in another window saves a dossier in the middle; what is checked is what stood at the beginning."""
    saved: list[Any] = []
    real = dossiers.row_count

    def row_count() -> int:
        clerk = threading.Thread(target=lambda: saved.append(record(desk)))
        clerk.start()
        clerk.join()
        return real()

    monkeypatch.setattr(dossiers, "row_count", row_count)

    verified = verify(desk)

    assert (len(saved), verified.dossiers, verified.faults) == (1, 3, ())


# The command line

MANY = {
    "channel": "online", "due_on": "2021-10-15", "email": "ten@vidu.vn", "fee_amount_vnd": 8_000, "out_of_area": True,
    "owner_name": "Vàng A Páo", "phone": "0987000088", "procedure_code": "1.001193", "set_count": 2, "sex": "male",
    "summary": "Xin cấp lại", "received_at": "2021-10-04T01:15:00Z",
}  # fmt: skip


def run(desk: Desk, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--data", str(desk.settings.data), *words], env={"DESK_KEY_STORE": "file"})


def test_the_commands_say_in_both_languages_what_was_found(desk: Desk) -> None:
    results = run(desk, "rebuild"), run(desk, "verify")

    assert [result.exit_code for result in results] == [0, 0]
    assert [result.stdout.splitlines() for result in results] == [
        ["Đã dựng lại 3 hồ sơ từ nhật ký của máy", "3 dossiers made again from the journal"],
        [
            "Nhật ký nguyên vẹn: 7 bản ghi, 3 hồ sơ hiển thị đúng như nhật ký",
            "The journal is whole: 7 entries, 3 dossiers shown as it says",
        ],
    ]


def test_the_commands_answer_machines_in_json(desk: Desk) -> None:
    results = run(desk, "rebuild", "--json"), run(desk, "verify", "--json")

    assert [orjson.loads(result.stdout) for result in results] == [
        {"dossiers": 3},
        {"entries": 7, "epochs": 1, "dossiers": 3, "faults": []},
    ]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE entry SET kind = 'deliver' WHERE sequence = 4", "journal_damaged"),
        ("UPDATE dossier SET stage = 'delivered' WHERE id = '1.1.3'", "screens_differ"),
    ],
)
def test_a_fault_ends_the_command_with_an_error_that_says_what_is_safe_and_what_to_do(
    desk: Desk, statement: str, fault: str
) -> None:
    damage(desk, statement)

    result = run(desk, "verify", "--json")

    assert result.exit_code == 1
    assert orjson.loads(result.stdout)["faults"] == [fault]
    [error] = verify(desk).faults
    assert result.stderr.splitlines() == [error_text(error, "vi"), error_text(error, "en")]


def test_what_one_process_has_written_is_found_right_by_another(desk: Desk) -> None:
    """Each process orders its sets in its own way; nothing of that may stand in the file."""
    code = record(desk).dossier_code
    desk.database.close()
    line = {
        "event": "correct",
        "dossier": code,
        "at": "2021-10-04T09:30:00+07:00",
        "changes": MANY,
        "reason": "Gõ nhầm",
    }

    with_seed = {"DESK_KEY_STORE": "file", "PYTHONHASHSEED": "1"}
    written = command("desk_client", desk.settings.data, "record", "-", given=json.dumps(line), **with_seed)
    found = command("desk_client", desk.settings.data, "verify", **with_seed | {"PYTHONHASHSEED": "2"})

    assert (written.code, written.err) == (0, "")
    assert (found.code, found.err) == (0, "")


def test_a_machine_that_is_not_enrolled_has_nothing_to_check(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["--data", str(tmp_path), "verify"], env={"DESK_KEY_STORE": "file"})

    assert (result.exit_code, type(result.exception)) == (1, NotEnrolled)
