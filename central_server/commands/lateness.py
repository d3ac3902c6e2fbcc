"""The command about lateness: what is due, overdue, late and not known, desk by desk."""

from pathlib import Path
from typing import Any

import click
import orjson

from central_server.commands.console import centre_and_period
from central_server.reports.counts import NAMES
from central_server.services import standing
from central_server.services.lateness import DeskLateness
from central_server.services.lateness import lateness as lateness_of
from central_server.storage.units import Scope
from sync_protocol.instants import instant_text

SUMS = ("received_new", "workload", "resolved", "closed_other", "in_process", "due")


@click.command("lateness")
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", default=None, help="Code of a unit: only its subtree.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
@click.pass_obj
def lateness(data: Path | None, period: str, unit: str | None, as_json: bool) -> None:
    """Dossiers on time and late by desk; what is due and not known stands in a column of its own."""
    central, parsed = centre_and_period(data, period)
    told = lateness_of(central, Scope(root=standing.unit_id(central, unit, parsed)), parsed)
    rows = [_content(each) for each in told.desks]
    if as_json:
        click.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        figures = "  ".join(f"{name} {row[name]}" for name in ("overdue", "due_unknown", "resolved_late", "in_process"))
        click.echo(f"{row['desk']:12} {figures}")


def _content(each: DeskLateness) -> dict[str, Any]:
    """A desk as one object, with all that reports count of it."""
    counts = each.counts
    return {
        "desk": each.desk.code,
        "name": each.desk.name,
        "unit": each.desk.unit.name,
        "district": each.desk.district.name,
        **{name: getattr(counts, name) for name in (*NAMES, *SUMS)},
        "covered_until": instant_text(each.known_until) if each.known_until else None,
    }
