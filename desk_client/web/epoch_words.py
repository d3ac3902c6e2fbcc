"""What the status line says of a machine that was put back, copied, or had a copy at work beside it."""

from desk_client.services.overview import GoesOn
from desk_client.web.formatting import local_time, number
from desk_client.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.vocabulary import EpochCause

TEXTS = {
    EpochCause.RESTORED: N_(
        "This machine was put back to an older state (noticed at %(at)s). What it holds is safe and is sent; slips "
        "keep their codes, and new dossiers get other numbers."
    ),
    EpochCause.COPIED: N_(
        "This machine works with a copy of data from another machine or folder (noticed at %(at)s). No dossier is "
        "lost; if the other one is still in use, tell your supervisor."
    ),
    EpochCause.PARTED: N_(
        "Another copy of this machine has sent dossiers too (noticed at %(at)s). Those of both are kept and count "
        "once; slips keep their codes. If two machines use this data, tell your supervisor."
    ),
}

MISSING = N_(
    "%(count)s entries made after that state are not here yet. Those that were sent come back from the server; compare "
    "with the paper register and enter what is missing."
)


SET_ASIDE = N_(
    "A part of this machine's data was damaged (noticed at %(at)s). The damaged file lies in the folder %(folder)s, "
    "and what was whole is here. What was sent comes back from the server; compare what was not with the paper "
    "register."
)


def goes_on_told(goes_on: GoesOn | None) -> str:
    """The sentence for a clerk, "" where there is nothing to tell."""
    if goes_on is None:
        return ""
    if goes_on.set_aside:
        return gettext(SET_ASIDE, at=local_time(goes_on.noticed_at), folder=goes_on.set_aside)
    told = gettext(TEXTS[goes_on.cause], at=local_time(goes_on.noticed_at))
    missing = gettext(MISSING, count=number(goes_on.missing)) if goes_on.missing else ""
    return f"{told} {missing}".strip()
