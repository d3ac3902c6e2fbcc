"""The rules about deadlines that the province has set, each from a day on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from central_server.storage.models import DeadlineRule
from central_server.storage.reference import IN_FORCE_FROM
from sync_protocol.procedures import DeadlineRules, WaitPolicy

COUNT_MOST = 99


def keep_rule(name: str, value: str, valid_from: date) -> None:
    """Sets a rule from a day on."""
    DeadlineRule.insert(name=name, value=value, valid_from=valid_from).on_conflict(
        conflict_target=[DeadlineRule.name, DeadlineRule.valid_from], preserve=[DeadlineRule.value]
    ).execute()


def rules(on: date) -> DeadlineRules:
    """The rules in force on a day, with those of other days as their other versions."""
    rows = list(DeadlineRule.select().order_by(DeadlineRule.valid_from, DeadlineRule.name))
    versions = [_version(rows, first_on) for first_on in dict.fromkeys(row.valid_from for row in rows)]
    begun = [each for each in versions if (each.valid_from or date.min) <= on]
    in_force = begun[-1] if begun else DeadlineRules()
    return replace(in_force, other_versions=tuple(each for each in versions if each is not in_force))


def _version(rows: list[DeadlineRule], first_on: date) -> DeadlineRules:
    """What all rules say from a day on that changes one of them."""
    said = {row.name: RULES[row.name](row.value) for row in rows if row.valid_from <= first_on}
    return DeadlineRules(**said, valid_from=None if first_on == IN_FORCE_FROM else first_on)


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError(text)
    return text == "on"


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= COUNT_MOST:
        raise ValueError(text)
    return count


RULES: Mapping[str, Callable[[str], Any]] = {
    "supplement_policy": WaitPolicy,
    "payment_policy": WaitPolicy,
    "after_15h_starts_next_day": _switch,
    "supplements_most": _count,
    "extensions_most": _count,
    "supplement_request_days": _count,
}
"""The rules by name, and how each one is read; ValueError where a text is not a value of it."""
