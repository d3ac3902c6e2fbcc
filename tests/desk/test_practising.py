"""Practice: what is exercised stays in its own file, can be told by its code, and never reaches the centre."""

from pathlib import Path

import pytest

from desk_client.desk import Desk, NotEnrolled
from desk_client.services.practising import borrowed_from, furnish
from desk_client.services.signing_in import reset_password, sign_in
from desk_client.storage import journal
from desk_client.storage.database import reading
from sync_protocol.dossier_codes import CODE_PATTERN
from tests.conftest import record
from tests.desk.conftest import PRACTICE_ADDRESS, Page, opened
from tests.factories import PASSWORD, StandingClock, bare_desk, enrolled_desk


@pytest.fixture
def real(tmp_path: Path, clock: StandingClock) -> Desk:
    return enrolled_desk(tmp_path / "desk", clock=clock)


@pytest.fixture
def practice(real: Desk, tmp_path: Path, clock: StandingClock) -> Desk:
    made = bare_desk(tmp_path / "practice", clock, is_practice=True)
    furnish(made, borrowed_from(real))
    return made


def entries(desk: Desk) -> int:
    with reading(desk.database):
        return journal.head(desk.identity().id.slot, desk.identity().origin).sequence


def test_a_practice_dossier_leaves_the_real_desk_as_it_was(real: Desk, practice: Desk) -> None:
    before = entries(real)

    record(practice)

    assert entries(real) == before


def test_the_code_of_a_practice_dossier_cannot_be_taken_for_a_real_one(practice: Desk) -> None:
    code = record(practice).dossier_code

    assert code == "TAP-211004-0001"
    assert CODE_PATTERN.fullmatch(code)


def test_a_practice_desk_cannot_speak_for_the_desk(real: Desk, practice: Desk) -> None:
    assert practice.identity().key.public != real.identity().certificate.signing_key


def test_people_sign_in_to_practice_with_their_own_passwords(real: Desk, practice: Desk) -> None:
    assert sign_in(practice, "an.nv", PASSWORD, language="vi")

    reset_password(real, "an.nv", "mot-cua-2022")
    furnish(practice, borrowed_from(real))

    assert sign_in(practice, "an.nv", "mot-cua-2022", language="vi")


def test_furnishing_again_changes_nothing(real: Desk, practice: Desk) -> None:
    record(practice)
    before = entries(practice)

    furnish(practice, borrowed_from(real))

    assert entries(practice) == before


def test_a_machine_that_is_not_enrolled_has_no_practice(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled):
        borrowed_from(bare_desk(tmp_path / "bare"))


def test_every_page_of_practice_says_what_it_is_and_offers_no_sending(practice: Desk) -> None:
    page = opened(practice)
    page.sign_in()

    text = page.client.get("/").text

    assert "is-practice" in text
    assert "/send-now" not in text


def test_the_real_pages_lead_to_practice(page: Page) -> None:
    assert "is-practice" not in page.client.get("/").text
    assert PRACTICE_ADDRESS in page.post("/practice").text
