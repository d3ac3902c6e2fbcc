"""What a desk is told of itself with a contact: the evidence that its supervisor reads, word for word."""

from datetime import UTC, date, datetime

import orjson
import pytest
from click.testing import CliRunner

from central_server import __main__ as command_line
from central_server.central import Central
from central_server.commands import console
from central_server.services.standing import standings, told_to_desk
from central_server.storage.units import EVERYTHING
from sync_protocol.messages import sentence
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Declaration
from tests.central.test_standings_of_desks import counted_statements
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER, NOVEMBER = SERIES.month(2021, 10), SERIES.month(2021, 11)
BEFORE_THE_END = datetime(2021, 10, 18, 2, 0, tzinfo=UTC)
AFTER_THE_END = datetime(2021, 10, 21, 1, 0, tzinfo=UTC)


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def periods(writer: Writer, raw: bytes) -> list[tuple[str, str]]:
    """Of which periods an answer tells, and the standing in each."""
    return [(told["period"], told["standing"]) for told in writer.send(raw).standings]


def test_a_desk_reads_the_sentences_that_its_supervisor_reads(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    enrolled_writer(central, seed=b"\x02" * 32)
    writer.receive()
    writer.receive()
    clock.move(days=8)

    [told] = writer.send(writer.contact(last=2)).standings

    judgement = next(each for each in standings(central, EVERYTHING, OCTOBER).desks if each.desk.code == DESK).judgement
    assert (told["vi"], told["en"]) == (sentence(judgement.evidence, "vi"), sentence(judgement.evidence, "en"))
    assert told == {
        "period": "2021-09-21..2021-10-20",
        "standing": "held",
        "flag": "few",
        "flag_proven": False,
        "arrived": 1,
        "unsent": 1,
        "entered": 2,
        "threshold": 50,
        "covered_until": None,
        "as_of": "2021-10-12T02:00:00Z",
        "vi": told["vi"],
        "en": told["en"],
    }


def test_the_command_line_says_the_same(
    writer: Writer, central: Central, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.receive()
    clock.move(days=8)
    [told] = writer.send().standings
    monkeypatch.setattr(console, "open_central", lambda _: central)

    printed = CliRunner().invoke(command_line.cli, ["standings", "--period", "2021-10", "--json"]).output

    row = next(each for each in orjson.loads(printed) if each["desk"] == DESK)
    names = ("standing", "flag", "flag_proven", "arrived", "unsent", "entered", "threshold", "covered_until")
    assert {name: told[name] for name in names} == {name: row[name] for name in names}
    assert told["vi"] == row["evidence"]


def test_the_period_that_has_ended_is_told_to_its_last_word(writer: Writer, clock: StandingClock) -> None:
    clock.at = BEFORE_THE_END
    writer.receive(date(2021, 10, 18))
    before = periods(writer, writer.contact())
    clock.at = AFTER_THE_END
    stale = periods(writer, writer.contact(at=BEFORE_THE_END))

    fresh = periods(writer, writer.contact())

    assert before == [(str(OCTOBER), "few")]
    assert stale == [(str(NOVEMBER), "silent"), (str(OCTOBER), "silent")]
    assert fresh == [(str(NOVEMBER), "zero"), (str(OCTOBER), "few")]


def test_a_declaration_covers_what_a_desk_is_told_of(writer: Writer, clock: StandingClock) -> None:
    clock.at = AFTER_THE_END
    declared = ((OCTOBER, Declaration.COMPLETE),)

    told = periods(writer, writer.contact(at=BEFORE_THE_END, declarations=declared))

    assert told[1] == (str(OCTOBER), "zero")


@pytest.mark.parametrize(("on", "count"), [(date(2021, 11, 9), 2), (date(2021, 11, 10), 1)])
def test_the_period_that_has_ended_is_told_for_twenty_days(
    writer: Writer, clock: StandingClock, on: date, count: int
) -> None:
    clock.at = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)

    told = periods(writer, writer.contact(at=BEFORE_THE_END))

    assert len(told) == count


def test_a_desk_is_told_nothing_of_its_neighbours(writer: Writer, central: Central, clock: StandingClock) -> None:
    clock.move(days=8)
    other = enrolled_writer(central, OTHER_DESK, seed=b"\x03" * 32)
    other.receive()
    other.receive()
    other.write("receive", b"{}")
    other.send(other.contact(last=2, declarations=((OCTOBER, Declaration.COMPLETE),)))

    [told] = writer.send().standings

    assert (told["arrived"], told["unsent"], told["standing"]) == (0, 0, "zero")


def test_what_is_set_aside_is_told_as_undecided(writer: Writer, clock: StandingClock) -> None:
    clock.move(days=8)
    writer.write("receive", b"{}")

    [told] = writer.send().standings

    assert told["standing"] == "under_review"


def test_a_contact_asks_about_its_own_desk_only(writer: Writer, central: Central, clock: StandingClock) -> None:
    about, now = central.about(), central.now()
    writer.send()

    with counted_statements(central) as asked:
        told_to_desk(central, about, DESK, now)

    of_all = ("calendar_day", "working_hours", "ruling")
    of_desks = [sql for sql in asked if not any(table in sql for table in of_all)]
    assert len(asked) <= 15
    own = ('"desk" = ', '"desk" IN (', '"code" = ')
    assert [sql for sql in of_desks if not any(each in sql for each in own)] == []
