"""What the centre has set aside of this desk's entries: kept as it was told, and shown until it is settled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from desk_client.desk import Desk
from desk_client.services.dismissing import Decision, dismissed
from desk_client.storage import dossiers, holding, notes
from desk_client.storage.database import reading
from desk_client.storage.holding import Held
from sync_protocol.entries import EntryId
from sync_protocol.statements import HELD_TOLD_MAX

HELD = "held"
"""Name of the note that keeps the mark of the list and how many entries wait."""

MARK_CHARACTERS = 64

DISMISSED = "dismissed"
"""The reason for which an entry waits no longer and does not count."""

DISMISSED_SHOWN_MAX = 50
"""More decisions than this are not shown at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLine:
    """An entry that the centre set aside.

    dossier_id, dossier_code  the dossier that it is about, "" where it is about none or is not here
    kind                      of the entry, "" where it is not here
    said                      why a person has decided that it does not count, "" while it waits
    """

    id: EntryId
    verdict: str
    reason: str
    kind: str
    happened_at: datetime | None
    clerk: str
    dossier_id: str
    dossier_code: str
    owner_name: str
    said: str = ""


class HeldSchema(Schema):
    """What an answer says of entries set aside."""

    class Meta:
        unknown = EXCLUDE

    mark = fields.String(required=True, validate=validate.Length(max=MARK_CHARACTERS))
    count = fields.Integer(strict=True, required=True, validate=validate.Range(min=0))
    entries = fields.List(
        fields.List(fields.String(validate=validate.Length(max=100)), validate=validate.Length(equal=3)),
        required=True,
        validate=validate.Length(max=HELD_TOLD_MAX),
    )


SCHEMA = HeldSchema()


def note_held(said: object) -> None:
    """Keeps what an answer tells of entries set aside, inside the caller's transaction; nonsense is passed over.

    A list that was not kept is told again: the next statement does not bear its mark.
    """
    if not isinstance(said, Mapping) or SCHEMA.validate(said):
        return
    try:
        entries = {EntryId.parse(name): (verdict, reason) for name, verdict, reason in said["entries"]}
    except ValueError:
        return
    holding.replace_all((id_, *words) for id_, words in entries.items())
    notes.keep_note(HELD, {"mark": said["mark"], "count": said["count"]})


def heard() -> str:
    """The mark of the list that was kept last, inside the caller's transaction."""
    return str(_note()["mark"])


def held_count(desk: Desk) -> int:
    """How many entries of the desk wait at the centre."""
    with reading(desk.database):
        return int(_note()["count"])


def held_dossiers(desk: Desk) -> int:
    """How many dossiers have entries that wait; 1 where what waits is about none, so that it is looked at."""
    with reading(desk.database):
        return holding.subject_count() or min(1, int(_note()["count"]))


def held_lines(desk: Desk) -> list[HeldLine]:
    """The entries that wait, those that the centre named."""
    with reading(desk.database):
        return [_line(each) for each in holding.everything()]


def dismissed_lines(desk: Desk) -> list[HeldLine]:
    """The entries of which a person at the centre has decided that they do not count, the last decision first."""
    with reading(desk.database):
        return [_dismissed(*each) for each in list(dismissed().items())[:DISMISSED_SHOWN_MAX]]


def held_of(desk: Desk, dossier_id: str, dossier_code: str) -> list[HeldLine]:
    """The entries about one dossier that wait, and those that were dismissed."""
    with reading(desk.database):
        found = [each for name in (dossier_id, dossier_code) if name for each in holding.about(name)]
        decided = [_dismissed(*each) for each in dismissed().items()]
        return [_line(each) for each in found] + [line for line in decided if line.dossier_id == dossier_id]


def _dismissed(id_: EntryId, decision: Decision) -> HeldLine:
    return replace(_line(holding.named(id_, DISMISSED, DISMISSED)), said=decision.reason)


def _note() -> dict[str, Any]:
    return notes.note(HELD) or {"mark": "", "count": 0}


def _line(held: Held) -> HeldLine:
    header = held.header
    stored = dossiers.by_ref(header.subject) if header and header.subject else None
    return HeldLine(
        id=held.id,
        verdict=held.verdict,
        reason=held.reason,
        kind=header.kind if header else "",
        happened_at=header.happened_at if header else None,
        clerk=header.clerk if header else "",
        dossier_id=stored.dossier.id if stored else "",
        dossier_code=stored.dossier.dossier_code if stored else "",
        owner_name=stored.text("owner_name") if stored else "",
    )
