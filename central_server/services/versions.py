"""The versions of a published report: what each step towards them says, signed and chained, and what they come to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from central_server.reports.carried_text import carried, kept
from central_server.reports.differences import Difference, Figure, differences
from central_server.reports.kept import content_of_report, report_of_content
from central_server.reports.rates import Rate, plain_amount
from central_server.reports.report import Report
from central_server.services.snapshots import Change, ChangeCause
from central_server.storage.people import Person
from central_server.storage.publications import PublicationStep, ReportOf, StepTaken
from sync_protocol.instants import instant_text
from sync_protocol.signing import Signed, SigningKey, content_of, decoded, encoded
from sync_protocol.vocabulary import DeskCode

PUBLICATION = "publication"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who did something, by which name, and when."""

    by: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """A report on its way to be published.

    made      its text as it was made of the figures
    begun     the text that people were given to begin with: with sentences of theirs from before
    text      as it shall be published
    changes   why desks received more or fewer dossiers than in the version before
    reason    why figures that were published are corrected; "" for a first version
    approved  by whom it may be published as it is now; None after every change
    """

    report: Report
    made: str
    begun: str
    text: str
    changes: Sequence[Change]
    reason: str
    prepared: Deed
    edited: Deed | None = None
    approved: Deed | None = None

    @property
    def kept(self) -> Sequence[str]:
        """Sentences that people wrote about earlier figures and that stand in it word for word."""
        return kept(self.made, self.begun, self.text)

    @property
    def is_provisional(self) -> bool:
        """Whether its figures may still grow: a desk is not known to the end, or the period is not closed."""
        return self.report.is_provisional or not self.report.provenance.snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """That what was under way shall not be published: by whom and why."""

    deed: Deed
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A report as it was published, or is about to be.

    revision     0 for the first, then 1, 2 … for corrections; `number` is that of the step
    issued_on    the date of the document that publishes it
    corrects     number of the document whose figures it corrects, "" for the first
    corrections  the figures that stood otherwise there
    files        SHA-256 of each file by its ending; hash: that of the signed document
    """

    of: ReportOf
    revision: int
    number: int
    manuscript: Manuscript
    published: Deed
    document_number: str
    issued_on: date
    corrects: str
    corrections: Sequence[Difference]
    files: Mapping[str, bytes]
    hash: bytes = b""

    @property
    def report(self) -> Report:
        """The figures that were published."""
        return self.manuscript.report


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationStory:
    """What was published of a report, oldest first, and what is under way.

    withdrawn  set while the last step is that a draft was withdrawn
    seen       the number of the last step
    """

    of: ReportOf
    versions: Sequence[Version]
    manuscript: Manuscript | None
    withdrawn: Withdrawal | None
    seen: int


def story_of(of: ReportOf, steps: Sequence[StepTaken]) -> PublicationStory:
    """What the steps of a report come to."""
    versions: list[Version] = []
    manuscript: Manuscript | None = None
    withdrawn: Withdrawal | None = None
    for taken in steps:
        content = said(taken.signed)
        deed = Deed(by=taken.taken_by, name=content["name"], at=taken.taken_at)
        withdrawn = None
        if taken.step is PublicationStep.PREPARE:
            manuscript = _prepared(content, deed)
            continue
        assert manuscript is not None, "nothing is done about a report before it is prepared"
        if taken.step is PublicationStep.EDIT:
            manuscript = replace(_said_otherwise(manuscript, content, deed), approved=None)
        elif taken.step is PublicationStep.APPROVE:
            manuscript = replace(_said_otherwise(manuscript, content, deed), approved=deed)
        elif taken.step is PublicationStep.WITHDRAW:
            manuscript, withdrawn = None, Withdrawal(deed=deed, reason=content["reason"])
        else:
            issued_on = date.fromisoformat(content["issued_on"])
            version = version_of(of, versions, manuscript, deed, content["document_number"], issued_on)
            files = {ending: decoded(hash_) for ending, hash_ in content["files"].items()}
            hash_ = hashlib.sha256(taken.signed.body).digest()
            versions.append(replace(version, number=taken.number, files=files, hash=hash_))
            manuscript = None
    return PublicationStory(of=of, versions=versions, manuscript=manuscript, withdrawn=withdrawn, seen=len(steps))


def version_of(
    of: ReportOf,
    before: Sequence[Version],
    manuscript: Manuscript,
    published: Deed,
    document_number: str,
    issued_on: date,
) -> Version:
    """The version that follows those before it, without its files."""
    return Version(
        of=of,
        revision=len(before),
        number=0,
        manuscript=manuscript,
        published=published,
        document_number=document_number,
        issued_on=issued_on,
        corrects=before[-1].document_number if before else "",
        corrections=corrections_in(before, manuscript.report),
        files={},
    )


def corrections_in(before: Sequence[Version], report: Report) -> Sequence[Difference]:
    """The figures of a report that stand otherwise in the last version; none before the first."""
    return differences(before[-1].report, report) if before else ()


def begun_text(told: PublicationStory, made: str) -> str:
    """The text to begin with: what people wrote for the draft under way, else for the last version, is kept."""
    before = told.manuscript or (told.versions[-1].manuscript if told.versions else None)
    return carried(before.made, before.text, made) if before else made


def prepared_content(report: Report, made: str, begun: str, changes: Sequence[Change], reason: str) -> dict[str, Any]:
    """What a preparation says."""
    return {
        "report": content_of_report(report),
        "made": made,
        "begun": begun,
        "changes": [[each.desk, each.cause.value, each.dossiers] for each in changes],
        "reason": reason,
    }


def published_content(version: Version, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What a publication says: all that the version is known by, and the hash of each file."""
    report, provenance = version.report, version.report.provenance
    return {
        "document_number": version.document_number,
        "issued_on": version.issued_on.isoformat(),
        "revision": version.revision,
        "text": version.manuscript.text,
        "approved_by": version.manuscript.approved.name if version.manuscript.approved else "",
        "report_hash": encoded(hashlib.sha256(report.as_json()).digest()),
        "as_of": instant_text(provenance.as_of),
        "units_on": provenance.units_on.isoformat(),
        "rules": dict(provenance.rules),
        "snapshot": provenance.snapshot,
        "provisional": version.manuscript.is_provisional,
        "corrects": version.corrects,
        "corrections": [[str(each.at), _told(each.old), _told(each.new)] for each in version.corrections],
        "files": {ending: encoded(hashlib.sha256(raw).digest()) for ending, raw in files.items()},
    }


def signed_step(
    key: SigningKey,
    of: ReportOf,
    steps: Sequence[StepTaken],
    step: PublicationStep,
    content: Mapping[str, Any],
    *,
    by: Person,
    at: datetime,
) -> StepTaken:
    """The step that follows those taken, signed, with the hash of the one before it."""
    number = len(steps) + 1
    whole = {
        **content,
        "format": FORMAT,
        "layout": of.layout,
        "unit": of.unit_id,
        "period": str(of.period),
        "number": number,
        "step": step.value,
        "taken_at": instant_text(at),
        "taken_by": by.username,
        "name": by.full_name,
        "previous": encoded(hashlib.sha256(steps[-1].signed.body).digest()) if steps else "",
    }
    signed = key.sign(PUBLICATION, whole)
    return StepTaken(of=of, number=number, step=step, taken_at=at, taken_by=by.username, signed=signed)


def said(signed: Signed) -> dict[str, Any]:
    """What a step says, whose signature the caller has verified or made; raises NotADocument."""
    return content_of(signed, PUBLICATION)


def _prepared(content: Mapping[str, Any], deed: Deed) -> Manuscript:
    # What was prepared by an earlier program began with the text as it was made, and told no changes.
    begun = content.get("begun", content["made"])
    return Manuscript(
        report=report_of_content(content["report"]),
        made=content["made"],
        begun=begun,
        text=begun,
        changes=[
            Change(desk=DeskCode(desk), cause=ChangeCause(cause), dossiers=dossiers)
            for desk, cause, dossiers in content.get("changes", ())
        ],
        reason=content["reason"],
        prepared=deed,
    )


def _said_otherwise(manuscript: Manuscript, content: Mapping[str, Any], deed: Deed) -> Manuscript:
    """With the text of a step, and who has written it if it is another one."""
    is_other = content["text"] != manuscript.text
    return replace(manuscript, text=content["text"], edited=deed) if is_other else manuscript


def _told(figure: Figure) -> Any:
    if isinstance(figure, Rate):
        return [plain_amount(figure.numerator), plain_amount(figure.denominator)]
    return figure
