"""Several machines of one desk at a centre: what each holds, as values that can be compared."""

from typing import Any

from central_server.central import Central
from central_server.storage import models as central_models
from central_server.storage.database import reading as central_reading
from desk_client.desk import Desk
from desk_client.services.projecting import rebuild
from desk_client.services.verifying import verify
from desk_client.storage import models
from desk_client.storage.database import reading
from sync_protocol.dossiers import Dossier, read_state
from sync_protocol.events import Corrected
from tests.conftest import DESK, Link, record, sync_quietly, take
from tests.desk.projections import projection


def shown(desk: Desk) -> dict[str, Any]:
    """All that a machine's screens read; the numbers of its rows are its own affair."""
    return {name: value for name, value in projection(desk).items() if name != "in order"}


def known_by(desk: Desk) -> dict[str, Any]:
    """Each dossier as its events made it, by its id, at a machine."""
    with reading(desk.database):
        return {row.id: read_state(bytes(row.state)) for row in models.DossierRow.select()}


def known_at(central: Central, code: str = DESK) -> dict[str, Any]:
    """Each dossier of a desk as its events made it, by its id, at the centre."""
    row = central_models.DossierRow
    with central_reading(central.database):
        return {each.id: read_state(bytes(each.state)) for each in row.select().where(row.desk == code)}


def hush(link: Link, *desks: Desk) -> None:
    """Contacts of all machines until nobody has anything to tell."""
    for _ in range(2):
        for desk in desks:
            sync_quietly(desk, link)


def phone_of_two(link: Link, first: Desk, second: Desk) -> Dossier:
    """A dossier whose phone two machines corrected differently; the first one was at the centre first."""
    dossier = record(first)
    hush(link, first, second)
    for desk, phone in ((first, "0987000011"), (second, "0987000022")):
        take(desk, dossier.id, Corrected(changes={"phone": phone}, reason="Ghi nhầm"))
    hush(link, first, second)
    return dossier


def assert_replicas_are_equal(central: Central, *desks: Desk) -> None:
    """The same dossiers on all machines and at the centre, and what the screens read is what the journals say."""
    for desk in desks:
        assert known_by(desk) == known_at(central)
        live = shown(desk)
        assert verify(desk).faults == ()
        rebuild(desk)
        assert shown(desk) == live
    assert [shown(desk) for desk in desks] == [shown(desks[0])] * len(desks)
