"""The desk's own standing in a period, what it declares of it, and the paper: as its clerk sees them."""

from datetime import date
from typing import Any

import pytest

from desk_client.services.declaring import CauseNeeded, NotNil, PeriodNotOver, declare
from desk_client.services.standing import note_centre_views, own_standing, period_to_declare
from desk_client.storage.database import write_transaction
from desk_client.web.present import EXTENSION
from sync_protocol.events import Declared
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Cause, Declaration
from tests.conftest import record
from tests.desk.conftest import Page
from tests.factories import StandingClock

OCTOBER = Period(date(2021, 9, 21), date(2021, 10, 20))
CENTRE_SAYS: dict[str, Any] = {
    "period": "2021-09-21..2021-10-20",
    "standing": "few",
    "flag": "few",
    "flag_proven": True,
    "arrived": 2,
    "unsent": 0,
    "entered": 2,
    "threshold": 50,
    "covered_until": "2021-10-20T10:00:00Z",
    "as_of": "2021-10-20T10:05:00Z",
    "vi": "1 máy; đến 17:00 ngày 20/10 không còn hồ sơ chưa gửi.",
    "en": "1 machine; nothing unsent until 17:00 on 20/10.",
}


def desk_of(page: Page) -> Any:
    return page.app.extensions[EXTENSION].desk


def at_the_end(page: Page, clock: StandingClock) -> None:
    """The period's last working day, Wednesday 20 October 2021; the clerk has signed in again."""
    clock.move(days=16)
    page.sign_in()


def confirm(page: Page, **form: str) -> Any:
    return page.post("/period?period=2021-10", form, follow_redirects=True)


def test_the_standing_is_one_quiet_sentence(page: Page) -> None:
    record(desk_of(page))

    text = page.client.get("/period").text

    assert "1/50" in text
    assert period_to_declare(desk_of(page)) is None


def test_a_period_cannot_be_declared_before_its_last_working_day(page: Page) -> None:
    with pytest.raises(PeriodNotOver):
        declare(desk_of(page), Declared(period=OCTOBER, declaration=Declaration.NIL), clerk="an.nv")

    assert own_standing(desk_of(page), OCTOBER).declaring is None
    assert confirm(page, declaration="nil").status_code == 422


def test_a_period_can_be_declared_from_its_last_working_day_on_and_is_asked_about_until_it_is(
    page: Page, clock: StandingClock
) -> None:
    at_the_end(page, clock)
    assert period_to_declare(desk_of(page)) == OCTOBER

    declare(desk_of(page), Declared(period=OCTOBER, declaration=Declaration.NIL), clerk="an.nv")

    said = own_standing(desk_of(page), OCTOBER).declaring
    assert said is not None
    assert (said.declared.cause, said.clerk, said.is_sent) == (Cause.NOTHING_AROSE, "an.nv", False)
    assert period_to_declare(desk_of(page)) is None


def test_a_period_is_no_longer_asked_about_after_three_weeks(page: Page, clock: StandingClock) -> None:
    clock.move(days=16 + 21)

    assert period_to_declare(desk_of(page)) is None


def test_a_desk_with_few_dossiers_says_why(page: Page, clock: StandingClock) -> None:
    record(desk_of(page))
    at_the_end(page, clock)

    with pytest.raises(CauseNeeded):
        declare(desk_of(page), Declared(period=OCTOBER, declaration=Declaration.COMPLETE), clerk="an.nv")
    without = confirm(page, declaration="complete", cause="")
    given = confirm(
        page,
        declaration="complete",
        cause="no_network",
        note="Mất mạng từ 05/10",
        paper_register_last="412",
        certification_book_last="95",
    )

    assert without.status_code == 422
    assert "Mất mạng từ 05/10" in given.text
    said = own_standing(desk_of(page), OCTOBER).declaring
    assert said is not None
    assert said.declared == Declared(
        period=OCTOBER,
        declaration=Declaration.COMPLETE,
        cause=Cause.NO_NETWORK,
        note="Mất mạng từ 05/10",
        paper_register_last="412",
        certification_book_last="95",
    )


def test_a_desk_that_has_dossiers_cannot_say_that_nothing_arose(page: Page, clock: StandingClock) -> None:
    record(desk_of(page))
    at_the_end(page, clock)

    with pytest.raises(NotNil):
        declare(desk_of(page), Declared(period=OCTOBER, declaration=Declaration.NIL), clerk="an.nv")

    assert confirm(page, declaration="nil").status_code == 422
    assert own_standing(desk_of(page), OCTOBER).declaring is None


def test_a_declaration_without_a_choice_is_shown_again_as_typed(page: Page, clock: StandingClock) -> None:
    at_the_end(page, clock)

    answer = confirm(page, note="Máy hỏng từ đầu kỳ")

    assert answer.status_code == 422
    assert 'value="Máy hỏng từ đầu kỳ"' in answer.text
    assert own_standing(desk_of(page), OCTOBER).declaring is None


def test_the_last_word_on_a_period_stands(page: Page, clock: StandingClock) -> None:
    at_the_end(page, clock)
    declare(desk_of(page), Declared(period=OCTOBER, declaration=Declaration.NIL), clerk="an.nv")
    record(desk_of(page))

    late = Declared(period=OCTOBER, declaration=Declaration.COMPLETE, cause=Cause.STAFF)
    declare(desk_of(page), late, clerk="an.nv")

    said = own_standing(desk_of(page), OCTOBER).declaring
    assert said is not None
    assert said.declared == late


def test_the_clerk_reads_the_supervisors_own_sentence(page: Page) -> None:
    with write_transaction(desk_of(page).database):
        note_centre_views([CENTRE_SAYS])

    text = page.client.get("/period?period=2021-10").text

    assert "1 máy; đến 17:00 ngày 20/10 không còn hồ sơ chưa gửi." in text


@pytest.mark.parametrize(
    "said",
    [None, "x", {"period": "x"}, [1], [{}], [CENTRE_SAYS | {"arrived": "2"}], [CENTRE_SAYS] * 5],
    ids=repr,
)
def test_what_the_centre_says_of_a_standing_is_passed_over_where_it_cannot_be_read(page: Page, said: object) -> None:
    with write_transaction(desk_of(page).database):
        note_centre_views(said)

    assert own_standing(desk_of(page), OCTOBER).centre_view is None


def test_a_period_that_is_none_is_an_error_page(page: Page) -> None:
    assert page.client.get("/period?period=2021-13").status_code == 400


def test_the_paper_holds_the_declaration_and_the_evidence(page: Page, clock: StandingClock) -> None:
    at_the_end(page, clock)
    declare(
        desk_of(page),
        Declared(period=OCTOBER, declaration=Declaration.NIL, note="Không có công dân đến", paper_register_last="412"),
        clerk="an.nv",
    )
    with write_transaction(desk_of(page).database):
        note_centre_views([CENTRE_SAYS])

    html = page.client.get("/period/paper?period=2021-10").text
    pdf = page.client.get("/period/paper.pdf?period=2021-10").data

    for told in ("Không có công dân đến", "412", "Nguyễn Văn An", "không còn hồ sơ chưa gửi", "21/09/2021"):
        assert told in html
    assert pdf.startswith(b"%PDF")
