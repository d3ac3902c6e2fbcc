"""A citizen who has been here before is known by number or phone, and their data need not be typed again."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk_client.desk import Desk
from desk_client.services.copying import COUNTED_MAX, acquaintance, people_of, shared_slip
from desk_client.services.recording import InvalidReception, Manner, Recorded, record_reception
from sync_protocol.dossiers import UnknownDossier
from tests.factories import NOW, StandingClock, enrolled_desk, reception


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(tmp_path / "desk", clock=clock)


def save(desk: Desk, manner: Manner = Manner(), **typed: Any) -> Recorded:
    """Saves a dossier."""
    return record_reception(desk, reception(**typed), received_at=NOW, clerk="an.nv", manner=manner)


@pytest.mark.parametrize(
    "asked",
    [
        {"id_type": "cccd", "id_number": "026185900001", "phone": ""},
        {"id_type": "cccd", "id_number": "026 185 900.001", "phone": "0987000009"},
        {"id_type": "cccd", "id_number": "", "phone": "+84 987 000 001"},
    ],
)
def test_a_citizen_is_known_by_number_else_by_phone(desk: Desk, asked: dict[str, str]) -> None:
    save(desk, address_text="Thôn Đông")
    save(desk, address_text="Thôn Tây")

    known = acquaintance(desk, **asked)

    assert known is not None
    assert (known.name, known.dossier_count, known.has_more) == ("Nguyễn Thị Hường", 2, False)
    assert known.received_on == date(2021, 10, 4)
    assert known.fields["address_text"] == "Thôn Tây"
    assert "owner_name" not in known.fields


@pytest.mark.parametrize(
    "asked",
    [
        {"id_type": "cccd", "id_number": "0261859", "phone": ""},
        {"id_type": "cccd", "id_number": "026185900002", "phone": ""},
        {"id_type": "cccd", "id_number": "026185900002", "phone": "0987000001"},
        {"id_type": "cccd", "id_number": "0261859", "phone": "0987000001"},
        {"id_type": "seal", "id_number": "026185900001", "phone": ""},
        {"id_type": "cccd", "id_number": "", "phone": "09870"},
        {"id_type": "cccd", "id_number": "", "phone": ""},
    ],
)
def test_nobody_is_named_by_half_a_number_or_by_the_phone_of_another_number(desk: Desk, asked: dict[str, str]) -> None:
    save(desk)

    assert acquaintance(desk, **asked) is None


def test_the_number_that_is_shown_is_masked(desk: Desk) -> None:
    save(desk)

    known = acquaintance(desk, id_type="cccd", id_number="026185900001", phone="")

    assert known is not None
    assert known.masked_number == "026*******01"


def test_many_dossiers_are_counted_up_to_a_bound(desk: Desk) -> None:
    for _ in range(COUNTED_MAX + 2):
        save(desk)

    known = acquaintance(desk, id_type="cccd", id_number="026185900001", phone="")

    assert known is not None
    assert (known.dossier_count, known.has_more) == (COUNTED_MAX, True)


def test_the_people_of_a_dossier_are_its_submitter_and_owner(desk: Desk) -> None:
    typed: dict[str, Any] = {"owner_name": "Công ty Mai Vàng", "owner_type": "business", "summary": "Bản sao"}
    saved = save(desk, birth_date="1985-01-01", birth_precision="year", **typed)

    people = people_of(desk, saved.dossier.id)

    assert people["owner_name"] == "Công ty Mai Vàng"
    assert people["submitter_name"] == "Nguyễn Thị Hường"
    assert (people["birth_date"], people["birth_precision"]) == ("1985-01-01", "year")
    assert "summary" not in people
    assert "procedure_code" not in people


def test_a_dossier_that_is_not_here_has_no_people(desk: Desk) -> None:
    with pytest.raises(UnknownDossier):
        people_of(desk, "1.1.99")


def test_dossiers_join_the_slip_of_the_first(desk: Desk) -> None:
    first = save(desk)
    code = first.dossier.dossier_code
    second = save(desk, Manner(slip_code=code), procedure_code="2.000815")

    slip = shared_slip(desk, code)

    assert second.dossier.slip_code == code
    assert second.dossier.dossier_code != code
    assert slip is not None
    assert (slip.dossier_count, slip.received_at) == (2, NOW)


def test_a_slip_that_is_not_here_cannot_be_joined(desk: Desk) -> None:
    assert shared_slip(desk, "H62.11.01-211004-0001") is None
    with pytest.raises(UnknownDossier):
        save(desk, Manner(slip_code="H62.11.01-211004-0001"))


def test_a_result_is_not_handed_over_on_a_day_to_come(desk: Desk) -> None:
    tomorrow = NOW + timedelta(days=1)

    with pytest.raises(InvalidReception) as refused:
        record_reception(desk, reception(), received_at=tomorrow, clerk="an.nv", manner=Manner(at_once=True))
    assert set(refused.value.problems) == {"received_at"}
