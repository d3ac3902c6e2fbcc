"""Commands about what is set aside, and about what only the centre decides."""

from pathlib import Path
from typing import Any

import click
import orjson

from central_server.commands.console import centre_of, tell
from central_server.services import deciding, erasing, giving_up, rebuilding
from central_server.services import holding as holdings
from central_server.services.devices import parse_device
from central_server.services.holding_words import reason_words
from central_server.storage.holding import SET_ASIDE, HeldEntry
from central_server.storage.units import EVERYTHING
from sync_protocol.instants import instant_text

as_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object a line for machines.")
reason_option = click.option("--reason", required=True, help="Why; it stands in the ledger for good.")
by_option = click.option("--by", required=True, help="Username of the person who decides.")


@click.group()
def holding() -> None:
    """Entries that are kept and do not count yet."""


@holding.command("list")
@click.argument("desk", required=False)
@as_json_option
@click.pass_obj
def holding_list(data: Path | None, desk: str | None, as_json: bool) -> None:
    """Every entry that is set aside, with its reason; of DESK or of all desks."""
    for of_desk in holdings.held(centre_of(data), EVERYTHING, desk):
        for each in of_desk.entries:
            content = _content(each)
            if as_json:
                click.echo(orjson.dumps(content).decode())
            else:
                click.echo(
                    f"{each.desk:12} {each.id!s:10} {each.kind:20} {content['day'] or '–':10} "
                    f"{content['since']}  {content['why']}"
                )
        hidden = of_desk.count - len(of_desk.entries)
        if hidden > 0 and not as_json:
            click.echo(f"{of_desk.desk.code:12} … {hidden}", err=True)


@holding.command("dismissed")
@click.argument("desk")
@as_json_option
@click.pass_obj
def holding_dismissed(data: Path | None, desk: str, as_json: bool) -> None:
    """Entries of DESK that somebody has decided not to count: what, why, by whom."""
    for each in holdings.dismissed(centre_of(data), EVERYTHING, desk):
        content = _content(each.entry) | {
            "dismissed_at": instant_text(each.at),
            "by": each.by,
            "because": each.reason,
        }
        line = (
            f"{desk:12} {content['entry']:10} {content['kind']:20} {content['dismissed_at']}  {each.by}: {each.reason}"
        )
        click.echo(orjson.dumps(content).decode() if as_json else line)


@holding.command("dismiss")
@click.argument("desk")
@click.argument("entries", nargs=-1, required=True)
@reason_option
@by_option
@as_json_option
@click.pass_obj
def holding_dismiss(
    data: Path | None, desk: str, entries: tuple[str, ...], reason: str, by: str, as_json: bool
) -> None:
    """Decides that ENTRIES of DESK do not count; they wait no longer, and stay to be found."""
    decision = deciding.dismiss(centre_of(data), EVERYTHING, desk, entries, reason=reason, by=by)
    tell(
        {"decision": str(decision), "dismissed": sorted(entries)},
        f"Đã quyết định không tính {len(entries)} bản ghi (xem lại: holding dismissed {desk})\n"
        f"{len(entries)} entries do not count (to be found by: holding dismissed {desk})",
        as_json=as_json,
    )


@holding.command("give-up")
@click.argument("device")
@reason_option
@by_option
@as_json_option
@click.pass_obj
def holding_give_up(data: Path | None, device: str, reason: str, by: str, as_json: bool) -> None:
    """States that what DEVICE (H62.11.01/2), which is gone, held and never sent will not come any more."""
    given_up = giving_up.give_up(centre_of(data), EVERYTHING, parse_device(device), reason=reason, by=by)
    entries = [f"{each.first}–{each.last}" for each in given_up]
    tell(
        {"device": device, "entries": entries, "dossiers": sum(each.dossiers for each in given_up)},
        f"Đã ghi nhận không thể nhận được: {', '.join(entries)}\nStated to be lost for good: {', '.join(entries)}",
        as_json=as_json,
    )


@holding.command("release")
@click.argument("desk")
@click.argument("entries", nargs=-1, required=True)
@reason_option
@by_option
@as_json_option
@click.pass_obj
def holding_release(
    data: Path | None, desk: str, entries: tuple[str, ...], reason: str, by: str, as_json: bool
) -> None:
    """Has ENTRIES of DESK judged again; those that fit count from today on."""
    decided = deciding.release(centre_of(data), EVERYTHING, desk, entries, reason=reason, by=by)
    freed = [str(each.header.id) for each in decided.again if each.verdict not in SET_ASIDE]
    still = [str(each.header.id) for each in decided.again if each.verdict in SET_ASIDE]
    tell(
        {"decision": str(decided.id), "freed": freed, "still_set_aside": still},
        f"Đã tính lại {len(freed)} bản ghi, còn tạm giữ {len(still)}\n"
        f"{len(freed)} entries freed, {len(still)} still held",
        as_json=as_json,
    )


@click.command()
@click.argument("desk")
@click.argument("dossier")
@reason_option
@by_option
@click.pass_obj
def void(data: Path | None, desk: str, dossier: str, reason: str, by: str) -> None:
    """Takes DOSSIER (its code or id) of DESK out of every count: a test, a duplicate."""
    voided = deciding.void(centre_of(data), EVERYTHING, desk, dossier, reason=reason, by=by)
    name = voided.dossier_code or voided.id
    click.echo(f"Hồ sơ {name} không còn được tính\nDossier {name} is counted no more")


@click.command()
@click.argument("desk")
@click.argument("dossier")
@click.option("--order", required=True, help="Number of the written order.")
@reason_option
@by_option
@click.pass_obj
def erase(data: Path | None, desk: str, dossier: str, order: str, reason: str, by: str) -> None:
    """Erases for good what was written down of DOSSIER (its code or id) of DESK; what is counted stays."""
    erased = erasing.erase(centre_of(data), EVERYTHING, desk, dossier, order=order, reason=reason, by=by)
    name = erased.dossier.dossier_code or erased.dossier.id
    click.echo(
        f"Đã xóa nội dung {erased.entries} bản ghi của hồ sơ {name}. Các máy của bộ phận sẽ xóa khi kết nối. "
        "Hãy sao lưu lại và hủy các bản sao lưu cũ.\n"
        f"Contents of {erased.entries} entries of {name} erased. The desk's machines follow when they connect. "
        "Make a new backup and destroy the older ones."
    )


@click.command()
@as_json_option
@click.pass_obj
def rebuild(data: Path | None, as_json: bool) -> None:
    """Makes dossiers, verdicts and counts again from the ledger, after judging again what an upgrade now knows."""
    done = rebuilding.rebuild(centre_of(data))
    tell(
        {"desks": done.desks, "entries": done.entries, "dossiers": done.dossiers, "beyond_gaps": done.beyond},
        f"Đã dựng lại {done.dossiers} hồ sơ của {done.desks} bộ phận từ {done.entries} bản ghi; "
        f"{done.beyond} bản ghi còn thiếu phần trước (holding list)\n"
        f"{done.dossiers} dossiers of {done.desks} desks made again from {done.entries} entries; "
        f"{done.beyond} wait beyond gaps (holding list)",
        as_json=as_json,
    )


def _content(each: HeldEntry) -> dict[str, Any]:
    return {
        "desk": each.desk,
        "entry": str(each.id),
        "device": each.id.slot,
        "kind": each.kind,
        "dossier": each.subject or None,
        "day": each.day.isoformat() if each.day else None,
        "verdict": each.verdict.value,
        "reason": each.reason,
        "why": reason_words(each.reason, "vi"),
        "clerk": each.clerk or None,
        "since": instant_text(each.arrived_at),
    }
