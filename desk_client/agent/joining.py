"""Becoming a device of a desk, over HTTP: what the command and the page do alike."""

from contextlib import closing

from desk_client.agent.transport import road_to
from desk_client.desk import Desk
from desk_client.services.enrolment import centre_address, enrol
from sync_protocol.vocabulary import DeviceId


def join(desk: Desk, address: str, code: str, password: str) -> DeviceId:
    """Enrols at the centre of an address as it was typed; raises BadAddress and what `enrol` raises."""
    url = centre_address(address)
    with closing(road_to(url)) as road:
        return enrol(desk, road, url, code, password)
