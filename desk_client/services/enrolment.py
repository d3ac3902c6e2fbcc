"""Becoming a device of a desk with a one-time code."""

from typing import Any

from desk_client.desk import APP_VERSION, Desk
from desk_client.services.road import CentreNonsense, Road
from desk_client.services.signing_in import new_password_hash
from desk_client.services.taking_up import take_up
from desk_client.storage import device
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading, write_transaction
from sync_protocol.certificates import parse_code, read_certificate
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.signing import KEY_BYTES, NotADocument, Signed, SigningKey, agreement_public, canonical, encoded
from sync_protocol.vocabulary import DeviceId, Role

ENROLMENT_PATH = "/v1/enrolments"


class AlreadyEnrolled(FieldSyncError):
    """This data folder belongs to a device already."""

    code = "already_enrolled"
    text = N_(
        "This machine is already enrolled as %(device)s. Nothing was changed; use another data folder for another desk."
    )


def enrol(desk: Desk, road: Road, url: str, code_text: str, password: str) -> DeviceId:
    """Trades a one-time code for a certificate, packs and the desk head's account, which gets `password`.

    The keys are durable before the code is used, so an answer that was lost is asked for again with the same keys.
    Raises MalformedCode, AlreadyEnrolled, WeakPassword, CentreUnreachable, CentreRefused, CentreNonsense.
    """
    code = parse_code(code_text)
    password_hash = new_password_hash(password)
    _check_free(desk)
    signing_seed, agreement_seed = _keys(desk, url)
    answer = road.post(
        ENROLMENT_PATH,
        canonical(
            {
                "code": str(code),
                "signing_key": encoded(SigningKey.from_seed(signing_seed).public),
                "agreement_key": encoded(agreement_public(agreement_seed)),
                "app": APP_VERSION,
            }
        ),
        "application/json",
    )
    certificate, head, packs = _parts(answer)
    take_up(desk, certificate, packs, head, password_hash)
    return read_certificate(certificate).device


def _check_free(desk: Desk) -> None:
    with reading(desk.database):
        stored = device.stored()
    if stored and stored.certificate:
        raise AlreadyEnrolled(device=str(read_certificate(stored.certificate).device))


def _keys(desk: Desk, url: str) -> tuple[bytes, bytes]:
    with write_transaction(desk.database):
        stored = device.stored()
        if stored is None:
            device.keep_keys(url, desk.randomness(KEY_BYTES), desk.randomness(KEY_BYTES))
            stored = device.stored()
        assert stored is not None
        device.keep_address(url)
    return stored.signing_seed, stored.agreement_seed


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
