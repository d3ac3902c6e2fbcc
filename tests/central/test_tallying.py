"""The figures of a period against a plain count of single dossiers, written from the domain guide (10.2)."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central_server.central import Central
from central_server.services.tallying import NOTHING, Tally, passed, summed, tallied
from central_server.storage import models
from central_server.storage.database import reading, snapshot, write_transaction
from sync_protocol.dossiers import read_state
from sync_protocol.instants import local_date, local_instant
from sync_protocol.lateness import IN_PROCESS, Coverage, LeftMachine, Outcome, open_outcome
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DossierStage
from tests.central.test_standings_of_desks import counted_statements
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK, only_on_sqlite
from tests.factories import StandingClock, reception

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
DAYS = st.dates(date(2021, 9, 10), date(2021, 10, 28))
SPANS = st.integers(0, 14)
DAY_SECONDS = 86_400

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
    return writer


def live(writer: Writer, life: dict[str, Any]) -> None:
    """Seals what happens to a dossier."""
    received_on = life["received_on"]
    code = f"{writer.device.desk}-{received_on:%y%m%d}-{1000 + next(writer.serials)}"
    said = reception(dossier_code=code, procedure_code=life["procedure_code"], channel=life["channel"])
    subject = writer.write("receive", said, {received_on: 1}, happened_at=at_ten(received_on), pack=2)
    ended_on = received_on + timedelta(days=life["after"])
    if life["end"] == "deliver":
        writer.write("resolve", ENDS["resolve"], subject=subject, happened_at=at_ten(ended_on), pack=2)
        delivered_on = ended_on + timedelta(days=life["handed_over_after"])
        way = {"delivered_to": "Nguyễn Thị Hường", "delivered_by": "post" if life["after"] % 2 else "counter"}
        writer.write("deliver", way, subject=subject, happened_at=at_ten(delivered_on), pack=2)
    elif life["end"]:
        writer.write(life["end"], ENDS[life["end"]], subject=subject, happened_at=at_ten(ended_on), pack=2)


def tally_of(central: Central, period: Period, *desks: str) -> dict[str, Tally]:
    """The tallies of desks in a period, as of today."""
    part = passed(period, central.today())
    assert part
    with snapshot(central.database):
        return tallied(part, desks)


def counted_one_by_one(central: Central, period: Period, desk: str, covered_until: datetime | None) -> dict[str, Any]:
    """What the domain guide says of each dossier by itself, added up."""
    on = min(period.last_on, central.today())
    counts: Counter[Any] = Counter()
    with reading(central.database):
        held = [(read_state(bytes(row.state)), row.due_on) for row in models.DossierRow.select().where(
            models.DossierRow.desk == desk)]  # fmt: skip
    for dossier, due_on in held:
        if dossier.stage in ("voided", "not_accepted", "registered") or dossier.received_on > on:
            continue
        end = dossier.resolved_at or dossier.closed_at
        ended_on = local_date(end) if end else None
        if ended_on and ended_on < period.first_on:
            continue
        is_new = dossier.received_on >= period.first_on
        counts[f"received {dossier.channel.value}" if is_new else "carried"] += 1
        if ended_on and ended_on <= on:
            if dossier.closed_at:
                counts[Outcome(dossier.stage.value)] += 1
            elif due_on is None:
                counts[Outcome.NO_LIMIT] += 1
            else:
                word = "early" if ended_on < due_on else "late" if ended_on > due_on else "on_time"
                counts[Outcome(word)] += 1
        elif not ended_on and dossier.stage is DossierStage.AWAITING_SUPPLEMENT:
            counts[Outcome.AWAITING] += 1
        elif due_on is None:
            counts[Outcome.OPEN_NO_LIMIT] += 1
        elif due_on >= on:
            counts[Outcome.IN_TIME] += 1
        else:
            is_known = ended_on or (covered_until and local_date(covered_until) > due_on)
            counts[Outcome.OVERDUE if is_known else Outcome.DUE_UNKNOWN] += 1
        delivered_on = local_date(dossier.delivered_at) if dossier.delivered_at else None
        if delivered_on and delivered_on in period and delivered_on <= on:
            counts[f"delivered {dossier.delivered_by}"] += 1
    return dict(counts)


def as_counts(tally: Tally) -> dict[Any, int]:
    """A tally in the words of the plain count."""
    counts: dict[Any, int] = {"carried": tally.carried_over, **tally.outcomes}
    counts |= {f"received {channel.value}": count for channel, count in tally.received.items()}
    counts |= {f"delivered {way.value}": count for way, count in tally.delivered.items()}
    return {name: count for name, count in counts.items() if count}


@pytest.fixture
def writers(central: Central) -> list[Writer]:
    """A machine at each of two desks."""
    return [working(central, DESK, b"\x01" * 32), working(central, OTHER_DESK, b"\x02" * 32)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lives=st.lists(LIVES, min_size=1, max_size=14),
    today=st.dates(date(2021, 9, 21), date(2021, 11, 2)),
    silent_days=st.integers(0, 20),
)
def test_every_figure_is_that_of_a_plain_look_at_each_dossier(
    writers: list[Writer],
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
    for writer, first in zip(writers, firsts, strict=True):
        writer.send(writer.contact(first=first))
    heard_at, clock.at = clock.at, at_ten(today)

    told = tally_of(central, OCTOBER, DESK, OTHER_DESK)

    for desk in (DESK, OTHER_DESK):
        tally = told.get(desk, NOTHING)
        assert as_counts(tally) == counted_one_by_one(central, OCTOBER, desk, heard_at)
        assert tally.workload == tally.resolved + tally.closed_other + tally.in_process
    whole = summed(told.values())
    assert whole.workload == sum(each.workload for each in told.values())
    assert whole.count(*IN_PROCESS) == whole.in_process


def test_the_unknown_stands_outside_the_base_of_rates(
    writers: list[Writer], central: Central, clock: StandingClock
) -> None:
    common = {
        "received_on": date(2021, 10, 4),
        "procedure_code": "1.004873",
        "channel": "direct",
        "handed_over_after": 0,
    }
    live(writers[0], common | {"end": "resolve", "after": 1})
    live(writers[0], common | {"end": "", "after": 0})
    writers[0].send()
    clock.move(days=10)

    [tally] = tally_of(central, OCTOBER, DESK).values()

    assert (tally.count(Outcome.DUE_UNKNOWN), tally.due, tally.in_time, tally.late) == (1, 1, 1, 0)


def test_once_the_desk_is_heard_again_it_is_overdue(
    writers: list[Writer], central: Central, clock: StandingClock
) -> None:
    live(
        writers[0],
        {"received_on": date(2021, 10, 4), "procedure_code": "1.004873", "channel": "direct", "end": ""} | {"after": 0},
    )
    writers[0].send()
    clock.move(days=10)
    writers[0].send(writers[0].alone(acknowledged=writers[0].head))

    [tally] = tally_of(central, OCTOBER, DESK).values()

    assert (tally.count(Outcome.DUE_UNKNOWN), tally.count(Outcome.OVERDUE)) == (0, 1)


def test_what_is_set_aside_about_a_dossier_may_be_its_result(
    writers: list[Writer], central: Central, clock: StandingClock
) -> None:
    writer = writers[0]
    live(
        writer,
        {"received_on": date(2021, 10, 4), "procedure_code": "1.004873", "channel": "direct", "end": ""} | {"after": 0},
    )
    writer.write("resolve", b'{"result_kind":"granted","unheard_of":1}', subject=f"1.1.{writer.head}", version=7)
    writer.send()
    clock.move(days=10)
    writer.send(writer.alone(acknowledged=writer.head))

    [tally] = tally_of(central, OCTOBER, DESK).values()

    assert (tally.count(Outcome.DUE_UNKNOWN), tally.count(Outcome.OVERDUE)) == (1, 0)


def test_a_period_that_has_not_begun_is_not_counted() -> None:
    assert passed(OCTOBER, date(2021, 9, 20)) is None
    assert passed(OCTOBER, date(2021, 9, 21)) == Period(first_on=date(2021, 9, 21), last_on=date(2021, 9, 21))
    assert passed(OCTOBER, date(2021, 11, 1)) == OCTOBER


RECEIVED, DUE = date(2021, 10, 4), date(2021, 10, 7)
MIDNIGHT = local_instant(date(2021, 10, 8), datetime.min.time())
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("coverage", "outcome"),
    [
        (Coverage(until=MIDNIGHT), Outcome.OVERDUE),
        (Coverage(until=MIDNIGHT - SECOND), Outcome.DUE_UNKNOWN),
        (Coverage(until=None), Outcome.DUE_UNKNOWN),
        (Coverage(until=MIDNIGHT, left=[LeftMachine(left_on=RECEIVED, covered_until=None)]), Outcome.DUE_UNKNOWN),
        (Coverage(until=MIDNIGHT, left=[LeftMachine(left_on=RECEIVED, covered_until=MIDNIGHT)]), Outcome.OVERDUE),
        (Coverage(until=MIDNIGHT, left=[LeftMachine(left_on=date(2021, 10, 3), covered_until=None)]), Outcome.OVERDUE),
    ],
)
def test_overdue_needs_the_word_of_every_machine_for_a_time_after_the_day(coverage: Coverage, outcome: Outcome) -> None:
    said = open_outcome(DossierStage.PROCESSING, DUE, received_on=RECEIVED, on=date(2021, 10, 20), coverage=coverage)

    assert said is outcome


@only_on_sqlite
def test_the_figures_of_all_desks_take_the_same_few_statements_each_by_an_index(
    writers: list[Writer], central: Central, database_kind: str
) -> None:
    for writer in writers:
        live(
            writer,
            {"received_on": RECEIVED, "procedure_code": "1.004873", "channel": "direct", "end": "resolve", "after": 1},
        )
        writer.send()
    with write_transaction(central.database):
        central.database.execute_sql("ANALYZE")
    every = [f"H62.99.{number}" for number in range(600)]

    with counted_statements(central) as asked:
        tally_of(central, OCTOBER, *every)

    with reading(central.database):
        plans = {
            sql: str(central.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", ["x"] * sql.count("?")).fetchall())
            for sql in asked
            if 'FROM "dossier"' in sql
        }
    assert len(plans) == 5
    assert all("dossier_" in plan for plan in plans.values())
    assert len(asked) < 14
