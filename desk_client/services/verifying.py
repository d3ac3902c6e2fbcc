"""Checking the whole file: the journal against its own hashes, and the screens against the journal."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from desk_client.desk import Desk, Identity
from desk_client.services.continuing import unseen
from desk_client.services.projecting import lives
from desk_client.storage import dossiers, journal, lineage, placing
from desk_client.storage.database import snapshot
from desk_client.storage.indexed import is_index_of
from desk_client.storage.journal import Kept
from sync_protocol.entries import OUT_OF_SEQUENCE, BadEntry, payload_hash
from sync_protocol.errors import N_, FieldSyncError

FAULTS_MAX = 20
"""One damage is often the cause of many; more are not told."""

OF_OTHER_CONTENT = N_("its content is not the one that was sealed.")
OF_OTHER_CHAIN = N_("it does not follow from the one before it.")
OF_OTHER_ROW = N_("it is not what its row says.")
SEARCH = N_("the search")
USUAL_PROCEDURES = N_("the usual procedures")
TOO_MANY = N_("dossiers that the journal does not hold")


class JournalDamaged(FieldSyncError):
    """An entry is not as it was sealed."""

    code = "journal_damaged"
    text = N_(
        "Entry %(entry)s of the journal is damaged: %(reason)s Nothing was changed. Copy the data folder to another"
        " place and call your supervisor before you go on."
    )


class JournalCutOff(FieldSyncError):
    """The witness has seen entries that the file does not hold."""

    code = "journal_cut_off"
    text = N_(
        "The journal once went up to entry %(entry)s, and its end is not here any more: the file is an older state."
        " What is here is whole. What was sent comes back from the server; compare with the paper register."
    )


class ScreensDiffer(FieldSyncError):
    """What the screens read is not what the journal says."""

    code = "screens_differ"
    text = N_(
        "What the screens show is not what the journal says: %(what)s. The journal is whole and nothing is lost."
        " Run: desk-client rebuild"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and what was found to be wrong: nothing, as a rule."""

    entries: int
    epochs: int
    dossiers: int
    faults: tuple[FieldSyncError, ...]


def verify(desk: Desk) -> Verified:
    """Checks the file as it stands at one instant, beside the work that goes on; raises NotEnrolled."""
    identity, look = desk.identity(), _Look()
    with snapshot(desk.database):
        faults: list[FieldSyncError] = [
            *look.faults_of_journal(identity),
            *look.faults_of_siblings(identity.id.slot),
        ]
        is_whole = not faults
        # Where entries are damaged, so may be the one that the witness has seen.
        faults += _cut_off(desk, identity.id.slot) if is_whole else ()
        # Of a journal that is not whole nothing can be made again.
        if is_whole and (what := look.differences_of_screens(desk)):
            faults.append(ScreensDiffer(what=what))
    return Verified(entries=look.entries, epochs=len(look.epochs), dossiers=look.dossiers, faults=tuple(faults))


@dataclass(slots=True)
class _Look:
    """What has been looked at so far; `differing` holds the codes of dossiers whose rows are not as they should be."""

    entries: int = 0
    epochs: set[int] = field(default_factory=set)
    dossiers: int = 0
    used: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)

    def faults_of_journal(self, identity: Identity) -> Iterator[JournalDamaged]:
        """Entry by entry from the certificate on; an epoch follows from an entry of an earlier one, or from it."""
        found, epoch, sequence, previous = 0, 1, 0, identity.origin
        earlier = {identity.origin}
        for kept in journal.everything(identity.id.slot):
            self.entries += 1
            self.epochs.add(kept.epoch)
            # The number of an epoch may be another branch's of this very machine; then there is a gap.
            is_new = kept.epoch > epoch and kept.sequence == 1
            is_next = is_new or (kept.epoch, kept.sequence) == (epoch, sequence + 1)
            origins = earlier if kept.sequence == 1 else {previous}
            reason = _damage_of(kept, origins) if is_next else OUT_OF_SEQUENCE
            if reason and found < FAULTS_MAX:
                found += 1
                yield JournalDamaged(entry=f"{kept.slot}.{kept.epoch}.{kept.sequence}", reason=reason)
            # The hash in the file is taken as it is, so that one damage is told once.
            epoch, sequence, previous = kept.epoch, kept.sequence, kept.entry_hash
            earlier.add(kept.entry_hash)

    def faults_of_siblings(self, own: int) -> Iterator[JournalDamaged]:
        """The entries of the desk's other machines: each as it was sealed, and behind the one before it."""
        found, before = 0, (0, 0, 0)
        previous = b""
        for slot in placing.other_slots(own):
            for kept in journal.everything(slot):
                self.entries += 1
                follows = before == (kept.slot, kept.epoch, kept.sequence - 1)
                reason = _damage_of(kept, {previous} if follows else None)
                if reason and found < FAULTS_MAX:
                    found += 1
                    yield JournalDamaged(entry=f"{abs(kept.slot)}.{kept.epoch}.{kept.sequence}", reason=reason)
                before, previous = (kept.slot, kept.epoch, kept.sequence), kept.entry_hash

    def differences_of_screens(self, desk: Desk) -> list[str]:
        """Codes of dossiers and names of what else is not as the journal would make it."""
        is_index = is_index_of(desk.database, self._texts(desk))
        if self.differing:
            return self.differing[:FAULTS_MAX]
        checks = {
            TOO_MANY: dossiers.row_count() == self.dossiers,
            SEARCH: is_index,
            USUAL_PROCEDURES: dossiers.uses() == self.used,
        }
        return [name for name, is_right in checks.items() if not is_right]

    def _texts(self, desk: Desk) -> Iterator[tuple[int, str]]:
        """The words of every dossier whose row is right, by its number."""
        for stored in lives(desk):
            self.dossiers += 1
            self.used[stored.dossier.procedure_code] += 1
            number = dossiers.number_as_written(stored)
            if number is None:
                self.differing.append(stored.dossier.dossier_code or stored.dossier.id)
            else:
                yield number, dossiers.words_of(stored)


def _cut_off(desk: Desk, slot: int) -> Iterator[JournalCutOff]:
    """What was written on this machine and is not in the file: as the witness says now, or said when it was noticed."""
    seen, present = unseen(desk), lineage.present()
    if seen:
        yield JournalCutOff(entry=f"{slot}.{seen.epoch}.{seen.sequence}")
    elif present and lineage.missing(slot, present):
        yield JournalCutOff(entry=f"{slot}.{present.witnessed.epoch}.{present.witnessed.sequence}")


def _damage_of(kept: Kept, origins: set[bytes] | None) -> str:
    """What is wrong with an entry that may follow one of these hashes, any where None, "" if nothing is."""
    entry = kept.entry
    try:
        header = entry.header
    except BadEntry as error:
        return str(error.values["reason"])
    said = (header.slot, header.epoch, header.sequence, header.kind, header.subject)
    if said != (abs(kept.slot), kept.epoch, kept.sequence, kept.kind, kept.subject):
        return OF_OTHER_ROW
    if origins is not None and all(entry.hash_after(origin) != kept.entry_hash for origin in origins):
        return OF_OTHER_CHAIN
    # What the law had erased is gone with its salt; the chain holds without it.
    is_erased = entry.payload is None or entry.salt is None
    is_sealed = is_erased or payload_hash(entry.salt or b"", entry.payload or b"") == entry.payload_hash
    return "" if is_sealed else OF_OTHER_CONTENT
