"""The command that writes the reminder letter of a unit."""

from pathlib import Path

import click

from central_server.commands.console import centre_and_period, check_free
from central_server.services import reminding, standing
from central_server.services.signing_in import UnknownUnit
from central_server.storage.units import EVERYTHING


@click.command()
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", required=True, help="Code of the unit that is written to, such as a district's.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PDF file.")
@click.pass_obj
def letter(data: Path | None, period: str, unit: str, out: Path) -> None:
    """Writes the reminder letter of a unit's desks, ready to be numbered and signed."""
    central, parsed = centre_and_period(data, period)
    unit_id = standing.unit_id(central, unit, parsed)
    if unit_id is None:
        raise UnknownUnit(unit=unit)
    written = reminding.reminder_letter(central, EVERYTHING, unit_id, parsed)
    check_free(out)
    out.write_bytes(written)
    click.echo(f"Đã ghi công văn vào {out}\nThe letter is in {out}")
