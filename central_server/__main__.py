"""The command line of the centre: the same actions as its pages."""

import logging
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from central_server.central import APP_VERSION
from central_server.commands.backups import backup, export, init, kit, restore, unseal, verify
from central_server.commands.console import centre_and_period, centre_of, console_user, text_of
from central_server.commands.devices import device, invite
from central_server.commands.figures import figure
from central_server.commands.holding import COMMANDS as HOLDING_COMMANDS
from central_server.commands.lateness import lateness
from central_server.commands.letters import letter
from central_server.commands.periods import period
from central_server.commands.publications import publications, publish, withdraw
from central_server.commands.reports import report
from central_server.commands.rulings import exempt, rule
from central_server.commands.scoring import complaint, scoring
from central_server.commands.tokens import token
from central_server.commands.units import unit
from central_server.services import founding, signing_in, standing
from central_server.services.deciding import judge_again
from central_server.services.telling import standing_content
from central_server.serving import serve as serve_pages
from central_server.storage.units import EVERYTHING, Tree
from sync_protocol.errors import N_, BadInput, FieldSyncError
from sync_protocol.instants import NOT_AN_INSTANT, instant_text, parse_instant
from sync_protocol.messages import LANGUAGES, error_text, translated
from sync_protocol.vocabulary import Role

NOT_A_COMMAND = N_("The command is not written as it has to be. Nothing was changed; what is amiss stands below.")


@click.group()
@click.option("--data", type=click.Path(path_type=Path), default=None, help="Data folder (else CENTRAL_DATA).")
@click.version_option(APP_VERSION)
@click.pass_context
def cli(context: click.Context, data: Path | None) -> None:
    """Central server of a province's one-stop desks (Bộ phận Một cửa)."""
    context.obj = data


for command in (init, kit, backup, restore, verify, export, unseal):
    cli.add_command(command)
for command in HOLDING_COMMANDS:
    cli.add_command(command)
cli.add_command(invite)
cli.add_command(device)
cli.add_command(period)
cli.add_command(letter)
cli.add_command(lateness)
cli.add_command(report)
cli.add_command(publish)
cli.add_command(withdraw)
cli.add_command(publications)
cli.add_command(figure)
cli.add_command(scoring)
cli.add_command(complaint)
cli.add_command(token)
for command in (exempt, rule):
    cli.add_command(command)
cli.add_command(unit)


@cli.command()
@click.argument("what", type=click.Choice(list(founding.TEMPLATES)))
@click.argument("file", type=click.File("r", encoding="utf-8"), required=False)
@click.option("--template", is_flag=True, help="Print the header of the file instead.")
@click.pass_obj
def load(data: Path | None, what: str, file: Any, template: bool) -> None:
    """Loads reference data from a CSV file; a second time changes nothing."""
    if template or file is None:
        click.echo(founding.TEMPLATES[what])
        return
    count = founding.load(centre_of(data), what, text_of(file))
    click.echo(f"Đã nạp {count} dòng\n{count} rows loaded")


@cli.group()
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


@cli.command()
@click.pass_obj
def serve(data: Path | None) -> None:
    """Serves pages and devices."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    central = centre_of(data)
    judge_again(central)
    serve_pages(central)


@cli.command()
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", default=None, help="Code of a unit: only its subtree.")
@click.option(
    "--tree",
    type=click.Choice([each.value for each in Tree]),
    default=Tree.PERIOD.value,
    help="Units of the period, or of today.",
)
@click.option("--as-of", default=None, help="An ISO time with offset: what was known then.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
@click.pass_obj
def standings(data: Path | None, period: str, unit: str | None, tree: str, as_of: str | None, as_json: bool) -> None:
    """The standing of every desk in a period, with its evidence."""
    central, parsed = centre_and_period(data, period)
    under = standing.unit_id(central, unit, parsed, tree=Tree(tree))
    told = standing.standings(
        central, EVERYTHING, parsed, under=under, as_of=_instant(as_of) if as_of else None, tree=Tree(tree)
    )
    rows = [standing_content(each) for each in told.desks]
    if as_json:
        click.echo(orjson.dumps(rows).decode())
        return
    for row in rows:
        click.echo(f"{row['desk']:12} {row['standing']:12} {row['arrived']:>6} {row['unsent']:>5}  {row['evidence']}")


@cli.command()
@click.argument("instant")
@click.pass_obj
def clock(data: Path | None, instant: str) -> None:
    """Sets a training centre's clock to INSTANT, an ISO time with offset."""
    shows_at = _instant(instant)
    founding.set_clock(centre_of(data), shows_at)
    click.echo(instant_text(shows_at))


def main() -> None:
    """Runs the command line; every expected error ends as one sentence in both languages and exit code 1.

    A command that is not written as its help has it ends with what is amiss, and exit code 2.
    """
    try:
        sys.exit(cli(standalone_mode=False))
    except FieldSyncError as error:
        click.echo(f"{error_text(error, 'vi')}\n{error_text(error, 'en')}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        for language in LANGUAGES:
            click.echo(translated(NOT_A_COMMAND, {}, language, "central_server"), err=True)
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(1)


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise BadInput(what=text, reason=NOT_AN_INSTANT) from error


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Mật khẩu / Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    main()
