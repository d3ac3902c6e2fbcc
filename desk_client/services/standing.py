"""How the desk itself stands in a period: what it entered, what it declared, and what the centre last said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load, validate

from desk_client.desk import Desk
from desk_client.services.covering import standpoint
from desk_client.services.declaring import declarable_from
from desk_client.storage import dossiers, journal, notes
from desk_client.storage.database import reading
from desk_client.storage.lineage import Point
from sync_protocol.events import Declared, Event
from sync_protocol.instants import local_date
from sync_protocol.messages import Language
from sync_protocol.periods import Period
from sync_protocol.schemas import Instant, PeriodField, read_event
from sync_protocol.vocabulary import DeviceState, EventKind, Flag, Standing

PERIODS_OFFERED = 3
"""The present period and those before it that a desk may look at and declare."""

ASKED_FOR_DAYS = 20
"""So long after its end a period that was not declared is asked about."""

CENTRE_STANDINGS = "centre_standings"
DEVICE_STATE = "device_state"
STANDINGS_MAX = 4
DECLARATIONS_READ_MAX = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreView:
    """What the centre said of the desk in a period at its last answer: the very words that the supervisor reads."""

    period: Period
    standing: Standing
    flag: Flag
    flag_proven: bool
    arrived: int
    unsent: int
    entered: int
    threshold: int
    covered_until: datetime | None
    as_of: datetime
    vi: str
    en: str

    def evidence(self, language: Language) -> str:
        """The evidence sentence in a language."""
        return self.vi if language == "vi" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaring:
    """A declaration as it was sealed: what, when by the corrected clock, by whom, and whether it has arrived."""

    declared: Declared
    declared_at: datetime
    clerk: str
    is_sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStanding:
    """A period as this machine knows it.

    received_count      dossiers of the period on this machine
    working_days_left   after today until the period's end, 0 once it is over
    unsent_entries      entries of any kind that no receipt covers
    is_declarable       whether its last working day has come
    """

    period: Period
    received_count: int
    threshold: int
    working_days_left: int
    unsent_entries: int
    is_open: bool
    is_declarable: bool
    declaring: Declaring | None
    centre_view: CentreView | None


class CentreViewSchema(Schema):
    """What an answer says of the desk's standing in a period."""

    class Meta:
        unknown = EXCLUDE

    period = PeriodField(required=True)
    standing = fields.Enum(Standing, by_value=True, required=True)
    flag = fields.Enum(Flag, by_value=True, required=True)
    flag_proven = fields.Boolean(required=True)
    arrived = fields.Integer(strict=True, required=True)
    unsent = fields.Integer(strict=True, required=True)
    entered = fields.Integer(strict=True, required=True)
    threshold = fields.Integer(strict=True, required=True)
    covered_until = Instant(required=True, allow_none=True)
    as_of = Instant(required=True)
    vi = fields.String(required=True, validate=validate.Length(max=1_000))
    en = fields.String(required=True, validate=validate.Length(max=1_000))

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> CentreView:
        """The value."""
        return CentreView(**data)


CENTRE_VIEW = CentreViewSchema()


def own_standing(desk: Desk, period: Period) -> OwnStanding:
    """How this desk stands in a period; raises NotEnrolled."""
    packs, identity, today = desk.packs(), desk.identity(), local_date(desk.working_now())
    with reading(desk.database):
        received_count = dossiers.received_count(period.first_on, period.last_on)
        at = standpoint(identity)
        waiting = at.waiting
        written = journal.last_of_kind(identity.id.slot, EventKind.DECLARE, DECLARATIONS_READ_MAX)
        said = [read_event(entry) for entry in written]
    last = next((event for event in said if _period_of(event) == period), None)
    return OwnStanding(
        period=period,
        received_count=received_count,
        threshold=packs.desk.threshold,
        working_days_left=packs.calendar.working_days_between(today + timedelta(days=1), period.last_on),
        unsent_entries=waiting,
        is_open=today in period,
        is_declarable=today >= declarable_from(packs.calendar, period),
        declaring=_declaring(last, at.covered) if last else None,
        centre_view=next((each for each in centre_views(desk) if each.period == period), None),
    )


def periods_offered(desk: Desk) -> list[Period]:
    """The present period and those before it, newest first."""
    series = desk.packs().desk.series
    periods = [series.containing(local_date(desk.working_now()))]
    while len(periods) < PERIODS_OFFERED:
        periods.append(series.before(periods[-1]))
    return periods


def period_to_declare(desk: Desk) -> Period | None:
    """The period that the desk should say something about now, None on all other days.

    A machine is not asked about what ended before it was enrolled.
    """
    present, previous, *_ = periods_offered(desk)
    today, since = local_date(desk.working_now()), local_date(desk.identity().certificate.issued_at)
    for period in (present, previous):
        is_asked = since <= period.last_on and today <= period.last_on + timedelta(days=ASKED_FOR_DAYS)
        if is_asked and today >= declarable_from(desk.packs().calendar, period):
            return period if own_standing(desk, period).declaring is None else None
    return None


def note_centre_views(said: object) -> None:
    """Keeps what an answer of the centre says of the desk's standings; what cannot be read is passed over."""
    if not isinstance(said, list) or len(said) > STANDINGS_MAX:
        return
    read = [each for each in said if isinstance(each, Mapping) and not CENTRE_VIEW.validate(each)]
    if read:
        notes.keep_note(CENTRE_STANDINGS, read)


def note_device_state(said: object) -> None:
    """Keeps what an answer of the centre says that this device is; a word that is not known is passed over."""
    if said in list(DeviceState):
        notes.keep_note(DEVICE_STATE, said)


def device_state() -> DeviceState:
    """What this device is to the centre by its last answer, inside a connection; in use before the first."""
    return DeviceState(notes.note(DEVICE_STATE) or DeviceState.ACTIVE)


def centre_views(desk: Desk) -> list[CentreView]:
    """What the centre said at its last answer."""
    with reading(desk.database):
        kept = notes.note(CENTRE_STANDINGS) or []
    try:
        return [CENTRE_VIEW.load(each) for each in kept]
    except ValidationError:
        # A note of another version of this program: the next answer brings it anew.
        return []


def _period_of(event: Event) -> Period | None:
    return event.payload.period if isinstance(event.payload, Declared) else None


def _declaring(event: Event, covered: Point) -> Declaring:
    assert isinstance(event.payload, Declared)
    header = event.header
    return Declaring(
        declared=event.payload,
        declared_at=header.entered_at,
        clerk=header.clerk,
        is_sent=Point(header.epoch, header.sequence) <= covered,
    )
