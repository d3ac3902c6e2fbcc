"""The command that writes a report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from flask_babel import force_locale

from central_server.app import create_app
from central_server.commands.console import centre_and_period, check_free
from central_server.reports.choices import KINDS, choices
from central_server.reports.layouts import LAYOUTS
from central_server.services import standing
from central_server.services.reporting import make_report
from central_server.services.unusable import Unusable
from central_server.storage.units import EVERYTHING
from central_server.web.report_files import FORMATS, file_of
from sync_protocol.errors import N_

WHAT_ENDINGS = N_("its name has to end in .pdf, .docx, .xlsx or .json.")

Command = TypeVar("Command", bound=Callable[..., Any])


def _choice(name: str, *, help: str) -> Callable[[Command], Command]:
    """An option for a choice of a report, by its name in addresses."""
    kind = KINDS[name.replace("-", "_")]
    return click.option(f"--{name}", type=click.Choice([each.value for each in kind]), help=help)


@click.command()
@click.argument("name", type=click.Choice(list(LAYOUTS)))
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", default=None, help="Code of a unit, such as a district's; the whole province without it.")
@_choice("basis", help="What the rate in time is a share of.")
@_choice("closed-other", help="Whether what ended without a result lies in that base.")
@_choice("awaiting", help="Whether what waits for the citizen is told as in time.")
@_choice("mean", help="With units: the mean of the units' rates, too.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=f"File to write: {', '.join(FORMATS)} by the ending of its name.",
)
@click.pass_obj
def report(data: Path | None, /, name: str, period: str, unit: str | None, out: Path, **chosen: str | None) -> None:
    """Writes a report of a period, for people in Vietnamese or for machines."""
    ending = _ending(out)
    central, parsed = centre_and_period(data, period)
    made = make_report(
        central, EVERYTHING, name, parsed, unit_id=standing.unit_id(central, unit, parsed), choices=choices(chosen)
    )
    check_free(out)
    with create_app(central).app_context(), force_locale("vi"):
        out.write_bytes(file_of(made, ending, training=central.about().training))
    click.echo(f"Đã ghi báo cáo vào {out}\nThe report is in {out}")


def _ending(out: Path) -> str:
    ending = out.suffix.removeprefix(".").lower()
    if ending not in FORMATS:
        raise Unusable(what=str(out), reason=WHAT_ENDINGS)
    return ending
