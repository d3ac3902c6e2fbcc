"""What the first milestone wrote and sent is taken by the ends of today, also where a migration is killed midway."""

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from central_server.app import create_app
from central_server.central import Central
from central_server.storage import devices
from central_server.storage.database import open_database, reading, shape_of, write_transaction
from central_server.storage.devices import Device
from central_server.storage.models import DeskRow
from desk_client.opening import open_desk
from desk_client.services.verifying import verify
from desk_client.settings import Settings
from desk_client.storage.database import reading as desk_reading
from desk_client.storage.models import DossierRow
from sync_protocol.certificates import read_certificate
from sync_protocol.signing import Signed, decoded
from sync_protocol.statements import read_receipt
from sync_protocol.vocabulary import DeviceState
from tests.central.writing import ledger_of
from tests.conftest import KEYS
from tests.desk.projections import lay_shipped_file, shipped_rows

KILLS = 100
"""Of each end."""

SEED = 20211020
GOLDEN = Path(__file__).parent.parent / "protocol" / "golden" / "v1"
FIRST_SHAPE = ("0001_first",)
FILES = "central.db"

pytestmark = pytest.mark.slow


def killed_again_and_again(folder: Path, lay: Callable[[Path], None], work: Callable[[Path], None]) -> int:
    """Lets a forked process work on a folder and kills it somewhere, KILLS times; gives how often it was not done."""
    chance = random.Random(SEED)
    lay(folder / "template")
    took_s = timed(folder, work)
    cut = 0
    for number in range(KILLS):
        data = folder / f"run{number}"
        shutil.copytree(folder / "template", data)
        child = os.fork()
        if child == 0:
            try:
                work(data)
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0.2, 1.0) * took_s)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        cut += os.WIFSIGNALED(status)
        work(data)
        if number % 10:
            shutil.rmtree(data)
    return cut


def timed(folder: Path, work: Callable[[Path], None]) -> float:
    """How long the work takes in a forked process."""
    shutil.copytree(folder / "template", folder / "timed")
    began_at = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            work(folder / "timed")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    return time.monotonic() - began_at


def opened_desk(folder: Path) -> None:
    """Opens a desk's file, which migrates it, and closes it."""
    open_desk(Settings(data=folder, key_store="file")).database.close()


def test_a_desks_migration_that_is_killed_is_done_at_the_next_start(
    field_path: Path, figure: Callable[..., None]
) -> None:
    cut = killed_again_and_again(field_path, lay_shipped_file, opened_desk)

    for number in range(0, KILLS, 10):
        desk = open_desk(Settings(data=field_path / f"run{number}", key_store="file"))
        with desk_reading(desk.database):
            codes = {row.dossier_code for row in DossierRow.select()}
        assert codes == {row["dossier_code"] for row in shipped_rows()}
        assert verify(desk).faults == ()
        desk.database.close()
    figure("T12", "kill -9 during a desk's migration", KILLS, lost=0, not_done_yet=cut)
    # How many of the kills came in time depends on what else the machine does.
    assert cut > KILLS // 20


def lay_first_shape(folder: Path) -> None:
    """A centre's file of the first milestone with a desk."""
    folder.mkdir(parents=True)
    database = open_database(folder / FILES, shape=FIRST_SHAPE)
    database.execute_sql(
        "INSERT INTO procedure (code, valid_from, valid_to, name, field, levels, channels, limit_value, limit_unit) "
        "VALUES ('1.004873', '2019-01-01', NULL, 'Xác nhận', 'Hộ tịch', 'commune', 'direct', '3', 'working_day')"
    )
    database.close()


def opened_centre(folder: Path) -> None:
    """Opens a centre's file, which migrates it, and closes it."""
    open_database(folder / FILES).close()


def test_a_centres_migration_that_is_killed_is_done_at_the_next_start(
    field_path: Path, figure: Callable[..., None]
) -> None:
    cut = killed_again_and_again(field_path, lay_first_shape, opened_centre)

    shapes, codes = set(), set()
    for number in range(0, KILLS, 10):
        database = open_database(field_path / f"run{number}" / FILES)
        shapes.add(tuple(shape_of(database)))
        codes.add(database.execute_sql("SELECT code FROM procedure").fetchall()[0][0])
        database.close()
    figure("T12", "kill -9 during a centre's migration", KILLS, lost=0, not_done_yet=cut)
    assert (len(shapes), codes) == (1, {"1.004873"})
    # How many of the kills came in time depends on what else the machine does.
    assert cut > KILLS // 20


@pytest.fixture
def golden(make_central: Callable[..., Central]) -> Central:
    """A centre at which the device of the golden files is enrolled."""
    central = make_central()
    text = orjson.loads((GOLDEN / "certificate.json").read_bytes())
    certificate = Signed.from_json(text)
    issued = read_certificate(certificate)
    with write_transaction(central.database):
        devices.insert(
            Device(
                id=issued.device,
                state=DeviceState.ACTIVE,
                signing_key=issued.signing_key,
                epoch=1,
                head=0,
                head_hash=b"",
                app_version="0.0.1",
                enrolled_at=issued.issued_at,
                heard_at=None,
                stated_at=None,
                stated_head=0,
                covered_until=None,
                ticket="",
                previous_ticket="",
            ),
            issued.agreement_key,
            certificate,
        )
    return central


def test_a_contact_of_the_first_milestone_is_taken_by_todays_centre(golden: Central) -> None:
    raw = decoded((GOLDEN / "contact.txt").read_text().strip())

    answer = create_app(golden).test_client().post("/v1/contacts", data=raw)

    assert answer.status_code == 200, answer.data
    receipt = read_receipt(Signed.from_json(answer.get_json()["receipt"]), KEYS.signing.public)
    assert receipt.up_to == len(ledger_of(golden)) > 0
    with reading(golden.database):
        assert DeskRow.get(DeskRow.code == "H62.11.01").ledger_sequence == receipt.up_to
