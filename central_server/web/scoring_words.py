"""Scores in the words of their reader: points, classes, why there are none, and the documents that tell some."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from babel.numbers import format_decimal

from central_server.reports import scoring as points
from central_server.reports.scoring import CLASS_NAMES, CRITERION_NAMES, Score
from central_server.services.scoring import Scored, Scoring
from central_server.web.formatting import DASH, day_text, local_time, number, period_text
from central_server.web.speech import gettext, page_locale


def points_text(value: Decimal | None) -> str:
    """Points with one decimal, ``1,5``; a dash where they are not known."""
    return DASH if value is None else str(format_decimal(value, "0.0", locale=page_locale()))


def of_text(score: Score) -> str:
    """Of how many dossiers or quarters points are, where not all of them are known."""
    if score.points is None or score.counted == score.of:
        return ""
    return f"{number(score.counted or 0)}/{number(score.of or 0)}"


def class_text(row: Scored) -> str:
    """The class of a unit or the grade of a person; the range of what it may be while indicators are not known."""
    low, high = (gettext(CLASS_NAMES[each]) for each in (row.lowest, row.highest))
    return low if low == high else gettext("not classified yet: %(low)s to %(high)s", low=low, high=high)


def sources(rows: Iterable[Scored]) -> Mapping[str, int]:
    """The documents that tell points, numbered in their order."""
    found = dict.fromkeys(score.source for row in rows for score in row.scores if score.source)
    return {source: place for place, source in enumerate(found, start=1)}


def reasons(rows: Iterable[Scored]) -> list[str]:
    """Why points are not known, once for each indicator and reason, with how many rows it is of."""
    found: dict[tuple[points.Criterion, str], int] = {}
    for row in rows:
        for score in row.scores:
            if score.reason:
                key = score.criterion, score.reason
                found[key] = found.get(key, 0) + 1
    return [
        f"{criterion.value}. {gettext(CRITERION_NAMES[criterion])}: {gettext(reason)} ({number(count)})"
        for (criterion, reason), count in sorted(found.items())
    ]


def notes(scoring: Scoring) -> list[str]:
    """What a reader has to know of the points, whether on a page or in a file."""
    about = [
        gettext("As known at %(at)s", at=local_time(scoring.as_of)),
        gettext(
            "By %(sources)s, with the numbers in force since %(day)s",
            sources="; ".join(scoring.rules.sources),
            day=day_text(scoring.rules.valid_from),
        ),
        gettext(
            "Indicators 1, 2, 3 and 7 are of the dossiers resolved in the period, 9 of those received online. "
            "What is not known has no points; the total says of how many indicators it is."
        ),
    ]
    if scoring.is_year:
        ended = "; ".join(period_text(each) for each in scoring.quarters) or DASH
        about.append(
            gettext(
                "A year's points are the mean of its quarters in which they are known, with one decimal: %(ended)s",
                ended=ended,
            )
        )
    if scoring.covered < scoring.desks:
        covered = number(scoring.covered)
        about.append(
            gettext(
                "Provisional figures: %(covered)s of %(desks)s desks are known to the end.",
                covered=covered,
                desks=number(scoring.desks),
            )
        )
    return about
