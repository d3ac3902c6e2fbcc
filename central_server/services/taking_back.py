"""Taking back what a centre that was put back has lost, and a machine of the desk knows from it.

What is offered proves itself by the centre's own signature on a receipt of before. The centre's own decisions are among
it: they take effect again, each where it stands in the ledger now.
"""

from datetime import datetime
from typing import Any

from central_server.central import Central
from central_server.services import erasing
from central_server.services.gaps import connect, keep_explained, proven_run
from central_server.services.judging import judge
from central_server.services.keeping import keep_judged
from central_server.services.receiving import UnknownDevice
from central_server.storage import devices, erased, gaps, knowing, ledger
from central_server.storage.database import reading, write_transaction
from central_server.storage.gaps import Beyond
from central_server.storage.ledger import JudgedEntry
from sync_protocol.certificates import centre_origin
from sync_protocol.offers import offering_device, read_offer
from sync_protocol.packing import unpack_contact
from sync_protocol.schemas import read_event
from sync_protocol.vocabulary import CENTRE_SLOT, DeskCode, DeviceId, EventKind


def accept_offer(central: Central, raw: bytes) -> dict[str, Any]:
    """Takes what a machine offers back and answers up to where that journal is held now; durable when it returns.

    What does not go on from what is held is kept beyond a gap, and listed there. Raises BadFrame, NotADocument,
    BadSignature, BadStatement, BadEntry, BadOffer, UnknownDevice.
    """
    contact = unpack_contact(raw)
    with reading(central.database):
        device = devices.by_id(offering_device(contact))
    if device is None:
        raise UnknownDevice
    offer = read_offer(contact, device.signing_key, central.keys.signing.public)
    now, owner = central.now(), DeviceId(offer.desk, offer.vouched.slot)
    last = offer.vouched.sequence
    with write_transaction(central.database):
        ledger.locked_sequence(offer.desk)
        held, _ = gaps.head(owner, offer.vouched.epoch)
        beyond = [
            Beyond(entry.header, entry, offer.vouched.hash if entry.header.sequence == last else b"")
            for entry in offer.entries
            if entry.header.sequence > held
        ]
        gaps.hold(owner, beyond, now)
        erased.clear_beside(offer.desk)
        if owner.slot == CENTRE_SLOT:
            _connect_decisions(central, owner, now)
        elif connect(central, owner, now):
            knowing.note(owner, now)
        up_to, _ = gaps.head(owner, offer.vouched.epoch)
    if any(each.header.kind == EventKind.ERASE for each in beyond):
        erasing.finish(central)
    return {"up_to": up_to}


def _connect_decisions(central: Central, centre: DeviceId, now: datetime) -> None:
    """Takes in what the centre had decided, each decision by itself: it finds what it names among the verdicts."""
    origin = centre_origin(central.keys.signing.public, centre.desk)
    for epoch in gaps.epochs(centre):
        run = proven_run(centre, epoch, lambda device, _: [origin, *gaps.hashes(device)])
        for each in run:
            _decide_again(central, centre.desk, each, now)
        gaps.drop(centre, [each.sealed.payload_hash for each in run])


def _decide_again(central: Central, desk: DeskCode, entry: JudgedEntry, now: datetime) -> None:
    """Appends a decision and lets it take effect; an erasure that was applied from the record has had it."""
    last_sequence = ledger.locked_sequence(desk)
    is_erasure = entry.header.kind == EventKind.ERASE
    if is_erasure and entry.header.subject not in erased.at_desk(desk).names:
        erasing.carry_out(desk, read_event(entry.sealed), now)
    judged = judge(desk, [entry])
    keep_judged(central.database, desk, judged, last_sequence, now)
    keep_explained(desk, judged, now)
    if is_erasure:
        erased.clear_beside(desk)
