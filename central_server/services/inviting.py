"""Invitations on paper: one file to print, a sheet a desk."""

from collections.abc import Sequence

from central_server.central import Central
from central_server.paper.invitations import InvitationSheet, invitations_pdf
from central_server.services.enrolment import Invitation


def invitation_sheets(central: Central, invitations: Sequence[Invitation], *, address: str) -> bytes:
    """Fresh invitations as PDF, in their order.

    address  where the desks reach the centre, unless the settings know better; "" where nobody has said
    """
    about = central.about()
    return invitations_pdf(
        InvitationSheet(
            desk_name=each.desk_name,
            desk_code=each.desk,
            unit_name=each.unit_name,
            phone=each.phone,
            code=str(each.code),
            expires_at=each.expires_at,
            server=(central.settings.address or address).rstrip("/"),
            is_approved=about.device_approval,
            training=about.training,
        )
        for each in invitations
    )
