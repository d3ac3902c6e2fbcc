"""What the centre decides at a desk: releases and voids, as entries of its own in the desk's ledger."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import deciding, rebuilding, signing_in
from central_server.services.deciding import NotHeld, ReasonNeeded, StillSetAside
from central_server.services.enrolment import UnknownDesk
from central_server.services.judging import judge
from central_server.services.keeping import keep_judged
from central_server.services.signing_in import UnknownUser
from central_server.storage import counters, holding, ledger, models
from central_server.storage.database import reading, write_transaction
from central_server.storage.holding import DEVICE_REVOKED
from central_server.storage.ledger import JudgedEntry
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol import schemas
from sync_protocol.certificates import centre_origin
from sync_protocol.entries import SealedEntry, chain
from sync_protocol.events import Released
from sync_protocol.periods import Period
from sync_protocol.schemas import read_event
from sync_protocol.transitions import IllegalTransition
from sync_protocol.vocabulary import EventKind, Role
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock

PERIOD = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
PROJECTIONS = (models.DossierRow, models.Counter, models.MonthCount, models.VerdictRow, models.LaterCount)


@pytest.fixture
def central(central: Central) -> Central:
    """A centre with somebody who decides."""
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Tỉnh", role=Role.PROVINCE, unit_code=None, password="mot-cua-2021"
    )
    return central


def arrived(central: Central, code: str = DESK) -> int:
    """Dossiers that the centre counts for a desk in October."""
    with reading(central.database):
        return counters.arrived(PERIOD, code).get(code, 0)


def held(central: Central, code: str = DESK) -> list[tuple[str, str]]:
    """Entries of a desk that are set aside, and why."""
    with reading(central.database):
        return [(str(each.id), each.reason) for each in holding.held([code], 1_000)]


def projections(central: Central) -> dict[str, list[dict[str, Any]]]:
    """All that is made from the ledger; counts of 0 say nothing."""
    with reading(central.database):
        rows = {model.__name__: list(model.select().order_by(*model._meta.get_primary_keys()).dicts())
                for model in PROJECTIONS}  # fmt: skip
    return rows | {name: [row for row in rows[name] if row["count"]] for name in ("Counter", "MonthCount")}


def of_centre(central: Central, code: str = DESK) -> list[SealedEntry]:
    """The centre's own journal at a desk, without payloads."""
    with reading(central.database):
        entry = models.Entry
        rows = entry.select().where(entry.desk == code, entry.slot == 0).order_by(entry.ledger)
        return [SealedEntry(bytes(row.header), bytes(row.payload_hash), None, None) for row in rows]


def release(central: Central, *names: str, reason: str = "Đã đối chiếu sổ giấy") -> deciding.Decided:
    """Releases entries of the desk."""
    return deciding.release(central, EVERYTHING, DESK, names, reason=reason, by="tinh")


def void(central: Central, ref: str) -> None:
    """Voids a dossier of the desk."""
    deciding.void(central, EVERYTHING, DESK, ref, reason="Hồ sơ nhập thử", by="tinh")


def send_revoked(central: Central, writer: Writer) -> None:
    """Takes the journal into the ledger as that of a device whose word does not count."""
    with write_transaction(central.database):
        last = ledger.locked_sequence(writer.device.desk)
        entries = [
            JudgedEntry(sealed=entry, header=entry.header, entry_hash=hash_)
            for entry, hash_ in zip(writer.entries, writer.hashes, strict=True)
        ]
        held = {each.header.id: DEVICE_REVOKED for each in entries}
        judged = judge(writer.device.desk, entries, held=held)
        keep_judged(central.database, writer.device.desk, judged, last, central.now())


def unknown_kind(monkeypatch: pytest.MonkeyPatch, kind: EventKind) -> Callable[[], None]:
    """An older program, which does not know a kind; gives what makes it the newer one."""
    monkeypatch.delitem(schemas.SCHEMAS, kind)
    return monkeypatch.undo


def test_what_a_device_sends_whose_word_does_not_count_is_kept_and_counts_nowhere(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()

    send_revoked(central, writer)

    assert arrived(central) == 0
    assert (dossier, DEVICE_REVOKED) in held(central)


def test_a_released_reception_counts_on_its_day_of_reception_and_the_ledger_day_of_the_decision(
    central: Central, clock: StandingClock
) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive(date(2021, 10, 1))
    send_revoked(central, writer)
    clock.move(days=3)

    release(central, dossier)

    with reading(central.database):
        counts = [(row.slot, row.received_on, row.ledger_on, row.count) for row in models.Counter.select()]
    assert counts == [(1, date(2021, 10, 1), date(2021, 10, 7), 1)]
    assert dossier not in dict(held(central))


def test_a_whole_life_is_released_in_the_order_of_the_ledger(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    done = writer.resolve(dossier)
    handed = writer.deliver(dossier)
    send_revoked(central, writer)

    decided = release(central, handed, dossier, done)

    with reading(central.database):
        [row] = models.DossierRow.select()
    assert row.stage == "delivered"
    assert [str(each.header.id) for each in decided.again] == [dossier, done, handed]


def test_all_of_a_device_is_released_at_once(central: Central) -> None:
    writer = enrolled_writer(central)
    for _ in range(3):
        writer.receive()
    send_revoked(central, writer)

    with write_transaction(central.database):
        count = deciding.count_what_waited(central, writer.device, reason="Máy đã được duyệt", by="tinh")

    assert (count, arrived(central), held(central)) == (4, 3, [])


def test_a_decision_stands_in_the_ledger_with_its_reason_and_its_person(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    send_revoked(central, writer)

    release(central, dossier, reason="Đã đối chiếu sổ giấy")

    with reading(central.database):
        [entry] = holding.decisions(DESK, EventKind.RELEASE)
    assert entry.header.clerk == "tinh"
    assert read_event(entry).payload == Released(entries=(dossier,), reason="Đã đối chiếu sổ giấy")


def test_the_centres_own_journal_is_a_chain_from_the_centre_and_the_desk(central: Central) -> None:
    writer = enrolled_writer(central)
    first, second = writer.receive(), writer.receive()
    writer.send()

    void(central, first)
    void(central, second)

    entries = of_centre(central)
    with reading(central.database):
        rows = models.Entry.select(models.Entry.entry_hash).where(models.Entry.slot == 0).order_by(models.Entry.ledger)
        hashes = [bytes(row.entry_hash) for row in rows]
    assert [entry.header.kind for entry in entries] == ["open_epoch", "void", "void"]
    assert [entry.header.sequence for entry in entries] == [1, 2, 3]
    assert chain(entries, centre_origin(central.keys.signing.public, DESK)) == hashes


def test_a_restored_centre_opens_another_epoch_of_its_own_journal(central: Central, clock: StandingClock) -> None:
    writer = enrolled_writer(central)
    first, second = writer.receive(), writer.receive()
    writer.send()
    void(central, first)
    clock.move(minutes=1)
    with write_transaction(central.database):
        models.Centre.update(incarnation="another").execute()

    void(central, second)

    entries = of_centre(central)
    assert [entry.header.kind for entry in entries] == ["open_epoch", "void", "open_epoch", "void"]
    assert entries[2].header.epoch > entries[0].header.epoch
    assert [entry.header.sequence for entry in entries] == [1, 2, 1, 2]


def test_a_void_of_the_centre_takes_the_dossier_out_of_the_counts(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    writer.receive()
    writer.send()

    void(central, dossier)

    assert arrived(central) == 1
    with pytest.raises(IllegalTransition):
        void(central, dossier)
    assert arrived(central) == 1


def test_what_is_not_set_aside_cannot_be_released(central: Central) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    writer.send()

    with pytest.raises(NotHeld):
        release(central, dossier)

    assert of_centre(central) == []


def test_a_release_that_would_change_nothing_is_refused_and_leaves_no_trace(central: Central) -> None:
    writer = enrolled_writer(central)
    poison = writer.write("receive", b'{"procedure_code": "\\u0000"}')
    writer.send()

    with pytest.raises(StillSetAside):
        release(central, poison)

    assert held(central) == [(poison, "bad_payload")]
    assert of_centre(central) == []


@pytest.mark.parametrize("reason", ["", "x", "x" * 501, "a\0b"])
def test_a_decision_needs_a_reason(central: Central, reason: str) -> None:
    writer = enrolled_writer(central)
    dossier = writer.receive()
    send_revoked(central, writer)

    with pytest.raises(ReasonNeeded):
        release(central, dossier, reason=reason)

    assert (dossier, DEVICE_REVOKED) in held(central)


def test_only_a_known_person_decides_and_only_within_its_scope(central: Central) -> None:
    enrolled_writer(central)

    with pytest.raises(UnknownUser):
        deciding.void(central, EVERYTHING, DESK, "1.1.2", reason="Nhập thử", by="nobody")
    with pytest.raises(UnknownDesk):
        deciding.void(central, Scope(root="nowhere"), DESK, "1.1.2", reason="Nhập thử", by="tinh")


def test_what_an_older_program_did_not_know_counts_after_the_upgrade(
    central: Central, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = enrolled_writer(central)
    upgrade = unknown_kind(monkeypatch, EventKind.RECEIVE)
    dossier = writer.receive()
    writer.deliver(dossier)
    writer.send()
    assert arrived(central) == 0
    upgrade()
    clock.move(days=1)

    freed = deciding.judge_again(central)

    with reading(central.database):
        [row] = models.DossierRow.select()
        [entry] = holding.decisions(DESK, EventKind.RELEASE)
    assert (freed, arrived(central), held(central), row.stage) == (2, 1, [], "delivered")
    assert entry.header.clerk == ""


def test_a_program_judges_again_once(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = enrolled_writer(central)
    upgrade = unknown_kind(monkeypatch, EventKind.RECEIVE)
    writer.receive()
    writer.send()
    deciding.judge_again(central)
    upgrade()
    deciding.judge_again(central)

    again = deciding.judge_again(central)

    assert again == 0
    assert len(of_centre(central)) == 2


def test_an_upgrade_does_not_decide_what_waits_for_a_person(central: Central) -> None:
    writer = enrolled_writer(central)
    writer.receive()
    send_revoked(central, writer)

    freed = deciding.judge_again(central)

    assert (freed, arrived(central)) == (0, 0)


def test_a_fault_that_a_kind_raises_sets_its_entry_aside_and_the_repaired_program_counts_it(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = enrolled_writer(central)
    writer.receive()
    broken = writer.receive(id_number="026185900099")
    writer.receive()

    with monkeypatch.context() as faulty:
        faulty.setattr(schemas, "check_id_number", lambda _, number: 1 // (number != "026185900099") and number)
        receipt = writer.send().receipt

    assert (receipt.up_to, arrived(central), held(central)) == (writer.head, 2, [(broken, "ZeroDivisionError")])
    assert deciding.judge_again(central) == 1
    assert (arrived(central), held(central)) == (3, [])


def test_rebuilding_gives_what_was_kept_after_a_life_with_releases_voids_and_waits(
    central: Central, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, other = enrolled_writer(central), enrolled_writer(central, OTHER_DESK, b"\x02" * 32)
    revoked = enrolled_writer(central, seed=b"\x03" * 32)
    upgrade = unknown_kind(monkeypatch, EventKind.REGISTER)
    first, second = writer.receive(), writer.receive(date(2021, 10, 2))
    writer.write("register", {"procedure_code": "1.004873"})
    writer.write("receive", b"{}")
    writer.deliver(f"{DESK}-211004-2001")
    writer.void(second, date(2021, 10, 2))
    other.receive()
    writer.send()
    other.send()
    clock.move(days=1)
    late = revoked.receive(date(2021, 10, 3))
    revoked.receive()
    send_revoked(central, revoked)
    clock.move(days=1)
    release(central, late)
    void(central, first)
    upgrade()
    deciding.judge_again(central)
    kept = projections(central)

    rebuilt = rebuilding.rebuild(central)

    assert projections(central) == kept
    assert rebuilt.dossiers == len(kept["DossierRow"])
    assert kept["LaterCount"]
    assert kept["VerdictRow"]


def test_rebuilding_makes_good_what_was_lost(central: Central) -> None:
    writer = enrolled_writer(central)
    writer.receive()
    writer.send()
    kept = projections(central)
    with write_transaction(central.database):
        models.DossierRow.delete().execute()
        models.Counter.update(count=99).execute()
        models.MonthCount.update(count=98).execute()

    rebuilding.rebuild(central)

    assert projections(central) == kept
    assert arrived(central) == 1
