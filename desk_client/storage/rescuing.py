"""What the rows of a damaged file are worth: they are sorted by their shape, and each has to prove itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from desk_client.storage.lineage import Point
from sync_protocol.certificates import certificate_hash, read_certificate
from sync_protocol.entries import HASH_BYTES, BadEntry, Header, SealedEntry, payload_hash
from sync_protocol.errors import FieldSyncError
from sync_protocol.packs import PackKind, pack_hash, read_pack
from sync_protocol.signing import Signed, SigningKey
from sync_protocol.statements import Receipt, read_receipt
from sync_protocol.vocabulary import CENTRE_SLOT, DeviceId

Row = tuple[int | float | str | bytes | None, ...]

BY_CENTRE = f"{CENTRE_SLOT}."
"""How the ids of the centre's own entries begin."""


@dataclass(frozen=True, slots=True)
class RescuedEntry:
    """An entry of this machine with its content, as its row kept it.

    erased_by  the centre's entry that erased its content, "" where that is here
    """

    header: Header
    entry: SealedEntry
    entry_hash: bytes
    counted: tuple[date | None, date | None]
    erased_by: str = ""

    @property
    def point(self) -> Point:
        """Its place."""
        return Point(self.header.epoch, self.header.sequence)


@dataclass(slots=True)
class Rescued:
    """All that proved itself.

    device    the machine's row with its certificate; packs: signed packs by name; clerks: their rows by username
    entries   those of this machine, by place; left: places and hashes of what had been left before
    erased    by place, the centre's entries that erased contents of this machine's
    spared    names of the packs that were in force when the spare was written
    """

    device: Row
    id: DeviceId
    origin: bytes
    centre_key: bytes
    packs: dict[str, tuple[str, Signed]] = field(default_factory=dict)
    clerks: dict[str, Row] = field(default_factory=dict)
    imported: dict[str, Row] = field(default_factory=dict)
    receipts: dict[int, tuple[Receipt, Signed, int]] = field(default_factory=dict)
    entries: dict[Point, list[RescuedEntry]] = field(default_factory=dict)
    left: set[tuple[Point, bytes]] = field(default_factory=set)
    erased: dict[Point, str] = field(default_factory=dict)
    spared: dict[PackKind, str] = field(default_factory=dict)

    @property
    def last_receipt(self) -> tuple[Receipt, Signed, int] | None:
        """The receipt of the latest epoch."""
        return self.receipts[max(self.receipts)] if self.receipts else None

    @property
    def sent(self) -> Point:
        """The last entry that it covers."""
        return Point(self.last_receipt[0].epoch, self.last_receipt[0].up_to) if self.last_receipt else Point(0, 0)

    def packs_in_force(self, adopted: Mapping[str, str]) -> dict[PackKind, Signed]:
        """The packs that an adoption names, or that were in force when the spare was written."""
        names = {kind: (adopted.get(kind.value, ""), self.spared.get(kind, "")) for kind in PackKind}
        found = {kind: [self.packs[name][1] for name in each if name in self.packs] for kind, each in names.items()}
        return {kind: packs[0] for kind, packs in found.items() if packs}

    def chain(self) -> list[RescuedEntry]:
        """The journal from its first entry on, as far as nothing is missing; where it parted, the later epoch."""
        found: list[RescuedEntry] = []
        end, previous = Point(1, 0), self.origin
        while following := self._following(end, previous):
            found.append(following)
            end, previous = following.point, following.entry_hash
        return found

    def _following(self, end: Point, previous: bytes) -> RescuedEntry | None:
        openings = [
            Point(epoch, 1) for epoch, sequence in map(_parts, self.entries) if sequence == 1 and epoch > end.epoch
        ]
        for point in (*sorted(openings), Point(end.epoch, end.sequence + 1)):
            for each in self.entries.get(point, ()):
                if each.entry.hash_after(previous) == each.entry_hash:
                    return each
        return None


def rescue(rows: Iterable[Row], spared: Iterable[Row]) -> Rescued | None:
    """Sorts the rows of a damaged file, and of the spare; None where not even the machine's keys are among them."""
    rows, spared = list(rows), list(spared)
    rescued = next(filter(None, map(_device, [*rows, *spared])), None)
    if rescued is None:
        return None
    # What the file itself still holds is newer than the spare.
    for row in (*spared, *rows):
        _sort(rescued, row)
    _pair(rescued, rows)
    return rescued


def _device(row: Row) -> Rescued | None:
    """The machine's row, if its certificate is for its own key."""
    match row:
        case (_, str(), bytes(seed), bytes(), bytes(body), bytes(signature)) if len(seed) == HASH_BYTES:
            signed = Signed(body, signature)
            try:
                certificate = read_certificate(signed)
            except FieldSyncError:
                return None
            if certificate.signing_key != SigningKey.from_seed(seed).public:
                return None
            return Rescued((1, *row[1:]), certificate.device, certificate_hash(signed), certificate.centre_key)
        case _:
            return None


def _sort(rescued: Rescued, row: Row) -> None:
    match row:
        case (str(name), str(kind), bytes(body), bytes(signature)):
            pack = Signed(body, signature)
            if pack_hash(pack) == name and _is_pack(pack, rescued.centre_key):
                rescued.packs[name] = kind, pack
        case (str(kind), str(name), int()) if kind in set(PackKind):
            rescued.spared[PackKind(kind)] = name
        case (str(username), str(), str(), str(hash_), int(), _, _) if hash_.startswith("$argon2"):
            rescued.clerks[username] = row
        case (str(row_key), str(dossier_id), bytes()) if dossier_id.count(".") == 2:
            rescued.imported[row_key] = row
        case (int(), int(), int(), bytes(), bytes(body), bytes(signature), int(learned_at)):
            _sort_receipt(rescued, Signed(body, signature), learned_at)
        case (int(), int(epoch), int(sequence), bytes(entry_hash), bytes(), bytes(), _, _, str()):
            rescued.left.add((Point(epoch, sequence), entry_hash))
        case (int(own), int(epoch), int(sequence), str(by)) if own == rescued.id.slot and by.startswith(BY_CENTRE):
            rescued.erased[Point(epoch, sequence)] = by


def _is_pack(pack: Signed, centre_key: bytes) -> bool:
    try:
        read_pack(pack, centre_key)
    except FieldSyncError:
        return False
    return True


def _sort_receipt(rescued: Rescued, signed: Signed, learned_at: int) -> None:
    try:
        receipt = read_receipt(signed, rescued.centre_key)
    except FieldSyncError:
        return
    known = rescued.receipts.get(receipt.epoch)
    if receipt.device == rescued.id and (known is None or known[0].up_to < receipt.up_to):
        rescued.receipts[receipt.epoch] = receipt, signed, learned_at


def _pair(rescued: Rescued, rows: list[Row]) -> None:
    """Brings entries and their contents together; an entry whose content is gone counts as gone, unless by law."""
    slot = rescued.id.slot
    contents: dict[Point, list[tuple[bytes, bytes]]] = {}
    for row in rows:
        match row:
            case (int(own), int(epoch), int(sequence), bytes(salt), bytes(content)) if own == slot:
                contents.setdefault(Point(epoch, sequence), []).append((salt, content))
    for row in rows:
        for each in _entry(rescued, row, contents):
            known = rescued.entries.setdefault(each.point, [])
            if (each.point, each.entry_hash) not in rescued.left and each not in known:
                known.append(each)


def _entry(rescued: Rescued, row: Row, contents: Mapping[Point, list[tuple[bytes, bytes]]]) -> Iterator[RescuedEntry]:
    match row:
        case (int(own), int(), int(), str(), str(), bytes(raw), bytes(said), bytes(entry_hash), gains, loses) if (
            own == rescued.id.slot and len(entry_hash) == HASH_BYTES
        ):
            pass
        case _:
            return
    try:
        header = SealedEntry(raw, said, None, None).header
        counted = _day(gains), _day(loses)
    except (BadEntry, ValueError):
        return
    point = Point(header.epoch, header.sequence)
    if (header.slot, *_parts(point)) != row[:3]:
        return
    # Pages that were given up may still hold what the law had erased: it stays erased.
    if by := rescued.erased.get(point):
        yield RescuedEntry(header, SealedEntry(raw, said, None, None), entry_hash, counted, by)
        return
    for salt, content in contents.get(point, ()):
        if payload_hash(salt, content) == said:
            yield RescuedEntry(header, SealedEntry(raw, said, content, salt), entry_hash, counted)
            return


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None


def _parts(point: Point) -> tuple[int, int]:
    return point.epoch, point.sequence
