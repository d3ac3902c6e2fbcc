"""The measurements run and measure something; how fast it is, no test asserts."""

import re
from pathlib import Path

import pytest

from central_server.storage.database import open_database, reading
from central_server.storage.models import DossierRow
from scripts import bench_province
from scripts.bench_measures import measured
from scripts.bench_plain import Dossier, DossierSchema
from scripts.bench_readme import CENTRE, DESK, ENGINES, UNKNOWN, WIRE, block
from scripts.bench_row import Row
from scripts.bench_wire import BATCHES
from sync_protocol.schemas import SCHEMAS
from sync_protocol.vocabulary import EventKind

NAMES = [
    *(name.format(size) for name in WIRE.values() for size in BATCHES),
    *(name for name, _ in DESK.values()),
    *(name.format(engine) for name, _ in CENTRE.values() for engine in ENGINES),
    "wire: a contact that has nothing new",
    "wire: the headers of a request, statement or not",
    "wire: the floor, 9 dossiers in columns under xz",
]
NOT_OF_RECEPTIONS = (
    "ended_on IS NOT NULL",
    "delivered_on IS NOT NULL",
    "recorded_on > received_on",
    "paid_on IS NOT NULL",
    "rated_on IS NOT NULL",
)
"""Conditions of indexes that a dossier enters later in its life, or where it was entered late."""


@pytest.mark.slow
def test_every_figure_is_measured(tmp_path: Path) -> None:
    rows = list(measured(tmp_path))

    assert len({row.name for row in rows}) == len(rows) >= 40
    assert all(row.value > 0 for row in rows)


@pytest.mark.slow
def test_the_standings_of_very_many_desks_are_measured_at_both_sizes() -> None:
    rows = {row.name: row.value for row in bench_province.measured("SQLite", desks=450, sizes=(250, 500))}

    assert len(rows) == len(bench_province.QUESTIONS) * 9
    assert all(value > 0 for value in rows.values())


def test_the_plain_service_takes_and_keeps_all_that_a_reception_may_say() -> None:
    said = set(SCHEMAS[EventKind.RECEIVE].fields)

    assert said <= set(DossierSchema().fields)
    assert said <= set(Dossier._meta.fields)


def test_the_plain_service_keeps_the_key_and_the_indexes_that_a_reception_enters_at_the_centre(tmp_path: Path) -> None:
    told = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'dossier' AND sql IS NOT NULL"
    database = open_database(tmp_path / "central.db")

    with reading(database):
        indexes = [sql for (sql,) in database.execute_sql(told).fetchall()]
    entered = [sql for sql in indexes if not any(condition in sql for condition in NOT_OF_RECEPTIONS)]

    assert columns(entered) == sorted(names for names, _ in Dossier._meta.indexes)
    assert Dossier._meta.primary_key.field_names == DossierRow._meta.primary_key.field_names
    assert not any(field.index or field.unique for field in Dossier._meta.sorted_fields)


def columns(indexes: list[str]) -> list[tuple[str, ...]]:
    """The columns of indexes by the statements that made them."""
    lists = [re.search(r"\(([^()]*)\)", sql) for sql in indexes]
    return sorted(tuple(re.findall(r"\w+", each[1])) for each in lists if each)


def test_readme_takes_every_figure_that_it_tells_from_a_run() -> None:
    told = block([Row(name, 1_234.5, "") for name in NAMES])

    assert UNKNOWN not in told
    assert told.count("1,23") == len(NAMES)


def test_what_was_not_measured_is_a_dash_in_readme() -> None:
    assert block([]).count(UNKNOWN) == len(NAMES)
