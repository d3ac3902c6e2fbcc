"""A centre of 11,000 desks with 100,000 and with 1,000,000 dossiers, and what asking it for standings costs.

Method: the rows of units, desks, machines and dossiers are written straight into the tables, as `bench_province_rows`
tells, the 900,000 dossiers more into the same database. The questions go through the whole application in this
process, as a program or a browser asks them, without the socket: the standings of all desks by the read API, the
summary by districts, and the first page of the list of desks. Of each the median is told when the process has answered
before and nothing arrived since, and that when all machines have been heard since the answer before, so that each desk
is judged again. Each size is asked of a process of its own: what an old one keeps lies all over its memory, and
whatever is measured last in it looks the slower. Statements are those of one answer. Processor time is this process's
own, without what a PostgreSQL server uses beside it. The ratio is of the medians at the larger size to those at the
smaller one.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from peewee import SQL

from central_server.app import create_app
from central_server.central import Central
from central_server.opening import open_central
from central_server.services import tokens
from central_server.serving import settle_memory
from central_server.settings import Settings
from central_server.storage.database import is_postgresql, reading, write_transaction
from central_server.storage.models import DeviceRow
from central_server.storage.tokens import Permission
from central_server.web.present import SESSION_COOKIE
from scripts.bench_province_rows import DAYS, PROVINCE_CODE, centre_of, fill
from scripts.bench_row import Row
from tests.central.browsing import browser
from tests.postgresql import BINARIES, durable_server

DESKS = 11_000
SIZES = (100_000, 1_000_000)
ROUNDS = 25
ROUNDS_AFTER_CONTACTS = 9
QUESTIONS = {
    "standings of all desks by the read API": "/api/read/v1/standings?period=2021-10",
    "summary by districts": "/standings?period=2021-10",
    "page of 150 desks": "/standings/desks?period=2021-10",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer takes: the median, processor time of this process for it, and that after contacts from all."""

    median_ms: float
    cpu_ms: float
    changed_ms: float
    statements: int


def measured_provinces() -> Iterator[Row]:
    """The figures of SQLite, then of PostgreSQL where it is there."""
    yield from measured("SQLite")
    if any(root.glob("*/bin/initdb") for root in BINARIES):
        with durable_server() as server:
            yield from measured("PostgreSQL", server.create("province"))


def measured(engine: str, url: str = "", *, desks: int = DESKS, sizes: tuple[int, int] = SIZES) -> Iterator[Row]:
    """The figures of one engine: each question at both sizes, and the ratio of the two."""
    with tempfile.TemporaryDirectory() as folder:
        central = centre_of(Path(folder), url, desks)
        found: list[dict[str, Asked]] = []
        for held, size in zip((0, *sizes), sizes, strict=False):
            fill(central, desks, held // DAYS, size // DAYS)
            central.database.close()
            with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
                found.append(fresh.submit(_asked, Path(folder), url).result())
    for name in QUESTIONS:
        for size, asked in zip(sizes, found, strict=True):
            head = f"{engine}: {desks:,} desks, {size:,} dossiers, {name}"
            yield Row(head, asked[name].median_ms, "ms")
            yield Row(f"{head}, processor time", asked[name].cpu_ms, "ms")
            yield Row(f"{head}, after contacts from all desks", asked[name].changed_ms, "ms")
            yield Row(f"{head}, statements", asked[name].statements, "")
        ratio = found[1][name].median_ms / found[0][name].median_ms
        yield Row(f"{engine}: {desks:,} desks, {name}, ratio of the two sizes", ratio, "×")


def _asked(folder: Path, url: str) -> dict[str, Asked]:
    """Each question's cost, of a process that has done nothing else."""
    central = open_central(Settings(data=folder, database=url))
    app, secret = create_app(central), _secret(central)
    cookie = browser(app, "tinh").get_cookie(SESSION_COOKIE)
    assert cookie
    headers = {"Authorization": f"Bearer {secret}", "Cookie": f"{SESSION_COOKIE}={cookie.value}"}
    settle_memory()
    client = app.test_client(use_cookies=False)
    # A serving thread keeps its connection.
    with reading(central.database):
        return {name: _cost(central, partial(client.get, path, headers=headers)) for name, path in QUESTIONS.items()}


def _cost(central: Central, ask: Callable[[], Any]) -> Asked:
    ask()
    before_s = time.process_time()
    times = [_ms(ask) for _ in range(ROUNDS)]
    cpu_ms = (time.process_time() - before_s) / ROUNDS * 1e3
    changed = [_ms_after_contacts(central, ask) for _ in range(ROUNDS_AFTER_CONTACTS)]
    with _counted(central) as statements:
        answer = ask()
    assert answer.status_code == 200, answer.text[:300]
    return Asked(statistics.median(times), cpu_ms, statistics.median(changed), len(statements))


def _ms_after_contacts(central: Central, ask: Callable[[], object]) -> float:
    """What an answer takes when every machine has been heard a second later than before."""
    with write_transaction(central.database):
        DeviceRow.update(heard_at=SQL("heard_at + 1000")).execute()
    took_ms = _ms(ask)
    if is_postgresql(central.database):
        # As the server does by itself, in the minutes until all machines are heard again.
        central.database.execute_sql("VACUUM device")
    return took_ms


@contextmanager
def _counted(central: Central) -> Iterator[list[str]]:
    """Notes every SQL statement."""
    statements: list[str] = []
    execute = central.database.execute_sql

    def counting(sql: str, *args: Any, **kwargs: Any) -> Any:
        statements.append(sql)
        return execute(sql, *args, **kwargs)

    central.database.execute_sql = counting
    try:
        yield statements
    finally:
        del central.database.execute_sql


def _ms(do: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    do()
    return (time.perf_counter() - began_s) * 1e3


def _secret(central: Central) -> str:
    name = f"so-lieu-{central.randomness(3).hex()}"
    standings = [Permission.STANDINGS]
    return tokens.issue(central, name, unit_code=PROVINCE_CODE, permissions=standings, days=30, by="cli:bench").secret
