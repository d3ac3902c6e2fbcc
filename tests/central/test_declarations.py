"""What a desk declares of a period: the last word stands, with the explanation that belongs to it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from central_server.central import Central
from central_server.storage import declarations
from central_server.storage.database import reading
from central_server.storage.declarations import DeclaredLine
from sync_protocol.events import Declared
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Cause, Declaration
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK
from tests.factories import NOW, StandingClock

OCTOBER = Period(first_on=date(2021, 9, 21), last_on=date(2021, 10, 20))
DECLARED_AT = datetime(2021, 10, 20, 9, 42, tzinfo=UTC)
"""16:42 local on the last day of the period."""

EXPLAINED: dict[str, Any] = {
    "period": str(OCTOBER),
    "declaration": "complete",
    "cause": "no_network",
    "note": "Đứt cáp từ 12/10",
    "paper_register_last": "412",
    "certification_book_last": "95",
}


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def say(writer: Writer, **content: Any) -> None:
    """Seals a declaration."""
    writer.write("declare", {"period": str(OCTOBER)} | content, clerk="an.nv", happened_at=DECLARED_AT)


def lines(central: Central) -> list[DeclaredLine]:
    """What the machines of H62.11.01 declared of the period."""
    with reading(central.database):
        return declarations.of_desk(DESK, OCTOBER)


def test_a_declaration_is_kept_with_what_explains_it_and_who_declared_it(writer: Writer, central: Central) -> None:
    say(writer, **EXPLAINED)

    writer.send(writer.contact(declarations=((OCTOBER, Declaration.COMPLETE),)))

    assert lines(central) == [
        DeclaredLine(
            slot=1,
            declared=Declared(
                period=OCTOBER,
                declaration=Declaration.COMPLETE,
                cause=Cause.NO_NETWORK,
                note="Đứt cáp từ 12/10",
                paper_register_last="412",
                certification_book_last="95",
            ),
            clerk="an.nv",
            declared_at=DECLARED_AT,
            stated_at=NOW,
        )
    ]


def test_the_word_of_a_statement_counts_before_its_explanation_arrives(writer: Writer, central: Central) -> None:
    say(writer, **EXPLAINED)

    writer.send(writer.alone(declarations=((OCTOBER, Declaration.COMPLETE),)))
    [before] = lines(central)
    writer.send(writer.contact(declarations=((OCTOBER, Declaration.COMPLETE),)))
    [after] = lines(central)

    assert (before.declared, before.clerk) == (Declared(period=OCTOBER, declaration=Declaration.COMPLETE), "")
    assert (after.declared.cause, after.clerk) == (Cause.NO_NETWORK, "an.nv")


def test_the_last_word_brings_its_own_explanation(writer: Writer, central: Central, clock: StandingClock) -> None:
    say(writer, declaration="nil", cause="nothing_arose", note="Lũ")
    writer.send()
    clock.move(minutes=5)
    say(writer, declaration="complete", cause="staff")

    writer.send(writer.contact(first=3))

    [line] = lines(central)
    assert (line.declared.declaration, line.declared.cause, line.declared.note) == ("complete", Cause.STAFF, "")
    assert line.stated_at == NOW + timedelta(minutes=5)


def test_the_last_word_counts_where_several_come_together(writer: Writer, central: Central) -> None:
    say(writer, declaration="nil", cause="nothing_arose")
    say(writer, declaration="complete", cause="staff")
    both = ((OCTOBER, Declaration.NIL), (OCTOBER, Declaration.COMPLETE))

    writer.send(writer.contact(declarations=both))

    [line] = lines(central)
    assert (line.declared.declaration, line.declared.cause) == ("complete", Cause.STAFF)


def test_an_explanation_of_another_word_does_not_stay(writer: Writer, central: Central) -> None:
    say(writer, declaration="nil", cause="nothing_arose", note="Lũ")
    writer.send()
    say(writer, declaration="complete", cause="staff")

    writer.send(writer.alone(acknowledged=2, declarations=((OCTOBER, Declaration.COMPLETE),)))

    [line] = lines(central)
    assert line.declared == Declared(period=OCTOBER, declaration=Declaration.COMPLETE)
    assert line.clerk == ""


def test_an_explanation_that_comes_behind_a_newer_statement_is_kept(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    say(writer, **EXPLAINED)
    late = writer.contact(declarations=((OCTOBER, Declaration.COMPLETE),))
    writer.receive()
    clock.move(minutes=5)
    writer.send(writer.alone(declarations=((OCTOBER, Declaration.COMPLETE),)))

    writer.send(late)

    [line] = lines(central)
    assert (line.declared.cause, line.clerk) == (Cause.NO_NETWORK, "an.nv")


def test_an_older_word_that_comes_behind_a_newer_one_does_not_replace_it(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    say(writer, declaration="nil", cause="nothing_arose")
    late = writer.contact(declarations=((OCTOBER, Declaration.NIL),))
    say(writer, declaration="complete", cause="staff")
    clock.move(minutes=5)
    both = ((OCTOBER, Declaration.NIL), (OCTOBER, Declaration.COMPLETE))
    writer.send(writer.alone(declarations=both))

    writer.send(late)

    [line] = lines(central)
    assert line.declared == Declared(period=OCTOBER, declaration=Declaration.COMPLETE)


def test_a_period_is_declared_apart_from_its_neighbours(writer: Writer, central: Central) -> None:
    say(writer, **EXPLAINED | {"period": "2021-08-21..2021-09-20"})

    writer.send()

    assert lines(central) == []
