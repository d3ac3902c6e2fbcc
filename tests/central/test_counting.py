"""What reports count: the sets of domain guide 10.2, compared with a plain look at each dossier by itself."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central_server.central import Central
from central_server.reports.counts import IN_PROCESS, NAMES, Counts, total
from central_server.reports.coverage import Coverage, LeftMachine
from central_server.services.covering import coverages
from central_server.storage import counting, models
from central_server.storage.database import reading, snapshot, write_transaction
from central_server.storage.questions import DESKS_NAMED_MAX
from desk_client.desk import Desk
from sync_protocol.dossiers import read_state
from sync_protocol.events import Resolved
from sync_protocol.instants import local_date, local_instant
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DossierStage, ResultKind
from tests.central.test_standings_of_desks import counted_statements
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK, Link, only_on_postgresql, only_on_sqlite, record, sync_quietly, take
from tests.factories import StandingClock, reception

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
TODAY = date(2021, 10, 25)
DAYS = st.dates(date(2021, 9, 10), date(2021, 10, 28))
SPANS = st.integers(0, 14)
MIDNIGHT = datetime.min.time()
HALVES = [
    Period(first_on=OCTOBER.first_on, last_on=date(2021, 10, 1)),
    Period(first_on=date(2021, 10, 2), last_on=OCTOBER.last_on),
]
NO_STOCK = dict.fromkeys(("carried_over", *IN_PROCESS), 0)
"""What stood when a period began or ended."""

LIVES = st.fixed_dictionaries(
    {
        "desk": st.integers(0, 1),
        "received_on": DAYS,
        "procedure_code": st.sampled_from(["1.004873", "2.000815", "9.999999"]),
        "channel": st.sampled_from(["direct", "online", "post"]),
        "end": st.sampled_from(
            ["", "resolve", "resolve", "deliver", "withdraw", "send_back", "stop", "void", "request_supplement"]
        ),
        "after": SPANS,
        "handed_over_after": SPANS,
        "payment": st.sampled_from([None, None, "cash", "non_cash", ""]),
        "rating": st.sampled_from([None, None, "very_satisfied", "satisfied", "not_satisfied"]),
    }
)
"""What happens to a dossier: it ends, or not, so many days after its reception."""

ENDS: dict[str, dict[str, Any]] = {
    "resolve": {"result_kind": "granted"},
    "withdraw": {"reason": "Đổi ý kiến"},
    "send_back": {"reason": "Không hợp lệ"},
    "stop": {"reason": "Có tranh chấp"},
    "void": {"reason": "Nhập trùng"},
    "request_supplement": {"papers": "Giấy khai sinh", "reason": "Còn thiếu"},
}


def at_ten(day: date) -> datetime:
    """10:00 of a local day."""
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)


def working(central: Central, code: str, seed: bytes) -> Writer:
    """A machine of a desk that works by the packs in force."""
    writer = enrolled_writer(central, code, seed)
    packs = writer.send().packs
    writer.write("adopt_packs", {"packs": dict(packs)})
    writer.send(writer.contact(first=writer.head))
    return writer


def live(writer: Writer, life: dict[str, Any]) -> None:
    """Seals what happens to a dossier."""
    received_on = life["received_on"]
    code = f"{writer.device.desk}-{received_on:%y%m%d}-{1000 + next(writer.serials)}"
    said = reception(dossier_code=code, procedure_code=life["procedure_code"], channel=life["channel"])
    if life.get("payment") is not None:
        said |= {"payment_status": "paid", "payment_method": life["payment"] or None}
    subject = writer.write("receive", said, {received_on: 1}, happened_at=at_ten(received_on), pack=2)
    ended_on = received_on + timedelta(days=life["after"])
    if life.get("rating"):
        rated = {"rating": life["rating"], "subject": "service", "source": "screen", "scale_version": "1"}
        writer.write("rate", rated, subject=subject, happened_at=at_ten(ended_on), pack=2)
    if life["end"] == "deliver":
        writer.write("resolve", ENDS["resolve"], subject=subject, happened_at=at_ten(ended_on), pack=2)
        delivered_on = ended_on + timedelta(days=life["handed_over_after"])
        way = {"delivered_to": "Nguyễn Thị Hường", "delivered_by": "post" if life["after"] % 2 else "counter"}
        writer.write("deliver", way, subject=subject, happened_at=at_ten(delivered_on), pack=2)
    elif life["end"]:
        writer.write(life["end"], ENDS[life["end"]], subject=subject, happened_at=at_ten(ended_on), pack=2)


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def counted(central: Central, known_until: date | None = TODAY) -> Counts:
    """All of the desk in October, as known to the end of a day."""
    known = {DESK: Coverage(until=local_instant(known_until + timedelta(days=1), MIDNIGHT))} if known_until else {}
    with reading(central.database):
        rows = counting.counts(OCTOBER, known, TODAY)
    for row in rows.values():
        row.check()
    return total(rows.values())


def test_a_reception_of_the_period_and_one_of_before_are_its_workload(writer: Writer, central: Central) -> None:
    writer.receive(date(2021, 9, 20))
    writer.receive(date(2021, 9, 21), channel="online")
    writer.receive(date(2021, 10, 20))
    writer.receive(date(2021, 10, 21))
    writer.send()

    row = counted(central)

    assert (row.carried_over, row.received_online, row.received_direct, row.workload) == (1, 1, 1, 3)


def test_of_many_desks_only_those_that_were_asked_for_are_told(writer: Writer, central: Central) -> None:
    """They are too many to be named to the database, which is asked for all."""
    writer.receive(date(2021, 10, 4))
    writer.send()
    others = [f"H62.99.{number}" for number in range(DESKS_NAMED_MAX + 1)]

    with reading(central.database):
        without, beside = (counting.counts(OCTOBER, {}, TODAY, desks) for desks in (others, [*others, DESK]))

    assert without == {}
    assert {desk for desk, _ in beside} == {DESK}


def test_what_is_void_is_nowhere(writer: Writer, central: Central) -> None:
    writer.void(writer.receive(date(2021, 10, 4)), date(2021, 10, 4))
    writer.send()

    assert counted(central) == Counts()


@pytest.mark.parametrize(
    ("known_until", "name"), [(TODAY, "overdue"), (date(2021, 10, 6), "due_unknown"), (None, "due_unknown")]
)
def test_what_fell_due_at_a_desk_that_is_not_known_so_far_is_not_late(
    device: Desk, link: Link, central: Central, known_until: date | None, name: str
) -> None:
    record(device, procedure_code="1.004873")
    sync_quietly(device, link)

    row = counted(central, known_until)

    assert getattr(row, name) == row.in_process == 1


def test_what_was_closed_later_was_open_then_and_is_known_to_be_late(
    device: Desk, link: Link, central: Central, clock: StandingClock
) -> None:
    dossier = record(device, procedure_code="1.004873")
    clock.at = datetime(2021, 10, 22, 2, tzinfo=UTC)
    take(device, dossier.id, Resolved(result_kind=ResultKind.GRANTED))
    sync_quietly(device, link)

    row = counted(central, known_until=None)

    assert (row.overdue, row.resolved) == (1, 0)


def one_by_one(central: Central, desk: str, covered_until: datetime) -> dict[str, int]:
    """What the domain guide says of each dossier by itself, added up."""
    today = central.today()
    end = min(OCTOBER.last_on, today)
    counts: Counter[str] = Counter()
    with reading(central.database):
        rows = list(models.DossierRow.select().where(models.DossierRow.desk == desk))
    for dossier, due_on in ((read_state(bytes(row.state)), row.due_on) for row in rows):
        if dossier.stage in ("voided", "not_accepted", "registered") or dossier.received_on > OCTOBER.last_on:
            continue
        ended_at = dossier.resolved_at or dossier.closed_at
        ended_on = local_date(ended_at) if ended_at else None
        if ended_on and ended_on < OCTOBER.first_on:
            continue
        is_new = dossier.received_on >= OCTOBER.first_on
        counts[f"received_{dossier.channel.value}" if is_new else "carried_over"] += 1
        counts["supplemented"] += is_new and dossier.is_supplemented
        if ended_on and ended_on <= OCTOBER.last_on:
            if dossier.closed_at:
                counts[dossier.stage.value] += 1
            elif due_on is None:
                counts["resolved_no_limit"] += 1
            else:
                word = "early" if ended_on < due_on else "late" if ended_on > due_on else "on_time"
                counts[f"resolved_{word}"] += 1
        elif not ended_on and dossier.stage is DossierStage.AWAITING_SUPPLEMENT:
            counts["awaiting"] += 1
        elif due_on is None or due_on >= end:
            counts["in_time"] += 1
        else:
            counts["overdue" if ended_on or local_date(covered_until) > due_on else "due_unknown"] += 1
    delivered = (read_state(bytes(row.state)) for row in rows)
    for dossier in delivered:
        if (
            dossier.delivered_at
            and local_date(dossier.delivered_at) in OCTOBER
            and dossier.stage is DossierStage.DELIVERED
        ):
            counts[f"delivered_{dossier.delivered_by}"] += 1
    for dossier in (read_state(bytes(row.state)) for row in rows):
        if dossier.stage not in ("voided", "not_accepted", "registered"):
            if dossier.paid_at and local_date(dossier.paid_at) in OCTOBER:
                counts[f"paid_{dossier.payment_method or 'unstated'}"] += 1
            if dossier.rated_at and local_date(dossier.rated_at) in OCTOBER:
                counts[f"rated_{dossier.rating}"] += 1
    return {name: count for name, count in counts.items() if count}


def by_desk(central: Central, *desks: str) -> dict[str, Counts]:
    """The counts of desks in October as of today, as far as each of them is known."""
    with reading(central.database):
        return counting.counts_by_desk(OCTOBER, coverages(list(desks)), central.today(), desks)


@pytest.fixture
def writers(central: Central) -> list[Writer]:
    """A machine at each of two desks, working by the packs in force."""
    return [working(central, DESK, b"\x01" * 32), working(central, OTHER_DESK, b"\x02" * 32)]


@pytest.fixture
def heard(clock: StandingClock) -> list[datetime]:
    """When both desks were heard: the examples of a test share a centre, which knows what it heard last of all."""
    return [clock.at]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(LIVES, min_size=1, max_size=14),
    today=st.dates(date(2021, 9, 21), date(2021, 11, 2)),
    silent_days=st.integers(0, 20),
)
def test_every_figure_is_that_of_a_plain_look_at_each_dossier(
    writers: list[Writer],
    heard: list[datetime],
    central: Central,
    clock: StandingClock,
    lives: list[dict[str, Any]],
    today: date,
    silent_days: int,
) -> None:
    firsts = [writer.head + 1 for writer in writers]
    for life in lives:
        live(writers[life["desk"]], life)
    clock.at = at_ten(today - timedelta(days=silent_days))
    heard.append(clock.at)
    for writer, first in zip(writers, firsts, strict=True):
        writer.send(writer.contact(first=first))
    clock.at = at_ten(today)

    told = by_desk(central, DESK, OTHER_DESK)

    with reading(central.database):
        by_procedure = counting.counts(OCTOBER, coverages([DESK, OTHER_DESK]), today)
    for desk in (DESK, OTHER_DESK):
        row = told.get(desk, Counts())
        row.check()
        assert {name: getattr(row, name) for name in NAMES if getattr(row, name)} == one_by_one(
            central, desk, max(heard)
        )
        assert total(each for (code, _), each in by_procedure.items() if code == desk) == row
    whole = total(told.values())
    whole.check()
    assert whole.workload == sum(each.workload for each in told.values())
    for desks in ([DESK], [DESK, OTHER_DESK]):
        with reading(central.database):
            together = counting.counts_together(OCTOBER, coverages(desks), today, desks)
            halves = [total(counting.counts_by_desk(half, {}, today, desks).values()) for half in HALVES]
            assert total(together.values()) == total(each for desk, each in told.items() if desk in desks)
            assert counting.flows(HALVES, desks) == [half._replace(**NO_STOCK) for half in halves]


OPEN_LIFE: dict[str, Any] = {
    "received_on": date(2021, 10, 4),
    "procedure_code": "1.004873",
    "channel": "direct",
    "end": "",
    "after": 0,
}


def test_the_unknown_stands_outside_the_base_of_rates(
    writers: list[Writer], central: Central, clock: StandingClock
) -> None:
    live(writers[0], OPEN_LIFE | {"end": "resolve", "after": 1})
    live(writers[0], OPEN_LIFE)
    writers[0].send()
    clock.move(days=10)

    row = by_desk(central, DESK)[DESK]

    assert (row.due_unknown, row.due, row.resolved_early, row.overdue) == (1, 1, 1, 0)


def test_once_the_desk_is_heard_again_it_is_overdue(
    writers: list[Writer], central: Central, clock: StandingClock
) -> None:
    live(writers[0], OPEN_LIFE)
    writers[0].send()
    clock.move(days=10)
    writers[0].send(writers[0].alone(acknowledged=writers[0].head))

    row = by_desk(central, DESK)[DESK]

    assert (row.due_unknown, row.overdue) == (0, 1)


def test_what_is_set_aside_about_a_dossier_may_be_its_result(
    writers: list[Writer], central: Central, clock: StandingClock
) -> None:
    writer = writers[0]
    live(writer, OPEN_LIFE)
    live(writer, OPEN_LIFE)
    writer.write("resolve", b"{}", subject=f"1.1.{writer.head}", version=7)
    writer.send()
    clock.move(days=10)
    writer.send(writer.alone(acknowledged=writer.head))

    row = by_desk(central, DESK)[DESK]

    assert (row.due_unknown, row.overdue) == (1, 1)


def test_what_is_set_aside_about_a_voided_dossier_says_nothing_of_another(
    writers: list[Writer], central: Central, clock: StandingClock
) -> None:
    writer = writers[0]
    live(writer, OPEN_LIFE)
    live(writer, OPEN_LIFE)
    voided = f"1.1.{writer.head}"
    writer.void(voided, OPEN_LIFE["received_on"])
    writer.write("resolve", b"{}", subject=voided, version=7)
    writer.send()
    clock.move(days=10)
    writer.send(writer.alone(acknowledged=writer.head))

    row = by_desk(central, DESK)[DESK]

    assert (row.due_unknown, row.overdue) == (0, 1)


RECEIVED, DUE = date(2021, 10, 4), date(2021, 10, 7)
DAY_IS_OVER = local_instant(date(2021, 10, 8), MIDNIGHT)


@pytest.mark.parametrize(
    ("coverage", "is_known"),
    [
        (Coverage(until=DAY_IS_OVER), True),
        (Coverage(until=DAY_IS_OVER - timedelta(seconds=1)), False),
        (Coverage(until=None), False),
        (Coverage(until=DAY_IS_OVER, left=[LeftMachine(left_on=RECEIVED, covered_until=None)]), False),
        (Coverage(until=DAY_IS_OVER, left=[LeftMachine(left_on=RECEIVED, covered_until=DAY_IS_OVER)]), True),
        (Coverage(until=DAY_IS_OVER, left=[LeftMachine(left_on=date(2021, 10, 3), covered_until=None)]), True),
    ],
)
def test_it_needs_the_word_of_every_machine_for_a_time_after_the_day(coverage: Coverage, *, is_known: bool) -> None:
    assert coverage.reaches(DUE, received_on=RECEIVED) is is_known


@only_on_sqlite
def test_what_is_told_of_desks_together_is_read_in_the_order_of_its_index(
    writers: list[Writer], central: Central, database_kind: str
) -> None:
    """Sorting all dossiers of a year costs ten times as much as reading them."""
    live_and_analyse(central, writers)

    with counted_statements(central) as asked, reading(central.database):
        counting.flows(HALVES, [DESK, OTHER_DESK])

    plans = plans_of(central, asked)
    assert len(plans) == 5
    assert all("USING COVERING INDEX dossier_" in plan and "B-TREE" not in plan for plan in plans)


@only_on_postgresql
def test_a_period_that_is_asked_for_often_is_planned_by_its_own_days_each_time(
    writers: list[Writer], central: Central, database_kind: str
) -> None:
    """Planned once for all periods and desks, a year's report takes four times as long."""
    live_and_analyse(central, writers)

    with reading(central.database):
        # Five times until the driver keeps a statement, five more until the server may plan it for good.
        for _ in range(12):
            with snapshot(central.database):
                counting.counts(OCTOBER, {}, TODAY, [DESK])
        plans = central.database.execute_sql(
            "SELECT custom_plans > 0, generic_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ['%FROM "dossier"%'],
        ).fetchall()

    assert plans == [(True, 0)] * 8


def live_and_analyse(central: Central, writers: list[Writer]) -> None:
    """Gives each desk a dossier, and SQLite the statistics by which it chooses its indexes."""
    for writer in writers:
        live(writer, OPEN_LIFE | {"end": "resolve", "after": 1})
        writer.send()
    with write_transaction(central.database):
        central.database.execute_sql("ANALYZE")


def plans_of(central: Central, asked: list[str]) -> list[str]:
    """How SQLite answers those questions that are about dossiers."""
    with reading(central.database):
        return [
            str(central.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", ["x"] * sql.count("?")).fetchall())
            for sql in asked
            if 'FROM "dossier"' in sql
        ]


@only_on_sqlite
def test_all_desks_take_the_same_few_statements_each_answered_by_an_index(
    writers: list[Writer], central: Central, database_kind: str
) -> None:
    live_and_analyse(central, writers)
    every = [f"H62.99.{number}" for number in range(600)]

    with counted_statements(central) as asked:
        by_desk(central, *every)

    plans = plans_of(central, asked)
    assert len(plans) == 8
    assert all("USING COVERING INDEX dossier_" in plan for plan in plans)
    assert len(asked) < 14
