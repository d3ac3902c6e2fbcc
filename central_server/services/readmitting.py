"""Letting devices back in that enrolled after the backup from which the centre was restored."""

from typing import Any

from central_server.central import Central
from central_server.services.receiving import TrainingMismatch, UnknownDevice
from central_server.storage import changes, devices, ledger, units
from central_server.storage.changes import Change
from central_server.storage.database import write_transaction
from sync_protocol.certificates import Certificate
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.readmissions import read_readmission
from sync_protocol.signing import Signed
from sync_protocol.vocabulary import DeviceState

BY_CERTIFICATE = "certificate"
READMIT = "readmit"


class DeskNotHere(FieldSyncError):
    """The restored register lacks the device's desk."""

    code = "desk_not_here"
    text = N_(
        "The centre was restored and does not know this desk yet. Everything recorded on this machine stays safe "
        "there; the province loads the list of desks again, and the machine tries again by itself."
    )


class SlotTaken(FieldSyncError):
    """Another device was given this one's slot since the centre was restored."""

    code = "slot_taken"
    text = N_(
        "The centre was restored and gave this machine's number to another one. Everything recorded on this machine "
        "stays safe there; make a backup of it (desk-client backup FILE) and call the province."
    )


def readmit(central: Central, request: object) -> dict[str, Any]:
    """Puts a device back into the register by the certificate that this centre once signed; a second time the same.

    It may have been suspended or reported lost after the backup, which nobody here knows any more: where new devices
    are approved by a person it waits for that, else it is active, and the record of changes names it.
    Raises NotADocument, BadSignature, UnknownDevice, TrainingMismatch, DeskNotHere, SlotTaken.
    """
    certificate, signed = read_readmission(request)
    about = central.about()
    if certificate.centre_key != central.keys.signing.public:
        raise UnknownDevice
    if certificate.training != about.training:
        raise TrainingMismatch
    with write_transaction(central.database):
        if certificate.device.desk not in units.desk_codes():
            raise DeskNotHere
        ledger.locked_sequence(certificate.device.desk)
        known = devices.by_id(certificate.device)
        if known and known.signing_key != certificate.signing_key:
            raise SlotTaken
        state = known.state if known else _let_in(central, certificate, signed, is_approved=not about.device_approval)
    return {"device_state": state.value}


def _let_in(central: Central, certificate: Certificate, signed: Signed, *, is_approved: bool) -> DeviceState:
    now, state = central.now(), DeviceState.ACTIVE if is_approved else DeviceState.PENDING
    device = devices.newly_enrolled(
        certificate.device,
        certificate.signing_key,
        signed,
        state,
        enrolled_at=certificate.issued_at,
        heard_at=now,
    )
    devices.insert(device, certificate.agreement_key, signed)
    changes.keep(
        Change(
            at=now,
            who=BY_CERTIFICATE,
            what=READMIT,
            desk=certificate.device.desk,
            slot=certificate.device.slot,
            before={},
            after={"state": state.value},
        )
    )
    return state
