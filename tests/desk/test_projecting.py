"""What the screens read is what the journal says: after any history, a rebuild gives the same, row for row."""

import os
import shutil
import signal
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from peewee import Database

from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services import projecting
from desk_client.services.history import history
from desk_client.services.lifecycle import deliver_unseen, dossier_of, record_print, record_rating, record_step
from desk_client.services.projecting import events_of, rebuild, write
from desk_client.services.recording import (
    Manner,
    checked_reception,
    record_reception,
    record_receptions,
    record_refusal,
    record_registration,
)
from desk_client.services.sealing import take_pen
from desk_client.services.taking_up import adopt_packs
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage import device, dossiers, finding, models
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.erasing import erase
from sync_protocol.calendars import TimeLimit
from sync_protocol.dossiers import Dossier
from sync_protocol.entries import EntryId
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import Extended, Received, Resolved, Step, SupplementRequested
from sync_protocol.packs import PackKind, calendar_content, desk_content, procedures_content, signed_pack
from sync_protocol.procedures import DeadlineRules, ProcedureLimit, WaitPolicy
from sync_protocol.signing import Signed
from sync_protocol.texts import folded
from sync_protocol.vocabulary import DossierStage, LimitUnit, PaperForm, ResultKind
from tests.conftest import record, take, void
from tests.desk.projections import counted_days, lay_shipped_file, projection, shipped_rows
from tests.factories import (
    CENTRE_KEY,
    NOW,
    PROCEDURES,
    StandingClock,
    bare_desk,
    calendar,
    enrolled_desk,
    procedures,
    profile,
    reception,
)
from tests.postgresql import memory_folder
from tests.protocol.lives import DELIVERED, RATED, STEPS, corrected

HOLIDAY = date(2021, 10, 5)
PRINTED_ELSEWHERE = "H62.11.01-211004-1007"
"""A code of another machine of the desk, which this one never gives."""

NAMES = ("Nguyễn Thị Hường", "Đặng Văn Ước", "Lò Thị Ún", "Vàng A Páo")
CORRECTIONS: Mapping[str, tuple[Any, ...]] = {
    "procedure_code": ("1.001193", "2.000815", "1.004873"),
    "channel": ("online", "direct"),
    "owner_name": NAMES,
    "submitter_name": NAMES,
    "phone": ("0987000088", ""),
    "id_number": ("026185900077", "026085900001"),
    "out_of_area": (True, False),
    "received_at": ("2021-10-01T01:15:00Z", "2021-10-03T17:30:00Z"),
    "resolved_at": ("2021-10-05T02:00:00Z",),
    "delivered_to": ("Hoàng Thị Sáu",),
    "due_on": ("2021-10-08", "2021-10-18"),
    "fee_amount_vnd": (8_000, None),
    "birth_date": (None,),
}


def with_days_off(*days: date) -> Signed:
    """A calendar with holidays."""
    content = calendar_content(replace(calendar(), days_off=frozenset(days)))
    return signed_pack(CENTRE_KEY, PackKind.CALENDAR, content)


def with_limit(working_days: int) -> Signed:
    """Procedures that all take so long."""
    limit = ProcedureLimit(committed=TimeLimit(value=Decimal(working_days), unit=LimitUnit.WORKING_DAY))
    content = procedures_content([replace(each, limits=(limit,)) for each in procedures()], NOW.date())
    return signed_pack(CENTRE_KEY, PackKind.PROCEDURES, content)


def with_rules(**rules: Any) -> Signed:
    """A desk with other rules of deadlines."""
    return signed_pack(CENTRE_KEY, PackKind.DESK, desk_content(profile(rules=DeadlineRules(**rules))))


PACKS = (
    with_days_off(),
    with_days_off(HOLIDAY),
    with_days_off(date(2021, 10, 6), date(2021, 10, 7), date(2021, 10, 11)),
    with_limit(3),
    with_limit(7),
    with_rules(),
    with_rules(supplement_policy=WaitPolicy.SUSPEND, payment_policy=WaitPolicy.RESTART, supplements_most=2),
    with_rules(after_15h_starts_next_day=True, extensions_most=3),
)

corrections: st.SearchStrategy[Step] = st.dictionaries(
    st.sampled_from(sorted(CORRECTIONS)), st.integers(0, 3), min_size=1, max_size=3
).map(lambda picked: corrected(**{name: CORRECTIONS[name][n % len(CORRECTIONS[name])] for name, n in picked.items()}))
extensions: st.SearchStrategy[Step] = st.dates(date(2021, 10, 4), date(2021, 10, 29)).map(
    lambda day: Extended(reason="Chờ xác minh", due_on=day)
)
steps = st.sampled_from(STEPS) | corrections | extensions
receptions = st.fixed_dictionaries(
    {
        "procedure_code": st.sampled_from([code for code, *_ in PROCEDURES]),
        "channel": st.sampled_from(["direct", "online"]),
        "owner_name": st.sampled_from(NAMES),
        "out_of_area": st.booleans(),
        "source": st.sampled_from(["desk", "desk", "import", "opening"]),
    },
    optional={"due_on": st.sampled_from(["2021-10-08", "2021-10-12"]), "summary": st.just("Xác nhận  để kết hôn")},
)
minutes = st.integers(0, 4_000)
picks = st.integers(0, 50)


class Histories(RuleBasedStateMachine):
    """A desk at work: whatever its clerks, its packs and its clock do, a rebuild gives what is on the screens."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="history-", dir=memory_folder())
        self.clock = StandingClock(NOW + timedelta(microseconds=654_321))
        shutil.copytree(_template(), Path(self.folder.name) / "desk")
        self.desk = bare_desk(Path(self.folder.name) / "desk", self.clock)
        self.ids: list[str] = []

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.the_rebuilt_is_the_live()
            self.desk.database.close()
            self.folder.cleanup()

    @rule(given=receptions, count=st.integers(1, 3), slip=st.booleans(), at_once=st.booleans(), ago=minutes)
    def receive(self, given: dict[str, Any], count: int, slip: bool, at_once: bool, ago: int) -> None:
        manner = Manner(on_one_slip=slip, at_once=at_once)
        many = [reception(**given)] * count
        at = self.clock() - timedelta(minutes=ago)
        self.ids += [
            each.dossier.id for each in record_receptions(self.desk, many, received_at=at, clerk="an.nv", manner=manner)
        ]

    @rule(given=receptions, ago=minutes)
    def register(self, given: dict[str, Any], ago: int) -> None:
        at = self.clock() - timedelta(minutes=ago)
        self.ids.append(record_registration(self.desk, reception(**given), filed_at=at, clerk="an.nv").dossier.id)

    @rule(given=receptions)
    def refuse(self, given: dict[str, Any]) -> None:
        refused = record_refusal(self.desk, reception(**given), "Thiếu giấy", happened_at=self.clock(), clerk="an.nv")
        self.ids.append(refused.dossier.id)

    @precondition(lambda self: self.ids)
    @rule(pick=picks, given=receptions, is_accepted=st.booleans())
    def answer_one_filed_online(self, pick: int, given: dict[str, Any], is_accepted: bool) -> None:
        named: dict[str, Any] = {"clerk": "an.nv", "registered": self._one_of(self.ids, pick)}
        with self._refused_whole():
            if is_accepted:
                record_reception(self.desk, reception(**given), received_at=self.clock(), **named)
            else:
                record_refusal(self.desk, reception(**given), "Thiếu giấy", happened_at=self.clock(), **named)

    @precondition(lambda self: self.ids)
    @rule(pick=picks, step=steps, ago=minutes)
    def step(self, pick: int, step: Step, ago: int) -> None:
        at = self.clock() - timedelta(minutes=ago % 90)
        with self._refused_whole():
            record_step(self.desk, self._one_of(self.ids, pick), step, happened_at=at, clerk="an.nv")

    @precondition(lambda self: self.ids)
    @rule(pick=picks, form=st.sampled_from(PaperForm))
    def print(self, pick: int, form: PaperForm) -> None:
        with self._refused_whole():
            record_print(self.desk, self._one_of(self.ids, pick), form, clerk="an.nv")

    @rule()
    def rate_the_desk(self) -> None:
        record_rating(self.desk, RATED, happened_at=self.clock(), clerk="an.nv")

    @rule(serial=st.integers(1_000, 1_003) | st.integers(1, 8))
    def deliver_against_a_slip(self, serial: int) -> None:
        with self._refused_whole():
            deliver_unseen(self.desk, _printed(serial), DELIVERED, happened_at=self.clock(), clerk="an.nv")

    @rule(serial=st.integers(1_000, 1_003), given=receptions, pick=picks)
    def enter_under_the_printed_code(self, serial: int, given: dict[str, Any], pick: int) -> None:
        """As the import does with a dossier that another program received, or one that was filed online."""
        with self._refused_whole(), write_transaction(self.desk.database):
            if dossiers.by_ref(_printed(serial)) is None:
                filed = [each for each in self.ids if _stage(each) is DossierStage.REGISTERED]
                before = dossiers.by_ref(self._one_of(filed, pick)) if filed and pick % 2 else None
                pen, packs = take_pen(self.desk, self.desk.identity(), clerk="an.nv"), self.desk.packs()
                checked = checked_reception(packs, reception(**given), self.clock())
                payload = Received(dossier_code=_printed(serial), **checked)
                self.ids.append(write(pen, packs, payload, happened_at=self.clock(), before=before).dossier.id)

    @rule(packs=st.lists(st.sampled_from(PACKS), max_size=3))
    def swap_packs(self, packs: list[Signed]) -> None:
        """Other packs, the same again, or none at all: each time an entry says which are in force."""
        adopt_packs(self.desk, packs)

    @rule(by=st.sampled_from([1, 90, 600, 1_440, 4_320]))
    def time_passes(self, by: int) -> None:
        self.clock.move(minutes=by, microseconds=777)

    @rule(offset_ms=st.sampled_from([None, 0, 1_700, -999, 86_400_001]))
    def learn_the_time(self, offset_ms: int | None) -> None:
        with write_transaction(self.desk.database):
            device.keep_contact_state(replace(device.contact_state(), offset_ms=offset_ms))

    @rule()
    def restart(self) -> None:
        self.desk.database.close()
        self.desk = bare_desk(Path(self.folder.name) / "desk", self.clock)

    @rule()
    def the_rebuilt_is_the_live(self) -> None:
        shown, found = projection(self.desk), _found_by_name(self.desk)
        assert verify(self.desk).faults == ()

        rebuild(self.desk)

        assert projection(self.desk) == shown
        assert _found_by_name(self.desk) == found
        assert counted_days(self.desk) == _days_of_dossiers(self.desk)

    def _one_of(self, ids: list[str], pick: int) -> str:
        return ids[pick % len(ids)]

    def _refused_whole(self) -> "_RefusedWhole":
        return _RefusedWhole(self.desk)


class _RefusedWhole:
    """What is refused leaves no entry."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.before = _entry_count(desk)

    def __enter__(self) -> None:
        """Nothing has been tried yet."""

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> bool:
        if not isinstance(error, FieldSyncError):
            return False
        assert _entry_count(self.desk) == self.before
        return True


@cache
def _template() -> Path:
    """A desk that was enrolled once in this run."""
    folder = Path(tempfile.mkdtemp(prefix="history-", dir=memory_folder())) / "desk"
    enrolled_desk(folder).database.close()
    return folder


def _printed(serial: int) -> str:
    return f"H62.11.01-211004-{serial:04d}"


def _stage(dossier_id: str) -> DossierStage | None:
    stored = dossiers.by_ref(dossier_id)
    return stored.dossier.stage if stored else None


def _entry_count(desk: Desk) -> int:
    with reading(desk.database):
        return int(models.Entry.select().count())


def _found_by_name(desk: Desk) -> dict[str, list[str]]:
    with reading(desk.database):
        return {
            word: [each.id for each in finding.holding([word])]
            for name in (*NAMES, "0987000001", "0987000088", "211004")
            for word in folded(name).split()
        }


def _days_of_dossiers(desk: Desk) -> dict[date, int]:
    with reading(desk.database):
        every = [dossiers.stored_of(row).dossier.counted_on for row in models.DossierRow.select()]
    return dict(Counter(day for day in every if day))


Histories.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


TestAnyHistory = pytest.mark.slow(Histories.TestCase)
"""Rebuild = live."""


# Appointments


@pytest.fixture
def desk(field_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(field_path / "desk", clock=clock)


def due_of(desk: Desk, dossier: Dossier) -> datetime | None:
    return dossier_of(desk, dossier.id).due_at


def test_a_new_calendar_moves_the_appointments_of_open_dossiers_and_leaves_those_that_were_answered(
    desk: Desk,
) -> None:
    still_open, waiting, answered = record(desk), record(desk), record(desk)
    take(desk, waiting.id, SupplementRequested(papers="Giấy khai sinh", reason="Thiếu bản chính"))
    take(desk, answered.id, RESOLVED)

    adopt_packs(desk, [with_days_off(HOLIDAY)])

    assert [due_of(desk, each) for each in (still_open, waiting, answered)] == [FRIDAY, FRIDAY, THURSDAY]


def test_what_was_answered_keeps_its_appointment_also_through_a_rating_a_correction_and_a_rebuild(desk: Desk) -> None:
    dossier = record(desk)
    take(desk, dossier.id, RESOLVED)
    adopt_packs(desk, [with_days_off(HOLIDAY)])

    take(desk, dossier.id, RATED)
    take(desk, dossier.id, corrected(phone="0987000088"))
    rebuild(desk)

    assert due_of(desk, dossier) == THURSDAY


def test_a_correction_of_what_an_appointment_follows_from_moves_it_by_the_packs_in_force(desk: Desk) -> None:
    dossier = record(desk)
    take(desk, dossier.id, RESOLVED)
    adopt_packs(desk, [with_days_off(HOLIDAY)])

    take(desk, dossier.id, corrected(received_at="2021-10-01T02:00:00Z"))

    assert due_of(desk, dossier) == datetime(2021, 10, 7, 2, 0, tzinfo=UTC)


def test_packs_that_no_longer_are_in_force_are_kept_for_what_followed_from_them(desk: Desk) -> None:
    for pack in (with_days_off(HOLIDAY), with_days_off(), with_limit(7)):
        adopt_packs(desk, [pack])

    with reading(desk.database):
        assert models.AdoptedPack.select().count() == 5


def test_an_entry_names_the_packs_from_which_its_appointment_follows_although_they_change_meanwhile(
    desk: Desk,
) -> None:
    """The agent takes up packs while a clerk's reception is being checked."""
    swap = threading.Thread(target=adopt_packs, args=(desk, [with_days_off(HOLIDAY)]))

    class Slow(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            if not swap.ident:
                swap.start()
                swap.join(timeout=0.5)
            return super().get(key, default)

    recorded = record_reception(desk, Slow(reception()), received_at=NOW, clerk="an.nv")
    swap.join()

    with reading(desk.database):
        [event] = events_of(recorded.dossier.id)
    assert (event.header.pack, recorded.due_at) == (2, THURSDAY)
    assert due_of(desk, recorded.dossier) == FRIDAY


THURSDAY, FRIDAY = datetime(2021, 10, 7, 2, 0, tzinfo=UTC), datetime(2021, 10, 8, 2, 0, tzinfo=UTC)
RESOLVED = Resolved(result_kind=ResultKind.GRANTED)


# What was recorded before the dossier was known


def enter_under(desk: Desk, code: str, *, registered: str = "") -> Dossier:
    """A dossier that another program received is entered under the code on its slip, as the import does."""
    with write_transaction(desk.database):
        pen, packs = take_pen(desk, desk.identity(), clerk="an.nv"), desk.packs()
        payload = Received(dossier_code=code, **checked_reception(packs, reception(), NOW))
        before = dossiers.by_ref(registered) if registered else None
        return write(pen, packs, payload, happened_at=NOW, before=before).dossier


def test_a_hand_over_against_an_unseen_slip_meets_its_dossier_when_that_is_entered(desk: Desk) -> None:
    deliver_unseen(desk, PRINTED_ELSEWHERE, DELIVERED, happened_at=NOW, clerk="an.nv")

    dossier = enter_under(desk, PRINTED_ELSEWHERE)

    assert dossier.stage is DossierStage.DELIVERED
    assert [line.kind for line in history(desk, PRINTED_ELSEWHERE)] == ["receive", "deliver"]


def test_a_hand_over_meets_a_dossier_that_was_filed_online_although_that_has_entries_of_its_own(desk: Desk) -> None:
    deliver_unseen(desk, PRINTED_ELSEWHERE, DELIVERED, happened_at=NOW, clerk="an.nv")
    registered = record_registration(desk, reception(), filed_at=NOW, clerk="an.nv").dossier
    record_print(desk, registered.id, PaperForm.RECEIPT, clerk="an.nv")

    dossier = enter_under(desk, PRINTED_ELSEWHERE, registered=registered.id)

    assert dossier.stage is DossierStage.DELIVERED
    assert [line.kind for line in history(desk, PRINTED_ELSEWHERE)] == ["register", "print", "receive", "deliver"]
    shown = projection(desk)
    rebuild(desk)
    assert projection(desk) == shown


def test_what_was_recorded_early_is_made_again_by_the_packs_under_which_it_met_its_dossier(desk: Desk) -> None:
    deliver_unseen(desk, PRINTED_ELSEWHERE, DELIVERED, happened_at=NOW, clerk="an.nv")
    adopt_packs(desk, [with_days_off(HOLIDAY)])
    dossier = enter_under(desk, PRINTED_ELSEWHERE)
    before = due_of(desk, dossier)

    rebuild(desk)

    assert (before, due_of(desk, dossier)) == (FRIDAY, FRIDAY)


@pytest.mark.parametrize("serial", [1, 5])
def test_a_code_that_stands_on_an_unseen_slip_is_never_given_to_another_dossier(desk: Desk, serial: int) -> None:
    """Else a dossier would be handed over in the very moment of its reception."""
    deliver_unseen(desk, _printed(serial), DELIVERED, happened_at=NOW, clerk="an.nv")

    dossier = record(desk)

    assert (dossier.dossier_code, dossier.stage) == (_printed(serial + 1), DossierStage.RECEIVED)


@pytest.mark.parametrize("code", [PRINTED_ELSEWHERE, "H62.11.02-211004-0005", "H62.11.01-211005-0005"])
def test_a_code_of_another_machine_desk_or_day_uses_up_no_number_of_today(desk: Desk, code: str) -> None:
    with suppress(FieldSyncError):
        deliver_unseen(desk, code, DELIVERED, happened_at=NOW, clerk="an.nv")

    assert record(desk).dossier_code == _printed(1)


# Rebuilding


def test_a_second_rebuild_changes_nothing(desk: Desk) -> None:
    _some_work(desk)
    rebuild(desk)
    shown = projection(desk)

    count = rebuild(desk)

    assert (projection(desk), count) == (shown, 4)


def test_a_procedure_that_was_corrected_away_is_counted_no_more(desk: Desk) -> None:
    take(desk, record(desk).id, corrected(procedure_code="1.001193"))

    assert projection(desk)["use"] == {"1.001193": 1}


def test_a_word_that_was_corrected_away_finds_nothing_any_more(desk: Desk) -> None:
    take(desk, record(desk, owner_name="Bùi Gia Bảo").id, corrected(owner_name="Vàng A Páo"))

    with reading(desk.database):
        assert [len(finding.holding([word])) for word in ("bao", "pao")] == [0, 1]


def test_a_rebuild_that_stops_half_way_leaves_everything_as_it_was(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _some_work(desk)
    shown = projection(desk)

    with monkeypatch.context() as patched:
        patched.setattr(projecting, "_lived", _failing_at(3))
        with pytest.raises(RuntimeError):
            rebuild(desk)

    assert projection(desk) == shown


def test_a_dossier_whose_content_was_erased_is_left_out_and_its_neighbours_are_there(desk: Desk) -> None:
    _some_work(desk)
    erased, *others = projection(desk)["in order"]
    with write_transaction(desk.database):
        erase({erased}, by=EntryId(0, 1, 1))

    rebuild(desk)

    assert projection(desk)["in order"] == others


def _some_work(desk: Desk) -> None:
    """Four dossiers that differ, and packs that changed between them."""
    record(desk)
    take(desk, record(desk, procedure_code="2.000815").id, RESOLVED)
    adopt_packs(desk, [with_days_off(HOLIDAY)])
    void(desk, record(desk, owner_name="Đặng Văn Ước"))
    record_registration(desk, reception(), filed_at=NOW, clerk="an.nv")


def _failing_at(number: int) -> Callable[..., Any]:
    calls: list[Any] = []
    real = projecting._lived

    def lived(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == number:
            raise RuntimeError("the power is cut")
        return real(*given)

    return lived


# The shipped file


def opened_shipped(folder: Path) -> Desk:
    return open_desk(Settings(data=folder, key_store="file"))


KEPT_COLUMNS = (
    "id", "dossier_code", "procedure_code", "channel", "stage", "received_on", "recorded_on", "received_by",
    "submitter_name", "owner_name", "id_number", "phone",
)  # fmt: skip


def test_a_file_of_the_first_shipped_version_opens_with_all_its_dossiers(tmp_path: Path) -> None:
    lay_shipped_file(tmp_path)

    desk = opened_shipped(tmp_path)

    with reading(desk.database):
        shown = [
            {name: row[name] for name in KEPT_COLUMNS}
            for row in models.DossierRow.select().order_by(models.DossierRow.number).dicts()
        ]
    before = [{name: row[name] for name in KEPT_COLUMNS} for row in shipped_rows()]
    assert [{name: str(value) for name, value in row.items()} for row in shown] == [
        {name: str(value) for name, value in row.items()} for row in before
    ]


def test_work_goes_on_in_a_file_of_the_first_shipped_version(tmp_path: Path) -> None:
    lay_shipped_file(tmp_path)
    desk = replace(opened_shipped(tmp_path), clock=StandingClock(NOW + timedelta(days=4)))

    take(desk, "H62.11.01-211005-0001", RESOLVED)
    dossier = record(desk, on=NOW.date())

    assert dossier.dossier_code == "H62.11.01-211004-0004"
    shown = projection(desk)
    rebuild(desk)
    assert projection(desk) == shown


def test_the_power_may_be_cut_at_every_statement_of_the_first_start_of_a_new_version(tmp_path: Path) -> None:
    lay_shipped_file(tmp_path / "whole")
    whole, count = _opened_until_cut(tmp_path / "whole", None)
    assert whole

    for number in range(1, count + 1):
        lay_shipped_file(tmp_path / str(number))
        assert not _opened_until_cut(tmp_path / str(number), number)[0]

    expected = projection(opened_shipped(tmp_path / "whole"))
    for number in range(1, count + 1):
        assert projection(opened_shipped(tmp_path / str(number))) == expected
    assert len(expected["dossiers"]) == 5
    assert count > 40


def _opened_until_cut(folder: Path, number: int | None) -> tuple[bool, int]:
    """Opens a file in a child process that is killed before its n-th statement; whether it came to the end, and how
    many statements it took."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        counted = 0
        real = Database.execute_sql

        def execute_sql(self: Database, *given: Any, **named: Any) -> Any:
            nonlocal counted
            counted += 1
            if counted == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(self, *given, **named)

        Database.execute_sql = execute_sql
        opened_shipped(folder)
        os.write(sending, str(counted).encode())
        os._exit(0)
    os.close(sending)
    _, ended = os.waitpid(child, 0)
    told = os.read(receiving, 20)
    os.close(receiving)
    return ended == 0, int(told or b"0")
