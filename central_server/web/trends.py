"""How a desk has been doing: a small drawing of the periods before, and what is remarked of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from central_server.services.assessing import DeskStanding
from central_server.services.trends import Past, has_fallen, periods_running
from central_server.web.formatting import number
from central_server.web.speech import gettext
from central_server.web.words import Course
from sync_protocol.vocabulary import DeskCode

BAR_WIDTH = 11
BAR_STEP = 14
BARS_HEIGHT = 26
BAR_LEAST = 1
DRAWN_LEAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A period in the drawing; `is_present` for the one that the page shows."""

    x: int
    y: int
    height: int
    is_present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A desk over the periods, oldest first; `level_y` is where the threshold lies, lengths in units of the drawing."""

    width: int
    height: int
    bar_width: int
    bars: Sequence[Bar]
    level_y: int
    title: str


def trend(standing: DeskStanding, before: Sequence[Past]) -> Trend | None:
    """The trend of a desk, None where there is nothing to draw; `before` are the periods before the one shown.

    They come the nearest first; a single one draws no trend, and nor does a desk that entered nothing in any of them.
    """
    if len(before) < DRAWN_LEAST:
        return None
    code, judgement = standing.desk.code, standing.judgement
    counts = [past.arrived.get(code, 0) for past in before]
    shown = [*reversed(counts), judgement.entered]
    if not any(shown):
        return None
    top = max(*shown, judgement.threshold)
    return Trend(
        width=BAR_STEP * len(shown),
        height=BARS_HEIGHT,
        bar_width=BAR_WIDTH,
        bars=[_bar(count, place, top, is_present=place == len(counts)) for place, count in enumerate(shown)],
        level_y=BARS_HEIGHT - _height(judgement.threshold, top),
        title=gettext(
            "Periods before, the oldest first: %(before)s. This period: %(present)s. Level: %(threshold)s.",
            before=", ".join(map(number, reversed(counts))),
            present=number(judgement.entered),
            threshold=number(judgement.threshold),
        ),
    )


def trend_remarks(standing: DeskStanding, before: Sequence[Past], course: Course) -> list[str]:
    """How often a desk has been flagged, and whether it has fallen against its own history."""
    # Whoever is below the level is asked anyway.
    if standing.judgement.is_flagged and not course.is_open:
        running = running_words(standing.desk.code, before)
        return [running] if running else []
    return [gettext("Much less than this desk used to enter")] if has_fallen_in(standing, before, course) else []


def has_fallen_in(standing: DeskStanding, before: Sequence[Past], course: Course) -> bool:
    """Whether a desk entered much less than it used to, by the periods before the one shown, the nearest first."""
    judgement = standing.judgement
    counts = [past.arrived.get(standing.desk.code, 0) for past in before]
    # Where more may be on its way, nobody can say that a desk has fallen.
    return judgement.is_covered and has_fallen(judgement.entered, counts, pace=course.pace if course.is_open else 1.0)


def running_words(code: DeskCode, before: Sequence[Past]) -> str:
    """For how long a desk that is flagged now has been, "" where nothing is known of it in the periods before.

    before  the nearest first; of what is not known among them nothing is claimed
    """
    running, known = periods_running(code, before), [past for past in before if past.is_known(code)]
    is_beginning_known = running <= len(before) and before[running - 1].is_known(code)
    if running > 1:
        count = number(running)
        return (
            gettext("For %(count)s periods running", count=count)
            if is_beginning_known
            else gettext("For %(count)s periods running, or more", count=count)
        )
    if any(past.is_flagged(code) for past in known):
        return (
            gettext("Again, but not in the period before")
            if is_beginning_known
            else gettext("Again; the period before is not known")
        )
    return _first_time_words(len(known), len(before)) if known else ""


def _first_time_words(known: int, before: int) -> str:
    periods = number(known + 1)
    if known < before:
        return gettext("For the first time in the %(count)s periods that are known", count=periods)
    return gettext("For the first time in %(count)s periods", count=periods)


def _bar(count: int, place: int, top: int, *, is_present: bool) -> Bar:
    height = _height(count, top)
    return Bar(x=place * BAR_STEP, y=BARS_HEIGHT - height, height=height, is_present=is_present)


def _height(count: int, top: int) -> int:
    return max(BAR_LEAST, count * BARS_HEIGHT // top)
