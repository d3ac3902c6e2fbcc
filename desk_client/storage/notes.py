"""Small things to remember: drafts of forms, how columns were mapped, and notes by name."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from desk_client.storage.models import ColumnMapping, DraftRow, KeptNote


def draft(username: str, form: str) -> dict[str, Any] | None:
    """What a clerk had typed into a form, None where nothing is kept."""
    row = DraftRow.get_or_none(DraftRow.username == username, DraftRow.form == form)
    return orjson.loads(bytes(row.content)) if row else None


def keep_draft(username: str, form: str, content: Mapping[str, Any], saved_at: datetime) -> None:
    """Keeps what a clerk has typed so far."""
    DraftRow.insert(username=username, form=form, content=orjson.dumps(content), saved_at=saved_at).on_conflict(
        conflict_target=[DraftRow.username, DraftRow.form], preserve=[DraftRow.content, DraftRow.saved_at]
    ).execute()


def drop_draft(username: str, form: str) -> None:
    """Forgets a draft, since the form was saved or emptied."""
    DraftRow.delete().where(DraftRow.username == username, DraftRow.form == form).execute()


def mapping(signature: str) -> dict[str, int] | None:
    """Field to column of a kind of file, as a clerk said last."""
    row = ColumnMapping.get_or_none(ColumnMapping.signature == signature)
    return orjson.loads(bytes(row.content)) if row else None


def keep_mapping(signature: str, content: Mapping[str, int]) -> None:
    """Remembers how the columns of a kind of file were mapped."""
    ColumnMapping.insert(signature=signature, content=orjson.dumps(content)).on_conflict_replace().execute()


def note(name: str) -> Any:
    """A kept note as JSON, None where there is none."""
    row = KeptNote.get_or_none(KeptNote.name == name)
    return orjson.loads(bytes(row.content)) if row else None


def keep_note(name: str, content: object) -> None:
    """Keeps a note in place of the last one of its name."""
    KeptNote.insert(name=name, content=orjson.dumps(content)).on_conflict_replace().execute()


def drop_note(name: str) -> None:
    """Forgets a note."""
    KeptNote.delete().where(KeptNote.name == name).execute()
