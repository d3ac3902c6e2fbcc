"""What the centre says of procedures: their versions, their limits, and the rules by which deadlines are counted.

All of it is dated, since names and limits change with each announcing decision: what holds for a dossier is what was
in force on its day of reception. Sources: the national register of procedures; NĐ 61/2018 Đ.15, Đ.18 and Đ.19.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sync_protocol.calendars import TimeLimit
from sync_protocol.vocabulary import Channel, ProcedureCode


class ServiceLevel(StrEnum):
    """How far a procedure is offered online: levels 3 and 4 until 2022, then partly or fully."""

    NONE = "none"
    LEVEL_3 = "level_3"
    LEVEL_4 = "level_4"
    PARTIAL_ONLINE = "partial_online"
    FULL_ONLINE = "full_online"


class OnTheSpot(StrEnum):
    """Whether the desk may do it all itself: four steps (*4 tại chỗ*), or five with the stamp."""

    NONE = "none"
    FOUR = "four"
    FIVE = "five"


class WaitPolicy(StrEnum):
    """What a wait does to the appointment: the limit is counted again after it, or the time waited is added."""

    RESTART = "restart"
    SUSPEND = "suspend"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureLimit:
    """How long a procedure may take: by law, and as the province has cut it. Neither: it has no limit.

    channel               None for every channel
    valid_from, valid_to  local days of reception, both inclusive; None where it has always been, or has no end
    """

    statutory: TimeLimit | None = None
    committed: TimeLimit | None = None
    channel: Channel | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def appointment(self) -> TimeLimit | None:
        """The limit that appointments are computed from."""
        return self.committed or self.statutory


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure that the desk may receive, as it was announced last.

    limits                of the code, whatever its version; the unit's own are in its profile and win over them
    valid_from, valid_to  local days of reception of this version, both inclusive; None for no bound
    competent_unit        name of the deciding agency, "" for the desk's own unit
    fee_vnd, fee_basis    unit fee, 0 where it is free, None where it is not stated; and what it is paid per
    other_versions        what was announced before, and what is announced for later
    """

    code: ProcedureCode
    name: str
    field: str
    limits: tuple[ProcedureLimit, ...]
    channels: tuple[Channel, ...]
    valid_from: date | None = None
    valid_to: date | None = None
    service_level: ServiceLevel = ServiceLevel.NONE
    on_the_spot: OnTheSpot = OnTheSpot.NONE
    competent_unit: str = ""
    fee_vnd: int | None = None
    fee_basis: str = ""
    other_versions: tuple["Procedure", ...] = ()

    def version_on(self, day: date) -> "Procedure | None":
        """The version that a dossier received on a local day points at, None where it was not received then."""
        valid = [each for each in (self, *self.other_versions) if is_valid(each, day)]
        return max(valid, key=_begins_on, default=None)

    def is_received_on(self, day: date) -> bool:
        """Whether desks receive it on a local day."""
        return self.version_on(day) is not None

    def limit_on(self, day: date, channel: Channel | None) -> ProcedureLimit | None:
        """The limit of a dossier received on a local day by a channel."""
        return limit_among(self.limits, day, channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineRules:
    """What the law leaves to the province about deadlines, or says otherwise in each decree.

    supplement_policy, payment_policy  what the wait does to the appointment
    after_15h_starts_next_day          papers handed in after 15:00 begin to count on the next working day
    supplements_most, extensions_most  how often a dossier may be held for papers, and moved with an apology
    supplement_request_days            working days after reception in which papers may be asked for
    other_versions                     the rules before `valid_from`, and those announced for later
    Sources: NĐ 61/2018 Đ.15(3), Đ.18(2), Đ.19; deployed software suspends where the decree restarts.
    """

    supplement_policy: WaitPolicy = WaitPolicy.RESTART
    payment_policy: WaitPolicy = WaitPolicy.SUSPEND
    after_15h_starts_next_day: bool = False
    supplements_most: int = 1
    extensions_most: int = 1
    supplement_request_days: int = 3
    valid_from: date | None = None
    other_versions: tuple["DeadlineRules", ...] = ()

    def on(self, day: date) -> "DeadlineRules":
        """The rules in force on a local day; those of the decree where none were set for it."""
        if self.valid_from is None and not self.other_versions:
            return self
        valid = [each for each in (self, *self.other_versions) if _begins_on(each) <= day]
        return max(valid, key=_begins_on, default=None) or DeadlineRules()


def limit_among(limits: Iterable[ProcedureLimit], day: date, channel: Channel | None) -> ProcedureLimit | None:
    """The limit for a day of reception and a channel: one of the channel first, then the one that began last."""
    fitting = [each for each in limits if each.channel in (None, channel) and is_valid(each, day)]
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    return max(fitting, key=lambda each: (each.channel is not None, _begins_on(each)))


def is_valid(dated: Procedure | ProcedureLimit, day: date) -> bool:
    """Whether a version or a limit holds for a local day."""
    return _begins_on(dated) <= day <= (dated.valid_to or date.max)


def _begins_on(dated: Procedure | ProcedureLimit | DeadlineRules) -> date:
    return dated.valid_from or date.min
