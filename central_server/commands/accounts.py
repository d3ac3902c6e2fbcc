"""The commands about the accounts of the centre."""

import sys
from pathlib import Path

import click

from central_server.commands.console import centre_of, console_user
from central_server.services import signing_in
from sync_protocol.instants import instant_text
from sync_protocol.vocabulary import Role


@click.group()
def user() -> None:
    """Accounts of the centre."""


@user.command("add")
@click.argument("username")
@click.option("--name", "full_name", required=True, help="Full name.")
@click.option(
    "--role", type=click.Choice([Role.PROVINCE.value, Role.AUDITOR.value, Role.SUPERVISOR.value]), required=True
)
@click.option("--unit", default=None, help="Code of the unit whose subtree a supervisor sees.")
@click.pass_obj
def user_add(data: Path | None, username: str, full_name: str, role: str, unit: str | None) -> None:
    """Adds a person; the password is asked, or read from standard input."""
    central = centre_of(data)
    signing_in.add_user(
        central,
        username=username,
        full_name=full_name,
        role=Role(role),
        unit_code=unit,
        password=_password(),
        by=console_user(),
    )
    click.echo(f"Đã thêm {username}\nAdded {username}")


@user.command("list")
@click.pass_obj
def user_list(data: Path | None) -> None:
    """Everybody with an account."""
    for username, full_name, is_disabled in signing_in.users(centre_of(data)):
        click.echo(f"{username}  {full_name}{'  (đã khóa / disabled)' if is_disabled else ''}")


@user.command("disable")
@click.argument("username")
@click.pass_obj
def user_disable(data: Path | None, username: str) -> None:
    """Closes an account at once."""
    signing_in.disable_user(centre_of(data), username, by=console_user())
    click.echo(f"Đã khóa {username}\n{username} disabled")


@user.command("sessions")
@click.argument("username")
@click.pass_obj
def user_sessions(data: Path | None, username: str) -> None:
    """When each open session of USERNAME was opened and last seen."""
    for opened_at, seen_at in signing_in.sessions_of(centre_of(data), username):
        click.echo(f"{instant_text(opened_at)}  {instant_text(seen_at)}")


@user.command("sign-out")
@click.argument("username")
@click.pass_obj
def user_sign_out(data: Path | None, username: str) -> None:
    """Ends every session of USERNAME; the account stays."""
    count = signing_in.sign_out_everywhere(centre_of(data), username, by=console_user())
    click.echo(f"Đã đăng xuất {username}: {count} lần đăng nhập\n{username} signed out: {count} sessions")


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Mật khẩu / Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
