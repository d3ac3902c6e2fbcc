"""Becoming a device of a desk with a one-time code."""

from typing import Any
from urllib.parse import urlsplit

from desk_client.desk import APP_VERSION, Desk
from desk_client.services.road import CentreNonsense, Road
from desk_client.services.signing_in import new_password_hash
from desk_client.services.standing import note_device_state
from desk_client.services.taking_up import check_free, take_up
from desk_client.storage import device
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.device import StoredDevice
from sync_protocol.certificates import parse_code, read_certificate
from sync_protocol.enrolments import enrolment_request
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.signing import KEY_BYTES, NotADocument, Signed, SigningKey, agreement_public, canonical
from sync_protocol.vocabulary import DeviceId, Role

ENROLMENT_PATH = "/v1/enrolments"


class BadAddress(FieldSyncError):
    """A text is not the address of a centre."""

    code = "bad_address"
    text = N_(
        "This is not the address of a server. Nothing was changed; copy it again from the invitation, such as "
        "https://motcua.example.vn"
    )


def centre_address(text: str) -> str:
    """Reads the address of a centre as people type it, also without https:// before it; raises BadAddress."""
    address = text.strip()
    url = address if "://" in address else f"https://{address}"
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise BadAddress from error
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if not (is_address and is_plain and parts.scheme in ("https", "http") and url.isascii() and len(url.split()) == 1):
        raise BadAddress
    return url.rstrip("/")


def earlier_address(desk: Desk) -> str:
    """The address at which this installation asked for a certificate before, "" where it has not."""
    with reading(desk.database):
        stored = device.stored()
    return stored.central_url if stored else ""


def prepare(desk: Desk) -> None:
    """Makes the keys of the installation where it has none; its pages are named by them before it is enrolled."""
    with write_transaction(desk.database):
        _prepared(desk)


def enrol(desk: Desk, road: Road, url: str, code_text: str, password: str) -> DeviceId:
    """Trades a one-time code for a certificate, packs and the desk head's account, which gets `password`.

    The keys are durable before the code is used, so an answer that was lost is asked for again with the same keys.
    Raises MalformedCode, AlreadyEnrolled, WeakPassword, CentreUnreachable, CentreRefused, CentreNonsense and others of
    the road.
    """
    code = parse_code(code_text)
    password_hash = new_password_hash(password)
    with reading(desk.database):
        check_free(device.stored())
    signing_seed, agreement_seed = _keys(desk, url)
    answer = road.post(
        ENROLMENT_PATH,
        canonical(
            enrolment_request(
                str(code), SigningKey.from_seed(signing_seed), agreement_public(agreement_seed), APP_VERSION
            )
        ),
        "application/json",
    )
    certificate, head, packs = _parts(answer)
    take_up(desk, certificate, packs, head, password_hash)
    with write_transaction(desk.database):
        note_device_state(answer.get("device_state"))
    return read_certificate(certificate).device


def _keys(desk: Desk, url: str) -> tuple[bytes, bytes]:
    with write_transaction(desk.database):
        stored = _prepared(desk)
        device.keep_address(url)
    return stored.signing_seed, stored.agreement_seed


def _prepared(desk: Desk) -> StoredDevice:
    if device.stored() is None:
        device.keep_keys("", desk.randomness(KEY_BYTES), desk.randomness(KEY_BYTES))
    stored = device.stored()
    assert stored is not None, "its keys were just kept"
    return stored


def _parts(answer: dict[str, Any]) -> tuple[Signed, Clerk, list[Signed]]:
    try:
        head = answer["head"]
        return (
            Signed.from_json(answer["certificate"]),
            Clerk(username=str(head["username"]), full_name=str(head["full_name"]), role=Role.HEAD),
            [Signed.from_json(pack) for pack in answer["packs"]],
        )
    except (KeyError, TypeError, NotADocument) as error:
        raise CentreNonsense from error
