"""What the centre decides at a desk, sealed as its device 0: release what was set aside, void a dossier.

A decision is an entry in the desk's ledger like any other: it has a day, a reason and the name of who took it, it is
counted on that day, and whoever makes the ledger's dossiers again comes to the same.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from central_server.central import APP_VERSION, Central
from central_server.services.enrolment import UnknownDesk
from central_server.services.gaps import keep_explained
from central_server.services.judging import Judged, judge
from central_server.services.keeping import keep_judged
from central_server.services.signing_in import UnknownUser
from central_server.services.twins import SAID_TWICE, released_twice
from central_server.services.unusable import Unusable
from central_server.storage import centre, dossiers, holding, ledger, people, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.holding import AWAITING_A_DECISION, SET_ASIDE
from central_server.storage.ledger import JudgedEntry
from central_server.storage.units import Scope
from sync_protocol.certificates import centre_origin
from sync_protocol.dossiers import Dossier, UnknownDossier
from sync_protocol.entries import SALT_BYTES, EntryId, Header, seal
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Dismissed, EpochOpened, Payload, Released, Voided
from sync_protocol.messages import translated
from sync_protocol.schemas import KIND_VERSION, KINDS, RELEASED_MAX, SCHEMAS, payload_content
from sync_protocol.signing import parsed
from sync_protocol.transitions import illegal
from sync_protocol.vocabulary import CENTRE_SLOT, DeskCode, DeviceId, DossierStage

EPOCHS_SINCE = datetime(2021, 1, 1, tzinfo=UTC)
NEWER_PROGRAM = N_("A newer version of the centre's program can read these entries.")
"""The reason that the program itself gives; what a person decides has the person's own."""


ADVICE = {
    "entries": (N_("The choice of entries"), N_("choose 1 to 500 entries of the list.")),
    "order": (N_("The number of the order"), N_("it has 1 to 60 characters.")),
}
OTHER_ADVICE = (N_("The decision"), N_("it does not fit."))
"""What is said of a field of a decision, and what to do."""


class NotHeld(FieldSyncError):
    """What should be released is not set aside."""

    code = "not_held"
    text = N_("The entry %(entry)s of this desk is not set aside. Nothing was changed; look at the list again.")


class StillSetAside(FieldSyncError):
    """A release would change nothing: what set the entries aside lies in themselves."""

    code = "still_set_aside"
    text = N_(
        "The entry %(entry)s still cannot be counted (%(reason)s). Nothing was changed and the entry is kept; "
        "let the desk enter it again, or update this program."
    )


class ReasonNeeded(FieldSyncError):
    """A decision has no reason."""

    code = "reason_needed"
    text = N_("A decision needs a reason of 2 to 500 characters. Nothing was changed; write why.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a decision came to: the entry that it is, and what became of the entries that it had judged again."""

    id: EntryId
    again: Sequence[JudgedEntry]


@dataclass(slots=True)
class CentrePen:
    """What writes at the end of the centre's own journal at a desk, while the desk's ledger is held.

    last_sequence  of the desk's ledger; written: what was sealed and is not kept yet
    """

    central: Central
    desk: DeskCode
    clerk: str
    now: datetime
    last_sequence: int
    epoch: int
    sequence: int
    head: bytes
    written: list[JudgedEntry]

    def seal(self, payload: Payload, *, subject: str = "", clerk: str | None = None) -> EntryId:
        """Seals a decision and gives its id."""
        header = Header(
            slot=CENTRE_SLOT,
            epoch=self.epoch,
            sequence=self.sequence + 1,
            kind=KINDS[type(payload)].value,
            version=KIND_VERSION,
            subject=subject,
            happened_at=self.now,
            recorded_at=self.now,
            monotonic_ms=0,
            boot="",
            offset_ms=0,
            clerk=self.clerk if clerk is None else clerk,
            pack=0,
        )
        entry = seal(header, payload_content(payload), self.central.randomness(SALT_BYTES))
        self.sequence, self.head = header.sequence, entry.hash_after(self.head)
        self.written.append(JudgedEntry(sealed=entry, header=header, entry_hash=self.head))
        return header.id

    def keep(self) -> Judged:
        """Judges what was sealed and writes all of it."""
        judged = judge(self.desk, self.written)
        keep_judged(self.central.database, self.desk, judged, self.last_sequence, self.now)
        keep_explained(self.desk, judged, self.now)
        self.last_sequence += len(self.written)
        self.written = []
        return judged


def take_centre_pen(central: Central, desk: DeskCode, *, by: str) -> CentrePen:
    """A pen at the end of the centre's journal at a desk; the ledger is held until the transaction ends.

    The first entry of an epoch names the incarnation of the centre, and another incarnation opens another epoch. Its
    number is that of the minute, so that a centre which was restored twice from one backup never gives one twice.
    """
    last_sequence, now = ledger.locked_sequence(desk), central.now().replace(microsecond=0)
    incarnation, last = central.about().incarnation, holding.head_of_centre(desk)
    epoch, sequence, head = (last[0].epoch, last[0].sequence, last[1]) if last else (0, 0, b"")
    pen = CentrePen(central, desk, by, now, last_sequence, epoch, sequence, head, [])
    if not last or _opened_by(desk, epoch) != incarnation:
        minute = max(1, round((now - EPOCHS_SINCE).total_seconds()) // 60)
        pen.epoch, pen.sequence = max(epoch + 1, minute), 0
        pen.head = head or centre_origin(central.keys.signing.public, desk)
        pen.seal(EpochOpened(app_version=APP_VERSION, machine=incarnation), clerk="")
    return pen


def release(
    central: Central,
    scope: Scope,
    desk: DeskCode,
    names: Collection[str],
    *,
    reason: str,
    by: str,
) -> Decided:
    """Judges entries again that were set aside, by the decision of a person; they count from today on.

    Raises UnknownDesk, UnknownUser, ReasonNeeded, Unusable, NotHeld, StillSetAside.
    """
    checked = check_decision(Released, {"entries": sorted(names), "reason": reason})
    assert isinstance(checked, Released)
    ids = [EntryId.parse(name) for name in checked.entries]
    check_who(central, scope, desk, by)
    with write_transaction(central.database):
        pen = take_centre_pen(central, desk, by=by)
        waiting = holding.named(desk, ids)
        held = {entry.header.id for entry in waiting}
        if missing := [id_ for id_ in ids if id_ not in held]:
            raise NotHeld(entry=str(missing[0]))
        id_, judged = _release(pen, waiting, reason=checked.reason)
        still = [each for each in judged.again if each.header.id in held and each.verdict in SET_ASIDE]
        if len(still) == len(held):
            raise StillSetAside(entry=str(still[0].header.id), reason=still[0].reason)
    return Decided(id=id_, again=judged.again)


def dismiss(
    central: Central,
    scope: Scope,
    desk: DeskCode,
    names: Collection[str],
    *,
    reason: str,
    by: str,
) -> EntryId:
    """Decides that entries which were set aside do not count, by the decision of a person; they wait no longer.

    They stay where they are, and a later release judges them again. Raises what `release` does but StillSetAside.
    """
    checked = check_decision(Dismissed, {"entries": sorted(names), "reason": reason})
    assert isinstance(checked, Dismissed)
    check_who(central, scope, desk, by)
    with write_transaction(central.database):
        pen = take_centre_pen(central, desk, by=by)
        waiting = {str(entry.header.id) for entry in holding.open_entries(desk)}
        if missing := [name for name in checked.entries if name not in waiting]:
            raise NotHeld(entry=missing[0])
        id_ = pen.seal(checked)
        pen.keep()
    return id_


def count_what_waited(central: Central, device: DeviceId, *, reason: str, by: str) -> int:
    """Judges again all that was set aside only because a device's word did not count; gives how many entries.

    Inside the caller's transaction, which has made the device's word count and has checked the reason.
    """
    held = holding.open_entries(device.desk, device.slot)
    waiting = [each for each in held if each.reason in AWAITING_A_DECISION]
    if waiting:
        _release(take_centre_pen(central, device.desk, by=by), waiting, reason=reason)
    return len(waiting)


def _release(pen: CentrePen, waiting: Sequence[JudgedEntry], *, reason: str) -> tuple[EntryId, Judged]:
    """Seals and keeps what lets entries count, and that those do not which count already; gives the first of the two.

    waiting  set aside until now, in the order of the ledger
    """
    twice = released_twice(pen.desk, waiting)
    once = [each.header.id for each in waiting if each.header.id not in twice]
    # A reason is sealed as people read it.
    said_twice = translated(SAID_TWICE, {}, "vi", "central_server")
    ids = [
        pen.seal(decision(entries=tuple(map(str, named[first : first + RELEASED_MAX])), reason=why))
        for decision, named, why in ((Released, once, reason), (Dismissed, twice, said_twice))
        for first in range(0, len(named), RELEASED_MAX)
    ]
    return ids[0], pen.keep()


def void(central: Central, scope: Scope, desk: DeskCode, ref: str, *, reason: str, by: str) -> Dossier:
    """Takes a dossier, named by its id or code, out of every count, by the decision of a supervisor.

    Raises UnknownDesk, UnknownUser, ReasonNeeded, UnknownDossier, IllegalTransition where it was voided before.
    """
    payload = check_decision(Voided, {"reason": reason})
    check_who(central, scope, desk, by)
    with write_transaction(central.database):
        pen = take_centre_pen(central, desk, by=by)
        dossier = dossier_named(desk, ref)
        if dossier.stage is DossierStage.VOIDED:
            raise illegal(dossier)
        pen.seal(payload, subject=dossier.id)
        pen.keep()
        return dossier_named(desk, dossier.id)


def judge_again(central: Central) -> int:
    """Judges again what older programs set aside, if this program is another one; gives how many entries were freed.

    What waits for a person goes on waiting. Each desk by itself, so that no desk waits for all.
    """
    with reading(central.database):
        if centre.judged_by() == _program():
            return 0
        desks = sorted(holding.held_counts())
    freed = sum(_judge_desk_again(central, desk) for desk in desks)
    with write_transaction(central.database):
        centre.keep_judged_by(_program())
    return freed


def check_decision(kind: type[Payload], content: dict[str, object]) -> Payload:
    """A decision as it may be sealed; raises ReasonNeeded, Unusable."""
    schema = SCHEMAS[KINDS[kind]]
    problems = schema.validate(content)
    if "reason" in problems:
        raise ReasonNeeded
    if problems:
        what, advice = ADVICE.get(min(problems), OTHER_ADVICE)
        raise Unusable(what=what, reason=advice)
    payload: Payload = schema.load(content)
    return payload


def check_who(central: Central, scope: Scope, desk: DeskCode, by: str) -> None:
    """Whether the desk is there for this scope and the person has an account; raises UnknownDesk, UnknownUser."""
    today = central.today()
    with reading(central.database):
        if units.desk(scope, desk, today) is None:
            raise UnknownDesk(desk=desk)
        if people.person(by, today) is None:
            raise UnknownUser(username=by)


def dossier_named(desk: DeskCode, ref: str) -> Dossier:
    """A dossier by its id or code, inside a transaction; of several under one code the first that is not voided."""
    found = [each.dossier for each in dossiers.by_refs(desk, [ref])]
    if not found:
        raise UnknownDossier(dossier=ref)
    return next((each for each in found if each.stage is not DossierStage.VOIDED), found[0])


def _judge_desk_again(central: Central, desk: DeskCode) -> int:
    with write_transaction(central.database):
        last_sequence = ledger.locked_sequence(desk)
        waiting = [each for each in holding.open_entries(desk) if each.reason not in AWAITING_A_DECISION]
        changed = _changed(desk, waiting)
        if not changed:
            return 0
        pen = take_centre_pen(central, desk, by="")
        assert pen.last_sequence == last_sequence, "the ledger is held"
        for first in range(0, len(changed), RELEASED_MAX):
            pen.seal(Released(entries=tuple(changed[first : first + RELEASED_MAX]), reason=NEWER_PROGRAM))
        pen.keep()
    return len(changed)


def _changed(desk: DeskCode, waiting: Sequence[JudgedEntry]) -> list[str]:
    """Which of the entries that wait would now be judged otherwise; those that meet a dossier meanwhile among them."""
    before = {each.header.id: (each.verdict, each.reason) for each in waiting}
    # As if they came now: what judging says of them is only looked at, and nothing is written.
    judged = judge(desk, waiting)
    return [str(each.header.id) for each in judged.entries if (each.verdict, each.reason) != before[each.header.id]]


def _opened_by(desk: DeskCode, epoch: int) -> str:
    """The incarnation that opened an epoch of the centre's journal."""
    content = holding.payload_of(desk, EntryId(CENTRE_SLOT, epoch, 1))
    return str(parsed(content)["machine"]) if content else ""


def _program() -> str:
    """This program, by its version and by all the kinds that it understands."""
    return " ".join((APP_VERSION, str(KIND_VERSION), *sorted(SCHEMAS)))
