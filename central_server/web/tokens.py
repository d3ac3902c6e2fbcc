"""The page of the access tokens, for the province office: issued, shown once, revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from central_server.services import tokens
from central_server.services.signing_in import NotOfTheProvince, UnknownUnit
from central_server.services.tokens import (
    DAYS_MAX,
    DAYS_USUAL,
    BadTokenName,
    BadTokenTerms,
    ListedToken,
    TokenState,
)
from central_server.storage.people import OF_THE_PROVINCE
from central_server.storage.tokens import Permission
from central_server.web.present import central, language, signed_in
from central_server.web.speech import gettext
from central_server.web.words import Word
from sync_protocol.errors import N_
from sync_protocol.messages import error_text

access_tokens = Blueprint("access_tokens", __name__)

TYPED_CHARACTERS_MAX = 60
PERMISSION_NAMES = {
    Permission.STANDINGS: N_("Standings, periods and published figures"),
    Permission.DOSSIERS: N_("Dossiers without anything that citizens told"),
    Permission.METRICS: N_("Figures about the running of the centre"),
}
STATE_LOOKS = {
    TokenState.GOOD: ("met", "good", N_("in force")),
    TokenState.EXPIRED: ("exempt", "plain", N_("expired")),
    TokenState.REVOKED: ("no_device", "unknown", N_("revoked")),
    TokenState.OWNER_GONE: ("no_device", "unknown", N_("its owner has left")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token as it is shown."""

    listed: ListedToken
    state: Word
    reads: Sequence[str]
    can_be_revoked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionChoice:
    """A permission to tick."""

    value: str
    name: str
    is_ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensPage:
    """All tokens, and the form for one more: what was typed, and why nothing was issued."""

    rows: Sequence[TokenRow]
    choices: Sequence[PermissionChoice]
    name: str
    unit: str
    days: str
    days_max: int
    problem: str


@access_tokens.get("/tokens")
def show() -> str:
    """The tokens; raises NotOfTheProvince."""
    _check_person()
    return _page()


@access_tokens.post("/tokens")
def issue() -> str | tuple[str, int]:
    """Issues a token and shows it this once; what was typed stands again where none can be."""
    _check_person()
    days = request.form.get("days", "")
    try:
        issued = tokens.issue(
            central(),
            _typed("name"),
            unit_code=_typed("unit"),
            permissions=[each for each in Permission if each in request.form.getlist("permission")],
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
            by=signed_in().person.username,
        )
    except (BadTokenName, BadTokenTerms, UnknownUnit) as error:
        return _page(error_text(error, language())), HTTPStatus.BAD_REQUEST
    return render_template("token_issued.html", page=issued)


@access_tokens.post("/tokens/<name>/revocation")
def revoke(name: str) -> Response:
    """Ends a token at once; raises UnknownToken."""
    _check_person()
    tokens.revoke(central(), name, by=signed_in().person.username)
    return redirect(url_for("access_tokens.show"), HTTPStatus.SEE_OTHER)


def _check_person() -> None:
    if signed_in().person.role not in OF_THE_PROVINCE:
        raise NotOfTheProvince


def _page(problem: str = "") -> str:
    ticked = request.form.getlist("permission") or [Permission.STANDINGS.value]
    page = TokensPage(
        rows=[_row(each) for each in tokens.listed(central())],
        choices=[
            PermissionChoice(value=each.value, name=gettext(name), is_ticked=each.value in ticked)
            for each, name in PERMISSION_NAMES.items()
        ],
        name=_typed("name"),
        unit=_typed("unit"),
        days=_typed("days") or str(DAYS_USUAL),
        days_max=DAYS_MAX,
        problem=problem,
    )
    return render_template("tokens.html", page=page)


def _row(listed: ListedToken) -> TokenRow:
    icon, tone, text = STATE_LOOKS[listed.state]
    return TokenRow(
        listed=listed,
        state=Word(icon=icon, tone=tone, text=gettext(text)),
        reads=[gettext(name) for each, name in PERMISSION_NAMES.items() if each in listed.token.permissions],
        can_be_revoked=listed.state is not TokenState.REVOKED,
    )


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()[:TYPED_CHARACTERS_MAX]
