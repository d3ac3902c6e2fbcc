"""What becomes of a dossier filed online: the desk accepts it as it was filed, or refuses it with the reason."""

from datetime import datetime
from typing import Any

from desk_client.desk import Desk
from desk_client.services.lifecycle import dossier_of
from desk_client.services.recording import INTAKE, Recorded, record_reception, record_refusal
from desk_client.storage.dossiers import Stored


def accept_filed(desk: Desk, ref: str, *, received_at: datetime, clerk: str) -> Recorded:
    """Receives a dossier filed online; it gets its code and counts from now on. Raises what `record_reception` does."""
    filed = dossier_of(desk, ref)
    return record_reception(desk, _as_filed(filed), received_at=received_at, clerk=clerk, registered=filed.dossier.id)


def refuse_filed(desk: Desk, ref: str, reason: str, *, happened_at: datetime, clerk: str) -> Recorded:
    """Refuses a dossier filed online; it counts nowhere. Raises what `record_refusal` does."""
    filed = dossier_of(desk, ref)
    return record_refusal(
        desk, _as_filed(filed), reason, happened_at=happened_at, clerk=clerk, registered=filed.dossier.id
    )


def _as_filed(filed: Stored) -> dict[str, Any]:
    return {name: value for name, value in filed.content.items() if name in INTAKE.fields}
