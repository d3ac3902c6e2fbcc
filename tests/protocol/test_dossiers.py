"""Folding events into a dossier: what may follow what, and in which day it counts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.dossiers import Dossier, IllegalTransition, UnknownDossier, counted_change, fold
from sync_protocol.entries import Header
from sync_protocol.events import Delivered, EpochOpened, Event, Payload, Received, Resolved, Voided
from sync_protocol.vocabulary import Channel, DeliveryMethod, DossierStage, OwnerType, ResultKind

RECEIVED_AT = datetime(2021, 10, 4, 1, 15, tzinfo=UTC)
RECEIVED = Received(
    dossier_code="H62.11.01-211004-0001",
    procedure_code="1.004873",
    submitter_name="Nguyễn Thị Hường",
    owner_name="Nguyễn Thị Hường",
    owner_type=OwnerType.CITIZEN,
    channel=Channel.DIRECT,
    delivery_method=DeliveryMethod.COUNTER,
    set_count=1,
)
RESOLVED = Resolved(result_kind=ResultKind.REFUSED_AFTER_APPRAISAL)
DELIVERED = Delivered(delivered_to="Nguyễn Thị Hường", delivered_by=DeliveryMethod.COUNTER)
VOIDED = Voided(reason="Nhập trùng")
STEPS: list[Payload] = [RESOLVED, DELIVERED, VOIDED]


def event(payload: Payload, at: datetime = RECEIVED_AT, sequence: int = 3) -> Event:
    """An event about the dossier 1.1.3."""
    return Event(
        Header(
            slot=1, epoch=1, sequence=sequence, kind="-", version=1, subject="1.1.3", happened_at=at,
            recorded_at=datetime(2021, 10, 4, 1, 16, tzinfo=UTC), monotonic_ms=0, boot="b", offset_ms=0,
            clerk="an.nv", pack=2,
        ),
        payload,
    )  # fmt: skip


def dossier(stage: DossierStage) -> Dossier:
    """A dossier at a stage."""
    return replace(fold(None, event(RECEIVED)), stage=stage)


def test_a_reception_opens_a_dossier_without_personal_data() -> None:
    opened = fold(None, event(RECEIVED))

    assert opened == Dossier(
        id="1.1.3",
        dossier_code="H62.11.01-211004-0001",
        procedure_code="1.004873",
        channel=Channel.DIRECT,
        stage=DossierStage.RECEIVED,
        received_at=RECEIVED_AT,
        recorded_at=datetime(2021, 10, 4, 1, 16, tzinfo=UTC),
        received_by="an.nv",
    )
    assert "Hường" not in repr(opened)


def test_a_dossier_goes_from_reception_to_delivery() -> None:
    resolved_at, delivered_at = datetime(2021, 10, 7, 9, tzinfo=UTC), datetime(2021, 10, 8, 2, tzinfo=UTC)

    resolved = fold(dossier(DossierStage.RECEIVED), event(RESOLVED, resolved_at, 4))
    delivered = fold(resolved, event(DELIVERED, delivered_at, 5))

    assert (resolved.stage, resolved.resolved_at) == (DossierStage.RESOLVED, resolved_at)
    assert (delivered.stage, delivered.delivered_at) == (DossierStage.DELIVERED, delivered_at)
    assert delivered.resolved_at == resolved_at


@pytest.mark.parametrize(
    ("stage", "step", "becomes"),
    [
        (DossierStage.RECEIVED, RESOLVED, DossierStage.RESOLVED),
        (DossierStage.RECEIVED, VOIDED, DossierStage.VOIDED),
        (DossierStage.RESOLVED, DELIVERED, DossierStage.DELIVERED),
        (DossierStage.RESOLVED, VOIDED, DossierStage.VOIDED),
        (DossierStage.DELIVERED, VOIDED, DossierStage.VOIDED),
    ],
)
def test_what_follows_is_taken(stage: DossierStage, step: Payload, becomes: DossierStage) -> None:
    assert fold(dossier(stage), event(step)).stage is becomes


@pytest.mark.parametrize(
    ("stage", "step", "possible"),
    [
        (DossierStage.RECEIVED, DELIVERED, "resolve, void"),
        (DossierStage.RECEIVED, RECEIVED, "resolve, void"),
        (DossierStage.RECEIVED, EpochOpened(app_version="1", machine="m"), "resolve, void"),
        (DossierStage.RESOLVED, RESOLVED, "deliver, void"),
        (DossierStage.RESOLVED, RECEIVED, "deliver, void"),
        (DossierStage.DELIVERED, RESOLVED, "void"),
        (DossierStage.DELIVERED, DELIVERED, "void"),
        (DossierStage.DELIVERED, RECEIVED, "void"),
        (DossierStage.VOIDED, RESOLVED, "–"),
        (DossierStage.VOIDED, DELIVERED, "–"),
        (DossierStage.VOIDED, VOIDED, "–"),
        (DossierStage.VOIDED, RECEIVED, "–"),
    ],
)
def test_what_does_not_follow_is_refused_with_what_is_possible(
    stage: DossierStage, step: Payload, possible: str
) -> None:
    before = dossier(stage)

    with pytest.raises(IllegalTransition) as caught:
        fold(before, event(step))

    assert caught.value.values == {"stage": stage.value, "possible": possible}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_about_no_known_dossier_names_it(step: Payload) -> None:
    with pytest.raises(UnknownDossier) as caught:
        fold(None, event(step))

    assert caught.value.values == {"dossier": "1.1.3"}


def test_a_dossier_counts_in_the_local_day_of_its_reception() -> None:
    before_midnight = fold(None, event(RECEIVED, datetime(2021, 10, 4, 16, 59, 59, tzinfo=UTC)))
    after_midnight = fold(None, event(RECEIVED, datetime(2021, 10, 4, 17, 0, tzinfo=UTC)))

    assert before_midnight.counted_on == date(2021, 10, 4)
    assert after_midnight.counted_on == date(2021, 10, 5)


def test_a_voided_dossier_leaves_the_counts_and_keeps_its_day() -> None:
    voided = fold(dossier(DossierStage.RECEIVED), event(VOIDED))

    assert voided.counted_on is None
    assert voided.received_on == date(2021, 10, 4)


def test_counts_change_when_a_dossier_comes_and_when_it_is_voided_only() -> None:
    received = fold(None, event(RECEIVED))
    resolved = fold(received, event(RESOLVED))
    voided = fold(resolved, event(VOIDED))

    assert counted_change(None, received) == (date(2021, 10, 4), None)
    assert counted_change(received, resolved) == (None, None)
    assert counted_change(resolved, voided) == (None, date(2021, 10, 4))


def test_a_dossier_that_moves_leaves_one_day_for_another() -> None:
    before = dossier(DossierStage.RECEIVED)
    after = replace(before, received_at=datetime(2021, 10, 6, 1, tzinfo=UTC))

    assert counted_change(before, after) == (date(2021, 10, 6), date(2021, 10, 4))


@given(st.lists(st.sampled_from(STEPS), max_size=6))
def test_whatever_is_tried_a_dossier_counts_once_or_not_at_all(steps: list[Payload]) -> None:
    state = fold(None, event(RECEIVED))
    counts = {date(2021, 10, 4): 1}

    for step in steps:
        try:
            after = fold(state, event(step))
        except IllegalTransition:
            continue
        for day, change in zip(counted_change(state, after), (1, -1), strict=True):
            if day:
                counts[day] = counts.get(day, 0) + change
        state = after

    assert counts == {date(2021, 10, 4): 0 if state.stage is DossierStage.VOIDED else 1}


def test_every_stage_says_what_may_follow() -> None:
    outcomes = {(stage, type(step)): _is_taken(stage, step) for stage, step in product(DossierStage, STEPS)}

    assert sum(outcomes.values()) == 5


def _is_taken(stage: DossierStage, step: Payload) -> bool:
    try:
        fold(dossier(stage), event(step))
    except IllegalTransition:
        return False
    return True
