"""For how long a desk has been below the level, told without a word on periods of which nothing is known."""

import pytest
from flask import Flask

from central_server.app import create_app
from central_server.central import Central
from central_server.services.trends import Past, periods_before
from central_server.web.trends import running_words
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Standing
from tests.conftest import DESK, only_on_sqlite

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
STANDINGS = {"few": Standing.FEW, "zero": Standing.ZERO, "silent": Standing.SILENT, "none": Standing.NO_DEVICE}

pytestmark = only_on_sqlite


@pytest.fixture
def app(central: Central) -> Flask:
    return create_app(central)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("few zero met", "For 3 periods running"),
        ("few zero", "For 3 periods running, or more"),
        ("few silent few", "For 2 periods running, or more"),
        ("met few silent", "Again, but not in the period before"),
        ("silent few met", "Again; the period before is not known"),
        ("met met met", "For the first time in 4 periods"),
        ("met met none", "For the first time in the 3 periods that are known"),
        ("silent met none", "For the first time in the 2 periods that are known"),
        ("none none none", ""),
    ],
)
def test_the_words_say_what_is_known_and_no_more(app: Flask, before: str, told: str) -> None:
    words = before.split()
    past = [
        Past(period=period, desks=1, arrived={}, standings={DESK: STANDINGS[word]} if word in STANDINGS else {})
        for period, word in zip(periods_before(OCTOBER, SERIES, len(words)), words, strict=True)
    ]

    with app.test_request_context(headers={"Cookie": "central_language=en"}):
        assert running_words(DESK, past) == told
