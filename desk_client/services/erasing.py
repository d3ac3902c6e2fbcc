"""Following an erasure: what was written down of a dossier goes; its chain and its place in the counts stay."""

from desk_client.storage import erasing
from sync_protocol.entries import EntryId
from sync_protocol.events import Erased, Event


def follow(event: Event) -> set[str]:
    """Erases here what the centre erased, inside the caller's transaction; gives how the dossier is named.

    The caller makes the dossier again from what is left, so that the screens forget it too.
    """
    payload, header = event.payload, event.header
    assert isinstance(payload, Erased)
    subjects = {header.subject, str(payload.dossier.get("dossier_code") or "")} - {""}
    erasing.erase(subjects, by=EntryId(header.slot, header.epoch, header.sequence))
    return subjects
