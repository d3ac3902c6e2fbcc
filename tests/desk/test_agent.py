"""The agent neither sleeps for years nor asks for ever."""

import threading
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from desk_client.agent import loop
from desk_client.agent.loop import Agent
from desk_client.desk import Desk
from desk_client.services.recording import record_reception
from desk_client.services.syncing import Outcome, contact, hurry
from desk_client.storage import device
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.device import ContactState
from sync_protocol.statements import Receipt
from tests.factories import CENTRE_KEY, NOW, StandingClock, bare_desk, enrolled_desk, reception


@dataclass
class StuckRoad:
    """A centre whose receipts never advance."""

    desk: Desk
    posts: int = 0

    def post(self, path: str, body: bytes, content_type: str) -> dict[str, Any]:
        """A receipt for nothing."""
        self.posts += 1
        identity = self.desk.identity()
        receipt = Receipt(
            device=identity.id,
            epoch=1,
            up_to=0,
            hash=identity.origin,
            at=NOW,
            incarnation="one",
            ticket="t",
            archived_up_to=0,
        )
        return {"receipt": receipt.signed_by(CENTRE_KEY).as_json(), "verdicts": [], "packs": {}}

    def get(self, path: str) -> dict[str, Any]:
        """No pack is ever asked for."""
        raise AssertionError(path)


def test_a_clock_that_falls_back_by_years_does_not_silence_the_desk_for_years(tmp_path: Path) -> None:
    clock = StandingClock()
    desk = enrolled_desk(tmp_path, clock=clock)
    with write_transaction(desk.database):
        device.keep_contact_state(ContactState(tried_at=NOW, next_try_at=NOW + timedelta(seconds=300)))

    clock.move(days=-3650)

    assert Agent(desk).wait_s() == 300


def test_a_machine_that_is_not_enrolled_waits_and_sends_once_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SETTLE_S", 0.0)
    tried = threading.Event()
    monkeypatch.setattr(loop, "contact", lambda *_, **__: tried.set() or Outcome(sent=0, unsent=0, error=None))
    desk = bare_desk(tmp_path)
    agent = Agent(desk)
    thread = threading.Thread(target=agent.run)
    thread.start()

    time.sleep(0.1)
    is_alive_before = thread.is_alive()
    enrolled_desk(tmp_path)
    agent.wake()

    assert is_alive_before
    assert tried.wait(10)
    agent.stop()
    thread.join()


def test_a_centre_whose_receipts_do_not_advance_is_not_asked_for_ever(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)
    record_reception(desk, reception(), received_at=NOW, clerk="an.nv")
    road = StuckRoad(desk)

    outcome = contact(desk, road, jitter=0.5, interval_s=300)

    assert (road.posts, outcome.sent, outcome.unsent) == (1, 0, 3)


def test_what_is_saved_while_the_road_is_broken_goes_with_the_next_try_unless_a_person_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SETTLE_S", 0.0)
    desk = replace(enrolled_desk(tmp_path), randomness=lambda count: b"\xff" * count)
    agent = Agent(desk)
    thread = threading.Thread(target=agent.run)
    thread.start()
    try:
        wait_for_failures(desk, 1)
        for _ in range(5):
            agent.wake()
            time.sleep(0.1)
        after_saving = failures(desk)
        hurry(desk)
        agent.wake()
        wait_for_failures(desk, 2)
    finally:
        agent.stop()
        thread.join()

    assert after_saving == 1


def failures(desk: Desk) -> int:
    """How many tries in a row have failed."""
    with reading(desk.database):
        return device.contact_state().failures


def wait_for_failures(desk: Desk, count: int) -> None:
    """Returns once so many tries have failed."""
    give_up_at = time.monotonic() + 20
    while failures(desk) < count:
        assert time.monotonic() < give_up_at
        time.sleep(0.02)
