"""A number that somebody wrote into a report's text is marked; a number of the report is not, however it is written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_server.reports.by_hand import pieces
from central_server.reports.rates import number_text, percent_text

MADE = "Trong kỳ 21/09/2021 – 20/10/2021 đã tiếp nhận 1.234 hồ sơ, đúng hạn 99,98%, giảm 5 hồ sơ."

words = st.text(alphabet="aăâbcdđ eêghioôơ.,;()\n", max_size=12)
counts = st.integers(min_value=0, max_value=99_999_999)
percents = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999.99"), places=2)


def by_hand(text: str, made: str = MADE) -> list[str]:
    """The numbers that are marked."""
    return [piece.text for piece in pieces(text, made) if piece.is_by_hand]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (MADE, []),
        ("Đã tiếp nhận 1234 hồ sơ, đúng hạn 99,98 %.", []),
        ("Đã tiếp nhận 1.235 hồ sơ, đúng hạn 100%.", ["1.235", "100%"]),
        ("Đúng hạn 99,98.", ["99,98"]),
        ("Đúng hạn 99.98%.", ["99.98%"]),
        ("Trong kỳ 21/09/2021 – 20/11/2021.", ["20/11/2021"]),
        ("Giảm -5 hồ sơ, năm 2020-2021.", ["-5", "2020", "2021"]),
        ("Đã tiếp nhận 1.2345 hồ sơ.", ["1.2345"]),
        ("", []),
    ],
)
def test_numbers_that_are_none_of_the_reports_are_found(text: str, found: list[str]) -> None:
    assert by_hand(text) == found


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_pieces_of_any_text_are_the_text_and_a_made_text_has_no_mark(text: str, made: str) -> None:
    assert "".join(piece.text for piece in pieces(text, made)) == text
    assert by_hand(made, made) == []


@given(words, words, counts, counts)
def test_a_count_is_marked_exactly_if_it_is_another_one(before: str, after: str, count: int, other: int) -> None:
    made = f"{before} {number_text(count, 'vi')} {after}"

    assert by_hand(f"{after} {number_text(other, 'vi')} {before}", made) == (
        [] if other == count else [number_text(other, "vi")]
    )
    assert by_hand(f"{after} {count} {before}", made) == []


@given(percents, percents)
def test_a_percentage_is_marked_exactly_if_it_is_another_one(percent: Decimal, other: Decimal) -> None:
    made, written = f"đạt {percent_text(percent, 'vi')}", percent_text(other, "vi")

    assert by_hand(f"chỉ đạt {written}", made) == ([] if other == percent else [written])
    assert by_hand(f"chỉ đạt {written.rstrip('%')} hồ sơ", made) == [written.rstrip("%")]
