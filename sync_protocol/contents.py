"""What is written down of a dossier, as its events make it: the fields that hold personal data.

A desk keeps them in its encrypted file. The centre can make them from its ledger in the same way, and keeps none.
"""

from collections.abc import Mapping
from typing import Any

from sync_protocol import events
from sync_protocol.events import Event
from sync_protocol.folding import Folded
from sync_protocol.schemas import payload_content
from sync_protocol.transitions import unreached_fields
from sync_protocol.vocabulary import PaymentStatus

KEPT = (
    events.Forwarded,
    events.SupplementRequested,
    events.Extended,
    events.Resolved,
    events.Delivered,
    events.Withdrawn,
    events.SentBack,
    events.Stopped,
    events.SupplementExpired,
    events.Voided,
)
"""Events whose fields become fields of the dossier; of `reason` and `note` the last one stands."""


def content_after(content: Mapping[str, Any], event: Event, folded: Folded) -> dict[str, Any]:
    """The fields of a dossier, as JSON, after an event that was folded into it."""
    if not folded.has_effect:
        return dict(content)
    match event.payload:
        case events.Registered() | events.Received() | events.RefusedAtDesk():
            return payload_content(event.payload)
        case events.Erased():
            return {}
        case events.Settled(takes=taken) if taken is not None:
            reached = {name: each for name, each in content.items() if name not in unreached_fields(folded.dossier)}
            return reached | payload_content(taken.step)
        case events.Corrected(changes=changes):
            return _merged(content, {name: new for name, new in changes.items() if name in folded.fields})
        case events.PaymentRequested(amount_vnd=amount_vnd):
            return dict(content) | {"fee_amount_vnd": amount_vnd, "payment_status": PaymentStatus.PENDING.value}
        case events.PaymentDone():
            said = payload_content(event.payload)
            paid = {"fee_amount_vnd": said.pop("amount_vnd")} if "amount_vnd" in said else {}
            return dict(content) | said | paid | {"payment_status": PaymentStatus.PAID.value}
        case payload if isinstance(payload, KEPT):
            return dict(content) | payload_content(payload)
        case _:
            return dict(content)


def _merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The content with new values; an empty one takes its field away."""
    merged = dict(content) | dict(changes)
    return {name: value for name, value in merged.items() if value not in ("", None, [])}
