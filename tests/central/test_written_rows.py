"""Rows that go past peewee come back as those that it writes itself, few or many, on either database."""

from datetime import UTC, date, datetime

import pytest

from central_server.central import Central
from central_server.storage.database import (
    COPIED_AS,
    COPIED_LEAST,
    columns_of,
    reading,
    write_rows,
    write_transaction,
)
from central_server.storage.models import MODELS, DossierRow, ReadRow
from tests.conftest import DESK, only_on_postgresql, only_on_sqlite

ODD_TEXTS = ["", "\\N", "a\tb", "a\\b", 'a"b', "Nguyễn Thị Đào", "x" * 2_000]
"""What a format for many rows has to write otherwise than it reads."""


def row(number: int) -> dict[str, object]:
    """A dossier with what is nothing, yes or no, bytes, a day and an instant in its columns."""
    text, at = ODD_TEXTS[number % len(ODD_TEXTS)], datetime(2021, 10, 4, 1, number % 60, tzinfo=UTC)
    is_done = bool(number % 2)
    return {
        "desk": DESK, "id": f"1.1.{number}", "dossier_code": text, "procedure_code": text, "channel": "direct",
        "stage": "received", "received_at": at, "received_on": date(2021, 10, 4), "recorded_at": at,
        "recorded_on": date(2021, 10, 4), "received_by": text, "due_at": at if is_done else None,
        "due_on": date(2021, 10, 9) if is_done else None, "resolved_at": None, "ended_on": None, "delivered_at": None,
        "delivered_on": None, "delivered_by": "", "is_supplemented": is_done, "paid_on": None, "payment_method": "",
        "rated_on": None, "rating": "", "state": bytes([0, 9, 10, 92, number % 256]),
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, COPIED_LEAST - 1, COPIED_LEAST, 100])
def test_rows_are_kept_as_peewee_keeps_them(central: Central, count: int) -> None:
    rows = [row(number) for number in range(count)]
    with write_transaction(central.database):
        DossierRow.insert_many(rows).execute()
        theirs = list(DossierRow.select().order_by(DossierRow.id).dicts())
        DossierRow.delete().execute()

        write_rows(central.database, DossierRow, columns_of(rows))

    with reading(central.database):
        ours = list(DossierRow.select().order_by(DossierRow.id).dicts())
        on_the_day = DossierRow.select().where(DossierRow.received_on == date(2021, 10, 4)).count()
    assert ours == theirs
    assert len(ours) == on_the_day == count


@pytest.mark.parametrize("count", [1, 100])
def test_a_row_of_a_known_key_is_replaced_where_that_is_asked_for(central: Central, count: int) -> None:
    rows = [row(number) for number in range(count)]
    with write_transaction(central.database):
        write_rows(central.database, DossierRow, columns_of(rows))

        changed = [each | {"stage": "resolved", "due_on": None} for each in rows]
        write_rows(central.database, DossierRow, columns_of(changed), update=("stage", "due_on"))

    with reading(central.database):
        found = set(DossierRow.select(DossierRow.stage, DossierRow.due_on).tuples())
        assert DossierRow.select().count() == count
    assert found == {("resolved", None)}


@only_on_postgresql
def test_every_column_is_of_the_type_as_which_it_is_copied(central: Central) -> None:
    told = "SELECT table_name, column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public'"
    with reading(central.database):
        types = {(table, column): type_ for table, column, type_ in central.database.execute_sql(told).fetchall()}

    # Numbers that the database gives by itself are not written.
    fields = [field for model in MODELS for field in model._meta.sorted_fields if field is not ReadRow.number]
    copied = {(each.model._meta.table_name, each.column_name): COPIED_AS[each.field_type] for each in fields}

    assert copied == {column: types[column] for column in copied}


@only_on_sqlite
def test_sqlite_builds_no_table_for_a_row_to_see_in_which_indexes_it_stands(
    central: Central, database_kind: str
) -> None:
    """For each list of more than two values in the condition of an index it would, with every row anew."""
    with reading(central.database):
        steps = {
            model: central.database.execute_sql(
                f"EXPLAIN INSERT INTO {model._meta.table_name} DEFAULT VALUES"
            ).fetchall()
            for model in MODELS
        }

    assert [model for model, each in steps.items() if "OpenEphemeral" in str(each)] == []


def test_a_column_of_which_nothing_is_said_is_null(central: Central) -> None:
    """Rows of which none says anything in a column are written without it, so none may have a default."""
    with reading(central.database):
        columns = [each for model in MODELS for each in central.database.get_columns(model._meta.table_name)]

    assert [f"{each.table}.{each.name}" for each in columns if each.null and each.default is not None] == []
    assert [
        field for model in MODELS for field in model._meta.sorted_fields if field.null and field.default is not None
    ] == []
