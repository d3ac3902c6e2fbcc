"""What two machines let go on differently is settled once, and at both ends in the same way."""

from dataclasses import replace

import pytest

from sync_protocol.contents import content_after
from sync_protocol.events import Settled, Step, Taken
from sync_protocol.folding import fold
from sync_protocol.schemas import payload_content
from sync_protocol.vocabulary import DossierStage, ResultKind, VerdictKind
from tests.protocol.lives import (
    DELIVERED,
    RECEIVED,
    RECEIVED_AT,
    REFUSED_AFTER_APPRAISAL,
    RESOLVED,
    STOPPED,
    WITHDRAWN,
    after,
    event,
)

STAYS = Settled(entry="2.1.7", reason="Đã hỏi người nộp")
DELIVERED_DOSSIER = after(RECEIVED, RESOLVED, DELIVERED)


def takes(step: Step) -> Settled:
    return replace(STAYS, takes=Taken(step=step, happened_at=RECEIVED_AT))


def test_what_stands_stays_where_a_person_settles_it_so() -> None:
    folded = fold(DELIVERED_DOSSIER, event(STAYS, sequence=20))

    assert folded.verdict is VerdictKind.APPLIED
    assert (folded.dossier.stage, folded.dossier.settled) == (DossierStage.DELIVERED, ("2.1.7",))


@pytest.mark.parametrize(
    ("step", "stage"),
    [
        (WITHDRAWN, DossierStage.WITHDRAWN),
        (STOPPED, DossierStage.STOPPED),
        (REFUSED_AFTER_APPRAISAL, DossierStage.DELIVERED),
    ],
)
def test_what_the_other_machine_did_takes_the_place_of_the_end_that_stood(step: Step, stage: DossierStage) -> None:
    dossier = fold(DELIVERED_DOSSIER, event(takes(step), sequence=20)).dossier

    assert dossier.stage is stage
    assert (dossier.delivered_at is None) == (stage is not DossierStage.DELIVERED)
    assert (dossier.result_kind is ResultKind.REFUSED_AFTER_APPRAISAL) == (stage is DossierStage.DELIVERED)


def test_a_result_that_was_handed_over_takes_the_place_of_a_withdrawal() -> None:
    dossier = fold(after(RECEIVED, WITHDRAWN), event(takes(DELIVERED), sequence=20)).dossier

    assert (dossier.stage, dossier.closed_at) == (DossierStage.DELIVERED, None)
    assert dossier.delivered_at == RECEIVED_AT


def test_what_was_written_down_of_the_end_that_stood_goes_with_it() -> None:
    content = payload_content(RECEIVED) | payload_content(RESOLVED) | payload_content(DELIVERED)
    settling = event(takes(WITHDRAWN), sequence=20)

    kept = content_after(content, settling, fold(DELIVERED_DOSSIER, settling))

    assert {"result_number", "signer", "delivered_to"}.isdisjoint(kept)
    assert kept["reason"] == WITHDRAWN.reason


def test_an_entry_is_settled_once() -> None:
    settled = fold(DELIVERED_DOSSIER, event(STAYS, sequence=20)).dossier

    folded = fold(settled, event(takes(WITHDRAWN), sequence=21))

    assert (folded.verdict, folded.dossier.stage) == (VerdictKind.MERGED, DossierStage.DELIVERED)
