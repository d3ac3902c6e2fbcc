"""A report is published once, kept to the byte for ever, and corrected in the open."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from peewee import DatabaseError

from central_server.__main__ import cli
from central_server.central import Central
from central_server.commands import console
from central_server.reports.choices import Choices, Mean, RateBasis
from central_server.reports.differences import at_desks
from central_server.reports.report import Report
from central_server.services import closing, editions, publishing, signing_in, standing
from central_server.services.backing_up import back_up
from central_server.services.closing import ReasonNeeded
from central_server.services.desk_changes import desk_changes
from central_server.services.editions import UnknownFile
from central_server.services.exporting import export
from central_server.services.lines import BadFile
from central_server.services.publishing import (
    TEXT_CHARACTERS_MAX,
    BadDocument,
    ChangedMeanwhile,
    IsApproved,
    NotApproved,
    NothingToCorrect,
    NotPrepared,
    ReportTooEarly,
    TextMissing,
    TextTooLong,
)
from central_server.services.reporting import UnknownReport, make_report
from central_server.services.signing_in import NotOfTheProvince, UnknownUnit, UnknownUser
from central_server.services.snapshots import Change, ChangeCause
from central_server.services.unusable import Unusable
from central_server.services.verifying import verify
from central_server.services.versions import PUBLICATION, PublicationStory, Version, said, story_of
from central_server.storage import models, publications
from central_server.storage.database import reading, write_transaction
from central_server.storage.people import Person
from central_server.storage.publications import ReportOf
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.messages import error_text
from sync_protocol.periods import PeriodSeries
from sync_protocol.signing import opened
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD
from tests.central.test_backups import empty_database, folder, restored, safe
from tests.central.test_verifying_centre import audited, faulty_tables
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DATABASES, DESK, OTHER_DESK, close
from tests.damage import without_triggers
from tests.factories import StandingClock

__all__ = ["empty_database", "folder", "safe"]

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
NOVEMBER = PeriodSeries(last_day=20).month(2021, 11)
DAY, ISSUED_ON = date(2021, 10, 4), date(2021, 10, 22)
NUMBER, OTHER_NUMBER = "12/BC-VP", "15/ĐC-VP"
MADE = "Đã tiếp nhận 3 hồ sơ."
VAN = Person(username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, scope=EVERYTHING)
BINH = Person(username="binh", full_name="Lê Văn Bình", role=Role.PROVINCE, scope=EVERYTHING)


@pytest.fixture
def writer(central: Central, clock: StandingClock) -> Writer:
    """A desk that has sent three dossiers of October, which is closed."""
    each = enrolled_writer(central)
    for _ in range(3):
        each.receive(DAY)
    each.send()
    clock.at = datetime(2021, 10, 22, 2, tzinfo=UTC)
    each.send(each.alone(acknowledged=each.head))
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi, máy hỏng")
    return each


@pytest.fixture
def of(writer: Writer, central: Central) -> ReportOf:
    """The monthly report of the whole province."""
    return ReportOf(layout="monthly", unit_id=unit_id(central, "26"), period=OCTOBER)


def unit_id(central: Central, code: str) -> str:
    """The id of a unit at the period's end."""
    found = standing.unit_id(central, code, OCTOBER)
    assert found
    return found


def worded(report: Report) -> str:
    """The text of a report, as the page would word it."""
    [received] = [row.cells[0] for row in report.sections[0].rows if row.key == "received_new"]
    return f"Đã tiếp nhận {received} hồ sơ."


def drawn(version: Version) -> Mapping[str, bytes]:
    """Files of a version."""
    return {"json": version.report.as_json(), "txt": f"{version.document_number}: {version.manuscript.text}".encode()}


def told(central: Central, of: ReportOf) -> PublicationStory:
    return editions.story(central, EVERYTHING, of)


def text_of(central: Central, of: ReportOf) -> str:
    """The text as the page shows it."""
    story = told(central, of)
    return story.manuscript.text if story.manuscript else MADE


def prepared(central: Central, of: ReportOf, **overrides: Any) -> None:
    values: dict[str, Any] = {"worded": worded, "by": VAN, "seen": told(central, of).seen}
    publishing.prepare(central, of, **values | overrides)


def approved(central: Central, of: ReportOf, **overrides: Any) -> None:
    values: dict[str, Any] = {"by": BINH, "seen": told(central, of).seen, "text": text_of(central, of)}
    publishing.approve(central, of, **values | overrides)


def published(central: Central, of: ReportOf, **overrides: Any) -> None:
    values: dict[str, Any] = {"document_number": NUMBER, "issued_on": ISSUED_ON, "drawn": drawn, "by": BINH}
    publishing.publish(
        central, of, **values | {"seen": told(central, of).seen, "text": text_of(central, of)} | overrides
    )


def put_out(central: Central, of: ReportOf, number: str = NUMBER, reason: str = "") -> Version:
    """Prepares, approves and publishes."""
    prepared(central, of, reason=reason)
    approved(central, of)
    published(central, of, document_number=number)
    return told(central, of).versions[-1]


def arrived_late(writer: Writer, clock: StandingClock) -> None:
    clock.move(hours=1)
    writer.receive(DAY)
    writer.send()


def test_what_was_prepared_is_published_whatever_arrives_meanwhile(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    before = make_report(central, EVERYTHING, "monthly", OCTOBER, unit_id=of.unit_id)
    prepared(central, of)
    arrived_late(writer, clock)
    approved(central, of)

    published(central, of)

    [version] = told(central, of).versions
    assert version.report.as_json() == before.as_json()
    assert (version.document_number, version.issued_on, version.revision) == (NUMBER, ISSUED_ON, 0)
    manuscript = version.manuscript
    assert manuscript.approved is not None
    assert (manuscript.prepared.name, manuscript.approved.name) == ("Trần Thị Vân", "Lê Văn Bình")
    assert (manuscript.made, manuscript.is_provisional) == (MADE, True)


def test_a_version_is_signed_by_the_centre_and_follows_its_steps(central: Central, of: ReportOf) -> None:
    put_out(central, of)

    with reading(central.database):
        steps = publications.steps(of)

    contents = [opened(step.signed, PUBLICATION, central.keys.signing.public) for step in steps]
    assert [each["step"] for each in contents] == ["prepare", "approve", "publish"]
    assert contents[0]["previous"] == ""
    assert len({each["previous"] for each in contents}) == 3
    last, report = contents[-1], told(central, of).versions[0].report
    assert (last["as_of"], last["units_on"]) == ("2021-10-22T02:00:00Z", "2021-10-20")
    assert last["rules"] == dict(report.provenance.rules)
    assert last["snapshot"] == report.provenance.snapshot
    assert last["snapshot"]


def test_a_file_is_given_as_it_was_published_to_the_byte(central: Central, of: ReportOf) -> None:
    version = put_out(central, of)

    raw = editions.file(central, EVERYTHING, of, 0, "txt")

    assert raw.decode() == "12/BC-VP: Đã tiếp nhận 3 hồ sơ."
    assert version.files["txt"] == hashlib.sha256(raw).digest()
    assert editions.file(central, EVERYTHING, of, 0, "json") == version.report.as_json()
    for revision, ending in ((0, "exe"), (1, "txt"), (-1, "txt")):
        with pytest.raises(UnknownFile):
            editions.file(central, EVERYTHING, of, revision, ending)


def test_a_report_of_a_period_that_runs_is_not_published(central: Central, of: ReportOf) -> None:
    with pytest.raises(ReportTooEarly):
        prepared(central, replace(of, period=NOVEMBER))


def test_only_what_was_approved_as_it_is_now_is_published(central: Central, of: ReportOf) -> None:
    with pytest.raises(NotPrepared):
        approved(central, of)
    with pytest.raises(NotPrepared):
        published(central, of)
    prepared(central, of)
    with pytest.raises(NotApproved):
        published(central, of)
    approved(central, of)
    publishing.edit(central, of, "Đã tiếp nhận 4 hồ sơ.", by=VAN, seen=2)

    with pytest.raises(NotApproved):
        published(central, of)
    approved(central, of)
    with pytest.raises(NotApproved):
        published(central, of, text="Đã tiếp nhận 5 hồ sơ.")

    assert told(central, of).versions == []


def test_an_edited_text_stands_beside_the_one_that_was_made(central: Central, of: ReportOf) -> None:
    prepared(central, of)
    publishing.edit(central, of, "  Trong kỳ đã  tiếp nhận 4 hồ sơ.\r\n\r\nTỉnh tiếp tục theo dõi. \n", by=VAN, seen=1)

    manuscript = told(central, of).manuscript

    assert manuscript is not None
    assert manuscript.text == "Trong kỳ đã tiếp nhận 4 hồ sơ.\n\nTỉnh tiếp tục theo dõi."
    assert (manuscript.made, manuscript.edited and manuscript.edited.by) == (MADE, "tinh")
    approved(central, of, text="Trong kỳ đã tiếp nhận 5 hồ sơ.")
    approved_one = told(central, of).manuscript
    assert approved_one is not None
    assert (approved_one.text, approved_one.edited) == ("Trong kỳ đã tiếp nhận 5 hồ sơ.", approved_one.approved)
    with pytest.raises(TextTooLong):
        publishing.edit(central, of, "a" * 20_001, by=VAN, seen=3)


def test_a_second_click_does_nothing(central: Central, of: ReportOf) -> None:
    prepared(central, of, seen=0)
    prepared(central, of, seen=0)
    publishing.edit(central, of, "Một", by=VAN, seen=1)
    publishing.edit(central, of, "Một", by=VAN, seen=1)
    approved(central, of, seen=2, text="Hai")
    approved(central, of, seen=2, text="Hai")
    published(central, of, seen=3, text="Hai")
    published(central, of, seen=3, text="Hai")

    assert (len(told(central, of).versions), told(central, of).seen) == (1, 4)


def test_who_acts_on_a_page_that_others_have_passed_by_is_told(central: Central, of: ReportOf) -> None:
    prepared(central, of)
    publishing.edit(central, of, "Một", by=VAN, seen=1)
    acts: list[Callable[[], None]] = [
        lambda: prepared(central, of, by=BINH, seen=0),
        lambda: publishing.edit(central, of, "Hai", by=VAN, seen=1),
        lambda: approved(central, of, seen=1),
        lambda: approved(central, of, seen=3),
    ]
    for act in acts:
        with pytest.raises(ChangedMeanwhile):
            act()

    manuscript = told(central, of).manuscript
    assert manuscript is not None
    assert (manuscript.text, manuscript.approved) == ("Một", None)


def test_two_clicks_at_once_publish_one_version(central: Central, of: ReportOf) -> None:
    prepared(central, of)
    approved(central, of)

    def slowly(version: Version) -> Mapping[str, bytes]:
        published(central, of, seen=2)
        return drawn(version)

    published(central, of, seen=2, drawn=slowly)

    assert len(told(central, of).versions) == 1
    with reading(central.database):
        assert models.PublicationFileRow.select().count() == 2


@pytest.mark.parametrize(
    ("number", "issued_on"),
    [("  ", ISSUED_ON), ("1" * 61, ISSUED_ON), (NUMBER, date(2021, 10, 20)), (NUMBER, date(2021, 10, 23))],
)
def test_a_document_without_number_or_of_another_time_publishes_nothing(
    central: Central, of: ReportOf, number: str, issued_on: date
) -> None:
    prepared(central, of)
    approved(central, of)

    with pytest.raises(BadDocument):
        published(central, of, document_number=number, issued_on=issued_on)

    assert told(central, of).versions == []


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
def test_only_the_province_office_publishes(central: Central, of: ReportOf, role: Role) -> None:
    other = replace(VAN, role=role)
    prepared(central, of)
    approved(central, of)
    acts: list[Callable[[], None]] = [
        lambda: prepared(central, of, by=other),
        lambda: publishing.edit(central, of, "Một", by=other, seen=2),
        lambda: approved(central, of, by=other),
        lambda: published(central, of, by=other),
    ]
    for act in acts:
        with pytest.raises(NotOfTheProvince):
            act()

    assert told(central, of).seen == 2


def test_what_is_no_report_and_no_unit_is_told(central: Central, of: ReportOf) -> None:
    with pytest.raises(UnknownReport):
        told(central, replace(of, layout="weekly"))
    with pytest.raises(UnknownUnit):
        told(central, replace(of, unit_id="none"))


def test_each_reads_what_was_published_of_the_own_units(central: Central, of: ReportOf) -> None:
    own, other = (replace(of, unit_id=unit_id(central, code)) for code in ("243", "246"))
    for each in (of, own, other):
        put_out(central, each)
    scope = Scope(root=own.unit_id)

    listed = editions.listed(central, scope)

    assert [(each.of, each.unit) for each in listed] == [(own, "Thành phố Vĩnh Yên")]
    assert len(editions.listed(central, EVERYTHING)) == 3
    assert [told(central, each).versions[0].report.unit_code for each in (of, own, other)] == ["26", "243", "246"]
    for foreign in (of, other):
        with pytest.raises(UnknownUnit):
            editions.file(central, scope, foreign, 0, "json")


def test_what_changed_since_is_told_with_its_cause(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    version = put_out(central, of)
    assert list(editions.since(central, version).differences) == []
    arrived_late(writer, clock)
    closing.restate(central, OCTOBER, by="tinh", reason="Số liệu đến sau")

    since = editions.since(central, version)

    found = {str(each.at): (each.old, each.new) for each in since.differences}
    assert found["summary/received_new/now"] == (3, 4)
    assert found[f"desks/{DESK}/received_new"] == (3, 4)
    [restatement] = since.restatements
    assert (restatement.reason, restatement.causes) == ("Số liệu đến sau", {ChangeCause.ARRIVED_LATE: 1})
    elsewhere = put_out(central, replace(of, unit_id=unit_id(central, "246")))
    assert [list(each.causes) for each in editions.since(central, replace(version, of=elsewhere.of)).restatements] == [
        []
    ]


def test_what_was_chosen_for_a_report_is_chosen_when_it_is_compared(central: Central, of: ReportOf) -> None:
    prepared(central, of, choices=Choices(mean=Mean.UNITS, basis=RateBasis.RESOLVED))
    approved(central, of)
    published(central, of)

    [version] = told(central, of).versions

    assert version.report.provenance.rules["basis"] == "resolved"
    assert list(editions.since(central, version).differences) == []


def test_a_correction_names_the_figure_that_stood_and_the_document(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    first = put_out(central, of)
    raw = editions.file(central, EVERYTHING, of, 0, "txt")
    arrived_late(writer, clock)
    with pytest.raises(ReasonNeeded):
        prepared(central, of, reason=" ")

    second = put_out(central, of, OTHER_NUMBER, "Một hồ sơ nhập sau khi chốt")

    corrections = {str(each.at): (each.old, each.new) for each in second.corrections}
    assert corrections["summary/received_new/now"] == (3, 4)
    assert (second.revision, second.corrects) == (1, NUMBER)
    assert second.manuscript.reason == "Một hồ sơ nhập sau khi chốt"
    with reading(central.database):
        said = opened(publications.publishings()[-1].signed, PUBLICATION, central.keys.signing.public)
    assert ["summary/received_new/now", 3, 4] in said["corrections"]
    assert told(central, of).versions[0] == first
    assert editions.file(central, EVERYTHING, of, 0, "txt") == raw
    assert [(each.revision, each.is_newest) for each in editions.listed(central, EVERYTHING)] == [(1, True), (0, False)]


def test_a_correction_of_nothing_or_under_the_same_number_is_refused(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    put_out(central, of)
    prepared(central, of, reason="Soát lại")
    with pytest.raises(NothingToCorrect):
        approved(central, of)
    publishing.edit(central, of, "Đã tiếp nhận ba hồ sơ.", by=VAN, seen=4)
    approved(central, of)
    with pytest.raises(BadDocument):
        published(central, of)

    published(central, of, document_number=OTHER_NUMBER)

    assert list(told(central, of).versions[1].corrections) == []


def test_a_correction_says_at_which_desk_and_why_each_figure_differs(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    other = enrolled_writer(central, OTHER_DESK, bytes([2]) * 32)
    for _ in range(2):
        voided = other.receive(DAY)
    other.send()
    put_out(central, of)
    arrived_late(writer, clock)
    arrived_late(writer, clock)
    other.void(voided)
    other.send()

    version = put_out(central, of, OTHER_NUMBER, "Một hồ sơ đến sau, một hồ sơ nhập trùng")

    assert list(version.manuscript.changes) == [
        Change(desk=DESK, cause=ChangeCause.ARRIVED_LATE, dossiers=1),
        Change(desk=DESK, cause=ChangeCause.ENTERED_LATE, dossiers=1),
        Change(desk=OTHER_DESK, cause=ChangeCause.VOIDED, dossiers=-1),
    ]
    differences = version.corrections
    carried = next(each for each in differences if str(each.at) == "summary/in_process/now")
    assert [(each.row.key, each.old, each.new) for each in at_desks(carried, differences)] == [
        (DESK, 3, 5),
        (OTHER_DESK, 2, 1),
    ]


def test_of_a_restored_centre_and_of_an_old_version_no_cause_is_made_up(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    before = put_out(central, of).report
    arrived_late(writer, clock)
    now = make_report(central, EVERYTHING, "monthly", OCTOBER, unit_id=of.unit_id)

    def causes(**of_then: Any) -> list[ChangeCause]:
        stood = replace(before, provenance=replace(before.provenance, **of_then))
        with reading(central.database):
            return [each.cause for each in desk_changes(stood, now)]

    assert causes() == [ChangeCause.ARRIVED_LATE]
    assert causes(incarnation="another") == [ChangeCause.CENTRE_RESTORED]
    assert causes(ledgers={}) == []


def test_a_correction_begins_with_what_people_wrote_and_the_figures_of_now(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    prepared(central, of)
    text = f"{MADE} Cả năm dự kiến 9.999 hồ sơ."
    approved(central, of, text=text)
    published(central, of, text=text)
    arrived_late(writer, clock)

    prepared(central, of, reason="Một hồ sơ nhập sau khi chốt")

    manuscript = told(central, of).manuscript
    assert manuscript is not None
    assert manuscript.made == "Đã tiếp nhận 4 hồ sơ."
    assert manuscript.text == "Đã tiếp nhận 4 hồ sơ. Cả năm dự kiến 9.999 hồ sơ."
    assert manuscript.kept == ["Cả năm dự kiến 9.999 hồ sơ."]


def test_a_draft_that_is_prepared_once_more_keeps_what_people_wrote_until_it_is_withdrawn(
    writer: Writer, central: Central, clock: StandingClock, of: ReportOf
) -> None:
    prepared(central, of)
    publishing.edit(central, of, f"{MADE} Tỉnh tiếp tục đôn đốc.", by=VAN, seen=1)
    arrived_late(writer, clock)

    prepared(central, of)
    again = told(central, of).manuscript
    withdrawn(central, of)
    prepared(central, of)
    afresh = told(central, of).manuscript

    assert again is not None
    assert afresh is not None
    assert again.text == "Đã tiếp nhận 4 hồ sơ. Tỉnh tiếp tục đôn đốc."
    assert afresh.text == "Đã tiếp nhận 4 hồ sơ."


def test_what_was_prepared_by_an_earlier_program_began_with_the_text_that_was_made(
    central: Central, of: ReportOf
) -> None:
    prepared(central, of)
    with reading(central.database):
        [step] = publications.steps(of)
    content = {name: value for name, value in said(step.signed).items() if name != "begun"}
    earlier = replace(step, signed=central.keys.signing.sign(PUBLICATION, content))

    manuscript = story_of(of, [earlier]).manuscript

    assert manuscript is not None
    assert (manuscript.text, manuscript.kept) == (MADE, [])


def withdrawn(central: Central, of: ReportOf, **overrides: Any) -> None:
    values: dict[str, Any] = {"by": BINH, "seen": told(central, of).seen, "reason": "Lập nhầm kỳ"}
    publishing.withdraw(central, of, **values | overrides)


def test_a_draft_that_was_prepared_by_mistake_is_withdrawn_with_a_reason(central: Central, of: ReportOf) -> None:
    prepared(central, of)

    withdrawn(central, of, seen=1)
    withdrawn(central, of, seen=1)

    story = told(central, of)
    assert (story.manuscript, story.versions, story.seen) == (None, [], 2)
    assert story.withdrawn is not None
    assert (story.withdrawn.deed.name, story.withdrawn.reason) == ("Lê Văn Bình", "Lập nhầm kỳ")
    assert editions.under_way(central) == []
    with reading(central.database):
        [row] = models.ChangeRow.select().where(models.ChangeRow.what == "withdraw_report")
    assert (row.who, row.reason) == ("binh", "Lập nhầm kỳ")
    assert verify(central).faults == []
    prepared(central, of)
    assert told(central, of).withdrawn is None


def test_only_a_draft_that_nobody_has_approved_is_withdrawn(central: Central, of: ReportOf) -> None:
    with pytest.raises(NotPrepared):
        withdrawn(central, of)
    prepared(central, of)
    approved(central, of)
    with pytest.raises(IsApproved):
        withdrawn(central, of)
    published(central, of)
    version = told(central, of).versions[0]
    with pytest.raises(NotPrepared):
        withdrawn(central, of)
    prepared(central, of, reason="Soát lại")
    for overrides, refusal in (
        ({"reason": "  "}, ReasonNeeded),
        ({"seen": 3}, ChangedMeanwhile),
        ({"by": replace(VAN, role=Role.SUPERVISOR)}, NotOfTheProvince),
    ):
        with pytest.raises(refusal):
            withdrawn(central, of, **overrides)

    withdrawn(central, of)

    story = told(central, of)
    assert (story.versions, story.manuscript) == ([version], None)
    assert editions.file(central, EVERYTHING, of, 0, "json") == version.report.as_json()


def test_an_approval_is_taken_back_before_a_draft_is_withdrawn(central: Central, of: ReportOf) -> None:
    prepared(central, of)
    approved(central, of)
    publishing.edit(central, of, MADE, by=VAN, seen=2)

    withdrawn(central, of)

    assert told(central, of).manuscript is None


def test_every_step_is_recorded_with_who_and_why(central: Central, of: ReportOf) -> None:
    put_out(central, of)

    with reading(central.database):
        rows = list(models.ChangeRow.select().where(models.ChangeRow.what.endswith("_report")).order_by("number"))

    assert sorted((row.who, row.what) for row in rows) == [
        ("binh", "approve_report"),
        ("binh", "publish_report"),
        ("tinh", "prepare_report"),
    ]
    assert any(NUMBER in row.after for row in rows)


def test_what_was_published_can_be_neither_changed_nor_removed(central: Central, of: ReportOf) -> None:
    put_out(central, of)

    for model in (models.PublicationStepRow, models.PublicationFileRow):
        for query in (model.update(number=9), model.delete()):
            with pytest.raises(DatabaseError), write_transaction(central.database):
                query.execute()
        with reading(central.database):
            assert model.select().count() > 0


def test_what_was_published_is_verified(central: Central, of: ReportOf) -> None:
    put_out(central, of)
    sound = verify(central)
    without_triggers(central)
    file = models.PublicationFileRow
    with write_transaction(central.database):
        file.update(bytes=b"13/BC-VP").where(file.ending == "txt").execute()
    changed = verify(central)
    with write_transaction(central.database):
        file.delete().where(file.ending == "txt").execute()
    missing = verify(central)

    assert sound.faults == []
    assert faulty_tables(changed) == {"publication_file"}
    assert faulty_tables(missing) == {"publication_step"}


def test_an_auditor_checks_what_was_published_with_nothing_of_ours(
    central: Central, of: ReportOf, tmp_path: Path
) -> None:
    put_out(central, of)
    export(central, tmp_path / "whole")
    without_triggers(central)
    with write_transaction(central.database):
        models.PublicationStepRow.delete().where(models.PublicationStepRow.number == 2).execute()
    export(central, tmp_path / "with-a-gap")

    whole, gap = audited(tmp_path / "whole"), audited(tmp_path / "with-a-gap")

    assert whole.returncode == 0, whole.stderr
    assert "3 publications" in whole.stdout
    assert gap.returncode == 1
    assert "publications.ndjson line 2: it does not follow from the step before it" in gap.stderr


@pytest.mark.parametrize("forged", ["body", "number", "step"])
def test_a_step_that_was_forged_is_found(central: Central, of: ReportOf, forged: str) -> None:
    put_out(central, of)
    without_triggers(central)
    row = models.PublicationStepRow
    with write_transaction(central.database):
        last = row.get(row.number == 3)
        values = {"body": bytes(last.body).replace(b"12/BC", b"13/BC"), "number": 4, "step": "approve"}
        row.update(**{forged: values[forged]}).where(row.number == 3).execute()

    assert "publication_step" in faulty_tables(verify(central))


@pytest.mark.parametrize("kind", DATABASES)
def test_another_machine_has_what_was_published(
    safe: Central,
    of: ReportOf,
    clock: StandingClock,
    folder: Path,
    tmp_path: Path,
    empty_database: Callable[[str], str],
    kind: str,
) -> None:
    version = put_out(safe, of)
    raw = editions.file(safe, EVERYTHING, of, 0, "txt")
    made = back_up(safe, folder)

    new = restored(made, tmp_path / "new", clock, empty_database(kind))

    assert (told(new.central, of).versions, new.faults) == ([version], [])
    assert editions.file(new.central, EVERYTHING, of, 0, "txt") == raw
    close(new.central)


@pytest.mark.parametrize(
    ("slip", "error"),
    [
        (["--number", ""], BadDocument),
        (["--issued-on", "2021-09-01"], BadDocument),
        (["--text", "empty"], TextMissing),
        (["--text", "latin"], BadFile),
        (["--text", "long"], TextTooLong),
        (["--by", "vinhyen"], NotOfTheProvince),
    ],
)
def test_a_slip_in_the_command_leaves_nothing_under_way(
    central: Central,
    of: ReportOf,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    slip: list[str],
    error: type[Exception],
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    for username, role, unit in (("tinh", Role.PROVINCE, None), ("vinhyen", Role.SUPERVISOR, "243")):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    for name, raw in (("empty", b" \n"), ("latin", "hồ sơ".encode("utf-16")), ("long", b"a " * TEXT_CHARACTERS_MAX)):
        (tmp_path / name).write_bytes(raw)
    monkeypatch.chdir(tmp_path)
    words = ["publish", "monthly", "--period", "2021-10", "--number", NUMBER, "--issued-on", "2021-10-22"]

    with pytest.raises(error):
        CliRunner().invoke(cli, [*words, "--by", "tinh", *slip], catch_exceptions=False)

    assert told(central, of).seen == 0


def test_files_go_nowhere_where_there_can_be_no_folder(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)

    with pytest.raises(Unusable) as refused:
        CliRunner().invoke(cli, ["publications", "--out", "/dev/null/tep"], catch_exceptions=False)

    assert "/dev/null/tep is not usable" in error_text(refused.value, "en")


def test_the_command_publishes_and_writes_what_was_published(
    central: Central, of: ReportOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    words = ["publish", "monthly", "--period", "2021-10", "--number", NUMBER, "--issued-on", "2021-10-22", "--by"]

    CliRunner().invoke(cli, [*words, "tinh"], catch_exceptions=False)
    listed = CliRunner().invoke(cli, ["publications", "--json", "--out", str(tmp_path)], catch_exceptions=False)

    [content] = orjson.loads(listed.output)
    assert (content["document_number"], content["approved_by"], content["provisional"]) == (
        NUMBER,
        "Trần Thị Vân",
        True,
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        f"monthly_26_2021-10_0.{ending}" for ending in ("pdf", "docx", "xlsx", "json")
    }
    version = told(central, of).versions[0]
    assert (tmp_path / "monthly_26_2021-10_0.json").read_bytes() == version.report.as_json()
    for refused, error in (
        (["nobody"], UnknownUser),
        (["tinh"], BadDocument),
        (["tinh", "--number", "13/BC-VP"], ReasonNeeded),
        (["tinh", "--number", "13/BC-VP", "--reason", "Soát lại"], NothingToCorrect),
    ):
        with pytest.raises(error):
            CliRunner().invoke(cli, [*words, *refused], catch_exceptions=False)
    assert told(central, of).seen == 3


def test_the_command_withdraws_a_draft(central: Central, of: ReportOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: central)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    prepared(central, of)
    words = ["withdraw", "monthly", "--period", "2021-10", "--by", "tinh", "--reason", "Lập nhầm kỳ"]

    told_of = CliRunner().invoke(cli, words, catch_exceptions=False)

    story = told(central, of)
    assert "Đã rút lại bản dự thảo" in told_of.output
    assert story.manuscript is None
    assert story.withdrawn is not None
    assert (story.withdrawn.deed.by, story.withdrawn.reason) == ("tinh", "Lập nhầm kỳ")
    with pytest.raises(NotPrepared):
        CliRunner().invoke(cli, words, catch_exceptions=False)
