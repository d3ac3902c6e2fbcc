"""A small fleet that is put back, copied and torn: devices whose files are taken away and come again.

The truth is kept beside: whoever was received, by name, as long as any file still holds it.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import orjson

from central_server.app import create_app
from central_server.central import Central
from central_server.services import enrolment
from central_server.services.assessing import DeskStanding
from central_server.services.standing import standings
from central_server.storage import branches, gaps, models
from central_server.storage.branches import Sign
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING
from desk_client.desk import Desk
from desk_client.services import enrolment as desk_enrolment
from desk_client.services.continuing import look_around
from desk_client.services.overview import overview
from desk_client.services.projecting import lives
from desk_client.services.verifying import verify
from desk_client.storage import dossiers as desk_dossiers
from desk_client.storage.database import reading as desk_reading
from desk_client.storage.witness import WITNESS_FILE
from sync_protocol.entries import SealedEntry
from sync_protocol.periods import Period
from sync_protocol.standings import Judgement
from tests.conftest import DESK, URL, Centres, Link, record, sync
from tests.factories import PASSWORD, StandingClock, bare_desk

Files = dict[str, bytes]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Fleet:
    """The devices of one desk and their centre; `received` are the names of all who were received."""

    central: Central
    link: Link
    clock: StandingClock
    enrol: Callable[..., Desk]
    centres: Centres
    folder: Path
    received: list[str] = field(default_factory=list)
    copies: int = 0

    def machine(self) -> Desk:
        """A device that is enrolled now, on a machine that it knows."""
        desk = replace(self.enrol(), machine="the first machine")
        look_around(desk)
        return desk

    def newcomer(self) -> Desk:
        """A device that is enrolled at the centre as it stands now."""
        self.copies += 1
        desk = bare_desk(self.folder / f"newcomer{self.copies}", self.clock)
        [invitation] = enrolment.invite(self.central, DESK)
        desk_enrolment.enrol(desk, self.link, URL, str(invitation.code), PASSWORD)
        return desk

    def receive(self, desk: Desk, count: int = 1) -> list[str]:
        """Receives people at a device and gives their names."""
        names = []
        for _ in range(count):
            number = len(self.received)
            name = f"Nguyễn Văn {LETTERS[number // 26 % 26].upper()}{LETTERS[number % 26]}"
            record(desk, submitter_name=name, owner_name=name)
            self.received.append(name)
            names.append(name)
            self.clock.move(minutes=1)
        return names

    def sync(self, *desks: Desk) -> None:
        """One contact of each device, over whatever the link was asked to do."""
        for desk in desks:
            sync(desk, self.link)
            self.clock.move(minutes=1)

    def quiet(self, *desks: Desk) -> None:
        """Contacts that nothing disturbs, until nobody has news."""
        for _ in range(4):
            self.sync(*desks)

    def files(self, desk: Desk) -> Files:
        """What lies in the folder of a device that is switched off."""
        desk.database.close()
        return {path.name: path.read_bytes() for path in desk.settings.data.iterdir() if path.is_file()}

    def put_back(self, desk: Desk, files: Files, *, keep_witness: bool = False) -> Desk:
        """The device after its files were put back and it was started again.

        keep_witness  whether only the database came back, as from a copy of the one file
        """
        desk.database.close()
        folder = desk.settings.data
        witness = folder / WITNESS_FILE
        kept = witness.read_bytes() if keep_witness and witness.exists() else None
        shutil.rmtree(folder)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        if kept is not None:
            witness.write_bytes(kept)
        return self.start(folder, desk)

    def copy(self, desk: Desk, *, is_told: bool, clock: StandingClock | None = None) -> Desk:
        """Another machine with a copy of a device's files; `is_told` where its fingerprint differs."""
        self.copies += 1
        folder = self.folder / f"copy{self.copies}"
        folder.mkdir(parents=True)
        for name, content in self.files(desk).items():
            (folder / name).write_bytes(content)
        return self.start(folder, desk, machine=f"machine {self.copies}" if is_told else desk.machine, clock=clock)

    def start(
        self, folder: Path, like: Desk, *, machine: str | None = None, clock: StandingClock | None = None
    ) -> Desk:
        """A device as its program starts in a folder."""
        desk = replace(bare_desk(folder, clock or like.clock), machine=like.machine if machine is None else machine)
        look_around(desk)
        return desk

    def back_up_centre(self) -> Central:
        """A copy of the centre as it stands, to be put in its place later."""
        self.copies += 1
        copy = self.centres.copy(self.central, self.folder / f"centre{self.copies}")
        return replace(copy, wall=self.clock)

    def put_back_centre(self, copy: Central) -> None:
        """Puts an older state of the centre in its place, without telling anybody."""
        self.central = copy
        self.link.road.client = create_app(copy).test_client()

    # What is to be seen

    def arrived(self) -> Counter[str]:
        """How often each person counts at the centre."""
        row, entry, payload = models.DossierRow, models.Entry, models.Payload
        with reading(self.central.database):
            ids = [each.id for each in row.select().where(row.desk == DESK, row.stage != "voided")]
            names = []
            for id_ in ids:
                slot, epoch, sequence = map(int, id_.split("."))
                same = (entry.desk == DESK, entry.slot == slot, entry.epoch == epoch, entry.sequence == sequence)
                assert entry.select().where(*same).exists()
                held = payload.get(
                    payload.desk == DESK, payload.slot == slot, payload.epoch == epoch, payload.sequence == sequence
                )
                names.append(orjson.loads(bytes(held.bytes))["owner_name"])
        return Counter(names)

    def counted(self) -> int:
        """How many dossiers the centre counts."""
        with reading(self.central.database):
            return sum(row.count for row in models.Counter.select().where(models.Counter.desk == DESK))

    def beyond_gaps(self) -> int:
        """How many entries the centre keeps that go on from nothing that it holds."""
        with reading(self.central.database):
            return sum(gaps.counts().values())

    def standing(self) -> DeskStanding:
        """How the desk stands in October, and its machines with it."""
        period = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
        desks = standings(self.central, EVERYTHING, period).desks
        return next(each for each in desks if each.desk.code == DESK)

    def judgement(self) -> Judgement:
        """How the desk stands in October."""
        return self.standing().judgement

    def signs(self) -> set[Sign]:
        """What showed that a machine was restored or copied."""
        with reading(self.central.database):
            return {each.what for each in branches.signs(DESK)}

    def chain_faults(self) -> list[str]:
        """Entries of machines at the centre whose hash does not follow from the one before."""
        entry = models.Entry
        faults = []
        with reading(self.central.database):
            hashes = {bytes(each.entry_hash) for each in entry.select().where(entry.desk == DESK)}
            rows = list(
                entry.select()
                .where(entry.desk == DESK, entry.slot > 0)
                .order_by(entry.slot, entry.epoch, entry.sequence)
            )
        before: tuple[int, int, int, bytes] = (0, 0, 0, b"")
        for each in rows:
            sealed = SealedEntry(bytes(each.header), bytes(each.payload_hash), None, None)
            is_next = (each.slot, each.epoch, each.sequence) == (before[0], before[1], before[2] + 1)
            own = bytes(each.entry_hash)
            if is_next and sealed.hash_after(before[3]) != own:
                faults.append(f"{each.slot}.{each.epoch}.{each.sequence}")
            if not is_next and each.epoch > 1 and all(sealed.hash_after(hash_) != own for hash_ in hashes):
                faults.append(f"{each.slot}.{each.epoch}.{each.sequence}")
            before = each.slot, each.epoch, each.sequence, own
        return faults


def names_at(desk: Desk) -> Counter[str]:
    """How often each person stands in a device's own screens."""
    with desk_reading(desk.database):
        return Counter(str(stored.content["owner_name"]) for stored in lives(desk))


def is_in_order(desk: Desk) -> bool:
    """Whether journal and screens are whole, and nothing waits to be sent."""
    with desk_reading(desk.database):
        rows = desk_dossiers.row_count()
    found = verify(desk)
    return found.faults == () and rows == found.dossiers and overview(desk).unsent_entries == 0
