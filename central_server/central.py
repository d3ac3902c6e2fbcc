"""Central: the settings, clock, randomness, keys and database that every use case is handed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from peewee import Database

from central_server.settings import Settings
from central_server.storage import centre
from central_server.storage.centre import CentreRow
from central_server.storage.database import reading
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import Clock, local_date
from sync_protocol.signing import SigningKey, agreement_public

APP_VERSION = "0.1.0"


class NotInitialised(FieldSyncError):
    """The data folder holds no centre yet."""

    code = "not_initialised"
    text = N_("There is no centre in %(path)s yet. Nothing was changed; run: central-server init")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The centre's secrets: seeds of its signing and agreement keys, and the key that codes are kept under.

    backup_public  the key that backups are sealed to, empty before there is a recovery kit, which holds its other half
    """

    signing_seed: bytes = field(repr=False)
    agreement_seed: bytes = field(repr=False)
    code_key: bytes = field(repr=False)
    backup_public: bytes = b""

    @property
    def signing(self) -> SigningKey:
        """The key that signs certificates, receipts and packs."""
        return SigningKey.from_seed(self.signing_seed)

    @property
    def agreement_public(self) -> bytes:
        """The public key that bundles are sealed to."""
        return agreement_public(self.agreement_seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Central:
    """A centre at work. `wall` is the machine's clock; only a training centre may show another time."""

    settings: Settings
    database: Database
    wall: Clock
    randomness: Callable[[int], bytes]
    keys: Keys

    def about(self) -> CentreRow:
        """What is sealed into the database; raises NotInitialised."""
        with reading(self.database):
            row = centre.about()
        if row is None:
            raise NotInitialised(path=str(self.settings.data))
        return row

    def now(self) -> datetime:
        """The present: the wall clock's, or the training clock's where this is a training centre."""
        return self.now_by(self.about())

    def now_by(self, about: CentreRow) -> datetime:
        """The present, where the caller has looked up what the centre is."""
        if about.training and about.clock_set_at and about.clock_shows_at:
            return about.clock_shows_at + (self.wall() - about.clock_set_at)
        return self.wall()

    def today(self) -> date:
        """The local day."""
        return local_date(self.now())
