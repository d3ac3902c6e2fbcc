"""An official form as a table: its column numbers, and the checks that each of its rows has to pass.

Source: domain guide 10.5, II.06a/VPCP/KSTT.
"""

from collections.abc import Iterable

from central_server.reports.choices import Choices
from central_server.reports.counts import Counts
from central_server.reports.indicators import BY_ID, Indicator
from central_server.reports.layouts import BESIDE_FORM, FORM_CHECKS, FORM_HEADS
from central_server.reports.report import Column
from sync_protocol.errors import N_

HOLDS = N_("The checks of the form hold: 3 = 4 + 5 + 6 = 7 + 11; 7 = 8 + 9 + 10; 11 = 12 + 13.")
HOLDS_WITH_BESIDE = N_(
    "The checks of the form, 3 = 4 + 5 + 6 = 7 + 11; 7 = 8 + 9 + 10; 11 = 12 + 13, hold with the columns without a"
    " number: dossiers that the form has no column for."
)


def column(figure: Indicator, choices: Choices) -> Column:
    """The column of a figure; without a number where the form has none for it."""
    heads = {choices.figure(id_): head for id_, head in FORM_HEADS.items()}
    head = heads.get(figure.id)
    number, group = (head.number, head.group) if head else ("", "")
    return Column(id=figure.id, name=figure.name, basis=figure.basis, number=number, group=group)


def checked(rows: Iterable[Counts], choices: Choices) -> str:
    """What is said of the checks below the table, a text of the catalogue; only a fault of the counting breaks one."""
    has_beside = False
    for row in rows:
        for whole, parts in FORM_CHECKS:
            said, adds = _sum(row, [whole], choices), _sum(row, parts, choices)
            assert said == adds, f"{whole} is {said}, its parts are {adds}"
        has_beside = has_beside or _sum(row, BESIDE_FORM, choices) > 0
    return HOLDS_WITH_BESIDE if has_beside else HOLDS


def _sum(row: Counts, ids: Iterable[str], choices: Choices) -> int:
    return sum(row.sum(BY_ID[id_].counts) for id_ in choices.figures(ids))
