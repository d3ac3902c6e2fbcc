"""What the centre has set aside of this desk: which dossiers, why, and what to do, in the clerk's words."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from desk_client.services.holding import HeldLine, dismissed_lines, held_count, held_lines
from desk_client.web.formatting import number
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.step_words import DONE
from desk_client.web.sync import StatusLine, status_line_of
from sync_protocol.errors import N_
from sync_protocol.vocabulary import EventKind

held = Blueprint("held", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonWords:
    """Why an entry waits, and what the clerk does about it."""

    why: str
    what: str


REASONS = {
    "bad_payload": ReasonWords(
        why=N_("The province's server does not understand something in it."),
        what=N_("Call your supervisor and read out the code. If they say so, enter the dossier again."),
    ),
    "illegal_transition": ReasonWords(
        why=N_("This step does not fit to how the dossier stands at the server."),
        what=N_("Open the dossier, compare it with the papers, and record what is right."),
    ),
    "unknown_dossier": ReasonWords(
        why=N_("The dossier of this step has not reached the server yet."),
        what=N_("Nothing to do: it counts by itself once the other machine has sent. If that one is broken, call."),
    ),
    "unknown_kind": ReasonWords(
        why=N_("The server's program is older than this one and does not know this step yet."),
        what=N_("Nothing to do: it counts by itself after the server was updated."),
    ),
    "device_revoked": ReasonWords(
        why=N_("The province has stopped the machine on which this was entered."),
        what=N_("Call your supervisor, who decides whether it counts."),
    ),
    "gap": ReasonWords(
        why=N_("What was entered before it on its machine has not reached the server yet."),
        what=N_("Let that machine run with the network on. If it is broken, call your supervisor."),
    ),
    "device_pending": ReasonWords(
        why=N_("The machine on which this was entered is not approved yet."),
        what=N_("Call your supervisor, who approves the machine. Then it counts by itself."),
    ),
    "dismissed": ReasonWords(
        why=N_("The province has decided that this does not count."),
        what=N_("Nothing to do. If you think otherwise, call your supervisor: the decision can be changed."),
    ),
}
OTHER = ReasonWords(
    why=N_("The server's program met a fault of its own."),
    what=N_("Call your supervisor and read out the code. It counts by itself once the fault is repaired."),
)
"""For a reason that nobody foresaw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """Entries about one dossier that wait for one reason, in words; of those about none, `dossier_id` is "".

    steps        what was entered; happened_at: when the first of it happened
    code         what a clerk reads out over the telephone
    said         the reason of the person who decided, "" while it waits
    """

    dossier_id: str
    dossier_code: str
    owner_name: str
    steps: str
    happened_at: datetime | None
    why: str
    what: str
    code: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPage:
    """All that waits, and what was decided; `others` counts what the centre has not named, "" for none."""

    status: StatusLine
    rows: list[HeldRow]
    others: str
    decided: list[HeldRow]


@held.get("/held")
def page() -> str:
    """The entries of the desk that the centre has set aside."""
    lines = held_lines(desk())
    others = held_count(desk()) - len(lines)
    shown = HeldPage(
        status=status_line_of(desk()),
        rows=held_rows(lines),
        others=number(others) if others > 0 else "",
        decided=held_rows(dismissed_lines(desk())),
    )
    return render_template("held.html", page=shown)


def held_rows(lines: list[HeldLine]) -> list[HeldRow]:
    """Entries that wait, in words: those of one dossier and one reason together, those about none last."""
    groups: dict[tuple[bool, str, str, str], list[HeldLine]] = {}
    for line in lines:
        groups.setdefault((not line.dossier_id, line.dossier_id, line.reason, line.said), []).append(line)
    return [_row(group) for key, group in sorted(groups.items(), key=lambda each: each[0][0])]


def _row(group: list[HeldLine]) -> HeldRow:
    first = group[0]
    words = REASONS.get(first.reason, OTHER)
    steps = dict.fromkeys(gettext(DONE[EventKind(each.kind)]) for each in group if each.kind in DONE)
    return HeldRow(
        dossier_id=first.dossier_id,
        dossier_code=first.dossier_code or gettext("Dossier without a code"),
        owner_name=first.owner_name,
        steps=", ".join(steps) or gettext("%(count)s entries", count=number(len(group))),
        happened_at=first.happened_at,
        why=gettext(words.why),
        what=gettext(words.what),
        code=f"{first.id} {first.reason}",
        said=first.said,
    )
