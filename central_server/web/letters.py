"""The reminder letter of a unit for a period, as a file to print and sign."""

from flask import Blueprint, Response

from central_server.services import reminding
from central_server.web.periods import asked_period
from central_server.web.present import central, signed_in
from sync_protocol.periods import period_name

UNIT_CHARACTERS_MAX = 40

letters = Blueprint("letters", __name__)


@letters.get("/letters/<unit_id>.pdf")
def reminder(unit_id: str) -> Response:
    """The letter; raises UnknownUnit, also outside the person's area, PeriodStillRuns and NobodyToRemind."""
    period = asked_period()
    letter = reminding.reminder_letter(central(), signed_in().person.scope, unit_id[:UNIT_CHARACTERS_MAX], period)
    name = f"cong-van-don-doc-{period_name(period, central().about().series)}.pdf"
    return Response(
        letter, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
