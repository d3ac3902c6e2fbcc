"""Small things to remember: drafts of forms, how columns were mapped, and notes by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from desk_client.storage.models import ColumnMapping, DraftRow, KeptNote
from desk_client.storage.rows import row_of


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDraft:
    """What a clerk had typed into a form, and when it was kept."""

    content: Mapping[str, Any]
    saved_at: datetime


def draft(username: str, form: str) -> KeptDraft | None:
    """What a clerk had typed into a form, None where nothing is kept."""
    row = DraftRow.get_or_none(DraftRow.username == username, DraftRow.form == form)
    return KeptDraft(content=orjson.loads(bytes(row.content)), saved_at=row.saved_at) if row else None


def keep_draft(username: str, form: str, content: Mapping[str, Any], saved_at: datetime) -> None:
    """Keeps what a clerk has typed so far."""
    DraftRow.insert(username=username, form=form, content=orjson.dumps(content), saved_at=saved_at).on_conflict(
        conflict_target=[DraftRow.username, DraftRow.form], preserve=[DraftRow.content, DraftRow.saved_at]
    ).execute()


def drop_draft(username: str, form: str) -> None:
    """Forgets a draft, since the form was saved or emptied."""
    DraftRow.delete().where(DraftRow.username == username, DraftRow.form == form).execute()


def drop_old_drafts(username: str, *, keep: int) -> None:
    """Forgets a clerk's oldest drafts beyond a number."""
    own = DraftRow.select(DraftRow.form).where(DraftRow.username == username).order_by(DraftRow.saved_at.desc())
    old = [form for (form,) in own.offset(keep).limit(-1).tuples()]
    if old:
        DraftRow.delete().where(DraftRow.username == username, DraftRow.form.in_(old)).execute()


def mapping(signature: str) -> dict[str, int] | None:
    """Field to column of a kind of file, as a clerk said last."""
    row = ColumnMapping.get_or_none(ColumnMapping.signature == signature)
    return orjson.loads(bytes(row.content)) if row else None


def keep_mapping(signature: str, content: Mapping[str, int]) -> None:
    """Remembers how the columns of a kind of file were mapped."""
    ColumnMapping.insert(signature=signature, content=orjson.dumps(content)).on_conflict_replace().execute()


def note(name: str) -> Any:
    """A kept note as JSON, None where there is none."""
    row = row_of(KeptNote, {"name": name})
    return orjson.loads(bytes(row.content)) if row else None


def keep_note(name: str, content: object) -> None:
    """Keeps a note in place of the last one of its name."""
    KeptNote.insert(name=name, content=orjson.dumps(content)).on_conflict_replace().execute()


def drop_note(name: str) -> None:
    """Forgets a note."""
    KeptNote.delete().where(KeptNote.name == name).execute()
