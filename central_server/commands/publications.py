"""The commands about published reports: publishing or withdrawing one, and what was published, with its files."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from central_server.app import create_app
from central_server.central import Central
from central_server.commands.console import centre_and_period, centre_of, check_free, make_folder, text_of
from central_server.reports.layouts import LAYOUTS
from central_server.services import editions, publishing, standing
from central_server.services.editions import Listed
from central_server.services.reporting import make_report
from central_server.services.signing_in import person_of
from central_server.services.versions import begun_text
from central_server.storage.publications import ReportOf
from central_server.storage.units import EVERYTHING
from central_server.web.publication_files import drawing, worded
from sync_protocol.texts import normalised


@click.command()
@click.argument("name", type=click.Choice(list(LAYOUTS)))
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", default=None, help="Code of a unit, such as a district's; the whole province without it.")
@click.option("--number", required=True, help="Number of the document that publishes it, for example 12/BC-VP.")
@click.option("--issued-on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Date of that document.")
@click.option("--by", required=True, help="Username of the person of the province office who approves it.")
@click.option("--text", type=click.File("r", encoding="utf-8"), default=None, help="The text for the press instead.")
@click.option("--reason", default="", help="Why a published version is corrected.")
@click.pass_obj
def publish(
    data: Path | None,
    name: str,
    period: str,
    unit: str | None,
    number: str,
    issued_on: datetime,
    by: str,
    text: Any,
    reason: str,
) -> None:
    """Prepares, approves and publishes a report with the figures of now; once more with --reason is a correction."""
    central, of = _report_of(data, name, period, unit)
    with create_app(central).app_context():
        _publish(central, of, by, number, issued_on.date(), text_of(text) if text else None, reason)
    version = editions.story(central, EVERYTHING, of).versions[-1]
    click.echo(f"Đã phát hành {version.document_number}, lần {version.revision}")
    click.echo(f"Published as {version.document_number}, revision {version.revision}")
    click.echo(version.hash.hex())


def _report_of(data: Path | None, layout: str, period: str, unit: str | None) -> tuple[Central, ReportOf]:
    central, parsed = centre_and_period(data, period)
    unit_id = standing.unit_id(central, unit, parsed)
    top = editions.reported_unit(central, EVERYTHING, unit_id, parsed)
    return central, ReportOf(layout=layout, unit_id=top.id, period=parsed)


def _publish(
    central: Central, of: ReportOf, username: str, number: str, issued_on: date, text: str | None, reason: str
) -> None:
    """All steps in a row."""
    by = person_of(central, username)
    publishing.check_may_publish(by)
    told = editions.story(central, EVERYTHING, of)
    # Before anything is prepared, so that a slip of the hand leaves nothing behind.
    publishing.check_document(told, normalised(number), issued_on, central.today())
    if text is not None:
        publishing.check_text(text)
    if told.versions:
        publishing.check_reason(told, reason)
        report = make_report(central, EVERYTHING, of.layout, of.period, unit_id=of.unit_id)
        publishing.check_corrects(
            told, report, publishing.check_text(begun_text(told, worded(report)) if text is None else text)
        )
    seen = told.seen
    publishing.prepare(central, of, worded=worded, by=by, seen=seen, reason=reason)
    manuscript = editions.story(central, EVERYTHING, of).manuscript
    assert manuscript is not None, "it was prepared just now"
    approved = manuscript.text if text is None else text
    publishing.approve(central, of, approved, by=by, seen=seen + 1)
    publishing.publish(
        central,
        of,
        approved,
        document_number=number,
        issued_on=issued_on,
        drawn=drawing(training=central.about().training),
        by=by,
        seen=seen + 2,
    )


@click.command()
@click.argument("name", type=click.Choice(list(LAYOUTS)))
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--unit", default=None, help="Code of a unit, such as a district's; the whole province without it.")
@click.option("--by", required=True, help="Username of the person of the province office who withdraws it.")
@click.option("--reason", required=True, help="Why it shall not be published.")
@click.pass_obj
def withdraw(data: Path | None, name: str, period: str, unit: str | None, by: str, reason: str) -> None:
    """Withdraws the draft of a report that is prepared and not approved; nothing published is ever withdrawn."""
    central, of = _report_of(data, name, period, unit)
    seen = editions.story(central, EVERYTHING, of).seen
    publishing.withdraw(central, of, reason=reason, by=person_of(central, by), seen=seen)
    click.echo("Đã rút lại bản dự thảo; không có gì được phát hành")
    click.echo("The draft is withdrawn; nothing was published")


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder for their files.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array for machines.")
@click.pass_obj
def publications(data: Path | None, out: Path | None, as_json: bool) -> None:
    """What was published, and its files as they were published."""
    central = centre_of(data)
    listed = editions.listed(central, EVERYTHING)
    if out is not None:
        make_folder(out)
        for each in listed:
            _write_files(central, each, out)
    if as_json:
        click.echo(orjson.dumps([_content(each) for each in listed]).decode())
        return
    for each in listed:
        mark = "  (sơ bộ / provisional)" if each.is_provisional else ""
        said = f"{each.issued_on}  {each.document_number:16} {each.of.layout:10} {each.of.period}  {each.unit}"
        click.echo(f"{said}  {each.approved_by}{mark}")


def _write_files(central: Central, each: Listed, out: Path) -> None:
    """The files of a version, named by the report, its period and the version."""
    version = editions.story(central, EVERYTHING, each.of).versions[each.revision]
    for ending in version.files:
        report = version.report
        file = out / f"{report.layout}_{report.unit_code}_{report.period_name}_{each.revision}.{ending}"
        check_free(file)
        file.write_bytes(editions.file(central, EVERYTHING, each.of, each.revision, ending))


def _content(each: Listed) -> dict[str, Any]:
    return {
        "report": each.of.layout,
        "unit": each.unit,
        "period": str(each.of.period),
        "revision": each.revision,
        "document_number": each.document_number,
        "issued_on": each.issued_on.isoformat(),
        "approved_by": each.approved_by,
        "corrects": each.corrects,
        "provisional": each.is_provisional,
    }
