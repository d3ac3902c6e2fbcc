"""The lists of work of a desk: what stands in them, in which order, and by which indexes."""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from desk_client.desk import Desk
from desk_client.services import listing
from desk_client.services.listing import WorkList, entered_on, list_counts, listed, pressing_count, whole_list
from desk_client.services.searching import Wanted, search
from desk_client.storage.database import reading
from sync_protocol.events import Voided
from sync_protocol.vocabulary import DossierStage
from tests.desk.lives import DELIVERED, PAPERS_ASKED_FOR, PAYMENT_ASKED_FOR, RESOLVED, after, received
from tests.factories import StandingClock, enrolled_desk

ONE_WORKING_DAY = "1.004873"
"""A procedure whose limit is three working days."""

SAME_DAY = "2.000815"

Plans = Callable[[Callable[[], object]], list[str]]


@pytest.fixture
def clock() -> StandingClock:
    """Monday 4 October 2021, 09:00 local, until it is moved."""
    return StandingClock()


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    """A desk without dossiers."""
    return enrolled_desk(tmp_path / "desk", clock=clock)


def owners(desk: Desk, which: WorkList, **how: bool) -> list[str]:
    """The owners of a list, in its order."""
    return [line.owner_name for line in listed(desk, which, **how)]


def test_a_dossier_stands_in_the_list_that_its_appointment_says(desk: Desk) -> None:
    received(desk, procedure_code=SAME_DAY, owner_name="Hôm Nay")
    received(desk, on=date(2021, 9, 30), procedure_code=ONE_WORKING_DAY, owner_name="Sắp Đến")
    received(desk, on=date(2021, 9, 28), procedure_code=ONE_WORKING_DAY, owner_name="Quá Hạn")
    received(desk, procedure_code=ONE_WORKING_DAY, owner_name="Còn Lâu")

    assert owners(desk, WorkList.DUE_TODAY) == ["Hôm Nay"]
    assert owners(desk, WorkList.DUE_SOON) == ["Sắp Đến"]
    assert owners(desk, WorkList.OVERDUE) == ["Quá Hạn"]


def test_soon_is_two_working_days_over_a_weekend(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=4)
    received(desk, on=date(2021, 10, 7), owner_name="Thứ Ba")
    received(desk, on=date(2021, 10, 8), owner_name="Thứ Tư")

    assert owners(desk, WorkList.DUE_SOON) == ["Thứ Ba"]


def test_what_waits_for_the_citizen_is_not_overdue(desk: Desk) -> None:
    papers = received(desk, on=date(2021, 9, 20), owner_name="Thiếu Giấy")
    payment = received(desk, on=date(2021, 9, 21), owner_name="Chưa Nộp")
    after(desk, papers, PAPERS_ASKED_FOR)
    after(desk, payment, PAYMENT_ASKED_FOR)

    assert owners(desk, WorkList.WAITING) == ["Thiếu Giấy", "Chưa Nộp"]
    assert owners(desk, WorkList.OVERDUE) == []


def test_a_result_waits_until_it_is_handed_over(desk: Desk) -> None:
    dossier = after(desk, received(desk), RESOLVED)
    waiting = owners(desk, WorkList.RESULTS)

    after(desk, dossier, DELIVERED)

    assert waiting == ["Nguyễn Thị Hường"]
    assert owners(desk, WorkList.RESULTS) == []


def test_what_presses_most_comes_first(desk: Desk) -> None:
    for day in (22, 20, 21):
        received(desk, on=date(2021, 9, day), owner_name=f"Ngày {day}", owner_type="organisation")

    assert owners(desk, WorkList.OVERDUE) == ["Ngày 20", "Ngày 21", "Ngày 22"]


def test_a_list_can_stand_in_the_order_of_the_vietnamese_alphabet(desk: Desk) -> None:
    for name in ("Đào Văn Ân", "Dương Văn Ăn", "Đào Văn An", "Ân Văn Bình", "An Văn Bình", "Bùi Văn An"):
        received(desk, on=date(2021, 9, 20), owner_name=name)

    assert owners(desk, WorkList.OVERDUE, by_name=True) == [
        "An Văn Bình",
        "Ân Văn Bình",
        "Bùi Văn An",
        "Dương Văn Ăn",
        "Đào Văn An",
        "Đào Văn Ân",
    ]


@pytest.mark.parametrize("by_name", [False, True])
def test_the_pages_of_a_list_make_it_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch, by_name: bool) -> None:
    monkeypatch.setattr(listing, "PAGE_ROWS", 2)
    for number in range(5):
        received(desk, on=date(2021, 9, 20 + number), owner_name=f"Chủ Hồ Sơ {'ABCDE'[number]}")

    pages = [
        [line.owner_name[-1] for line in listed(desk, WorkList.OVERDUE, page=page, by_name=by_name)]
        for page in (1, 2, 3, 4)
    ]

    assert pages == [["A", "B"], ["C", "D"], ["E"], []]
    assert len(whole_list(desk, WorkList.OVERDUE, 100)) == 5


def test_the_counts_are_those_of_the_lists(desk: Desk) -> None:
    received(desk, procedure_code=SAME_DAY)
    received(desk, on=date(2021, 9, 20))
    received(desk, on=date(2021, 9, 21))
    after(desk, received(desk), RESOLVED)
    after(desk, received(desk), PAPERS_ASKED_FOR)

    assert list_counts(desk) == {which: len(listed(desk, which)) for which in WorkList}
    assert pressing_count(desk) == 3


def test_a_dossier_that_counts_nowhere_stands_in_no_list(desk: Desk) -> None:
    after(desk, received(desk, on=date(2021, 9, 20)), Voided(reason="Nhập trùng"))

    assert set(list_counts(desk).values()) == {0}


@pytest.mark.parametrize(
    ("on", "left"),
    [(date(2021, 9, 28), -1), (date(2021, 9, 29), 0), (date(2021, 9, 30), 1), (date(2021, 10, 1), 2)],
)
def test_days_left_are_working_days(desk: Desk, on: date, left: int) -> None:
    received(desk, on=on, procedure_code=ONE_WORKING_DAY)

    [line] = search(desk, Wanted(text="Hường")).lines

    assert line.days_left == left


def test_the_days_of_a_dossier_whose_clock_is_held_are_not_counted(desk: Desk) -> None:
    after(desk, received(desk, on=date(2021, 9, 20)), PAPERS_ASKED_FOR)

    [line] = listed(desk, WorkList.WAITING)

    assert line.days_left is None
    assert line.due_at is not None


def test_a_list_masks_the_identity_number(desk: Desk) -> None:
    received(desk)

    [line] = entered_on(desk, date(2021, 10, 4))

    assert line.masked_id_number == "026*******01"
    assert "026185900001" not in repr(line)


def test_what_was_entered_stands_newest_first(desk: Desk, clock: StandingClock) -> None:
    received(desk, owner_name="Thứ Nhất")
    clock.move(minutes=1)
    received(desk, on=date(2021, 9, 20), owner_name="Nhập Sau")

    assert [line.owner_name for line in entered_on(desk, date(2021, 10, 4))] == ["Nhập Sau", "Thứ Nhất"]


# What the database is asked


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """A desk with one dossier in each list."""
    received(desk, procedure_code=SAME_DAY)
    received(desk, on=date(2021, 9, 30))
    received(desk, on=date(2021, 9, 20))
    after(desk, received(desk), PAPERS_ASKED_FOR)
    after(desk, received(desk), RESOLVED)
    return desk


@pytest.fixture
def asked(desk: Desk, caplog: pytest.LogCaptureFixture) -> Plans:
    """Gives the plans of the statements that something asks the database."""

    def plans(do: Callable[[], object]) -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger="peewee"), reading(desk.database):
            do()
            statements: list[Any] = [record.msg for record in caplog.records if record.name == "peewee"]
            return [
                " / ".join(row[3] for row in desk.database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())
                for sql, params in statements
                if '"dossier' in sql
            ]

    return plans


@pytest.mark.parametrize(
    ("which", "by_name", "index"),
    [
        (WorkList.DUE_TODAY, False, "SEARCH t1 USING COVERING INDEX dossier_due (due_at>? AND due_at<?)"),
        (WorkList.DUE_SOON, False, "SEARCH t1 USING COVERING INDEX dossier_due (due_at>? AND due_at<?)"),
        (WorkList.OVERDUE, False, "SEARCH t1 USING COVERING INDEX dossier_due (due_at<?)"),
        (WorkList.WAITING, False, "SCAN t1 USING COVERING INDEX dossier_waiting"),
        (WorkList.RESULTS, False, "SCAN t1 USING COVERING INDEX dossier_resolved"),
        (WorkList.WAITING, True, "SCAN t1 USING COVERING INDEX dossier_waiting_by_name"),
        (WorkList.RESULTS, True, "SCAN t1 USING COVERING INDEX dossier_resolved_by_name"),
    ],
)
def test_a_list_is_read_by_an_index_and_then_row_by_row_number(
    filled: Desk,
    asked: Plans,
    which: WorkList,
    by_name: bool,
    index: str,
) -> None:
    plans = asked(lambda: listed(filled, which, by_name=by_name))

    assert plans == [index, "SEARCH t1 USING INTEGER PRIMARY KEY (rowid=?)"]


def test_overdue_ones_by_name_come_from_an_index_alone(filled: Desk, asked: Plans) -> None:
    numbers, rows = asked(lambda: listed(filled, WorkList.OVERDUE, by_name=True))

    assert "COVERING INDEX dossier_due" in numbers
    assert rows == "SEARCH t1 USING INTEGER PRIMARY KEY (rowid=?)"


def test_the_counts_are_read_from_indexes_alone(filled: Desk, asked: Plans) -> None:
    plans = asked(lambda: list_counts(filled))

    assert len(plans) == 5
    assert [plan for plan in plans if "COVERING INDEX" not in plan] == []


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(text="nguyen"),
        Wanted(stages=(DossierStage.RECEIVED,)),
        Wanted(first_on=date(2021, 1, 5), last_on=date(2021, 10, 4)),
        Wanted(text="nguyen", stages=(DossierStage.RESOLVED,), first_on=date(2021, 10, 4), last_on=date(2021, 10, 4)),
    ],
)
def test_a_search_asks_the_index_of_words_alone(filled: Desk, asked: Plans, wanted: Wanted) -> None:
    plans = asked(lambda: search(filled, wanted))

    assert len(plans) == 2
    assert plans[0].startswith("SCAN t1 VIRTUAL TABLE INDEX")
    assert plans[1] == "SEARCH t1 USING INTEGER PRIMARY KEY (rowid=?)"


def test_a_list_asks_as_much_for_many_dossiers_as_for_one(desk: Desk, asked: Plans) -> None:
    received(desk, on=date(2021, 9, 20))
    of_one = len(asked(lambda: listed(desk, WorkList.OVERDUE)))
    for _ in range(4):
        received(desk, on=date(2021, 9, 20))

    assert len(asked(lambda: listed(desk, WorkList.OVERDUE))) == of_one
