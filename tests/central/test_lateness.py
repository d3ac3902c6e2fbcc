"""Nothing is called late of which it is not known; the lists hold the figures, and looking at them is recorded."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta

import pytest
from peewee import DatabaseError

from central_server.central import Central
from central_server.reports.coverage import Coverage
from central_server.services import covering, lateness
from central_server.services.enrolment import UnknownDesk
from central_server.services.lateness import Asked, LateKind, LateList, late_dossiers_of
from central_server.services.signing_in import UnknownUnit
from central_server.storage import devices, models, reads
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING, Scope, unit_by_code
from desk_client.desk import Desk
from desk_client.storage import models as desk_models
from desk_client.storage.database import reading as desk_reading
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import Extended, Resolved, SupplementReceived, SupplementRequested
from sync_protocol.instants import local_date
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode, ResultKind
from tests.conftest import DESK, OTHER_DESK, Link, record, sync, sync_quietly, take
from tests.factories import StandingClock

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
STATES = ("resolved_early", "resolved_on_time", "resolved_late", "in_time", "awaiting", "overdue", "due_unknown")
GRANTED = Resolved(result_kind=ResultKind.GRANTED)
ASKED_FOR = SupplementRequested(papers="Giấy khai sinh", reason="Thiếu bản chính")
BROUGHT = SupplementReceived(note="")


def listed(central: Central, which: LateKind, scope: Scope = EVERYTHING, **narrowed: str) -> LateList:
    """A whole list, as somebody sees it."""
    asked = Asked(which=which, **narrowed)
    return late_dossiers_of(central, scope, OCTOBER, asked, start=0, limit=1_000, by="tinh")


def codes_of(shown: LateList) -> list[str]:
    """The codes of a list's dossiers."""
    return [each.dossier_code for each in shown.dossiers]


def figures(central: Central, desk: DeskCode = DESK) -> dict[str, int]:
    """What became of the workload of a desk, by figures that are not 0."""
    [found] = [each.counts for each in lateness.lateness(central, EVERYTHING, OCTOBER).desks if each.desk.code == desk]
    return {name: getattr(found, name) for name in STATES if getattr(found, name)}


def answered_in_time(*desks: Desk) -> set[str]:
    """Ids of the dossiers that some machine knows to be answered by their day, whether it has sent that or not."""
    row = desk_models.DossierRow
    found = set()
    for desk in desks:
        with desk_reading(desk.database):
            rows = row.select(row.id, row.resolved_at, row.due_at).where(row.resolved_at.is_null(False)).tuples()
            found |= {id_ for id_, at, due_at in rows if due_at and local_date(at) <= local_date(due_at)}
    return found


def accused(central: Central) -> set[str]:
    """Ids of the dossiers that stand in a list of late ones."""
    return {each.id for which in (LateKind.OVERDUE, LateKind.LATE) for each in listed(central, which).dossiers}


def only_the_statement_arrives(desk: Desk, link: Link) -> None:
    """A contact that fails, and another of which the road carries the statement and not the entries."""
    link.lose("request")
    sync(desk, link)
    link.road.faults.append(link.road.deliver)
    link.lose("request")
    sync(desk, link)
    link.road.faults.clear()


def wrongly_accused(
    central: Central, link: Link, clock: StandingClock, desks: tuple[Desk, Desk], seed: int
) -> set[str]:
    """Weeks of two machines whose results seldom get through; ids of dossiers that were called late and were not."""
    chance = random.Random(seed)
    known: list[str] = []
    wrong: set[str] = set()
    for _ in range(70):
        desk = chance.choice(desks)
        clock.move(hours=chance.choice((0, 1, 3, 8, 22)))
        match chance.random():
            case roll if roll < 0.15 or not known:
                known.append(record(desk, procedure_code="1.004873").id)
                sync_quietly(desk, link)
            case roll if roll < 0.6:
                with suppress(FieldSyncError):
                    take(desk, chance.choice(known[-3:]), chance.choice((GRANTED, GRANTED, ASKED_FOR, BROUGHT)))
            case roll if roll < 0.65:
                sync_quietly(desk, link)
            case _:
                for each in desks:
                    only_the_statement_arrives(each, link)
                wrong |= accused(central) & answered_in_time(*desks)
                told = lateness.lateness(central, EVERYTHING, OCTOBER)
                of_desk = next(each.counts for each in told.desks if each.desk.code == DESK)
                for which in LateKind:
                    assert listed(central, which).count == getattr(of_desk, which)
    return wrong


@pytest.mark.parametrize("seed", range(5))
def test_what_was_answered_in_time_at_a_machine_that_is_not_heard_is_never_called_late(
    central: Central, link: Link, clock: StandingClock, device: Desk, second_device: Desk, seed: int
) -> None:
    wrong = wrongly_accused(central, link, clock, (device, second_device), seed)

    assert wrong == set()


def as_judged(codes: Sequence[DeskCode]) -> dict[DeskCode, Coverage]:
    """The coverage by which a period is judged: it asks for receptions alone, and these machines hold none back."""
    enrolled = devices.of_desks(list(codes))
    return {
        code: Coverage(until=min(each.stated_at for each in group if each.stated_at))
        for code, group in enrolled.items()
    }


@pytest.mark.parametrize(("coverages", "is_accused"), [(covering.coverages, False), (as_judged, True)])
def test_a_result_that_a_machine_holds_back_needs_the_strict_coverage(
    central: Central,
    link: Link,
    clock: StandingClock,
    device: Desk,
    second_device: Desk,
    monkeypatch: pytest.MonkeyPatch,
    *,
    coverages: Callable[[Sequence[DeskCode]], dict[DeskCode, Coverage]],
    is_accused: bool,
) -> None:
    """With the coverage of a judgement in its place, the promise is broken: so these tests can fail."""
    monkeypatch.setattr(lateness, "coverages", coverages)
    dossier = record(device, procedure_code="1.004873")
    sync_quietly(device, link)
    clock.move(days=1)
    take(device, dossier.id, GRANTED)
    clock.move(days=9)
    for machine in (device, second_device):
        only_the_statement_arrives(machine, link)

    expected = {dossier.id} if is_accused else set()
    assert accused(central) & answered_in_time(device) == expected
    assert ("overdue" in figures(central)) is is_accused


def test_what_is_due_and_known_to_be_open_is_overdue_by_working_days(
    central: Central, link: Link, clock: StandingClock, device: Desk
) -> None:
    dossier = record(device, procedure_code="1.004873")
    clock.move(days=7)
    sync_quietly(device, link)

    [row] = listed(central, LateKind.OVERDUE).dossiers

    assert (row.dossier_code, row.procedure_name) == (dossier.dossier_code, "Cấp Giấy xác nhận tình trạng hôn nhân")
    assert (row.received_on, row.due_on, row.ended_on, row.days) == (date(2021, 10, 4), date(2021, 10, 7), None, 2)


def test_what_was_resolved_late_stands_in_the_period_of_its_result(
    central: Central, link: Link, clock: StandingClock, device: Desk
) -> None:
    dossier = record(device, procedure_code="1.004873")
    clock.move(days=4)
    take(device, dossier.id, GRANTED)
    sync_quietly(device, link)

    [row] = listed(central, LateKind.LATE).dossiers

    assert (row.dossier_code, row.ended_on, row.days) == (dossier.dossier_code, date(2021, 10, 8), 1)
    assert figures(central) == {"resolved_late": 1}


def test_an_extension_and_a_wait_are_not_late(central: Central, link: Link, clock: StandingClock, device: Desk) -> None:
    extended, waiting = (record(device, procedure_code="1.004873") for _ in range(2))
    take(device, extended.id, Extended(reason="Chờ xác minh", due_on=date(2021, 10, 19)))
    take(device, waiting.id, ASKED_FOR)
    clock.move(days=10)
    sync_quietly(device, link)

    assert figures(central) == {"in_time": 1, "awaiting": 1}


def test_a_lost_machine_leaves_unknown_what_may_have_been_answered_on_it(
    central: Central, link: Link, clock: StandingClock, device: Desk, second_device: Desk
) -> None:
    before = record(device, procedure_code="1.004873")
    sync_quietly(device, link)
    sync_quietly(second_device, link)
    clock.move(days=1)
    with write_transaction(central.database):
        gone = models.DeviceRow.slot == 2
        models.DeviceRow.update(state="lost", left_at=clock.at, state_since=clock.at).where(gone).execute()
    clock.move(days=1)
    after = record(device, procedure_code="1.004873")
    clock.move(days=8)
    sync_quietly(device, link)

    assert codes_of(listed(central, LateKind.DUE_UNKNOWN)) == [before.dossier_code]
    assert codes_of(listed(central, LateKind.OVERDUE)) == [after.dossier_code]


def test_a_supervisor_sees_figures_and_lists_of_the_own_desks_alone(
    central: Central, link: Link, clock: StandingClock, device: Desk
) -> None:
    record(device, procedure_code="1.004873")
    clock.move(days=10)
    sync_quietly(device, link)
    with reading(central.database):
        own, other = (unit_by_code(code, OCTOBER.last_on) for code in ("243", "246"))
    assert own
    assert other
    foreign = Scope(root=other.id)

    told = lateness.lateness(central, foreign, OCTOBER)

    assert {each.desk.code for each in told.desks} == {"H62.12", "H62.12.01", "H62.12.02"}
    assert told.counts.workload == 0
    assert listed(central, LateKind.OVERDUE, foreign).count == 0
    assert listed(central, LateKind.OVERDUE, Scope(root=own.id)).count == 1
    with pytest.raises(UnknownDesk):
        listed(central, LateKind.OVERDUE, foreign, desk=DESK)
    with pytest.raises(UnknownUnit):
        listed(central, LateKind.OVERDUE, foreign, unit_id=own.id)


def test_a_list_is_narrowed_sorted_and_cut(
    central: Central, link: Link, clock: StandingClock, device: Desk, other_desk: Desk
) -> None:
    first = record(device, procedure_code="1.004873")
    clock.move(days=1)
    second, third = record(other_desk, procedure_code="1.004873"), record(device, procedure_code="1.004873")
    clock.move(days=10)
    for desk in (device, other_desk):
        sync_quietly(desk, link)

    part = late_dossiers_of(central, EVERYTHING, OCTOBER, Asked(which=LateKind.OVERDUE), start=1, limit=1, by="tinh")

    assert (part.count, codes_of(part)) == (3, [third.dossier_code])
    assert codes_of(listed(central, LateKind.OVERDUE)) == [each.dossier_code for each in (first, third, second)]
    assert codes_of(listed(central, LateKind.OVERDUE, desk=OTHER_DESK)) == [second.dossier_code]


def test_a_machine_that_has_never_been_heard_leaves_all_unknown(
    central: Central, link: Link, clock: StandingClock, device: Desk, second_device: Desk
) -> None:
    record(device, procedure_code="1.004873")
    clock.move(days=10)
    sync_quietly(device, link)

    with reading(central.database):
        known = covering.coverages([DESK])

    assert known == {DESK: Coverage(until=None)}
    assert figures(central) == {"due_unknown": 1}


def test_who_looks_is_recorded_for_good(central: Central, clock: StandingClock) -> None:
    listed(central, LateKind.OVERDUE, desk=DESK)

    with reading(central.database):
        [look] = reads.latest(10)
    assert look == reads.Look(at=clock.at, who="tinh", what="lateness overdue", place=DESK, period=OCTOBER, rows=0)
    for change in (models.ReadRow.update(who="ai"), models.ReadRow.delete()):
        with pytest.raises(DatabaseError), write_transaction(central.database):
            change.execute()


def test_before_a_period_begins_nothing_is_late(central: Central, clock: StandingClock) -> None:
    clock.move(days=-30)

    told = lateness.lateness(central, EVERYTHING, OCTOBER)

    assert (told.on, told.counts.workload) == (date(2021, 9, 4), 0)
    assert listed(central, LateKind.OVERDUE).count == 0


def test_a_desk_is_known_as_far_as_its_worst_machine(
    central: Central, link: Link, clock: StandingClock, device: Desk, second_device: Desk
) -> None:
    sync_quietly(second_device, link)
    heard_at = clock.at
    clock.move(days=2)
    sync_quietly(device, link)

    with reading(central.database):
        known = covering.coverages([DESK, OTHER_DESK])

    assert known == {DESK: Coverage(until=heard_at)}
    assert heard_at + timedelta(days=2) == clock.at
