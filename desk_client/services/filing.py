"""Recording from a file: one JSON object a line, each saved or reported by itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from marshmallow import ValidationError

from desk_client.desk import Desk, NotEnrolled
from desk_client.services.recording import Recorded, record_reception, record_step
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Delivered, Resolved, Voided
from sync_protocol.instants import NOT_AN_INSTANT, parse_instant
from sync_protocol.schemas import MISSING, SCHEMAS
from sync_protocol.vocabulary import EventKind

LINE_BYTES_MAX = 65_536
STEPS = (EventKind.RESOLVE, EventKind.DELIVER, EventKind.VOID)


class BadLine(FieldSyncError):
    """A line of a file of events cannot be recorded."""

    code = "bad_line"
    text = N_(
        "Line %(number)d was not saved: %(reason)s The other lines are not affected; correct it and give it again."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineResult:
    """What became of a line: the dossier as saved, or why it was not."""

    number: int
    recorded: Recorded | None = None
    error: BadLine | None = None


def record_lines(desk: Desk, lines: Iterable[bytes], *, clerk: str) -> Iterator[LineResult]:
    """Records each line in its own transaction, in order; a bad one does not touch its neighbours.

    A line is ``{"event": …, "dossier": REF, "at": ISO time with offset, …}``; REF is any text unique in the file,
    or the code of a dossier that is here.
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
    except FieldSyncError as error:
        return LineResult(number=number, error=BadLine(number=number, reason=error))
    except (KeyError, TypeError, ValueError, OverflowError, ValidationError) as error:
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


def _record(desk: Desk, fields: dict[str, Any], codes: dict[str, str], clerk: str) -> Recorded:
    kind, ref, at = str(fields.pop("event")), str(fields.pop("dossier")), _instant(str(fields.pop("at")))
    if kind == EventKind.RECEIVE:
        if ref in codes:
            raise ValueError(N_("this file has received a dossier of this name before."))
        recorded = record_reception(desk, fields, received_at=at, clerk=clerk)
        codes[ref] = recorded.dossier.dossier_code
        return recorded
    if kind not in STEPS:
        raise ValueError(N_("its event is not one of receive, resolve, deliver, void."))
    step = SCHEMAS[EventKind(kind)].load(fields)
    assert isinstance(step, Resolved | Delivered | Voided)
    return record_step(desk, codes.get(ref, ref), step, happened_at=at, clerk=clerk)


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise ValueError(NOT_AN_INSTANT) from error


def _reason(error: Exception) -> str | tuple[tuple[str, str], ...]:
    if isinstance(error, KeyError):
        return ((str(error.args[0]), MISSING),)
    if isinstance(error, ValidationError):
        return tuple((name, str(text)) for name, texts in error.normalized_messages().items() for text in texts)
    return str(error)
