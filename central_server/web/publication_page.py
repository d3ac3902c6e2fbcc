"""What the pages of published reports show: the list, and the versions of one with what is under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import request

from central_server.reports.by_hand import pieces
from central_server.services.closing import REASON_CHARACTERS_MAX, PeriodState, state_of
from central_server.services.editions import Listed, Restatement, Since
from central_server.services.publishing import DOCUMENT_NUMBER_CHARACTERS_MAX, TEXT_CHARACTERS_MAX
from central_server.services.reporting import layout_of
from central_server.services.versions import Manuscript, PublicationStory, Version, Withdrawal, corrections_in
from central_server.storage.publications import ReportOf
from central_server.web.closing import CAUSE_WORDS
from central_server.web.formatting import period_text, signed
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.present import central, signed_in
from central_server.web.publication_files import paragraphs
from central_server.web.publication_words import DifferenceShown, differences_shown, imprint
from central_server.web.report_document import Paragraphs
from central_server.web.report_files import FORMATS
from central_server.web.speech import gettext
from sync_protocol.instants import local_date
from sync_protocol.periods import period_name
from sync_protocol.vocabulary import Role

SHOWN_FIRST = 12
"""So many figures that differ stand on a page before somebody asks for the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The parts of a report's address."""

    name: str
    layout: str
    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A version in the list."""

    at: Address
    report: str
    period: str
    version: Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """All that was published and may be seen; `under_way` are addresses with the names of the reports."""

    rows: Sequence[ListRow]
    under_way: Sequence[tuple[Address, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextShown:
    """A report's text with what was written by hand; `made` as it was made, "" where it is the same."""

    paragraphs: Paragraphs
    by_hand: int
    made: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionShown:
    """A version as it was published; files by ending with their hashes in hexadecimal."""

    version: Version
    imprint: Sequence[tuple[str, str]]
    text: TextShown
    corrections: Sequence[DifferenceShown]
    files: Sequence[tuple[str, str]]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestatementShown:
    """When the period was restated since, why, and how many dossiers more or fewer for which cause."""

    at: datetime
    reason: str
    causes: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceShown:
    """What is otherwise now than in the newest version."""

    as_of: datetime
    differences: Sequence[DifferenceShown]
    restatements: Sequence[RestatementShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkShown:
    """What is under way.

    kept              the sentences that people wrote about earlier figures
    corrects_figures  whether a figure differs from the version before, if there is one
    """

    manuscript: Manuscript
    text: TextShown
    kept: Paragraphs
    corrects_figures: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands in the form."""

    text: str
    document_number: str
    issued_on: str
    reason: str
    withdrawal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPage:
    """The page of a report; `versions` are the newest first.

    work, withdrawn  what is under way or was withdrawn last, only for those of the province
    may_prepare      whether the period has ended, for one who may publish
    action           where its forms are sent, with what was chosen for the report
    """

    at: Address
    action: str
    report: str
    unit: str
    period: PeriodShown
    versions: Sequence[VersionShown]
    since: SinceShown | None
    work: WorkShown | None
    withdrawn: Withdrawal | None
    may_publish: bool
    may_prepare: bool
    sees_reasons: bool
    seen: int
    typed: Typed
    endings: Sequence[str]
    shown_first: int
    text_max: int
    number_max: int
    reason_max: int
    last_on: date
    today: date
    problem: str


def address(of: ReportOf) -> Address:
    """Where a report's publication stands."""
    return Address(name=period_name(of.period, central().about().series), layout=of.layout, unit_id=of.unit_id)


def list_page(listed: Sequence[Listed], under_way: Sequence[ReportOf]) -> ListPage:
    """The list."""
    return ListPage(
        rows=[
            ListRow(at=address(each.of), report=_report(each.of), period=period_text(each.of.period), version=each)
            for each in listed
        ],
        under_way=[(address(of), f"{_report(of)}, {period_text(of.period)}") for of in under_way],
    )


def publication_page(
    told: PublicationStory, unit: str, since: Since | None, *, action: str, sees_work: bool, problem: str
) -> PublicationPage:
    """The page of a report, with what was typed where it could not be done."""
    now, may_publish = central().now(), signed_in().person.role is Role.PROVINCE
    manuscript = told.manuscript if sees_work else None
    return PublicationPage(
        at=address(told.of),
        action=action,
        report=_report(told.of),
        unit=unit,
        period=shown_period(told.of.period, now),
        versions=[_version(each) for each in reversed(told.versions)],
        since=_since(since) if since else None,
        work=_work(told, manuscript) if manuscript else None,
        withdrawn=told.withdrawn if sees_work else None,
        may_publish=may_publish,
        may_prepare=may_publish and state_of(central(), told.of.period) is not PeriodState.OPEN,
        sees_reasons=sees_work,
        seen=told.seen,
        typed=_typed(manuscript, problem),
        endings=list(FORMATS),
        shown_first=SHOWN_FIRST,
        text_max=TEXT_CHARACTERS_MAX,
        number_max=DOCUMENT_NUMBER_CHARACTERS_MAX,
        reason_max=REASON_CHARACTERS_MAX,
        last_on=told.of.period.last_on,
        today=local_date(now),
        problem=problem,
    )


def _report(of: ReportOf) -> str:
    return gettext(layout_of(of.layout).name)


def _work(told: PublicationStory, manuscript: Manuscript) -> WorkShown:
    return WorkShown(
        manuscript=manuscript,
        text=_text(manuscript),
        kept=[pieces(each, manuscript.made) for each in manuscript.kept],
        corrects_figures=bool(corrections_in(told.versions, manuscript.report)),
    )


def _typed(manuscript: Manuscript | None, problem: str) -> Typed:
    text = manuscript.text if manuscript else ""
    form = request.form if problem else {}
    return Typed(
        text=form.get("text", text)[:TEXT_CHARACTERS_MAX],
        document_number=form.get("document_number", "")[:DOCUMENT_NUMBER_CHARACTERS_MAX],
        issued_on=form.get("issued_on", ""),
        reason=form.get("reason", "")[:REASON_CHARACTERS_MAX],
        withdrawal=form.get("withdrawal", "")[:REASON_CHARACTERS_MAX],
    )


def _version(version: Version) -> VersionShown:
    return VersionShown(
        version=version,
        imprint=imprint(version),
        text=_text(version.manuscript),
        corrections=differences_shown(version.corrections, version.manuscript.changes),
        files=[(ending, version.files[ending].hex()) for ending in sorted(version.files, key=_place)],
        hash=version.hash.hex(),
    )


def _place(ending: str) -> tuple[bool, int, str]:
    """In the order of today's formats, then those that there were once."""
    known = list(FORMATS)
    return ending not in known, known.index(ending) if ending in known else 0, ending


def _text(manuscript: Manuscript) -> TextShown:
    told = paragraphs(manuscript)
    return TextShown(
        paragraphs=told,
        by_hand=sum(piece.is_by_hand for line in told for piece in line),
        made=manuscript.made if manuscript.made != manuscript.text else "",
    )


def _since(since: Since) -> SinceShown:
    return SinceShown(
        as_of=since.as_of,
        differences=differences_shown(since.differences, since.changes),
        restatements=[_restatement(each) for each in since.restatements],
    )


def _restatement(each: Restatement) -> RestatementShown:
    causes = [(gettext(CAUSE_WORDS[cause]), signed(count)) for cause, count in each.causes.items() if count]
    return RestatementShown(at=each.at, reason=each.reason, causes=causes)
