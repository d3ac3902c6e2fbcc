"""What a dossier tells of its payment, of papers that were asked for, and of the citizen's answer."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sync_protocol.dossiers import read_state, state_bytes
from sync_protocol.events import Payload, PaymentDone
from sync_protocol.folding import fold
from sync_protocol.vocabulary import PaymentMethod, PaymentStatus, Rating
from tests.protocol.lives import (
    PAYMENT_DONE,
    PAYMENT_REQUESTED,
    RATED,
    RECEIVED,
    RECEIVED_AT,
    REGISTERED,
    RESOLVED,
    SUPPLEMENT_RECEIVED,
    SUPPLEMENT_REQUESTED,
    VOIDED,
    after,
    corrected,
    event,
    met,
)

PAID = replace(RECEIVED, payment_status=PaymentStatus.PAID, payment_method=PaymentMethod.CASH)
OWED = replace(RECEIVED, payment_status=PaymentStatus.UNPAID, payment_method=PaymentMethod.NON_CASH)
NINTH = datetime(2021, 10, 9, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("life", "paid_on", "method"),
    [
        ([RECEIVED], None, None),
        ([PAID], date(2021, 10, 4), "cash"),
        ([OWED], None, "non_cash"),
        ([OWED, corrected(payment_status="paid")], date(2021, 10, 4), "non_cash"),
        ([PAID, corrected(payment_method="non_cash")], date(2021, 10, 4), "non_cash"),
        ([PAID, corrected(payment_method=None)], date(2021, 10, 4), None),
        ([PAID, corrected(payment_status="refunded")], None, "cash"),
        ([PAID, PAYMENT_REQUESTED], None, "cash"),
        ([RECEIVED, PAYMENT_REQUESTED, PAYMENT_DONE], date(2021, 10, 4), "cash"),
        ([OWED, PAYMENT_REQUESTED, PaymentDone()], date(2021, 10, 4), "non_cash"),
        ([PAID, VOIDED], None, "cash"),
    ],
)
def test_a_payment_is_that_which_stands(life: list[Payload], paid_on: date | None, method: str | None) -> None:
    dossier = after(*life)

    assert (dossier.paid_on, dossier.payment_method) == (paid_on, method)


def test_a_payment_counts_on_the_day_on_which_it_was_noted() -> None:
    asked = after(RECEIVED, PAYMENT_REQUESTED)

    assert met(asked, PAYMENT_DONE, NINTH).dossier.paid_on == date(2021, 10, 9)


def test_a_correction_of_what_was_paid_keeps_the_day() -> None:
    paid = after(PAID)

    assert met(paid, corrected(payment_status="paid"), NINTH).dossier.paid_at == RECEIVED_AT


def test_papers_that_came_were_asked_for() -> None:
    assert not after(RECEIVED, PAYMENT_REQUESTED).is_supplemented
    assert after(RECEIVED, SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED, RESOLVED).is_supplemented


def test_the_answer_that_was_given_last_stands_in_whatever_order_they_come() -> None:
    later = replace(RATED, rating=Rating.NOT_SATISFIED)
    before = met(after(RECEIVED), later, NINTH).dossier

    lives = [met(after(RECEIVED, RATED), later, NINTH).dossier, fold(before, event(RATED, sequence=4)).dossier]

    assert [(each.rated_on, each.rating) for each in lives] == [(date(2021, 10, 9), Rating.NOT_SATISFIED)] * 2


def test_an_answer_stays_when_a_dossier_filed_online_is_accepted() -> None:
    assert after(REGISTERED, RATED, RECEIVED).rating is Rating.VERY_SATISFIED


def test_nothing_was_answered_about_a_dossier_that_counts_nowhere() -> None:
    assert after(RECEIVED, RATED).rated_on == date(2021, 10, 4)
    assert after(RECEIVED, RATED, VOIDED).rated_on is None


def test_payment_and_answer_are_read_as_they_were_kept() -> None:
    dossier = after(PAID, RATED)

    assert read_state(state_bytes(dossier)) == dossier
