"""Nobody tries codes without end, or uses up what another device may send; whoever is over is told when to come."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.storage.database import write_transaction
from central_server.storage.models import DeviceRow
from central_server.web.limits import Counts
from desk_client.desk import Desk
from desk_client.services.road import CentreRefused
from sync_protocol.offers import pack_offer
from sync_protocol.signing import SigningKey
from sync_protocol.statements import Receipt, Vouched
from tests.central.writing import Writer, enrolled_writer, request
from tests.conftest import Link, only_on_sqlite, sync

KEY = SigningKey.from_seed(b"\x01" * 32)


def limited(central: Central, **limits: Any) -> FlaskClient:
    """A browserless caller of a centre that allows little."""
    return create_app(replace(central, settings=replace(central.settings, **limits))).test_client()


def statuses(ask: Callable[[], Any], times: int) -> list[int]:
    return [ask().status_code for _ in range(times)]


@only_on_sqlite
def test_codes_can_be_tried_only_so_often_a_minute(central: Central) -> None:
    client = limited(central, enrolments_per_minute=3)

    asked = statuses(lambda: client.post("/v1/enrolments", json=request("0000-0000-0000-0000", KEY)), 5)

    assert asked == [403, 403, 403, 429, 429]


@only_on_sqlite
def test_whoever_is_over_is_told_what_is_safe_and_when_to_come_back(central: Central) -> None:
    client = limited(central, enrolments_per_minute=1)
    client.post("/v1/enrolments", json={})

    answer = client.post("/v1/enrolments", json={})

    assert answer.headers["Retry-After"] == "60"
    assert orjson.loads(answer.data)["error"]["code"] == "too_many_requests"


@only_on_sqlite
def test_a_device_that_asks_too_often_waits_and_its_neighbour_does_not(central: Central) -> None:
    client = limited(central, contacts_per_minute=2)
    first, second = enrolled_writer(central), enrolled_writer(central, seed=b"\x02" * 32)

    asked = statuses(lambda: client.post("/v1/contacts", data=first.contact()), 3)

    assert asked == [200, 200, 429]
    assert client.post("/v1/contacts", data=second.contact()).status_code == 200


@only_on_sqlite
def test_nobody_uses_up_the_contacts_of_another_device(central: Central) -> None:
    client = limited(central, contacts_per_minute=2)
    writer = enrolled_writer(central)
    forged = replace(writer, key=SigningKey.from_seed(b"x" * 32))

    asked = statuses(lambda: client.post("/v1/contacts", data=forged.alone()), 5)

    assert asked == [401] * 5
    assert client.post("/v1/contacts", data=writer.contact()).status_code == 200


@only_on_sqlite
def test_a_desk_that_is_told_to_wait_keeps_all_and_tries_later(central: Central, device: Desk, link: Link) -> None:
    slow = Link(create_app(replace(central, settings=replace(central.settings, contacts_per_minute=1))))
    sync(device, slow)

    outcome = sync(device, slow)

    assert isinstance(outcome.error, CentreRefused)
    assert (outcome.error.refusal_code, outcome.error.retry_after_s) == ("too_many_requests", 60)
    assert sync(device, link).error is None


@only_on_sqlite
def test_readmissions_are_bounded_by_address_and_contacts_go_on(central: Central) -> None:
    """A flood of certificates, good or not, must not take the centre's time from the contacts of all others."""
    client = limited(central, enrolments_per_minute=2)

    asked = statuses(lambda: client.post("/v1/readmissions", data=b"{}"), 3)

    assert asked == [400, 400, 429]
    assert client.post("/v1/contacts", data=enrolled_writer(central).contact()).status_code == 200


@only_on_sqlite
def test_a_device_that_may_not_be_let_in_yet_waits_as_long_as_it_is_told(
    central: Central, link: Link, enrol: Callable[..., Desk]
) -> None:
    device = enrol()
    with write_transaction(central.database):
        DeviceRow.delete().execute()
    link.road.client = limited(central, enrolments_per_minute=1)
    link.road.client.post("/v1/readmissions", data=b"{}")

    outcome = sync(device, link)

    assert isinstance(outcome.error, CentreRefused)
    assert (outcome.error.refusal_code, outcome.error.retry_after_s) == ("too_many_requests", 60)


@only_on_sqlite
def test_a_device_that_offers_too_often_waits_and_its_neighbour_does_not(central: Central) -> None:
    client = limited(central, contacts_per_minute=1)
    first, second = enrolled_writer(central), enrolled_writer(central, seed=b"\x02" * 32)
    receipt = Receipt(
        device=first.device,
        epoch=1,
        up_to=0,
        hash=b"",
        at=central.now(),
        incarnation="",
        ticket="",
        archived_up_to=0,
        vouched=(Vouched(1, 1, 1, first.hashes[0]), Vouched(2, 1, 1, second.hashes[0])),
    ).signed_by(central.keys.signing)

    def offer(writer: Writer) -> int:
        vouched = Vouched(writer.device.slot, 1, 1, writer.hashes[0])
        raw = pack_offer(writer.device, writer.key, receipt, vouched, writer.entries[:1])
        return client.post("/v1/offers", data=raw).status_code

    assert [offer(first), offer(first), offer(second)] == [200, 429, 200]


def test_a_count_begins_again_when_it_has_expired_and_is_forgotten_later(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, seconds = Counts(), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: seconds)
    assert [counts.incr("a", 60), counts.incr("a", 60), counts.incr("b", 600, 5)] == [1, 2, 5]

    seconds += 61

    assert (counts.get("a"), counts.get("b")) == (0, 5)
    assert counts.incr("a", 60) == 1
    seconds += 61
    counts.incr("c", 60)
    assert counts.reset() == 2


@only_on_sqlite
def test_counting_begins_no_thread(central: Central) -> None:
    client = limited(central)
    before = threading.active_count()

    assert statuses(lambda: client.post("/v1/enrolments", json=request("0000-0000-0000-0000", KEY)), 3) == [403] * 3
    assert threading.active_count() == before
