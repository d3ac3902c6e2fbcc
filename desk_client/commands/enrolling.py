"""The command that makes a machine a device of a desk."""

from pathlib import Path

import click

from desk_client.agent.joining import join
from desk_client.commands.console import desk_of, typed_password


@click.command()
@click.option("--server", required=True, help="Address of the centre, for example https://motcua.example.vn")
@click.option("--code", required=True, help="One-time enrolment code.")
@click.pass_obj
def enrol(data: Path | None, server: str, code: str) -> None:
    """Makes this machine a device of a desk. The password of the desk head is asked, or read from standard input."""
    device = join(desk_of(data), server, code, typed_password())
    click.echo(f"Đã đăng ký máy {device} – tài khoản: truong\nEnrolled as {device} – account: truong")
