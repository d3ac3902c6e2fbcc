"""The door to the practice pages, and what they are for."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from desk_client.web.present import desk, door
from desk_client.web.sync import StatusLine, status_line_of

practice = Blueprint("practice", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePage:
    """What practice is; `address` of its pages once they are open, "" before."""

    status: StatusLine
    address: str = ""


@practice.get("/practice")
def page() -> str:
    """What practice is."""
    return render_template("practice.html", page=PracticePage(status=status_line_of(desk())))


@practice.post("/practice")
def begin() -> str:
    """Opens the practice pages, a program of its own, and shows the way there; raises PracticeNotOpen.

    A link, not a redirect: the pages have another address, to which no form of these may lead.
    """
    shown = PracticePage(status=status_line_of(desk()), address=door().practise())
    return render_template("practice.html", page=shown)
