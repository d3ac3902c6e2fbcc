"""Desks that enter nothing or little, by district and by name: proven ones alone, and what nobody knows apart.

Source: domain guide 10.4.
"""

from collections.abc import Iterable, Mapping

from central_server.reports.changes import CountChange
from central_server.reports.layouts import Cut, Table
from central_server.reports.material import DeskFacts, Material
from central_server.reports.report import Cell, Column, Row, Section
from sync_protocol.errors import N_
from sync_protocol.standings import NOT_KNOWN
from sync_protocol.vocabulary import Standing

FLAG_NAMES: Mapping[Standing, str] = {Standing.ZERO: N_("Entered nothing"), Standing.FEW: N_("Entered few")}
NOT_FLAGGED = N_("Not flagged")
UNKNOWN_BEFORE = N_("Not known")
PROVEN_ONLY = N_("A desk counts as such only if that is confirmed; those of which it is not known stand apart.")

COLUMNS = (
    Column(id="desks", name=N_("One-stop desks")),
    Column(id="with_online", name=N_("With a dossier online")),
    Column(id="zero", name=N_("Entered nothing")),
    Column(id="zero_change", name=N_("Change since the period before")),
    Column(id="few", name=N_("Entered few")),
    Column(id="few_change", name=N_("Change since the period before")),
    Column(id="unknown", name=N_("Not known")),
)
FLAGGED_COLUMNS = (
    Column(id="district", name=N_("District")),
    Column(id="flag", name=N_("In this period")),
    Column(id="entered", name=N_("Dossiers entered")),
    Column(id="before", name=N_("In the period before")),
)


def by_district(table: Table, material: Material) -> Section:
    """How many desks of each district there are of each kind, and of all together."""
    online = {code for code, counts in material.by_desk.items() if counts.received_online}
    rows = [
        Row(key=key, name=name, cells=_cells([material.desks[code] for code in codes], len(online.intersection(codes))))
        for (key, name), codes in sorted(material.desks_of(Cut.DISTRICT).items())
    ]
    total = Row(key="", name=N_("In all"), cells=_cells(material.desks.values(), len(online)), is_total=True)
    return Section(
        id=table.id,
        name=table.name,
        rows_of=table.cut.value,
        columns=COLUMNS,
        rows=[*rows, total],
        notes=[PROVEN_ONLY],
    )


def flagged(table: Table, material: Material) -> Section:
    """The desks themselves, those that entered nothing first."""
    desks = [each for each in material.desks.values() if each.standing in FLAG_NAMES]
    rows = [
        Row(key=each.named[0], name=each.named[1], cells=_flag_cells(each))
        for each in sorted(desks, key=lambda each: (each.standing is Standing.FEW, each.district, each.named))
    ]
    return Section(id=table.id, name=table.name, rows_of=table.cut.value, columns=FLAGGED_COLUMNS, rows=rows)


def _cells(desks: Iterable[DeskFacts], with_online: int) -> list[Cell]:
    counted = list(desks)
    cells: list[Cell] = [len(counted), with_online]
    is_compared = any(each.before not in NOT_KNOWN for each in counted)
    for standing in FLAG_NAMES:
        now = sum(each.standing is standing for each in counted)
        then = sum(each.before is standing for each in counted)
        cells += [now, CountChange(before=then if is_compared else None, now=now)]
    return [*cells, sum(each.standing in NOT_KNOWN for each in counted)]


def _flag_cells(desk: DeskFacts) -> list[Cell]:
    return [desk.district[1], FLAG_NAMES[desk.standing], desk.entered, _before(desk)]


def _before(desk: DeskFacts) -> str:
    if desk.before in NOT_KNOWN:
        return UNKNOWN_BEFORE
    return FLAG_NAMES.get(desk.before, NOT_FLAGGED) if desk.before else NOT_FLAGGED
