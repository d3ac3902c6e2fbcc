"""What stands at the head of every paper of this desk."""

from desk_client.desk import Desk
from desk_client.paper.sheet import Heading, Reprint
from sync_protocol.instants import local_date

UNIT_KINDS = ("Thành phố", "Thị trấn", "Thị xã", "Đặc khu", "Phường", "Huyện", "Quận", "Tỉnh", "Xã")
"""Kinds of units that begin a unit's name; longer ones first, since one may begin another."""


def heading_of(desk: Desk, *, reprint: Reprint | None = None) -> Heading:
    """The head of a paper that is printed now; raises NotEnrolled."""
    profile = desk.packs().desk
    kind = next((each for each in UNIT_KINDS if profile.unit_name.casefold().startswith(each.casefold() + " ")), "")
    place = profile.unit_name[len(kind) :].strip()
    return Heading(
        unit_name=f"Ủy ban nhân dân {kind.lower()} {place}" if kind else profile.unit_name,
        desk_name=profile.name,
        place=place,
        printed_on=local_date(desk.working_now()),
        is_practice=desk.is_practice,
        reprint=reprint,
    )
