"""What a list tells of desks beside their standings: how they did before, what was said to them, when they spoke."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from central_server.central import Central
from central_server.services import standing, trends
from central_server.services.following import FollowUp, follow_ups_of
from central_server.services.standing import DeskStanding, Standings
from central_server.services.trends import Past
from central_server.storage import last_seen
from central_server.storage.database import reading
from central_server.storage.declarations import Explained
from central_server.storage.last_seen import LastSeen
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is told of the desks of a list, by their codes.

    before      the periods before, the nearest first
    explained   of all desks, those of other people too: a list shows those of its own
    last_seen   without those that have no machine; empty where nobody asked for it
    """

    before: Sequence[Past]
    explained: Mapping[DeskCode, Explained]
    follow_ups: Mapping[DeskCode, FollowUp]
    last_seen: Mapping[DeskCode, LastSeen]


def beside(
    central: Central, told: Standings, desks: Sequence[DeskStanding], periods: int, *, with_last_seen: bool = True
) -> Beside:
    """What is told of these desks of `told`, whom the caller may see; so many `periods` before."""
    return Beside(
        before=trends.past_of(central, [each.desk for each in desks], told.period, periods),
        explained=standing.explained(central, told.period),
        follow_ups=follow_ups_of(central, replace(told, desks=desks)),
        last_seen=seen(central, desks) if with_last_seen else {},
    )


def seen(central: Central, desks: Sequence[DeskStanding]) -> dict[DeskCode, LastSeen]:
    """The last signs of life of these desks."""
    with reading(central.database):
        return last_seen.of_desks([each.desk.code for each in desks])
