"""The commands about how desks are judged: thresholds, exemptions, other software; each is dated and has a reason."""

from datetime import date, datetime
from pathlib import Path

import click
import orjson

from central_server.commands.console import centre_of, console_user
from central_server.services import ruling
from sync_protocol.vocabulary import UnitLevel

FROM = click.option("--from", "first_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day.")
TO = click.option("--to", "last_on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="Last day, else no end.")
REASON = click.option("--reason", required=True, help="Why; kept with your name.")
UNIT = click.option("--unit", default=None, help="Code of a unit: only its subtree.")
LEVEL = click.option(
    "--level", type=click.Choice([level.value for level in UnitLevel]), default=None, help="Only this level."
)


@click.command()
@click.argument("desk")
@FROM
@TO
@REASON
@click.option("--over", "is_over", is_flag=True, help="Takes an exemption of these days back.")
@click.pass_obj
def exempt(
    data: Path | None, desk: str, first_on: datetime, last_on: datetime | None, reason: str, is_over: bool
) -> None:
    """Leaves DESK out of judgement in the periods that lie within these days."""
    central = centre_of(data)
    ruling.exempt(
        central,
        desk,
        first_on=first_on.date(),
        last_on=_day(last_on),
        by=console_user(),
        reason=reason,
        is_over=is_over,
    )
    click.echo(f"Đã ghi\nNoted: {desk}")


@click.group()
def rule() -> None:
    """How desks are judged."""


@rule.command("threshold")
@click.argument("value", type=int)
@FROM
@REASON
@UNIT
@LEVEL
@click.option("--months", type=click.IntRange(1, 12), default=None, help="Only for periods of so many months.")
@click.option("--field", "field_", default="", help="Only the dossiers of this field of procedures (lĩnh vực).")
@click.pass_obj
def rule_threshold(
    data: Path | None,
    value: int,
    first_on: datetime,
    reason: str,
    unit: str | None,
    level: str | None,
    months: int | None,
    field_: str,
) -> None:
    """Sets how many dossiers a period needs, or how many of one field, which is told beside and changes no standing."""
    central = centre_of(data)
    ruling.rule_threshold(
        central,
        value,
        first_on=first_on.date(),
        by=console_user(),
        reason=reason,
        unit=unit,
        level=UnitLevel(level) if level else None,
        months=months,
        field_=field_,
    )
    click.echo(f"Đã ghi\nNoted: {value}")


@rule.command("existence")
@click.argument("value")
@FROM
@REASON
@UNIT
@LEVEL
@click.option("--days", type=click.IntRange(1, 366), default=None, help="Only if it existed for so many days at most.")
@click.pass_obj
def rule_existence(
    data: Path | None,
    value: str,
    first_on: datetime,
    reason: str,
    unit: str | None,
    level: str | None,
    days: int | None,
) -> None:
    """Sets what is asked of a desk that was registered, or had its first machine, in the midst of a period.

    VALUE is "share": the share of the threshold that its days are of the period's; a figure; or "unknown": what it
    received before is not known, so it is not judged below the threshold until it confirms the period.
    """
    ruling.rule_existence(
        centre_of(data),
        value,
        first_on=first_on.date(),
        by=console_user(),
        reason=reason,
        unit=unit,
        level=UnitLevel(level) if level else None,
        days=days,
    )
    click.echo(f"Đã ghi\nNoted: {value}")


@rule.command("end")
@click.argument("number", type=int)
@FROM
@REASON
@click.pass_obj
def rule_end(data: Path | None, number: int, first_on: datetime, reason: str) -> None:
    """Lets ruling NUMBER of the list hold no more from a day on."""
    ruling.end(centre_of(data), number, first_on=first_on.date(), by=console_user(), reason=reason)
    click.echo(f"Đã ghi\nNoted: {number}")


@rule.command("elsewhere")
@click.argument("desk")
@FROM
@TO
@REASON
@click.option("--software", default="", help="Name of the other software; none: the desk no longer uses any.")
@click.pass_obj
def rule_elsewhere(
    data: Path | None, desk: str, first_on: datetime, last_on: datetime | None, reason: str, software: str
) -> None:
    """Notes that DESK enters in other software: it is judged only after its file is in and the period confirmed."""
    central = centre_of(data)
    ruling.note_other_software(
        central, desk, software, first_on=first_on.date(), last_on=_day(last_on), by=console_user(), reason=reason
    )
    click.echo(f"Đã ghi\nNoted: {desk}")


@rule.command("list")
@click.pass_obj
def rule_list(data: Path | None) -> None:
    """All rulings, oldest first, one JSON object a line."""
    for each in ruling.all_rulings(centre_of(data)):
        click.echo(orjson.dumps(each).decode())


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None
