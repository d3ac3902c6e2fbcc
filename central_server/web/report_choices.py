"""What a reader may choose on the page of a report: a choice stands in the address, and every link keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from central_server.reports.choices import KINDS, Awaiting, Choices, ClosedOther, Mean, RateBasis
from central_server.web.speech import gettext
from sync_protocol.errors import N_

NAMES = {
    "basis": N_("Rate in time"),
    "closed_other": N_("Ended without a result"),
    "awaiting": N_("Waiting for the citizen"),
    "mean": N_("Rates of several units"),
}
WORDS: Mapping[str, str] = {
    RateBasis.DUE: N_("of those due"),
    RateBasis.RESOLVED: N_("of those resolved"),
    RateBasis.RECEIVED: N_("of those newly received"),
    ClosedOther.OUTSIDE: N_("outside the base"),
    ClosedOther.INSIDE: N_("inside the base"),
    Awaiting.IN_TIME: N_("told as in time"),
    Awaiting.APART: N_("told apart"),
    Mean.POOLED: N_("of all dossiers"),
    Mean.UNITS: N_("the mean of the units, too"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of the possibilities of a choice."""

    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceShown:
    """A choice with all its possibilities."""

    name: str
    text: str
    options: Sequence[Option]


def shown_choices(chosen: Choices) -> list[ChoiceShown]:
    """All choices of a report, in the words of its reader."""
    rules = chosen.rules
    return [
        ChoiceShown(
            name=name,
            text=gettext(NAMES[name]),
            options=[
                Option(value=str(each), text=gettext(WORDS[each]), is_chosen=rules[name] == str(each)) for each in kind
            ],
        )
        for name, kind in KINDS.items()
    ]


def kept() -> dict[str, str | None]:
    """The unit and the choices of this address, as parts of another one about the same report."""
    return {"unit": request.args.get("unit", "").strip() or None, **{name: request.args.get(name) for name in KINDS}}
