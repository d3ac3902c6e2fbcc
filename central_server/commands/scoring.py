"""The commands about scores and complaints."""

from pathlib import Path

import click
import orjson

from central_server.commands.console import centre_and_period, centre_of, console_user
from central_server.services import complaints, standing
from central_server.services.scoring import Scored, scores
from central_server.storage.complaints import Finding
from central_server.storage.units import EVERYTHING


@click.command()
@click.option("--period", required=True, help="For example 2021-Q4, or 2021 for the year by its quarters.")
@click.option("--unit", default=None, help="Code of a unit: only its subtree.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
@click.pass_obj
def scoring(data: Path | None, period: str, unit: str | None, as_json: bool) -> None:
    """Scores and classes of units and persons by TT 01/2018; a dash is what nobody has told yet."""
    central, parsed = centre_and_period(data, period)
    told = scores(central, EVERYTHING, parsed, unit_id=standing.unit_id(central, unit, parsed))
    rows = [*told.units, *told.persons]
    if as_json:
        click.echo(orjson.dumps([_content(row) for row in rows]).decode())
        return
    for row in rows:
        each = " ".join(f"{'–' if score.points is None else score.points:>4}" for score in row.scores)
        name = f"{row.unit.code} {row.clerk}".strip()
        click.echo(f"{name:24} {each}  {row.total.points:>5}  {row.total.known}/{row.total.of}")


@click.group()
def complaint() -> None:
    """The book of complaints, without anything about who made them."""


@complaint.command("record")
@click.option("--unit", "unit_code", required=True, help="Code of the unit that it is about.")
@click.option("--received-on", required=True, help="Day, such as 2021-10-04.")
@click.option("--answer-due-on", required=True, help="Day to which it has to be answered.")
@click.option("--answered-on", default="", help="Day on which it was answered.")
@click.option(
    "--finding",
    type=click.Choice([each.value for each in Finding]),
    default=Finding.PENDING.value,
    show_default=True,
    help="What was found of it.",
)
@click.option("--clerk", default="", help="Sign-in name of the clerk whom it is about.")
@click.option("--dossier", "dossier_code", default="", help="Code of the dossier that it is about.")
@click.option("--document", required=True, help="Number and day of the document that proves it.")
@click.option(
    "--corrects", type=click.IntRange(1), default=None, help="Number of the complaint that this row corrects."
)
@click.pass_obj
def complaint_record(data: Path | None, /, corrects: int | None, **told: str) -> None:
    """Adds a complaint, or a row that goes before an earlier one; both stay."""
    number = complaints.record(centre_of(data), EVERYTHING, told, by=console_user(), corrects=corrects or 0)
    click.echo(f"Đã ghi phản ánh, kiến nghị số {number}\nNoted complaint {number}")


def _content(row: Scored) -> dict[str, object]:
    return {
        "unit": row.unit.code,
        "clerk": row.clerk,
        "points": {str(each.criterion.value): None if each.points is None else str(each.points) for each in row.scores},
        "reasons": {str(each.criterion.value): each.reason for each in row.scores if each.reason},
        "sources": {str(each.criterion.value): each.source for each in row.scores if each.source},
        "total": str(row.total.points),
        "known": row.total.known,
        "of": row.total.of,
        "class_from": row.lowest.value,
        "class_to": row.highest.value,
    }
