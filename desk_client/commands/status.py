"""The command that tells what is saved here and what waits."""

from pathlib import Path
from typing import Any

import click

from desk_client.commands.console import desk_of, tell
from desk_client.services.overview import Overview, overview
from desk_client.storage.keys import kept_in
from sync_protocol.instants import instant_text


@click.command()
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
