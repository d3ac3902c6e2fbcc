"""Imports under way: each in a thread of its own, so that its page can show how far it is and the desk goes on."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from desk_client.desk import Desk
from desk_client.services.importing import Order, import_rows, try_rows
from desk_client.services.row_taking import RowResult
from desk_client.sheets.columns import Field
from desk_client.storage.database import reading
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.vocabulary import Source

TOKEN_BYTES = 16
JOBS_MAX = 4
"""Files kept in memory; the oldest one that is not under way makes room for a new one."""

log = logging.getLogger(__name__)


class TooManyImports(FieldSyncError):
    """Every import that is kept is still under way."""

    code = "too_many_imports"
    text = N_("Other files are still being taken in. Nothing of this one was; wait for them and give it again.")


class UnknownImport(FieldSyncError):
    """A file that is not kept any more, or is another clerk's."""

    code = "unknown_import"
    text = N_(
        "This file is not kept here any more, or another clerk has given it. What was taken in is safe; give the file"
        " again, nothing is taken in twice."
    )


class ImportUnderWay(FieldSyncError):
    """A file is being read already."""

    code = "import_under_way"
    text = N_("This file is just being read, so nothing was changed. Wait until it is done, then try again.")


class ImportBroken(FieldSyncError):
    """An import ended in a way that nobody foresaw."""

    code = "import_broken"
    text = N_("The import stopped. The rows that were taken in before are safe; give the same file again to go on.")


class Phase(StrEnum):
    """How far a file is."""

    GIVEN = "given"
    TRYING = "trying"
    TRIED = "tried"
    TAKING = "taking"
    TAKEN = "taken"


UNDER_WAY = frozenset({Phase.TRYING, Phase.TAKING})


@dataclass(slots=True)
class ImportJob:
    """A file of a clerk, what would become of its rows, and what became of them.

    name     of the file, as the clerk knows it
    results  of the phase under way or done last, in the order of the rows
    error    why it stopped, None while all goes well
    """

    token: str
    clerk: str
    name: str
    order: Order
    phase: Phase = Phase.GIVEN
    results: list[RowResult] = field(default_factory=list)
    error: FieldSyncError | None = None
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_under_way(self) -> bool:
        """Whether rows are being read just now."""
        return self.phase in UNDER_WAY

    def try_again(self, desk: Desk, mapping: Mapping[Field, int], source: Source) -> None:
        """Tries the rows under another mapping; raises ImportUnderWay."""
        self._begin(desk, replace(self.order, mapping=mapping, source=source), Phase.TRYING)

    def take(self, desk: Desk, then: Callable[[], None]) -> None:
        """Takes the rows in, once: a second click changes nothing of what was told. Raises ImportUnderWay.

        then  is called when they are in
        """
        if self.phase is not Phase.TAKEN or self.error:
            self._begin(desk, self.order, Phase.TAKING, then)

    def wait(self) -> None:
        """Returns when nothing is under way any more."""
        if self._thread:
            self._thread.join()

    def _begin(self, desk: Desk, order: Order, phase: Phase, then: Callable[[], None] | None = None) -> None:
        with self._lock:
            if self.is_under_way:
                raise ImportUnderWay
            self.phase, self.order, self.results, self.error = phase, order, [], None
        rows = import_rows if phase is Phase.TAKING else try_rows
        self._thread = threading.Thread(target=self._run, args=(desk, rows, then), name="import", daemon=True)
        self._thread.start()

    def _run(self, desk: Desk, rows: Callable[..., Iterator[RowResult]], then: Callable[[], None] | None) -> None:
        try:
            with reading(desk.database):
                for result in rows(desk, self.order, clerk=self.clerk):
                    self.results.append(result)
        except FieldSyncError as error:
            self.error = error
        # The page has to hear of a bug too; what it says may hold personal data, so only its name is logged.
        except Exception as error:
            log.error("import stopped: %s", type(error).__name__)
            self.error = ImportBroken()
        self.phase = Phase.TAKEN if self.phase is Phase.TAKING else Phase.TRIED
        if then:
            then()


@dataclass(slots=True)
class ImportJobs:
    """The files that were given since the program started."""

    _jobs: dict[str, ImportJob] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, desk: Desk, order: Order, *, clerk: str, name: str) -> ImportJob:
        """Keeps a file and tries its rows; raises TooManyImports."""
        job = ImportJob(token=desk.randomness(TOKEN_BYTES).hex(), clerk=clerk, name=name, order=order)
        with self._lock:
            self._make_room()
            self._jobs[job.token] = job
            job.try_again(desk, order.mapping, order.source)
        return job

    def of(self, token: str, clerk: str) -> ImportJob:
        """A clerk's own file; raises UnknownImport for any other."""
        job = self._jobs.get(token)
        if job is None or job.clerk != clerk:
            raise UnknownImport
        return job

    def _make_room(self) -> None:
        if len(self._jobs) < JOBS_MAX:
            return
        idle = next((token for token, job in self._jobs.items() if not job.is_under_way), None)
        if idle is None:
            raise TooManyImports
        del self._jobs[idle]
