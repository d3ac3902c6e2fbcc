"""Lists that go over several pages: which one an address asks for, and what is told of it."""

from flask import request

from central_server.web.formatting import DASH, number
from central_server.web.speech import gettext

PAGE_DOSSIERS = 100
PAGE_DIGITS_MAX = 4


def asked_page() -> int:
    """The page of a list, 1 where the address names none."""
    page = request.args.get("page", "")
    return max(1, int(page)) if page.isascii() and page.isdigit() and len(page) <= PAGE_DIGITS_MAX else 1


def first_of(page: int) -> int:
    """How many dossiers stand on the pages before."""
    return (page - 1) * PAGE_DOSSIERS


def shown_text(page: int, shown: int, count: int) -> str:
    """Which dossiers of how many a page shows."""
    first = first_of(page)
    return gettext(
        "Dossiers %(first)s to %(last)s of %(count)s",
        first=number(first + 1) if shown else DASH,
        last=number(first + shown) if shown else DASH,
        count=number(count),
    )
