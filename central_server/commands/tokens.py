"""The commands about access tokens: what other programs read by."""

from pathlib import Path

import click

from central_server.commands.console import centre_of, console_user, tell
from central_server.services import tokens
from central_server.services.tokens import DAYS_MAX, DAYS_USUAL
from central_server.storage.tokens import Permission
from sync_protocol.instants import instant_text


@click.group()
def token() -> None:
    """Access tokens: what other programs read by."""


@token.command("issue")
@click.argument("name")
@click.option("--unit", required=True, help="Code of the unit whose subtree it reads.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    type=click.Choice([each.value for each in Permission]),
    default=[Permission.STANDINGS.value],
    show_default=True,
    help="What it reads; may be given several times.",
)
@click.option(
    "--expires", "days", type=click.IntRange(1, DAYS_MAX), default=DAYS_USUAL, show_default=True, help="Days."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def token_issue(
    data: Path | None, name: str, unit: str, permissions: tuple[str, ...], days: int, as_json: bool
) -> None:
    """Issues a token and prints it, this once: it is kept nowhere."""
    issued = tokens.issue(
        centre_of(data),
        name,
        unit_code=unit,
        permissions=[Permission(each) for each in permissions],
        days=days,
        by=console_user(),
    )
    until = instant_text(issued.token.expires_at)
    tell(
        {"name": name, "unit": issued.unit_name, "expires_at": until, "token": issued.secret},
        f"{issued.secret}\n"
        f"Chỉ hiện một lần; đọc số liệu của {issued.unit_name} đến {until}\n"
        f"Shown only this once; reads {issued.unit_name} until {until}",
        as_json=as_json,
    )


@token.command("list")
@click.pass_obj
def token_list(data: Path | None) -> None:
    """Every token that was ever issued: name, state, unit, permissions, expiry, last use, owner."""
    for each in tokens.listed(centre_of(data)):
        held = each.token
        used = instant_text(held.used_at) if held.used_at else "–"
        told = (
            held.name,
            each.state,
            each.unit_name,
            ",".join(sorted(held.permissions)),
            instant_text(held.expires_at),
        )
        click.echo("  ".join((*told, used, held.owner)))


@token.command("revoke")
@click.argument("name")
@click.pass_obj
def token_revoke(data: Path | None, name: str) -> None:
    """Ends a token at once."""
    tokens.revoke(centre_of(data), name, by=console_user())
    click.echo(f"Đã thu hồi {name}\n{name} revoked")
