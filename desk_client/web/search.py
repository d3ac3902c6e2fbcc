"""The search."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

search = Blueprint("search", __name__)


@search.post("/search")
def find() -> Response:
    """Finds."""
    return redirect(url_for("intake.main"))
