"""Whatever is asked of the read API is answered or refused as it is described, and is never a fault of the centre."""

import re
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central_server.app import create_app
from central_server.central import Central
from central_server.web import limits
from central_server.web.openapi import REFUSALS
from central_server.web.read_api import readable
from tests.central.programs import program
from tests.conftest import DESK, only_on_sqlite

KNOWN = (
    "2021-10",
    DESK,
    "26",
    "0",
    "x.1",
    "2021-09-21..2021-10-20",
    "2021-10-04T09:00:00+07:00",
    "0001-01-01T00:00:00+14:00",
    "\0",
    "../",
    "%00",
)
WORDS = st.sampled_from(KNOWN) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NUMBERS = (st.sampled_from([0, 1, 2**31, 2**63, 10**30]) | st.integers(-1)).map(str)
PARTS = st.fixed_dictionaries({"name": st.just("2021-10") | WORDS, "code": st.just(DESK) | WORDS, "revision": NUMBERS})
NAMES = st.sampled_from(["period", "unit", "as_of", "cursor", "token"]) | st.text(
    st.characters(codec="ascii"), max_size=5
)


@pytest.fixture
def app(central: Central, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application that lets programs ask as often as the test does."""
    monkeypatch.setattr(limits, "READS_PER_MINUTE", 1_000_000)
    return create_app(central)


@pytest.mark.slow
@only_on_sqlite
def test_whatever_is_asked_is_answered_or_refused_as_described(app: Flask, central: Central) -> None:
    asking = program(app, central, "26")

    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(readable.routes), PARTS, st.just({}) | st.dictionaries(NAMES, WORDS))
    def ask(route, parts, query) -> None:  # type: ignore[no-untyped-def]
        path = re.sub(r"{(\w+)}", lambda part: quote(parts[part[1]], safe="") or "x", route.path)

        answer = app.test_client().get(path, query_string=query, headers={"Authorization": f"Bearer {asking.secret}"})

        # An address that fits no route is not described, and is answered in the same way.
        assert answer.status_code in {200, 308, *REFUSALS}, (path, query)
        assert answer.status_code == 308 or answer.is_json, (path, query)

    ask()
