"""What the kinds of journal entries say, as values; `schemas` turns them into bytes and back.

A kind carries a version. A later version gets a class of its own and an upcaster to the newest; unknown kinds,
versions and fields stay verbatim in the sealed bytes and are judged again after an upgrade.
"""

from dataclasses import dataclass
from datetime import datetime

from sync_protocol.entries import Header
from sync_protocol.periods import Period
from sync_protocol.vocabulary import (
    Channel,
    Declaration,
    DeliveryMethod,
    IdType,
    OwnerType,
    ProcedureCode,
    ResultKind,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochOpened:
    """First entry of an epoch: which program on which machine writes from here on."""

    app_version: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksAdopted:
    """From here on the device works by these reference packs: kind to SHA-256 in base64."""

    packs: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A named clerk says that a period is complete, or that nothing arose in it (*không phát sinh hồ sơ*)."""

    period: Period
    declaration: Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A dossier was handed in; the header's `happened_at` is the reception. Field rules: TT 01/2018, form 01."""

    dossier_code: str
    procedure_code: ProcedureCode
    submitter_name: str
    owner_name: str
    owner_type: OwnerType
    channel: Channel
    delivery_method: DeliveryMethod
    set_count: int
    summary: str = ""
    id_type: IdType | None = None
    id_number: str = ""
    phone: str = ""
    email: str = ""
    address_text: str = ""
    external_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The result is ready."""

    result_kind: ResultKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The result was handed over: to whom, and how it was done."""

    delivered_to: str
    delivered_by: DeliveryMethod


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """A supervisor took the dossier out of every count (a test, a duplicate)."""

    reason: str


Payload = EpochOpened | PacksAdopted | Declared | Received | Resolved | Delivered | Voided


@dataclass(frozen=True, slots=True)
class Event:
    """An entry understood: its header and what it says."""

    header: Header
    payload: Payload

    @property
    def happened_at(self) -> datetime:
        """When it happened at the desk."""
        return self.header.happened_at
