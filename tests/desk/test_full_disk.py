"""A full disk: the clerk is told, nothing that was saved is touched, and the agent goes on trying."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from desk_client.agent.loop import Agent
from desk_client.desk import Desk
from desk_client.services.continuing import unseen
from desk_client.services.overview import overview
from desk_client.services.recording import record_reception
from desk_client.services.verifying import verify
from desk_client.storage import notes
from desk_client.storage.database import reading, write_transaction
from desk_client.storage.trouble import DiskFull
from tests.factories import NOW, enrolled_desk, reception

TRIES = 40
"""What still fits into the pages that the file has."""


@contextmanager
def full_disk(desk: Desk) -> Iterator[None]:
    """The engine itself refuses to take a further page; it is asked on one connection, which stays open."""
    with reading(desk.database):
        [pages] = desk.database.execute_sql("PRAGMA page_count").fetchone()
        desk.database.execute_sql(f"PRAGMA max_page_count = {pages}")
        yield


def save(desk: Desk) -> None:
    record_reception(desk, reception(), received_at=NOW, clerk="an.nv")


def fill(desk: Desk) -> int:
    """Saves until the disk is full; gives how many were saved."""
    for saved in range(TRIES):
        try:
            save(desk)
        except DiskFull:
            return saved
    raise AssertionError("the disk is not full")


def test_a_full_disk_is_named_and_what_was_saved_is_whole(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)

    with full_disk(desk):
        saved = fill(desk)

    assert overview(desk).saved_count == saved
    assert verify(desk).faults == ()


def test_what_did_not_fit_can_be_saved_once_there_is_room(tmp_path: Path) -> None:
    desk = enrolled_desk(tmp_path)
    with full_disk(desk):
        saved = fill(desk)

    save(desk)

    assert overview(desk).saved_count == saved + 1


def test_the_witness_never_sees_what_did_not_fit(tmp_path: Path) -> None:
    """Else the file would be taken for an older state of itself at the next start."""
    desk = enrolled_desk(tmp_path)
    with full_disk(desk):
        fill(desk)
        desk.database.execute_sql("PRAGMA max_page_count = 1000000")
        with write_transaction(desk.database):
            notes.keep_note("anything", {})

        assert unseen(desk) is None


def test_a_full_disk_does_not_end_the_agent(tmp_path: Path) -> None:
    """Its contact cannot be noted; it tries again, and not at once for ever."""
    desk = enrolled_desk(tmp_path)
    agent = Agent(desk)

    with full_disk(desk):
        fill(desk)
        with pytest.MonkeyPatch.context() as nothing_fits:
            nothing_fits.setattr("desk_client.services.syncing.write_transaction", _refused)
            wait_s = agent.try_once()

    assert wait_s == 30


def _refused(_: object) -> NoReturn:
    raise DiskFull
