"""What a person at the centre has decided not to count: told to the clerk, and left out where it was a step."""

from datetime import datetime
from typing import NamedTuple

from desk_client.storage import placing
from sync_protocol.entries import EntryId
from sync_protocol.events import Dismissed
from sync_protocol.schemas import read_event
from sync_protocol.vocabulary import EventKind


class Decision(NamedTuple):
    """Why an entry is not counted, and since when."""

    reason: str
    at: datetime


def dismissed() -> dict[EntryId, Decision]:
    """Entries of the desk that were dismissed and not released since, the last decision first; inside a connection."""
    found: dict[EntryId, Decision] = {}
    for ledger, entry in placing.decisions(EventKind.DISMISS.value):
        event = read_event(entry)
        assert isinstance(event.payload, Dismissed)
        for id_ in map(EntryId.parse, event.payload.entries):
            if placing.released_at(id_) < ledger:
                found.setdefault(id_, Decision(event.payload.reason, event.happened_at))
    return found
