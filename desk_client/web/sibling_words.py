"""What is told of the desk's other machines: what they still hold, and when they were last heard."""

from desk_client.services.overview import Overview, SiblingState
from desk_client.web.formatting import local_time, number
from desk_client.web.speech import gettext


def siblings_told(told: Overview) -> str:
    """``Máy 2 còn giữ 3 hồ sơ (nghe lần cuối 16:00 04/10/2021)``; "" at a desk with one machine."""
    return " ".join(_told(each) for each in told.siblings)


def holds_something(told: Overview) -> bool:
    """Whether another machine of the desk holds back what the centre does not have."""
    return any(each.dossiers or each.entries or each.heard_at is None for each in told.siblings)


def taking_in_told(told: Overview) -> str:
    """How far a new machine has come with the dossiers of the others; "" once it has them all."""
    if told.taken_in >= told.ledger_end:
        return ""
    values = {"count": number(told.taken_in), "all": number(told.ledger_end)}
    return gettext("Taking in the dossiers of the other machines: %(count)s of %(all)s records", **values)


def _told(sibling: SiblingState) -> str:
    if sibling.heard_at is None:
        return gettext("Machine %(slot)s has not been heard yet.", slot=sibling.slot)
    values = {"slot": sibling.slot, "at": local_time(sibling.heard_at)}
    if sibling.dossiers > 0:
        count = number(sibling.dossiers)
        return gettext("Machine %(slot)s still holds %(count)s dossiers (last heard %(at)s).", count=count, **values)
    if sibling.entries:
        count = number(sibling.entries)
        return gettext("Machine %(slot)s still holds %(count)s changes (last heard %(at)s).", count=count, **values)
    return gettext("Machine %(slot)s has sent all (last heard %(at)s).", **values)
