"""Whether the centre is alive, for whoever watches over it."""

from flask import Blueprint, Response, jsonify

from central_server.web.present import central

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Answers once the database has answered."""
    central().about()
    return jsonify(ok=True)
