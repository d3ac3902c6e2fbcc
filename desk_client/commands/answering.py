"""The desk's answer to its supervisor on the command line."""

from pathlib import Path

import click

from desk_client.commands.console import desk_of
from desk_client.services import signing_in
from desk_client.services.answering import answer as answer_supervisor
from sync_protocol.periods import parse_period


@click.command()
@click.argument("note")
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--clerk", default=None, help="Username to answer under.")
@click.pass_obj
def answer(data: Path | None, /, note: str, period: str, clerk: str | None) -> None:
    """Answers what the supervisor reads of the desk in a period (trả lời người theo dõi)."""
    desk = desk_of(data)
    parsed = parse_period(period, desk.packs().desk.series)
    answer_supervisor(desk, parsed, note, clerk=signing_in.known_clerk(desk, clerk))
    click.echo(f"Đã ghi trả lời về kỳ {parsed}\nAnswer about {parsed} saved")
