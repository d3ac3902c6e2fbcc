"""A statement that is made once gives what peewee's own gives, whatever it is asked with."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from peewee import Query, Select

from central_server import storage
from central_server.central import Central
from central_server.storage.database import reading, write_transaction
from central_server.storage.models import Entry, Unsent
from central_server.storage.prepared import Prepared
from tests.central.writing import DAY, enrolled_writer
from tests.conftest import DESK

ASKED_WITH: dict[str, Any] = {
    "desk": DESK,
    "code": DESK,
    "slot": 1,
    "epoch": 1,
    "first": 1,
    "last": 9,
    "after": 0,
    "up_to": 9,
    "head": 9,
    "ledger": 0,
    "limit": 5,
    "state": "active",
    "reason": "unknown_dossier",
    "kind": "erase",
    "before": datetime.fromisoformat("2030-01-01T00:00:00+00:00"),
    "first_on": date(2021, 1, 1),
    "last_on": date(2021, 12, 31),
    "scopes": DESK,
    "desks": DESK,
}
"""A value for each name of an argument, with which there are rows of one machine's contact where the centre has any."""


def prepared_questions() -> Iterator[tuple[str, Prepared, list[Any]]]:
    """Every prepared question of the storage by its name, with what it is asked; others write."""
    for module in pkgutil.iter_modules(storage.__path__, f"{storage.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            arguments = inspect.signature(value.make).parameters if isinstance(value, Prepared) else {"": None}
            if arguments.keys() <= ASKED_WITH.keys():
                asked = [ASKED_WITH[argument] for argument in arguments]
                if isinstance(value.make(*asked), Select):
                    yield f"{module.name.rpartition('.')[2]}.{name}", value, asked


@pytest.mark.parametrize(("question", "asked"), [pytest.param(*rest, id=name) for name, *rest in prepared_questions()])
def test_a_prepared_question_gives_the_rows_that_peewee_gives(
    central: Central, question: Prepared, asked: list[Any]
) -> None:
    writer = enrolled_writer(central)
    writer.receive()
    writer.void("1.1.9")
    writer.send(writer.contact())

    with reading(central.database):
        rows = question(*asked)
        of_peewee = list(question.make(*asked).tuples())

    assert rows == of_peewee
    assert [[type(value) for value in row] for row in rows] == [[type(value) for value in row] for row in of_peewee]


def test_instants_go_in_and_come_out_as_fields_have_them(central: Central) -> None:
    writer = enrolled_writer(central)
    writer.receive()
    writer.send(writer.contact())

    @Prepared
    def arrived(at: Any) -> Query:
        return Entry.select(Entry.arrived_at, Entry.received_on).where(Entry.arrived_at == at)

    with reading(central.database):
        assert set(arrived(central.now())) == {(central.now(), None), (central.now(), DAY)}


def test_what_is_prepared_writes_with_other_values_each_time(central: Central) -> None:
    @Prepared
    def more(day: Any, count: Any) -> Query:
        return Unsent.insert(desk=DESK, slot=1, received_on=day, count=count)

    with write_transaction(central.database):
        more(date(2021, 10, 4), 2)
        more(date(2021, 10, 5), 3)
        rows = list(Unsent.select(Unsent.received_on, Unsent.count).order_by(Unsent.received_on).tuples())

    assert rows == [(date(2021, 10, 4), 2), (date(2021, 10, 5), 3)]


def test_a_statement_is_made_once_for_as_many_arguments(central: Central) -> None:
    made: list[int] = []

    @Prepared
    def of_days(*days: Any) -> Query:
        made.append(len(days))
        return Unsent.select(Unsent.count).where(Unsent.received_on.in_(days))

    with reading(central.database):
        for days in ([DAY], [DAY], [DAY, DAY], [DAY]):
            of_days(*days)

    assert made == [1, 2]
