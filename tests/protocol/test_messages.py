"""The words of errors and judgements in both languages: complete, with the same values, in local time."""

import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

import sync_protocol
from sync_protocol.entries import BadEntry
from sync_protocol.errors import BadInput, FieldSyncError
from sync_protocol.messages import LANGUAGES, catalogue, error_text, sentence, translated
from sync_protocol.periods import UnknownPeriod
from sync_protocol.schemas import UnknownKind
from sync_protocol.standings import EVIDENCE, NEXT_STEPS, STANDING_NAMES, Sentence

for module in iter_modules(sync_protocol.__path__):
    import_module(f"sync_protocol.{module.name}")


def kinds_of(error: type[FieldSyncError]) -> Iterator[type[FieldSyncError]]:
    """A class of errors of the protocol with all that derive from it."""
    if error.__module__.startswith("sync_protocol."):
        yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


ERRORS = sorted(set(kinds_of(FieldSyncError)), key=lambda kind: kind.__name__)
TEXTS = [*EVIDENCE.values(), *NEXT_STEPS.values(), *STANDING_NAMES.values()]


class Values(dict[str, Any]):
    """Notes which values a text asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __missing__(self, name: str) -> int:
        self.asked.add(name)
        return 1


def asked_by(text: str) -> set[str]:
    """Names of the values in a text."""
    values = Values()
    assert text % values
    return values.asked


def test_english_and_vietnamese_are_spoken() -> None:
    assert LANGUAGES == ("vi", "en")


@pytest.mark.parametrize("text", [kind.text for kind in ERRORS] + TEXTS)
def test_every_text_has_a_vietnamese_one_with_the_same_values(text: str) -> None:
    vietnamese = catalogue("sync_protocol", "vi").gettext(text)

    assert vietnamese != text
    assert asked_by(vietnamese) == asked_by(text)


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in ERRORS]

    assert sorted(codes) == sorted(set(codes))
    assert all(set(code) <= {*string.ascii_lowercase, "_"} for code in codes)


def test_an_error_is_told_in_both_languages() -> None:
    error = UnknownKind(kind="transfer", version=2)

    assert error_text(error, "en") == "An entry of the kind transfer, version 2, is kept until this program is updated."
    assert error_text(error, "vi") == (
        "Bản ghi loại transfer, phiên bản 2, được giữ lại cho đến khi chương trình này được cập nhật."
    )


def test_a_reason_inside_an_error_is_translated_too() -> None:
    error = BadEntry(reason="its header is damaged.")

    assert error_text(error, "vi").startswith("Có bản ghi không đọc được: phần đầu")


def test_an_error_inside_an_error_is_told_in_its_own_words() -> None:
    error = BadInput(what="x", reason=UnknownPeriod(name="2021-13"))

    assert "2021-13 không phải kỳ báo cáo" in error_text(error, "vi")
    assert "2021-13 is not a period" in error_text(error, "en")


def test_an_error_about_what_was_left_empty_says_so() -> None:
    error = UnknownPeriod(name="")

    assert error_text(error, "en").startswith("(left empty) is not a period.")
    assert not error_text(error, "vi").startswith(" ")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (datetime(2021, 10, 4, 20, 5, tzinfo=UTC), "03:05 05/10/2021"),
        (date(2021, 10, 5), "05/10/2021"),
        (None, "–"),
        ("", ""),
        (12, "12"),
        ((("phone", "too short"), ("owner_name", "missing")), "phone: too short; owner_name: missing"),
    ],
)
def test_values_are_shown_the_local_way(value: object, shown: str) -> None:
    assert translated("%(value)s", {"value": value}, "en") == shown


def test_a_value_with_a_percent_sign_stays_as_it_is() -> None:
    assert translated("%(value)s", {"value": "50%(x)s"}, "vi") == "50%(x)s"


def test_a_judgement_is_told_in_both_languages() -> None:
    said = Sentence(
        text=EVIDENCE[next(iter(EVIDENCE))],
        values={"arrived": 60, "covered_until": datetime(2021, 10, 20, 10, 0, tzinfo=UTC)},
    )

    assert sentence(said, "en") == "60 dossiers have arrived; known until 17:00 20/10/2021."
    assert sentence(said, "vi") == "Đã nhận 60 hồ sơ; đã biết đến 17:00 20/10/2021."
