"""What was published of reports, for whoever may see the unit, and what has become otherwise since."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from central_server.central import Central
from central_server.reports.choices import choices
from central_server.reports.differences import Difference, differences
from central_server.services import versions
from central_server.services.desk_changes import desk_changes
from central_server.services.reporting import layout_of, make_report, unit_of
from central_server.services.snapshots import Change, ChangeCause, read_snapshot
from central_server.services.versions import PublicationStory, Version
from central_server.storage import periods, publications, units
from central_server.storage.database import reading
from central_server.storage.periods import PeriodStep
from central_server.storage.publications import ReportOf, StepTaken
from central_server.storage.units import EVERYTHING, Scope, UnitNode
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.periods import Period


class UnknownFile(FieldSyncError):
    """A version or a file that was not published."""

    code = "unknown_publication"
    text = N_("There is no such published file. Nothing was changed; go back to the list of published reports.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatement:
    """That the period was restated after a report: when, why, and how many dossiers for which cause."""

    at: datetime
    reason: str
    causes: Mapping[ChangeCause, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is otherwise now than it was published: each figure, why at which desk, and the restatements since."""

    as_of: datetime
    differences: Sequence[Difference]
    changes: Sequence[Change]
    restatements: Sequence[Restatement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A version in the list of what was published; the newest of a report has nothing after it."""

    of: ReportOf
    unit: str
    revision: int
    document_number: str
    issued_on: date
    approved_by: str
    corrects: str
    is_provisional: bool
    is_newest: bool


def story(central: Central, scope: Scope, of: ReportOf) -> PublicationStory:
    """What was published of a report and is under way; raises UnknownReport, UnknownUnit."""
    layout_of(of.layout)
    with reading(central.database):
        unit_of(scope, of.unit_id, of.period)
        return versions.story_of(of, publications.steps(of))


def reported_unit(central: Central, scope: Scope, unit_id: str | None, period: Period) -> UnitNode:
    """The unit that a report is about, without one asked for the top of what the scope may see; raises UnknownUnit."""
    with reading(central.database):
        return unit_of(scope, unit_id, period)


def listed(central: Central, scope: Scope) -> list[Listed]:
    """Every version that was published of the units of a scope, latest periods and versions first."""
    with reading(central.database):
        steps = publications.publishings()
        trees = {step.of.period.last_on: units.tree(step.of.period.last_on) for step in steps}
    newest = {step.of: step.number for step in steps}
    told = []
    for step in steps:
        unit = trees[step.of.period.last_on].get(step.of.unit_id)
        if unit is not None and units.is_inside(unit, scope):
            told.append(_listed(step, unit.name, is_newest=newest[step.of] == step.number))
    return sorted(told, key=lambda each: (each.of.period.last_on, each.revision), reverse=True)


def under_way(central: Central) -> list[ReportOf]:
    """The reports of which a version is prepared and not published yet."""
    with reading(central.database):
        return publications.under_way()


def since(central: Central, version: Version) -> Since:
    """What is otherwise now than in a version, and why as far as restatements tell it."""
    of, chosen = version.of, choices(version.report.provenance.rules)
    now = make_report(central, EVERYTHING, of.layout, of.period, unit_id=of.unit_id, choices=chosen)
    with reading(central.database):
        codes = {desk.code for desk in units.desks_in(Scope(root=of.unit_id), of.period)}
        steps = periods.steps(of.period)
        changes = desk_changes(version.report, now)
    published_at = version.report.provenance.as_of
    return Since(
        as_of=now.provenance.as_of,
        differences=differences(version.report, now),
        changes=changes,
        restatements=[
            _restatement(step, codes)
            for step in steps
            if step.step is PeriodStep.RESTATE and step.taken_at > published_at
        ],
    )


def file(central: Central, scope: Scope, of: ReportOf, revision: int, ending: str) -> bytes:
    """A file as it was published, byte for byte; raises UnknownReport, UnknownUnit, UnknownFile."""
    told = story(central, scope, of)
    if not 0 <= revision < len(told.versions):
        raise UnknownFile
    with reading(central.database):
        raw = publications.file(of, told.versions[revision].number, ending)
    if raw is None:
        raise UnknownFile
    return raw


def _listed(step: StepTaken, unit: str, *, is_newest: bool) -> Listed:
    content = versions.said(step.signed)
    return Listed(
        of=step.of,
        unit=unit,
        revision=content["revision"],
        document_number=content["document_number"],
        issued_on=date.fromisoformat(content["issued_on"]),
        approved_by=content["approved_by"],
        corrects=content["corrects"],
        is_provisional=content["provisional"],
        is_newest=is_newest,
    )


def _restatement(step: periods.StepTaken, codes: set[str]) -> Restatement:
    assert step.snapshot is not None, "a restatement publishes figures"
    causes: Counter[ChangeCause] = Counter()
    for change in read_snapshot(step.snapshot).changes:
        if change.desk in codes:
            causes[change.cause] += change.dossiers
    return Restatement(at=step.taken_at, reason=step.reason, causes=causes)
