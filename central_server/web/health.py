"""Whether the centre is alive and backed up, for whoever watches over it."""

from flask import Blueprint, Response, jsonify

from central_server.services import backing_up
from central_server.web.present import central
from sync_protocol.instants import instant_text

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """Answers once the database has answered; an old backup is told, and is no reason to take the centre for dead."""
    last_at = backing_up.last_backup_at(central())
    alarm = backing_up.alarm(central(), central().now(), is_training=central().about().training)
    return jsonify(
        ok=True,
        last_backup_at=instant_text(last_at) if last_at else None,
        is_backup_old=alarm is not None,
    )
