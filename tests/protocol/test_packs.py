"""Reference packs: what a desk is told, signed, named by its content, and refused when it does not fit."""

from dataclasses import replace
from datetime import date, time
from typing import Any

import pytest

from sync_protocol.calendars import WorkingCalendar
from sync_protocol.packs import PackKind, Packs, desk_content, pack_hash, read_pack, read_packs, signed_pack
from sync_protocol.periods import PeriodSeries
from sync_protocol.signing import BadSignature, NotADocument, SigningKey
from tests.protocol.golden import make

KEY = make.CENTRE_KEY
VALUES: dict[PackKind, Any] = {
    PackKind.PROCEDURES: {procedure.code: procedure for procedure in make.PROCEDURES},
    PackKind.CALENDAR: make.CALENDAR,
    PackKind.DESK: make.PROFILE,
}


def test_there_is_a_value_here_of_every_kind() -> None:
    assert set(VALUES) == set(PackKind) == set(make.CONTENTS)


@pytest.mark.parametrize("kind", PackKind)
def test_a_pack_reads_back_as_it_was_made(kind: PackKind) -> None:
    assert read_pack(signed_pack(KEY, kind, make.CONTENTS[kind]), KEY.public) == (kind, VALUES[kind])


@pytest.mark.parametrize("kind", PackKind)
def test_the_golden_packs_are_read_and_made_again(kind: PackKind) -> None:
    signed = make.document(f"pack_{kind.value}.json")

    assert read_pack(signed, KEY.public) == (kind, VALUES[kind])
    assert make.packs()[kind] == signed


def test_equal_content_has_one_name() -> None:
    calendar = {"hours": [["07:30", "11:30"]], "days_off": [], "make_up_days": []}
    reordered = {"days_off": [], "make_up_days": [], "hours": [["07:30", "11:30"]]}

    first, second = (pack_hash(signed_pack(KEY, PackKind.CALENDAR, each)) for each in (calendar, reordered))

    assert first == second
    assert first != pack_hash(make.packs()[PackKind.CALENDAR])
    assert len(first) == 43


def test_a_pack_of_another_centre_is_refused() -> None:
    with pytest.raises(BadSignature):
        read_pack(make.packs()[PackKind.DESK], SigningKey.from_seed(b"x" * 32).public)


def test_a_desk_works_by_one_pack_of_each_kind() -> None:
    assert read_packs(make.packs().values(), KEY.public) == Packs(
        procedures=VALUES[PackKind.PROCEDURES], calendar=make.CALENDAR, desk=make.PROFILE
    )


@pytest.mark.parametrize("missing", PackKind)
def test_a_desk_does_not_work_without_one_of_them(missing: PackKind) -> None:
    packs = [pack for kind, pack in make.packs().items() if kind is not missing]

    with pytest.raises(NotADocument):
        read_packs(packs, KEY.public)


PROCEDURE = make.CONTENTS[PackKind.PROCEDURES]["procedures"][0]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (PackKind.PROCEDURES, {}),
        (PackKind.PROCEDURES, {"procedures": None}),
        (PackKind.PROCEDURES, {"procedures": [{"code": "1.001193"}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["x", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["-1", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["9999", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["NaN", "hour"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"limit": ["1", "year"]}]}),
        (PackKind.PROCEDURES, {"procedures": [PROCEDURE | {"channels": ["pigeon"]}]}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"days_off": ["2021-02-30"]}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"hours": []}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"hours": [["11:30", "07:30"]]}),
        (PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR] | {"hours": [["07:30"]]}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"level": "hamlet"}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"period_last_day": 0}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"period_last_day": "20"}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"serials": {"first": 0, "per_slot": 1000}}),
        (PackKind.DESK, make.CONTENTS[PackKind.DESK] | {"serials": {"from": 1}}),
    ],
)  # fmt: skip
def test_a_pack_whose_content_does_not_fit_is_no_document(kind: PackKind, content: dict[str, Any]) -> None:
    with pytest.raises(NotADocument):
        read_pack(signed_pack(KEY, kind, content), KEY.public)


@pytest.mark.parametrize(
    "change", [{"format": 2}, {"format": None}, {"kind": "weather"}, {"kind": None}, {"content": None}, {"content": []}]
)
def test_a_pack_of_another_form_is_no_document(change: dict[str, Any]) -> None:
    document = {"format": 1, "kind": "calendar", "content": make.CONTENTS[PackKind.CALENDAR]}

    with pytest.raises(NotADocument):
        read_pack(KEY.sign("pack", document | change), KEY.public)


def test_a_calendar_is_written_in_order() -> None:
    calendar = WorkingCalendar(
        days_off=frozenset({date(2021, 9, 3), date(2021, 9, 2)}),
        make_up_days=frozenset(),
        hours=((time(7, 30), time(11, 30)),),
    )

    _, value = read_pack(signed_pack(KEY, PackKind.CALENDAR, make.CONTENTS[PackKind.CALENDAR]), KEY.public)

    assert make.CONTENTS[PackKind.CALENDAR]["days_off"] == ["2021-09-02", "2021-09-03"]
    assert value.days_off == calendar.days_off


def test_a_province_may_count_its_months_otherwise() -> None:
    legal = replace(make.PROFILE, series=PeriodSeries(last_day=14))

    assert read_pack(signed_pack(KEY, PackKind.DESK, desk_content(legal)), KEY.public) == (PackKind.DESK, legal)
