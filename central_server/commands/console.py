"""What every command needs: the centre of the data folder, who is at the keyboard, and how an outcome is told."""

import getpass
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from central_server.central import Central
from central_server.opening import open_central
from central_server.services.enrolment import CONSOLE
from central_server.services.lines import BadFile
from central_server.services.rebuilding import rebuild_if_needed
from central_server.services.unusable import Unusable
from central_server.settings import read_settings
from sync_protocol.errors import N_, BadInput
from sync_protocol.instants import NOT_AN_INSTANT, parse_instant
from sync_protocol.periods import Period, parse_period

NO_FOLDER = N_("it is no folder that can be written to.")
NOT_A_NEW_FILE = N_("it exists already, or its folder cannot be written to.")


def centre_of(data: Path | None) -> Central:
    """The centre in the data folder, its dossiers in the shape of this program; raises what opening it raises."""
    central = open_central(read_settings(data))
    rebuild_if_needed(central)
    return central


def centre_and_period(data: Path | None, name: str) -> tuple[Central, Period]:
    """The centre in the data folder, and the period of its series that a text names; raises UnknownPeriod."""
    central = centre_of(data)
    return central, parse_period(name, central.about().series)


def instant_of(text: str) -> datetime:
    """The instant that an ISO time with offset names; raises BadInput."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise BadInput(what=text, reason=NOT_AN_INSTANT) from error


def console_user() -> str:
    """Who is recorded for what the command line changes: the account of the machine that runs it."""
    try:
        return f"{CONSOLE}:{getpass.getuser()}"
    except (OSError, KeyError, ImportError):
        return CONSOLE


def check_free(out: Path) -> None:
    """Nobody can see a code again, so the file has to be writable before there are codes; raises Unusable."""
    try:
        out.open("xb").close()
    except OSError as error:
        raise Unusable(what=str(out), reason=NOT_A_NEW_FILE) from error


def text_of(file: Any) -> str:
    """The text of a file that the command line opened; raises BadFile."""
    try:
        return str(file.read())
    except UnicodeDecodeError as error:
        raise BadFile(line=1, reason=N_("it is not UTF-8 text")) from error


def make_folder(out: Path) -> None:
    """A folder for files; raises Unusable."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unusable(what=str(out), reason=NO_FOLDER) from error


def tell(content: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """Prints an outcome: one object for machines, or a text for people."""
    click.echo(orjson.dumps(dict(content)).decode() if as_json else text)
