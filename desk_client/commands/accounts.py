"""The commands about the accounts of a machine."""

from pathlib import Path

import click

from desk_client.commands.console import desk_of, typed_password
from desk_client.services import signing_in
from desk_client.storage.clerks import Clerk
from sync_protocol.vocabulary import Role


@click.group()
def user() -> None:
    """Accounts of this machine."""


@user.command("add")
@click.argument("username")
@click.option("--name", "full_name", required=True, help="Full name.")
@click.option("--role", type=click.Choice([Role.CLERK.value, Role.HEAD.value]), default=Role.CLERK.value)
@click.pass_obj
def user_add(data: Path | None, username: str, full_name: str, role: str) -> None:
    """Adds a clerk; the password is asked, or read from standard input."""
    signing_in.add_clerk(
        desk_of(data), Clerk(username=username, full_name=full_name, role=Role(role)), typed_password()
    )
    click.echo(f"Đã thêm {username}\nAdded {username}")


@user.command("reset")
@click.argument("username")
@click.pass_obj
def user_reset(data: Path | None, username: str) -> None:
    """Gives a clerk a new password and ends their sessions."""
    signing_in.reset_password(desk_of(data), username, typed_password())
    click.echo(f"Đã đổi mật khẩu của {username}\nPassword of {username} changed")
