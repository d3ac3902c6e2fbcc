"""The commands about units: reorganising them from a file, and what was reorganised."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from central_server.commands.console import centre_of, console_user, tell
from central_server.services import reorganising
from central_server.services.lines import BadFile
from central_server.services.reorganisation import TEMPLATE, Plan
from central_server.services.reorganising import Preview
from sync_protocol.errors import N_
from sync_protocol.instants import instant_text


@click.group()
def unit() -> None:
    """The units whose desks are judged."""


@unit.command("reorganise")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--apply", "is_applied", is_flag=True, help="Does it; without this only what would change is told.")
@click.option("--reason", default="", help="Why, for example the number of the resolution; kept with your name.")
@click.option("--template", is_flag=True, help="Print the header of the file instead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
@click.pass_obj
def unit_reorganise(
    data: Path | None, file: Path | None, reason: str, *, is_applied: bool, template: bool, as_json: bool
) -> None:
    """Merges, splits, renames, moves or abolishes units from FILE, a CSV file of which every line is about one unit."""
    if template or file is None:
        click.echo(TEMPLATE)
        return
    central, text = centre_of(data), _text(file)
    told = (
        reorganising.reorganise(central, text, by=console_user(), reason=reason)
        if is_applied
        else reorganising.preview(central, text)
    )
    done = "Đã thực hiện\nDone" if is_applied else "Chưa thay đổi gì; thêm --apply --reason\nNothing was changed yet"
    content = _content(told) | {"applied": is_applied}
    tell(content, "\n".join([*_lines(told), done]), as_json=as_json)


@unit.command("reorganisations")
@click.pass_obj
def unit_reorganisations(data: Path | None) -> None:
    """What was reorganised, when, by whom and why, oldest first."""
    for each in reorganising.made(centre_of(data)):
        click.echo(f"{each.number}  {each.effective_on}  {instant_text(each.done_at)}  {each.done_by}  {each.reason}")


def _lines(told: Preview) -> Iterator[str]:
    """What changes, a line each, in both languages."""
    plan = told.plan
    yield f"Từ ngày / From: {plan.effective_on:%d/%m/%Y}"
    for old in plan.ended:
        yield f"  − {old.code} {old.name}"
    for new in plan.begun:
        yield f"  + {new.code} {new.name}"
    for old, code, name in plan.renamed:
        yield f"  = {old.code} {old.name} → {code} {name}"
    for old, code in plan.moved:
        yield f"  ^ {old.code} {old.name} → {code}"
    for desk, successor in plan.closed:
        yield f"  Đóng / Closed: {desk.code} {desk.name}" + (f" → {successor}" if successor else "")
    for desk, _, name in plan.kept_on:
        yield f"  Tiếp tục / Goes on: {desk.code} {name}"
    for opened in plan.opened:
        yield f"  Mới / New: {opened.code} {opened.name}"
    yield f"Máy đang dùng ở nơi đóng / Machines in use at closed desks: {told.machines}"
    if told.people:
        yield f"Cần giao lại địa bàn / Need another area: {', '.join(told.people)}"


def _content(told: Preview) -> dict[str, Any]:
    plan: Plan = told.plan
    return {
        "effective_on": plan.effective_on.isoformat(),
        "ended": [old.code for old in plan.ended],
        "begun": [new.code for new in plan.begun],
        "renamed": [[old.code, code, name] for old, code, name in plan.renamed],
        "moved": [[old.code, code] for old, code in plan.moved],
        "desks_closed": [[desk.code, successor] for desk, successor in plan.closed],
        "desks_kept_on": [desk.code for desk, _, _ in plan.kept_on],
        "desks_opened": [opened.code for opened in plan.opened],
        "machines_at_closed_desks": told.machines,
        "people_without_area": list(told.people),
    }


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(line=1, reason=N_("it is not UTF-8 text")) from error
