"""The command that takes in the rows of a spreadsheet."""

import sys
from collections import Counter
from pathlib import Path

import click

from desk_client.commands.console import desk_of, tell
from desk_client.services import importing, signing_in
from desk_client.services.row_taking import Outcome, RowResult
from desk_client.sheets.reading import read_sheet
from sync_protocol.messages import LANGUAGES, Language, error_text, translated
from sync_protocol.vocabulary import Source


@click.command("import")
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
