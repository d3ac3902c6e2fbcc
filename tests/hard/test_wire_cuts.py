"""The wire is cut after every byte, reset, silent, slow, doubled and out of order: nothing is lost, nothing is twice.

The centre serves over real sockets, the device sends with its real transport, and a proxy between them breaks the wire.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import cycle

import pytest

from central_server.central import Central
from central_server.services.packing_up import packs_in_force
from central_server.storage.database import reading as central_reading
from desk_client.agent import patience
from desk_client.agent.transport import HttpRoad, road_to
from desk_client.desk import Desk
from desk_client.services.recording import RECEPTIONS_MAX, Manner, record_receptions
from desk_client.services.road import CentreNonsense, CentreRefused, CentreUnreachable
from desk_client.services.syncing import CONTACT_PATH, CONTENT_TYPE, PACK_PATH, Outcome, contact
from desk_client.storage import device as device_storage
from desk_client.storage import journal
from desk_client.storage.database import reading, write_transaction
from sync_protocol.entries import chain
from sync_protocol.packing import CONTACT_ENTRIES_MAX
from sync_protocol.packs import PackKind
from sync_protocol.signing import Signed
from sync_protocol.standings import THRESHOLD
from sync_protocol.statements import Pulled, Receipt, read_receipt
from tests.central.writing import Writer, arrived_by_day, enrolled_writer, ledger_of, recounted
from tests.conftest import DESK, arrived_codes, held_codes, only_on_sqlite
from tests.factories import reception
from tests.hard.proxy import Ending, Fault, Proxy, Way
from tests.hard.serving import serving

SEED = 20211020
ENDINGS = (Ending.FIN, Ending.RST)
SAMPLES = {50: 40, 500: 8}
"""How many places are cut for batches of so many dossiers."""

Note = Callable[..., None]
pytestmark = [pytest.mark.slow, only_on_sqlite]


@dataclass
class Sender(Writer):
    """A device whose chain is counted on, not over."""

    counted: list[bytes] = field(default_factory=list)

    @property
    def hashes(self) -> list[bytes]:
        """The entry hashes so far."""
        last = self.counted[-1] if self.counted else self.origin
        self.counted += chain(self.entries[len(self.counted) :], last)
        return self.counted


@pytest.fixture
def proxy(central: Central) -> Iterator[Proxy]:
    """The wire to a serving centre; when it is over, no thread is left."""
    before = set(threading.enumerate())
    with serving(central) as port, Proxy(port) as between:
        yield between
    # The one that watches over the test's own time is not of ours.
    left = {thread for thread in set(threading.enumerate()) - before if not isinstance(thread, threading.Timer)}
    assert left == set()


@pytest.fixture
def road(proxy: Proxy) -> Iterator[HttpRoad]:
    """The real transport, over the wire."""
    to_centre = road_to(proxy.url)
    yield to_centre
    to_centre.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience of fractions of a second, in the same proportions."""
    monkeypatch.setattr(patience, "MESSAGE_S", 0.6)
    monkeypatch.setattr(patience, "SILENCE_S", 0.3)
    monkeypatch.setattr(patience, "BYTES_A_SECOND_LEAST", 50_000)


def sender_of(central: Central) -> Sender:
    """A device of H62.11.01 that seals and signs by itself."""
    writer = enrolled_writer(central)
    return Sender(writer.central, writer.key, writer.device, writer.origin, writer.entries, writer.changes)


def posted(sender: Sender, road: HttpRoad, raw: bytes) -> Receipt:
    """The receipt for a contact; the wire is new each time."""
    road.close()
    answer = road.post(CONTACT_PATH, raw, CONTENT_TYPE)
    return read_receipt(Signed.from_json(answer["receipt"]), sender.central.keys.signing.public)


def lengths(sender: Sender, road: HttpRoad, proxy: Proxy, raw: bytes) -> tuple[int, int]:
    """How many bytes a contact and its answer are on the wire."""
    posted(sender, road, raw)
    return proxy.passed[-1].up, proxy.passed[-1].down


def test_nothing_is_lost_or_doubled_wherever_the_wire_is_cut(
    central: Central, proxy: Proxy, road: HttpRoad, figure: Note
) -> None:
    """A batch of one dossier: every byte of the push and of its answer, ending by FIN and by RST in turn."""
    sender = sender_of(central)
    # The sentence on a desk that has met its level is another one: from here on all answers hold the same.
    for _ in range(THRESHOLD):
        sender.receive()
    incarnation = posted(sender, road, sender.contact()).incarnation
    up, down = lengths(sender, road, proxy, next_contact(sender, incarnation))
    faults = [Fault(way=way, after_bytes=at) for way, end in ((Way.UP, up), (Way.DOWN, down)) for at in range(end)]

    whole = 0
    for fault, ending in zip(faults, cycle(ENDINGS), strict=False):
        raw = next_contact(sender, incarnation)
        proxy.wish(replace(fault, ending=ending))
        try:
            whole += posted(sender, road, raw).up_to == sender.head
        except (CentreUnreachable, CentreNonsense):
            # Where only the answer was cut, the next contact shows that this one has arrived.
            if fault.way is Way.UP:
                assert posted(sender, road, raw).up_to == sender.head

    figure("T6", "cut bytes", len(faults), lost=len(sender.entries) - len(ledger_of(central)), came_whole=whole)
    assert [sequence for _, _, sequence in ledger_of(central)] == list(range(1, sender.head + 1))
    assert sum(arrived_by_day(central).values()) == len(arrived_codes(central)) == sender.head - 1
    # Answers differ by some bytes; those that are shorter than the first come whole at the last places.
    assert whole < 60


def next_contact(sender: Sender, incarnation: str) -> bytes:
    """A contact with one more dossier, of a device that has taken in all of the ledger."""
    sender.receive()
    return sender.contact(first=sender.head, pulled=Pulled(incarnation, sender.head - 1))


def test_a_pack_is_whole_or_not_there_wherever_the_wire_is_cut(
    central: Central, proxy: Proxy, road: HttpRoad, figure: Note
) -> None:
    """Every byte of the question for a pack and of its answer."""
    with central_reading(central.database):
        name = packs_in_force(DESK)[PackKind.CALENDAR]
    whole = road.get(PACK_PATH + name)
    up, down = proxy.passed[-1].up, proxy.passed[-1].down
    faults = [Fault(way=way, after_bytes=at) for way, end in ((Way.UP, up), (Way.DOWN, down)) for at in range(end)]

    cut = 0
    for fault, ending in zip(faults, cycle(ENDINGS), strict=False):
        proxy.wish(replace(fault, ending=ending))
        road.close()
        try:
            assert road.get(PACK_PATH + name) == whole
        except (CentreUnreachable, CentreNonsense):
            cut += 1

    figure("T6", "cut bytes", len(faults), lost=0, refused=cut)
    assert cut >= len(faults) - 2


def test_a_desk_sends_all_of_a_large_batch_wherever_the_wire_is_cut(
    central: Central, proxy: Proxy, road: HttpRoad, enrol: Callable[..., Desk], figure: Note
) -> None:
    chance = random.Random(SEED)
    desk = enrol()
    tried = 0
    for size, cuts in SAMPLES.items():
        for _ in range(cuts):
            record_many(desk, size)
            ends_well = Fault(way=chance.choice(list(Way)), after_bytes=chance.randrange(size * 60))
            # The large ones go behind their statement, so the wish is for the second connection of the contact.
            proxy.wish(replace(ends_well, ending=chance.choice(ENDINGS)))
            send(desk, road)
            assert acknowledged(desk) <= len(ledger_of(central))
            until_quiet(desk, road)
            tried += 1

    lost = len(set(held_codes(desk)) ^ set(arrived_codes(central)))
    figure("T6", "cut bytes", tried, lost=lost, batches_of_50=SAMPLES[50], batches_of_500=SAMPLES[500])
    assert arrived_codes(central) == held_codes(desk)
    assert arrived_by_day(central) == recounted(central)


def record_many(desk: Desk, count: int) -> None:
    """Saves dossiers, up to 50 at once; each such row of them on a day of its own, whose numbers suffice."""
    for first in range(0, count, RECEPTIONS_MAX):
        received_at = desk.now() - timedelta(days=new_day(desk))
        many = [
            reception(summary=f"{received_at} {number}") for number in range(first, min(first + RECEPTIONS_MAX, count))
        ]
        record_receptions(desk, many, received_at=received_at, clerk="truong", manner=Manner(at_once=False))


def new_day(desk: Desk) -> int:
    """A day in the past that no dossier was received on yet, as days before today."""
    with reading(desk.database):
        head = journal.head(desk.identity().id.slot, desk.identity().origin).sequence
    return head // RECEPTIONS_MAX % 700 + 1


def send(desk: Desk, road: HttpRoad) -> Outcome:
    """One contact over new connections."""
    road.close()
    return contact(desk, road, jitter=1.0, interval_s=300.0)


def until_quiet(desk: Desk, road: HttpRoad) -> None:
    """Contacts over a whole wire until nothing waits."""
    for _ in range(3):
        outcome = send(desk, road)
    assert (outcome.error, outcome.unsent) == (None, 0)


def acknowledged(desk: Desk) -> int:
    """How many entries a receipt covers."""
    with reading(desk.database):
        return journal.acknowledged(desk.identity().id.slot, 1)


def state_of(desk: Desk) -> device_storage.ContactState:
    """What the desk remembers of its contacts."""
    with reading(desk.database):
        return device_storage.contact_state()


FAULTS = {
    "the centre falls silent before the answer": Fault(way=Way.DOWN, after_bytes=0, ending=Ending.STALL),
    "the centre falls silent in the answer": Fault(way=Way.DOWN, after_bytes=400, ending=Ending.STALL),
    "the request gets stuck": Fault(way=Way.UP, after_bytes=300, ending=Ending.STALL),
    "the request goes a byte at a time": Fault(way=Way.UP, bytes_a_second=40),
    "the answer comes a byte at a time": Fault(way=Way.DOWN, bytes_a_second=40),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_desk_gives_up_in_time_says_so_and_sends_later(
    central: Central, proxy: Proxy, road: HttpRoad, enrol: Callable[..., Desk], quick: None, name: str
) -> None:
    desk = enrol()
    until_quiet(desk, road)
    record_many(desk, 20)
    batch_before = state_of(desk).batch_entries
    proxy.wish(FAULTS[name])

    began_at = time.monotonic()
    outcome = send(desk, road)

    assert time.monotonic() - began_at < 2.5
    assert isinstance(outcome.error, CentreUnreachable)
    assert (outcome.sent, outcome.unsent) == (0, 20)
    state = state_of(desk)
    assert state.next_try_at == desk.clock() + timedelta(seconds=30)
    assert state.batch_entries == batch_before // 2
    until_quiet(desk, road)
    assert arrived_codes(central) == held_codes(desk)


def test_a_slow_line_that_moves_is_waited_for(
    central: Central, proxy: Proxy, road: HttpRoad, enrol: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound grows with what arrives: an answer may take longer than a message of no length."""
    desk = enrol()
    monkeypatch.setattr(patience, "MESSAGE_S", 0.2)
    monkeypatch.setattr(patience, "BYTES_A_SECOND_LEAST", 500)
    proxy.wish(Fault(way=Way.DOWN, bytes_a_second=3_000))

    began_at = time.monotonic()
    outcome = send(desk, road)

    assert outcome.error is None
    assert time.monotonic() - began_at > 0.4


def test_batches_halve_until_they_fit_a_line_that_breaks_after_some_bytes_and_then_grow_again(
    central: Central, proxy: Proxy, road: HttpRoad, enrol: Callable[..., Desk]
) -> None:
    desk = enrol()
    until_quiet(desk, road)
    record_many(desk, 300)
    whole_bytes = 6_000

    contacts = 0
    sizes: list[int] = []
    while not sizes or sizes[-1] > 0:
        proxy.wishes.clear()
        proxy.wish(*[Fault(way=Way.UP, after_bytes=whole_bytes)] * 400)
        outcome = send(desk, road)
        contacts += 1
        sizes.append(outcome.unsent)
        assert contacts < 12

    print(f"waiting after each contact over a line that breaks after {whole_bytes} bytes: {sizes}")
    assert sizes == sorted(sizes, reverse=True)
    assert arrived_codes(central) == held_codes(desk)


def test_an_hour_without_a_line_leaves_batches_as_large_as_they_were(enrol: Callable[..., Desk]) -> None:
    desk = enrol()
    nowhere = road_to("http://127.0.0.1:9")
    for _ in range(10):
        contact(desk, nowhere, jitter=1.0, interval_s=300.0)

    state = state_of(desk)

    assert (state.failures, state.batch_entries) == (10, CONTACT_ENTRIES_MAX)


def test_doubled_and_disordered_requests_count_once(
    central: Central, proxy: Proxy, road: HttpRoad, enrol: Callable[..., Desk], figure: Note
) -> None:
    """Requests come twice, late, and in the opposite order, in every mix."""
    chance = random.Random(SEED)
    desk = enrol()
    rounds = 60
    for _ in range(rounds):
        record_many(desk, chance.randrange(1, 6))
        proxy.wish(chance.choice([Fault(is_doubled=True), Fault(is_held=True), Fault(way=Way.DOWN, after_bytes=100)]))
        send(desk, road)
        if chance.random() < 0.3:
            proxy.release()
    until_quiet(desk, road)
    proxy.release()
    until_quiet(desk, road)

    figure(
        "T6", "doubled or disordered requests", rounds, lost=len(set(held_codes(desk)) - set(arrived_codes(central)))
    )
    assert arrived_codes(central) == held_codes(desk)
    assert arrived_by_day(central) == recounted(central)
    assert len({sequence for _, _, sequence in ledger_of(central)}) == len(ledger_of(central))


def test_a_centre_that_asks_to_wait_is_waited_for(
    central: Central, road: HttpRoad, enrol: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enrol()
    with write_transaction(desk.database):
        device_storage.keep_contact_state(replace(device_storage.contact_state(), batch_entries=100))

    refused = CentreRefused("busy", vietnamese="Máy chủ bận", english="Busy", retry_after_s=1_800)
    monkeypatch.setattr(HttpRoad, "_call", lambda *_: (_ for _ in ()).throw(refused))
    send(desk, road)

    state = state_of(desk)
    assert state.next_try_at == desk.clock() + timedelta(seconds=1_800)
    assert state.batch_entries == 100
