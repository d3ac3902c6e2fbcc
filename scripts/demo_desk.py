"""One desk of the demo, a process of its own: enrols, records its whole period and syncs, as a real one does.

Reads one JSON object from standard input: the desk's story, its enrolment code and where the centre is.
"""

import json
import random
import sys
from contextlib import nullcontext
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
from scripts.demo_world import PERIOD_FIRST, PERIOD_LAST, Story, events_of, plan_world
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Declaration, Role

PASSWORD = "mot-cua-2021"
UP_BYTES_MAX = 6_000
INTERVAL_S = 15


def main() -> None:
    """Plays one desk's story; prints how many lines were recorded and how many entries wait."""
    task = json.loads(sys.stdin.readline())
    plan = next(plan for plan in plan_world(task["seed"]) if plan.desk_code == task["desk"])
    centre = urlsplit(task["url"])
    is_weak = plan.story is Story.UNSENT
    link = weak_link(str(centre.hostname), int(centre.port or 80), UP_BYTES_MAX) if is_weak else nullcontext(task["url"])
    desk = open_desk(Settings(data=Path(task["data"]), key_store="file"))
    with link as url, reading(desk.database):
        enrol(desk, road_to(url), url, task["code"], PASSWORD)
        add_clerk(desk, Clerk(username=plan.clerk_username, full_name=plan.clerk_name, role=Role.CLERK), PASSWORD)
        _contact(desk, url)
        lines = (json.dumps(line, ensure_ascii=False).encode() for line in events_of(plan))
        results = list(record_lines(desk, lines, clerk=plan.clerk_username))
        refused = [str(result.error) for result in results if result.error]
        if plan.story is Story.NIL_DECLARED:
            period = Period(first_on=PERIOD_FIRST, last_on=PERIOD_LAST)
            declare(desk, period, Declaration.NIL, clerk=plan.clerk_username)
        unsent = _contact(desk, url)
        if is_weak:
            unsent = _contact(desk, url)
    print(json.dumps({"desk": plan.desk_code, "recorded": len(results), "refused": refused, "unsent": unsent}))


def _contact(desk: Desk, url: str) -> int:
    outcome = contact(desk, road_to(url), jitter=random.random(), interval_s=INTERVAL_S)
    return outcome.unsent


if __name__ == "__main__":
    main()
