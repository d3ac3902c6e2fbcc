"""A database of before is brought to the present shape with what it holds, on each database."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from peewee import Database
from playhouse.db_url import parse as parse_url
from playhouse.migrations import Runner
from playhouse.pool import PooledPostgresqlDatabase
from playhouse.sqlcipher_ext import SqlCipherDatabase

from central_server.storage import centre, declarations, dossiers, knowing, models, procedures, rules, undecided
from central_server.storage.database import MIGRATIONS, open_database, reading, write_transaction
from central_server.storage.declarations import DeclaredLine
from central_server.storage.models import MODELS
from sync_protocol.calendars import TimeLimit
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Declared
from sync_protocol.periods import Period
from sync_protocol.procedures import DeadlineRules, ProcedureLimit
from sync_protocol.vocabulary import (
    Channel,
    Declaration,
    DeliveryMethod,
    DossierStage,
    LimitUnit,
    ResultKind,
    UnitLevel,
)
from tests.conftest import DESK, only_on_postgresql
from tests.factories import NOW
from tests.postgresql import Server

TODAY = date(2021, 10, 4)
OLD_PROCEDURES = """INSERT INTO procedure
    (code, valid_from, valid_to, name, field, levels, channels, limit_value, limit_unit) VALUES
    ('1.004873', '2019-01-01', NULL, 'Xác nhận tình trạng hôn nhân', 'Hộ tịch', 'commune', 'direct|online',
     '3', 'working_day'),
    ('1.010736', '2019-01-01', NULL, 'Tham vấn', 'Môi trường', 'commune|other', 'direct', '', '')"""

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))

OLD_DOSSIER = Dossier(
    id="1.1.3",
    dossier_code="H62.11.01-211004-1002",
    slip_code="H62.11.01-211004-1002",
    procedure_code="1.004873",
    channel=Channel.DIRECT,
    stage=DossierStage.RECEIVED,
    received_at=NOW,
    recorded_at=NOW + timedelta(milliseconds=1500),
    received_by="an.nv",
)

Upgrade = Callable[..., Database]


def milliseconds(instant: datetime) -> int:
    """An instant as tables hold it."""
    return round(instant.timestamp() * 1000)


def old_dossier(id_: str, code: str, stage: str, *hours: int, desk: str = DESK) -> str:
    """A dossier of the first release; `hours` after its reception it was resolved, and handed over."""
    resolved_at, delivered_at = [*(milliseconds(NOW + timedelta(hours=each)) for each in hours), "NULL", "NULL"][:2]
    return (
        "INSERT INTO dossier (desk, id, dossier_code, procedure_code, channel, stage, received_at, received_on,"
        " recorded_at, received_by, resolved_at, delivered_at) VALUES"
        f" ('{desk}', '{id_}', '{code}', '1.004873', 'direct', '{stage}', {milliseconds(NOW)}, '2021-10-04',"
        f" {milliseconds(NOW) + 1500}, 'an.nv', {resolved_at}, {delivered_at})"
    )


def old_dossiers() -> list[str]:
    """Dossiers at each stage of the first release, and one of another desk under the same id."""
    return [
        old_dossier("1.1.2", "H62.11.01-211004-1001", "delivered", 1, 2),
        old_dossier("1.1.3", "H62.11.01-211004-1002", "received"),
        old_dossier("1.1.4", "H62.11.01-211004-1003", "voided"),
        old_dossier("1.1.5", "H62.11.01-211004-1004", "resolved", 1),
        old_dossier("1.1.2", "H62.11.02-211004-1001", "received", desk="H62.11.02"),
    ]


def old_entries(database_kind: str) -> list[str]:
    """Their steps: the second device handed one over, and the entry of sequence 7 was set aside."""
    blob = "BYTEA" if database_kind == "postgresql" else "BLOB"
    entries = (
        (1, 6, "resolve", "1.1.2", '{"result_kind":"refused_after_appraisal"}'),
        (2, 3, "deliver", "1.1.2", '{"delivered_by":"post","delivered_to":"Nguyen Thi Huong"}'),
        (1, 7, "deliver", "1.1.3", '{"delivered_to":"Nguyen Thi Huong"}'),
        (1, 8, "resolve", "1.1.5", "{}"),
        (1, 9, "void", "1.1.4", '{"reason":"Nhap trung"}'),
    )
    statements = []
    for number, (slot, sequence, kind, subject, payload) in enumerate(entries, start=1):
        key = f"'{DESK}', {slot}, 1, {sequence}"
        empty = f"CAST('' AS {blob})"
        statements.append(
            "INSERT INTO entry (desk, slot, epoch, sequence, ledger, arrived_at, kind, subject, header, payload_hash,"
            f" entry_hash) VALUES ({key}, {number}, 0, '{kind}', '{subject}', {empty}, {empty}, {empty})"
        )
        statements.append(
            "INSERT INTO payload (desk, slot, epoch, sequence, salt, bytes)"
            f" VALUES ({key}, {empty}, CAST('{payload}' AS {blob}))"
        )
    statements.append(
        "INSERT INTO verdict (desk, slot, epoch, sequence, kind, reason)"
        f" VALUES ('{DESK}', 1, 1, 7, 'quarantined', 'illegal_transition')"
    )
    return statements


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


def test_each_dossier_gets_the_state_that_its_columns_and_entries_tell(upgrade: Upgrade, database_kind: str) -> None:
    database = upgrade("0002_limits", *old_dossiers(), *old_entries(database_kind))

    with reading(database):
        found = dossiers.by_refs(DESK, ["1.1.2", "1.1.3", "1.1.4", "1.1.5"])

    told = {each.dossier.id: each.dossier for each in found}

    assert told["1.1.2"] == replace(
        OLD_DOSSIER,
        id="1.1.2",
        dossier_code="H62.11.01-211004-1001",
        slip_code="H62.11.01-211004-1001",
        stage=DossierStage.DELIVERED,
        result_kind=ResultKind.REFUSED_AFTER_APPRAISAL,
        resolved_at=NOW + timedelta(hours=1),
        delivered_at=NOW + timedelta(hours=2),
        delivered_by=DeliveryMethod.POST,
        seen={"1.1": 6, "2.1": 3},
    )
    assert told["1.1.3"] == OLD_DOSSIER
    assert (told["1.1.4"].stage, told["1.1.4"].seen) == (DossierStage.VOIDED, {"1.1": 9})
    assert (told["1.1.5"].result_kind, told["1.1.5"].delivered_by) == (ResultKind.GRANTED, None)


def test_a_dossier_of_before_lives_on(upgrade: Upgrade, database_kind: str) -> None:
    database = upgrade("0002_limits", *old_dossiers(), *old_entries(database_kind))

    with write_transaction(database):
        [before] = dossiers.by_refs(DESK, ["H62.11.01-211004-1002"])
        dossier = replace(before.dossier, stage=DossierStage.PROCESSING)
        dossiers.keep(database, DESK, opened=[], changed=[replace(before, dossier=dossier)])
        [after] = dossiers.by_refs(DESK, ["1.1.3"])

    assert (after.dossier, after.recorded_on) == (replace(OLD_DOSSIER, stage=DossierStage.PROCESSING), TODAY)


def test_desks_of_before_keep_their_dossiers_apart(upgrade: Upgrade, database_kind: str) -> None:
    database = upgrade("0002_limits", *old_dossiers(), *old_entries(database_kind))

    with reading(database):
        [other] = dossiers.by_refs("H62.11.02", ["1.1.2"])

    assert (other.dossier.dossier_code, other.dossier.stage, other.dossier.seen) == (
        "H62.11.02-211004-1001",
        DossierStage.RECEIVED,
        {},
    )


def test_entries_that_were_set_aside_before_are_found_by_what_they_are_about(
    upgrade: Upgrade, database_kind: str
) -> None:
    database = upgrade("0002_limits", *old_dossiers(), *old_entries(database_kind))

    with reading(database):
        row = models.VerdictRow
        told = list(row.select(row.sequence, row.reason, row.subject).tuples())

    assert told == [(7, "illegal_transition", "1.1.3")]


def test_a_declaration_of_before_stands_unexplained(upgrade: Upgrade) -> None:
    database = upgrade(
        "0002_limits",
        "INSERT INTO declaration (desk, slot, first_on, last_on, declaration, stated_at)"
        f" VALUES ('{DESK}', 1, '2021-09-21', '2021-10-20', 'nil', {milliseconds(NOW)})",
    )

    with reading(database):
        [line] = declarations.of_desk(DESK, OCTOBER)

    assert line == DeclaredLine(
        slot=1,
        declared=Declared(period=OCTOBER, declaration=Declaration.NIL),
        clerk="",
        declared_at=None,
        stated_at=NOW,
    )


def old_device(database_kind: str) -> list[str]:
    """A device with an epoch beside its present one, what both hold back, its word, and a reception that waits."""
    empty, at = f"CAST('' AS {'BYTEA' if database_kind == 'postgresql' else 'BLOB'})", milliseconds(NOW)
    contact = f"{at}, {at}, 4, {at - 1000}, 'a.1.b', ''"
    return [
        "INSERT INTO centre (id, training, incarnation, threshold, period_last_day, serial_first, serials_per_slot)"
        f" VALUES (1, {'false' if database_kind == 'postgresql' else 0}, 'a', 50, 20, 1, 9)",
        "INSERT INTO device (desk, slot, state, signing_key, agreement_key, certificate, certificate_signature,"
        " enrolled_at, app_version, epoch, head, head_hash, heard_at, stated_at, stated_head, covered_until, ticket,"
        f" previous_ticket, state_since) VALUES ('{DESK}', 1, 'active', {empty}, {empty}, {empty}, {empty},"
        f" {at - 9000}, '0.1.0', 2, 4, {empty}, {contact}, {at - 9000})",
        "INSERT INTO branch (desk, slot, epoch, app_version, head, head_hash, heard_at, stated_at, stated_head,"
        f" covered_until, ticket, previous_ticket, left_at, leaves_open) VALUES ('{DESK}', 1, 1, '0.1.0', 3, {empty},"
        f" {contact}, NULL, {'true' if database_kind == 'postgresql' else 1})",
        f"INSERT INTO unsent (desk, slot, received_on, count) VALUES ('{DESK}', 1, '2021-10-01', 3)",
        f"INSERT INTO branch_unsent (desk, slot, epoch, received_on, count) VALUES ('{DESK}', 1, 1, '2021-10-04', 2)",
        "INSERT INTO declaration (desk, slot, first_on, last_on, declaration, stated_at, cause, note,"
        " paper_register_last, certification_book_last, clerk)"
        f" VALUES ('{DESK}', 1, '2021-09-21', '2021-10-20', 'complete', {at}, '', '', '', '', '')",
        "INSERT INTO entry (desk, slot, epoch, sequence, ledger, arrived_at, kind, subject, header, payload_hash,"
        f" entry_hash) VALUES ('{DESK}', 1, 2, 4, 1, {at}, 'receive', '', {empty}, {empty}, {empty})",
        "INSERT INTO verdict (desk, slot, epoch, sequence, kind, reason, received_on, subject)"
        f" VALUES ('{DESK}', 1, 2, 4, 'quarantined', 'bad_payload', '2021-10-04', '')",
    ]


def test_what_is_known_of_a_device_of_before_is_remembered_from_then_on(upgrade: Upgrade, database_kind: str) -> None:
    database = upgrade("0011_period_counts", *old_device(database_kind))

    with reading(database):
        [device] = knowing.devices_as_of(NOW)[DESK]
        now = knowing.devices_now()[DESK]
        words = declarations.by_desk(OCTOBER, as_of=NOW)
        waiting = undecided.undecided(OCTOBER, as_of=NOW)
        first_at = centre.known_from()

    assert [device] == now
    assert (device.present.unsent, device.beside[0].unsent) == ({date(2021, 10, 1): 3}, {date(2021, 10, 4): 2})
    assert (words, waiting, first_at) == ({DESK: {1: Declaration.COMPLETE}}, {DESK: 1}, NOW)


def test_every_table_has_the_columns_that_are_asked_for(upgrade: Upgrade) -> None:
    database = upgrade("0001_first", OLD_PROCEDURES)

    with reading(database):
        columns = {model: {each.name for each in database.get_columns(model._meta.table_name)} for model in MODELS}

    assert columns == {model: {each.column_name for each in model._meta.sorted_fields} for model in MODELS}


@only_on_postgresql
def test_the_server_looks_after_dossiers_before_a_fifth_of_them_changed(upgrade: Upgrade, database_kind: str) -> None:
    database = upgrade("0027_report_indexes")

    with reading(database):
        [[settings]] = database.execute_sql("SELECT reloptions FROM pg_class WHERE relname = 'dossier'").fetchall()

    assert {setting.partition("=")[2] for setting in settings} == {"0.02"}
