"""Days and times as clerks type them, and how instants are shown."""

from datetime import UTC, date, datetime, time

import pytest

from desk_client.web.formatting import local_day, local_hour, local_time
from desk_client.web.typed import parse_day, parse_time

TODAY = date(2021, 10, 4)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("04/10/2021", date(2021, 10, 4)),
        ("4/10/2021", date(2021, 10, 4)),
        ("04-10-2021", date(2021, 10, 4)),
        ("04.10.21", date(2021, 10, 4)),
        (" 04/10 ", date(2021, 10, 4)),
        ("410", date(2021, 10, 4)),
        ("0110", date(2021, 10, 1)),
        ("01102021", date(2021, 10, 1)),
        ("3112", date(2021, 12, 31)),
        ("2902", date(2020, 2, 29)),
        ("", TODAY),
    ],
)
def test_a_day_can_be_typed_in_short(text: str, day: date) -> None:
    assert parse_day(text, TODAY) == day


def test_a_day_without_a_year_is_the_nearest_one() -> None:
    assert parse_day("3112", date(2022, 1, 3)) == date(2021, 12, 31)
    assert parse_day("0201", date(2021, 12, 30)) == date(2022, 1, 2)


@pytest.mark.parametrize("text", ["31/02/2021", "00/01/2021", "1", "hôm qua", "2021-10-04", "01/01/0001", "٠٤/١٠/٢٠٢١"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_day(text, TODAY)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("08:15", time(8, 15)),
        ("8:15", time(8, 15)),
        ("0815", time(8, 15)),
        ("815", time(8, 15)),
        ("8h15", time(8, 15)),
        ("8 ", time(8)),
        ("8h", time(8)),
        ("16g30", time(16, 30)),
        ("", time(9)),
    ],
)
def test_a_time_can_be_typed_in_short(text: str, at: time) -> None:
    assert parse_time(text, time(9)) == at


@pytest.mark.parametrize("text", ["25:00", "9h99", "08:15:30", "sáng", "2460", "-1"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(text, time(9))


def test_instants_are_shown_in_local_time() -> None:
    instant = datetime(2021, 10, 4, 18, 30, tzinfo=UTC)

    assert local_time(instant) == "01:30 05/10/2021"
    assert local_hour(instant) == "01:30"
    assert local_day(instant) == "05/10/2021"
    assert local_time(None) == "–"
