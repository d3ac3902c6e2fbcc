"""The page that is read out or sent to a supporter: facts about the machine, and nothing about any person."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from desk_client.services.diagnosing import Diagnosis, diagnose
from desk_client.services.telling import diagnosis_content
from desk_client.web.formatting import DASH, local_time, number
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.sync import StatusLine, status_line_of

diagnosis = Blueprint("diagnosis", __name__)

SECOND_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """A fact in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisPage:
    """The facts in words, and as the text that is copied."""

    status: StatusLine
    facts: list[FactRow]
    text: str


@diagnosis.get("/diagnose")
def page() -> str:
    """What a supporter asks for."""
    told = diagnose(desk())
    text = "\n".join(f"{name}: {value}" for name, value in diagnosis_content(told).items())
    return render_template(
        "diagnosis.html", page=DiagnosisPage(status=status_line_of(desk()), facts=_facts(told), text=text)
    )


def _facts(told: Diagnosis) -> list[FactRow]:
    rows = {
        gettext("Program"): f"{told.app_version} (Python {told.python})",
        gettext("Computer"): told.system,
        gettext("Database engine"): f"SQLite {told.engine}, SQLCipher {told.cipher}",
        gettext("Free space on the disk"): gettext("%(count)s MB", count=number(told.free_disk_mb)),
        gettext("Clock of this machine"): local_time(told.clock),
        gettext("Against the server's clock"): _offset(told.offset_ms),
        gettext("Machine"): str(told.device) if told.device else DASH,
        gettext("Last entry of the journal"): told.journal or DASH,
        gettext("Entries waiting to be sent"): number(told.unsent_entries or 0),
        gettext("Last contact"): local_time(told.succeeded_at) if told.succeeded_at else gettext("not yet"),
        gettext("Last problem"): told.problem or gettext("none"),
        gettext("Set aside at the server"): _held(told.held),
    }
    return [FactRow(label=label, value=value) for label, value in rows.items()]


def _offset(offset_ms: int | None) -> str:
    if offset_ms is None:
        return gettext("not measured yet")
    seconds = round(abs(offset_ms) / SECOND_MS)
    if not seconds:
        return gettext("right")
    if offset_ms > 0:
        return gettext("%(count)s s behind", count=number(seconds))
    return gettext("%(count)s s ahead", count=number(seconds))


def _held(held: dict[str, int]) -> str:
    return ", ".join(f"{reason} {number(count)}" for reason, count in held.items()) or gettext("none")
