"""The command that writes a report."""

from pathlib import Path

import click

from central_server.commands.console import centre_and_period, check_free
from central_server.reports.layouts import LAYOUTS
from central_server.services import standing
from central_server.services.reporting import make_report
from central_server.storage.units import EVERYTHING


@click.command()
@click.argument("name", type=click.Choice(list(LAYOUTS)))
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", default=None, help="Code of a unit, such as a district's; the whole province without it.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="JSON file.")
@click.pass_obj
def report(data: Path | None, name: str, period: str, unit: str | None, out: Path) -> None:
    """Writes a report of a period for machines."""
    central, parsed = centre_and_period(data, period)
    made = make_report(central, EVERYTHING, name, parsed, unit_id=standing.unit_id(central, unit, parsed))
    check_free(out)
    out.write_bytes(made.as_json())
    click.echo(f"Đã ghi báo cáo vào {out}\nThe report is in {out}")
