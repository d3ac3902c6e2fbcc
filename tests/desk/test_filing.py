"""Recording from a file: each line saved or reported by itself, whatever stands in the others."""

import io
from pathlib import Path
from typing import Any

import orjson
import pytest

from desk_client.desk import Desk, NotEnrolled
from desk_client.services.filing import KINDS_OF_LINES, OPENINGS, LineResult, record_lines
from desk_client.storage import models
from desk_client.storage.database import reading
from sync_protocol.messages import error_text
from tests.factories import StandingClock, bare_desk, enrolled_desk, reception

AT = "2021-10-04T08:15:00+07:00"


@pytest.fixture
def desk(field_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(field_path / "desk", clock=clock)


def line(event: str = "receive", dossier: str = "a1", at: object = AT, **fields: object) -> bytes:
    """One line of a file."""
    content = {"event": event, "dossier": dossier, "at": at}
    return orjson.dumps(content | (reception(**fields) if event in OPENINGS else fields)) + b"\n"


ASKED = line("request_supplement", papers="Giấy khai sinh", reason="Thiếu bản chính")


def filed(desk: Desk, *lines: bytes) -> list[LineResult]:
    """What became of each line of a file."""
    return list(record_lines(desk, io.BytesIO(b"".join(lines)), clerk="an.nv"))


def saved(desk: Desk) -> list[tuple[str, str]]:
    row = models.DossierRow
    with reading(desk.database):
        return [tuple(each) for each in row.select(row.dossier_code, row.stage).order_by(row.number).tuples()]


def test_each_line_is_saved_in_its_order(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=4)

    results = filed(
        desk,
        line(dossier="a1"),
        line(dossier="a2"),
        line("resolve", "a1", "2021-10-07T16:00:00+07:00"),
        line("deliver", "a1", "2021-10-08T09:00:00+07:00", delivered_to="Nguyễn Văn An"),
        line("void", "a2", reason="Nhập trùng"),
    )

    assert [result.error for result in results] == [None] * 5
    assert saved(desk) == [("H62.11.01-211004-0001", "delivered"), ("H62.11.01-211004-0002", "voided")]


LIVES: dict[str, tuple[list[bytes], str]] = {
    "register": ([line("register", channel="online")], "registered"),
    "register, receive": ([line("register", channel="online"), line(channel="online")], "received"),
    "register, refuse_at_desk": (
        [line("register", channel="online"), line("refuse_at_desk", channel="online", reason="Thiếu giấy")],
        "not_accepted",
    ),
    "refuse_at_desk": ([line("refuse_at_desk", reason="Sai thẩm quyền")], "not_accepted"),
    "receive": ([line()], "received"),
    "forward": ([line(), line("forward", case_officer="Lò Thị Ún")], "processing"),
    "request_supplement": ([line(), ASKED], "awaiting_supplement"),
    "supplement_received": ([line(), ASKED, line("supplement_received", note="Nộp đủ")], "processing"),
    "supplement_expired": ([line(), ASKED, line("supplement_expired", expired_on="2021-10-04")], "stopped"),
    "request_payment": ([line(), line("request_payment", amount_vnd=15_000)], "awaiting_payment"),
    "payment_done": (
        [line(), line("request_payment", amount_vnd=15_000), line("payment_done", payment_method="cash")],
        "processing",
    ),
    "extend": ([line(), line("extend", reason="Chờ xác minh", due_on="2021-10-15")], "received"),
    "resolve": ([line(), line("resolve", result_number="27/UBND", on_the_spot=True)], "resolved"),
    "deliver": ([line(), line("resolve"), line("deliver", delivered_to="Đặng Thị Ngoan")], "delivered"),
    "withdraw": ([line(), line("withdraw", reason="Đổi ý kiến")], "withdrawn"),
    "send_back": ([line(), line("send_back", reason="Hồ sơ không hợp lệ")], "sent_back"),
    "stop": ([line(), line("stop", reason="Có tranh chấp")], "stopped"),
    "correct": ([line(), line("correct", changes={"owner_name": "Vàng A Páo"}, reason="Gõ nhầm")], "received"),
    "void": ([line(), line("void", reason="Nhập trùng")], "voided"),
    "rate": ([line(), line("rate", rating="satisfied", subject="officer", source="form")], "received"),
}


@pytest.mark.parametrize("kind", LIVES)
def test_an_event_of_every_kind_can_be_given_as_a_line(desk: Desk, kind: str) -> None:
    lines, stage = LIVES[kind]

    results = filed(desk, *lines)

    assert [result.error for result in results] == [None] * len(lines)
    assert [stage for _, stage in saved(desk)] == [stage]
    assert kinds(desk)[-1] == kind.rpartition(" ")[2]


def test_the_kinds_that_can_be_given_as_lines_are_those_of_the_last_test() -> None:
    assert {kind.rpartition(" ")[2] for kind in LIVES} == set(KINDS_OF_LINES)


def test_a_rating_of_the_desk_as_a_whole_names_no_dossier(desk: Desk) -> None:
    [result] = filed(desk, line("rate", "", rating="not_satisfied"))

    assert (result.error, result.recorded) == (None, None)
    assert kinds(desk)[-1] == "rate"


def test_only_the_head_of_the_desk_takes_a_dossier_out_of_the_counts(desk: Desk) -> None:
    results = list(record_lines(desk, [line(), line("void", reason="Nhập trùng")], clerk="binh"))

    assert [result.error is None for result in results] == [True, False]
    assert saved(desk) == [("H62.11.01-211004-0001", "received")]


def test_the_time_is_when_it_happened_and_its_local_day_is_the_day_of_the_code(desk: Desk) -> None:
    filed(desk, line(at="2021-10-03T23:30:00Z"), line(dossier="a2", at="2021-10-03T23:30:00+07:00"))

    assert [code for code, _ in saved(desk)] == ["H62.11.01-211004-0001", "H62.11.01-211003-0001"]


def test_a_dossier_of_an_earlier_file_is_named_by_its_code(desk: Desk) -> None:
    filed(desk, line())

    [result] = filed(desk, line("resolve", "H62.11.01-211004-0001"))

    assert result.error is None
    assert saved(desk) == [("H62.11.01-211004-0001", "resolved")]


def test_a_name_in_a_file_means_nothing_in_the_next_file(desk: Desk) -> None:
    filed(desk, line())

    [result] = filed(desk, line("resolve", "a1"))

    assert result.error is not None
    assert saved(desk) == [("H62.11.01-211004-0001", "received")]


def kinds(desk: Desk) -> list[str]:
    with reading(desk.database):
        return [each.kind for each in models.Entry.select().order_by(models.Entry.sequence)]


CORRECTED_STRANGELY = line("correct", "ok", changes={"phone": "0987000088", "colour": "red"}, reason="Gõ nhầm")
BAD_LINES: dict[str, bytes] = {
    "not JSON": b"{\n",
    "a list": b"[]\n",
    "a number": b"7\n",
    "not UTF-8": b"\xff\xfe\n",
    "nested too deep": b'{"a":' * 5_000 + b"\n",
    "too long": line(summary="x" * 70_000),
    "no event": b'{"dossier": "a1", "at": "2021-10-04T08:15:00+07:00"}\n',
    "no time": b'{"event": "receive", "dossier": "a1"}\n',
    "no dossier": b'{"event": "receive", "at": "2021-10-04T08:15:00+07:00"}\n',
    "an unknown event": line("rename"),
    "an event of the device's own": line("open_epoch", app_version="1", machine="x"),
    "a time without offset": line(at="2021-10-04T08:15:00"),
    "a time that is none": line(at="yesterday"),
    "a number for a time": line(at=7),
    "no time at all": line(at=None),
    "the first day of all": line(at="0001-01-01T00:00:00+07:00"),
    "the last day of all": line(at="9999-12-31T23:59:59Z"),
    "an unknown procedure": line(procedure_code="9.999999"),
    "a bad phone": line(phone="12345"),
    "a NUL": line(submitter_name="An\0"),
    "an unknown field": line(colour="red"),
    "a step of an unknown dossier": line("resolve", "zz"),
    "an unknown field of a step": line("void", "ok", reason=7),
    "a step that does not follow": line("deliver", "ok", delivered_to="Nguyễn Văn An"),
    "a step in an impossible year": line("resolve", "ok", "9999-12-31T23:59:59Z"),
    "a step that lies in the future": line("resolve", "ok", "2021-10-05T00:00:00+07:00"),
    "a step before the reception": line("resolve", "ok", "2021-10-04T08:14:00+07:00"),
    "a step with a field of another": line("resolve", "ok", delivered_to="Nguyễn Văn An"),
    "a step without its reason": line("withdraw", "ok"),
    "a reason with a line break": line("withdraw", "ok", reason="Đổi ý\nkiến"),
    "a reason that is too long": line("withdraw", "ok", reason="x" * 501),
    "a forwarding to nobody": line("forward", "ok"),
    "a correction of nothing": line("correct", "ok", changes={}, reason="Gõ nhầm"),
    "a correction that changes nothing": line("correct", "ok", changes={"phone": "0987000001"}, reason="Gõ nhầm"),
    "a correction of an unknown field": CORRECTED_STRANGELY,
    "a correction to what does not fit": line("correct", "ok", changes={"phone": "12345"}, reason="Gõ nhầm"),
    "a correction of a result that is not there": line("correct", "ok", changes={"signer": "Lò Ún"}, reason="Gõ nhầm"),
    "a refusal without its reason": line("refuse_at_desk", "zz"),
    "a second reception of one name": line(dossier="ok"),
    "a rating without its answer": line("rate", "ok"),
    "a rating of the desk in the future": line("rate", "", "2021-10-05T00:00:00+07:00", rating="satisfied"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_reported_with_its_number_and_its_neighbours_are_saved(desk: Desk, name: str) -> None:
    results = filed(desk, line(dossier="ok"), BAD_LINES[name], line(dossier="ok2"))

    assert [result.number for result in results if result.error] == [2]
    assert [code for code, _ in saved(desk)] == ["H62.11.01-211004-0001", "H62.11.01-211004-0002"]
    assert saved(desk)[0][1] == "received"


@pytest.mark.parametrize("name", BAD_LINES)
def test_the_report_of_a_bad_line_can_be_said_in_both_languages(desk: Desk, name: str) -> None:
    results = filed(desk, line(dossier="ok"), BAD_LINES[name])

    errors = [result.error for result in results if result.error]
    assert len(errors) == 1
    assert all("2" in error_text(errors[0], language) for language in ("vi", "en"))


FIELDS_SAID: dict[str, tuple[str, ...]] = {
    "no time": ("at",),
    "no event": ("event",),
    "a bad phone": ("phone",),
    "an unknown field": ("colour",),
    "an unknown field of a step": ("reason",),
    "a step that lies in the future": ("happened_at",),
    "a step with a field of another": ("delivered_to",),
    "a step without its reason": ("reason",),
    "a reason with a line break": ("reason",),
    "a forwarding to nobody": ("case_officer",),
    "a correction of an unknown field": ("colour",),
    "a correction to what does not fit": ("phone",),
    "a refusal without its reason": ("reason",),
    "a rating without its answer": ("rating",),
}


@pytest.mark.parametrize("name", FIELDS_SAID)
def test_a_bad_line_is_told_with_the_field_and_the_reason(desk: Desk, name: str) -> None:
    [_, result] = filed(desk, line(dossier="ok"), BAD_LINES[name])

    assert result.error is not None
    said: Any = result.error.values["reason"]
    assert tuple(field for field, _ in said) == FIELDS_SAID[name]
    assert all(reason for _, reason in said)


def test_the_same_name_twice_in_a_file_is_reported(desk: Desk) -> None:
    results = filed(desk, line(), line())

    assert [bool(result.error) for result in results] == [False, True]
    assert len(saved(desk)) == 1


def test_a_name_whose_reception_failed_can_be_used_again(desk: Desk) -> None:
    results = filed(desk, line(phone="12345"), line())

    assert [bool(result.error) for result in results] == [True, False]


def test_blank_lines_are_passed_over_and_counted(desk: Desk) -> None:
    results = filed(desk, b"\n", b"  \r\n", line(phone="12345"))

    assert [result.number for result in results] == [3]


def test_a_last_line_without_an_end_is_read(desk: Desk) -> None:
    [result] = filed(desk, line().rstrip(b"\n"))

    assert result.error is None


def test_every_line_is_durable_before_the_next_one_is_read(desk: Desk) -> None:
    results = record_lines(desk, iter([line(), line(dossier="a2")]), clerk="an.nv")

    next(results)

    assert len(saved(desk)) == 1


def test_a_file_for_a_machine_that_is_not_enrolled_stops_at_once(tmp_path: Path) -> None:
    desk = bare_desk(tmp_path)

    with pytest.raises(NotEnrolled):
        filed(desk, line(), line(dossier="a2"))
