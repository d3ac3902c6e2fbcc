"""What two machines said differently about a dossier, as it stands after each event: part of its projection.

A contradiction is named by the id of the entry that came second, one of a field with the field: ``2.1.7:phone``.
"""

from collections.abc import Iterator
from typing import Any

from desk_client.storage.dossiers import Stored
from sync_protocol.events import Corrected, Event, Extended, Settled
from sync_protocol.folding import Folded
from sync_protocol.schemas import CHANGES, CORRECTABLE
from sync_protocol.transitions import unreached_fields
from sync_protocol.vocabulary import DossierStage, VerdictKind

DUE_ON = "due_on"


def still_contradicted(before: Stored, event: Event, folded: Folded) -> tuple[str, ...]:
    """The contradictions that are open after an event, in the order of the ledger.

    A field ends to be in dispute when somebody gives it a value who knew the one that stands. Nothing is in dispute of
    a dossier that was taken out of the counts, or whose content is erased.
    """
    if folded.dossier.stage is DossierStage.VOIDED or folded.dossier.is_erased:
        return ()
    settled = _settled_fields(event, folded)
    held = [name for name in before.contradicted if field_of(name) not in settled and not _is_settled(name, event)]
    new = _contradictions(before, event, folded) if folded.verdict is VerdictKind.CONFLICT else ()
    return (*held, *new)


def field_of(contradiction: str) -> str:
    """The field that is in dispute, "" where it is how the dossier went on."""
    return contradiction.partition(":")[2]


def entry_of(contradiction: str) -> str:
    """The id of the entry that says otherwise."""
    return contradiction.partition(":")[0]


def facts_of(stored: Stored) -> dict[str, Any]:
    """Every field of a dossier that can be corrected, as JSON."""
    facts = CHANGES.dump(stored.dossier)
    return {name: facts.get(name) for name in CORRECTABLE} | dict(stored.content)


def _settled_fields(event: Event, folded: Folded) -> frozenset[str]:
    if isinstance(event.payload, Extended) and folded.has_effect:
        return frozenset({DUE_ON})
    return folded.fields


def _is_settled(name: str, event: Event) -> bool:
    return isinstance(event.payload, Settled) and name == event.payload.entry


def _contradictions(before: Stored, event: Event, folded: Folded) -> Iterator[str]:
    """What an entry says otherwise; two machines that said the same need nobody to settle it."""
    entry = str(event.header.id)
    if not isinstance(event.payload, Corrected | Extended):
        yield entry
        return
    said = event.payload.changes if isinstance(event.payload, Corrected) else {DUE_ON: event.payload.due_on.isoformat()}
    facts, missing = facts_of(before), unreached_fields(before.dossier)
    for name in sorted(said.keys() - folded.fields - missing):
        if (facts.get(name) or None) != (said[name] or None):
            yield f"{entry}:{name}"
