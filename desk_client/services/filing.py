"""Recording from a file: one JSON object a line, each saved or reported by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from marshmallow import ValidationError

from desk_client.desk import Desk, NotEnrolled
from desk_client.services.lifecycle import record_rating, record_step
from desk_client.services.recording import (
    InvalidReception,
    Recorded,
    problems_of,
    record_reception,
    record_refusal,
    record_registration,
)
from sync_protocol.dossier_codes import CODE_PATTERN
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Rated, Step
from sync_protocol.instants import NOT_AN_INSTANT, parse_instant
from sync_protocol.schemas import CENTRE_KINDS, CORRECTABLE, MISSING, SCHEMAS, UNKNOWN_FIELD
from sync_protocol.vocabulary import EventKind

LINE_BYTES_MAX = 65_536
OPENINGS = (EventKind.REGISTER, EventKind.RECEIVE, EventKind.REFUSE_AT_DESK)
NO_LINES = (
    EventKind.OPEN_EPOCH,
    EventKind.ADOPT_PACKS,
    EventKind.DECLARE,
    EventKind.ANSWER,
    EventKind.PRINT,
    EventKind.SETTLE,
    *sorted(CENTRE_KINDS),
)
KINDS_OF_LINES = tuple(kind for kind in EventKind if kind not in NO_LINES)
NOT_AN_EVENT = N_("its event is not one that can be recorded, such as receive, resolve or deliver.")


class BadLine(FieldSyncError):
    """A line of a file of events cannot be recorded."""

    code = "bad_line"
    text = N_(
        "Line %(number)d was not saved: %(reason)s The other lines are not affected; correct it and give it again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """What became of a line: the dossier as saved, None for a rating of the desk as a whole, or why it was not."""

    number: int
    recorded: Recorded | None = None
    error: BadLine | None = None


def record_lines(desk: Desk, lines: Iterable[bytes], *, clerk: str) -> Iterator[LineResult]:
    """Records each line in its own transaction, in order; a bad one does not touch its neighbours.

    A line is ``{"event": …, "dossier": REF, "at": ISO time with offset, …}``; REF is any text unique in the file,
    or the code of a dossier that is here; of a rating of the desk as a whole it is empty.
    """
    codes: dict[str, str] = {}
    for number, raw in enumerate(lines, start=1):
        if raw.strip():
            yield _line_result(desk, number, raw, codes, clerk)


def _line_result(desk: Desk, number: int, raw: bytes, codes: dict[str, str], clerk: str) -> LineResult:
    try:
        return LineResult(number=number, recorded=_record(desk, _parsed(raw), codes, clerk))
    except NotEnrolled:
        raise
    except (FieldSyncError, ValidationError, KeyError, TypeError, ValueError, OverflowError) as error:
        return LineResult(number=number, error=BadLine(number=number, reason=_reason(error)))


def _parsed(raw: bytes) -> dict[str, Any]:
    if len(raw) > LINE_BYTES_MAX:
        raise ValueError(N_("it is too long."))
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ValueError(N_("it is not a JSON object.")) from error
    if not isinstance(fields, dict):
        raise ValueError(N_("it is not a JSON object."))
    return fields


def _record(desk: Desk, fields: dict[str, Any], codes: dict[str, str], clerk: str) -> Recorded | None:
    kind, ref, at = str(fields.pop("event")), str(fields.pop("dossier")), _instant(str(fields.pop("at")))
    if kind not in KINDS_OF_LINES:
        raise ValueError(NOT_AN_EVENT)
    if kind in OPENINGS:
        return _open(desk, EventKind(kind), ref, fields, at, codes, clerk)
    step = _step(EventKind(kind), fields)
    if isinstance(step, Rated) and not ref:
        record_rating(desk, step, happened_at=at, clerk=clerk)
        return None
    return record_step(desk, codes.get(ref, ref), step, happened_at=at, clerk=clerk)


def _step(kind: EventKind, fields: dict[str, Any]) -> Step:
    """The step that a line tells. A field that it does not have is a mistake of somebody's, and not passed over."""
    changes = fields.get("changes")
    strange = fields.keys() - SCHEMAS[kind].fields.keys()
    strange |= changes.keys() - CORRECTABLE if isinstance(changes, dict) else set()
    if strange:
        raise ValidationError({name: [UNKNOWN_FIELD] for name in sorted(strange)})
    step = SCHEMAS[kind].load(fields)
    assert isinstance(step, Step), "openings are told apart before"
    return step


def _open(
    desk: Desk, kind: EventKind, ref: str, fields: dict[str, Any], at: datetime, codes: dict[str, str], clerk: str
) -> Recorded:
    """A line that begins a dossier; one filed online may be received or refused by a later line of its name."""
    registered = codes.get(ref, "")
    if registered and (kind == EventKind.REGISTER or CODE_PATTERN.fullmatch(registered)):
        raise ValueError(N_("this file has received a dossier of this name before."))
    if kind == EventKind.REGISTER:
        recorded = record_registration(desk, fields, filed_at=at, clerk=clerk)
    elif kind == EventKind.REFUSE_AT_DESK:
        reason = str(fields.pop("reason", ""))
        recorded = record_refusal(desk, fields, reason, happened_at=at, clerk=clerk, registered=registered)
    else:
        recorded = record_reception(desk, fields, received_at=at, clerk=clerk, registered=registered)
    codes[ref] = recorded.dossier.dossier_code or recorded.dossier.id
    return recorded


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ValueError(NOT_AN_INSTANT) from error


def _reason(error: Exception) -> FieldSyncError | tuple[tuple[str, str], ...] | str:
    """Why a line was not saved: our own words, or what is wrong field by field."""
    match error:
        case InvalidReception(problems=problems):
            return _by_field(problems)
        case FieldSyncError():
            return error
        case ValidationError():
            return _by_field(problems_of(error))
        case KeyError():
            return _by_field({str(error.args[0]): [MISSING]})
        case _:
            return str(error)


def _by_field(problems: Mapping[str, Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, texts in sorted(problems.items()) for text in texts)
