"""How the dossiers resolved in a period went, as scoring asks: each against the law's limit and its appointment."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalLimits:
    """By desk, the reference data as if every procedure took as long as the law allows."""

    packs: Mapping[DeskCode, Packs]

    def due_on(self, dossier: ResolvedDossier) -> date | None:
        """The day on which the law's limit ended; waits move it as they move an appointment, extensions do not.

        None where the limit is not loaded.
        """
        packs = self.packs[dossier.desk]
        if dossier.whole is None:
            due_at = deadlines.promised_at(packs, dossier.procedure_code, dossier.channel, dossier.received_at)
        else:
            waits = tuple(part for part in dossier.whole.timeline if isinstance(part, Wait))
            due_at = deadlines.due_at(replace(dossier.whole, timeline=waits), packs)
        return local_date(due_at) if due_at else None

    def is_decided_here(self, dossier: ResolvedDossier) -> bool:
        """Whether the desk's own unit alone decides: no other agency is named, or it was all done on the spot."""
        if dossier.whole and dossier.whole.on_the_spot:
            return True
        procedure = self.packs[dossier.desk].procedures.get(dossier.procedure_code)
        version = procedure.version_on(dossier.received_on) if procedure else None
        return version is not None and not version.competent_unit


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
    return LegalLimits(packs=packs)


def courses(
    period: Period, desks: Sequence[DeskNode], limits: LegalLimits, upheld: Collection[str]
) -> dict[UnitClerk, Counter[Course]]:
    """How many dossiers went which way, by unit and clerk; `upheld`: codes of dossiers with an upheld complaint."""
    unit_of = {desk.code: desk.unit.id for desk in desks}
    found: dict[UnitClerk, Counter[Course]] = {}
    for each in scoring.resolved(period, list(unit_of)):
        course = Course(
            legal=_against(each.ended_on, limits.due_on(each)),
            promised=_against(each.ended_on, each.due_on),
            asked=_asked(each),
            is_one_agency=limits.is_decided_here(each),
            is_upheld=each.dossier_code in upheld,
        )
        found.setdefault((unit_of[each.desk], each.received_by), Counter())[course] += 1
    return found


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
