"""How the dossiers resolved in a period went, as scoring asks: each against the law's limit and its appointment."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from central_server.central import Central
from central_server.reports.scoring import Against, Course
from central_server.services.packing_up import profile_of
from central_server.storage import procedures, reference, rules, scoring
from central_server.storage.procedures import EVERY_UNIT
from central_server.storage.scoring import ResolvedDossier
from central_server.storage.units import DeskNode
from sync_protocol import deadlines
from sync_protocol.dossiers import Wait
from sync_protocol.instants import local_date
from sync_protocol.packs import Packs
from sync_protocol.periods import Period
from sync_protocol.procedures import Procedure, ProcedureLimit
from sync_protocol.vocabulary import DeskCode, ProcedureCode, UnitLevel, WaitKind

UnitClerk = tuple[str, str]
"""The id of a unit, and the username of the clerk who received a dossier; "" where it was erased."""


Ways = tuple[Against, Against, int, bool, bool]
"""The fields of a Course, in their order."""


@dataclass(slots=True)
class LegalLimits:
    """By desk, the reference data as if every procedure took as long as the law allows.

    spans  within a day of reception a limit never ends earlier for what came later: by limit and day, from the first
           to the last instant of which is known on which day it ends, so that few dossiers are walked through calendars
    """

    packs: Mapping[DeskCode, Packs]
    levels: Mapping[DeskCode, UnitLevel]
    spans: dict[object, dict[date | None, tuple[int, int]]] = field(default_factory=dict)
    decided: dict[tuple[UnitLevel, ProcedureCode, date], bool] = field(default_factory=dict)

    def due_on(self, dossier: ResolvedDossier) -> date | None:
        """The day on which the law's limit ended; waits move it as they move an appointment, extensions do not.

        None where the limit is not loaded.
        """
        packs = self.packs[dossier.desk]
        if dossier.whole:
            waits = tuple(part for part in dossier.whole.timeline if isinstance(part, Wait))
            return _day_of(deadlines.due_at(replace(dossier.whole, timeline=waits), packs))
        code, at = dossier.procedure_code, dossier.received_ms
        whose = dossier.desk if code in packs.desk.limits else self.levels[dossier.desk]
        spans = self.spans.setdefault((whose, code, dossier.channel, dossier.received_on), {})
        for due_on, (first, last) in spans.items():
            if first <= at <= last:
                return due_on
        due_on = _day_of(deadlines.promised_at(packs, code, dossier.channel, dossier.received_at))
        first, last = spans.get(due_on, (at, at))
        spans[due_on] = (min(first, at), max(last, at))
        return due_on

    def is_decided_here(self, dossier: ResolvedDossier) -> bool:
        """Whether the desk's own unit alone decides: no other agency is named, or it was all done on the spot."""
        if dossier.whole and dossier.whole.on_the_spot:
            return True
        key = self.levels[dossier.desk], dossier.procedure_code, dossier.received_on
        if key not in self.decided:
            procedure = self.packs[dossier.desk].procedures.get(dossier.procedure_code)
            version = procedure.version_on(dossier.received_on) if procedure else None
            self.decided[key] = version is not None and not version.competent_unit
        return self.decided[key]


def legal_limits(central: Central, desks: Sequence[DeskNode], on: date) -> LegalLimits:
    """The law's limits at these desks, inside the caller's transaction."""
    about, calendar, own = central.about(), reference.calendar(), procedures.limits_by_unit()
    by_level = {level: _legal_procedures(level, own.get(EVERY_UNIT, {}), on) for level in UnitLevel}
    deadline_rules = rules.rules(on)
    packs = {}
    for desk in desks:
        limits = {code: legal for code, each in own.get(desk.unit.id, {}).items() if (legal := _legal(each))}
        profile = profile_of(desk, about, limits, deadline_rules)
        packs[desk.code] = Packs(procedures=by_level[desk.unit.level], calendar=calendar, desk=profile)
    return LegalLimits(packs, {desk.code: desk.unit.level for desk in desks})


def courses(
    period: Period, desks: Sequence[DeskNode], limits: LegalLimits, upheld: Collection[str]
) -> dict[UnitClerk, Counter[Course]]:
    """How many dossiers went which way, by unit and clerk; `upheld`: codes of dossiers with an upheld complaint."""
    unit_of = {desk.code: desk.unit.id for desk in desks}
    found: dict[UnitClerk, Counter[Ways]] = {}
    for each in scoring.resolved(period, list(unit_of)):
        ways = (
            _against(each.ended_on, limits.due_on(each)),
            _against(each.ended_on, each.due_on),
            _asked(each),
            limits.is_decided_here(each),
            each.dossier_code in upheld,
        )
        found.setdefault((unit_of[each.desk], each.received_by), Counter())[ways] += 1
    return {key: Counter({_course(ways): count for ways, count in gone.items()}) for key, gone in found.items()}


def _course(ways: Ways) -> Course:
    legal, promised, asked, is_one_agency, is_upheld = ways
    return Course(legal=legal, promised=promised, asked=asked, is_one_agency=is_one_agency, is_upheld=is_upheld)


def _day_of(due_at: datetime | None) -> date | None:
    return local_date(due_at) if due_at else None


def _legal_procedures(
    level: UnitLevel, limits: Mapping[ProcedureCode, Sequence[ProcedureLimit]], on: date
) -> dict[ProcedureCode, Procedure]:
    listed = procedures.procedures_of(level, on)
    return {each.code: replace(each, limits=_legal(limits.get(each.code, ()))) for each in listed}


def _legal(limits: Sequence[ProcedureLimit]) -> tuple[ProcedureLimit, ...]:
    """Limits as the law has them; one of which only the province's is known says nothing of the law."""
    return tuple(replace(each, committed=None) for each in limits if each.statutory)


def _against(ended_on: date, day: date | None) -> Against:
    if day is None:
        return Against.UNKNOWN
    if ended_on == day:
        return Against.SAME
    return Against.EARLIER if ended_on < day else Against.LATER


def _asked(each: ResolvedDossier) -> int:
    timeline = each.whole.timeline if each.whole else ()
    return sum(isinstance(part, Wait) and part.kind is WaitKind.SUPPLEMENT for part in timeline)
