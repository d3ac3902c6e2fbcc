"""The interface for devices: enrolment, contacts and packs. Signed or one-time, so no session and no CSRF token."""

from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request

from central_server.central import Central
from central_server.services import comparing, enrolment, readmitting, receiving, taking_back
from central_server.storage.database import DatabaseBusy
from sync_protocol.clocks import TIME, parse_nonce, signed_time
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.messages import error_text
from sync_protocol.packing import CONTACT_BYTES_MAX
from sync_protocol.signing import BadSignature

ENROLMENT_BYTES_MAX = 8_192
NOTICE = "notice"
RETRY_AFTER_S = 15
"""How long a device is asked to wait for the database at the least; at the most twice as long."""

blueprint = Blueprint("api", __name__, url_prefix="/v1")


class BodyTooLarge(FieldSyncError):
    """A request is longer than its kind may be."""

    code = "body_too_large"
    text = N_("The message is too large. Nothing was taken; the machine sends less at a time.")


class TooManyRequests(FieldSyncError):
    """An address or a device asks more often than anything that works would."""

    code = "too_many_requests"
    text = N_("Too many requests came within a minute. Nothing was taken or lost; the machine tries again by itself.")


HTTP_STATUS: dict[type[FieldSyncError], int] = {
    BodyTooLarge: 413,
    TooManyRequests: 429,
    DatabaseBusy: 503,
    BadSignature: 401,
    receiving.UnknownDevice: 401,
    receiving.TrainingMismatch: 403,
    comparing.BrokenChain: 409,
    readmitting.DeskNotHere: 409,
    readmitting.SlotTaken: 409,
    enrolment.WrongCode: 403,
    enrolment.CodeUsed: 409,
    enrolment.UnknownPack: 404,
}
"""Which refusals are not a plain 400."""


@blueprint.post("/enrolments")
def enrol() -> Response:
    """Trades a one-time code for a certificate."""
    return _answer(enrolment.enrol(_central(), _asked()))


@blueprint.post("/readmissions")
def readmission() -> Response:
    """Lets a device back in by its certificate, after a restore."""
    return _answer(readmitting.readmit(_central(), _asked()))


@blueprint.post("/offers")
def offer() -> Response:
    """Takes back what a centre that was put back has lost, and answers how far it has come."""
    return _answer(taking_back.accept_offer(_central(), _body(CONTACT_BYTES_MAX)))


@blueprint.post("/contacts")
def contact() -> Response:
    """Takes a statement and entries, answers with the receipt."""
    return _answer(receiving.accept_contact(_central(), _body(CONTACT_BYTES_MAX)))


@blueprint.get("/packs/<name>")
def pack(name: str) -> Response:
    """A reference pack by its name."""
    return _answer(enrolment.pack_named(_central(), name).as_json())


@blueprint.get("/time/<nonce>")
def time(nonce: str) -> Response:
    """The centre's time, signed for who asks; of the machine, also where a training centre shows another day."""
    try:
        asked = parse_nonce(nonce)
    except ValueError as error:
        raise enrolment.BadRequest(fields="nonce") from error
    return _answer({TIME: signed_time(_central().keys.signing, _central().wall(), asked).as_json()})


def api_error(error: FieldSyncError) -> Response:
    """A refusal in both languages with the centre's signed time, so that a device with a wrong clock can learn it."""
    told = {"code": error.code, "vi": error_text(error, "vi"), "en": error_text(error, "en")}
    response = _answer({"error": told} | _notice(error.code))
    response.status_code = next((number for kind, number in HTTP_STATUS.items() if isinstance(error, kind)), 400)
    if isinstance(error, DatabaseBusy):
        response.headers["Retry-After"] = str(_retry_after_s())
    return response


def _notice(code: str) -> dict[str, Any]:
    """The centre's signed time; nothing where the database, which a training centre's clock stands in, is away."""
    try:
        now = _central().now()
    except DatabaseBusy:
        return {}
    return {NOTICE: _central().keys.signing.sign(NOTICE, {"at": instant_text(now), "code": code}).as_json()}


def _retry_after_s() -> int:
    """Seconds that differ from device to device, so that they do not all come back at once."""
    return RETRY_AFTER_S + _central().randomness(1)[0] % RETRY_AFTER_S


def _asked() -> Any:
    """The JSON of a short request."""
    try:
        return orjson.loads(_body(ENROLMENT_BYTES_MAX))
    except orjson.JSONDecodeError as error:
        raise enrolment.BadRequest(fields="JSON") from error


def _body(bytes_max: int) -> bytes:
    """The whole body, its length checked before it is read."""
    if request.content_length is None or request.content_length > bytes_max:
        raise BodyTooLarge
    return request.get_data(cache=False)


def _answer(content: dict[str, Any]) -> Response:
    return Response(orjson.dumps(content), content_type="application/json")


def _central() -> Central:
    central = current_app.config["CENTRAL"]
    assert isinstance(central, Central)
    return central
