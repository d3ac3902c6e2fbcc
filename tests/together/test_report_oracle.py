"""Every indicator of a report against a plain look at each dossier, as a machine of the desk knows it.

The histories are made by the desk's own use cases on two machines that meet the centre when they like: late arrivals,
corrections, voids, withdrawals, supplements, payments and answers among them.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from central_server.reports.counts import Counts, total
from central_server.reports.indicators import INDICATORS
from central_server.reports.procedure_numbers import with_facts
from central_server.reports.rates import Rate
from central_server.services.covering import coverages
from central_server.services.reporting import make_report
from central_server.storage import counting, procedures
from central_server.storage.database import reading, write_transaction
from central_server.storage.models import Procedure
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.services.lifecycle import record_step
from desk_client.services.recording import record_reception
from desk_client.storage import models as desk_models
from desk_client.storage.database import reading as reading_desk
from sync_protocol.dossiers import Dossier, Wait, read_state
from sync_protocol.errors import FieldSyncError
from sync_protocol.instants import instant_text, local_date
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DossierStage, PaymentMethod, Rating, WaitKind
from tests.central.test_indicators import by_hand, told
from tests.conftest import DESK, Centres, Link, head_of, sync
from tests.factories import StandingClock, reception
from tests.protocol.lives import (
    DELIVERED,
    FORWARDED,
    PAYMENT_DONE,
    PAYMENT_REQUESTED,
    RATED,
    RESOLVED,
    SENT_BACK,
    STOPPED,
    SUPPLEMENT_RECEIVED,
    SUPPLEMENT_REQUESTED,
    VOIDED,
    WITHDRAWN,
    corrected,
)
from tests.together.field import hush
from tests.together.test_any_order import opened_field, refs

LEVELS = {"1.004873": "level_3", "2.000815": "full_online"}
ON_THE_SPOT = "2.000815"
STEPS = [
    RESOLVED, RESOLVED, RESOLVED, DELIVERED, DELIVERED, FORWARDED, WITHDRAWN, SENT_BACK, STOPPED, VOIDED, RATED,
    SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED, PAYMENT_REQUESTED, PAYMENT_DONE, corrected(channel="online"),
    replace(RATED, rating=Rating.NOT_SATISFIED), replace(PAYMENT_DONE, payment_method=PaymentMethod.NON_CASH),
]  # fmt: skip
RECEPTIONS = st.fixed_dictionaries(
    {
        "procedure_code": st.sampled_from(["1.004873", "2.000815", "1.001193"]),
        "channel": st.sampled_from(["direct", "online", "post"]),
        "payment": st.sampled_from([None, "cash", "non_cash"]),
        "back": st.integers(0, 20),
    }
)
ACTS = st.one_of(
    st.tuples(st.just("receive"), st.integers(0, 1), RECEPTIONS),
    st.tuples(st.just("step"), st.integers(0, 1), st.tuples(st.integers(0, 9), st.sampled_from(STEPS))),
    st.tuples(st.just("redate"), st.integers(0, 1), st.tuples(st.integers(0, 9), st.integers(1, 15))),
    st.tuples(st.just("sync"), st.integers(0, 1), st.none()),
    st.tuples(st.just("wait"), st.just(0), st.integers(1, 6)),
)
PERIODS = st.tuples(st.dates(date(2021, 9, 10), date(2021, 11, 5)), st.integers(0, 40))


@pytest.mark.slow
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(ACTS, min_size=5, max_size=30), asked=PERIODS)
def test_each_indicator_is_that_of_a_plain_look_at_what_the_desk_has(
    centres: Centres, history: list[Any], asked: tuple[date, int]
) -> None:
    period = Period(first_on=asked[0], last_on=asked[0] + timedelta(days=asked[1]))
    with opened_field(centres) as (central, link, desks):
        with write_transaction(central.database):
            for code, level in LEVELS.items():
                Procedure.update(service_level=level).where(Procedure.code == code).execute()
            Procedure.update(on_the_spot="four").where(Procedure.code == ON_THE_SPOT).execute()
        for what, machine, said in history:
            note(f"{what} {machine} {said}")
            # What a machine refuses, it refuses whole.
            with suppress(FieldSyncError):
                do(link, desks[machine], what, said)
        hush(link, *desks)
        today = central.today()

        report = make_report(central, EVERYTHING, "monthly", period)

        with reading(central.database):
            rows = counting.counts(period, coverages([DESK]), today)
            row = total(with_facts(rows, procedures.facts(period.last_on)).values())
        row.check()
        plain = by_hand(looked_at(desks[0], period, today))
        assert {id_: told(row, id_) for id_ in plain} == plain
        assert plain.keys() >= {each.id for each in INDICATORS if each.basis}
        summary, *_ = report.sections
        shown = {line.key: line.cells[0] for line in summary.rows}
        assert {id_: pair(cell) for id_, cell in shown.items() if id_ in plain} == {
            id_: plain[id_] for id_ in shown if id_ in plain
        }
        for section in (each for each in report.sections if each.id in ("levels", "fields")):
            ids = [column.id for column in section.columns]
            assert [pair(cell) for cell in section.rows[-1].cells] == [told(row, id_) for id_ in ids]


def do(link: Link, desk: Desk, what: str, said: Any) -> None:
    """What one machine does."""
    now, clerk, clock = desk.now(), head_of(desk), desk.clock
    assert isinstance(clock, StandingClock)
    match what:
        case "receive":
            paid = {"payment_status": "paid", "payment_method": said["payment"]} if said["payment"] else {}
            fields = reception(procedure_code=said["procedure_code"], channel=said["channel"], **paid)
            record_reception(desk, fields, received_at=now - timedelta(days=said["back"]), clerk=clerk)
        case "step":
            number, step = said
            record_step(desk, one(desk, number), step, happened_at=now, clerk=clerk)
        case "redate":
            number, back = said
            earlier = corrected(received_at=instant_text(now - timedelta(days=back)))
            record_step(desk, one(desk, number), earlier, happened_at=now, clerk=clerk)
        case "sync":
            sync(desk, link)
        case "wait":
            clock.move(days=said)
    clock.move(minutes=1)


def one(desk: Desk, number: int) -> str:
    """A dossier that the machine knows; one that is not there where it knows none."""
    known = refs(desk)
    return known[number % len(known)] if known else "9.9.9"


def pair(cell: object) -> object:
    """A rate as its two numbers."""
    return (cell.numerator, cell.denominator) if isinstance(cell, Rate) else cell


def looked_at(desk: Desk, period: Period, today: date) -> Counts:
    """The sets of the domain guide (10.2), dossier by dossier, as a machine of the desk has them."""
    counts: dict[str, int] = {}
    with reading_desk(desk.database):
        held = [(read_state(bytes(row.state)), row.due_at) for row in desk_models.DossierRow.select()]
    for dossier, due_at in held:
        if dossier.stage not in ("voided", "not_accepted", "registered"):
            for name in numbers_of(dossier, local_date(due_at) if due_at else None, period, min(today, period.last_on)):
                counts[name] = counts.get(name, 0) + 1
    return Counts(**counts)


def numbers_of(dossier: Dossier, due_on: date | None, period: Period, end: date) -> list[str]:
    """The numbers that a dossier falls under; all machines of the desk have just been heard."""
    received_on, first_on, last_on = local_date(dossier.received_at), period.first_on, period.last_on
    names = _happened(dossier, period, received_on)
    is_closed_otherwise = dossier.stage in ("withdrawn", "sent_back", "stopped")
    ended_at = dossier.closed_at if is_closed_otherwise else dossier.resolved_at
    is_open = dossier.stage in ("received", "processing", "awaiting_supplement", "awaiting_payment")
    ended_on = None if is_open or ended_at is None else max(received_on, local_date(ended_at))
    if received_on > last_on or (ended_on and ended_on < first_on):
        return names
    names += _received(dossier) if received_on >= first_on else ["carried_over"]
    if ended_on and ended_on <= last_on:
        return [*names, dossier.stage.value if is_closed_otherwise else _punctual(ended_on, due_on)]
    if ended_on is None and dossier.stage in ("awaiting_supplement", "awaiting_payment"):
        return [*names, "awaiting"]
    return [*names, "overdue" if due_on and due_on < end else "in_time"]


def _received(dossier: Dossier) -> list[str]:
    level = LEVELS.get(dossier.procedure_code)
    names = [f"received_{dossier.channel.value}"]
    if dossier.channel == "online":
        split = {"level_3": "partial", "full_online": "full", None: "unlisted"}
        names += [f"received_online_{split[level]}", *(["received_online_offered"] if level else [])]
    names += ["received_offered"] if level else []
    names += ["received_on_the_spot"] if dossier.procedure_code == ON_THE_SPOT else []
    was_asked = any(isinstance(each, Wait) and each.kind is WaitKind.SUPPLEMENT for each in dossier.timeline)
    return names + (["supplemented"] if was_asked else [])


def _punctual(ended_on: date, due_on: date | None) -> str:
    if due_on is None:
        return "resolved_no_limit"
    return f"resolved_{'early' if ended_on < due_on else 'late' if ended_on > due_on else 'on_time'}"


def _happened(dossier: Dossier, period: Period, received_on: date) -> list[str]:
    """Handed over, paid and rated on a day of the period, at the earliest that of the reception."""
    happened = [
        (
            dossier.delivered_at if dossier.stage is DossierStage.DELIVERED else None,
            f"delivered_{dossier.delivered_by}",
        ),
        (dossier.paid_at, f"paid_{dossier.payment_method or 'unstated'}"),
        (dossier.rated_at, f"rated_{dossier.rating}"),
    ]
    return [name for at, name in happened if at and max(received_on, local_date(at)) in period]
