"""What a device offers back to a centre that was put back: entries of other journals, with its own word on them.

The frame is that of a contact: a document that the device signs, and a section of consecutive entries of one journal.
The document holds a receipt of before, in which the centre has vouched for that journal up to a hash.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sync_protocol.entries import SealedEntry
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.packing import Contact, pack_contact, pack_entries, unpack_entries
from sync_protocol.signing import NotADocument, Signed, SigningKey, content_of, decoded, encoded, opened
from sync_protocol.statements import Receipt, Vouched, read_receipt
from sync_protocol.vocabulary import DeskCode, DeviceId

OFFER = "offer"


class BadOffer(FieldSyncError):
    """What is offered is not what the centre has vouched for."""

    code = "bad_offer"
    text = N_("What is offered back is not what the centre once confirmed. Nothing was taken or thrown away.")


@dataclass(frozen=True, slots=True)
class Offer:
    """Consecutive entries of one journal of a desk; `vouched` is the last one that the centre once signed for."""

    desk: DeskCode
    vouched: Vouched
    entries: Sequence[SealedEntry]


def pack_offer(
    device: DeviceId, key: SigningKey, receipt: Signed, vouched: Vouched, entries: Sequence[SealedEntry]
) -> bytes:
    """The bytes of an offer, which `device` makes."""
    section = pack_entries(entries)
    content = {
        "desk": device.desk,
        "slot": device.slot,
        "of": [vouched.slot, vouched.epoch],
        "body": encoded(hashlib.sha256(section).digest()),
        "receipt": receipt.as_json(),
    }
    return pack_contact(key.sign(OFFER, content), section)


def offering_device(contact: Contact) -> DeviceId:
    """Who an offer claims to be from, before its signature is checked; raises NotADocument."""
    content = content_of(contact.statement, OFFER)
    desk, slot = content.get("desk"), content.get("slot")
    if not isinstance(desk, str) or not isinstance(slot, int):
        raise NotADocument
    return DeviceId(desk, slot)


def read_offer(contact: Contact, device_key: bytes, centre_key: bytes) -> Offer:
    """An offer, its signatures and the frame of its entries checked.

    Raises BadSignature, NotADocument, BadStatement, BadFrame, BadEntry, BadOffer.
    """
    content = opened(contact.statement, OFFER, device_key)
    try:
        slot, epoch = content["of"]
        body = decoded(content["body"])
        receipt = read_receipt(Signed.from_json(content["receipt"]), centre_key)
    except (KeyError, TypeError, ValueError) as error:
        raise NotADocument from error
    if hashlib.sha256(contact.entries_section).digest() != body:
        raise BadOffer
    offer = Offer(receipt.device.desk, _vouched(receipt, slot, epoch), unpack_entries(contact.entries_section))
    _check_frame(offer, content["desk"])
    return offer


def _vouched(receipt: Receipt, slot: object, epoch: object) -> Vouched:
    found = [each for each in receipt.vouched if (each.slot, each.epoch) == (slot, epoch)]
    if not found:
        raise BadOffer
    return found[0]


def _check_frame(offer: Offer, desk: object) -> None:
    """The entries are consecutive ones of the journal, and none stands behind what the centre has signed for."""
    if desk != offer.desk or not offer.entries:
        raise BadOffer
    first = offer.entries[0].header.sequence
    for sequence, entry in enumerate(offer.entries, start=first):
        id_ = entry.header.id
        if (id_.slot, id_.epoch, id_.sequence) != (offer.vouched.slot, offer.vouched.epoch, sequence):
            raise BadOffer
        if sequence > offer.vouched.sequence:
            raise BadOffer
