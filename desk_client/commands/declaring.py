"""The command that declares a period."""

from pathlib import Path

import click

from desk_client.commands.console import desk_of
from desk_client.services import declaring, signing_in
from sync_protocol.periods import parse_period
from sync_protocol.vocabulary import Cause, Declaration


@click.command()
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--complete", "declaration", flag_value=Declaration.COMPLETE.value, help="All of the period is entered.")
@click.option("--nil", "declaration", flag_value=Declaration.NIL.value, help="Nothing arose in the period.")
@click.option("--cause", type=click.Choice([each.value for each in Cause]), default=None, help="Why none or few.")
@click.option("--note", default="", help="The cause in free words.")
@click.option("--paper-register-last", default="", help="Last number of the paper register.")
@click.option("--certification-book-last", default="", help="Last number of the book of certifications.")
@click.option("--clerk", default=None, help="Username to declare under.")
@click.pass_obj
def declare(
    data: Path | None, /, period: str, declaration: str | None, cause: str | None, clerk: str | None, **words: str
) -> None:
    """Declares a period complete, or that nothing arose in it (xác nhận không phát sinh hồ sơ)."""
    if declaration is None:
        raise click.UsageError("--complete | --nil")
    desk = desk_of(data)
    parsed = parse_period(period, desk.packs().desk.series)
    username = signing_in.known_clerk(desk, clerk)
    fields = {"period": str(parsed), "declaration": declaration, "cause": cause} | words
    declaring.declare(desk, declaring.declared_of(fields), clerk=username)
    click.echo(f"Đã ghi xác nhận cho kỳ {parsed}\nDeclaration for {parsed} saved")
