"""What was learnt of one desk in a period, read for telling when its standing changed."""

from dataclasses import replace
from datetime import datetime, timedelta

from central_server.central import Central
from central_server.services.flips import Flip, Past, flips
from central_server.services.ruling import in_force
from central_server.services.standing import DeskStory
from central_server.services.terms import Rulings
from central_server.storage import centre, counters, declarations, knowing, reference, undecided
from central_server.storage.database import reading

FOLLOWED_DAYS = 100
"""So long after its end the standings of a period are followed; what comes later is restated."""


def flips_of(central: Central, story: DeskStory) -> list[Flip]:
    """When the standing of a desk changed, and why; the story says that the caller may see the desk."""
    period, up_to = story.period, min(story.now, story.period.ends_at + timedelta(days=FOLLOWED_DAYS))
    if up_to <= period.starts_at:
        return []
    with reading(central.database):
        past = _past(central, story, max(period.starts_at, centre.known_from() or period.starts_at), up_to)
        return flips(past, period, reference.calendar(), up_to)


def _past(central: Central, story: DeskStory, since: datetime, up_to: datetime) -> Past:
    node, period = story.standing.desk, story.period
    return Past(
        desk=node,
        since=since,
        devices=knowing.learnt(node.code, since, up_to),
        arrived=counters.counted(node.code, period),
        undecided=undecided.changes(node.code, period),
        declared=declarations.words(node.code, period),
        ruled=_ruled(in_force(central.about()), since),
    )


def _ruled(now: Rulings, since: datetime) -> list[tuple[datetime, Rulings]]:
    """What had been ruled from when on: first nothing, then more with each ruling."""
    steps = [(ruling.ruled_at, replace(now, rows=now.rows[:count])) for count, ruling in enumerate(now.rows, start=1)]
    return [(since, replace(now, rows=())), *steps]
