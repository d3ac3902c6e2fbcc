"""Sealing events at the end of the device's journal, inside the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from desk_client.desk import Desk, Identity
from desk_client.storage import device, journal
from desk_client.storage.journal import Head
from desk_client.storage.witness import Witnessed, write_witness
from sync_protocol.entries import SALT_BYTES, EntryId, Header, SealedEntry, seal
from sync_protocol.events import Event, Opening, Payload
from sync_protocol.schemas import KIND_VERSION, KINDS, payload_content


@dataclass(slots=True)
class Pen:
    """What writes at the end of a journal for the length of one write transaction.

    now   the corrected time at which the transaction began; wall: the machine's own clock then
    pack  sequence of the adoption of packs in force
    is_witnessed  whether the commit is going to be shown to the witness
    """

    desk: Desk
    identity: Identity
    clerk: str
    now: datetime
    wall: datetime
    offset_ms: int | None
    pack: int
    end: Head
    is_witnessed: bool = False

    def draft(
        self,
        payload: Payload,
        *,
        happened_at: datetime | None = None,
        subject: str = "",
        base: Mapping[str, str] | None = None,
    ) -> Event:
        """Fills in the header of the next entry; what opens a dossier is its own subject unless one is named."""
        entry_id = EntryId(self.identity.id.slot, self.end.epoch, self.end.sequence + 1)
        header = Header(
            slot=entry_id.slot,
            epoch=entry_id.epoch,
            sequence=entry_id.sequence,
            kind=KINDS[type(payload)].value,
            version=KIND_VERSION,
            subject=subject or (str(entry_id) if isinstance(payload, Opening) else ""),
            happened_at=_as_sealed(happened_at or self.now),
            recorded_at=_as_sealed(self.wall),
            monotonic_ms=self.desk.monotonic_ms(),
            boot=self.desk.boot,
            offset_ms=self.offset_ms,
            clerk=self.clerk,
            pack=self.pack,
            base=base or {},
        )
        return Event(header, payload)

    def append(self, event: Event, counted: tuple[date | None, date | None] = (None, None)) -> None:
        """Seals what was drafted last and appends it; the journal refuses a second entry of its sequence."""
        entry = seal(event.header, payload_content(event.payload), self.desk.randomness(SALT_BYTES))
        self.append_sealed(event.header, entry, counted)

    def append_sealed(
        self, header: Header, entry: SealedEntry, counted: tuple[date | None, date | None] = (None, None)
    ) -> None:
        """Appends an entry that has been sealed as the next one."""
        entry_hash = entry.hash_after(self.end.hash)
        journal.append(header, entry, entry_hash, counted)
        self.end = Head(header.epoch, header.sequence, entry_hash)
        if not self.is_witnessed:
            self.is_witnessed = True
            self.desk.database.after_commit(self._let_see)

    def note(self, payload: Payload) -> int:
        """Seals and appends an event that is about no dossier and happens now; gives its sequence."""
        event = self.draft(payload)
        self.append(event)
        return event.header.sequence

    def _let_see(self) -> None:
        """Shows the witness what is durable now.

        A transaction that a full disk has ended leaves this behind for the next commit, so it is looked up.
        """
        end = self.end
        if journal.hash_at(self.identity.id.slot, end.epoch, end.sequence) != end.hash:
            return
        write_witness(self.desk.settings.data, Witnessed(end.epoch, end.sequence, end.hash))


def take_pen(desk: Desk, identity: Identity, *, clerk: str = "") -> Pen:
    """A pen at the end of the journal as it stands; the write lock is held until the transaction ends."""
    wall, offset_ms = desk.clock(), device.contact_state().offset_ms
    return Pen(
        desk=desk,
        identity=identity,
        clerk=clerk,
        now=wall + timedelta(milliseconds=offset_ms or 0),
        wall=wall,
        offset_ms=offset_ms,
        pack=device.last_adoption(),
        end=journal.head(identity.id.slot, identity.origin),
    )


def _as_sealed(instant: datetime) -> datetime:
    """An instant as a header holds it, so that what is projected now is what will be read again."""
    return instant.astimezone(UTC).replace(microsecond=0)
