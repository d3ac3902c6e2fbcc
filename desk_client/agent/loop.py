"""The agent: contacts the centre when it is time or when it is woken, until it is told to stop."""

import logging
import threading
from dataclasses import dataclass, field

from desk_client.agent.transport import road_to
from desk_client.desk import Desk, NotEnrolled
from desk_client.services.overview import overview
from desk_client.services.pacing import LONGEST_WAIT_S
from desk_client.services.syncing import Outcome, contact

log = logging.getLogger(__name__)
SETTLE_S = 1.0
"""After a save the agent waits this long, so that a burst of dossiers shares a contact."""


@dataclass(slots=True)
class Agent:
    """One thread that syncs; `wake` asks for a contact now."""

    desk: Desk
    _woken: threading.Event = field(default_factory=threading.Event)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def wake(self) -> None:
        """Something waits to be sent; returns at once."""
        self._woken.set()

    def stop(self) -> None:
        """Ends the loop after the contact under way."""
        self._stopped.set()
        self._woken.set()

    def run(self) -> None:
        """Contacts the centre until stopped; nothing that the road does ends the loop."""
        while not self._stopped.is_set():
            outcome = sync_once(self.desk)
            log.info("contact: sent=%d unsent=%d problem=%s", outcome.sent, outcome.unsent, _problem(outcome))
            self._woken.wait(self.wait_s())
            if self._woken.is_set():
                self._woken.clear()
                self._stopped.wait(SETTLE_S)

    def wait_s(self) -> float:
        """Seconds until the next contact is due, bounded."""
        try:
            told = overview(self.desk)
        except NotEnrolled:
            return float(self.desk.settings.sync_interval_s)
        wait_s = (told.next_try_at - told.now).total_seconds() if told.next_try_at else 0.0
        # A clock that fell back by years must not silence the desk for years.
        return min(max(0.0, wait_s), max(LONGEST_WAIT_S, self.desk.settings.sync_interval_s))


def sync_once(desk: Desk) -> Outcome:
    """One contact over HTTP to the centre that the desk is enrolled with; raises NotEnrolled."""
    road = road_to(desk.identity().central_url)
    jitter = int.from_bytes(desk.randomness(4)) / 2**32
    return contact(desk, road, jitter=jitter, interval_s=desk.settings.sync_interval_s)


def _problem(outcome: Outcome) -> str:
    return outcome.error.code if outcome.error else "-"
