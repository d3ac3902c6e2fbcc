"""The command line of a desk: the same actions as its page."""

import sys
from pathlib import Path

import click

from desk_client.commands.console import complain
from desk_client.desk import APP_VERSION
from sync_protocol.errors import FieldSyncError
from sync_protocol.loading import Loaded

COMMANDS = Loaded(
    {
        "enrol": "desk_client.commands.enrolling:enrol",
        "user": "desk_client.commands.accounts:user",
        "serve": "desk_client.commands.pages:serve",
        "practise": "desk_client.commands.pages:practise",
        "record": "desk_client.commands.recording:record",
        "import": "desk_client.commands.importing:import_",
        "sync": "desk_client.commands.syncing:sync",
        "status": "desk_client.commands.status:status",
        "rebuild": "desk_client.commands.checking:rebuild",
        "verify": "desk_client.commands.checking:verify",
        "declare": "desk_client.commands.declaring:declare",
        "answer": "desk_client.commands.answering:answer",
        "backup": "desk_client.commands.backups:backup",
        "restore": "desk_client.commands.backups:restore",
        "diagnose": "desk_client.commands.diagnosing:diagnose",
        "conflicts": "desk_client.commands.conflicts:conflicts",
    }
)


@click.group(commands=COMMANDS)
@click.option("--data", type=click.Path(path_type=Path), default=None, help="Data folder (else DESK_DATA).")
@click.version_option(APP_VERSION)
@click.pass_context
def cli(context: click.Context, data: Path | None) -> None:
    """Desk client of a one-stop desk (Bộ phận Một cửa)."""
    context.obj = data


def main() -> None:
    """Runs the command line; every expected error ends as one sentence in both languages and exit code 1."""
    try:
        cli()
    except FieldSyncError as error:
        complain(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
