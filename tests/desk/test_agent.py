"""The agent neither sleeps for years nor asks for ever."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from desk_client.agent.loop import Agent
from desk_client.desk import Desk
from desk_client.services.recording import record_reception
from desk_client.services.syncing import contact
from desk_client.storage import device
from desk_client.storage.database import write_transaction
from desk_client.storage.device import ContactState
from sync_protocol.statements import Receipt
from tests.factories import CENTRE_KEY, NOW, StandingClock, enrolled_desk, reception


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


def test_a_centre_whose_receipts_do_not_advance_is_not_asked_for_ever(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)
    record_reception(desk, reception(), received_at=NOW, clerk="an.nv")
    road = StuckRoad(desk)

    outcome = contact(desk, road, jitter=0.5, interval_s=300)

    assert (road.posts, outcome.sent, outcome.unsent) == (1, 0, 3)
