"""The desk answers what its supervisor reads of it: in any week of the period, in its own words."""

from typing import Any

import pytest
from click.testing import CliRunner

from desk_client.__main__ import cli
from desk_client.commands import console
from desk_client.services.answering import AnswerNeeded, answer, answers
from desk_client.web.present import EXTENSION
from sync_protocol.periods import PeriodSeries
from tests.desk.conftest import Page

SERIES = PeriodSeries(last_day=20)
OCTOBER, SEPTEMBER = SERIES.month(2021, 10), SERIES.month(2021, 9)
NOTE = "Đường truyền đứt từ ngày 04, bưu điện hẹn sửa xong ngày 12"


def desk_of(page: Page) -> Any:
    return page.app.extensions[EXTENSION].desk


def send(page: Page, note: str) -> Any:
    return page.post("/period/answer?period=2021-10", {"note": note}, follow_redirects=True)


def test_an_answer_is_saved_sent_by_itself_and_shown(page: Page) -> None:
    response = send(page, NOTE)

    (said,) = answers(desk_of(page), OCTOBER)
    assert (said.note, said.is_sent) == (NOTE, False)
    assert NOTE in response.text
    assert len(page.wakes) == 1


@pytest.mark.parametrize("note", ["", "   ", "n" * 501])
def test_an_answer_without_a_word_or_with_too_many_is_not_recorded(page: Page, note: str) -> None:
    response = send(page, note)

    assert response.status_code == 422
    assert "Chưa ghi lại gì: hãy viết câu trả lời" in response.text
    assert note in response.text
    assert answers(desk_of(page), OCTOBER) == []


def test_answers_stand_newest_first_each_with_its_period(page: Page) -> None:
    desk = desk_of(page)
    for note, period in (("một", OCTOBER), ("hai", SEPTEMBER), ("ba", OCTOBER)):
        answer(desk, period, note, clerk="an.nv")

    assert [each.note for each in answers(desk, OCTOBER)] == ["ba", "một"]


def test_a_text_of_another_form_is_brought_to_one(page: Page) -> None:
    answer(desk_of(page), OCTOBER, "  Mất   điện  cả xã ", clerk="an.nv")

    assert [each.note for each in answers(desk_of(page), OCTOBER)] == ["Mất điện cả xã"]


def test_nothing_of_an_answer_that_is_refused_is_left(page: Page) -> None:
    with pytest.raises(AnswerNeeded):
        answer(desk_of(page), OCTOBER, "", clerk="an.nv")

    assert answers(desk_of(page), OCTOBER) == []


def test_the_answer_is_a_command_too(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "open_desk", lambda _: desk_of(page))

    CliRunner().invoke(cli, ["answer", "--period", "2021-10", NOTE], catch_exceptions=False)

    assert [each.note for each in answers(desk_of(page), OCTOBER)] == [NOTE]
