"""The commands about periods: how far each has come, closing, opening again, restating."""

from pathlib import Path
from typing import Any

import click
import orjson

from central_server.commands.console import centre_and_period, console_user
from central_server.services import closing
from central_server.services.closing import PeriodStory
from central_server.services.snapshots import Snapshot
from sync_protocol.instants import instant_text


@click.group()
def period() -> None:
    """The reporting periods: closed ones are frozen, what comes later is a restatement."""


@period.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def period_show(data: Path | None, name: str, as_json: bool) -> None:
    """How far a period has come, what was published of it, and which desks are missing."""
    content = story_content(closing.story(*centre_and_period(data, name)))
    if as_json:
        click.echo(orjson.dumps(content).decode())
        return
    click.echo(f"{content['period']}  {content['state']}  {content['arrived']}  ({len(content['missing'])} missing)")
    for each in content["snapshots"]:
        click.echo(f"  {each['revision']}  {each['taken_at']}  {each['arrived']:>7}  {each['hash']}  {each['reason']}")


@period.command("close")
@click.argument("name")
@click.option("--reason", default="", help="Why not to wait for the desks that are missing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def period_close(data: Path | None, name: str, reason: str, as_json: bool) -> None:
    """Freezes the figures of a period that has ended."""
    central, asked = centre_and_period(data, name)
    _tell(closing.close(central, asked, by=console_user(), reason=reason), as_json=as_json)


@period.command("restate")
@click.argument("name")
@click.option("--reason", required=True, help="Why new figures are published.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def period_restate(data: Path | None, name: str, reason: str, as_json: bool) -> None:
    """Publishes the figures of now beside those that stand, with what differs and why."""
    central, asked = centre_and_period(data, name)
    _tell(closing.restate(central, asked, by=console_user(), reason=reason), as_json=as_json)


@period.command("open")
@click.argument("name")
@click.option("--reason", required=True, help="Why the period waits for its desks again.")
@click.pass_obj
def period_open(data: Path | None, name: str, reason: str) -> None:
    """Opens a closed period again; what was published stays."""
    central, asked = centre_and_period(data, name)
    closing.reopen(central, asked, by=console_user(), reason=reason)
    click.echo(f"Đã mở lại kỳ {asked}\nPeriod {asked} is open again")


def story_content(told: PeriodStory) -> dict[str, Any]:
    """A period with what was published of it, as one object."""
    return {
        "period": str(told.period),
        "state": told.state.value,
        "arrived": told.arrived,
        "not_published": told.not_published,
        "missing": [each.desk.code for each in told.missing],
        "snapshots": [snapshot_content(each) for each in told.snapshots],
    }


def snapshot_content(taken: Snapshot) -> dict[str, Any]:
    """What was published, without its rows."""
    return {
        "revision": taken.revision,
        "taken_at": instant_text(taken.taken_at),
        "taken_by": taken.taken_by,
        "reason": taken.reason,
        "arrived": taken.sum("arrived"),
        "missing": list(taken.missing),
        "hash": taken.hash.hex(),
        "changes": [[each.desk, each.cause.value, each.dossiers] for each in taken.changes],
    }


def _tell(taken: Snapshot, *, as_json: bool) -> None:
    content = snapshot_content(taken)
    if as_json:
        click.echo(orjson.dumps(content).decode())
        return
    click.echo(
        f"Đã chốt kỳ {taken.period}, lần {taken.revision}\nPeriod {taken.period} published, revision {taken.revision}"
    )
    click.echo(content["hash"])
    for desk, cause, dossiers in content["changes"]:
        click.echo(f"{desk:14} {cause:16} {dossiers:+}")
