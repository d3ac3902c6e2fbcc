"""Half-typed forms: kept in the encrypted file while a clerk types, and put back after a power cut."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from desk_client.desk import Desk
from desk_client.storage import notes
from desk_client.storage.database import reading, write_transaction
from sync_protocol.errors import N_, FieldSyncError

FORM_NAME = re.compile(r"[a-z][a-z0-9._-]{0,79}")
FIELDS_MAX = 600
"""Fields of a form that are kept; the largest, fifty dossiers on one page, has under half as many."""

DRAFTS_MAX = 20
"""Forms of a clerk that are kept; the oldest makes room."""


class BadDraft(FieldSyncError):
    """What is to be kept is no form of ours."""

    code = "bad_draft"
    text = N_("This could not be kept while you type. Nothing else was touched; save the form when it is complete.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a clerk had typed into a form: names and texts of its fields, and when it was kept (corrected)."""

    fields: tuple[tuple[str, str], ...]
    kept_at: datetime


def keep_draft(desk: Desk, clerk: str, form: str, fields: Sequence[tuple[str, str]]) -> None:
    """Keeps what a clerk has typed into a form so far, in place of what was kept before; raises BadDraft."""
    if not FORM_NAME.fullmatch(form) or len(fields) > FIELDS_MAX:
        raise BadDraft
    kept_at = desk.now()
    with write_transaction(desk.database):
        notes.keep_draft(clerk, form, {"fields": [list(each) for each in fields]}, kept_at)
        notes.drop_old_drafts(clerk, keep=DRAFTS_MAX)


def draft_of(desk: Desk, clerk: str, form: str) -> Draft | None:
    """What is kept of a clerk's form, None where nothing is."""
    with reading(desk.database):
        kept = notes.draft(clerk, form)
    if kept is None:
        return None
    return Draft(fields=tuple((name, text) for name, text in kept.content["fields"]), kept_at=kept.saved_at)


def drop_draft(desk: Desk, clerk: str, form: str) -> None:
    """Forgets a draft: the form was saved, or the clerk has emptied it."""
    # Most forms are saved before anything of them was kept, and a write waits for the disk.
    if draft_of(desk, clerk, form) is not None:
        with write_transaction(desk.database):
            notes.drop_draft(clerk, form)
