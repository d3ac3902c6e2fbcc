"""What people at the desks do: they receive, go on, correct, void, declare, and press *send now*."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from desk_client.desk import Desk
from desk_client.services.dating import answer_date
from desk_client.services.declaring import declare
from desk_client.services.lifecycle import deliver_unseen, dossier_of, record_print, record_step
from desk_client.services.projecting import rebuild
from desk_client.services.recording import Manner, Recorded, record_reception, record_receptions
from desk_client.services.sealing import take_pen
from desk_client.services.syncing import Outcome, contact
from desk_client.storage.database import write_transaction
from sync_protocol.entries import SALT_BYTES, Header, seal
from sync_protocol.events import (
    Corrected,
    Declared,
    Delivered,
    Extended,
    Forwarded,
    Payload,
    PaymentDone,
    PaymentRequested,
    Printed,
    Rated,
    Resolved,
    SentBack,
    Step,
    Stopped,
    SupplementReceived,
    SupplementRequested,
    Voided,
    Withdrawn,
)
from sync_protocol.instants import instant_text, local_date
from sync_protocol.transitions import possible_steps
from sync_protocol.vocabulary import (
    Cause,
    Declaration,
    DeliveryMethod,
    PaperForm,
    Rating,
    RatingSource,
    RatingSubject,
    ResultKind,
)
from tests.factories import PROCEDURES, reception
from tests.simulation.machines import SERIES, Machine

if TYPE_CHECKING:
    from tests.simulation.world import World

CLERK = "truong"
INTERVAL_S = 300.0
LATE_DAYS_MAX = 12
CLOCK_IS_WRONG = timedelta(hours=6)
"""A clerk who sees a clock that is so far off types the day by hand."""

NAMES = ("Nguyễn Văn An", "Trần Thị Bưởi", "Lò Văn Chín", "Vàng A Páo", "Đặng Thị Ngoan", "Phạm Quốc Rồng")


def receive(world: "World", machine: Machine) -> None:
    """One dossier, or several on one slip, handed in now or some days ago and entered late."""
    chance = world.chance
    received_at = _reception_time(world, machine)
    tokens = [world.new_token() for _ in range(chance.choice((1, 1, 1, 2, 4)))]
    typed = [_typed(chance, token) for token in tokens]
    manner = Manner(at_once=chance.random() < 0.2, on_one_slip=chance.random() < 0.3)

    def save(desk: Desk) -> list[Recorded]:
        if len(typed) == 1:
            return [record_reception(desk, typed[0], received_at=received_at, clerk=CLERK, manner=manner)]
        return record_receptions(desk, typed, received_at=received_at, clerk=CLERK, manner=manner)

    world.save(machine, tokens, local_date(received_at), save)


def go_on(world: "World", machine: Machine) -> None:
    """What happens next to one of the dossiers that the machine knows."""
    ref = _some_dossier(world, machine)
    if ref is None:
        return
    with machine.fuse.held():
        kinds = possible_steps(dossier_of(machine.desk, ref).dossier)
    made = [kind for kind in kinds if kind in STEPS]
    if not made:
        return
    kind = world.chance.choices(made, [WEIGHTS.get(each, 1.0) for each in made])[0]
    step = STEPS[kind](world.chance, world.time.at)
    at = _seen_time(world, machine)

    def take(desk: Desk) -> Recorded:
        return record_step(desk, ref, step, happened_at=at, clerk=CLERK)

    world.act(machine, f"{kind.__name__} {ref}", take)
    # A step that a power cut has interrupted is there or is not; the clerk sees it.
    with machine.fuse.held():
        world.note_step(machine, dossier_of(machine.desk, ref))


def print_paper(world: "World", machine: Machine) -> None:
    """A slip is printed once more."""
    if ref := _some_dossier(world, machine):
        world.act(machine, "print", lambda desk: record_print(desk, ref, PaperForm.RECEIPT, clerk=CLERK))


def deliver_for_sibling(world: "World", machine: Machine) -> None:
    """A result is handed over by a slip that another machine of the desk has printed."""
    others = [each for each in world.machines if each.desk_code == machine.desk_code and each is not machine]
    if not others:
        return
    row = _some_row(world, world.chance.choice(others), "dossier_code")
    if row is None:
        return
    delivered = Delivered(delivered_to="Đặng Thị Ngoan", delivered_by=DeliveryMethod.COUNTER)
    at = _seen_time(world, machine)
    world.act(
        machine,
        f"deliver unseen {row}",
        lambda desk: deliver_unseen(desk, row, delivered, happened_at=at, clerk=CLERK),
    )


def declare_period(world: "World", machine: Machine) -> None:
    """The period that has ended is said to be complete or empty, truthfully: after its last working minute."""
    ended = SERIES.before(SERIES.containing(local_date(world.time.at)))
    declaration = world.chance.choice(tuple(Declaration))
    cause = Cause.STAFF if declaration is Declaration.COMPLETE else None
    declared = Declared(period=ended, declaration=declaration, cause=cause)
    world.act(machine, f"declare {declaration.value}", lambda desk: declare(desk, declared, clerk=CLERK))


def name_the_day(world: "World", machine: Machine) -> None:
    """A clerk is asked which day it is and says so."""
    today = local_date(world.time.at)
    world.act(machine, "name the day", lambda desk: answer_date(desk, today))


def make_screens_again(world: "World", machine: Machine) -> None:
    """Somebody runs `rebuild`."""
    world.act(machine, "rebuild", rebuild)


def write_of_later_version(world: "World", machine: Machine) -> None:
    """A program of a later version has written an entry of a kind that nobody here knows yet."""
    world.weather.counts["entry of an unknown kind"] += 1
    world.act(machine, "later version", _write_unknown_kind)


def send_now(world: "World", machine: Machine) -> Outcome | None:
    """A contact; None where it was cut off."""
    jitter = world.chance.random()
    world.contacts += 1
    machine.wire.told.clear()
    outcome = world.act(
        machine, "contact", lambda desk: contact(desk, machine.road(), jitter=jitter, interval_s=INTERVAL_S)
    )
    if outcome and not outcome.error:
        world.heard(machine)
        world.watch.after_contact(machine)
    told = ", ".join(machine.wire.told)
    error = f" {outcome.error.code}" if outcome and outcome.error else ""
    world.trace(f"   sent {outcome.sent} unsent {outcome.unsent}{error} [{told}]" if outcome else f"   [{told}]")
    return outcome


def _write_unknown_kind(desk: Desk) -> None:
    with write_transaction(desk.database):
        pen = take_pen(desk, desk.identity(), clerk=CLERK)
        known = pen.draft(Printed(form=PaperForm.RECEIPT, copy=1)).header
        header = Header(
            slot=known.slot,
            epoch=known.epoch,
            sequence=known.sequence,
            kind="weigh",
            version=1,
            subject="",
            happened_at=known.happened_at,
            recorded_at=known.recorded_at,
            monotonic_ms=known.monotonic_ms,
            boot=known.boot,
            offset_ms=known.offset_ms,
            clerk=known.clerk,
            pack=known.pack,
        )
        entry = seal(header, {"grams": 12}, desk.randomness(SALT_BYTES))
        pen.append_sealed(header, entry)


def _typed(chance: Random, token: str) -> dict[str, Any]:
    name = chance.choice(NAMES)
    procedure = chance.choice(PROCEDURES)[0]
    return reception(summary=token, procedure_code=procedure, owner_name=name, submitter_name=name)


def _reception_time(world: "World", machine: Machine) -> datetime:
    now = _seen_time(world, machine)
    ago = world.chance.choice((0, 0, 0, 0, 1, LATE_DAYS_MAX))
    return (now - timedelta(days=world.chance.uniform(0, ago))).astimezone(UTC)


def _seen_time(world: "World", machine: Machine) -> datetime:
    """The time that a clerk goes by: the machine's, unless that is plainly wrong."""
    with machine.fuse.held():
        shown_at = machine.desk.working_now()
    return world.time.at if abs(shown_at - world.time.at) > CLOCK_IS_WRONG else shown_at


def _some_dossier(world: "World", machine: Machine) -> str | None:
    return _some_row(world, machine, "id")


def _some_row(world: "World", machine: Machine, column: str) -> str | None:
    """A column of one dossier at a machine, chosen by chance."""
    with machine.fuse.held():
        found = machine.desk.database.execute_sql(
            f"SELECT {column} FROM dossier WHERE stage NOT IN ('voided', 'delivered') ORDER BY id"
        ).fetchall()
    return str(world.chance.choice(found)[0]) if found else None


def _corrected(chance: Random, now: datetime) -> Corrected:
    moved = (now - timedelta(days=chance.uniform(0, 4))).replace(microsecond=0)
    changes: dict[str, Any] = chance.choice(
        (
            {"owner_name": chance.choice(NAMES)},
            {"phone": f"0987000{chance.randrange(1000):03}"},
            {"received_at": instant_text(moved)},
            {"owner_name": chance.choice(NAMES), "received_at": instant_text(moved)},
        )
    )
    return Corrected(changes=changes, reason="Gõ nhầm")


STEPS: dict[type[Payload], Callable[[Random, datetime], Step]] = {
    Forwarded: lambda chance, now: Forwarded(case_officer="Lê Văn Tịnh"),
    SupplementRequested: lambda chance, now: SupplementRequested(papers="Sổ hộ khẩu", reason="Thiếu bản sao"),
    SupplementReceived: lambda chance, now: SupplementReceived(),
    PaymentRequested: lambda chance, now: PaymentRequested(amount_vnd=15_000),
    PaymentDone: lambda chance, now: PaymentDone(amount_vnd=15_000),
    Extended: lambda chance, now: Extended(reason="Cần xác minh", due_on=local_date(now) + timedelta(days=9)),
    Resolved: lambda chance, now: Resolved(
        result_kind=chance.choice((ResultKind.GRANTED, ResultKind.REFUSED_AFTER_APPRAISAL))
    ),
    Delivered: lambda chance, now: Delivered(delivered_to="Đặng Thị Ngoan", delivered_by=DeliveryMethod.COUNTER),
    Withdrawn: lambda chance, now: Withdrawn(reason="Đổi ý kiến"),
    SentBack: lambda chance, now: SentBack(reason="Sai thẩm quyền"),
    Stopped: lambda chance, now: Stopped(reason="Có tranh chấp"),
    Corrected: _corrected,
    Voided: lambda chance, now: Voided(reason="Nhập trùng"),
    Rated: lambda chance, now: Rated(
        rating=Rating.VERY_SATISFIED, subject=RatingSubject.SERVICE, source=RatingSource.SCREEN, scale_version="1"
    ),
}
WEIGHTS: dict[type[Payload], float] = {Resolved: 6.0, Delivered: 6.0, Corrected: 5.0, Forwarded: 2.0, Voided: 1.5}
