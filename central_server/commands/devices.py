"""The commands about machines: who may speak for a desk, and the codes with which new ones enrol."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from central_server.commands.console import centre_of, check_free, console_user
from central_server.services import devices, enrolment
from central_server.services.devices import Changed, DeviceAction, Machine
from central_server.services.enrolment import Invitation
from central_server.services.inviting import invitation_sheets
from central_server.services.missing import Missing
from central_server.storage.units import EVERYTHING
from sync_protocol.errors import BadInput
from sync_protocol.instants import NOT_AN_INSTANT, instant_text, parse_instant


@click.command()
@click.argument("desk", required=False)
@click.option("--all", "everybody", is_flag=True, help="A code for every desk without a machine in use.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A PDF file to print, a sheet a desk.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for machines.")
@click.pass_obj
def invite(data: Path | None, desk: str | None, everybody: bool, out: Path | None, as_json: bool) -> None:
    """Issues a one-time enrolment code for DESK, or for every desk without a machine in use."""
    if bool(desk) == everybody:
        raise click.UsageError("DESK | --all")
    central = centre_of(data)
    if out:
        check_free(out)
    made = enrolment.invite(central, None if everybody else desk, by=console_user())
    if out:
        out.write_bytes(invitation_sheets(central, made, address=""))
    for each in made:
        content = invitation_content(each)
        click.echo(orjson.dumps(content).decode() if as_json else "  ".join(content.values()))


@click.group()
def device() -> None:
    """The machines of the desks."""


@device.command("list")
@click.argument("desk", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
@click.pass_obj
def device_list(data: Path | None, desk: str | None, as_json: bool) -> None:
    """Every machine, or those of DESK: state, last contact, what has not arrived, version, free disk, clock."""
    central = centre_of(data)
    machines = devices.machines_of(central, EVERYTHING, desk).machines if desk else devices.all_machines(central)
    rows = [machine_content(each) for each in machines]
    if as_json:
        click.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        click.echo(
            f"{row['device']:14} {row['state']:10} {row['heard_at'] or '–':20} {row['ahead']:>5} "
            f"{row['app_version']:8} {_shown(row['free_disk_mb'], 'MB'):>10} {_shown(row['clock_offset_s'], 's'):>8} "
            f"{row['number']}"
        )
        for lacking in row["missing"]:
            click.echo(f"{'':14} {_missing_line(lacking)}")


@device.command("approval")
@click.argument("switch", type=click.Choice(["on", "off"]))
@click.pass_obj
def device_approval(data: Path | None, switch: str) -> None:
    """Whether a person has to approve each new machine before what it sends counts."""
    devices.set_approval(centre_of(data), needed=switch == "on", by=console_user())
    click.echo(
        "Máy mới phải được duyệt\nNew machines need approval"
        if switch == "on"
        else "Máy mới dùng được ngay\nNew machines count at once"
    )


def _command(action: DeviceAction, said: str) -> None:
    """Adds the command of an action to the group."""

    @device.command(action.value, help=said)
    @click.argument("name", metavar="DESK/NUMBER")
    @click.option("--reason", default="", help="Why, in a few words; no citizen's data.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
    @click.pass_obj
    def run(data: Path | None, name: str, reason: str, as_json: bool) -> None:
        _change(data, name, action, reason, as_json=as_json)


_command(DeviceAction.APPROVE, "Lets a machine's word count: a new one, one in reserve, or one that was found again.")
_command(DeviceAction.SUSPEND, "Keeps aside what a machine sends, until it is approved again.")
_command(DeviceAction.REPLACE, "Ends a machine and issues the code for the one that takes its place.")
_command(DeviceAction.RETIRE, "Ends a machine that has sent all it had.")
_command(DeviceAction.SPARE, "Puts a machine in reserve: nobody waits for its word.")


@device.command(DeviceAction.LOST.value)
@click.argument("name", metavar="DESK/NUMBER")
@click.option("--since", default=None, help="ISO time with offset; now if it is left out.")
@click.option("--reason", default="", help="Why, in a few words; no citizen's data.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def device_lost(data: Path | None, name: str, since: str | None, reason: str, as_json: bool) -> None:
    """Marks a machine as lost since a time: what it sends later is kept aside, what it held is unknown."""
    try:
        lost_since = parse_instant(since) if since else None
    except ValueError as error:
        raise BadInput(what=since, reason=NOT_AN_INSTANT) from error
    _change(data, name, DeviceAction.LOST, reason, as_json=as_json, lost_since=lost_since)


def machine_content(machine: Machine) -> dict[str, Any]:
    """A machine for machines; instants are ISO texts in UTC, the clock's offset is in seconds."""
    device, offset_ms = machine.device, machine.offset_ms
    instants = {
        "since": device.state_since or device.enrolled_at,
        "left_at": device.left_at,
        "enrolled_at": device.enrolled_at,
        "heard_at": device.heard_at,
        "stated_at": device.stated_at,
        "covered_until": device.covered_until,
    }
    return {
        "device": str(device.id),
        "desk": device.id.desk,
        "slot": device.id.slot,
        "state": device.state.value,
        **{name: instant_text(at) if at else None for name, at in instants.items()},
        "epoch": device.epoch,
        "head": device.head,
        "ahead": machine.ahead,
        "app_version": device.app_version,
        "free_disk_mb": device.free_disk_mb,
        "clock_offset_s": None if offset_ms is None else round(offset_ms / 1000),
        "number": machine.number,
        "possible": [action.value for action in machine.possible],
        "missing": [_missing_content(each) for each in machine.missing],
    }


def invitation_content(invitation: Invitation) -> dict[str, str]:
    """A code for machines."""
    return {
        "desk": invitation.desk,
        "name": invitation.desk_name,
        "code": str(invitation.code),
        "expires_at": instant_text(invitation.expires_at),
    }


def _change(
    data: Path | None,
    name: str,
    action: DeviceAction,
    reason: str,
    *,
    as_json: bool,
    lost_since: datetime | None = None,
) -> None:
    changed = devices.change_state(
        centre_of(data),
        devices.parse_device(name),
        action,
        by=console_user(),
        reason=reason,
        lost_since=lost_since,
    )
    if as_json:
        click.echo(orjson.dumps(_changed_content(changed)).decode())
        return
    click.echo(f"{changed.device.id}: {changed.device.state.value}")
    if changed.invitation:
        click.echo("  ".join(invitation_content(changed.invitation).values()))


def _changed_content(changed: Changed) -> dict[str, Any]:
    device = changed.device
    return {
        "device": str(device.id),
        "state": device.state.value,
        "left_at": instant_text(device.left_at) if device.left_at else None,
        "invitation": invitation_content(changed.invitation) if changed.invitation else None,
    }


def _missing_content(missing: Missing) -> dict[str, Any]:
    return {
        "epoch": missing.first.epoch,
        "first": str(missing.first),
        "last": str(missing.last),
        "entries": missing.entries,
        "dossiers": missing.dossiers,
        "days": [
            {"day": each.day.isoformat(), "count": each.count, "first": each.first_code, "last": each.last_code}
            for each in missing.days
        ],
    }


def _missing_line(content: dict[str, Any]) -> str:
    """What never came of a machine, for people: entries, and the dossiers among them by their expected codes."""
    codes = ", ".join(f"{each['first']}…{each['last']}" for each in content["days"])
    line = f"chưa đến {content['entries']}: {content['first']}…{content['last']}"
    return f"{line}; hồ sơ: {content['dossiers']} ({codes})" if codes else line


def _shown(count: int | None, unit: str) -> str:
    return "–" if count is None else f"{count} {unit}"
