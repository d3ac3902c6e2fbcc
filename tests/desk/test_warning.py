"""What looks odd about a dossier is told at its field, and nothing of it keeps a dossier from being saved."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk_client.desk import Desk
from desk_client.services.recording import record_reception, record_refusal
from desk_client.services.warning import Oddity, remarks_on, remarks_on_rows
from tests.factories import NOW, StandingClock, enrolled_desk, reception

RECEIVED_AT = NOW - timedelta(minutes=1)


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(tmp_path / "desk", clock=clock)


def told(desk: Desk, received_at: datetime | None = RECEIVED_AT, **typed: Any) -> list[tuple[Oddity, str]]:
    """What is odd about a dossier, each with its field."""
    return [(each.oddity, each.field) for each in remarks_on(desk, reception(**typed), received_at)]


def save(desk: Desk, **typed: Any) -> str:
    """Saves a dossier and gives its code."""
    saved = record_reception(desk, reception(**typed), received_at=RECEIVED_AT, clerk="an.nv")
    return saved.dossier.dossier_code


def test_a_dossier_in_order_is_not_remarked_upon(desk: Desk) -> None:
    assert told(desk) == []


def test_unfinished_telex_is_told_at_each_name(desk: Desk) -> None:
    typed: dict[str, Any] = {"submitter_name": "Nguyeenx Van An", "owner_name": "Trần Thị Buwowir"}

    assert told(desk, **typed) == [
        (Oddity.TELEX_RESIDUE, "submitter_name"),
        (Oddity.TELEX_RESIDUE, "owner_name"),
    ]


def test_one_person_is_remarked_upon_once(desk: Desk) -> None:
    odd = told(desk, submitter_name="Nguyeenx Van An", owner_name="Nguyeenx Van An")

    assert odd == [(Oddity.TELEX_RESIDUE, "submitter_name")]


def test_a_company_may_have_any_letters_in_its_name(desk: Desk) -> None:
    assert told(desk, owner_name="Công ty Wood & Foods 68", owner_type="business") == []


@pytest.mark.parametrize(
    ("typed", "oddity"),
    [
        ({"id_number": "999185900001"}, Oddity.UNKNOWN_PROVINCE),
        ({"id_number": "026185900001", "sex": "male"}, Oddity.OTHER_SEX),
        ({"id_number": "026 185 900 001", "birth_date": "1986-01-01"}, Oddity.OTHER_BIRTH_YEAR),
    ],
)
def test_a_number_that_contradicts_what_else_is_known_is_told(
    desk: Desk, typed: dict[str, Any], oddity: Oddity
) -> None:
    assert told(desk, **typed) == [(oddity, "id_number")]


@pytest.mark.parametrize(
    "typed",
    [
        {"id_number": "026185900001", "sex": "female", "birth_date": "1985-09-05"},
        {"id_type": "cmnd", "id_number": "135000001", "sex": "male"},
        {"id_number": "0261859"},
        {"id_type": "seal", "id_number": "1"},
        {"phone": "09870"},
    ],
)
def test_numbers_in_order_and_half_typed_ones_are_not_remarked_upon(desk: Desk, typed: dict[str, Any]) -> None:
    assert told(desk, **typed) == []


@pytest.mark.parametrize("phone", ["01687000001", "+84 168 700 0001"])
def test_a_mobile_number_of_before_2018_is_told(desk: Desk, phone: str) -> None:
    assert told(desk, phone=phone) == [(Oddity.OLD_MOBILE, "phone")]


def test_a_reception_of_a_later_minute_is_told(desk: Desk) -> None:
    assert told(desk, NOW + timedelta(minutes=1)) == [(Oddity.AHEAD_OF_CLOCK, "received_on")]


def test_a_reception_of_this_minute_is_not_ahead(desk: Desk, clock: StandingClock) -> None:
    clock.move(seconds=10)

    assert told(desk, NOW + timedelta(seconds=50)) == []


def test_a_likely_duplicate_names_the_dossier_entered_last(desk: Desk) -> None:
    save(desk)
    later = save(desk)

    [remark] = remarks_on(desk, reception(owner_name="NGUYỄN thị hường", submitter_name="Lê Văn Cam"), RECEIVED_AT)

    assert (remark.oddity, remark.field, remark.dossier_code) == (Oddity.DUPLICATE, "owner_name", later)


@pytest.mark.parametrize(
    "typed",
    [
        {"procedure_code": "2.000815"},
        {"owner_name": "Nguyễn Thị Hương Giang"},
        {"id_number": "026185900002"},
    ],
)
def test_another_procedure_owner_or_number_is_no_duplicate(desk: Desk, typed: dict[str, Any]) -> None:
    save(desk)

    assert Oddity.DUPLICATE not in [oddity for oddity, _ in told(desk, **typed)]


def test_a_dossier_without_a_number_may_be_a_duplicate(desk: Desk) -> None:
    save(desk)

    assert (Oddity.DUPLICATE, "submitter_name") in told(desk, id_type=None, id_number="")


def test_a_dossier_of_another_day_is_no_duplicate(desk: Desk) -> None:
    save(desk)

    assert told(desk, RECEIVED_AT - timedelta(days=1)) == []


def test_a_dossier_that_was_not_accepted_is_no_duplicate(desk: Desk) -> None:
    record_refusal(desk, reception(), "Thiếu giấy tờ", happened_at=RECEIVED_AT, clerk="an.nv")

    assert told(desk) == []


def test_a_row_that_says_the_same_as_one_above_is_told(desk: Desk) -> None:
    rows = {1: reception(), 2: reception(submitter_name="Lê Văn Cam", owner_name="Lê Văn Cam"), 4: reception()}

    remarks = remarks_on_rows(desk, rows, RECEIVED_AT)

    assert [len(each) for each in remarks.values()] == [0, 0, 1]
    assert (remarks[4][0].oddity, remarks[4][0].row) == (Oddity.SAME_ROW, 1)


def test_without_a_day_no_duplicate_is_looked_for(desk: Desk) -> None:
    save(desk)

    assert told(desk, None) == []
