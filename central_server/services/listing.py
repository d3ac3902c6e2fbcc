"""What a list tells of desks beside their standings: how they did before, what was said to them, when they spoke."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from central_server.central import Central
from central_server.services import standing, trends
from central_server.services.assessing import DeskStanding
from central_server.services.field_levels import FieldFigure, field_figures
from central_server.services.following import FollowUp, follow_ups_of
from central_server.services.late_entry import recorded_for_earlier_days
from central_server.services.standing import Standings
from central_server.services.trends import Past
from central_server.storage import knowing, last_seen
from central_server.storage.database import reading
from central_server.storage.declarations import Explained
from central_server.storage.last_seen import LastSeen
from central_server.storage.units import Scope
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is told of the desks of a list, by their codes.

    before      the periods before, the nearest first
    explained   of all desks, those of other people too: a list shows those of its own
    follow_ups  without those about which nothing was noted
    last_seen   without those that have no machine; empty where nobody asked for it
    late        dossiers entered in the period for days before it, without those that have none; None where nobody
                asked for it, and for an instant in the past
    fields      what arrived of the fields for which a threshold is ruled; not for an instant in the past
    """

    before: Sequence[Past]
    explained: Mapping[DeskCode, Explained]
    follow_ups: Mapping[DeskCode, FollowUp]
    last_seen: Mapping[DeskCode, LastSeen]
    late: Mapping[DeskCode, int] | None
    fields: Mapping[DeskCode, Sequence[FieldFigure]]


def beside(
    central: Central,
    scope: Scope,
    told: Standings,
    desks: Sequence[DeskStanding],
    periods: int,
    *,
    in_detail: bool = True,
) -> Beside:
    """What is told of these desks of `told`, whom the caller may see; so many `periods` before.

    in_detail  whether the list has room for when a desk was last seen, and for what it entered late
    """
    return Beside(
        before=trends.past_of(central, desks, told.period, periods, told.as_of),
        explained=standing.explained(central, told.period, told.as_of),
        follow_ups=follow_ups_of(central, replace(told, desks=desks)),
        last_seen=seen(central, desks, told.as_of) if in_detail else {},
        late=recorded_for_earlier_days(central, scope, told.period) if in_detail and not told.is_past else None,
        fields={} if told.is_past else field_figures(central, told.period, desks),
    )


def seen(central: Central, desks: Sequence[DeskStanding], as_of: datetime | None = None) -> dict[DeskCode, LastSeen]:
    """The last signs of life of these desks; of an instant in the past their contacts alone are remembered."""
    codes = [each.desk.code for each in desks]
    with reading(central.database):
        if as_of is None:
            return last_seen.of_desks(codes)
        known = knowing.devices_as_of(as_of, codes)
    heard = {
        code: [each.present.heard_at for each in devices if each.present.heard_at] for code, devices in known.items()
    }
    return {code: LastSeen(heard_at=max(instants, default=None)) for code, instants in heard.items()}
