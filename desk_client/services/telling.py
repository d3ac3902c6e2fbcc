"""The facts of a diagnosis as they go to a supporter: by the command line, and by the page's button."""

from typing import Any

from desk_client.services.diagnosing import Diagnosis
from sync_protocol.instants import instant_text


def diagnosis_content(told: Diagnosis) -> dict[str, Any]:
    """A diagnosis as JSON content; instants are UTC."""
    return {
        "app": told.app_version,
        "protocol": told.protocol,
        "python": told.python,
        "system": told.system,
        "engine": told.engine,
        "cipher": told.cipher,
        "database_bytes": told.database_bytes,
        "free_disk_mb": told.free_disk_mb,
        "key_store": told.key_store,
        "clock": instant_text(told.clock),
        "offset_ms": told.offset_ms,
        "device": str(told.device) if told.device else None,
        "training": told.training,
        "centre": told.centre,
        "journal": told.journal or None,
        "unsent_entries": told.unsent_entries,
        "batch_entries": told.batch_entries,
        "failures": told.failures,
        "problem": told.problem or None,
        "last_try_at": instant_text(told.tried_at) if told.tried_at else None,
        "last_contact_at": instant_text(told.succeeded_at) if told.succeeded_at else None,
        "next_try_at": instant_text(told.next_try_at) if told.next_try_at else None,
        "held": told.held,
        "packs": told.packs,
    }
