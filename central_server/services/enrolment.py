"""Inviting desks and enrolling their devices with one-time codes."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from central_server.central import Central
from central_server.services.packing_up import packs_of
from central_server.storage import changes, devices, ledger, reference, units
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.devices import REVOKED, InvitationRow
from central_server.storage.units import EVERYTHING, DeskNode, Scope
from sync_protocol.certificates import Certificate, EnrolmentCode, new_code, parse_code
from sync_protocol.enrolments import check_request
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text, local_date
from sync_protocol.signing import KEY_BYTES, Signed, decoded
from sync_protocol.vocabulary import DeskCode, DeviceId, DeviceState

CODE_HOURS = 72
TRIES_MAX = 5
CONSOLE = "cli"
"""Who has changed something from the command line, where it does not say more."""

BY_CODE = "code:"
HEAD_USERNAME = "truong"
HEAD_NAME = "Trưởng Bộ phận Một cửa"


class UnknownDesk(FieldSyncError):
    """There is no desk of this code, or the person may not see it."""

    code = "unknown_desk"
    text = N_("There is no desk %(desk)s that you may see. Nothing was changed; check its code in the list of desks.")


class WrongCode(FieldSyncError):
    """The enrolment code is unknown, wrong, expired or tried too often."""

    code = "wrong_code"
    text = N_(
        "The enrolment code is wrong, expired or was tried too often. Nothing was changed; "
        "check each letter, or ask your supervisor for a new code."
    )


class CodeUsed(FieldSyncError):
    """The enrolment code has made a device already."""

    code = "code_used"
    text = N_(
        "This enrolment code has been used. Nothing was changed; ask your supervisor for a new code for this machine."
    )


class UnknownPack(FieldSyncError):
    """No pack of this name was ever issued."""

    code = "unknown_pack"
    text = N_("There is no reference pack of this name. Nothing was changed; the machine asks again by itself.")


class BadRequest(FieldSyncError):
    """A request does not have the agreed form."""

    code = "bad_request"
    text = N_("The request does not have the agreed form: %(fields)s. Nothing was taken.")


class KeyField(fields.String):
    """A 32-byte public key in base64."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            is_key = len(decoded(text)) == KEY_BYTES
        except ValueError:
            is_key = False
        if not is_key:
            raise ValidationError(N_("Not a public key."))
        return text


class EnrolmentSchema(Schema):
    """What a new device asks with."""

    code = fields.String(required=True, validate=validate.Length(max=60))
    signing_key = KeyField(required=True)
    agreement_key = KeyField(required=True)
    app = fields.String(required=True, validate=[validate.Length(max=40), validate.ContainsNoneOf("\0")])
    proof = fields.String(required=True, validate=validate.Length(max=100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A fresh one-time code for a desk; its secret is shown once and never kept."""

    desk: DeskCode
    desk_name: str
    unit_name: str
    phone: str
    code: EnrolmentCode
    expires_at: datetime


REQUEST = EnrolmentSchema()


def invite(
    central: Central, desk_code: DeskCode | None, *, by: str = CONSOLE, scope: Scope = EVERYTHING
) -> list[Invitation]:
    """A one-time code for a desk, or where None for each desk of a scope that has no machine in use.

    Raises UnknownDesk, also where the scope may not see it.
    """
    now = central.now()
    with write_transaction(central.database):
        if desk_code is None:
            invited = desks_without_machine(scope, now)
        elif (desk := units.desk(scope, desk_code, local_date(now))) is not None:
            invited = [desk]
        else:
            raise UnknownDesk(desk=desk_code)
        return [new_invitation(central, desk, now, by=by) for desk in invited]


def uninvited(central: Central, scope: Scope) -> list[DeskNode]:
    """The desks of a scope that an invitation of all would invite."""
    with reading(central.database):
        return desks_without_machine(scope, central.now())


def desks_without_machine(scope: Scope, now: datetime) -> list[DeskNode]:
    """Desks of a scope that have no machine which is in use, in reserve or waits for approval."""
    known = units.desks(scope, local_date(now))
    enrolled = devices.of_desks([desk.code for desk in known])
    return [desk for desk in known if all(each.state in REVOKED for each in enrolled.get(desk.code, []))]


def new_invitation(central: Central, desk: DeskNode, now: datetime, *, by: str, reason: str = "") -> Invitation:
    """A fresh code for a desk, kept and recorded inside the caller's transaction."""
    expires_at = now + timedelta(hours=CODE_HOURS)
    code = _unused_code()
    devices.invite(desk.code, code.public, code.secret_mac(central.keys.code_key), now, expires_at)
    changes.keep(
        Change(
            at=now,
            who=by,
            what="invite",
            desk=desk.code,
            before={},
            after={"code": code.public, "expires_at": instant_text(expires_at)},
            reason=reason,
        )
    )
    return Invitation(
        desk=desk.code,
        desk_name=desk.name,
        unit_name=desk.unit.name,
        phone=desk.phone,
        code=code,
        expires_at=expires_at,
    )


def enrol(central: Central, request: object) -> dict[str, Any]:
    """Trades a one-time code for a certificate; the same code and key again get the same certificate.

    Raises BadRequest, RequestAltered, MalformedCode, WrongCode, CodeUsed.
    """
    asked = _asked(request)
    check_request(asked)
    code = parse_code(asked["code"])
    now = central.now()
    refusal: FieldSyncError | None = None
    with write_transaction(central.database):
        invitation = devices.invitation(code.public)
        if invitation is None:
            raise WrongCode
        if not _is_right(central, invitation, code, now):
            # The try is counted even though the request is refused, so the refusal is raised after the commit.
            devices.note_try(invitation)
            refusal = WrongCode()
        else:
            certificate, state = _certificate(central, invitation, asked, now)
            packs = packs_of(invitation.desk)
    if refusal:
        raise refusal
    return {
        "certificate": certificate.as_json(),
        "packs": [pack.as_json() for pack in packs],
        "head": {"username": HEAD_USERNAME, "full_name": HEAD_NAME},
        "device_state": state.value,
    }


def pack_named(central: Central, name: str) -> Signed:
    """A reference pack by its name; raises UnknownPack."""
    with reading(central.database):
        pack = reference.pack(name) if "\0" not in name else None
    if pack is None:
        raise UnknownPack
    return pack


def _unused_code() -> EnrolmentCode:
    """A fresh code; public parts are short, so that with a few thousand codes two would soon be the same."""
    code = new_code()
    while devices.invitation(code.public):
        code = new_code()
    return code


def _asked(request: object) -> dict[str, str]:
    try:
        return dict(REQUEST.load(request))  # type: ignore[arg-type]
    except ValidationError as error:
        raise BadRequest(fields=", ".join(sorted(map(str, error.normalized_messages())))) from error


def _is_right(central: Central, invitation: InvitationRow, code: EnrolmentCode, now: datetime) -> bool:
    is_open = invitation.tries < TRIES_MAX and (now < invitation.expires_at or invitation.used_slot is not None)
    return hmac.compare_digest(invitation.secret_mac, code.secret_mac(central.keys.code_key)) and is_open


def _certificate(
    central: Central, invitation: InvitationRow, asked: dict[str, str], now: datetime
) -> tuple[Signed, DeviceState]:
    signing_key = decoded(asked["signing_key"])
    if invitation.used_slot is not None:
        return _issued_before(invitation, signing_key)
    # Two machines of a desk that enrol at once get different slots: its ledger is locked until the commit.
    ledger.locked_sequence(invitation.desk)
    device_id = DeviceId(invitation.desk, devices.next_slot(invitation.desk))
    about = central.about()
    certificate = Certificate(
        device=device_id,
        signing_key=signing_key,
        agreement_key=decoded(asked["agreement_key"]),
        issued_at=now,
        training=about.training,
        centre_key=central.keys.signing.public,
        centre_agreement_key=central.keys.agreement_public,
    )
    signed = certificate.signed_by(central.keys.signing)
    if not devices.note_use(invitation, now, device_id.slot):
        raise CodeUsed
    device = devices.newly_enrolled(
        device_id,
        decoded(asked["signing_key"]),
        signed,
        DeviceState.PENDING if about.device_approval else DeviceState.ACTIVE,
        enrolled_at=now,
        heard_at=now,
        app_version=asked["app"],
    )
    devices.insert(device, certificate.agreement_key, signed)
    changes.keep(
        Change(
            at=now,
            who=BY_CODE + invitation.public,
            what="enrol",
            desk=device_id.desk,
            slot=device_id.slot,
            before={},
            after={"state": device.state.value},
        )
    )
    return signed, device.state


def _issued_before(invitation: InvitationRow, signing_key: bytes) -> tuple[Signed, DeviceState]:
    """The certificate that this code made, if the same installation asks again since the answer was lost."""
    assert invitation.used_slot is not None
    device_id = DeviceId(invitation.desk, invitation.used_slot)
    issued, device = devices.certificate(device_id), devices.by_id(device_id)
    if issued is None or device is None or issued[1] != signing_key:
        raise CodeUsed
    return issued[0], device.state
