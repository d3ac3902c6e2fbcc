"""Under which units a page shows the desks: those of its period, or those of today that came of them."""

from dataclasses import dataclass

from flask import request

from central_server.services import reorganising
from central_server.storage.units import Tree
from central_server.web.present import central
from sync_protocol.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeChoice:
    """The units of a page, and the other ones that it offers: `other` is a part of its address, None for then."""

    is_of_today: bool
    other: str | None


def asked_tree() -> Tree:
    """The tree that the address names, else that of the period."""
    return Tree.TODAY if request.args.get("tree") == Tree.TODAY else Tree.PERIOD


def tree_choice(period: Period) -> TreeChoice | None:
    """What a page says of its units; None where those of the period and those of today are the same."""
    if not reorganising.is_since(central(), period):
        return None
    is_of_today = asked_tree() is Tree.TODAY
    return TreeChoice(is_of_today=is_of_today, other=None if is_of_today else Tree.TODAY.value)
