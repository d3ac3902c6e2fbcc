"""What a change made of something, in words: the names of the record are those of the program, and its values too."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from central_server.reports.external import EXTERNAL_BY_ID
from central_server.reports.layouts import LAYOUTS
from central_server.services.devices import STATE_NAMES
from central_server.storage.complaints import Finding
from central_server.storage.tokens import Permission
from central_server.web.complaints import FINDING_NAMES
from central_server.web.formatting import day_text, local_time, period_text
from central_server.web.present import central
from central_server.web.speech import gettext
from central_server.web.tokens import PERMISSION_NAMES
from central_server.web.words import ROLE_NAMES
from sync_protocol.errors import N_
from sync_protocol.instants import parse_instant
from sync_protocol.periods import parse_period
from sync_protocol.vocabulary import DeviceState, Role

NAMES = {
    "username": N_("Username"),
    "role": N_("Role"),
    "name": N_("Name"),
    "permissions": N_("Reads"),
    "layout": N_("Report"),
    "period": N_("Period"),
    "unit": N_("Unit"),
    "document_number": N_("Document"),
    "issued_on": N_("Date of issue"),
    "complaint": N_("No."),
    "finding": N_("What was found"),
    "indicators": N_("Indicator"),
    "count": N_("Figures"),
    "claims": N_("Machine"),
    "state": N_("State"),
    "code": N_("Code"),
    "expires_at": N_("Good until"),
    "left_at": N_("Gone since"),
    "revoked_at": N_("Ended at"),
    "state_of": N_("As it was at"),
    "entries": N_("Entries"),
    "dossiers": N_("Dossiers"),
    "needed": N_("Somebody has to approve"),
}
"""What is told of a change, in this order; other parts, such as a report's number of steps, tell a reader nothing."""


def became(after: Mapping[str, Any]) -> str:
    """What something became, ``Trạng thái: đang dùng``; "" of nothing that a reader asks for."""
    told = [(name, _value(name, after[name])) for name in NAMES if after.get(name) not in ("", None)]
    return "; ".join(f"{gettext(NAMES[name])}: {value}" for name, value in told)


def _value(name: str, value: Any) -> str:
    if name.endswith("_at") or name == "state_of":
        return local_time(parse_instant(value))
    told = _VALUES.get(name, str)
    try:
        return told(value)
    except (KeyError, ValueError):
        # Kept long ago, by a program that had other names.
        return str(value)


def _is_needed(needed: bool) -> str:
    return gettext("yes") if needed else gettext("no")


_VALUES: dict[str, Callable[[Any], str]] = {
    "finding": lambda value: gettext(FINDING_NAMES[Finding(value)]),
    "indicators": lambda ids: ", ".join(gettext(EXTERNAL_BY_ID[each].name) for each in ids),
    "issued_on": lambda text: day_text(date.fromisoformat(text)),
    "layout": lambda id_: gettext(LAYOUTS[id_].name),
    "needed": _is_needed,
    "period": lambda text: period_text(parse_period(text, central().about().series)),
    "permissions": lambda ids: ", ".join(gettext(PERMISSION_NAMES[Permission(each)]) for each in ids),
    "role": lambda value: gettext(ROLE_NAMES[Role(value)]),
    "state": lambda value: gettext(STATE_NAMES[DeviceState(value)]),
}
