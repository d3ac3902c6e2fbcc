"""The judgement on a desk in a period: how much was entered, and how far that is known. The two are never mixed.

Pure: facts in, judgement with its evidence out. Source: the contract's standings and coverage, told in README.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sync_protocol.calendars import WorkingCalendar
from sync_protocol.entries import EntryId
from sync_protocol.errors import N_
from sync_protocol.instants import LOCAL, local_date, local_instant
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Declaration, Flag, Standing

THRESHOLD = 50
"""Fewer dossiers than this in a month's period are `few`; the published lists use the flat figure."""

FRESH_WORKING_DAYS = 1
"""A statement of so many working days ago or later still speaks for the present of an open period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """What is known of one device of a desk that counts: an active one, or one that left and may hold something back.

    enrolled_at      when it became a machine of this desk, None where that was before every period
    heard_at         latest contact of any kind by the centre's clock, None before the first
    stated_at        time of its latest statement: corrected by the device, never after the centre's own
    covered_until    up to when it has stated that nothing at all is held back: the time of its latest statement whose
                     entries have all arrived. Lateness is judged by this one: what is held back may be a result
    unsent           receptions of the period that it last stated it holds back, less what has arrived since; below 0
                     where it holds back that some were voided or moved
    oldest_unsent_on day of the oldest of them
    declaration      what it declared of exactly this period
    left_at          when it was lost, suspended or replaced without having sent all; None for an active one. It cannot
                     be asked any more, so what it held then stays unknown
    is_used_on       it was only suspended: whoever sits at it may go on recording, and nobody knows until when
    missing          ids of the first and the last entry that it stated and that have not come; None where all have
    """

    slot: int
    enrolled_at: datetime | None = None
    heard_at: datetime | None = None
    stated_at: datetime | None = None
    covered_until: datetime | None = None
    unsent: int = 0
    oldest_unsent_on: date | None = None
    declaration: Declaration | None = None
    left_at: datetime | None = None
    is_used_on: bool = False
    missing: tuple[EntryId, EntryId] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """What is known of a desk in a period; `gone` are the devices that left it and leave something unknown.

    is_exempt         whether it is left out of judgement
    is_elsewhere      whether it enters in other software, whose file has to be taken in before it can be judged
    begun_on          since when it has had a machine, where it is ruled that what it received before in the period is
                      unknown; None where its machines speak for all of it
    first_machine_on  when its first machine was enrolled, None where that was before the period's second day
    """

    arrived: int
    devices: Sequence[DeviceFacts]
    threshold: int = THRESHOLD
    is_exempt: bool = False
    is_elsewhere: bool = False
    undecided: int = 0
    gone: Sequence[DeviceFacts] = ()
    begun_on: date | None = None
    first_machine_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a period demands of statements: all by which the calendar and the present enter a judgement.

    starts_at, ends_at  as of the period
    ended_at            its last working minute: a statement of then or later speaks for all of it
    needed_at           when a statement must have been made to speak for the period as far as it has come: once it has
                        ended, at its last working minute; before, a fresh one speaks for the present
    """

    starts_at: datetime
    ends_at: datetime
    ended_at: datetime
    needed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A text of the catalogue with its values, translated by the edge that shows it."""

    text: str
    values: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A desk's standing in a period with the evidence for it and who has to act next.

    flag_proven    whether the desk is covered to the period's end, and nothing undecided could change the flag
    is_covered     whether it is covered to the period's end or, while the period is open, as far as it has come
    covered_until  up to when all its devices have stated that they hold no reception of this period back
    """

    arrived: int
    unsent: int
    entered: int
    threshold: int
    flag: Flag
    flag_proven: bool
    is_covered: bool
    standing: Standing
    covered_until: datetime | None
    last_statement_at: datetime | None
    evidence: Sentence
    next_step: Sentence

    @property
    def is_flagged(self) -> bool:
        """Whether the desk stands on the list of those below the threshold, by a proven flag."""
        return self.flag_proven and self.standing in (Standing.ZERO, Standing.FEW)


def demand_of(period: Period, calendar: WorkingCalendar, now: datetime) -> Demand:
    """What a period demands at an instant, taken once by the caller, so that a page agrees with itself."""
    ended_at = calendar.last_working_minute(period.first_on, period.last_on)
    ends_at = period.ends_at
    return Demand(
        starts_at=period.starts_at,
        ends_at=ends_at,
        ended_at=ended_at,
        needed_at=ended_at if now >= ends_at else _fresh_from(calendar, now),
    )


def judge(facts: DeskFacts, demand: Demand) -> Judgement:
    """Judges a desk."""
    facts = _told_apart(facts, demand)
    unsent = sum(max(0, device.unsent) for device in facts.devices)
    entered = facts.arrived + unsent
    is_covered = _is_covered(facts, demand, demand.needed_at)
    standing = _standing(facts, unsent, demand, is_covered=is_covered)
    is_covered_to_end = _is_covered(facts, demand, demand.ended_at)
    covered_until = _covered_until([*facts.devices, *facts.gone])
    return Judgement(
        arrived=facts.arrived,
        unsent=unsent,
        entered=entered,
        threshold=facts.threshold,
        flag=flag_of(entered, facts.threshold),
        flag_proven=is_covered_to_end and standing not in (Standing.UNDER_REVIEW, Standing.ELSEWHERE),
        is_covered=is_covered,
        standing=standing,
        covered_until=covered_until,
        last_statement_at=max(
            (each.stated_at for each in (*facts.devices, *facts.gone) if each.stated_at), default=None
        ),
        evidence=_evidence(standing, facts, unsent, covered_until),
        next_step=Sentence(text=_next_step_text(standing, facts), values={}),
    )


def _told_apart(facts: DeskFacts, demand: Demand) -> DeskFacts:
    """Facts in which `devices` are in use, and `gone` those that left and leave something of the period unknown."""
    in_use = [device for device in facts.devices if device.left_at is None]
    gone = [
        device
        for device in facts.devices
        if device.left_at is not None
        and (device.is_used_on or device.left_at > demand.starts_at)
        and not _has_left_nothing_open(device, in_use, _used_until(device, demand.needed_at))
    ]
    return replace(facts, devices=in_use, gone=gone)


def _used_until(device: DeviceFacts, needed_at: datetime) -> datetime:
    """Up to when something may have been entered on a device that left, as far as the period needs to know it."""
    return needed_at if device.is_used_on or device.left_at is None else min(device.left_at, needed_at)


def _has_left_nothing_open(device: DeviceFacts, in_use: Sequence[DeviceFacts], used_until: datetime) -> bool:
    """Whether it is known that nothing of the period was held back on a device when it left.

    Either it had stated so to the end of its use, or the desk has since closed the period on all its other machines:
    then it has entered there, from its papers, whatever was lost. That nothing arose they cannot say for it.
    """
    has_stated = device.unsent == 0 and _reaches(device, used_until)
    return has_stated or (
        bool(in_use) and all(each.declaration is Declaration.COMPLETE and _reaches(each, used_until) for each in in_use)
    )


def flag_of(entered: int, threshold: int) -> Flag:
    """The plain rule on a count."""
    if entered == 0:
        return Flag.ZERO
    return Flag.FEW if entered < threshold else Flag.OK


def _standing(facts: DeskFacts, unsent: int, demand: Demand, *, is_covered: bool) -> Standing:
    """One word by precedence: what could still change the answer comes before the answer."""
    if facts.is_exempt:
        return Standing.EXEMPT
    answers = [
        _answer(arrived, unsent, facts, demand, is_covered=is_covered)
        for arrived in (facts.arrived, facts.arrived + facts.undecided)
    ]
    return answers[0] if answers[0] is answers[1] else Standing.UNDER_REVIEW


def _answer(arrived: int, unsent: int, facts: DeskFacts, demand: Demand, *, is_covered: bool) -> Standing:
    """The word for a desk of which so many have arrived, whatever waits for a decision."""
    if arrived >= facts.threshold:
        return Standing.MET
    if not facts.devices or facts.gone:
        return Standing.NO_DEVICE
    if facts.is_elsewhere and not any(device.declaration for device in facts.devices):
        return Standing.ELSEWHERE
    if unsent:
        return Standing.HELD
    if not _can_speak(facts, demand):
        return Standing.NO_DEVICE
    if not is_covered:
        was_heard = all(_was_heard(device, demand) for device in facts.devices)
        return Standing.SILENT if was_heard else Standing.NEVER_HEARD
    return Standing.FEW if arrived else Standing.ZERO


def _can_speak(facts: DeskFacts, demand: Demand) -> bool:
    """Whether the desk's machines can say that nothing was entered in a period.

    One that was enrolled after the period cannot, unless the desk used it to enter the period or declares it. Where it
    is ruled that the days before a desk's first machine are unknown, only its declaration speaks for them.
    """
    if facts.begun_on:
        return any(device.declaration for device in facts.devices)
    return facts.arrived > 0 or any(
        device.enrolled_at is None or device.enrolled_at < demand.ends_at or device.declaration
        for device in facts.devices
    )


def _was_heard(device: DeviceFacts, demand: Demand) -> bool:
    return device.heard_at is not None and device.heard_at >= demand.starts_at


def _is_covered(facts: DeskFacts, demand: Demand, needed_at: datetime) -> bool:
    """Whether all devices of a desk have stated, at an instant or later, that they hold nothing of the period back.

    A declaration stands in for the instant. One that nothing arose counts only if all devices agree and nothing came.
    """
    is_nil = facts.arrived == 0 and all(device.declaration is Declaration.NIL for device in facts.devices)
    return (
        bool(facts.devices)
        and not facts.gone
        and _can_speak(facts, demand)
        and all(
            device.unsent == 0 and (_reaches(device, needed_at) or _has_closed(device, demand, is_nil=is_nil))
            for device in facts.devices
        )
    )


def _has_closed(device: DeviceFacts, demand: Demand, *, is_nil: bool) -> bool:
    return _was_heard(device, demand) and (is_nil or device.declaration is Declaration.COMPLETE)


def _reaches(device: DeviceFacts, needed_at: datetime) -> bool:
    return device.stated_at is not None and device.stated_at >= needed_at


def _fresh_from(calendar: WorkingCalendar, now: datetime) -> datetime:
    """The instant FRESH_WORKING_DAYS before now: the same hour of that working day.

    On a day off, its opening, since all of the last working day is as yet one working day ago.
    """
    today = local_date(now)
    if not calendar.is_working_day(today):
        return calendar.opening(_working_days_before(calendar, today, FRESH_WORKING_DAYS))
    return local_instant(_working_days_before(calendar, today, FRESH_WORKING_DAYS), now.astimezone(LOCAL).time())


def _working_days_before(calendar: WorkingCalendar, day: date, count: int) -> date:
    for _ in range(count):
        day = calendar.working_day_until(day - timedelta(days=1))
    return day


def _covered_until(devices: Sequence[DeviceFacts]) -> datetime | None:
    """The instant up to which every device has stated that no reception is held back; the worst one decides.

    A device that holds none of the period back has said so with its latest statement, whatever else it holds.
    """
    return _worst([device.covered_until if device.unsent else device.stated_at for device in devices])


def _worst(instants: Sequence[datetime | None]) -> datetime | None:
    """The earliest instant, None where one is missing or there is none."""
    known = [each for each in instants if each is not None]
    return min(known) if known and len(known) == len(instants) else None


def _evidence(standing: Standing, facts: DeskFacts, unsent: int, covered_until: datetime | None) -> Sentence:
    oldest_days = [each.oldest_unsent_on for each in facts.devices if each.oldest_unsent_on]
    values: dict[str, object] = {
        "devices": len(facts.devices),
        "arrived": facts.arrived,
        "threshold": facts.threshold,
        "unsent": unsent,
        "undecided": facts.undecided,
        "covered_until": covered_until,
        "heard_at": _worst([each.heard_at for each in facts.devices]),
        "oldest_unsent_on": min(oldest_days, default=None),
        "left_at": min((each.left_at for each in facts.gone if each.left_at), default=None),
        "missing": sum(max(0, each.unsent) for each in facts.gone),
        "entries": ", ".join("–".join(map(str, each.missing)) for each in facts.gone if each.missing),
        "begun_on": facts.begun_on,
        "first_machine_on": facts.first_machine_on,
    }
    return Sentence(text=_evidence_text(standing, facts, values), values=values)


def _evidence_text(standing: Standing, facts: DeskFacts, values: dict[str, object]) -> str:
    if standing is Standing.NO_DEVICE and facts.gone:
        return (LEFT_WITH_NUMBERS if values["entries"] else LEFT_WITH_DOSSIERS) if values["missing"] else LEFT
    if standing is Standing.NO_DEVICE and facts.devices and facts.begun_on:
        return BEGUN_LATE
    if standing is Standing.NO_DEVICE and facts.devices:
        return N_("The desk's first machine was enrolled after the period; what was received there before is unknown.")
    if standing is Standing.ZERO and all(each.declaration is Declaration.NIL for each in facts.devices):
        return N_("The desk declared that nothing arose in the period; its machines hold nothing back.")
    if facts.first_machine_on and standing in SINCE_FIRST_MACHINE:
        return SINCE_FIRST_MACHINE[standing]
    if standing is Standing.HELD and values["oldest_unsent_on"] is None:
        return N_("%(arrived)d dossiers have arrived, %(unsent)d more are on the desk's machine, not sent yet.")
    if standing in (Standing.SILENT, Standing.NEVER_HEARD) and values["heard_at"] is None:
        return N_("The machine was enrolled but has never been in contact; what it holds is unknown.")
    if standing is Standing.SILENT and values["covered_until"] is None:
        return N_("%(arrived)d dossiers have arrived. Last contact %(heard_at)s; what was entered is not fully known.")
    if standing is Standing.MET and values["covered_until"] is None:
        return N_("%(arrived)d dossiers have arrived.")
    return EVIDENCE[standing]


def _next_step_text(standing: Standing, facts: DeskFacts) -> str:
    if standing is Standing.NO_DEVICE and facts.gone and facts.devices:
        return ENTER_AGAIN
    if standing is Standing.NO_DEVICE and facts.devices and facts.begun_on:
        return ENTER_BEFORE
    return NEXT_STEPS[standing]


LEFT = N_(
    "%(arrived)d dossiers have arrived. A machine of this desk has been out of use since %(left_at)s; "
    "what was entered there and not sent is unknown."
)
LEFT_WITH_DOSSIERS = N_(
    "%(arrived)d dossiers have arrived. A machine of this desk has been out of use since %(left_at)s; "
    "it stated that it held %(missing)d more, not sent."
)
LEFT_WITH_NUMBERS = N_(
    "%(arrived)d dossiers have arrived. A machine of this desk has been out of use since %(left_at)s; "
    "it stated that it held %(missing)d more, not sent (entries %(entries)s)."
)
ENTER_AGAIN = N_(
    "Desk: compare with the paper register, enter what is missing on another machine, then confirm the period."
)

BEGUN_LATE = N_(
    "%(arrived)d dossiers have arrived. The desk has had a machine since %(begun_on)s only; "
    "what it received before in the period is unknown."
)
ENTER_BEFORE = N_("Desk: enter what was received before from the paper register, then confirm the period.")

EVIDENCE = {
    Standing.MET: N_("%(arrived)d dossiers have arrived; known until %(covered_until)s."),
    Standing.FEW: N_(
        "%(arrived)d dossiers, below %(threshold)d. %(devices)d machine(s): nothing held back until %(covered_until)s."
    ),
    Standing.ZERO: N_("No dossier. %(devices)d machine(s): nothing held back until %(covered_until)s."),
    Standing.HELD: N_(
        "%(arrived)d dossiers have arrived, %(unsent)d more are on the desk's machine, not sent yet; "
        "the oldest was received on %(oldest_unsent_on)s."
    ),
    Standing.SILENT: N_(
        "%(arrived)d dossiers have arrived; known until %(covered_until)s, unknown since. Last contact %(heard_at)s."
    ),
    Standing.NEVER_HEARD: N_("No contact in the period; last contact %(heard_at)s. What was entered is unknown."),
    Standing.NO_DEVICE: N_("No machine of this desk is enrolled; what was received there is unknown."),
    Standing.ELSEWHERE: N_("This desk uses other software; its file for the period is not in."),
    Standing.UNDER_REVIEW: N_("%(arrived)d dossiers have arrived; %(undecided)d more wait for a decision."),
    Standing.EXEMPT: N_("This desk is not judged in this period."),
}

SINCE_FIRST_MACHINE = {
    Standing.FEW: N_(
        "%(arrived)d dossiers, below %(threshold)d. %(devices)d machine(s), the first one since %(first_machine_on)s: "
        "nothing held back until %(covered_until)s."
    ),
    Standing.ZERO: N_(
        "No dossier. %(devices)d machine(s), the first one since %(first_machine_on)s: "
        "nothing held back until %(covered_until)s."
    ),
}
"""Of a desk that had no machine yet when the period began, whoever asks for the cause has to know that."""

NOT_KNOWN = (
    Standing.HELD,
    Standing.SILENT,
    Standing.NEVER_HEARD,
    Standing.NO_DEVICE,
    Standing.ELSEWHERE,
    Standing.UNDER_REVIEW,
)
"""Those of a desk of which nobody can say yet whether it entered enough."""

NEXT_STEPS = {
    Standing.MET: N_("Nothing to do."),
    Standing.FEW: N_("Supervisor: ask the desk for the cause."),
    Standing.ZERO: N_("Supervisor: ask the desk for the cause."),
    Standing.HELD: N_("Technician: restore the desk's network; the dossiers are safe on its machine."),
    Standing.SILENT: N_("Supervisor: phone the desk and ask it to connect."),
    Standing.NEVER_HEARD: N_("Supervisor: phone the desk and ask it to connect."),
    Standing.NO_DEVICE: N_("Province: send the desk an enrolment code."),
    Standing.ELSEWHERE: N_("Desk: hand in the file of the other software."),
    Standing.UNDER_REVIEW: N_("Province: decide what is set aside."),
    Standing.EXEMPT: N_("Nothing to do."),
}

STANDING_NAMES = {
    Standing.MET: N_("Reached the level"),
    Standing.FEW: N_("Entered fewer (confirmed)"),
    Standing.ZERO: N_("No dossiers (confirmed)"),
    Standing.HELD: N_("Entered, not sent yet"),
    Standing.SILENT: N_("Not known – no connection"),
    Standing.NEVER_HEARD: N_("No contact in the period"),
    Standing.NO_DEVICE: N_("No machine in use"),
    Standing.ELSEWHERE: N_("No figures from other software yet"),
    Standing.UNDER_REVIEW: N_("Being verified"),
    Standing.EXEMPT: N_("Not judged in this period"),
}
