"""Asking a centre that was restored from before this device enrolled to let it back in by its certificate."""

from desk_client.desk import Desk, Identity
from desk_client.services.road import CentreRefused, Road
from desk_client.storage import device
from desk_client.storage.database import reading
from sync_protocol.readmissions import readmission
from sync_protocol.signing import canonical

READMISSION_PATH = "/v1/readmissions"
UNKNOWN = ("unknown_device", "bad_signature")
"""What a centre says of a device that its register lacks; the latter where another one has its number there."""


def is_unknown(error: CentreRefused) -> bool:
    """Whether the centre says that it does not know this device, or not by its key."""
    return error.refusal_code in UNKNOWN


def ask_readmission(desk: Desk, identity: Identity, road: Road) -> None:
    """Shows the certificate, with a proof of its key; raises CentreUnreachable, CentreRefused, CentreNonsense."""
    with reading(desk.database):
        stored = device.stored()
    assert stored is not None, "an identity is read from what is stored"
    assert stored.certificate is not None, "an identity is read from a certificate"
    road.post(READMISSION_PATH, canonical(readmission(stored.certificate, identity.key)), "application/json")
