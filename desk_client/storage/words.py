"""The words by which dossiers are found: what the index holds of each, and the question that is put to it.

The index knows no texts, only which word stands in which dossier. Stage and day of reception stand in it as marks
beside the words, so that one question answers "Nguyễn, resolved, in May" without looking at a single dossier.
"""

import calendar
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sync_protocol.texts import folded
from sync_protocol.vocabulary import DossierStage

STAGE = "§"
DAY = "¶"
"""What marks begin with: signs that no word holds, so that nobody finds a mark by typing."""

NOT_IN_WORDS = re.compile(r"[^0-9a-z]+")
DAY_AND_NUMBER_PARTS = 2
"""The last parts of a code, which people read out without the unit's own."""


def words_in(text: str) -> list[str]:
    """The folded words of a text, letters and digits only."""
    return [word for word in NOT_IN_WORDS.split(folded(text)) if word]


def run_together(text: str) -> str:
    """A code or a number as one word, without what stands between its parts."""
    return "".join(words_in(text))


def index_text(
    names: Iterable[str], numbers: Iterable[str], codes: Iterable[str], stage: DossierStage, received_on: date
) -> str:
    """What the index is given of a dossier; a code is found by its unit, from its day on, and by its number."""
    words = [word for name in names for word in words_in(name)]
    words += [run_together(number) for number in numbers]
    words += [word for code in codes for word in _code_words(code)]
    return " ".join([*dict.fromkeys(filter(None, words)), _stage_mark(stage), f"{DAY}{received_on:%Y%m%d}"])


def question(words: Sequence[str], stages: Sequence[DossierStage], first_on: date | None, last_on: date | None) -> str:
    """The question for dossiers that hold every word, each taken as the beginning of one, and one of each mark."""
    terms = [f'"{word}"*' for word in words]
    terms += [_any_of(f'"{_stage_mark(stage)}"' for stage in stages)] if stages else []
    terms += [_any_of(_day_terms(first_on, last_on))] if first_on and last_on else []
    return " AND ".join(terms)


def _stage_mark(stage: DossierStage) -> str:
    """One word for the index, which takes an underscore for what parts words."""
    return STAGE + stage.value.replace("_", "")


def _code_words(code: str) -> list[str]:
    """The unit's part, which many dossiers share, then day and number together, and the number by itself."""
    parts = words_in(code)
    unit, number = parts[:-DAY_AND_NUMBER_PARTS], parts[-DAY_AND_NUMBER_PARTS:]
    return ["".join(unit), "".join(number), number[-1]] if parts else []


def _any_of(terms: Iterable[str]) -> str:
    return f"({' OR '.join(terms)})"


def _day_terms(first_on: date, last_on: date) -> list[str]:
    """The days between two, both inclusive, by whole years and months where they are whole: some hundred at the most.

    A range that runs backwards gives a mark that no dossier bears.
    """
    terms: list[str] = []
    day = first_on
    while day <= last_on:
        mark, day = _longest_span(day, last_on)
        terms.append(mark)
    return terms or [f'"{DAY}"']


def _longest_span(day: date, last_on: date) -> tuple[str, date]:
    """The year, the month or the day that begins on a day and ends in time, and the day after it."""
    month_ends_on = day.replace(day=calendar.monthrange(day.year, day.month)[1])
    if (day.month, day.day) == (1, 1) and date(day.year, 12, 31) <= last_on:
        return f'"{DAY}{day:%Y}"*', date(day.year + 1, 1, 1)
    if day.day == 1 and month_ends_on <= last_on:
        return f'"{DAY}{day:%Y%m}"*', month_ends_on + timedelta(days=1)
    return f'"{DAY}{day:%Y%m%d}"', day + timedelta(days=1)
