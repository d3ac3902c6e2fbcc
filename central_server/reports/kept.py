"""A report as plain content of JSON from which it is the same value again: published figures are compared for ever.

Beside `Report.as_json`, which tells machines the figures, this holds every field by its name. What a later program
adds to a report needs a default, so that reports kept before it are read with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, get_args, get_type_hints

from central_server.reports.report import Report
from sync_protocol.instants import instant_text, parse_instant

KIND, VALUE = "is", "value"
PLAIN: Mapping[str, Callable[[str], Any]] = {
    "decimal": Decimal,
    "date": date.fromisoformat,
    "instant": parse_instant,
}


def content_of_report(report: Report) -> Any:
    """The report as objects, lists, texts and numbers."""
    return _kept(report)


def report_of_content(content: Any) -> Report:
    """The report of such content, which the centre itself has written."""
    report = _value(content)
    assert isinstance(report, Report), "what is kept as a report is one"
    return report


def _kept(value: Any) -> Any:
    match value:
        case Enum():
            return {KIND: type(value).__name__, VALUE: value.value}
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {KIND: "decimal", VALUE: str(value)}
        case datetime():
            return {KIND: "instant", VALUE: instant_text(value)}
        case date():
            return {KIND: "date", VALUE: value.isoformat()}
        case Mapping():
            assert KIND not in value, "the word that names a kind is nobody's key"
            return {name: _kept(each) for name, each in value.items()}
        case Sequence():
            return [_kept(each) for each in value]
    assert type(value).__name__ in _kinds(), f"{type(value).__name__} is no part of a report"
    return {KIND: type(value).__name__} | {each.name: _kept(getattr(value, each.name)) for each in fields(value)}


def _value(content: Any) -> Any:
    if isinstance(content, list):
        return [_value(each) for each in content]
    if not isinstance(content, dict):
        return content
    held = {name: _value(each) for name, each in content.items() if name != KIND}
    kind = content.get(KIND)
    if kind is None:
        return held
    return PLAIN[kind](held[VALUE]) if kind in PLAIN else _kinds()[kind](**held)


@cache
def _kinds() -> dict[str, type[Any]]:
    """The dataclasses and closed sets that a report consists of, by name."""
    found: dict[str, type[Any]] = {}
    _collect(Report, found)
    return found


def _collect(hint: Any, found: dict[str, type[Any]]) -> None:
    for part in get_args(hint):
        _collect(part, found)
    if not isinstance(hint, type) or hint.__name__ in found:
        return
    if issubclass(hint, Enum):
        found[hint.__name__] = hint
    elif is_dataclass(hint):
        found[hint.__name__] = hint
        for part in get_type_hints(hint).values():
            _collect(part, found)
