"""The command that tells the standing of every desk."""

from pathlib import Path

import click
import orjson

from central_server.commands.console import centre_and_period, instant_of
from central_server.services import standing
from central_server.services.telling import standing_content
from central_server.storage.units import EVERYTHING, Tree


@click.command()
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", default=None, help="Code of a unit: only its subtree.")
@click.option(
    "--tree",
    type=click.Choice([each.value for each in Tree]),
    default=Tree.PERIOD.value,
    help="Units of the period, or of today.",
)
@click.option("--as-of", default=None, help="An ISO time with offset: what was known then.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
@click.pass_obj
def standings(data: Path | None, period: str, unit: str | None, tree: str, as_of: str | None, as_json: bool) -> None:
    """The standing of every desk in a period, with its evidence."""
    central, parsed = centre_and_period(data, period)
    under = standing.unit_id(central, unit, parsed, tree=Tree(tree))
    told = standing.standings(
        central, EVERYTHING, parsed, under=under, as_of=instant_of(as_of) if as_of else None, tree=Tree(tree)
    )
    rows = [standing_content(each) for each in told.desks]
    if as_json:
        click.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        click.echo(f"{row['desk']:12} {row['standing']:12} {row['arrived']:>6} {row['unsent']:>5}  {row['evidence']}")
