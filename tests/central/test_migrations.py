"""A database of before is brought to the present shape with what it holds, on each database."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from peewee import Database
from playhouse.db_url import parse as parse_url
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase
from playhouse.sqlcipher_ext import SqlCipherDatabase

from central_server.storage import procedures, rules
from central_server.storage.database import MIGRATIONS, open_database, reading
from central_server.storage.models import MODELS
from sync_protocol.calendars import TimeLimit
from sync_protocol.procedures import DeadlineRules, ProcedureLimit
from sync_protocol.vocabulary import Channel, LimitUnit, UnitLevel
from tests.postgresql import Server

TODAY = date(2021, 10, 4)
OLD_PROCEDURES = """INSERT INTO procedure
    (code, valid_from, valid_to, name, field, levels, channels, limit_value, limit_unit) VALUES
    ('1.004873', '2019-01-01', NULL, 'Xác nhận tình trạng hôn nhân', 'Hộ tịch', 'commune', 'direct|online',
     '3', 'working_day'),
    ('1.010736', '2019-01-01', NULL, 'Tham vấn', 'Môi trường', 'commune|other', 'direct', '', '')"""

Upgrade = Callable[..., Database]


@pytest.fixture
def upgrade(database_kind: str, field_path: Path, postgresql_server: Callable[[], Server]) -> Iterator[Upgrade]:
    """Makes a database of a migration with old rows in it, and opens it with the program of today."""
    path, url = field_path / "central.db", ""
    if database_kind == "postgresql":
        url = postgresql_server().create("of_before")
    opened: list[Database] = []

    def make(migration: str, *old_rows: str) -> Database:
        old = (
            PooledPostgresqlDatabase(**parse_url(url), prefer_psycopg3=True)
            if url
            else SqlCipherDatabase(str(path), passphrase="")
        )
        with old.connection_context():
            Runner(old, str(MIGRATIONS)).up(migration)
            for statement in old_rows:
                old.execute_sql(statement)
        if url:
            old.close_all()
        opened.append(open_database(path, url))
        return opened[-1]

    yield make
    for database in opened:
        (database.close_all if url else database.close)()
    if url:
        postgresql_server().drop("of_before")


def test_the_limit_of_each_procedure_is_kept(upgrade: Upgrade) -> None:
    database = upgrade("0001_first", OLD_PROCEDURES)

    with reading(database):
        loaded = {each.code: each for each in procedures.procedures_of(UnitLevel.COMMUNE, TODAY)}

    assert loaded["1.004873"].limits == (
        ProcedureLimit(committed=TimeLimit(value=Decimal(3), unit=LimitUnit.WORKING_DAY)),
    )
    assert loaded["1.010736"].limits == ()


def test_what_procedures_did_not_say_before_stays_unsaid(upgrade: Upgrade) -> None:
    database = upgrade("0001_first", OLD_PROCEDURES)

    with reading(database):
        [first, _] = procedures.procedures_of(UnitLevel.COMMUNE, TODAY)

    assert (first.name, first.channels) == ("Xác nhận tình trạng hôn nhân", (Channel.DIRECT, Channel.ONLINE))
    assert (first.service_level, first.on_the_spot, first.fee_vnd, first.fee_basis) == ("none", "none", None, "")
    assert (first.valid_from, first.valid_to, first.other_versions) == (None, None, ())


def test_a_centre_of_before_follows_the_decree(upgrade: Upgrade) -> None:
    database = upgrade("0001_first")

    with reading(database):
        assert rules.rules(TODAY) == DeadlineRules()


def test_every_table_has_the_columns_that_are_asked_for(upgrade: Upgrade) -> None:
    database = upgrade("0001_first", OLD_PROCEDURES)

    with reading(database):
        columns = {model: {each.name for each in database.get_columns(model._meta.table_name)} for model in MODELS}

    assert columns == {model: {each.column_name for each in model._meta.sorted_fields} for model in MODELS}
