"""Enrolled devices, what is known of each one's journal, and invitations."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import Expression, Query, fn

from central_server.storage import archives, knowing, questions
from central_server.storage.models import DeviceRow, Entry, Invitation
from central_server.storage.prepared import Prepared
from sync_protocol.certificates import certificate_hash
from sync_protocol.entries import read_header
from sync_protocol.signing import Signed
from sync_protocol.vocabulary import DeskCode, DeviceId, DeviceState

COUNTED = frozenset({DeviceState.ACTIVE, DeviceState.SPARE})
REVOKED = frozenset({DeviceState.SUSPENDED, DeviceState.LOST, DeviceState.REPLACED, DeviceState.RETIRED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """An enrolled installation; the fields are those of the table."""

    id: DeviceId
    state: DeviceState
    signing_key: bytes
    epoch: int
    head: int
    head_hash: bytes
    app_version: str
    enrolled_at: datetime
    heard_at: datetime | None
    stated_at: datetime | None
    stated_head: int
    covered_until: datetime | None
    ticket: str
    previous_ticket: str
    state_since: datetime | None = None
    left_at: datetime | None = None
    free_disk_mb: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow:
    """A one-time code as it is kept."""

    desk: DeskCode
    public: str
    secret_mac: bytes = field(repr=False)
    expires_at: datetime
    tries: int
    used_slot: int | None


CONTACT_COLUMNS = (
    "app_version",
    "epoch",
    "head",
    "head_hash",
    "heard_at",
    "stated_at",
    "stated_head",
    "covered_until",
    "ticket",
    "previous_ticket",
)


COLUMNS = (
    DeviceRow.desk,
    DeviceRow.slot,
    DeviceRow.state,
    DeviceRow.signing_key,
    DeviceRow.epoch,
    DeviceRow.head,
    DeviceRow.head_hash,
    DeviceRow.app_version,
    DeviceRow.enrolled_at,
    DeviceRow.heard_at,
    DeviceRow.stated_at,
    DeviceRow.stated_head,
    DeviceRow.covered_until,
    DeviceRow.ticket,
    DeviceRow.previous_ticket,
    DeviceRow.state_since,
    DeviceRow.left_at,
    DeviceRow.free_disk_mb,
)
"""What `Device` holds: lists of all desks read plain rows of these."""

AT_HEAD = (
    (Entry.desk == DeviceRow.desk)
    & (Entry.slot == DeviceRow.slot)
    & (Entry.epoch == DeviceRow.epoch)
    & (Entry.sequence == DeviceRow.head)
)
"""Joins a device with the last entry that is held of its journal."""


def by_id(device: DeviceId) -> Device | None:
    """One device."""
    row = _by_id.first(device.desk, device.slot)
    return _device(*row) if row else None


def of_desks(codes: list[DeskCode]) -> dict[DeskCode, list[Device]]:
    """All devices by desk, whatever their state."""
    devices: dict[DeskCode, list[Device]] = {}
    wanted = set(codes)
    rows = DeviceRow.select(*COLUMNS).order_by(DeviceRow.slot)
    for row in questions.of_desks(rows, DeviceRow.desk, codes).tuples():
        if row[0] in wanted:
            devices.setdefault(row[0], []).append(_device(*row))
    return devices


def of_desk(code: DeskCode) -> list[Device]:
    """All devices of one desk, whatever their state."""
    rows = DeviceRow.select(*COLUMNS).where(DeviceRow.desk == code).order_by(DeviceRow.slot)
    return [_device(*row) for row in rows.tuples()]


def clock_offsets(desk: DeskCode | None = None) -> dict[DeviceId, int]:
    """Centre minus wall clock in milliseconds, as each device last wrote it into an entry; those that know it."""
    query = DeviceRow.select(DeviceRow.desk, DeviceRow.slot, Entry.header).join(Entry, on=AT_HEAD).tuples()
    rows = query.where(DeviceRow.desk == desk) if desk else query
    offsets = {DeviceId(code, slot): read_header(bytes(header)).offset_ms for code, slot, header in rows}
    return {device: offset for device, offset in offsets.items() if offset is not None}


def keep_state(device: DeviceId, state: DeviceState, since: datetime, left_at: datetime | None) -> None:
    """Changes what a device is; the caller holds the lock of its desk."""
    DeviceRow.update(state=state.value, state_since=since, left_at=left_at).where(
        DeviceRow.desk == device.desk, DeviceRow.slot == device.slot
    ).execute()
    knowing.note(device, since)


def next_slot(desk: DeskCode) -> int:
    """The slot for a desk's next device; slots are never used again."""
    last = DeviceRow.select(fn.MAX(DeviceRow.slot)).where(DeviceRow.desk == desk).scalar() or 0
    return archives.first_free_slot(desk, last + 1)


def newly_enrolled(
    id_: DeviceId,
    signing_key: bytes,
    certificate: Signed,
    state: DeviceState,
    *,
    enrolled_at: datetime,
    heard_at: datetime,
    app_version: str = "",
) -> Device:
    """A device of which no entry has arrived: its journal follows from its certificate. `heard_at` is now."""
    return Device(
        id=id_,
        state=state,
        state_since=heard_at,
        signing_key=signing_key,
        epoch=1,
        head=0,
        head_hash=certificate_hash(certificate),
        app_version=app_version,
        enrolled_at=enrolled_at,
        heard_at=heard_at,
        stated_at=None,
        stated_head=0,
        covered_until=None,
        ticket="",
        previous_ticket="",
    )


def insert(device: Device, agreement_key: bytes, certificate: Signed) -> None:
    """Adds a device just enrolled."""
    DeviceRow.insert(
        desk=device.id.desk,
        slot=device.id.slot,
        state=device.state.value,
        signing_key=device.signing_key,
        agreement_key=agreement_key,
        certificate=certificate.body,
        certificate_signature=certificate.signature,
        enrolled_at=device.enrolled_at,
        state_since=device.state_since,
        **{name: getattr(device, name) for name in CONTACT_COLUMNS},
    ).execute()
    knowing.note(device.id, device.state_since or device.enrolled_at)


def certificate(device: DeviceId) -> tuple[Signed, bytes] | None:
    """A device's certificate and its signing key."""
    row = _certificate.first(device.desk, device.slot)
    return (Signed(bytes(row[0]), bytes(row[1])), bytes(row[2])) if row else None


def origin(device: DeviceId) -> bytes:
    """What an enrolled device's first entry follows: the hash of its certificate."""
    issued = certificate(device)
    assert issued is not None, "an enrolled device has a certificate"
    return certificate_hash(issued[0])


def keep_contact(device: Device, free_disk_mb: int) -> None:
    """Remembers what a contact told."""
    _keep_contact(device.id.desk, device.id.slot, free_disk_mb, *(getattr(device, name) for name in CONTACT_COLUMNS))


def keep_head(device: Device) -> None:
    """Remembers how far a device's chain is held and covered, where no contact of its own has told."""
    DeviceRow.update(head=device.head, head_hash=device.head_hash, covered_until=device.covered_until).where(
        DeviceRow.desk == device.id.desk, DeviceRow.slot == device.id.slot
    ).execute()


def invite(desk: DeskCode, public: str, secret_mac: bytes, issued_at: datetime, expires_at: datetime) -> None:
    """Keeps a new one-time code."""
    Invitation.insert(
        desk=desk, public=public, secret_mac=secret_mac, issued_at=issued_at, expires_at=expires_at, tries=0
    ).execute()


def invitation(public: str) -> InvitationRow | None:
    """The one-time code with a public part; its row stays locked until the transaction ends."""
    # Locks: a plain SELECT does not on PostgreSQL, and tries made at once would all see the same count.
    Invitation.update(tries=Invitation.tries).where(Invitation.public == public).execute()
    row = Invitation.get_or_none(Invitation.public == public)
    if row is None:
        return None
    return InvitationRow(
        desk=row.desk,
        public=row.public,
        secret_mac=bytes(row.secret_mac),
        expires_at=row.expires_at,
        tries=row.tries,
        used_slot=row.used_slot,
    )


def note_try(invitation: InvitationRow) -> None:
    """Counts a wrong secret."""
    _invitation(invitation, tries=Invitation.tries + 1)


def note_use(invitation: InvitationRow, used_at: datetime, slot: int) -> bool:
    """Marks a code as used; False if another device was faster."""
    return bool(_invitation(invitation, used_at=used_at, used_slot=slot))


def _invitation(invitation: InvitationRow, **changes: object) -> int:
    query = Invitation.update(**changes).where(
        Invitation.desk == invitation.desk, Invitation.public == invitation.public, Invitation.used_slot.is_null()
    )
    return int(query.execute())


def _device(desk: DeskCode, slot: int, state: str, signing_key: bytes, *told: Any) -> Device:
    """The device of a row of COLUMNS."""
    values = dict(zip(_TOLD, told, strict=True))
    values["head_hash"] = bytes(values["head_hash"])
    return Device(id=DeviceId(desk, slot), state=DeviceState(state), signing_key=bytes(signing_key), **values)


_TOLD = tuple(column.name for column in COLUMNS[4:])


def _one(desk: Any, slot: Any) -> Expression:
    return (DeviceRow.desk == desk) & (DeviceRow.slot == slot)


@Prepared
def _by_id(desk: Any, slot: Any) -> Query:
    return DeviceRow.select(*COLUMNS).where(_one(desk, slot))


@Prepared
def _keep_contact(desk: Any, slot: Any, free_disk_mb: Any, *told: Any) -> Query:
    values = dict(zip(CONTACT_COLUMNS, told, strict=True))
    return DeviceRow.update(free_disk_mb=free_disk_mb, **values).where(_one(desk, slot))


@Prepared
def _certificate(desk: Any, slot: Any) -> Query:
    row = DeviceRow
    return row.select(row.certificate, row.certificate_signature, row.signing_key).where(_one(desk, slot))
