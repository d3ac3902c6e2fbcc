"""Following a desk up: what was noted stays, and whatever has run out is open again by itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from peewee import DatabaseError

from central_server.central import Central
from central_server.services import following
from central_server.services.enrolment import UnknownDesk
from central_server.services.following import (
    UNTIL_DAYS_MAX,
    BadUntil,
    FollowUp,
    NewStep,
    NoteNeeded,
    Stage,
    TooManySteps,
    follow_ups_of,
    note_step,
    present_state,
)
from central_server.services.standing import standings
from central_server.storage import follow_ups, models, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.follow_ups import FollowStep, FollowUpStep
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.periods import PeriodSeries
from sync_protocol.standings import Judgement, Sentence
from sync_protocol.texts import BadText
from sync_protocol.vocabulary import Flag, Standing
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
AFTER_OCTOBER = datetime(2021, 10, 25, 2, tzinfo=UTC)
TODAY = date(2021, 10, 25)
HELD_STANDINGS = [each for each in Standing if each not in (Standing.MET, Standing.EXEMPT)]


def judged(standing: Standing, *, is_proven: bool) -> Judgement:
    """A judgement of which only the standing and whether its flag is proven matter."""
    nothing = Sentence(text="", values={})
    return Judgement(
        arrived=0,
        unsent=0,
        entered=0,
        threshold=50,
        flag=Flag.ZERO,
        flag_proven=is_proven,
        is_covered=is_proven,
        standing=standing,
        covered_until=None,
        last_statement_at=None,
        evidence=nothing,
        next_step=nothing,
    )


FEW, ZERO = judged(Standing.FEW, is_proven=True), judged(Standing.ZERO, is_proven=True)
SILENT = judged(Standing.SILENT, is_proven=False)


def step(kind: FollowStep, *, days: int = 0, until: int | None = None, judgement: Judgement = FEW) -> FollowUpStep:
    """A step of so many days after TODAY, which holds up to so many days after TODAY."""
    return FollowUpStep(
        desk=DESK,
        period=OCTOBER,
        number=1,
        step=kind,
        note="Đã gặp lãnh đạo xã",
        until_on=None if until is None else TODAY + timedelta(days=until),
        standing=judgement.standing,
        is_proven=judgement.flag_proven,
        noted_at=AFTER_OCTOBER + timedelta(days=days),
        noted_by="tinh",
    )


CALL = step(FollowStep.CALL)
PROMISE = step(FollowStep.PROMISE, until=3)
ACKNOWLEDGED = step(FollowStep.ACKNOWLEDGE, until=3)
REOPENED = step(FollowStep.REOPEN)


# The present state, made of the steps


@pytest.mark.parametrize(
    ("steps", "stage"),
    [
        ([], Stage.OPEN),
        ([CALL], Stage.CALLED),
        ([PROMISE], Stage.PROMISED),
        ([CALL, ACKNOWLEDGED], Stage.ACKNOWLEDGED),
        ([ACKNOWLEDGED, CALL], Stage.ACKNOWLEDGED),
        ([PROMISE, ACKNOWLEDGED], Stage.ACKNOWLEDGED),
        ([ACKNOWLEDGED, REOPENED], Stage.REOPENED),
        ([ACKNOWLEDGED, REOPENED, CALL], Stage.REOPENED),
        ([REOPENED, PROMISE], Stage.PROMISED),
    ],
)
def test_the_last_deciding_step_says_how_far_it_has_come(steps: list[FollowUpStep], stage: Stage) -> None:
    state = present_state(steps, FEW, TODAY)

    assert state.stage is stage
    assert state.is_put_off == (stage in (Stage.PROMISED, Stage.ACKNOWLEDGED))


def test_the_state_names_the_last_call_and_the_day_promised() -> None:
    steps = [step(FollowStep.CALL, days=-4), step(FollowStep.PROMISE, days=-1, until=3)]

    state = present_state(steps, FEW, TODAY)

    assert (state.called_on, state.last and state.last.until_on) == (date(2021, 10, 24), date(2021, 10, 28))


@pytest.mark.parametrize("lasting", [PROMISE, ACKNOWLEDGED])
def test_what_has_run_out_is_open_again_on_the_next_day(lasting: FollowUpStep) -> None:
    stages = [present_state([lasting], FEW, TODAY + timedelta(days=days)).stage for days in (3, 4)]

    assert stages[0] in (Stage.PROMISED, Stage.ACKNOWLEDGED)
    assert stages[1] is Stage.RAN_OUT


@pytest.mark.parametrize(
    ("then", "now", "is_worse"),
    [
        (FEW, ZERO, True),
        (SILENT, FEW, True),
        (SILENT, ZERO, True),
        (judged(Standing.MET, is_proven=True), SILENT, True),
        (judged(Standing.ZERO, is_proven=False), ZERO, True),
        (FEW, FEW, False),
        (ZERO, FEW, False),
        (FEW, SILENT, False),
        (SILENT, judged(Standing.HELD, is_proven=False), False),
    ],
)
def test_a_standing_that_gets_worse_opens_it_again(then: Judgement, now: Judgement, *, is_worse: bool) -> None:
    noted = replace(ACKNOWLEDGED, standing=then.standing, is_proven=then.flag_proven)

    assert present_state([noted], now, TODAY).stage is (Stage.WORSE if is_worse else Stage.ACKNOWLEDGED)


@pytest.mark.parametrize("standing", [Standing.MET, Standing.EXEMPT])
def test_a_desk_that_has_done_enough_has_nothing_to_follow_up(standing: Standing) -> None:
    assert present_state([REOPENED], judged(standing, is_proven=True), TODAY).stage is Stage.SETTLED


@pytest.mark.parametrize("standing", HELD_STANDINGS)
def test_no_other_standing_is_quiet_by_itself(standing: Standing) -> None:
    assert present_state([], judged(standing, is_proven=False), TODAY) == FollowUp(stage=Stage.OPEN)


# What is kept


@pytest.fixture
def after_october(central: Central, clock: StandingClock) -> Central:
    """A centre five days after the period, with six desks without a machine."""
    clock.at = AFTER_OCTOBER
    return central


def note(central: Central, kind: FollowStep = FollowStep.CALL, **overrides: Any) -> None:
    """Notes a step about DESK."""
    new = NewStep(step=kind, note=overrides.pop("note", "Hẹn gửi thứ Năm"), until_on=overrides.pop("until", None))
    scope, code = overrides.pop("scope", EVERYTHING), overrides.pop("code", DESK)
    note_step(central, scope, code, OCTOBER, new, by="tinh")


def kept(central: Central, code: str = DESK) -> list[FollowUpStep]:
    with reading(central.database):
        return follow_ups.of_desk(code, OCTOBER)


def test_a_step_is_kept_with_who_noted_it_when_and_the_standing_of_then(after_october: Central) -> None:
    note(after_october)
    note(after_october, FollowStep.PROMISE, until=date(2021, 10, 28))

    assert kept(after_october)[1] == FollowUpStep(
        desk=DESK,
        period=OCTOBER,
        number=2,
        step=FollowStep.PROMISE,
        note="Hẹn gửi thứ Năm",
        until_on=date(2021, 10, 28),
        standing=Standing.NO_DEVICE,
        is_proven=False,
        noted_at=AFTER_OCTOBER,
        noted_by="tinh",
    )


def test_a_period_of_other_days_has_a_follow_up_of_its_own(after_october: Central) -> None:
    note(after_october)

    with reading(after_october.database):
        assert follow_ups.of_period(PeriodSeries(last_day=20).month(2021, 11)) == {}


def test_the_state_of_all_desks_costs_one_query(after_october: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    note(after_october)
    note(after_october, FollowStep.ACKNOWLEDGE, code=OTHER_DESK, until=TODAY)
    told = standings(after_october, EVERYTHING, OCTOBER)
    asked: list[str] = []
    execute = after_october.database.execute_sql
    monkeypatch.setattr(
        after_october.database, "execute_sql", lambda sql, *more, **named: asked.append(sql) or execute(sql, *more)
    )

    states = follow_ups_of(after_october, told)

    assert {code: state.stage for code, state in states.items()} == {
        DESK: Stage.CALLED,
        OTHER_DESK: Stage.ACKNOWLEDGED,
    }
    assert len(asked) == 1


def test_the_states_are_those_of_the_desks_that_may_be_seen(after_october: Central) -> None:
    with reading(after_october.database):
        lap_thach = units.unit_by_code("246", TODAY)
    assert lap_thach
    told = standings(after_october, Scope(root=lap_thach.id), OCTOBER)
    note(after_october)
    note(after_october, code=told.desks[0].desk.code)

    states = follow_ups_of(after_october, told)

    assert set(states) == {told.desks[0].desk.code}


def test_nothing_is_noted_about_a_desk_outside_the_scope(after_october: Central) -> None:
    with reading(after_october.database):
        lap_thach = units.unit_by_code("246", TODAY)
    assert lap_thach

    with pytest.raises(UnknownDesk):
        note(after_october, scope=Scope(root=lap_thach.id))

    assert kept(after_october) == []


@pytest.mark.parametrize("kind", [FollowStep.PROMISE, FollowStep.ACKNOWLEDGE])
@pytest.mark.parametrize("until", [None, TODAY - timedelta(days=1), TODAY + timedelta(days=UNTIL_DAYS_MAX + 1)])
def test_a_step_that_lasts_needs_a_day_that_can_be(
    after_october: Central, kind: FollowStep, until: date | None
) -> None:
    with pytest.raises(BadUntil):
        note(after_october, kind, until=until)
    note(after_october, kind, until=TODAY)
    note(after_october, kind, until=TODAY + timedelta(days=UNTIL_DAYS_MAX))

    assert len(kept(after_october)) == 2


@pytest.mark.parametrize(("words", "error"), [("", NoteNeeded), (" \u200b ", NoteNeeded), ("a\0b", BadText)])
def test_a_step_without_words_that_can_be_kept_is_refused(
    after_october: Central, words: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        note(after_october, note=words)

    assert kept(after_october) == []


def test_notes_have_an_end(after_october: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "STEPS_MAX", 2)
    note(after_october)
    note(after_october)

    with pytest.raises(TooManySteps):
        note(after_october)


def test_what_was_noted_cannot_be_changed_in_the_database(after_october: Central) -> None:
    note(after_october)

    for query in (models.FollowUpRow.update(note="khác"), models.FollowUpRow.delete()):
        with pytest.raises(DatabaseError), write_transaction(after_october.database):
            query.execute()
    assert len(kept(after_october)) == 1
