"""Exactly once, and nothing forgotten: what has arrived and what is held back add up to the truth, at every moment."""

import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from central_server.app import create_app
from central_server.central import Central
from desk_client.desk import Desk
from desk_client.services.lifecycle import NothingChanged
from desk_client.services.recording import InvalidReception
from desk_client.storage import device as device_storage
from desk_client.storage import models as desk_models
from desk_client.storage.database import reading, write_transaction
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Corrected
from sync_protocol.instants import instant_text
from sync_protocol.transitions import OutOfOrder
from tests.central.writing import arrived_by_day, recounted, unsent_by_day
from tests.conftest import Centres, Link, arrived_codes, held_codes, record, sync, sync_quietly, take, void
from tests.factories import StandingClock, bare_desk

Counts = dict[date, int]

FAULTS: dict[str, Callable[[Link], None]] = {
    "none": lambda link: link.road.faults.append(link.road.deliver),
    "request lost": lambda link: link.lose("request"),
    "answer lost": lambda link: link.lose("answer"),
    "repeated": lambda link: link.repeat(),
    "delayed": lambda link: link.hold(),
    "busy": lambda link: link.answer_503(),
    "nonsense": lambda link: link.nonsense(),
    "request cut": lambda link: link.truncate(90),
    "answer cut": lambda link: link.truncate(20, "answer"),
}

STEPS = st.one_of(
    st.tuples(st.just("record"), st.integers(0, 2)),
    st.tuples(st.just("record"), st.integers(0, 2)),
    st.tuples(st.just("void"), st.integers(0, 9)),
    st.tuples(st.just("move"), st.integers(0, 9)),
    st.tuples(st.just("batch"), st.integers(1, 4)),
    st.tuples(st.just("release"), st.just(0)),
    st.tuples(st.just("later"), st.integers(1, 3000)),
    st.tuples(st.just("clock"), st.sampled_from([-20 * 365, -1, 1, 20 * 365])),
    *[st.tuples(st.just("contact"), st.lists(st.sampled_from(sorted(FAULTS)), max_size=3)) for _ in range(3)],
)


MOVED: list[tuple[str, Any]] = [
    ("record", 0),
    ("contact", []),
    ("move", 0),
    ("record", 1),
    ("contact", ["answer lost"]),
    ("void", 0),
    ("contact", ["delayed", "none"]),
]

LATE: list[tuple[str, Any]] = [
    ("record", 0),
    ("contact", ["delayed"]),
    ("record", 0),
    ("contact", ["none", "request lost"]),
    ("release", 0),
]
"""A contact arrives behind a newer statement whose own entries were lost."""


def truth(desk: Desk) -> Counts:
    """Dossiers of a device by day of reception, voided ones left out."""
    row = desk_models.DossierRow
    with reading(desk.database):
        return dict(Counter(day for (day,) in row.select(row.received_on).where(row.stage != "voided").tuples()))


@dataclass
class Play:
    """A device and its centre with everything that may happen between them; `stated` is what the newest statement
    that arrived was true of."""

    desk: Desk
    link: Link
    central: Central
    desk_clock: StandingClock
    central_clock: StandingClock
    dossiers: list[Dossier] = field(default_factory=list)
    stated: tuple[int, Counts] = (-1, {})

    def watch(self) -> None:
        """Notes what was true when each statement was made, and which of them arrive."""
        road, sent = self.link.road, itertools.count()
        send, deliver = road.send, road.deliver
        truths: dict[int, tuple[int, Counts]] = {}
        kept: list[requests.PreparedRequest] = []

        def watched_send(request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            # Kept alive, so that no later request has the same id.
            kept.append(request)
            truths[id(request)] = (next(sent), truth(self.desk))
            return send(request, *args, **kwargs)

        def watched_deliver(request: requests.PreparedRequest, body: bytes | None = None) -> HTTPResponse:
            answer = deliver(request, body)
            if request.method == "POST" and answer.status == 200:
                self.stated = max(self.stated, truths[id(request)], key=lambda each: each[0])
            return answer

        road.send, road.deliver = watched_send, watched_deliver  # type: ignore[method-assign]

    def do(self, step: str, argument: Any) -> None:
        """One thing that happens."""
        match step:
            case "record":
                on = (self.central_clock.at - timedelta(days=argument)).date()
                self.dossiers.append(record(self.desk, on=on))
            case "void" if self.dossiers:
                # A machine whose clock fell back cannot tell that a dossier it received later was voided.
                with suppress(OutOfOrder, InvalidReception):
                    void(self.desk, self.dossiers.pop(argument % len(self.dossiers)))
            case "move" if self.dossiers:
                moved = self.dossiers[argument % len(self.dossiers)]
                day_before = {"received_at": instant_text(moved.received_at - timedelta(days=1))}
                with suppress(OutOfOrder, InvalidReception, NothingChanged):
                    take(self.desk, moved.id, Corrected(changes=day_before, reason="Ghi nhầm ngày"))
            case "batch":
                with write_transaction(self.desk.database):
                    state = device_storage.contact_state()
                    device_storage.keep_contact_state(replace(state, batch_entries=argument))
            case "contact":
                for fault in argument:
                    FAULTS[fault](self.link)
                sync(self.desk, self.link)
                self.link.road.faults.clear()
            case "release":
                self.link.release()
            case "later":
                self.desk_clock.move(minutes=argument)
                self.central_clock.move(minutes=argument)
            case "clock":
                self.desk_clock.move(days=argument)

    def check(self) -> None:
        """Arrived and held back are together what was stated, and the counts are those of the ledger."""
        arrived, unsent = arrived_by_day(self.central), unsent_by_day(self.central)
        together = Counter(arrived)
        together.update(unsent)
        assert {day: count for day, count in together.items() if count} == self.stated[1]
        assert arrived == recounted(self.central)
        assert all(count >= 0 for count in arrived.values())


@pytest.fixture
def plays(
    central: Central, device: Desk, link: Link, centres: Centres, field_path: Path
) -> Iterator[Callable[[], Play]]:
    """Plays that each begin with a copy of an enrolled device and its centre."""
    sync_quietly(device, link)
    device.database.close()
    numbers = itertools.count()
    made: list[Central] = []

    def begin() -> Play:
        folder = field_path / f"play{next(numbers)}"
        while made:
            centres.remove(made.pop())
        made.append(centres.copy(central, folder / "centre"))
        shutil.copytree(device.settings.data, folder / "desk")
        clock = StandingClock()
        central_clock = made[0].wall
        assert isinstance(central_clock, StandingClock)
        return Play(bare_desk(folder / "desk", clock), Link(create_app(made[0])), made[0], clock, central_clock)

    yield begin
    for each in made:
        centres.remove(each)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
@example(steps=LATE)
@example(steps=MOVED)
def test_arrived_and_unsent_add_up_to_the_truth_after_any_mix_of_work_and_faults(
    plays: Callable[[], Play], steps: list[tuple[str, Any]]
) -> None:
    play = plays()
    play.watch()

    for step, argument in steps:
        play.do(step, argument)
        play.check()
    play.link.release()
    play.check()
    sync_quietly(play.desk, play.link)

    play.check()
    assert arrived_codes(play.central) == held_codes(play.desk)
    assert (arrived_by_day(play.central), unsent_by_day(play.central)) == (truth(play.desk), {})
