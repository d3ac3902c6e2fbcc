"""Dossiers by the field of their procedure, for the rulings that ask for so many of one field."""

from collections import Counter
from collections.abc import Collection, Mapping

from peewee import fn

from central_server.storage.dossiers import COUNTED
from central_server.storage.models import DossierRow
from central_server.storage.questions import of_desks
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode


def received(
    period: Period, desks: Collection[DeskCode], procedures: Mapping[str, Collection[str]]
) -> Counter[tuple[DeskCode, str]]:
    """How many dossiers of each field desks received in a period.

    procedures  the codes of each field that is asked for; reads every dossier of the period, so none is asked in vain
    """
    fields = {code: field for field, codes in procedures.items() for code in codes}
    row = DossierRow
    query = (
        row.select(row.desk, row.procedure_code, fn.COUNT(row.received_on))
        .where(COUNTED, row.received_on.between(period.first_on, period.last_on))
        .group_by(row.desk, row.procedure_code)
    )
    found: Counter[tuple[DeskCode, str]] = Counter()
    for desk, procedure, count in of_desks(query, row.desk, desks).tuples():
        if procedure in fields:
            found[desk, fields[procedure]] += count
    return found
