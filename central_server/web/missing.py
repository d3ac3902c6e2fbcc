"""What a machine held and never sent, as sentences: on its desk's page, and where somebody states that it is lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from central_server.services.giving_up import Lacking, lacking
from central_server.web.formatting import day_text, local_time, number
from central_server.web.present import central
from central_server.web.speech import gettext
from sync_protocol.errors import N_
from sync_protocol.vocabulary import DeskCode

NEVER_SENT = N_(
    "Machine %(slot)s: %(count)s entries never arrived, %(first)s to %(last)s. It stated that %(dossiers)s dossiers "
    "are among them; ask the desk to enter them again from its paper register:"
)
NEVER_SENT_UNSTATED = N_(
    "Machine %(slot)s: %(count)s entries never arrived, %(first)s to %(last)s. How many dossiers are among them is not "
    "known; ask the desk to compare with its paper register."
)
DAY_NEVER_SENT = N_("%(on)s: %(count)s dossiers, numbered from %(first)s, at least to %(last)s")
DAY_NEVER_SENT_FROM = N_("%(on)s: %(count)s dossiers, numbered from %(first)s on")
"""What the page says of what a machine held that is gone, or that was put back; and of one day of it."""

GIVEN_UP = N_("%(by)s stated at %(at)s that they will never come: %(reason)s")


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRow:
    """What a machine held and never sent, as a sentence; by day its dossiers with the codes that they must bear.

    given_up  who stated that it will never come, and why; "" while it is still waited for
    """

    slot: int
    words: str
    days: Sequence[str]
    given_up: str


def missing_rows(code: DeskCode) -> list[MissingRow]:
    """What is missing of a desk that the caller may see."""
    return [_row(each) for each in lacking(central(), code)]


def _row(lacking: Lacking) -> MissingRow:
    each, given_up = lacking.missing, lacking.given_up
    text = NEVER_SENT if each.days else NEVER_SENT_UNSTATED
    numbers = {"slot": each.first.slot, "count": number(each.entries), "first": each.first, "last": each.last}
    return MissingRow(
        slot=each.first.slot,
        words=gettext(text, **numbers, dossiers=number(each.dossiers)),
        days=[
            gettext(
                DAY_NEVER_SENT if day.last_code else DAY_NEVER_SENT_FROM,
                on=day_text(day.day),
                count=number(day.count),
                first=day.first_code,
                last=day.last_code,
            )
            for day in each.days
        ],
        given_up=gettext(GIVEN_UP, by=given_up.by, at=local_time(given_up.at), reason=given_up.reason)
        if given_up
        else "",
    )
