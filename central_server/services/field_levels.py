"""The dossiers of a field against the threshold ruled for it: told beside the standing, which they never change.

A desk's own figure is of all its dossiers; a field's tells whether it enters one kind of them only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from central_server.central import Central
from central_server.services.assessing import DeskStanding
from central_server.storage import field_counts, procedures
from central_server.storage.database import reading
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFigure:
    """What arrived of a field, and how many are asked for."""

    field: str
    arrived: int
    threshold: int


def field_figures(central: Central, period: Period, desks: Sequence[DeskStanding]) -> dict[DeskCode, list[FieldFigure]]:
    """The figures of those desks for which a ruling about a field is in force; where there is none, nothing is read."""
    asked = {each.desk.code: each.terms.fields for each in desks if each.terms.fields}
    if not asked:
        return {}
    names = {field for fields in asked.values() for field in fields}
    with reading(central.database):
        codes = {field: codes for field, codes in procedures.fields().items() if field in names}
        counts = field_counts.received(period, list(asked), codes)
    return {
        code: [
            FieldFigure(field=field, arrived=counts[code, field], threshold=threshold)
            for field, threshold in fields.items()
        ]
        for code, fields in asked.items()
    }
