"""Offering back to a centre that was put back what it has lost and only came down from it: no other journal sends it.

That is what the centre itself had decided, and what stands in another branch of this very machine or in the journal of
one that is gone. Each goes with the receipt in which the centre once signed for it.
"""

from desk_client.desk import Desk, Identity
from desk_client.services.road import CentreRefused, Road
from desk_client.storage import notes, placing, vouching
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.vouching import Kept
from sync_protocol.offers import pack_offer

OFFER_PATH = "/v1/offers"
CONTENT_TYPE = "application/octet-stream"
OFFER_ENTRIES_MAX = 200
OFFERS_MAX = 500
"""Offers of one journal with one contact; what is left goes with the next one."""

OFFERING = "offering"
"""Name of the note that the centre was put back, while what it may lack has not been offered."""


def note_put_back() -> None:
    """Remembers to look for what the centre lacks, inside the caller's transaction."""
    notes.keep_note(OFFERING, {})


def offer_back(desk: Desk, identity: Identity, road: Road) -> None:
    """Offers what the centre lacks, once all that it has is known here; raises CentreUnreachable, CentreNonsense."""
    with reading(desk.database):
        state = placing.pulled()
        if notes.note(OFFERING) is None or state.ledger < state.end:
            return
        journals = vouching.everything()
    for each in journals:
        _offer(desk, identity, road, each)
    with write_transaction(desk.database):
        notes.drop_note(OFFERING)


def _offer(desk: Desk, identity: Identity, road: Road, kept: Kept) -> None:
    """Offers one journal, part by part. One that the centre does not take stays here as it is."""
    vouched = kept.vouched
    key = -vouched.slot if vouched.slot == identity.id.slot else vouched.slot
    with reading(desk.database):
        entries = vouching.lacking(key, vouched, OFFERS_MAX * OFFER_ENTRIES_MAX)
    for at in range(0, len(entries), OFFER_ENTRIES_MAX):
        part = entries[at : at + OFFER_ENTRIES_MAX]
        try:
            road.post(OFFER_PATH, pack_offer(identity.id, identity.key, kept.receipt, vouched, part), CONTENT_TYPE)
        except CentreRefused as refusal:
            if refusal.retry_after_s:
                raise
            return
