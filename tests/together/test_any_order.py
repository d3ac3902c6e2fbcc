"""Whatever two or three machines of a desk do, and in whatever order they meet the centre: they end up the same."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from central_server.app import create_app
from central_server.central import Central
from central_server.services import enrolment
from central_server.settings import Settings
from central_server.storage.database import open_database
from desk_client.desk import Desk
from desk_client.services import enrolment as desk_enrolment
from desk_client.services.conflicts import conflicts, settle
from desk_client.services.lifecycle import deliver_unseen, record_step
from desk_client.services.recording import record_reception, record_registration
from desk_client.storage import models
from desk_client.storage.database import reading
from sync_protocol.errors import FieldSyncError
from sync_protocol.events import Corrected
from tests.conftest import DESK, KEYS, URL, Centres, Link, close, head_of, sync
from tests.desk.lives import DELIVERED
from tests.factories import PASSWORD, StandingClock, bare_desk, reception
from tests.postgresql import memory_folder
from tests.protocol.lives import STEPS
from tests.together.field import assert_replicas_are_equal, hush

MACHINES = 3


@dataclass(frozen=True)
class Act:
    """What one machine does: `what` with the dossier of a number, or a meeting with the centre that may break."""

    machine: int
    what: str
    dossier: int
    step: int


CHANGES: tuple[dict[str, Any], ...] = (
    {"phone": "0987000011"},
    {"phone": "0987000022"},
    {"phone": ""},
    {"owner_name": "Lò Thị Ún"},
    {"owner_name": "Vàng A Páo", "phone": "0987000033"},
    {"procedure_code": "1.001193"},
)
acts = st.builds(
    Act,
    machine=st.integers(0, MACHINES - 1),
    what=st.sampled_from(
        ["receive", "register", "step", "step", "correct", "correct", "unseen", "settle", "sync", "sync", "break"]
    ),
    dossier=st.integers(0, 7),
    step=st.integers(0, 50),
)


@pytest.mark.slow
@given(history=st.lists(acts, max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_all_machines_and_the_centre_say_the_same_once_it_is_quiet(centres: Centres, history: list[Act]) -> None:
    with opened_field(centres) as (central, link, desks):
        for act in history:
            note(str(act))
            # What a machine refuses, it refuses whole.
            with suppress(FieldSyncError):
                do(link, desks, act)

        link.road.faults.clear()
        hush(link, *desks)

        assert_replicas_are_equal(central, *desks)


def do(link: Link, desks: list[Desk], act: Act) -> None:
    desk = desks[act.machine]
    clerk, now = head_of(desk), desk.now()
    match act.what:
        case "receive":
            filed = [ref for ref in refs(desk) if stage(desk, ref) == "registered"]
            named: dict[str, Any] = {"registered": filed[act.dossier % len(filed)]} if filed and act.step % 2 else {}
            record_reception(desk, reception(), received_at=now, clerk=clerk, **named)
        case "register":
            record_registration(desk, reception(), filed_at=now, clerk=clerk)
        case "step":
            record_step(desk, one(desk, act), STEPS[act.step % len(STEPS)], happened_at=now, clerk=clerk)
        case "correct":
            changes = CHANGES[act.step % len(CHANGES)]
            record_step(
                desk, one(desk, act), Corrected(changes=changes, reason="Ghi nhầm"), happened_at=now, clerk=clerk
            )
        case "unseen":
            codes = sorted({code for each in desks for code in codes_of(each)})
            if codes:
                deliver_unseen(desk, codes[act.dossier % len(codes)], DELIVERED, happened_at=now, clerk=clerk)
        case "settle":
            for each in conflicts(desk)[:1]:
                settle(desk, each.name, keeps=act.step % 2 == 0, reason="Đã gọi hỏi", clerk=clerk)
        case "sync":
            sync(desk, link)
        case "break":
            link.lose(("request", "answer")[act.step % 2])
            sync(desk, link)
    clock = desk.clock
    assert isinstance(clock, StandingClock)
    clock.move(minutes=1)


def refs(desk: Desk) -> list[str]:
    with reading(desk.database):
        return [
            id_ for (id_,) in models.DossierRow.select(models.DossierRow.id).order_by(models.DossierRow.id).tuples()
        ]


def codes_of(desk: Desk) -> list[str]:
    with reading(desk.database):
        return [code for (code,) in models.DossierRow.select(models.DossierRow.dossier_code).tuples() if code]


def stage(desk: Desk, ref: str) -> str:
    with reading(desk.database):
        return str(models.DossierRow.get(models.DossierRow.id == ref).stage)


def one(desk: Desk, act: Act) -> str:
    """A dossier that the machine knows; one that is not there where it knows none."""
    known = refs(desk)
    return known[act.dossier % len(known)] if known else "9.9.9"


@contextmanager
def opened_field(centres: Centres) -> Iterator[tuple[Central, Link, list[Desk]]]:
    """A centre with machines of one desk, on fresh copies of files that were prepared once."""
    prepared = _prepared(centres)
    with tempfile.TemporaryDirectory(prefix="order-", dir=memory_folder()) as folder:
        root = Path(folder)
        shutil.copytree(prepared, root, dirs_exist_ok=True)
        clock = StandingClock()
        clock.at += timedelta(minutes=1)
        central = Central(
            settings=Settings(data=root / "centre"),
            database=open_database(root / "centre" / "central.db", ""),
            wall=clock,
            randomness=os.urandom,
            keys=KEYS,
        )
        desks = [bare_desk(root / f"desk{number}", clock) for number in range(MACHINES)]
        yield central, Link(create_app(central)), desks
        for desk in desks:
            desk.database.close()
        close(central)


PREPARED: list[Path] = []


def _prepared(centres: Centres) -> Path:
    if PREPARED:
        return PREPARED[0]
    folder = Path(tempfile.mkdtemp(prefix="order-", dir=memory_folder()))
    clock = StandingClock()
    central = centres.make("sqlite", folder / "centre", clock)
    link = Link(create_app(central))
    for number in range(MACHINES):
        desk = bare_desk(folder / f"desk{number}", clock)
        [invitation] = enrolment.invite(central, DESK)
        desk_enrolment.enrol(desk, link, URL, str(invitation.code), PASSWORD)
        desk.database.close()
    close(central)
    PREPARED.append(folder)
    return folder
