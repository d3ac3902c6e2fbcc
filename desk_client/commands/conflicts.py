"""The commands that list and settle what two machines entered differently."""

from pathlib import Path
from typing import Any

import click
import orjson

from desk_client.commands.console import desk_of
from desk_client.services import signing_in
from desk_client.services.conflicts import Conflict, Side, settle
from desk_client.services.conflicts import conflicts as open_conflicts
from sync_protocol.instants import instant_text


@click.group("conflicts", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_context
def conflicts(context: click.Context, as_json: bool) -> None:
    """Tells what two machines of the desk entered differently, and settles it."""
    if context.invoked_subcommand:
        return
    found = open_conflicts(desk_of(context.obj))
    if as_json:
        click.echo(orjson.dumps({"conflicts": [_content(each) for each in found]}).decode())
        return
    for each in found:
        stands, says = _said(each.stands), _said(each.says)
        click.echo(f"{each.name}  {each.dossier_code}  {each.field or '-'}  {stands}  |  {says}")
    click.echo(f"Còn {len(found)} chỗ hai máy nhập khác nhau\n{len(found)} to be settled")


@conflicts.command("settle")
@click.argument("name")
@click.option("--keep", "choice", flag_value="keep", help="What is in force stays.")
@click.option("--replace", "choice", flag_value="replace", help="What the other machine entered takes its place.")
@click.option("--reason", required=True, help="Why.")
@click.option("--clerk", default=None, help="Username to settle under.")
@click.pass_obj
def settle_one(data: Path | None, name: str, choice: str | None, reason: str, clerk: str | None) -> None:
    """Settles NAME, as the list has it, for all machines of the desk."""
    if choice is None:
        raise click.UsageError("--keep | --replace")
    desk = desk_of(data)
    settle(desk, name, keeps=choice == "keep", reason=reason, clerk=signing_in.known_clerk(desk, clerk))
    click.echo(f"Đã thống nhất {name}\nSettled {name}")


def _content(conflict: Conflict) -> dict[str, Any]:
    return {
        "name": conflict.name,
        "dossier": conflict.dossier_id,
        "dossier_code": conflict.dossier_code,
        "field": conflict.field or None,
        "can_replace": conflict.can_replace,
        "stands": _side(conflict.stands),
        "says": _side(conflict.says),
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "event": side.kind.value,
        "value": side.value,
        "clerk": side.clerk,
        "device": side.slot,
        "happened_at": instant_text(side.happened_at),
        "recorded_at": instant_text(side.recorded_at),
    }


def _said(side: Side) -> str:
    return f"{side.kind.value if side.value is None else side.value} ({side.clerk}, {side.slot})"
