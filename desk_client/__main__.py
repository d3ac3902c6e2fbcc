"""The command line of a desk: the same actions as its page."""

import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

import click

from desk_client.agent.joining import join
from desk_client.agent.lock import sole_agent
from desk_client.agent.loop import sync_once
from desk_client.commands.answering import answer
from desk_client.commands.backups import backup, restore
from desk_client.commands.conflicts import conflicts
from desk_client.commands.console import desk_of, tell
from desk_client.commands.diagnosing import diagnose
from desk_client.desk import APP_VERSION
from desk_client.opening import open_practice
from desk_client.services import declaring, filing, importing, projecting, signing_in, verifying
from desk_client.services.overview import Overview, overview
from desk_client.services.road import CentreRefused
from desk_client.services.row_taking import Outcome, RowResult
from desk_client.serving import serve as serve_pages
from desk_client.serving import serve_practice
from desk_client.settings import read_settings
from desk_client.sheets.reading import read_sheet
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading
from desk_client.storage.keys import kept_in
from sync_protocol.errors import FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.messages import LANGUAGES, Language, error_text, translated
from sync_protocol.periods import parse_period
from sync_protocol.vocabulary import Cause, Declaration, Role, Source


@click.group()
@click.option("--data", type=click.Path(path_type=Path), default=None, help="Data folder (else DESK_DATA).")
@click.version_option(APP_VERSION)
@click.pass_context
def cli(context: click.Context, data: Path | None) -> None:
    """Desk client of a one-stop desk (Bộ phận Một cửa)."""
    context.obj = data


@cli.command()
@click.option("--server", required=True, help="Address of the centre, for example https://motcua.example.vn")
@click.option("--code", required=True, help="One-time enrolment code.")
@click.pass_obj
def enrol(data: Path | None, server: str, code: str) -> None:
    """Makes this machine a device of a desk. The password of the desk head is asked, or read from standard input."""
    device = join(desk_of(data), server, code, _password())
    click.echo(f"Đã đăng ký máy {device} – tài khoản: truong\nEnrolled as {device} – account: truong")


@cli.group()
def user() -> None:
    """Accounts of this machine."""


@user.command("add")
@click.argument("username")
@click.option("--name", "full_name", required=True, help="Full name.")
@click.option("--role", type=click.Choice([Role.CLERK.value, Role.HEAD.value]), default=Role.CLERK.value)
@click.pass_obj
def user_add(data: Path | None, username: str, full_name: str, role: str) -> None:
    """Adds a clerk; the password is asked, or read from standard input."""
    signing_in.add_clerk(desk_of(data), Clerk(username=username, full_name=full_name, role=Role(role)), _password())
    click.echo(f"Đã thêm {username}\nAdded {username}")


@user.command("reset")
@click.argument("username")
@click.pass_obj
def user_reset(data: Path | None, username: str) -> None:
    """Gives a clerk a new password and ends their sessions."""
    signing_in.reset_password(desk_of(data), username, _password())
    click.echo(f"Đã đổi mật khẩu của {username}\nPassword of {username} changed")


@cli.command()
@click.pass_obj
def serve(data: Path | None) -> None:
    """Opens the desk's page on this machine and sends in the background; a new machine is enrolled on it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    serve_pages(desk_of(data))


@cli.command()
@click.pass_obj
def practise(data: Path | None) -> None:
    """Opens the practice pages: dossiers to learn with, which are never sent and never count."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    serve_practice(open_practice(read_settings(data)))


@cli.command()
@click.argument("file", type=click.File("rb"))
@click.option("--clerk", default=None, help="Username to record under.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def record(data: Path | None, file: BinaryIO, clerk: str | None, as_json: bool) -> None:
    """Records events from FILE, one JSON object a line; - is standard input. Each line is told once it is durable."""
    desk = desk_of(data)
    username = signing_in.known_clerk(desk, clerk)
    with reading(desk.database):
        outcomes = Counter(
            _tell_line(result, as_json=as_json) for result in filing.record_lines(desk, file, clerk=username)
        )
    saved, refused = outcomes[True], outcomes[False]
    tell(
        {"recorded": saved, "refused": refused},
        f"Đã lưu {saved} dòng, không lưu được {refused} dòng\n{saved} lines saved, {refused} lines refused",
        as_json=as_json,
    )
    sys.exit(1 if refused else 0)


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--opening", is_flag=True, help="They were open when this program was introduced.")
@click.option("--try", "is_trial", is_flag=True, help="Only tell what would become of each row.")
@click.option("--clerk", default=None, help="Username to record under.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def import_(data: Path | None, file: Path, opening: bool, is_trial: bool, clerk: str | None, as_json: bool) -> None:
    """Takes in the rows of a spreadsheet (.xlsx or .csv); given again, only what is new or has changed."""
    desk = desk_of(data)
    username = signing_in.known_clerk(desk, clerk)
    sheet = read_sheet(file, file.name)
    source = Source.OPENING if opening else Source.IMPORT
    order = importing.Order(sheet=sheet, mapping=importing.mapping_for(desk, sheet), source=source)
    rows = (importing.try_rows if is_trial else importing.import_rows)(desk, order, clerk=username)
    # The bar goes where errors go, and only for people: what is told for machines stays clean.
    with click.progressbar(rows, length=sheet.row_count, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        outcomes = Counter(_tell_row(order, result, as_json=as_json) for result in bar)
    counts = {each.value: outcomes[each] for each in Outcome}
    told = (
        "Mới {new}, thay đổi {changed}, như cũ {unchanged}, cần sửa {refused}\n"
        "{new} new, {changed} changed, {unchanged} as before, {refused} to be corrected"
    )
    tell(counts, told.format(**counts), as_json=as_json)
    sys.exit(1 if counts["refused"] else 0)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def sync(data: Path | None, as_json: bool) -> None:
    """Contacts the centre now and sends what waits."""
    desk = desk_of(data)
    with sole_agent(desk.settings.data), reading(desk.database):
        outcome = sync_once(desk)
    if outcome.error:
        _complain(outcome.error)
    tell(
        {"sent": outcome.sent, "unsent": outcome.unsent, "error": outcome.error.code if outcome.error else None},
        f"Máy chủ đã nhận thêm {outcome.sent} bản ghi, còn chờ gửi {outcome.unsent}\n"
        f"{outcome.sent} entries confirmed by the centre, {outcome.unsent} still waiting",
        as_json=as_json,
    )
    sys.exit(1 if outcome.error or outcome.unsent else 0)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def status(data: Path | None, as_json: bool) -> None:
    """Tells how many dossiers are saved here, how many wait, and when the centre was last reached."""
    desk = desk_of(data)
    told = overview(desk)
    content = _status_content(told) | {
        "key_store": kept_in(desk.settings.data),
        "page": f"http://{desk.page_name()}:{desk.settings.port}/",
    }
    tell(content, "\n".join(f"{name:20} {value}" for name, value in content.items()), as_json=as_json)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def rebuild(data: Path | None, as_json: bool) -> None:
    """Makes what the pages show again from the journal, which holds all of it."""
    count = projecting.rebuild(desk_of(data))
    tell(
        {"dossiers": count},
        f"Đã dựng lại {count} hồ sơ từ nhật ký của máy\n{count} dossiers made again from the journal",
        as_json=as_json,
    )


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def verify(data: Path | None, as_json: bool) -> None:
    """Checks that the journal is as it was sealed, and that the pages show what it says."""
    verified = verifying.verify(desk_of(data))
    for fault in verified.faults:
        _complain(fault)
    content = {"entries": verified.entries, "epochs": verified.epochs, "dossiers": verified.dossiers}
    if as_json:
        tell(content | {"faults": [fault.code for fault in verified.faults]}, "", as_json=True)
    elif not verified.faults:
        click.echo(
            f"Nhật ký nguyên vẹn: {verified.entries} bản ghi, {verified.dossiers} hồ sơ hiển thị đúng như nhật ký\n"
            f"The journal is whole: {verified.entries} entries, {verified.dossiers} dossiers shown as it says"
        )
    sys.exit(1 if verified.faults else 0)


@cli.command()
@click.option("--period", required=True, help="For example 2021-10.")
@click.option("--complete", "declaration", flag_value=Declaration.COMPLETE.value, help="All of the period is entered.")
@click.option("--nil", "declaration", flag_value=Declaration.NIL.value, help="Nothing arose in the period.")
@click.option("--cause", type=click.Choice([each.value for each in Cause]), default=None, help="Why none or few.")
@click.option("--note", default="", help="The cause in free words.")
@click.option("--paper-register-last", default="", help="Last number of the paper register.")
@click.option("--certification-book-last", default="", help="Last number of the book of certifications.")
@click.option("--clerk", default=None, help="Username to declare under.")
@click.pass_obj
def declare(
    data: Path | None, /, period: str, declaration: str | None, cause: str | None, clerk: str | None, **words: str
) -> None:
    """Declares a period complete, or that nothing arose in it (xác nhận không phát sinh hồ sơ)."""
    if declaration is None:
        raise click.UsageError("--complete | --nil")
    desk = desk_of(data)
    parsed = parse_period(period, desk.packs().desk.series)
    username = signing_in.known_clerk(desk, clerk)
    fields = {"period": str(parsed), "declaration": declaration, "cause": cause} | words
    declaring.declare(desk, declaring.declared_of(fields), clerk=username)
    click.echo(f"Đã ghi xác nhận cho kỳ {parsed}\nDeclaration for {parsed} saved")


cli.add_command(answer)
cli.add_command(backup)
cli.add_command(restore)
cli.add_command(diagnose)
cli.add_command(conflicts)


def main() -> None:
    """Runs the command line; every expected error ends as one sentence in both languages and exit code 1."""
    try:
        cli()
    except FieldSyncError as error:
        _complain(error)
        sys.exit(1)


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Mật khẩu / Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def _tell_line(result: filing.LineResult, *, as_json: bool) -> bool:
    """Says what became of a line as soon as it is durable; whether it was saved."""
    if result.error:
        _complain(result.error)
        return False
    code = result.recorded.dossier.dossier_code if result.recorded else ""
    tell({"line": result.number, "dossier_code": code}, f"{result.number}  {code}", as_json=as_json)
    return True


def _tell_row(order: importing.Order, result: RowResult, *, as_json: bool) -> Outcome:
    """Says what became of a row; a refused one is told in both languages, the others only to machines."""
    if result.outcome is Outcome.REFUSED:
        for language in LANGUAGES:
            click.echo(f"{result.number}: {_row_words(order, result, language)}", err=True)
    elif as_json:
        content = {"row": result.number, "outcome": result.outcome.value, "dossier_code": result.dossier_code}
        tell(content, "", as_json=True)
    return result.outcome


def _row_words(order: importing.Order, result: RowResult, language: Language) -> str:
    remarks = [
        f"{order.column_of(each.field) or each.field}: {translated(each.text, each.values, language, 'desk_client')}"
        for each in result.remarks
    ]
    return " ".join([*remarks, error_text(result.error, language)] if result.error else remarks)


def _complain(error: FieldSyncError) -> None:
    if isinstance(error, CentreRefused):
        click.echo(f"{error.vietnamese}\n{error.english}", err=True)
    else:
        click.echo(f"{error_text(error, 'vi')}\n{error_text(error, 'en')}", err=True)


def _status_content(told: Overview) -> dict[str, Any]:
    return {
        "desk": told.desk_code,
        "name": told.desk_name,
        "device": told.slot,
        "training": told.training,
        "sync_state": told.sync_state.value,
        "saved": told.saved_count,
        "unsent": told.unsent_count,
        "unsent_entries": told.unsent_entries,
        "last_contact_at": instant_text(told.succeeded_at) if told.succeeded_at else None,
        "last_try_at": instant_text(told.tried_at) if told.tried_at else None,
        "next_try_at": instant_text(told.next_try_at) if told.next_try_at else None,
        "problem": told.problem or None,
        "period": str(told.period),
        "received_in_period": told.received_count,
        "siblings": [
            {
                "device": each.slot,
                "last_statement_at": instant_text(each.heard_at) if each.heard_at else None,
                "unsent": each.dossiers,
                "unsent_entries": each.entries,
            }
            for each in told.siblings
        ],
        "taken_in": told.taken_in,
        "ledger_end": told.ledger_end,
        "to_settle": told.to_settle,
    }


if __name__ == "__main__":
    main()
