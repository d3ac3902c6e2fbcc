"""What the paper on a period says: the desk's counts, the centre's word, and the declaration, ready to be drawn."""

from desk_client.desk import Desk
from desk_client.paper.confirmation import ConfirmationView, Declared, MachineLine
from desk_client.services.heading import heading_of
from desk_client.services.overview import overview
from desk_client.services.signing_in import head_name, name_of
from desk_client.services.standing import Declaring, own_standing
from sync_protocol.errors import N_
from sync_protocol.messages import translated
from sync_protocol.periods import Period

NOT_HEARD_YET = N_("The centre has not yet told this machine how the desk stands in this period.")


def confirmation_of(desk: Desk, period: Period, *, clerk: str) -> ConfirmationView:
    """The paper on a period under the name of a clerk; raises NotEnrolled."""
    told, own = overview(desk), own_standing(desk, period)
    seen, said = own.centre_view, own.declaring.declared if own.declaring else None
    name = translated(N_("Machine %(slot)d"), {"slot": told.slot}, "vi", "desk_client")
    return ConfirmationView(
        heading=heading_of(desk),
        first_on=period.first_on,
        last_on=period.last_on,
        machines=(MachineLine(name=name, last_statement_at=told.succeeded_at, unsent=told.unsent_count),),
        entered=max(own.received_count, seen.entered if seen else 0),
        arrived=seen.arrived if seen else None,
        arrived_at=seen.as_of if seen else None,
        threshold=own.threshold,
        evidence=seen.vi if seen else translated(NOT_HEARD_YET, {}, "vi", "desk_client"),
        declared=_declared(desk, own.declaring) if own.declaring else None,
        cause=said.cause if said else None,
        note=said.note if said else "",
        paper_register_last=said.paper_register_last if said else "",
        certification_book_last=said.certification_book_last if said else "",
        clerk_name=name_of(desk, clerk),
        head_name=head_name(desk),
    )


def _declared(desk: Desk, declaring: Declaring) -> Declared:
    return Declared(
        declaration=declaring.declared.declaration,
        clerk_name=name_of(desk, declaring.clerk),
        declared_at=declaring.declared_at,
    )
