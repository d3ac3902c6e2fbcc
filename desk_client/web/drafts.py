"""Half-typed forms: a page with `data-draft` sends what stands in its form, and has it when it is opened again."""

from collections.abc import Iterable

from flask import Blueprint, Response, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from desk_client.services.drafting import Draft, draft_of, drop_draft, keep_draft
from desk_client.web.formatting import local_hour, local_time
from desk_client.web.present import desk, door, person
from sync_protocol.instants import local_date

NOT_KEPT = frozenset({"csrf_token", "form_id"})
"""Fields of one rendering of a page, which the next one makes anew."""

drafts = Blueprint("drafts", __name__)


@drafts.post("/drafts/<form>")
def keep(form: str) -> Response:
    """Keeps a form as far as it is typed, unless it was saved in the meantime."""
    fields = list(request.form.items(multi=True))
    door().saved.unless_saved(request.form.get("form_id", ""), lambda: keep_form(form, fields))
    return Response(status=204)


@drafts.post("/drafts/<form>/empty")
def empty(form: str) -> BaseResponse:
    """Forgets what was kept, and opens the page that asked once more."""
    forget_form(form)
    back = request.form.get("back", "")
    return redirect(back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/")


def keep_form(form: str, fields: Iterable[tuple[str, str]]) -> None:
    """Keeps fields of a form for the person who is signed in; raises BadDraft."""
    keep_draft(desk(), person().clerk.username, form, [each for each in fields if each[0] not in NOT_KEPT])


def kept_form(form: str) -> Draft | None:
    """What the person who is signed in had typed into a form, None where nothing is kept."""
    return draft_of(desk(), person().clerk.username, form)


def fields_of(draft: Draft) -> MultiDict[str, str]:
    """The fields of a draft as a form gives them."""
    return MultiDict(draft.fields)


def kept_at_text(draft: Draft) -> str:
    """When a form was kept: the time, with its day where that is not today."""
    is_today = local_date(draft.kept_at) == local_date(desk().now())
    return local_hour(draft.kept_at) if is_today else local_time(draft.kept_at)


def forget_form(form: str) -> None:
    """Forgets what is kept of a form of the person who is signed in."""
    drop_draft(desk(), person().clerk.username, form)
