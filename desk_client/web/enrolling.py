"""Enrolling the machine on its page: the address, the code of the invitation, the password of the desk's head.

Until that is done no other page is there. The password is never shown again, and nothing of it stands in an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from desk_client.services.enrolment import BadAddress, earlier_address
from desk_client.services.overview import overview
from desk_client.services.road import (
    CentreInsecure,
    CentreNonsense,
    CentreOutOfDate,
    CentreRefused,
    CentreUnreachable,
    CentreUntrusted,
)
from desk_client.services.signing_in import known_clerk
from desk_client.services.taking_up import AlreadyEnrolled
from desk_client.web.errors import error_words
from desk_client.web.formatting import local_time
from desk_client.web.present import desk, door
from desk_client.web.speech import gettext
from sync_protocol.certificates import MalformedCode
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.passwords import PASSWORD_CHARACTERS_LEAST, WeakPassword
from sync_protocol.vocabulary import DeviceState

TYPED_CHARACTERS_MAX = 200
JUST_ENROLLED = "just_enrolled"
STALE = N_("This page was open before the program started again. Nothing was changed; type the password once more.")
CODE_WITH_MARKS = N_(
    "The code came out with Vietnamese marks. Switch Vietnamese typing off (UniKey: from V to E), empty the field and "
    "scan or type the code again."
)
DIFFERENT = N_("The two passwords are not the same. Type the same one twice.")
TROUBLE: dict[type[FieldSyncError], str] = {
    CentreUnreachable: N_(
        "The server does not answer. The code is still good. Check the address letter by letter and whether this "
        "machine has a network, then try again."
    ),
    CentreNonsense: N_(
        "Something answers at this address, but not the province's server. The code is still good. Check the address; "
        "where the network itself asks for a sign-in first, do that, then try again."
    ),
    CentreUntrusted: N_(
        "What answers at this address could not prove that it is the province's server, so nothing was sent. Check the "
        "address. If it is right, call your supervisor and read out this sentence."
    ),
    CentreOutOfDate: N_(
        "This machine believes that it is %(now)s. If that is wrong, set its date and time right and try again; the "
        "code is still good. If it is right, call your supervisor and read out this sentence."
    ),
}
"""What to do about a road that failed before anything was saved on this machine; the others say it themselves."""

AT_FIELD: dict[type[FieldSyncError], str] = {
    BadAddress: "server",
    CentreInsecure: "server",
    CentreNonsense: "server",
    CentreUntrusted: "server",
    MalformedCode: "code",
    CentreRefused: "code",
    WeakPassword: "password",
}
"""The field that an error is about; any other is about the whole."""

enrolling = Blueprint("enrolling", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What a machine says that has just become a device of a desk; `number` where a person has to approve it."""

    desk_name: str
    slot: str
    username: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolPage:
    """The form as it was typed, without passwords; what is wrong with its fields, or with the whole."""

    server: str = ""
    code: str = ""
    least: int = PASSWORD_CHARACTERS_LEAST
    problems: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""

    @property
    def focus(self) -> str:
        """The field in which typing goes on: a wrong one, else the first that is empty."""
        typed = {"server": self.server, "code": self.code}
        return next(iter(self.problems), "") or next((name for name, text in typed.items() if not text), "password")


@enrolling.get("/enrol")
def page() -> Response | str:
    """The form; a machine that is enrolled has no use for it."""
    if desk().is_enrolled():
        return redirect(url_for("login.sign_in_page"))
    return _shown(EnrolPage(server=earlier_address(desk())))


@enrolling.post("/enrol")
def enrol() -> Response | tuple[str, int]:
    """Enrols as the command does, and leads to the sign-in."""
    if desk().is_enrolled():
        return redirect(url_for("login.sign_in_page"))
    server, code, password, again = (_typed(name) for name in ("server", "code", "password", "again"))
    if password != again:
        return _shown(EnrolPage(server=server, code=code, problems={"again": gettext(DIFFERENT)})), 422
    try:
        door().enrol(server, code, password)
    except AlreadyEnrolled:
        return redirect(url_for("login.sign_in_page"))
    except FieldSyncError as error:
        return _shown(_page_of(error, server=server, code=code)), 422
    door().wake()
    session[JUST_ENROLLED] = True
    return redirect(url_for("login.sign_in_page"))


def stale_enrolment_page() -> str:
    """The form once more, for a page whose token is no longer good."""
    return _shown(EnrolPage(server=_typed("server"), code=_typed("code"), notice=gettext(STALE)))


def welcome_told() -> Welcome | None:
    """What the door says in the browser on which the machine was enrolled, until somebody has signed in."""
    if not session.get(JUST_ENROLLED):
        return None
    told = overview(desk())
    return Welcome(
        desk_name=told.desk_name,
        slot=str(told.slot),
        username=known_clerk(desk(), None),
        number=f"{told.number[:3]} {told.number[3:]}" if told.device_state is DeviceState.PENDING else "",
    )


def _page_of(error: FieldSyncError, *, server: str, code: str) -> EnrolPage:
    at, words = AT_FIELD.get(type(error), ""), _words(error, code)
    return EnrolPage(server=server, code=code, problems={at: words} if at else {}, notice="" if at else words)


def _words(error: FieldSyncError, code: str) -> str:
    if isinstance(error, MalformedCode) and not code.isascii():
        return gettext(CODE_WITH_MARKS)
    if type(error) in TROUBLE:
        return gettext(TROUBLE[type(error)], now=local_time(desk().clock()))
    return error_words(error)


def _typed(name: str) -> str:
    return request.form.get(name, "")[:TYPED_CHARACTERS_MAX]


def _shown(page: EnrolPage) -> str:
    return render_template("enrol.html", page=page)
