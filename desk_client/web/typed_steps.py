"""The form of a step as typed: how it is shown again, and the events and the time that it means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from desk_client.services.recording import InvalidReception, problems_of
from desk_client.web.field_words import label_of
from desk_client.web.formatting import day_text
from desk_client.web.forms import Choice, choices, today
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.step_fields import StepField, content_of, typed_texts
from desk_client.web.typed import parse_day, parse_time
from sync_protocol.events import Step
from sync_protocol.instants import LOCAL, local_instant
from sync_protocol.schemas import SCHEMAS
from sync_protocol.vocabulary import EventKind

WHEN = ("happened_on", "happened_time")
WHEN_CHARACTERS_MAX = 20

Part = tuple[EventKind, tuple[StepField, ...]]
"""An event of a form, and the fields that say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownField:
    """A field as the page places it."""

    field: StepField
    label: str
    hint: str
    value: str
    choices: list[Choice]


def shown_fields(fields: Iterable[StepField], texts: Mapping[str, str]) -> list[ShownField]:
    """Fields with what stands in them."""
    return [
        ShownField(
            field=field,
            label=gettext(field.label) if field.label else label_of(field.name),
            hint=gettext(field.hint) if field.hint else "",
            value=texts.get(field.name, ""),
            choices=choices(field.words) if field.words else [],
        )
        for field in fields
    ]


def sent_texts(form: MultiDict[str, str], fields: Iterable[StepField]) -> dict[str, str]:
    """What was sent, exactly as typed, the time included."""
    return {name: form.get(name, "")[:WHEN_CHARACTERS_MAX] for name in WHEN} | typed_texts(form, fields)


def present_texts() -> dict[str, str]:
    """The day and the time as a form offers them."""
    now = desk().working_now().astimezone(LOCAL)
    return {"happened_on": day_text(now.date()), "happened_time": f"{now:%H:%M}"}


def meant(texts: Mapping[str, str], parts: Iterable[Part]) -> tuple[list[Step], datetime]:
    """The events that a form says, in order, and when they happened; raises InvalidReception with all problems."""
    problems: dict[str, list[str]] = {}
    said: list[Step] = []
    at = desk().working_now()
    try:
        at = _happened_at(texts)
    except InvalidReception as error:
        problems |= error.problems
    for kind, fields in parts:
        try:
            said.append(_loaded(kind, texts, fields))
        except InvalidReception as error:
            problems |= error.problems
    if problems:
        raise InvalidReception(problems)
    return said, at


def _happened_at(texts: Mapping[str, str]) -> datetime:
    """Nothing typed means now."""
    now = desk().working_now().astimezone(LOCAL)
    problems: dict[str, list[str]] = {}
    day, wall_time = now.date(), now.time()
    try:
        day = parse_day(texts["happened_on"], now.date())
    except ValueError:
        problems["happened_on"] = []
    try:
        wall_time = parse_time(texts["happened_time"], now.time())
    except ValueError:
        problems["happened_time"] = []
    if problems:
        raise InvalidReception(problems)
    return local_instant(day, wall_time)


def _loaded(kind: EventKind, texts: Mapping[str, str], fields: tuple[StepField, ...]) -> Step:
    try:
        step = SCHEMAS[kind].load(content_of(texts, fields, today()))
    except ValidationError as error:
        raise InvalidReception(problems_of(error)) from error
    assert isinstance(step, Step)
    return step
