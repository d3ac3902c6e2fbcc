"""Desk: the settings, clock, randomness and database that every use case is handed."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from peewee import Database

from desk_client.settings import Settings
from desk_client.storage import device, notes
from desk_client.storage.database import reading
from desk_client.storage.device import StoredDevice
from sync_protocol.certificates import Certificate, certificate_hash, read_certificate
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import Clock
from sync_protocol.packs import Packs, read_packs
from sync_protocol.signing import Signed, SigningKey
from sync_protocol.vocabulary import DeviceId

APP_VERSION = "0.1.0"
PRACTICE_IDENTIFIER = "TAP"
"""Begins the codes of practice dossiers (*tập*), so that no paper of one can be taken for a real one."""

STATED_DAY = "stated_day"
"""Name of the note that keeps how many days the clerk's today is away from the clock's."""


class NotEnrolled(FieldSyncError):
    """The installation is not a device of a desk yet."""

    code = "not_enrolled"
    text = N_(
        "This machine is not enrolled yet. Ask your supervisor for an enrolment code, then run: "
        "desk-client enrol --server URL --code CODE"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this device is: its certificate and the key it signs with."""

    central_url: str
    certificate: Certificate
    origin: bytes
    key: SigningKey

    @property
    def id(self) -> DeviceId:
        """The desk and the slot."""
        return self.certificate.device


def identity_of(stored: StoredDevice, certificate: Signed) -> Identity:
    """The identity that a certificate gives to an installation; raises NotADocument, BadSignature."""
    return Identity(
        central_url=stored.central_url,
        certificate=read_certificate(certificate),
        origin=certificate_hash(certificate),
        key=SigningKey.from_seed(stored.signing_seed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One installation at work.

    clock         the machine's wall clock, right or wrong
    monotonic_ms  milliseconds that only go forward while the machine is on
    boot          random id of this start of the program
    randomness    gives n random bytes
    is_practice   its dossiers are an exercise: they stay in their own file, and their codes say so
    machine       what tells this machine and folder from others, "" where nothing does
    """

    settings: Settings
    database: Database
    clock: Clock
    monotonic_ms: Callable[[], int]
    boot: str
    randomness: Callable[[int], bytes]
    is_practice: bool = False
    machine: str = ""
    _known: dict[str, object] = field(default_factory=dict, repr=False)

    def identity(self) -> Identity:
        """Who this device is, read and verified once, since a certificate is for life; raises NotEnrolled."""
        if "identity" not in self._known:
            with reading(self.database):
                stored = device.stored()
            if stored is None or stored.certificate is None:
                raise NotEnrolled
            self._known["identity"] = identity_of(stored, stored.certificate)
        return cast(Identity, self._known["identity"])

    def is_enrolled(self) -> bool:
        """Whether the installation is a device of a desk."""
        try:
            self.identity()
        except NotEnrolled:
            return False
        return True

    def page_name(self) -> str:
        """The name of this installation's page, which cannot be guessed; it stays the same when it is enrolled.

        Cookies know no ports: a program of somebody else on another port of the same name would be sent the session.
        """
        with reading(self.database):
            stored = device.stored()
        assert stored is not None, "an installation has keys before it has a page"
        secret = hmac.digest(stored.signing_seed, b"page name", "sha256")
        return f"mot-cua-{secret.hex()[:8]}.localhost"

    def packs(self) -> Packs:
        """The reference data in force; raises NotEnrolled. Read anew only after a swap."""
        with reading(self.database):
            names = device.pack_names()
            known = cast(tuple[object, Packs] | None, self._known.get("packs"))
            if known is None or known[0] != names:
                known = names, self.packs_named(names.values())
                self._known["packs"] = known
        return known[1]

    def packs_named(self, names: Iterable[str]) -> Packs:
        """The reference data of packs by their names; a kind of which none of them is here is taken as in force."""
        named = device.packs() | device.packs_named(names)
        packs = read_packs(named.values(), self.identity().certificate.centre_key)
        return _of_practice(packs) if self.is_practice else packs

    def now(self) -> datetime:
        """The present as the centre would have it: the wall clock, corrected by the offset last measured."""
        with reading(self.database):
            offset_ms = device.contact_state().offset_ms
        return self.clock() + timedelta(milliseconds=offset_ms or 0)

    def working_now(self) -> datetime:
        """The present as people at the desk have it."""
        return self.as_worked(self.now())

    def as_worked(self, now: datetime) -> datetime:
        """A corrected present, moved to the day that a clerk has named today."""
        with reading(self.database):
            stated = notes.note(STATED_DAY)
        return now + timedelta(days=stated["shift_days"] if stated else 0)


def _of_practice(packs: Packs) -> Packs:
    return replace(packs, desk=replace(packs.desk, identifier_code=PRACTICE_IDENTIFIER))
