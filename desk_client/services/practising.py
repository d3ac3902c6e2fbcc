"""Practice: a desk of its own beside the real one, whose dossiers never leave their file and never count.

It is another file, served by another process without an agent, so that no slip of the program can mix the two.
"""

import platform
from collections.abc import Sequence
from dataclasses import dataclass

from desk_client.desk import APP_VERSION, Desk, identity_of
from desk_client.services.sealing import take_pen
from desk_client.services.taking_up import adopt_packs
from desk_client.storage import clerks, device
from desk_client.storage.clerks import Credentials
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.device import StoredDevice
from sync_protocol.events import EpochOpened
from sync_protocol.packs import pack_hash
from sync_protocol.signing import Signed

SEED_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Borrowed:
    """What the practice desk takes over from the real one: who it is, its reference packs and its people."""

    stored: StoredDevice
    packs: Sequence[Signed]
    people: Sequence[Credentials]


def borrowed_from(desk: Desk) -> Borrowed:
    """What a practice desk needs of a real one; raises NotEnrolled."""
    desk.identity()
    with reading(desk.database):
        stored = device.stored()
        assert stored is not None, "an enrolled desk has keys"
        return Borrowed(stored=stored, packs=list(device.packs().values()), people=clerks.everybody())


def furnish(practice: Desk, borrowed: Borrowed) -> None:
    """Brings a practice desk to what the real one has now; its keys are its own, so it could not speak for the desk."""
    certificate = borrowed.stored.certificate
    assert certificate is not None, "an enrolled desk has a certificate"
    with write_transaction(practice.database):
        if device.stored() is None:
            seeds = practice.randomness(SEED_BYTES), practice.randomness(SEED_BYTES)
            device.keep_keys("", *seeds)
            device.keep_certificate(certificate)
            identity = identity_of(_stored(), certificate)
            take_pen(practice, identity).note(EpochOpened(app_version=APP_VERSION, machine=platform.platform()[:80]))
        clerks.keep_everybody(borrowed.people)
        held = list(device.packs().values())
    if sorted(held, key=pack_hash) != sorted(borrowed.packs, key=pack_hash):
        adopt_packs(practice, borrowed.packs)


def _stored() -> StoredDevice:
    stored = device.stored()
    assert stored is not None, "keys were kept in this transaction"
    return stored
