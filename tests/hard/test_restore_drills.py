"""The centre burns down and is put back 1, 24 and 72 hours: every desk syncs once, and nothing is missing (T16, I22).

The centre and its commands are real processes, the desks real files that talk to it over HTTP. The hours are those of
a training centre's clock. Each drill restores an older backup than the one before, on another machine.
"""

import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from desk_client.agent.transport import road_to
from desk_client.desk import Desk
from desk_client.services import enrolment
from desk_client.services.syncing import contact
from sync_protocol.events import Voided
from sync_protocol.instants import instant_text
from tests import processes
from tests.conftest import record, take
from tests.factories import NOW, PASSWORD, StandingClock, bare_desk
from tests.processes import Server

HOURS_BACK = (72, 24, 1)
DESKS, DESKS_AT_NIGHT = 20, 150
LATE = 2
"""Machines that enrol after each backup."""

RTO_S_MAX = 60.0
SEED = 16
"""Of what is recorded where."""

IDS = {
    "entries": "SELECT desk, slot, epoch, sequence, hex(entry_hash) FROM entry WHERE slot > 0",
    "dossiers": "SELECT desk, id, dossier_code, stage FROM dossier",
}

pytestmark = pytest.mark.slow


@dataclass
class Province:
    """A training centre on a machine that can be lost, its desks, and the backups by how many hours they are old."""

    folder: Path
    server: Server
    code: str
    clock: StandingClock = field(default_factory=StandingClock)
    desks: list[Desk] = field(default_factory=list)
    backups: dict[int, Path] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))

    def enrol(self, codes: list[str]) -> None:
        """Makes machines of desks."""
        for code in codes:
            [said] = processes.central(self.server.data, "invite", code, "--json").splitlines()
            desk = bare_desk(self.folder / f"desk{len(self.desks)}", self.clock)
            enrolment.enrol(desk, road_to(self.server.url), self.server.url, json.loads(said)["code"], PASSWORD)
            self.desks.append(desk)

    def work(self) -> None:
        """Every desk records something, and most of them send it."""
        for desk in self.desks:
            dossiers = [record(desk) for _ in range(self.dice.randint(1, 4))]
            if self.dice.random() < 0.3:
                take(desk, dossiers[0].id, Voided(reason="Nhập trùng"))
        self.sync()

    def sync(self) -> list[str]:
        """Every desk makes one contact, without a person; gives what went wrong."""
        outcomes = [contact(desk, road_to(self.server.url), jitter=0.5, interval_s=300.0) for desk in self.desks]
        return [f"{each.error} {each.unsent}" for each in outcomes if each.error or each.unsent]

    def at(self, hours_back: int) -> None:
        """Moves the clocks to so many hours before the centre is lost."""
        self.clock.at = NOW + timedelta(hours=HOURS_BACK[0] - hours_back)
        processes.central(self.server.data, "clock", instant_text(self.clock.at))

    def back_up(self, hours_back: int) -> None:
        """Makes the backup that will be so old."""
        said = processes.central(self.server.data, "backup", "--out", str(self.folder / "elsewhere"), "--json")
        self.backups[hours_back] = Path(json.loads(said)["path"])

    def lose(self) -> None:
        """The machine is gone, with its disk."""
        self.server.kill()
        self.server.data.rename(self.folder / f"ashes of {self.server.data.name}")

    def restore(self, hours_back: int) -> float:
        """Another machine takes over under the same address; gives the seconds until it answered."""
        began, data = time.monotonic(), self.folder / f"machine{hours_back}"
        done = processes.command(
            "central_server", data, "restore", str(self.backups[hours_back]),
            "--kit", str(self.folder / "kit.html"), given=self.code,
        )  # fmt: skip
        assert done.code == 0, done.err
        self.server = Server("central_server", data, "/healthz", port=self.server.port).start()
        return time.monotonic() - began

    def ids(self) -> dict[str, set[tuple[object, ...]]]:
        """What the centre holds."""
        with closing(dbapi2.connect(str(self.server.data / "central.db"))) as connection:
            return {name: set(connection.execute(sql).fetchall()) for name, sql in IDS.items()}


@pytest.fixture
def province(tmp_path: Path, is_night: bool) -> Iterator[Province]:
    """A province that worked for three days, with a backup after each part of it."""
    data = tmp_path / "machine"
    said = json.loads(processes.central(data, "init", "--training", "--kit", str(tmp_path / "kit.html"), "--json"))
    for what, name in processes.LOADS:
        processes.central(data, "load", what, str(processes.REFERENCE / name))
    province = Province(tmp_path, Server("central_server", data, "/healthz").start(), said["recovery_code"])
    codes = itertools.cycle(_desk_codes())
    province.at(HOURS_BACK[0])
    province.enrol(list(itertools.islice(codes, (DESKS_AT_NIGHT if is_night else DESKS) - len(HOURS_BACK) * LATE)))
    province.work()
    for hours_back in HOURS_BACK:
        province.at(hours_back)
        province.back_up(hours_back)
        province.enrol(list(itertools.islice(codes, LATE)))
        province.work()
    province.at(0)
    yield province
    province.server.kill()


def test_every_desk_syncs_once_and_nothing_is_missing(province: Province, figure: Callable[..., None]) -> None:
    before, missing, longest_s = province.ids(), 0, 0.0

    for hours_back in reversed(HOURS_BACK):
        province.lose()
        longest_s = max(longest_s, province.restore(hours_back))
        lacking = len(before["entries"] - province.ids()["entries"])
        assert lacking > 0, "the backup has to be older than what was lost"
        assert province.sync() == []
        after = province.ids()
        missing += len(before["entries"] - after["entries"]) + len(before["dossiers"] ^ after["dossiers"])
        print(f"put back {hours_back} h: {lacking} of {len(before['entries'])} entries were lacking")
        assert processes.command("central_server", province.server.data, "verify").code == 0

    figure("T16", "restore drills", len(HOURS_BACK), lost=missing, desks=len(province.desks), rto_s=round(longest_s))
    assert missing == 0
    assert longest_s < RTO_S_MAX


def _desk_codes() -> list[str]:
    """The desks of communes."""
    lines = (processes.REFERENCE / "invented_desks.csv").read_text("utf-8").splitlines()[1:]
    return [code for code in (line.split(",")[0] for line in lines) if code.count(".") == 2]
