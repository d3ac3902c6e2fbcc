"""What two machines entered differently: side by side, and settled by whoever is signed in, with a reason."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from desk_client.services.conflicts import Conflict, OnlyNoted, SettledBefore, Side, conflicts, names_of_clerks, settle
from desk_client.services.recording import InvalidReception
from desk_client.web.errors import error_words
from desk_client.web.field_words import label_of, value_text
from desk_client.web.formatting import local_time
from desk_client.web.present import desk, door, person
from desk_client.web.speech import gettext
from desk_client.web.step_words import DONE
from desk_client.web.sync import StatusLine, status_line_of
from sync_protocol.errors import N_
from sync_protocol.schemas import payload_content
from sync_protocol.vocabulary import CENTRE_SLOT

KEEPS, REPLACES = "keep", "replace"
REASON_NEEDED = N_("Write why, in 2 to 500 characters: from which paper you know it, or whom you asked.")

conflict_pages = Blueprint("conflicts", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSide:
    """What one machine says, in words: its value or step, the facts of a step, who entered it when and where."""

    value: str
    facts: list[tuple[str, str]]
    who: str
    machine: str
    recorded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictCard:
    """One thing to settle; `problem` is what was wrong with the reason that was given, `reason` what was typed."""

    name: str
    dossier_id: str
    dossier_code: str
    owner_name: str
    what: str
    stands: ShownSide
    says: ShownSide
    can_replace: bool
    keep_words: str
    replace_words: str
    reason: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictsPage:
    """All that is to be settled; `done` is told after something was settled, `notice` where it could not be."""

    status: StatusLine
    cards: list[ConflictCard]
    done: str
    notice: str


@conflict_pages.get("/conflicts")
def page() -> str:
    """What is to be settled."""
    return _page(done=session.pop("settled", ""))


@conflict_pages.post("/conflicts/<name>")
def save(name: str) -> Response | tuple[str, int]:
    """Settles one thing, or shows it again with what is wrong."""
    reason, keeps = request.form.get("reason", ""), request.form.get("choice") != REPLACES
    try:
        stored = settle(desk(), name, keeps=keeps, reason=reason, clerk=person().clerk.username)
    except InvalidReception:
        return _page(problem_of=name, reason=reason), 422
    except (SettledBefore, OnlyNoted) as error:
        return _page(notice=error_words(error)), 409
    door().wake()
    session["settled"] = stored.dossier.dossier_code or stored.dossier.id
    return redirect(url_for("conflicts.page"))


def _page(*, done: str = "", notice: str = "", problem_of: str = "", reason: str = "") -> str:
    names = names_of_clerks(desk())
    cards = [
        _card(each, names, reason=reason if each.name == problem_of else "", is_wrong=each.name == problem_of)
        for each in conflicts(desk())
    ]
    shown = ConflictsPage(status=status_line_of(desk()), cards=cards, done=done, notice=notice)
    return render_template("conflicts.html", page=shown)


def _card(conflict: Conflict, names: dict[str, str], *, reason: str, is_wrong: bool) -> ConflictCard:
    stands, says = (_side(side, conflict.field, names) for side in (conflict.stands, conflict.says))
    return ConflictCard(
        name=conflict.name,
        dossier_id=conflict.dossier_id,
        dossier_code=conflict.dossier_code or gettext("Dossier without a code"),
        owner_name=conflict.owner_name,
        what=label_of(conflict.field) if conflict.field else gettext("How the dossier went on"),
        stands=stands,
        says=says,
        can_replace=conflict.can_replace,
        keep_words=gettext("Keep: %(value)s", value=stands.value),
        replace_words=gettext("Take: %(value)s", value=says.value),
        reason=reason,
        problem=gettext(REASON_NEEDED) if is_wrong else "",
    )


def _side(side: Side, field: str, names: dict[str, str]) -> ShownSide:
    return ShownSide(
        value=value_text(field, side.value) if field else gettext(DONE[side.kind]),
        facts=[] if field else _facts(side),
        who=names.get(side.clerk, side.clerk),
        machine=_machine(side.slot),
        recorded=local_time(side.recorded_at),
    )


def _facts(side: Side) -> list[tuple[str, str]]:
    """What a step says, and when it happened."""
    said = [(label_of(name), value_text(name, value)) for name, value in payload_content(side.payload).items()]
    return [(gettext("Done at"), local_time(side.happened_at)), *said]


def _machine(slot: int) -> str:
    if slot == CENTRE_SLOT:
        return gettext("the province's server")
    words = gettext("Machine %(slot)d", slot=slot)
    return f"{words} ({gettext('this machine')})" if slot == desk().identity().id.slot else words
