"""What a desk says of a whole period: that it is complete, or that nothing arose."""

from desk_client.desk import Desk
from desk_client.services.sealing import take_pen
from desk_client.storage import dossiers
from desk_client.storage.database import write_transaction
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.events import Declared
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Declaration


class NotNil(FieldSyncError):
    """A desk that has dossiers of a period cannot declare that nothing arose in it."""

    code = "not_nil"
    text = N_("This machine holds %(count)d dossiers of the period %(period)s, so it cannot be declared empty.")


def declare(desk: Desk, period: Period, declaration: Declaration, *, clerk: str) -> None:
    """Seals a declaration under the name of a clerk; raises NotNil, NotEnrolled."""
    identity = desk.identity()
    with write_transaction(desk.database):
        count = dossiers.received_count(period.first_on, period.last_on)
        if declaration is Declaration.NIL and count:
            raise NotNil(count=count, period=str(period))
        take_pen(desk, identity, clerk=clerk).note(Declared(period=period, declaration=declaration))
