"""The commands of the book of figures that do not come from dossiers."""

import sys
from pathlib import Path

import click
import orjson

from central_server.commands.console import centre_of, console_user
from central_server.reports.external import EXTERNAL_BY_ID
from central_server.services import external_figures
from central_server.services.external_figures import BookRow
from central_server.services.figure_sheets import BadFigureSheet, keep_sheet, look_through
from central_server.storage.units import EVERYTHING
from sync_protocol.instants import instant_text
from sync_protocol.messages import error_text


@click.group()
def figure() -> None:
    """The book of figures that do not come from dossiers, each with the document that tells it."""


@figure.command("add")
@click.argument("indicator", type=click.Choice(list(EXTERNAL_BY_ID)), metavar="INDICATOR")
@click.option("--unit", "unit_code", required=True, help="Code of the unit.")
@click.option("--period", required=True, help="For example 2021-10, 2021-Q3 or 2021.")
@click.option("--value", default="", help="The number; of a share its percentage.")
@click.option("--numerator", default="", help="What a share, or a mean of points, is made of.")
@click.option("--denominator", default="", help="What it is a share of.")
@click.option("--source", required=True, help="The document that tells it, with its number and day.")
@click.pass_obj
def figure_add(data: Path | None, /, **told: str) -> None:
    """Adds a figure; a later one of the same indicator, unit and period goes before it, and both stay."""
    kept = external_figures.add(centre_of(data), EVERYTHING, told, by=console_user())
    click.echo(f"Đã ghi {kept.indicator}: {kept.value}\nNoted {kept.indicator}: {kept.value}")


@figure.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--keep", is_flag=True, help="Keep the usable rows; without it they are only looked through.")
@click.pass_obj
def figure_import(data: Path | None, file: Path, *, keep: bool) -> None:
    """Looks through an Excel FILE of figures, as the sample file of the page has them, and keeps them if told to.

    Exit code 1 where a row is not usable.
    """
    central, raw = centre_of(data), file.read_bytes()
    lines = look_through(central, EVERYTHING, raw, by=console_user())
    if not lines:
        raise BadFigureSheet
    problems = [(line.number, line.problem) for line in lines if line.problem]
    for number, problem in problems:
        click.echo(f"{number}: {error_text(problem, 'vi')}\n{number}: {problem}")
    count = keep_sheet(central, EVERYTHING, raw, by=console_user()) if keep else 0
    click.echo(f"Đã ghi {count} số liệu\n{count} figures kept")
    if problems:
        sys.exit(1)


@figure.command("list")
@click.pass_obj
def figure_list(data: Path | None) -> None:
    """The whole book, newest first, one JSON object a line."""
    for row in external_figures.book(centre_of(data), EVERYTHING):
        click.echo(orjson.dumps(_content(row)).decode())


def _content(row: BookRow) -> dict[str, object]:
    told = row.figure
    return {
        "number": told.number,
        "indicator": told.indicator,
        "unit": row.unit_code,
        "period": str(told.period),
        "value": str(told.value),
        "numerator": told.numerator,
        "denominator": told.denominator,
        "source": told.source,
        "recorded_by": told.recorded_by,
        "recorded_at": instant_text(told.recorded_at),
        "stands": row.is_standing,
    }
