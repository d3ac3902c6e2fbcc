"""The simulated disk and power of a machine: a folder in memory, cut off at any touch of its database, or full."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import Database

LEFT_BEHIND = ("-shm", ".lock")
"""What a process shares or holds while it runs; a machine that starts again makes its own."""

PAGES_MOST = 1_073_741_823
"""SQLite's own bound on the pages of a file, where the disk sets none."""


class PowerCut(BaseException):
    """The process is gone here, and with it all that was not in its files.

    No ordinary exception, since no code may catch it and go on.
    """


@dataclass(slots=True)
class Fuse:
    """Cuts the power at one of the next touches of a database; `left` counts them down, None while nothing is to come.

    A touch comes before every statement, BEGIN and COMMIT among them: so before the first write, between two,
    before the commit, and after it.
    """

    left: int | None = None

    def touch(self) -> None:
        """One statement is about to be given to the engine; raises PowerCut where it never reaches it."""
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise PowerCut

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lets somebody look who is no part of the simulated world."""
        left, self.left = self.left, None
        try:
            yield
        finally:
            self.left = left


def fused(database: Database, fuse: Fuse) -> Database:
    """The database behind a fuse, its one connection held open for the life of the process."""
    give_cursor = database.cursor

    def cursor(*arguments: Any) -> Any:
        fuse.touch()
        return give_cursor(*arguments)

    def after_commit(act: Callable[[], None]) -> Any:
        def cut_or_act() -> None:
            fuse.touch()
            act()

        return note_commit(cut_or_act)

    note_commit = database.after_commit
    database.connect(reuse_if_open=True)
    database.cursor = cursor
    # Between a commit and what is done because of it, the power may go too.
    database.after_commit = after_commit
    return database


def files_of(folder: Path) -> dict[str, bytes]:
    """What stands on the disk now: what was committed, also while a transaction is under way."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(LEFT_BEHIND))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def put_back(folder: Path, files: dict[str, bytes]) -> None:
    """Makes the disk hold these files and no others; no process may be at work on it."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def fill_up(database: Database) -> None:
    """The disk takes no further page: the engine itself says that it is full."""
    [pages] = database.execute_sql("PRAGMA page_count").fetchone()
    database.execute_sql(f"PRAGMA max_page_count = {pages}")


def make_room(database: Database) -> None:
    """The disk has room again."""
    database.execute_sql(f"PRAGMA max_page_count = {PAGES_MOST}")
