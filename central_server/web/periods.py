"""Which period a page shows: the one asked for, else the one that people ask about today; and its neighbours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import request

from central_server.services import closing
from central_server.services.closing import PeriodState
from central_server.web.formatting import period_text
from central_server.web.present import central
from central_server.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.instants import local_date
from sync_protocol.periods import Period, PeriodSeries, UnknownPeriod, parse_period, period_name

ENDED_SHOWN_DAYS = 10
"""So long after its end the last period is the one that people ask about, then the running one."""

STATE_WORDS = {
    PeriodState.OPEN: (N_("Open – desks are still entering"), "open"),
    PeriodState.CLOSING: (N_("Ended, not closed yet"), "waiting"),
    PeriodState.CLOSED: (N_("Closed"), "good"),
    PeriodState.RESTATED: (N_("Closed and restated"), "good"),
}
"""How far a period has come, and the colour that goes with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodLink:
    """A period that a link leads to."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodShown:
    """The period of a page: its name in addresses, its days, how far it has come, and the ones beside it."""

    name: str
    text: str
    state: str
    tone: str
    previous: PeriodLink | None
    following: PeriodLink | None


def asked_period() -> Period:
    """The period named in the address, else the present one; raises UnknownPeriod."""
    name = request.args.get("period", "").strip()
    series = central().about().series
    return parse_period(name, series) if name else present_period(central().today(), series)


def present_period(today: date, series: PeriodSeries) -> Period:
    """The period last ended while it is still being asked about, else the running one."""
    running = series.containing(today)
    ended = series.before(running)
    return ended if today - ended.last_on <= timedelta(days=ENDED_SHOWN_DAYS) else running


def shown_period(period: Period, now: datetime) -> PeriodShown:
    """A period with its neighbours; none of them begins after today."""
    series = central().about().series
    previous, following = _or_none(series.before, period), _or_none(series.after, period)
    state, tone = _state(period, now)
    return PeriodShown(
        name=period_name(period, series),
        text=period_text(period),
        state=state,
        tone=tone,
        previous=_link(previous, series),
        following=_link(following, series) if following and following.first_on <= local_date(now) else None,
    )


def _or_none(step: Callable[[Period], Period], period: Period) -> Period | None:
    try:
        return step(period)
    except UnknownPeriod:
        return None


def _link(period: Period | None, series: PeriodSeries) -> PeriodLink | None:
    return PeriodLink(name=period_name(period, series), text=period_text(period)) if period else None


def _state(period: Period, now: datetime) -> tuple[str, str]:
    if now < period.starts_at:
        return gettext("Not begun yet"), "plain"
    text, tone = STATE_WORDS[closing.state_of(central(), period, now)]
    return gettext(text), tone
