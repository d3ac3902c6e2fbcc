"""What a desk answered its supervisor: read from the ledger, beside what was noted about the desk."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from central_server.app import create_app
from central_server.central import Central
from central_server.services import signing_in
from central_server.storage import answers, models
from central_server.storage.answers import Answer
from central_server.storage.database import reading, write_transaction
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import DeviceState, Role
from tests.central.browsing import PASSWORD, browser
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, OTHER_DESK
from tests.factories import StandingClock

SERIES = PeriodSeries(last_day=20)
OCTOBER, NOVEMBER = SERIES.month(2021, 10), SERIES.month(2021, 11)
AT = datetime(2021, 10, 12, 9, 42, tzinfo=UTC)
NOTE = "Đường truyền đứt từ ngày 04, bưu điện hẹn sửa xong ngày 12"


@pytest.fixture
def writer(central: Central) -> Writer:
    """Slot 1 of H62.11.01."""
    return enrolled_writer(central)


def answer(writer: Writer, note: str, period: Period = OCTOBER) -> None:
    """Seals an answer and sends it."""
    writer.write("answer", {"period": str(period), "note": note}, clerk="an.nv", happened_at=AT)
    writer.send()


def notes(central: Central, desk: str = DESK, period: Period = OCTOBER) -> list[str]:
    """The words of what a desk answered."""
    with reading(central.database):
        return [each.note for each in answers.of_desk(desk, period)]


def test_an_answer_is_told_with_who_gave_it_and_when(writer: Writer, central: Central) -> None:
    answer(writer, NOTE)

    with reading(central.database):
        told = answers.of_desk(DESK, OCTOBER)

    assert told == [Answer(slot=1, clerk="an.nv", answered_at=AT, note=NOTE)]


def test_answers_are_told_newest_first_and_of_their_own_period_and_desk(writer: Writer, central: Central) -> None:
    for note, period in (("một", OCTOBER), ("hai", NOVEMBER), ("ba", OCTOBER)):
        answer(writer, note, period)

    assert notes(central) == ["ba", "một"]
    assert notes(central, period=NOVEMBER) == ["hai"]
    assert notes(central, OTHER_DESK) == []


def test_an_answer_of_a_machine_whose_word_does_not_count_is_not_told(writer: Writer, central: Central) -> None:
    with write_transaction(central.database):
        models.DeviceRow.update(state=DeviceState.SUSPENDED.value).execute()

    answer(writer, NOTE)

    assert notes(central) == []


def test_the_desks_page_tells_the_answer_beside_what_was_noted(
    writer: Writer, central: Central, clock: StandingClock
) -> None:
    answer(writer, NOTE)
    clock.at = datetime(2021, 10, 25, 2, tzinfo=UTC)
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    client: FlaskClient = browser(create_app(central), "tinh")

    section = client.get(f"/desks/{DESK}?period=2021-10").text.partition('id="follow-up"')[2]

    assert NOTE in section
    assert "16:42 12/10/2021" in section
