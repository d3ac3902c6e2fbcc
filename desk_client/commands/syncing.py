"""The command that contacts the centre."""

import sys
from pathlib import Path

import click

from desk_client.agent.lock import sole_agent
from desk_client.agent.loop import sync_once
from desk_client.commands.console import complain, desk_of, tell
from desk_client.storage.database import reading


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def sync(data: Path | None, as_json: bool) -> None:
    """Contacts the centre now and sends what waits."""
    desk = desk_of(data)
    with sole_agent(desk.settings.data), reading(desk.database):
        outcome = sync_once(desk)
    if outcome.error:
        complain(outcome.error)
    tell(
        {"sent": outcome.sent, "unsent": outcome.unsent, "error": outcome.error.code if outcome.error else None},
        f"Máy chủ đã nhận thêm {outcome.sent} bản ghi, còn chờ gửi {outcome.unsent}\n"
        f"{outcome.sent} entries confirmed by the centre, {outcome.unsent} still waiting",
        as_json=as_json,
    )
    sys.exit(1 if outcome.error or outcome.unsent else 0)
