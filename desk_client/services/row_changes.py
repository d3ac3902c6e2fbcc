"""What a row of another system says anew of a dossier that is here, field by field."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from desk_client.services.happenings import WITH_RESULT, Days
from desk_client.services.row_fields import DEFAULTS, Said, fields_of, text_of
from desk_client.sheets.columns import Field
from desk_client.storage.dossiers import Stored
from sync_protocol.dossiers import Dossier
from sync_protocol.instants import instant_text
from sync_protocol.schemas import CORRECTABLE
from sync_protocol.vocabulary import DossierStage, Source

COMPANIONS = {"id_number": "id_type", "birth_date": "birth_precision"}
"""A field that means nothing without another one."""


def changes_of(
    said: Said, told: Said | None, days: Days, stored: Stored, procedures: Mapping[str, str]
) -> dict[str, Any]:
    """The fields to correct, as JSON.

    told  what rows said of this dossier before, None where it was entered here: then only what is empty is filled in
    A cell that says what it said before corrects nothing, since the field may have been corrected here meanwhile; nor
    does one that was emptied.
    """
    fields, before = _correctable(said, stored, procedures), _correctable(told or {}, stored, procedures)
    changes = {
        name: value
        for name, value in fields.items()
        if (before[name] != value if name in before else _is_free(stored, name, is_ours=told is None))
    }
    changes |= {
        with_it: fields[with_it] for name, with_it in COMPANIONS.items() if name in changes and with_it in fields
    }
    return changes | _moved_moments(said, told, days, stored.dossier) if told is not None else changes


def _correctable(said: Said, stored: Stored, procedures: Mapping[str, str]) -> dict[str, Any]:
    """What a row says of fields that the dossier has by now."""
    fields = {name: value for name, value in fields_of(said, procedures).items() if name in CORRECTABLE}
    reached = {Field.RESULT_NUMBER: stored.dossier.resolved_at, Field.DELIVERED_TO: stored.dossier.delivered_at}
    return fields | {name.value: said[name] for name, at in reached.items() if at and said.get(name)}


def _is_free(stored: Stored, name: str, *, is_ours: bool) -> bool:
    """Whether nobody has said anything of a field: what was taken in has defaults, which are nobody's word."""
    # The citizen holds a slip of this desk with the appointment that this program has counted.
    if name == Field.DUE_ON and stored.dossier.source is Source.DESK:
        return False
    held = stored.content.get(name)
    return held in (None, "") or (not is_ours and held == DEFAULTS.get(name))


def _moved_moments(said: Said, told: Said, days: Days, dossier: Dossier) -> dict[str, str]:
    """Days that the row tells otherwise than before, or for the first time of what it told without a day."""
    undated = {
        Field.RESOLVED_AT: _told_stage(told) in WITH_RESULT or bool(told.get(Field.DELIVERED_AT)),
        Field.DELIVERED_AT: _told_stage(told) == DossierStage.DELIVERED,
    }
    moved: dict[str, datetime] = {}
    for name in (Field.RECEIVED_AT, Field.RESOLVED_AT, Field.DELIVERED_AT):
        at, held = getattr(days, name), getattr(dossier, name)
        is_news = said[name] != told[name] if told.get(name) and said.get(name) else undated.get(name, False)
        if at and held and is_news:
            moved[name.value] = at
    # Handed over before the day on which its file first told, without a day, that it was ready.
    is_undated = undated[Field.RESOLVED_AT] and not told.get(Field.RESOLVED_AT)
    if is_undated and days.delivered_at and dossier.resolved_at and days.delivered_at < dossier.resolved_at:
        moved.setdefault(Field.RESOLVED_AT.value, days.delivered_at)
    return {name: instant_text(at) for name, at in moved.items()}


def _told_stage(told: Said) -> str:
    return text_of(told, Field.STAGE)
