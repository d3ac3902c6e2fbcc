"""Taking up what the centre sends: the certificate at enrolment, reference packs whenever they change."""

import platform
from collections.abc import Iterable, Mapping, Sequence

from desk_client.desk import APP_VERSION, Desk, Identity, identity_of
from desk_client.services.projecting import refresh_due
from desk_client.services.sealing import take_pen
from desk_client.storage import clerks, device, journal
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import write_transaction
from desk_client.storage.device import StoredDevice
from sync_protocol.certificates import read_certificate
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import EpochOpened, PacksAdopted
from sync_protocol.packs import PackKind, pack_hash, read_pack, read_packs
from sync_protocol.signing import NotADocument, Signed


class AlreadyEnrolled(FieldSyncError):
    """This data folder belongs to a device already."""

    code = "already_enrolled"
    text = N_(
        "This machine is already enrolled as %(device)s. Nothing was changed; use another data folder for another desk."
    )


def take_up(desk: Desk, certificate: Signed, packs: Sequence[Signed], head: Clerk, password_hash: str) -> None:
    """Makes the installation a device: certificate, head's account, first entry, packs, all or nothing.

    Raises BadSignature, NotADocument, the latter also where a kind of pack is missing; AlreadyEnrolled where another
    process or page was quicker.
    """
    centre_key = read_certificate(certificate).centre_key
    read_packs(packs, centre_key)
    known = {read_pack(pack, centre_key)[0]: pack for pack in packs}
    with write_transaction(desk.database):
        stored = device.stored()
        assert stored is not None, "keys are kept before a certificate is asked for"
        check_free(stored)
        device.keep_certificate(certificate)
        clerks.insert(head, password_hash)
        identity = identity_of(stored, certificate)
        # A journal that is signed by a key that the certificate does not name is one that the centre never takes.
        if identity.certificate.signing_key != identity.key.public:
            raise NotADocument
        if journal.head(identity.id.slot, identity.origin).sequence == 0:
            take_pen(desk, identity).note(EpochOpened(app_version=APP_VERSION, machine=platform.platform()[:80]))
        _adopt(desk, identity, known)


def check_free(stored: StoredDevice | None) -> None:
    """Raises AlreadyEnrolled where the installation is a device already."""
    if stored and stored.certificate:
        raise AlreadyEnrolled(device=str(read_certificate(stored.certificate).device))


def adopt_packs(desk: Desk, packs: Iterable[Signed]) -> None:
    """Puts newer packs in force, all together, and notes it as one entry; raises BadSignature, NotADocument."""
    identity = desk.identity()
    known = {read_pack(pack, identity.certificate.centre_key)[0]: pack for pack in packs}
    with write_transaction(desk.database):
        _adopt(desk, identity, known)


def _adopt(desk: Desk, identity: Identity, packs: Mapping[PackKind, Signed]) -> None:
    names = device.pack_names() | {kind: pack_hash(pack) for kind, pack in packs.items()}
    adoption = take_pen(desk, identity).note(PacksAdopted(packs={kind.value: name for kind, name in names.items()}))
    device.keep_packs(packs, adoption)
    refresh_due(read_packs(device.packs().values(), identity.certificate.centre_key))
