"""The simulator can fail: with one guarantee switched off in the code, it finds a broken promise within a few seeds."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

from central_server.reports.coverage import Coverage
from central_server.services import enrolment, erasing, judging, keeping, receiving
from central_server.services.comparing import compare
from central_server.storage import ledger, stated
from central_server.storage.devices import Device
from central_server.storage.ledger import JudgedEntry
from desk_client.services import continuing, mending, taking_in
from desk_client.storage import dossiers, journal, lineage, placing
from desk_client.storage import erasing as stored_erasing
from sync_protocol import standings
from sync_protocol.entries import SealedEntry
from sync_protocol.folding import Folded, fold
from sync_protocol.instants import local_date
from sync_protocol.statements import Receipt, Statement
from tests.simulation import disk, machines, returns, world
from tests.simulation.audits import Violation
from tests.simulation.world import simulate

SEEDS = 40
"""More than any of these needs; most are found by the first or second."""

LOST_BYTES = 40_000
"""Of the newest writes, more than one save takes."""

Sabotage = Callable[[pytest.MonkeyPatch], None]


def sent_as_soon_as_it_is_answered(patch: pytest.MonkeyPatch) -> None:
    """Any answer of the centre marks all that the machine holds as sent, as others do by the status of the call."""
    keep_receipt = journal.keep_receipt

    def keep(receipt: Receipt, *rest: Any) -> None:
        end = journal.head(receipt.device.slot, receipt.hash)
        keep_receipt(replace(receipt, up_to=end.sequence, hash=end.hash), *rest)

    patch.setattr(journal, "keep_receipt", keep)


def voids_are_not_subtracted(patch: pytest.MonkeyPatch) -> None:
    """Counters only grow."""

    def gains(entries: Iterable[JudgedEntry]) -> Counter[date]:
        return Counter(each.received_on for each in entries if each.received_on)

    patch.setattr(keeping, "changes", gains)


def entries_are_taken_twice(patch: pytest.MonkeyPatch) -> None:
    """What is held already is appended once more."""
    patch.setattr(receiving, "compare", lambda device, _, *sent: compare(device, {}, *sent))


def unsent_is_not_what_is_left(patch: pytest.MonkeyPatch) -> None:
    """What a machine stated stands, though some of it came with the statement."""
    patch.setattr(receiving, "still_held_back", lambda statement, _: dict(statement.unsent))


def every_statement_covers(patch: pytest.MonkeyPatch) -> None:
    """A statement counts as coverage though its entries have not arrived."""
    covered_until = stated.covered_until
    patch.setattr(stated, "covered_until", lambda device, epoch, _: covered_until(device, epoch, 2**31 - 1))


def clocks_are_believed(patch: pytest.MonkeyPatch) -> None:
    """A statement is of the time that the machine's clock showed."""

    def stated_at(device: Device, statement: Statement, now: datetime) -> datetime:
        return max(statement.at, device.stated_at or statement.at)

    patch.setattr(receiving, "_stated_at", stated_at)


def statements_are_believed_once(patch: pytest.MonkeyPatch) -> None:
    """What a machine states later moves nothing."""

    def stated_at(device: Device, statement: Statement, now: datetime) -> datetime:
        return device.stated_at or statement.at

    patch.setattr(receiving, "_stated_at", stated_at)


def silence_is_taken_for_nothing(patch: pytest.MonkeyPatch) -> None:
    """A desk counts as covered whether or not it has spoken."""
    patch.setattr(standings, "_is_covered", lambda *_: True)


def what_is_past_its_day_is_late(patch: pytest.MonkeyPatch) -> None:
    """A dossier without a result is overdue when its day has passed, whether or not its desk has been heard since."""
    patch.setattr(Coverage, "reaches", lambda *_, **__: True)


def what_cannot_be_judged_is_refused(patch: pytest.MonkeyPatch) -> None:
    """An entry of an unknown kind stops the contact that carries it."""

    def refuse(desk: str, entry: JudgedEntry, error: Exception) -> JudgedEntry:
        raise error

    patch.setattr(judging, "_set_aside", refuse)


def saves_are_not_durable(patch: pytest.MonkeyPatch) -> None:
    """A power cut takes the last writes with it, as with `synchronous=OFF`."""
    files_of = disk.files_of

    def torn(folder: Path) -> dict[str, bytes]:
        files = files_of(folder)
        return {name: raw[: len(raw) - LOST_BYTES] if name.endswith("-wal") else raw for name, raw in files.items()}

    patch.setattr(machines, "files_of", torn)


def what_is_written_again_keeps_its_old_names(patch: pytest.MonkeyPatch) -> None:
    """Entries of a branch that was left stand in the new epoch with the subjects that they had."""
    patch.setattr(continuing._Names, "entry", lambda _, id_: id_)


def what_the_centre_holds_is_written_again(patch: pytest.MonkeyPatch) -> None:
    """A journal that has parted goes on from its beginning, and not from the last entry that both ends hold."""
    part_at = continuing.part_at
    patch.setattr(taking_in, "part_at", lambda desk, _: part_at(desk, continuing.NOWHERE))


def every_copy_writes_again_what_it_holds(patch: pytest.MonkeyPatch) -> None:
    """What the centre has from another copy of a disk already is written again, and taken again."""
    patch.setattr(placing, "ids_held", lambda *_: {})
    patch.setattr(receiving, "without_twins", lambda device, heads, statement, reach: reach)
    # So many copies that two soon write the same again.
    patch.setitem(world.TROUBLES, returns.start_copy, 4.0)


def numbers_are_left_out(patch: pytest.MonkeyPatch) -> None:
    """An entry gets the number after the next one, as from a counter that is no part of the transaction."""
    head = journal.head

    def ahead(slot: int, origin: bytes) -> journal.Head:
        end = head(slot, origin)
        return replace(end, sequence=end.sequence + 1) if end.sequence else end

    patch.setattr(journal, "head", ahead)


def places_of_the_ledger_stay_empty(patch: pytest.MonkeyPatch) -> None:
    """A number of the ledger is taken before it is known whether anything comes."""
    locked_sequence = ledger.locked_sequence
    patch.setattr(ledger, "locked_sequence", lambda desk: locked_sequence(desk) + 1)


def contents_are_tidied(patch: pytest.MonkeyPatch) -> None:
    """The centre writes what it has read, and not the bytes that were sealed."""
    append = ledger.append

    def tidy(database: Database, desk: str, entries: Iterable[JudgedEntry], *rest: Any) -> None:
        append(database, desk, [replace(each, sealed=_tidied(each.sealed)) for each in entries], *rest)

    patch.setattr(ledger, "append", tidy)


def screens_forget_a_step(patch: pytest.MonkeyPatch) -> None:
    """The journal takes a step that the row of the dossier does not show."""
    put = dossiers.put
    patch.setattr(dossiers, "put", lambda stored: stored if stored.number else put(stored))


def damaged_enrolments_are_taken(patch: pytest.MonkeyPatch) -> None:
    """The centre takes the key of a new machine as it arrives."""
    patch.setattr(enrolment, "check_request", lambda _: None)


def every_new_epoch_passes_for_a_loss(patch: pytest.MonkeyPatch) -> None:
    """`verify` misses the end of a journal wherever a disk was put back or copied, whether or not anything is gone."""
    patch.setattr(lineage, "missing", lambda *_: 1)


def counts_follow_another_day_than_the_ledger(patch: pytest.MonkeyPatch) -> None:
    """What arrives is counted for the day before it arrived, which nobody finds in the ledger again."""
    patch.setattr(keeping, "local_date", lambda at: local_date(at) - timedelta(days=1))


def the_ends_fold_by_different_rules(patch: pytest.MonkeyPatch) -> None:
    """The centre's program forgets who has received a dossier, and a desk's does not."""

    def forgetful(*said: Any) -> Folded:
        folded = fold(*said)
        return replace(folded, dossier=replace(folded.dossier, received_by=""))

    patch.setattr(judging, "fold", forgetful)


def what_is_erased_stays_in_the_log(patch: pytest.MonkeyPatch) -> None:
    """The rows are removed, and the file is left to itself."""
    patch.setattr(erasing, "clear_traces", lambda _: None)


def machines_do_not_follow_an_erasure(patch: pytest.MonkeyPatch) -> None:
    """A machine takes the decision in and keeps what it holds."""
    patch.setattr(stored_erasing, "erase", lambda *_, **__: 0)


def a_damaged_log_is_opened_before_it_is_kept(patch: pytest.MonkeyPatch) -> None:
    """The engine takes what comes before the damage, and overwrites the rest."""
    patch.setattr(mending, "_keep", lambda *_: None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sabotage", "invariants", "first_seed"),
    [
        (sent_as_soon_as_it_is_answered, "I3", 0),
        (voids_are_not_subtracted, "I15", 0),
        (entries_are_taken_twice, "I7", 0),
        (unsent_is_not_what_is_left, "I13", 0),
        (every_statement_covers, "I5", 2),
        (statements_are_believed_once, "I17", 0),
        (clocks_are_believed, "I4 I5", 0),
        (silence_is_taken_for_nothing, "I4", 0),
        (what_is_past_its_day_is_late, "I18", 0),
        (what_cannot_be_judged_is_refused, "I14", 0),
        (saves_are_not_durable, "I1 I3 I6", 0),
        (what_is_written_again_keeps_its_old_names, "I11 I12 I15 I16 I20", 77),
        (what_the_centre_holds_is_written_again, "I14", 23),
        (every_copy_writes_again_what_it_holds, "I9", 0),
        (numbers_are_left_out, "I2", 0),
        (places_of_the_ledger_stay_empty, "I6", 0),
        (contents_are_tidied, "I10", 0),
        (screens_forget_a_step, "I11", 0),
        (every_new_epoch_passes_for_a_loss, "I11", 10),
        (damaged_enrolments_are_taken, "I14 I17", 5003),
        (counts_follow_another_day_than_the_ledger, "I12", 0),
        (the_ends_fold_by_different_rules, "I16", 0),
        (what_is_erased_stays_in_the_log, "I19", 0),
        (machines_do_not_follow_an_erasure, "I19", 0),
        (a_damaged_log_is_opened_before_it_is_kept, "I20", 0),
    ],
)
def test_a_guarantee_that_is_switched_off_is_missed(
    sabotage: Sabotage, invariants: str, first_seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sabotage(monkeypatch)

    with pytest.raises(Violation) as found:
        _simulate_all(range(first_seed, first_seed + SEEDS))

    assert found.value.invariant in invariants.split()


def _tidied(sealed: SealedEntry) -> SealedEntry:
    return sealed._replace(payload=sealed.payload and sealed.payload + b"\n")


def _simulate_all(seeds: Iterable[int]) -> None:
    for seed in seeds:
        simulate(seed)
