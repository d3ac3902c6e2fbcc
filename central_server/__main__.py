"""The command line of the centre: the same actions as its pages."""

import sys
from pathlib import Path

import click

from central_server.central import APP_VERSION
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.loading import Loaded
from sync_protocol.messages import LANGUAGES, error_text, translated

NOT_A_COMMAND = N_("The command is not written as it has to be. Nothing was changed; what is amiss stands below.")

COMMANDS = Loaded(
    {
        "init": "central_server.commands.backups:init",
        "kit": "central_server.commands.backups:kit",
        "backup": "central_server.commands.backups:backup",
        "restore": "central_server.commands.backups:restore",
        "verify": "central_server.commands.backups:verify",
        "export": "central_server.commands.backups:export",
        "unseal": "central_server.commands.backups:unseal",
        "load": "central_server.commands.references:load",
        "user": "central_server.commands.accounts:user",
        "serve": "central_server.commands.pages:serve",
        "invite": "central_server.commands.devices:invite",
        "device": "central_server.commands.devices:device",
        "holding": "central_server.commands.holding:holding",
        "void": "central_server.commands.holding:void",
        "erase": "central_server.commands.holding:erase",
        "rebuild": "central_server.commands.holding:rebuild",
        "standings": "central_server.commands.standings:standings",
        "clock": "central_server.commands.clocks:clock",
        "period": "central_server.commands.periods:period",
        "letter": "central_server.commands.letters:letter",
        "lateness": "central_server.commands.lateness:lateness",
        "report": "central_server.commands.reports:report",
        "publish": "central_server.commands.publications:publish",
        "withdraw": "central_server.commands.publications:withdraw",
        "publications": "central_server.commands.publications:publications",
        "figure": "central_server.commands.figures:figure",
        "scoring": "central_server.commands.scoring:scoring",
        "complaint": "central_server.commands.scoring:complaint",
        "token": "central_server.commands.tokens:token",
        "exempt": "central_server.commands.rulings:exempt",
        "rule": "central_server.commands.rulings:rule",
        "unit": "central_server.commands.units:unit",
    }
)


@click.group(commands=COMMANDS)
@click.option("--data", type=click.Path(path_type=Path), default=None, help="Data folder (else CENTRAL_DATA).")
@click.version_option(APP_VERSION)
@click.pass_context
def cli(context: click.Context, data: Path | None) -> None:
    """Central server of a province's one-stop desks (Bộ phận Một cửa)."""
    context.obj = data


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


if __name__ == "__main__":
    main()
