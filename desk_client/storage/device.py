"""Who this device is, what it remembers of the centre, and its reference packs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from desk_client.storage.models import AdoptedPack, ContactRow, DeviceRow, PackRow
from desk_client.storage.rows import row_of, rows_of
from sync_protocol.packing import CONTACT_ENTRIES_MAX
from sync_protocol.packs import PackKind, pack_hash
from sync_protocol.signing import Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDevice:
    """The installation's keys (32-byte seeds) and, once it is enrolled, its certificate."""

    central_url: str
    signing_seed: bytes = field(repr=False)
    agreement_seed: bytes = field(repr=False)
    certificate: Signed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactState:
    """What is remembered of talking to the centre.

    problem        code of the last failure, "" after a success
    offset_ms      centre minus wall clock as last measured, None before the first contact
    batch_entries  how many entries the next contact carries at the most
    """

    tried_at: datetime | None = None
    succeeded_at: datetime | None = None
    next_try_at: datetime | None = None
    failures: int = 0
    problem: str = ""
    offset_ms: int | None = None
    ticket: str = ""
    batch_entries: int = CONTACT_ENTRIES_MAX


CONTACT_COLUMNS = tuple(ContactState.__dataclass_fields__)


def stored() -> StoredDevice | None:
    """The installation, None before it has keys."""
    row = DeviceRow.get_or_none(DeviceRow.id == 1)
    if row is None:
        return None
    certificate = Signed(bytes(row.certificate), bytes(row.certificate_signature)) if row.certificate else None
    return StoredDevice(
        central_url=row.central_url,
        signing_seed=bytes(row.signing_seed),
        agreement_seed=bytes(row.agreement_seed),
        certificate=certificate,
    )


def keep_keys(central_url: str, signing_seed: bytes, agreement_seed: bytes) -> None:
    """Remembers the keys of an installation that is about to enrol."""
    DeviceRow.insert(id=1, central_url=central_url, signing_seed=signing_seed, agreement_seed=agreement_seed).execute()


def keep_address(central_url: str) -> None:
    """Remembers where the centre is."""
    DeviceRow.update(central_url=central_url).where(DeviceRow.id == 1).execute()


def keep_certificate(certificate: Signed) -> None:
    """Remembers the certificate: from now on the installation is a device of a desk."""
    DeviceRow.update(certificate=certificate.body, certificate_signature=certificate.signature).where(
        DeviceRow.id == 1
    ).execute()


def contact_state() -> ContactState:
    """What is remembered of talking to the centre."""
    row = row_of(ContactRow, {"id": 1})
    return ContactState(**{name: getattr(row, name) for name in CONTACT_COLUMNS}) if row else ContactState()


def keep_contact_state(state: ContactState) -> None:
    """Remembers what talking to the centre gave."""
    ContactRow.insert(id=1, **{name: getattr(state, name) for name in CONTACT_COLUMNS}).on_conflict(
        conflict_target=[ContactRow.id], preserve=[getattr(ContactRow, name) for name in CONTACT_COLUMNS]
    ).execute()


def pack_names() -> dict[PackKind, str]:
    """Names of the reference packs in force."""
    return {PackKind(row.kind): row.hash for row in rows_of(PackRow)}


def packs_named(names: Iterable[str]) -> dict[PackKind, Signed]:
    """Reference packs by their names, also such as are no longer in force; those that are not here are left out."""
    rows = AdoptedPack.select().where(AdoptedPack.hash.in_(list(names)))
    return {PackKind(row.kind): Signed(bytes(row.body), bytes(row.signature)) for row in rows}


def packs() -> dict[PackKind, Signed]:
    """The reference packs in force."""
    return packs_named(pack_names().values())


def known(names: Iterable[str]) -> set[str]:
    """Which of these packs are here."""
    rows = AdoptedPack.select(AdoptedPack.hash).where(AdoptedPack.hash.in_(list(names)))
    return {name for (name,) in rows.tuples()}


def keep_known(packs: Iterable[tuple[PackKind, Signed]]) -> None:
    """Keeps packs that another machine of the desk has in force, or had."""
    for kind, pack in packs:
        AdoptedPack.insert(
            hash=pack_hash(pack), kind=kind.value, body=pack.body, signature=pack.signature
        ).on_conflict_ignore().execute()


def last_adoption() -> int:
    """Sequence of this epoch's `adopt_packs` entry in force, 0 if there is none."""
    return max((row.adoption for row in rows_of(PackRow)), default=0)


def keep_packs(packs: Mapping[PackKind, Signed], adoption: int) -> None:
    """Puts reference packs in force in place of the last ones of their kinds, by the entry of sequence `adoption`."""
    for kind, pack in packs.items():
        name = pack_hash(pack)
        AdoptedPack.insert(
            hash=name, kind=kind.value, body=pack.body, signature=pack.signature
        ).on_conflict_ignore().execute()
        PackRow.insert(kind=kind.value, hash=name, adoption=adoption).on_conflict_replace().execute()
    # The entry names all packs in force, also those that it leaves as they were.
    PackRow.update(adoption=adoption).execute()
