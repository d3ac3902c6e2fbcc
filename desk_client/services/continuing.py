"""Going on after a restore, a copy or a parting: a new epoch that names what it goes on from.

The numbers of the entries behind its parent may be taken by another branch, so none of them is written again. What only
this installation holds of the branch that it leaves stands in the new epoch again, under new ids. What the centre has
from another copy of the disk already does not: it bears the ids that it has there.
"""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from desk_client.desk import APP_VERSION, Desk, Identity
from desk_client.services.projecting import refold
from desk_client.services.sealing import Pen, take_pen
from desk_client.storage import device, dossiers, erasing, journal, lineage, notes, placing
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.lineage import Confirmed, Epoch, Left, Point
from desk_client.storage.witness import Witnessed, read_witness
from sync_protocol.entries import EntryId, written_again
from sync_protocol.events import EpochOpened, LeftRun, PacksAdopted
from sync_protocol.schemas import LEFT_HASH_BYTES, LEFT_MAX, BadPayload, UnknownKind, read_event
from sync_protocol.signing import encoded
from sync_protocol.vocabulary import EpochCause, EventKind

INSTALLATION = "installation"
"""Name of the note that keeps which machine and folder this file was last opened in."""

NOWHERE = Point(0, 0)


def look_around(desk: Desk) -> EpochCause | None:
    """Opens an epoch where the file is an older state or a copy, and says which; to be asked when the program starts.

    The witness is read before the file: it is written after each commit, so it is never ahead of a file that was left
    alone, also while another process writes.
    """
    seen = read_witness(desk.settings.data)
    with reading(desk.database):
        stored = device.stored()
        if stored is None or stored.certificate is None:
            return None
        cause = _cause(desk, desk.identity(), seen)
        is_new_here = notes.note(INSTALLATION) != {"machine": desk.machine}
    if cause or (is_new_here and desk.machine):
        with write_transaction(desk.database):
            if cause:
                lost = Point(seen.epoch, seen.sequence) if seen and cause is EpochCause.RESTORED else NOWHERE
                _begin(desk, desk.identity(), _own_head(desk.identity()), cause, lost)
            notes.keep_note(INSTALLATION, {"machine": desk.machine})
    return cause


def part_at(desk: Desk, common: Point) -> None:
    """Goes on in a new epoch behind the last entry that the centre holds too, inside the caller's transaction.

    common  a point of the journal; behind it the centre holds another continuation of its epoch
    """
    _begin(desk, desk.identity(), _held(common), EpochCause.PARTED, NOWHERE)


def go_on_behind(desk: Desk, last: Point, confirmed: Witnessed | None = None) -> None:
    """Goes on in a new epoch behind the last entry that was saved without a gap, inside the caller's transaction.

    last       a point of the journal, NOWHERE where its first entry is gone; what stands behind it is written again
    confirmed  the last entry that a receipt covers, which has seen it as the witness has
    """
    identity = desk.identity()
    seen = max(filter(None, (read_witness(desk.settings.data), confirmed)), default=None)
    _begin(desk, identity, last, EpochCause.RESTORED, max(last, _last_gone(identity, seen)) if seen else NOWHERE)


def go_on_anew(desk: Desk, confirmed: Confirmed | None, incarnation: str) -> bool:
    """Settles what a receipt covers behind a gap of the journal; gives whether that goes on anew, from before the gap.

    To be asked with each answer of the centre, inside the caller's transaction. Under the name that it bore when it
    gave the receipt it has lost nothing since, for the statement that it answers has named all that. Under another one
    it may have: then all that stands behind the gap is written again.

    confirmed    what such a receipt covers, as the statement named it
    incarnation  the centre's name in the answer
    """
    if confirmed is None:
        return False
    identity = desk.identity()
    slot = identity.id.slot
    lineage.forget_receipts(-slot, 0)
    kept = list(lineage.entries_behind(-slot, NOWHERE))
    if confirmed.incarnation == incarnation or not kept:
        return False
    for each in kept:
        lineage.leave(-slot, each, "")
        journal.append(each.entry.header, each.entry, each.entry_hash, each.counted)
    broke_off = max((point for point in lineage.ancestors() if point < kept[0].point), default=NOWHERE)
    began = next(each for each in lineage.epochs() if each.parent == broke_off)
    _begin(desk, identity, broke_off, EpochCause.RESTORED, began.witnessed)
    return True


def unseen(desk: Desk) -> Witnessed | None:
    """The last entry that the witness has seen, where the file does not hold it; None where it holds all."""
    seen = read_witness(desk.settings.data)
    return seen if seen and not _is_here(desk.identity(), seen) else None


def _cause(desk: Desk, identity: Identity, seen: Witnessed | None) -> EpochCause | None:
    if seen and not _is_here(identity, seen):
        return EpochCause.RESTORED
    kept = notes.note(INSTALLATION)
    is_elsewhere = bool(desk.machine and kept and kept["machine"] not in ("", desk.machine))
    return EpochCause.COPIED if is_elsewhere else None


def _is_here(identity: Identity, seen: Witnessed) -> bool:
    """Whether the file holds what the witness has seen: in the journal, in a branch left, or from the centre."""
    slot = identity.id.slot
    held = {journal.hash_at(own, seen.epoch, seen.sequence) for own in (slot, -slot)}
    return seen.hash in held or lineage.has_left(slot, seen.epoch, seen.sequence, seen.hash)


def _last_gone(identity: Identity, seen: Witnessed) -> Point:
    """The last entry up to one that was seen once that is not here."""
    point = Point(seen.epoch, seen.sequence)
    return lineage.last_gone(identity.id.slot, point) if _is_here(identity, seen) else point


def _own_head(identity: Identity) -> Point:
    end = journal.head(identity.id.slot, identity.origin)
    return Point(end.epoch, end.sequence)


def _held(common: Point) -> Point:
    """The entry at a point; of an epoch of which nothing is held, the one that it goes on from."""
    if common.sequence:
        return common
    return max((point for point in lineage.ancestors() if point.epoch < common.epoch), default=NOWHERE)


@dataclass(slots=True)
class _Names:
    """How entries of the branch that is left are named in the new epoch.

    held   ids under which the centre has them from another copy, by the hashes of their salted contents
    ids    by their ids before; packs: sequences of adoptions by epoch and sequence before
    early  the adoption that stands for all those before the parent
    """

    held: Mapping[bytes, str]
    ids: dict[str, str] = field(default_factory=dict)
    packs: dict[Point, int] = field(default_factory=dict)
    early: int = 0

    def pack(self, epoch: int, sequence: int) -> int:
        """The sequence of an adoption; 0 before the first."""
        return self.packs.get(Point(epoch, sequence), self.early) if sequence else 0

    def entry(self, id_: str) -> str:
        """The id of an entry; what was not written again bears the one that it had."""
        return self.ids.get(id_, id_)


def _begin(desk: Desk, identity: Identity, parent: Point, cause: EpochCause, witnessed: Point) -> None:
    """Opens an epoch and writes again in it what stands behind its parent.

    witnessed  the last entry that was written once and is not here, NOWHERE where none is known of
    """
    slot = identity.id.slot
    left = list(lineage.entries_behind(slot, parent))
    packs = _packs_at(slot, left)
    number = lineage.next_number(slot, witnessed.epoch)
    end = journal.parted(slot, parent, identity.origin, number)
    pen = take_pen(desk, identity)
    lineage.open_epoch(Epoch(epoch=number, parent=parent, cause=cause, opened_at=desk.clock(), witnessed=witnessed))
    lineage.forget_receipts(slot, parent.epoch + 1)
    pen.end, pen.pack = end, 0
    pen.note(
        EpochOpened(
            app_version=APP_VERSION,
            machine=platform.platform()[:80],
            cause=cause,
            parent_epoch=parent.epoch,
            parent_sequence=parent.sequence,
            parent_hash=encoded(end.hash) if parent.sequence else "",
            witnessed_epoch=witnessed.epoch,
            witnessed_sequence=witnessed.sequence,
            left=_runs([*lineage.ends_left(slot), *((each.point, each.entry_hash) for each in left)]),
        )
    )
    names = _Names(placing.ids_held(slot, {each.entry.payload_hash for each in left if each.subject}))
    if packs:
        names.early = pen.note(PacksAdopted(packs=dict(packs)))
    for entry in left:
        _write_again(pen, slot, entry, names)
    lineage.let_become(names.ids, apart_from={each.entry_hash for each in left})
    device.keep_packs({}, max([names.early, *names.packs.values()]))
    if names.held:
        erasing.erase_again(-slot)
    _keep_projection(desk, left, names)


def _runs(left: Iterable[tuple[Point, bytes]]) -> tuple[LeftRun, ...]:
    """Entries that are left, by their places and hashes, as an opening names them."""
    told = sorted(left)[-LEFT_MAX:]
    # Consecutive entries are all as far from their place in the list.
    numbered = groupby(enumerate(told), lambda each: (each[1][0].epoch, each[1][0].sequence - each[0]))
    runs = ([entry for _, entry in run] for _, run in numbered)
    return tuple(
        LeftRun(run[0][0].epoch, run[0][0].sequence, tuple(hash_[:LEFT_HASH_BYTES] for _, hash_ in run)) for run in runs
    )


def _packs_at(slot: int, left: list[Left]) -> Mapping[str, str]:
    """The packs in force at the entry that an epoch goes on from: those by which the first one behind it was sealed."""
    first = next((each for each in left if each.kind != EventKind.OPEN_EPOCH), None)
    if first:
        adoption = journal.entry_at(slot, first.point.epoch, first.entry.header.pack)
        try:
            said = read_event(adoption).payload if adoption else None
        except (BadPayload, UnknownKind):
            said = None
        if isinstance(said, PacksAdopted):
            return said.packs
    return {kind.value: name for kind, name in device.pack_names().items()}


def _write_again(pen: Pen, slot: int, left: Left, names: _Names) -> None:
    """Moves an entry into the branch that is left; in the new epoch it stands again, unless the centre has it.

    What opened an epoch opened its own, and stands nowhere again.
    """
    before = EntryId(slot, left.point.epoch, left.point.sequence)
    if left.kind == EventKind.OPEN_EPOCH:
        lineage.leave(slot, left, "")
        return
    if held := names.held.get(left.entry.payload_hash):
        names.ids[str(before)] = held
        lineage.leave(slot, left, held)
        return
    after = EntryId(slot, pen.end.epoch, pen.end.sequence + 1)
    names.ids[str(before)] = str(after)
    if left.kind == EventKind.ADOPT_PACKS:
        names.packs[left.point] = after.sequence
    header = left.entry.header
    again_header, again = written_again(
        left.entry,
        after,
        subject=names.entry(header.subject),
        pack=names.pack(left.point.epoch, header.pack),
        base={name: names.entry(id_) for name, id_ in header.base.items()},
    )
    lineage.leave(slot, left, str(after))
    pen.append_sealed(again_header, again, left.counted)


def _keep_projection(desk: Desk, left: list[Left], names: _Names) -> None:
    """Brings what the screens read to the new ids: dossiers keep their rows, and rows of imported files find them."""
    if not left:
        return
    lineage.forget_places(desk.identity().id.slot, left[0].point)
    subjects = {each.subject for each in left} - {""}
    dossiers.rename({before: after for before, after in names.ids.items() if before in subjects})
    refold(desk, lineage.dossiers_of({names.entry(subject) for subject in subjects}))
