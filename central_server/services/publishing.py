"""Publishing a report: prepared, its text edited, approved by a named person, and kept for ever as it was published.

What was prepared by mistake is withdrawn with a reason while nobody has approved it; its steps stay on record.
Nothing that was published changes: what turns out otherwise later is published as a correction, which names the figure
that stood. Who acts says which step they saw last, so that a second click does nothing and nobody acts on a page that
others have passed by.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from central_server.central import Central
from central_server.reports.choices import USUAL, Choices
from central_server.reports.report import Report
from central_server.services import closing, versions
from central_server.services.closing import PeriodState, ReasonNeeded
from central_server.services.desk_changes import desk_changes
from central_server.services.editions import story
from central_server.services.reporting import make_report
from central_server.services.signing_in import NotOfTheProvince
from central_server.services.snapshots import Change as DeskChange
from central_server.services.versions import Deed, Manuscript, PublicationStory, Version
from central_server.storage import centre, changes, publications
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.people import Person
from central_server.storage.publications import PublicationStep, ReportOf, StepTaken
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import local_date
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import Role

TEXT_CHARACTERS_MAX = 20_000
REASON_CHARACTERS_MAX = 500
DOCUMENT_NUMBER_CHARACTERS_MAX = 60

Drawn = Mapping[str, bytes]
"""Files by their endings."""


class ReportTooEarly(FieldSyncError):
    """A report of a period that runs is prepared."""

    code = "report_too_early"
    text = N_(
        "The period %(period)s has not ended yet, so that its report cannot be published. Nothing was changed; come "
        "back after its last day."
    )


class NotPrepared(FieldSyncError):
    """A report is edited, approved or published that nobody has prepared."""

    code = "report_not_prepared"
    text = N_("This report has not been prepared for publication. Nothing was changed; prepare it first.")


class NotApproved(FieldSyncError):
    """A report is published that nobody has approved as it is now."""

    code = "report_not_approved"
    text = N_("This report has not been approved as it is now. Nothing was published; approve it first.")


class IsApproved(FieldSyncError):
    """A draft is withdrawn that somebody has approved as it is."""

    code = "report_is_approved"
    text = N_(
        "This draft has been approved as it is now, so that it was not withdrawn. Nothing was changed; save its text "
        "once more, which takes the approval back, then withdraw it."
    )


class ChangedMeanwhile(FieldSyncError):
    """Somebody else has done something about the report since the page was shown."""

    code = "report_changed_meanwhile"
    text = N_(
        "Somebody has worked on this report since you opened the page. Nothing of yours was done; look at the page as "
        "it is now, and decide again."
    )


class NothingToCorrect(FieldSyncError):
    """A correction would publish the same figures and the same text."""

    code = "nothing_to_correct"
    text = N_("Neither a figure nor the text differs from what was published. Nothing was published.")


class BadDocument(FieldSyncError):
    """A document number or date that a publication cannot have."""

    code = "bad_document"
    text = N_(
        "A publication needs the number of its document, which no earlier version has, of at most %(most)d characters, "
        "and a date between the end of the period and today. Nothing was published; correct it and try again."
    )


class TextMissing(FieldSyncError):
    """A report's text is empty."""

    code = "report_text_missing"
    text = N_("The text of the report is empty. Nothing was saved; write it, or prepare the report once more.")


class TextTooLong(FieldSyncError):
    """A report's text is longer than is kept."""

    code = "report_text_too_long"
    text = N_("The text has more than %(most)d characters. Nothing was saved; shorten it and try again.")


def prepare(
    central: Central,
    of: ReportOf,
    *,
    worded: Callable[[Report], str],
    by: Person,
    seen: int,
    choices: Choices = USUAL,
    reason: str = "",
) -> None:
    """Freezes the figures of now, with their text and what people wrote into it before, to be approved.

    worded  gives the text of a report in its words
    seen    number of the last step that the person knows
    Raises NotOfTheProvince, UnknownReport, UnknownUnit, ChangedMeanwhile, ReportTooEarly, ReasonNeeded.
    """
    told = _told_to(central, of, by)
    typed = {"reason": _reason(reason)}
    if _is_done(central, of, PublicationStep.PREPARE, typed, by=by, seen=seen):
        return
    if closing.state_of(central, of.period) is PeriodState.OPEN:
        raise ReportTooEarly(period=str(of.period))
    check_reason(told, reason)
    report = make_report(central, EVERYTHING, of.layout, of.period, unit_id=of.unit_id, choices=choices)
    made = worded(report)
    content = versions.prepared_content(
        report, made, versions.begun_text(told, made), _changes(central, told, report), typed["reason"]
    )
    _take(central, of, PublicationStep.PREPARE, content, typed, by=by, seen=seen, at=central.now())


def edit(central: Central, of: ReportOf, text: str, *, by: Person, seen: int) -> None:
    """Keeps another text beside the one that was made, which then has to be approved again.

    Raises NotOfTheProvince, UnknownReport, UnknownUnit, ChangedMeanwhile, NotPrepared, TextMissing, TextTooLong,
    BadText.
    """
    _say(central, of, PublicationStep.EDIT, text, by=by, seen=seen)


def approve(central: Central, of: ReportOf, text: str, *, by: Person, seen: int) -> None:
    """Lets the report be published with this text, in a person's name, who may be the one that has prepared it.

    Raises NotOfTheProvince, UnknownReport, UnknownUnit, ChangedMeanwhile, NotPrepared, TextMissing, TextTooLong,
    BadText, NothingToCorrect.
    """
    _say(central, of, PublicationStep.APPROVE, text, by=by, seen=seen)


def publish(
    central: Central,
    of: ReportOf,
    text: str,
    *,
    document_number: str,
    issued_on: date,
    drawn: Callable[[Version], Drawn],
    by: Person,
    seen: int,
) -> None:
    """Publishes what was approved, under the number and date of a document, with its files.

    text   as the person sees it, which has to be the one that was approved
    drawn  gives the files of a version
    Raises NotOfTheProvince, UnknownReport, UnknownUnit, ChangedMeanwhile, NotPrepared, NotApproved, BadDocument.
    """
    told, now = _told_to(central, of, by), central.now()
    typed = {
        "document_number": normalised(document_number),
        "issued_on": issued_on.isoformat(),
        "text": check_text(text),
    }
    if _is_done(central, of, PublicationStep.PUBLISH, typed, by=by, seen=seen):
        return
    manuscript = _manuscript(told)
    if manuscript.approved is None or manuscript.text != typed["text"]:
        raise NotApproved
    check_document(told, typed["document_number"], issued_on, local_date(now))
    version = _version(told, by, now, typed["document_number"], issued_on)
    files = drawn(version)
    content = versions.published_content(version, files)
    _take(central, of, PublicationStep.PUBLISH, content, typed, by=by, seen=seen, at=now, files=files)


def withdraw(central: Central, of: ReportOf, *, reason: str, by: Person, seen: int) -> None:
    """Puts what is under way aside, unpublished; what was published before stays as it is.

    Raises NotOfTheProvince, UnknownReport, UnknownUnit, ChangedMeanwhile, NotPrepared, IsApproved, ReasonNeeded.
    """
    told, typed = _told_to(central, of, by), {"reason": _reason(reason)}
    if _is_done(central, of, PublicationStep.WITHDRAW, typed, by=by, seen=seen):
        return
    if _manuscript(told).approved is not None:
        raise IsApproved
    if not typed["reason"]:
        raise ReasonNeeded
    _take(central, of, PublicationStep.WITHDRAW, typed, typed, by=by, seen=seen, at=central.now())


def draft(central: Central, of: ReportOf, *, by: Person) -> Version:
    """What would be published now, without a number; raises UnknownReport, UnknownUnit, NotPrepared."""
    now = central.now()
    return _version(story(central, by.scope, of), by, now, "", local_date(now))


def check_text(text: str) -> str:
    """A text as it is kept; raises TextMissing, TextTooLong, BadText."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise TextTooLong(most=TEXT_CHARACTERS_MAX)
    kept = "\n".join(normalised(line) for line in text.splitlines()).strip()
    if not kept:
        raise TextMissing
    return kept


def check_reason(told: PublicationStory, reason: str) -> None:
    """Raises ReasonNeeded for a correction without one."""
    if told.versions and not normalised(reason):
        raise ReasonNeeded


def check_corrects(told: PublicationStory, report: Report, text: str) -> None:
    """Raises NothingToCorrect where the last version says the same already; a rate also says what it is made of."""
    said_before = told.versions[-1].manuscript.text if told.versions else None
    if text == said_before and not versions.corrections_in(told.versions, report):
        raise NothingToCorrect


def check_document(told: PublicationStory, number: str, issued_on: date, today: date) -> None:
    """Raises BadDocument for a number or a day that a version of a report cannot have."""
    is_taken = number in [version.document_number for version in told.versions]
    if (
        is_taken
        or not 0 < len(number) <= DOCUMENT_NUMBER_CHARACTERS_MAX
        or not told.of.period.last_on < issued_on <= today
    ):
        raise BadDocument(most=DOCUMENT_NUMBER_CHARACTERS_MAX)


def check_may_publish(person: Person) -> None:
    """Raises NotOfTheProvince for those who may not publish."""
    if person.role is not Role.PROVINCE:
        raise NotOfTheProvince


def _say(central: Central, of: ReportOf, step: PublicationStep, text: str, *, by: Person, seen: int) -> None:
    """Keeps a step that is about the text."""
    typed = {"text": check_text(text)}
    told = _told_to(central, of, by)
    if _is_done(central, of, step, typed, by=by, seen=seen):
        return
    manuscript = _manuscript(told)
    if step is PublicationStep.APPROVE:
        # Here and not where it is published, so that nothing stays approved that never can be.
        check_corrects(told, manuscript.report, typed["text"])
    _take(central, of, step, typed, typed, by=by, seen=seen, at=central.now())


def _version(told: PublicationStory, by: Person, at: datetime, document_number: str, issued_on: date) -> Version:
    deed = Deed(by=by.username, name=by.full_name, at=at)
    return versions.version_of(told.of, told.versions, _manuscript(told), deed, document_number, issued_on)


def _told_to(central: Central, of: ReportOf, by: Person) -> PublicationStory:
    """What there is of a report, for a person who wants to do something about it."""
    told = story(central, by.scope, of)
    check_may_publish(by)
    return told


def _changes(central: Central, told: PublicationStory, report: Report) -> Sequence[DeskChange]:
    """Why desks have other figures than in the last version; nothing before the first."""
    if not told.versions:
        return ()
    with reading(central.database):
        return desk_changes(told.versions[-1].report, report)


def _reason(typed: str) -> str:
    return normalised(typed)[:REASON_CHARACTERS_MAX]


def _manuscript(told: PublicationStory) -> Manuscript:
    if told.manuscript is None:
        raise NotPrepared
    return told.manuscript


def _is_done(
    central: Central, of: ReportOf, step: PublicationStep, typed: Mapping[str, str], *, by: Person, seen: int
) -> bool:
    """Whether the last step is this one already, as after a second click; raises ChangedMeanwhile for any other."""
    with reading(central.database):
        return _is_repeated(publications.steps(of), step, typed, by=by, seen=seen)


def _is_repeated(
    taken: Sequence[StepTaken], step: PublicationStep, typed: Mapping[str, str], *, by: Person, seen: int
) -> bool:
    if len(taken) == seen:
        return False
    if len(taken) == seen + 1:
        last, content = taken[-1], versions.said(taken[-1].signed)
        if (last.step, last.taken_by) == (step, by.username) and typed.items() <= content.items():
            return True
    raise ChangedMeanwhile


def _take(
    central: Central,
    of: ReportOf,
    step: PublicationStep,
    content: Mapping[str, Any],
    typed: Mapping[str, str],
    *,
    by: Person,
    seen: int,
    at: datetime,
    files: Drawn | None = None,
) -> None:
    """Signs and keeps a step, unless it was taken while this one was made ready."""
    with write_transaction(central.database):
        centre.lock()
        taken = publications.steps(of)
        if _is_repeated(taken, step, typed, by=by, seen=seen):
            return
        signed = versions.signed_step(central.keys.signing, of, taken, step, content, by=by, at=at)
        publications.keep(signed, files or {})
        changes.keep(_change(signed, typed))


def _change(taken: StepTaken, typed: Mapping[str, str]) -> Change:
    said = {name: value for name, value in typed.items() if name not in ("reason", "text")}
    return Change(
        at=taken.taken_at,
        who=taken.taken_by,
        what=f"{taken.step.value}_report",
        before={},
        after={
            "layout": taken.of.layout,
            "unit": taken.of.unit_id,
            "period": str(taken.of.period),
            "step": taken.number,
            **said,
        },
        reason=typed.get("reason", ""),
    )
