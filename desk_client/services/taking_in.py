"""Taking in what comes down with a receipt: what the desk's other machines recorded, and where every entry stands."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from desk_client.desk import Desk, Identity
from desk_client.services import erasing
from desk_client.services.continuing import part_at
from desk_client.services.offering import note_put_back
from desk_client.services.projecting import refold
from desk_client.services.road import CentreNonsense, CentreRefused, Road
from desk_client.storage import device, dossiers, journal, lineage, placing, vouching
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.lineage import Point, Span
from desk_client.storage.placing import Key, PulledState
from sync_protocol.entries import SEQUENCE_MAX, BadEntry, EntryId, Header, SealedEntry
from sync_protocol.events import Dismissed, Erased, Event, PacksAdopted, Received, Released
from sync_protocol.packing import BadFrame
from sync_protocol.packs import PackKind, pack_hash, read_pack
from sync_protocol.schemas import BadPayload, UnknownKind, read_event
from sync_protocol.siblings import Down, Run, unpack_down
from sync_protocol.signing import Signed, decoded
from sync_protocol.statements import Pulled, Receipt, Vouched
from sync_protocol.vocabulary import CENTRE_SLOT

PACK_PATH = "/v1/packs/"
UNKNOWN_PACK = "unknown_pack"


def pulled() -> Pulled:
    """How far the desk's ledger is known here, as a statement says it; inside the caller's transaction."""
    state = placing.pulled()
    return Pulled(state.incarnation, state.ledger, state.mark)


def ledger_known(desk: Desk) -> int:
    """The last number of the desk's ledger that is known here."""
    with reading(desk.database):
        return placing.pulled().ledger


def hear_name(incarnation: str) -> None:
    """Lets go of how far the ledger of a centre by another name was known, in the transaction that keeps the ticket.

    All of that other ledger comes down, from its beginning. Were the centre put back to the former name once more, the
    number would mean other entries.
    """
    if placing.pulled().incarnation != incarnation:
        placing.keep_pulled(PulledState(incarnation=incarnation))


def is_more_to_take_in(desk: Desk, *, since: int) -> bool:
    """Whether the ledger goes on behind what is known here, and the last answer brought some of it."""
    with reading(desk.database):
        state = placing.pulled()
    return state.ledger != since and state.ledger < state.end


def take_in(
    desk: Desk,
    identity: Identity,
    road: Road,
    receipt: Receipt,
    signed: Signed,
    down: object,
    *,
    parted_at: Point | None,
) -> None:
    """Takes in what came down with a receipt, all of it or nothing, and parts the journal where it cannot go on.

    signed     the receipt as it came
    parted_at  the point behind which the journal cannot go on, None where it does
    Raises CentreNonsense for other bytes than the receipt names and for what does not fit to what is here, and what
    the road raises where a reference pack of another machine has to be fetched first.
    """
    told = _told(receipt, down)
    if told is None:
        if parted_at:
            with write_transaction(desk.database):
                part_at(desk, parted_at)
        return
    arrived = _arrived(identity, told)
    packs = _packs_missing(desk, identity, road, arrived)
    with write_transaction(desk.database):
        _check_fits(identity, receipt, told)
        touched = _learnt_anew() if told.after == 0 and placing.are_any_known() else set()
        device.keep_known(packs)
        touched |= _kept(arrived) | _placed(identity, told)
        # What has come may say under which ids the centre holds what would be written again, so it comes first; and
        # entries that bear a number of the own journal mean other dossiers, so the journal leaves it before they do.
        if parted_at and (told.up_to == told.end or _is_number_taken(identity, arrived)):
            part_at(desk, parted_at)
        touched |= _decided(identity, arrived)
        _keep_vouched(identity, receipt, signed)
        placing.keep_pulled(
            PulledState(incarnation=receipt.incarnation, ledger=told.up_to, end=told.end, mark=told.mark)
        )
        placing.keep_siblings(told.siblings)
        refold(desk, _dossiers_of(touched, arrived))


@dataclass(frozen=True, slots=True)
class _Arrived:
    """An entry of another machine that came down.

    key     under which it is kept here; ledger: its number in the desk's ledger
    event   what it says, None where this program does not understand it
    """

    key: Key
    ledger: int
    header: Header
    sealed: SealedEntry
    entry_hash: bytes
    event: Event | None


def _told(receipt: Receipt, down: object) -> Down | None:
    """What came down; None where nothing did. Its bytes are the ones that the receipt names."""
    if not receipt.down_hash and down is None:
        return None
    try:
        raw = decoded(str(down))
        if hashlib.sha256(raw).digest() != receipt.down_hash:
            raise CentreNonsense
        return unpack_down(raw)
    except (ValueError, BadFrame) as error:
        raise CentreNonsense from error


def _arrived(identity: Identity, told: Down) -> list[_Arrived]:
    """The entries that came, each of them the one that its run names; the hash goes on within a run."""
    entries = iter(told.entries)
    arrived = []
    for run in told.runs:
        if not run.first_hash:
            continue
        previous = b""
        for ahead in range(run.count):
            sealed = next(entries)
            previous = sealed.hash_after(previous) if ahead else run.first_hash
            arrived.append(_one(identity, run, ahead, sealed, previous))
    return arrived


def _one(identity: Identity, run: Run, ahead: int, sealed: SealedEntry, entry_hash: bytes) -> _Arrived:
    try:
        header = sealed.header
    except BadEntry as error:
        raise CentreNonsense from error
    if header.id != EntryId(run.slot, run.epoch, run.first + ahead):
        raise CentreNonsense
    key = _key(identity, run.slot), run.epoch, run.first + ahead
    return _Arrived(key, run.ledger + ahead, header, sealed, entry_hash, _understood(sealed))


def _key(identity: Identity, slot: int) -> int:
    """The slot under which an entry that came down is kept: another branch of this very machine apart from its own."""
    return -slot if slot == identity.id.slot else slot


def _understood(sealed: SealedEntry) -> Event | None:
    try:
        return read_event(sealed)
    except (UnknownKind, BadPayload):
        return None


def _packs_missing(
    desk: Desk, identity: Identity, road: Road, arrived: Iterable[_Arrived]
) -> list[tuple[PackKind, Signed]]:
    """The reference packs by which other machines counted, as far as this one never had them in force."""
    adopted = [each.event.payload for each in arrived if each.event]
    names = {name for each in adopted if isinstance(each, PacksAdopted) for name in each.packs.values()}
    if not names:
        return []
    with reading(desk.database):
        held = device.known(names)
    packs = filter(None, (_fetched(road, name) for name in sorted(names - held)))
    return [(read_pack(pack, identity.certificate.centre_key)[0], pack) for pack in packs]


def _fetched(road: Road, name: str) -> Signed | None:
    """A reference pack; None where a centre that was put back knows it no more: it is taken as in force then."""
    try:
        pack = Signed.from_json(road.get(PACK_PATH + name))
    except CentreRefused as error:
        if error.refusal_code != UNKNOWN_PACK:
            raise
        return None
    if pack_hash(pack) != name:
        raise CentreNonsense
    return pack


def _learnt_anew() -> set[str]:
    """Another ledger begins to come than the one that the places are of; gives what their order matters to."""
    touched = placing.all_shared_subjects()
    placing.let_places_be_former()
    note_put_back()
    return touched


def _check_fits(identity: Identity, receipt: Receipt, told: Down) -> None:
    """What came goes on from what is here, and says of this machine's own entries only what the receipt covers."""
    own = (run for run in told.runs if not run.first_hash)
    is_own = all(
        run.slot == identity.id.slot and (run.epoch < receipt.epoch or run.last <= receipt.up_to) for run in own
    )
    if told.after != placing.pulled().ledger or not is_own:
        raise CentreNonsense


def _kept(arrived: Iterable[_Arrived]) -> set[str]:
    """Keeps entries with what they say; gives what they are about. Those that are here already must be the same."""
    touched: set[str] = set()
    for each in arrived:
        held = placing.hash_of(each.key)
        if held not in (None, each.entry_hash):
            touched |= _let_go(each.key)
            held = None
        if held is None:
            _check_chain(each)
            placing.put_entry(each.key, each.header, each.sealed, each.entry_hash)
        touched.add(each.header.subject)
    return touched - {""}


def _is_number_taken(identity: Identity, arrived: Iterable[_Arrived]) -> bool:
    """Whether another branch of this very machine bears a number that its own journal has given as well."""
    slot = identity.id.slot
    own = (each.key for each in arrived if each.header.slot == slot)
    return any(journal.hash_at(slot, epoch, sequence) is not None for _, epoch, sequence in own)


def _keep_vouched(identity: Identity, receipt: Receipt, signed: Signed) -> None:
    """Keeps the centre's word on what has come, so that it can be shown to a centre that was put back.

    One that was put back vouches for less: of the same journal its earlier word says more.
    """
    for each in receipt.vouched:
        before = vouching.word_on(each.slot, each.epoch)
        is_less = before is not None and before.sequence > each.sequence and _holds(identity, before)
        if _holds(identity, each) and not is_less:
            vouching.keep(each, signed)


def _holds(identity: Identity, vouched: Vouched) -> bool:
    """Whether a journal is here up to the entry that the centre has signed for."""
    return placing.hash_of((_key(identity, vouched.slot), vouched.epoch, vouched.sequence)) == vouched.hash


def _let_go(key: Key) -> set[str]:
    """Lays a copy of another machine's journal aside from an entry on; gives what it was about.

    A centre that was put back may hold another branch of that machine than the one that came from it before. What has
    a place in the ledger as it is now never changes, so of that it would be nonsense.
    """
    slot, epoch, sequence = key
    if placing.is_placed(key):
        raise CentreNonsense
    left = list(lineage.entries_of(slot, Span(epoch, sequence, SEQUENCE_MAX)))
    for entry in left:
        lineage.leave(slot, entry, "")
    return {entry.subject for entry in left}


def _check_chain(each: _Arrived) -> None:
    """An entry follows from the one before it, where that is here."""
    slot, epoch, sequence = each.key
    before = placing.hash_of((slot, epoch, sequence - 1))
    if before is not None and each.sealed.hash_after(before) != each.entry_hash:
        raise CentreNonsense


def _placed(identity: Identity, told: Down) -> set[str]:
    """Notes where entries stand; gives what they are about where their order matters."""
    touched: set[str] = set()
    for run in told.runs:
        slot = _key(identity, run.slot) if run.first_hash else run.slot
        placing.put_run(slot, run.epoch, run.first, run.last, run.ledger)
        touched |= placing.shared_subjects(slot, run.epoch, run.first, run.last)
    return touched


def _decided(identity: Identity, arrived: Iterable[_Arrived]) -> set[str]:
    """Follows what the centre decided; gives what it is about."""
    touched: set[str] = set()
    for each in arrived:
        match each.event.payload if each.event and each.header.slot == CENTRE_SLOT else None:
            case Released(entries=names):
                touched |= _released(identity, map(EntryId.parse, names), each.ledger)
            case Dismissed(entries=names):
                touched |= _subjects_of(identity, map(EntryId.parse, names))
            case Erased():
                assert each.event is not None, "what has a payload was understood"
                touched |= erasing.follow(each.event)
            case _:
                pass
    return touched


def _subjects_of(identity: Identity, ids: Iterable[EntryId]) -> set[str]:
    """What entries are about that are here."""
    keys = [(slot, id_.epoch, id_.sequence) for id_ in ids for slot in (id_.slot, _key(identity, id_.slot))]
    return set(filter(None, map(placing.subject_of, keys)))


def _released(identity: Identity, ids: Iterable[EntryId], ledger: int) -> set[str]:
    """Entries that were set aside count from the place of the decision on."""
    touched: set[str] = set()
    for id_ in ids:
        keys = [(slot, id_.epoch, id_.sequence) for slot in dict.fromkeys((_key(identity, id_.slot), id_.slot))]
        for key in keys:
            subject = placing.subject_of(key)
            if subject is not None:
                placing.put_released(key, ledger)
                touched.add(subject)
                break
    return touched - {""}


def _dossiers_of(subjects: Iterable[str], arrived: Iterable[_Arrived]) -> list[str]:
    """Ids of the dossiers that are meant by their ids, or by the codes on their slips."""
    codes: dict[str, list[str]] = {}
    for each in arrived:
        if each.event and isinstance(each.event.payload, Received):
            codes.setdefault(each.event.payload.dossier_code, []).append(each.header.subject)
    ids: dict[str, None] = {}
    for subject in sorted(subjects):
        is_id = _is_id(subject)
        ids |= dict.fromkeys([subject] if is_id else [*codes.get(subject, ()), *dossiers.ids_under(subject)])
    return list(ids)


def _is_id(subject: str) -> bool:
    try:
        EntryId.parse(subject)
    except ValueError:
        return False
    return True
