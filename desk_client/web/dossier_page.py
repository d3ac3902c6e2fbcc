"""What the page of a dossier shows, in words and ready to be placed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from desk_client.services.history import Change, HistoryLine
from desk_client.services.holding import held_of
from desk_client.services.listing import DossierLine
from desk_client.services.viewing import PAPER_OF, DossierView
from desk_client.web.due_words import DueWords, due_words
from desk_client.web.field_words import birth_text, label_of, value_text
from desk_client.web.formatting import local_time, number
from desk_client.web.held import HeldRow, held_rows
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.step_words import DONE, PAPERS, RARE, STEPS, USUAL
from desk_client.web.sync import StatusLine, status_line_of
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.events import Printed, Rated
from sync_protocol.texts import masked
from sync_protocol.vocabulary import CENTRE_SLOT, DossierStage, EventKind, PaperForm, Source

REQUEST_FACTS = (
    "summary",
    "set_count",
    "copy_count",
    "page_count",
    "fee_amount_vnd",
    "payment_status",
    "payment_method",
    "competent_unit",
    "case_officer",
    "to_unit",
    "storage_location",
)
PEOPLE_FACTS = ("phone", "email", "address_text", "authorisation")
RESULT_FACTS = ("result_kind", "result_number", "result_date", "signer", "delivered_to", "delivered_by", "note")
TOLD_TWICE = frozenset({"birth_precision", "due_on"})
"""Fields of a change that others tell already: the date of birth, and the appointment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is known of a dossier."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLink:
    """A step that may be taken now: its words, where it is taken, and its key with Alt ("" for none)."""

    words: str
    url: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLink:
    """A form of the dossier, and how often it was printed; `is_slip` is the one that F9 prints."""

    words: str
    url: str
    prints: int
    printed: str
    is_slip: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRow:
    """A paper that was handed in, with its copies as text."""

    name: str
    copies: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A field before and after, in words; `before` is "" where there was nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """An event in words.

    recorded  when it was entered, "" where that is when it happened
    """

    title: str
    happened_at: datetime
    recorded: str
    who: str
    machine: str
    changes: list[Moved]
    is_sent: bool
    has_effect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneNote:
    """What was done just now, and the form to print after it, None where there is none."""

    words: str
    paper: PaperLink | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierPage:
    """All that the page shows.

    main      the usual next step, None where the dossier is at its end; rare: steps that end it without a result
    problem   why something could not be done just now, "" for nothing
    held      what the centre has set aside of it
    """

    status: StatusLine
    view: DossierView
    title: str
    procedure_name: str
    stage: str
    due: DueWords
    marks: list[str]
    main: StepLink | None
    others: list[StepLink]
    rare: list[StepLink]
    papers: list[PaperLink]
    request: list[Fact]
    people: list[Fact]
    result: list[Fact]
    origin: list[Fact]
    components: list[PaperRow]
    id_type: str
    id_number: str
    is_revealed: bool
    together: list[DossierLine]
    history: list[HistoryRow]
    done: DoneNote | None
    problem: str
    held: list[HeldRow]


def dossier_page(
    view: DossierView, *, done: Mapping[str, str] | None = None, problem: str = "", is_revealed: bool = False
) -> DossierPage:
    """The page of a dossier.

    done         the kind of the step that was recorded just now
    is_revealed  whether the identity number stands there in full
    """
    stored, dossier = view.stored, view.dossier
    usual = USUAL.get(dossier.stage)
    links = {kind: _step_link(dossier.id, kind) for kind in STEPS if kind in view.steps}
    papers = {form: _paper_link(view, form) for form in view.prints}
    number_held = stored.text("id_number")
    return DossierPage(
        status=status_line_of(desk()),
        view=view,
        title=dossier.dossier_code or gettext("Dossier without a code"),
        procedure_name=view.procedure.name if view.procedure else dossier.procedure_code,
        stage=gettext(STAGE_WORDS[dossier.stage]),
        due=due_words(view.due_state, dossier.stage, view.days_left),
        marks=_marks(view),
        main=links.get(usual) if usual else None,
        others=[link for kind, link in links.items() if kind is not usual and kind not in RARE],
        rare=[link for kind, link in links.items() if kind is not usual and kind in RARE],
        papers=list(papers.values()),
        request=_facts(view, REQUEST_FACTS),
        people=_people(view),
        result=_result(view),
        origin=_origin(view),
        components=_components(view),
        id_type=value_text("id_type", stored.text("id_type")) if stored.text("id_type") else label_of("id_number"),
        id_number=number_held if is_revealed else masked(number_held),
        is_revealed=is_revealed,
        together=view.together,
        history=[_history_row(view, line) for line in reversed(view.history)],
        done=_done_note(done, papers) if done else None,
        problem=problem,
        held=held_rows(held_of(desk(), dossier.id, dossier.dossier_code)),
    )


def aside_facts(view: DossierView) -> list[Fact]:
    """What a clerk compares with while a step of the dossier is typed."""
    stored, dossier = view.stored, view.dossier
    told = {
        "submitter_name": stored.text("submitter_name"),
        "owner_name": stored.text("owner_name"),
        "phone": stored.text("phone"),
        "received_at": dossier.received_at,
        "due_at": stored.due_at,
        "case_officer": stored.text("case_officer"),
        "storage_location": stored.text("storage_location"),
    }
    return [Fact(label=label_of(name), value=value_text(name, value)) for name, value in told.items() if value]


def _step_link(dossier_id: str, kind: EventKind) -> StepLink:
    words = STEPS[kind]
    url = url_for("steps.form", dossier_id=dossier_id, kind=kind.value)
    return StepLink(words=gettext(words.button), url=url, key=words.key)


def _paper_link(view: DossierView, form: PaperForm) -> PaperLink:
    count = view.prints[form]
    return PaperLink(
        words=gettext(PAPERS[form]),
        url=url_for("papers.paper", dossier_id=view.dossier.id, form=form.value),
        prints=count,
        printed=gettext("printed: %(count)s", count=number(count)) if count else gettext("not printed yet"),
        is_slip=form is PaperForm.RECEIPT,
    )


def _done_note(done: Mapping[str, str], papers: Mapping[PaperForm, PaperLink]) -> DoneNote:
    kind = EventKind(done["kind"])
    form = PAPER_OF.get(kind)
    return DoneNote(words=gettext(DONE[kind]), paper=papers.get(form) if form else None)


def _marks(view: DossierView) -> list[str]:
    """What is particular about a dossier, in a word or two each."""
    dossier = view.dossier
    is_late = dossier.source is Source.DESK and view.stored.recorded_on != dossier.received_on
    marks = {
        gettext("entered later"): is_late,
        gettext("regardless of area"): dossier.out_of_area,
        gettext("typed in for the citizen"): dossier.filed_by_clerk,
        gettext("done on the spot"): dossier.on_the_spot,
        gettext("content erased by order"): dossier.is_erased,
    }
    return [words for words, is_so in marks.items() if is_so]


def _facts(view: DossierView, names: tuple[str, ...]) -> list[Fact]:
    content = view.stored.content
    return [Fact(label=label_of(name), value=value_text(name, content[name])) for name in names if content.get(name)]


def _people(view: DossierView) -> list[Fact]:
    content = view.stored.content
    born = birth_text(content)
    sex = [Fact(label=label_of("sex"), value=value_text("sex", content["sex"]))] if content.get("sex") else []
    birth = [Fact(label=label_of("birth_date"), value=born)] if born else []
    return [*birth, *sex, *_facts(view, PEOPLE_FACTS)]


def _result(view: DossierView) -> list[Fact]:
    """The result and who took it; the reason where it ended otherwise."""
    dossier = view.dossier
    dates = {"resolved_at": dossier.resolved_at, "delivered_at": dossier.delivered_at}
    told = [Fact(label=label_of(name), value=local_time(at)) for name, at in dates.items() if at]
    ended = _facts(view, ("reason",)) if dossier.closed_at or dossier.stage is DossierStage.VOIDED else []
    return [*told, *(_facts(view, RESULT_FACTS) if dossier.resolved_at else []), *ended]


def _origin(view: DossierView) -> list[Fact]:
    dossier, stored = view.dossier, view.stored
    facts = [
        Fact(label=label_of("channel"), value=value_text("channel", dossier.channel)),
        Fact(label=label_of("delivery_method"), value=value_text("delivery_method", stored.text("delivery_method"))),
        Fact(label=gettext("Received by"), value=view.names.get(dossier.received_by, dossier.received_by)),
    ]
    if dossier.source is not Source.DESK:
        facts.append(Fact(label=label_of("source"), value=value_text("source", dossier.source)))
    return [*facts, *_facts(view, ("external_code",))]


def _components(view: DossierView) -> list[PaperRow]:
    kinds = {
        "originals": gettext("originals"),
        "certified_copies": gettext("certified copies"),
        "photocopies": gettext("photocopies"),
    }
    return [
        PaperRow(
            name=component["name"],
            copies=", ".join(f"{component[kind]} {words}" for kind, words in kinds.items() if component.get(kind)),
        )
        for component in view.stored.content.get("components", ())
    ]


def _history_row(view: DossierView, line: HistoryLine) -> HistoryRow:
    is_same_time = local_time(line.recorded_at) == local_time(line.happened_at)
    own = gettext("this machine") if line.slot == desk().identity().id.slot else ""
    is_of_centre = line.slot == CENTRE_SLOT
    machine = gettext("the province's server") if is_of_centre else gettext("Machine %(slot)d", slot=line.slot)
    return HistoryRow(
        title=_title(line),
        happened_at=line.happened_at,
        recorded="" if is_same_time else local_time(line.recorded_at),
        who=view.names.get(line.clerk, line.clerk),
        machine=f"{machine} ({own})" if own else machine,
        changes=[_moved(change) for change in line.changes if change.field not in TOLD_TWICE],
        is_sent=line.is_sent,
        has_effect=line.has_effect,
    )


def _title(line: HistoryLine) -> str:
    done = gettext(DONE[line.kind])
    match line.payload:
        case Printed(form=form, copy=copy):
            paper = gettext(PAPERS[form]) if form in PAPERS else form.value
            return f"{done}: {paper}" if copy == 1 else f"{done}: {paper} ({copy})"
        case Rated(rating=rating):
            return f"{done}: {value_text('rating', rating)}"
        case _:
            return done


def _moved(change: Change) -> Moved:
    return Moved(
        label=label_of(change.field),
        before="" if change.before in (None, "", []) else value_text(change.field, change.before),
        after=value_text(change.field, change.after),
    )
