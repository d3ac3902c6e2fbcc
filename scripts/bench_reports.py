"""What the reports of a province cost: a month's and a year's, on each engine, with how many questions they ask.

The centre has the demo world's 146 desks and 400,000 dossiers of the year and as many of the one before, with which it
is compared, written as their events would have left them. Medians.
"""

import logging
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any

from central_server.central import Central
from central_server.opening import open_central, prepare_folder
from central_server.services import founding
from central_server.services.reporting import make_report
from central_server.settings import Settings
from central_server.storage import procedures, units
from central_server.storage.database import is_postgresql, reading, write_rows, write_transaction
from central_server.storage.models import DossierRow
from central_server.storage.units import EVERYTHING
from scripts.bench_row import Row
from scripts.demo_show import LOADS
from scripts.demo_world import REFERENCE
from sync_protocol.instants import local_instant, parse_instant
from sync_protocol.periods import Period
from tests.postgresql import BINARIES, durable_server

DOSSIERS = 400_000
BATCH = 20_000
ROUNDS = 3
LAST_MONTH = (2021, 10)


def measured_reports() -> Iterator[Row]:
    """The figures of SQLite, then of PostgreSQL where it is there."""
    yield from _measured("SQLite")
    if any(root.glob("*/bin/initdb") for root in BINARIES):
        with durable_server() as server:
            yield from _measured("PostgreSQL", server.create("reports"))


def _measured(engine: str, url: str = "") -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        central = _centre(Path(folder), url)
        series = central.about().series
        month, year, both_years = (series.months(*LAST_MONTH, count=count) for count in (1, 12, 24))
        _fill(central, both_years, 2 * DOSSIERS)
        for what, layout, period in (("month", "monthly", month), ("year", "yearly", year)):
            report = _reporting(central, layout, period)
            with _counted_statements() as statements:
                report()
            median_s = statistics.median(_seconds(report) for _ in range(ROUNDS))
            yield Row(f"{engine}: a province's {what} of a year of 400,000 dossiers", median_s, "s")
            yield Row(f"{engine}: statements of a {what}'s report", len(statements), "")
        # SQLite has one connection, PostgreSQL a pool of them.
        (central.database.close_all if url else central.database.close)()


def _centre(folder: Path, url: str) -> Central:
    prepare_folder(folder)
    central = open_central(Settings(data=folder, database=url))
    founding.found(central, training=True)
    founding.set_clock(central, parse_instant("2021-10-25T08:00:00+07:00"))
    for what, name in LOADS:
        founding.load(central, what, (REFERENCE / name).read_text("utf-8"))
    return central


def _fill(central: Central, period: Period, count: int) -> None:
    """Writes the dossiers alone, in the order of their days, as most of them come."""
    chance = random.Random(2021)
    with reading(central.database):
        desks, codes = units.desk_codes(), sorted(procedures.facts(period.last_on))
    days = (period.last_on - period.first_on).days + 1
    for start in range(0, count, BATCH):
        rows = [
            _dossier(number, period.first_on + timedelta(days=number * days // count), chance, desks, codes)
            for number in range(start, start + BATCH)
        ]
        with write_transaction(central.database):
            write_rows(central.database, DossierRow, {name: [row[name] for row in rows] for name in rows[0]})
    with reading(central.database):
        # On PostgreSQL as the server does by itself, within a minute after so many rows came.
        central.database.execute_sql("VACUUM ANALYZE" if is_postgresql(central.database) else "ANALYZE")


def _dossier(number: int, on: date, chance: random.Random, desks: list[str], codes: list[str]) -> dict[str, Any]:
    received_at = local_instant(on, wall_time(9, number % 60))
    ended_on = on + timedelta(days=chance.randrange(9)) if chance.random() < 0.97 else None
    delivered_on = ended_on if ended_on and chance.random() < 0.8 else None
    is_paid, is_rated = chance.random() < 0.5, delivered_on is not None and chance.random() < 0.2
    return {
        "desk": chance.choice(desks),
        "id": f"1.1.{number + 1}",
        "dossier_code": f"H62-{number}",
        "procedure_code": chance.choice(codes),
        "channel": chance.choice(("direct", "direct", "online", "post")),
        "stage": "delivered" if delivered_on else "resolved" if ended_on else "processing",
        "received_at": received_at,
        "received_on": on,
        "recorded_at": received_at,
        "recorded_on": on,
        "received_by": "truong",
        "due_at": local_instant(on + timedelta(days=5), wall_time(17)),
        "due_on": on + timedelta(days=5),
        "resolved_at": received_at if ended_on else None,
        "ended_on": ended_on,
        "delivered_at": received_at if delivered_on else None,
        "delivered_on": delivered_on,
        "delivered_by": chance.choice(("counter", "post")) if delivered_on else "",
        "is_supplemented": chance.random() < 0.03,
        "paid_on": on if is_paid else None,
        "payment_method": chance.choice(("cash", "non_cash")) if is_paid else "",
        "rated_on": delivered_on if is_rated else None,
        "rating": chance.choice(("very_satisfied", "satisfied", "not_satisfied")) if is_rated else "",
        # As large as a state is.
        "state": bytes(350),
    }


def _reporting(central: Central, layout: str, period: Period) -> Callable[[], object]:
    return lambda: make_report(central, EVERYTHING, layout, period)


def _seconds(do: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    do()
    return time.perf_counter() - began_s


@contextmanager
def _counted_statements() -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(str(record.msg))  # type: ignore[method-assign]
    logger = logging.getLogger("peewee")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
