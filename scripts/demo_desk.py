"""One desk of the demo, each visit to it in a process of its own that runs the real desk client.

On installation day it enrols. At the time of its last contact it records its whole period through the use case of the
screen and syncs over HTTP.
"""

import json
import random
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from desk_client.agent.transport import road_to
from desk_client.desk import Desk
from desk_client.opening import open_desk
from desk_client.services.declaring import declare
from desk_client.services.enrolment import enrol
from desk_client.services.filing import record_lines
from desk_client.services.signing_in import add_clerk
from desk_client.services.syncing import contact
from desk_client.settings import Settings
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading
from scripts.demo_link import weak_link
from scripts.demo_world import PERIOD_FIRST, PERIOD_LAST, DeskPlan, Story, events_of
from sync_protocol.events import Declared
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Declaration, Role

PASSWORD = "mot-cua-2021"  # noqa: S105
UP_BYTES_MAX = 6_000
INTERVAL_S = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A desk to go to: its story, its data folder, the centre's address, and on installation day its code."""

    plan: DeskPlan
    data: Path
    url: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a visit came to: lines recorded, and why lines were refused."""

    desk_code: str
    recorded: int = 0
    refused: tuple[str, ...] = ()


def install(visit: Visit) -> Told:
    """Enrols the desk, adds its clerk and makes the first contact."""
    desk = _desk(visit)
    clerk = Clerk(username=visit.plan.clerk_username, full_name=visit.plan.clerk_name, role=Role.CLERK)
    with reading(desk.database):
        enrol(desk, road_to(visit.url), visit.url, visit.code, PASSWORD)
        add_clerk(desk, clerk, PASSWORD)
        _contact(desk, visit.url)
    return Told(desk_code=visit.plan.desk_code)


def work(visit: Visit) -> Told:
    """Records the desk's period and syncs; a desk with a weak link gets only its statement through."""
    desk, plan = _desk(visit), visit.plan
    centre = urlsplit(visit.url)
    is_weak = plan.story is Story.UNSENT
    link = weak_link(str(centre.hostname), int(centre.port or 80), UP_BYTES_MAX) if is_weak else nullcontext(visit.url)
    with link as url, reading(desk.database):
        # A contact before the work tells the machine the time, as any day's first contact does.
        _contact(desk, visit.url)
        results = list(record_lines(desk, _lines(plan), clerk=plan.clerk_username))
        if plan.story is Story.NIL_DECLARED:
            period = Period(first_on=PERIOD_FIRST, last_on=PERIOD_LAST)
            declare(desk, Declared(period=period, declaration=Declaration.NIL), clerk=plan.clerk_username)
        _contact(desk, url)
        if is_weak:
            _contact(desk, url)
    refused = tuple(str(result.error) for result in results if result.error)
    return Told(desk_code=plan.desk_code, recorded=len(results), refused=refused)


def _desk(visit: Visit) -> Desk:
    return open_desk(Settings(data=visit.data, key_store="file"))


def _lines(plan: DeskPlan) -> Iterator[bytes]:
    return (json.dumps(line, ensure_ascii=False).encode() for line in events_of(plan))


def _contact(desk: Desk, url: str) -> None:
    contact(desk, road_to(url), jitter=random.random(), interval_s=INTERVAL_S)
