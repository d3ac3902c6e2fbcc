"""The field: a centre on each database, devices of its desks, a clock that stands still, a link that fails on demand.

Everything is real but the wire: `link` carries what `requests` sends into the centre's own WSGI application.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from central_server.app import create_app
from central_server.central import Central, Keys
from central_server.services import enrolment, founding
from central_server.services import signing_in as central_signing_in
from central_server.settings import Settings
from central_server.storage import models
from central_server.storage.database import open_database, reading
from desk_client.agent.transport import HttpRoad
from desk_client.desk import Desk
from desk_client.services import enrolment as desk_enrolment
from desk_client.services import signing_in as desk_signing_in
from desk_client.services import syncing
from desk_client.services.lifecycle import record_step
from desk_client.services.recording import record_reception
from desk_client.services.syncing import Outcome
from desk_client.storage import models as desk_models
from desk_client.storage.database import reading as desk_reading
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Step, Voided
from sync_protocol.instants import local_instant
from sync_protocol.vocabulary import Role
from tests.factories import PASSWORD, PROCEDURES, StandingClock, bare_desk, reception
from tests.postgresql import Server, memory_folder, running_server

DATABASES = ("sqlite", "postgresql")
only_on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])
only_on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"])
URL = "http://centre.test"
DESK = "H62.11.01"
OTHER_DESK = "H62.11.02"

TRUE_HASHERS = (central_signing_in.HASHER, desk_signing_in.HASHER)
"""What hashes passwords outside the tests."""

KEYS = Keys(signing_seed=b"c" * 32, agreement_seed=b"d" * 32, code_key=b"e" * 32)

UNITS = """code,name,level,parent_code
26,Tỉnh Vĩnh Phúc,province,
243,Thành phố Vĩnh Yên,district,26
246,Huyện Lập Thạch,district,26
08707,Phường Tích Sơn,commune,243
08710,Phường Liên Bảo,commune,243
08761,Thị trấn Lập Thạch,commune,246
08770,Xã Ngọc Mỹ,commune,246
"""

DESKS = """code,name,unit_code,identifier_code,phone
H62.11,Bộ phận Một cửa Thành phố Vĩnh Yên,243,H62.11,02110000011
H62.11.01,Bộ phận Một cửa Phường Tích Sơn,08707,H62.11.01,02110000001
H62.11.02,Bộ phận Một cửa Phường Liên Bảo,08710,H62.11.02,02110000002
H62.12,Bộ phận Một cửa Huyện Lập Thạch,246,H62.12,02110000012
H62.12.01,Bộ phận Một cửa Thị trấn Lập Thạch,08761,H62.12.01,02110000003
H62.12.02,Bộ phận Một cửa Xã Ngọc Mỹ,08770,H62.12.02,02110000004
"""

PROCEDURE_LINES = "code,name,field,level,time_limit_working_days,fee_vnd,source\n" + "".join(
    f'{code},"{name}",{field_},commune,{days},0,invented\n' for code, name, field_, days, _ in PROCEDURES
)

CALENDAR = """date,kind,name,status
2021-09-02,off,Quốc khánh,announced
2021-09-03,off,Quốc khánh,announced
2021-09-11,work,Làm bù,announced
"""

REGISTER = {"units": UNITS, "desks": DESKS, "procedures": PROCEDURE_LINES, "calendar": CALENDAR}


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Passwords are hashed in earnest, but cheaply: hundreds of accounts are made here. Tests hold the true cost."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patched:
        for module in (central_signing_in, desk_signing_in):
            patched.setattr(module, "HASHER", quick)
        yield


class KeptTemplates(BytecodeCache):
    """What templates were compiled to, by name and file, kept for the applications that are made later in the run."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Gives it where it was kept; the bucket itself refuses what another text was compiled to."""
        if code := self.kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keeps it."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once() -> Iterator[None]:
    """Hundreds of applications are made here, and compiling their templates was a third of what their tests cost."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Flask, "jinja_options", {"bytecode_cache": KeptTemplates()})
        yield


# The centre


@dataclass
class Centres:
    """Makes centres: each on a fresh copy of a database that was prepared once in this run."""

    folder: Path
    server: Callable[[], Server]
    prepared: dict[str, str] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def make(
        self, kind: str, folder: Path, clock: StandingClock, *, training: bool = False, register: bool = True
    ) -> Central:
        """A founded centre with the register above, or an empty database where there is no `register`."""
        template = f"prepared_{kind}_{'training' if training else 'real'}" if register else f"empty_{kind}"
        if template not in self.prepared:
            central = self._opened(kind, self._new(kind, template), self.folder / template, StandingClock())
            if register:
                _prepare(central, training=training)
            close(central)
            self.prepared[template] = template
        return self._opened(kind, self._copy(kind, template, folder), folder, clock)

    def copy(self, central: Central, folder: Path) -> Central:
        """Another centre on a copy of a centre's database; the first one must not be in use."""
        close(central)
        url = central.settings.database
        kind = "postgresql" if url else "sqlite"
        template = url.removeprefix("postgresql://postgres@/").partition("?")[0] if url else str(central.settings.data)
        assert isinstance(central.wall, StandingClock)
        return self._opened(kind, self._copy(kind, template, folder), folder, StandingClock(central.wall.at))

    def remove(self, central: Central) -> None:
        """Closes a centre and removes its database."""
        close(central)
        if url := central.settings.database:
            self.server().drop(url.removeprefix("postgresql://postgres@/").partition("?")[0])

    def _new(self, kind: str, name: str) -> str:
        return self.server().create(name) if kind == "postgresql" else ""

    def _copy(self, kind: str, template: str, folder: Path) -> str:
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "postgresql":
            return self.server().create(f"centre_{next(self.numbers)}", template)
        shutil.copyfile(self.folder / template / "central.db", folder / "central.db")
        return ""

    @staticmethod
    def _opened(kind: str, url: str, folder: Path, clock: StandingClock) -> Central:
        folder.mkdir(parents=True, exist_ok=True)
        return Central(
            settings=Settings(data=folder, database=url),
            database=open_database(folder / "central.db", url),
            wall=clock,
            randomness=os.urandom,
            keys=KEYS,
        )


def _prepare(central: Central, *, training: bool) -> None:
    founding.found(central, training=training)
    for what, text in REGISTER.items():
        founding.load(central, what, text)


def close(central: Central) -> None:
    """Ends all connections, so that the database can be copied."""
    database = central.database
    (database.close_all if central.settings.database else database.close)()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[], Server]]:
    """Gives the server, which is started by the first test that asks for it."""
    started: list[Server] = []
    with ExitStack() as stack:

        def server() -> Server:
            if not started:
                started.append(stack.enter_context(running_server()))
            return started[0]

        yield server


@pytest.fixture(scope="session")
def centres(tmp_path_factory: pytest.TempPathFactory, postgresql_server: Callable[[], Server]) -> Centres:
    """Makes centres from databases that are prepared once a run."""
    return Centres(tmp_path_factory.mktemp("prepared"), postgresql_server)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--night`` runs the long programmes at their nightly figures."""
    parser.addoption("--night", action="store_true", help="hard tests at their nightly figures, which take hours")


def pytest_configure() -> None:
    """Folders of tests stand in memory where there is room: there a sync to the disk costs nothing, and is still asked.

    What is lost when the power is cut is told from the recorded calls, never by the disk of this machine.
    """
    if folder := memory_folder():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.fixture(scope="session")
def is_night(pytestconfig: pytest.Config) -> bool:
    """Whether the nightly figures were asked for."""
    return bool(pytestconfig.getoption("--night"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What the centre does is tested on both databases; what a desk does does not depend on the centre's."""
    is_told = any(mark.args[0] == "database_kind" for mark in metafunc.definition.iter_markers("parametrize"))
    if "database_kind" in metafunc.fixturenames and not is_told:
        is_of_desk = "desk" in metafunc.definition.path.parent.parts
        metafunc.parametrize("database_kind", DATABASES[:1] if is_of_desk else DATABASES, scope="session")


@pytest.fixture
def clock() -> StandingClock:
    """Monday 4 October 2021, 09:00 local, until it is moved."""
    return StandingClock()


@pytest.fixture
def field_path() -> Iterator[Path]:
    """A folder for the databases of a test, in memory where there is room."""
    with tempfile.TemporaryDirectory(prefix="field-", dir=memory_folder()) as folder:
        yield Path(folder)


@pytest.fixture
def make_central(
    database_kind: str, centres: Centres, field_path: Path, clock: StandingClock
) -> Iterator[Callable[..., Central]]:
    """Makes centres of the database under test: `training`, and `register=False` for an empty database."""
    made: list[Central] = []

    def make(**wanted: bool) -> Central:
        made.append(centres.make(database_kind, field_path / f"centre{len(made)}", clock, **wanted))
        return made[-1]

    yield make
    for central in made:
        centres.remove(central)


@pytest.fixture
def central(make_central: Callable[..., Central]) -> Central:
    """A founded centre with the register above, whose wall clock is `clock`."""
    return make_central()


# The link


class Road(BaseAdapter):
    """Carries requests into a WSGI application, through whatever has been asked to go wrong."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.client = app.test_client()
        self.faults: list[Callable[[requests.PreparedRequest], HTTPResponse]] = []
        self.carried: list[tuple[str, str, bytes]] = []
        self.arrived: list[tuple[str, str, bytes]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """What `requests` calls for each request."""
        self.carried.append(_parts(request))
        raw = self.faults.pop(0)(request) if self.faults else self.deliver(request)
        response = requests.Response()
        response.status_code, response.raw, response.request = raw.status, raw, request
        response.headers.update(raw.headers)
        return response

    def deliver(self, request: requests.PreparedRequest, body: bytes | None = None) -> HTTPResponse:
        """Lets the centre answer a request, with another `body` if there is one."""
        method, path, sent = _parts(request)
        self.arrived.append((method, path, sent if body is None else body))
        answer = self.client.open(
            path,
            method=method,
            data=sent if body is None else body,
            content_type=request.headers.get("Content-Type"),
        )
        return answered(answer.status_code, answer.data, dict(answer.headers))

    def close(self) -> None:
        """Nothing is held open."""


class Link(HttpRoad):
    """The road from a device to the centre; each wish is about the next request that nothing is wished for yet."""

    def __init__(self, app: Flask) -> None:
        self.road = Road(app)
        session = requests.Session()
        session.trust_env = False
        session.mount("http://", self.road)
        super().__init__(URL, session)
        self.held: list[Callable[[], HTTPResponse]] = []

    def lose(self, what: str) -> None:
        """Loses the "request" before the centre sees it, or its "answer" on the way back."""
        assert what in ("request", "answer")
        self.road.faults.append(lambda request: self._lost(request, what))

    def hold(self) -> None:
        """Keeps the request on the way until `release`; the device sees no answer."""
        self.road.faults.append(self._held)

    def release(self) -> None:
        """Lets the requests that were held arrive now, late, in their order; their answers go nowhere."""
        while self.held:
            self.held.pop(0)()

    def repeat(self) -> None:
        """Carries the request twice; the device sees the second answer."""
        self.road.faults.append(lambda request: (self.road.deliver(request), self.road.deliver(request))[1])

    def truncate(self, length: int, what: str = "request") -> None:
        """Lets only the first `length` bytes of the "request" or of its "answer" through."""
        assert what in ("request", "answer")
        self.road.faults.append(lambda request: self._truncated(request, length, what))

    def flip(self, at: int) -> None:
        """Changes one bit of the request's byte at this place."""
        self.road.faults.append(lambda request: self.road.deliver(request, _flipped(_parts(request)[2], at)))

    def answer_503(self, retry_after: str = "") -> None:
        """Something before the centre answers that it is busy."""
        headers = {"Retry-After": retry_after} if retry_after else {}
        self.road.faults.append(lambda _: answered(503, b"<h1>busy</h1>", headers))

    def nonsense(self, body: bytes = b"<html>Sign in to Wi-Fi</html>", http_status: int = 200) -> None:
        """Something that is not the centre answers."""
        self.road.faults.append(lambda _: answered(http_status, body, {}))

    def answer(self, change: Callable[[bytes], bytes]) -> None:
        """The centre's answer arrives, but `change`d on the way."""
        self.road.faults.append(lambda request: self._changed(request, change))

    def calls(self) -> list[tuple[str, str]]:
        """Method and path of everything that the device has asked for."""
        return [(method, path) for method, path, _ in self.road.carried]

    def last_body(self) -> bytes:
        """The body of the last contact that the device has sent."""
        return next(body for method, _, body in reversed(self.road.carried) if method == "POST")

    def _lost(self, request: requests.PreparedRequest, what: str) -> HTTPResponse:
        if what == "answer":
            self.road.deliver(request)
        raise requests.ConnectionError(f"the {what} was lost")

    def _held(self, request: requests.PreparedRequest) -> HTTPResponse:
        self.held.append(lambda: self.road.deliver(request))
        raise requests.ReadTimeout("no answer in time")

    def _truncated(self, request: requests.PreparedRequest, length: int, what: str) -> HTTPResponse:
        if what == "request":
            return self.road.deliver(request, _parts(request)[2][:length])
        return self._changed(request, lambda raw: raw[:length])

    def _changed(self, request: requests.PreparedRequest, change: Callable[[bytes], bytes]) -> HTTPResponse:
        raw = self.road.deliver(request)
        return answered(raw.status, change(raw.read()), dict(raw.headers))


def answered(http_status: int, body: bytes, headers: dict[str, str]) -> HTTPResponse:
    """An answer as the transport reads it."""
    kept = {name: value for name, value in headers.items() if name != "Content-Length"}
    return HTTPResponse(body=BytesIO(body), status=http_status, headers=kept, preload_content=False)


def _parts(request: requests.PreparedRequest) -> tuple[str, str, bytes]:
    body = request.body or b""
    assert request.method
    return request.method, str(request.path_url), body if isinstance(body, bytes) else str(body).encode()


def _flipped(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


@pytest.fixture
def link(central: Central) -> Link:
    """The road to the centre."""
    return Link(create_app(central))


# The devices


@pytest.fixture
def enrol(central: Central, link: Link, field_path: Path, clock: StandingClock) -> Callable[..., Desk]:
    """Makes devices: enrols a new installation at a desk, over the link; `clock` is the device's own."""
    numbers = itertools.count(1)

    def make(code: str = DESK, clock: StandingClock = clock) -> Desk:
        desk = bare_desk(field_path / f"desk{next(numbers)}", clock)
        [invitation] = enrolment.invite(central, code)
        desk_enrolment.enrol(desk, link, URL, str(invitation.code), PASSWORD)
        return desk

    return make


@pytest.fixture
def device(enrol: Callable[..., Desk]) -> Desk:
    """Slot 1 of the desk H62.11.01."""
    return enrol()


@pytest.fixture
def second_device(device: Desk, enrol: Callable[..., Desk]) -> Desk:
    """Slot 2 of the desk H62.11.01."""
    return enrol()


@pytest.fixture
def other_desk(enrol: Callable[..., Desk]) -> Desk:
    """Slot 1 of the desk H62.11.02."""
    return enrol(OTHER_DESK)


def record(desk: Desk, *, on: date | None = None, **overrides: Any) -> Dossier:
    """Saves a dossier at a device, received now, or at 10:00 of a local day."""
    received_at = local_instant(on, time(10)) if on else desk.now()
    return record_reception(desk, reception(**overrides), received_at=received_at, clerk="truong").dossier


def take(desk: Desk, ref: str, step: Step, *, at: datetime | None = None) -> Dossier:
    """Records, under the head of the desk, what happened to a dossier now or at another time."""
    return record_step(desk, ref, step, happened_at=at or desk.now(), clerk=head_of(desk)).dossier


def void(desk: Desk, dossier: Dossier) -> Dossier:
    """Takes a dossier out of every count."""
    return take(desk, dossier.id, Voided(reason="Nhập trùng"))


def head_of(desk: Desk) -> str:
    """Username of the head of the desk."""
    with desk_reading(desk.database):
        return str(desk_models.ClerkRow.get(desk_models.ClerkRow.role == Role.HEAD.value).username)


def sync(desk: Desk, link: Link) -> Outcome:
    """One contact of a device."""
    return syncing.contact(desk, link, jitter=1.0, interval_s=300.0)


def sync_quietly(desk: Desk, link: Link) -> None:
    """Contacts that nothing disturbs, until nothing waits."""
    for _ in range(3):
        outcome = sync(desk, link)
    assert outcome.error is None
    assert outcome.unsent == 0


def held_codes(desk: Desk) -> list[str]:
    """Codes of the dossiers in a device's own file, voided ones left out."""
    row = desk_models.DossierRow
    with desk_reading(desk.database):
        query = row.select(row.dossier_code).where(row.stage != "voided").order_by(row.dossier_code)
        return [code for (code,) in query.tuples()]


def arrived_codes(central: Central, code: str = DESK) -> list[str]:
    """Codes of the dossiers of a desk that the centre holds, voided ones left out."""
    row = models.DossierRow
    with reading(central.database):
        query = row.select(row.dossier_code).where(row.desk == code, row.stage != "voided").order_by(row.dossier_code)
        return [code for (code,) in query.tuples()]
