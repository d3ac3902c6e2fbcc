"""The agent: contacts the centre when it is time or when it is woken, until it is told to stop."""

import logging
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field

from desk_client.agent.transport import road_to
from desk_client.desk import Desk, NotEnrolled
from desk_client.services.overview import overview
from desk_client.services.pacing import FIRST_WAIT_S, LONGEST_WAIT_S, RETRY_AFTER_S_MAX
from desk_client.services.syncing import Outcome, contact, is_held_off
from desk_client.storage.ballast import keep_ballast
from desk_client.storage.trouble import StorageTrouble

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
        """Contacts the centre until stopped; nothing that the road or the machine does ends the loop."""
        while not self._stopped.is_set():
            self._rest(self.try_once())

    def try_once(self) -> float:
        """One contact; gives the seconds that have to pass at least before the next one."""
        keep_ballast(self.desk.settings.data)
        try:
            outcome = sync_once(self.desk)
        # It is enrolled on its page, which wakes the agent.
        except NotEnrolled:
            return 0.0
        # It could not even be noted: there may be room on the disk at the next try.
        except StorageTrouble as error:
            log.warning("contact: problem=%s", error.code)
            return FIRST_WAIT_S
        log.info("contact: sent=%d unsent=%d problem=%s", outcome.sent, outcome.unsent, _problem(outcome))
        return 0.0

    def wait_s(self) -> float:
        """Seconds from the last contact to the next one, bounded."""
        try:
            told = overview(self.desk)
        except NotEnrolled:
            return float(self.desk.settings.sync_interval_s)
        if told.next_try_at is None:
            return 0.0
        # Both were noted together: a clock that falls back by years meanwhile must not silence the desk for years.
        return min((told.next_try_at - (told.tried_at or told.now)).total_seconds(), self._longest_wait_s())

    def _longest_wait_s(self) -> float:
        return max(RETRY_AFTER_S_MAX, LONGEST_WAIT_S, self.desk.settings.sync_interval_s)

    def _rest(self, at_least_s: float) -> None:
        """Waits until the next contact is due, or until something is to be sent and the road is not known as broken."""
        due_at = time.monotonic() + max(self.wait_s(), at_least_s)
        while (left_s := due_at - time.monotonic()) > 0 and self._woken.wait(left_s):
            self._woken.clear()
            if self._stopped.is_set() or not is_held_off(self.desk):
                self._stopped.wait(SETTLE_S)
                return


def sync_once(desk: Desk) -> Outcome:
    """One contact over HTTP to the centre that the desk is enrolled with; raises NotEnrolled."""
    identity, jitter = desk.identity(), int.from_bytes(desk.randomness(4)) / 2**32
    with closing(road_to(identity.central_url, identity.certificate.centre_key)) as road:
        return contact(desk, road, jitter=jitter, interval_s=desk.settings.sync_interval_s)


def _problem(outcome: Outcome) -> str:
    return outcome.error.code if outcome.error else "-"
