"""The machines of the simulated province: the PCs of the desks, and the centre's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest.mock import patch

import requests
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from urllib3 import HTTPResponse

from central_server.app import create_app
from central_server.central import Central, Keys
from central_server.services import appointments, assessing, founding
from central_server.services import signing_in as central_signing_in
from central_server.services.recovering import Kit
from central_server.settings import Settings as CentreSettings
from central_server.storage.database import open_database as open_centre_database
from central_server.storage.keys import NAMES
from desk_client.agent.transport import HttpRoad
from desk_client.desk import Desk
from desk_client.services import signing_in as desk_signing_in
from desk_client.services.continuing import look_around
from desk_client.services.mending import mend
from desk_client.services.projecting import rebuild_if_needed
from desk_client.settings import Settings
from desk_client.storage.database import DATABASE_FILE, open_database
from desk_client.storage.witness import SLOT_BYTES, WITNESS_FILE, last_slot
from sync_protocol.periods import PeriodSeries
from sync_protocol.signing import agreement_public
from sync_protocol.vocabulary import DeskCode, Role
from tests.conftest import CALENDAR, KEYS, PROCEDURE_LINES, URL, answered
from tests.postgresql import memory_folder
from tests.simulation.disk import Fuse, PowerCut, files_of, fused, put_back
from tests.simulation.truth import Saved, Tokens
from tests.simulation.wire import Request, TrueTime, Weather, Wire

STARTS_AT = datetime.fromisoformat("2021-10-13T01:00:00+00:00")
"""Wednesday, 08:00 local; the period ends on the 20th, so most histories see its end."""

THRESHOLD = 6
"""Few enough that a simulated desk may stay below it and may reach it."""

SERIES = PeriodSeries(last_day=20)
AREAS = 4
DESKS_AN_AREA = 4
DISK = SimpleNamespace(total=20 * 2**30, used=10 * 2**30, free=10 * 2**30)
SUPERVISOR = "sau.lt"
WITNESS_TORN = 0.2
"""How often a power cut takes the last write of the witness with it, which nobody has made durable."""

FILE_KEY = "ab" * 32
SEED = b"b" * 32
KIT = Kit(
    keys={name: getattr(KEYS, name) for name in NAMES} | {"backup_public": agreement_public(SEED)}, backup_seed=SEED
)


def desk_codes() -> list[DeskCode]:
    """All desks of the simulated province, area by area."""
    return [f"H62.{area + 11}.0{desk + 1}" for area in range(AREAS) for desk in range(DESKS_AN_AREA)]


def area_of(desk: DeskCode) -> str:
    """The area whose network a desk shares."""
    return desk.rpartition(".")[0]


UNBOUNDED = 1_000_000
"""Requests a minute: the centre counts in true minutes, in one of which days of a history may pass."""

REMEMBERED = (*appointments._READ.values(), assessing._standings, assessing._terms, assessing._words)
"""What a process of the centre keeps as long as it lives."""


@contextmanager
def quiet_surroundings() -> Iterator[None]:
    """What the services ask the real machine for is the same on every one: free disk, and the cost of a password."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with (
        patch.object(central_signing_in, "HASHER", quick),
        patch.object(desk_signing_in, "HASHER", quick),
        patch("shutil.disk_usage", lambda _: DISK),
        patch("platform.platform", lambda: "simulated"),
    ):
        yield


@dataclass
class CentreHost:
    """The machine of the centre: its disk, its process, its HTTP interface."""

    folder: Path
    time: TrueTime
    chance: Random
    weather: Weather
    tokens: Tokens
    fuse: Fuse = field(default_factory=Fuse)
    images: list[dict[str, bytes]] = field(default_factory=list)
    backups: list[Path] = field(default_factory=list)
    put_back: int = 0

    def __post_init__(self) -> None:
        put_back(self.folder, _founded())
        self.start()

    def start(self) -> None:
        """Opens what stands on the disk and serves; the process before has taken with it all that it remembered."""
        for each in REMEMBERED:
            each.cache_clear()
        self.central = _opened(self.folder, self.time, self.chance, self.fuse)
        app = create_app(self.central)
        app.testing = False
        self.client: FlaskClient = app.test_client()

    def answer(self, asked: Request) -> HTTPResponse:
        """What the centre says; if the power is cut there, no answer comes and it starts again."""
        try:
            told = self.client.open(
                asked.path, method=asked.method, data=asked.body, content_type=asked.content_type or None
            )
        except PowerCut:
            self.weather.counts["centre's power cut"] += 1
            self.cut_power()
            raise requests.ConnectionError("reset") from None
        return answered(told.status_code, told.data, dict(told.headers))

    def cut_power(self) -> None:
        """The process ends here and starts again from what is on the disk."""
        self.go_on_from(files_of(self.folder))

    def go_on_from(self, files: dict[str, bytes]) -> None:
        """Ends the process, makes the disk hold these files, and starts again."""
        self.fuse.left = None
        self.central.database.close()
        put_back(self.folder, files)
        self.start()


@dataclass
class Machine:
    """A PC at a desk.

    skew      by how much its clock is wrong
    written   per action that wrote entries: (epoch, last sequence, true time), in their order
    pending   what is being saved at this moment: token and reception; confirmed only when the call returns
    code      the one-time code that it was given
    slot      its number at the desk, 0 before it is enrolled
    is_put_away  nobody works at it any more; its program may still run
    is_full   its disk takes no further page
    is_doubted  its file is looked over at the next start, as the program does after an end that was not orderly
    images    copies of its disk, taken at some time
    overwritten  what its disk held once and was put back to before: hash by epoch and sequence, the last one of each
    is_alone  no copy of its disk was ever put back or started beside it
    heard_at  true time of its last contact that ended well
    fingerprint  what the program takes the machine for
    believes  how often the centre had been put back when this machine last heard it to the end
    """

    name: str
    desk_code: DeskCode
    folder: Path
    time: TrueTime
    chance: Random
    wire: Wire
    fuse: Fuse
    tokens: Tokens
    skew: timedelta = timedelta()
    booted_at: datetime | None = None
    written: list[tuple[int, int, datetime]] = field(default_factory=list)
    code: str = ""
    slot: int = 0
    is_put_away: bool = False
    is_full: bool = False
    is_doubted: bool = False
    images: list[dict[str, bytes]] = field(default_factory=list)
    overwritten: dict[tuple[int, int], bytes] = field(default_factory=dict)
    is_alone: bool = True
    believes: int = 0
    fingerprint: str = ""
    heard_at: datetime | None = None
    pending: dict[str, Saved] = field(default_factory=dict)

    def begin(self, files: dict[str, bytes]) -> None:
        """Starts for the first time, on a disk with these files."""
        self.fingerprint = self.fingerprint or f"machine {self.name}"
        put_back(self.folder, files)
        self.start()

    def start(self) -> None:
        """Opens what is on the disk, as the program does at its start; if the power goes meanwhile, once more."""
        self.booted_at, self.boot = self.time.at, self.chance.randbytes(4).hex()
        path = self.folder / DATABASE_FILE
        try:
            if self.is_doubted:
                mend(path, FILE_KEY, self._opened)
            self.desk = self._opened(path)
            rebuild_if_needed(self.desk)
            look_around(self.desk)
        except PowerCut:
            self.cut_power()
        self.is_doubted = False

    def _opened(self, path: Path) -> Desk:
        self.database = fused(open_database(path, FILE_KEY), self.fuse)
        return Desk(
            settings=Settings(data=self.folder, key_store="file"),
            database=self.database,
            clock=self.clock,
            monotonic_ms=self._monotonic_ms,
            boot=self.boot,
            randomness=self.chance.randbytes,
            machine=self.fingerprint,
        )

    def clock(self) -> datetime:
        """What the machine's clock shows, right or wrong."""
        return self.time.at + self.skew

    def road(self) -> HttpRoad:
        """The real transport over the simulated wire."""
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", self.wire)
        return HttpRoad(URL, session)

    def cut_power(self) -> None:
        """The process ends here and starts again from what is on the disk; what was not made durable may be torn."""
        files = files_of(self.folder)
        witness = files.get(WITNESS_FILE, b"")
        # Nobody writes it while a file is looked over.
        if witness and not self.is_doubted and self.chance.random() < WITNESS_TORN:
            start = SLOT_BYTES * last_slot(witness)
            cut, end = start + self.chance.randrange(SLOT_BYTES), start + SLOT_BYTES
            files[WITNESS_FILE] = witness[:cut] + self.chance.randbytes(end - cut) + witness[end:]
        self.go_on_from(files)

    def go_on_from(self, files: dict[str, bytes], *, cut_at: int | None = None) -> None:
        """Ends the process, makes the disk hold these files, and starts again.

        cut_at  the touch of the database at which the power goes while it starts, None where it does not
        """
        self.stop()
        put_back(self.folder, files)
        self.fuse.left = cut_at
        self.start()
        self.fuse.left = None

    def stop(self) -> None:
        """Ends the process."""
        self.fuse.left = None
        self.database.close()

    def _monotonic_ms(self) -> int:
        assert self.booted_at is not None, "a running machine was started"
        return int((self.time.at - self.booted_at).total_seconds() * 1000)


def _opened(folder: Path, time: TrueTime, chance: Random, fuse: Fuse) -> Central:
    return Central(
        settings=CentreSettings(data=folder, contacts_per_minute=UNBOUNDED, enrolments_per_minute=UNBOUNDED),
        database=fused(open_centre_database(folder / "central.db"), fuse),
        wall=lambda: time.at,
        randomness=chance.randbytes,
        keys=Keys(**KIT.keys),
    )


@cache
def _founded() -> dict[str, bytes]:
    """The files of a centre with the province's register, made once a process and always the same."""
    with (
        TemporaryDirectory(prefix="founded-", dir=memory_folder()) as name,
        patch.object(founding, "THRESHOLD", THRESHOLD),
    ):
        folder = Path(name)
        central = _opened(folder, TrueTime(FOUNDED_AT), Random(0), Fuse())
        founding.found(central, training=False)
        for what, text in register().items():
            founding.load(central, what, text)
        central_signing_in.add_user(
            central,
            username=SUPERVISOR,
            full_name="Lê Thị Sáu",
            role=Role.PROVINCE,
            unit_code=None,
            password="giam-sat-tinh-2021",
        )
        central.database.close()
        return files_of(folder)


def register() -> dict[str, str]:
    """The province as it is loaded at the centre. All names are invented."""
    units = ["code,name,level,parent_code", "26,Tỉnh Thử Nghiệm,province,"]
    desks = ["code,name,unit_code,identifier_code,phone"]
    units += [f"{area + 11},Huyện {area + 1},district,26" for area in range(AREAS)]
    for code in desk_codes():
        _, area, number = code.split(".")
        units.append(f"{area}{number},Xã {area}.{number},commune,{area}")
        desks.append(f"{code},Bộ phận Một cửa Xã {area}.{number},{area}{number},{code},02110000001")
    lines = {"units": units, "desks": desks}
    return {what: "\n".join(rows) + "\n" for what, rows in lines.items()} | {
        "procedures": PROCEDURE_LINES,
        "calendar": CALENDAR,
    }


FOUNDED_AT = datetime.fromisoformat("2021-09-27T01:00:00+00:00")
