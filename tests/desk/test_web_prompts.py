"""What the form offers while a clerk types: the appointment, what looks odd, and who is known here."""

import pytest

from desk_client.services.overview import overview
from desk_client.web.present import EXTENSION
from tests.desk.conftest import Page, token_of, typed


@pytest.fixture
def english(page: Page) -> Page:
    """The pages in English."""
    page.post("/language", {"language": "en"})
    return page


def slot(text: str, field: str) -> str:
    """What stands beside a field."""
    return text.split(f'id="{field}-remarks"')[1].split("</div>", maxsplit=1)[0]


def test_what_looks_odd_stands_beside_its_field(english: Page) -> None:
    answer = english.post("/remarks", typed(submitter_name="Nguyeenx Van An", phone="01687000001"))

    assert answer.status_code == 200
    assert "keys of Telex" in slot(answer.text, "submitter_name")
    assert "11 digits" in slot(answer.text, "phone")
    assert "<p" not in slot(answer.text, "id_number")
    assert "<p" not in slot(answer.text, "received_on")


def test_a_likely_duplicate_leads_to_the_earlier_dossier(english: Page) -> None:
    english.save()

    answer = english.post("/remarks", typed())

    assert "H62.11.01-211004-0001" in slot(answer.text, "submitter_name")
    assert 'href="/dossiers/1.1.' in slot(answer.text, "submitter_name")


def test_a_year_of_birth_that_the_number_contradicts_is_told_while_typing(english: Page) -> None:
    answer = english.post("/remarks", typed(birth_date="1986", sex="male"))

    assert "another year of birth" in slot(answer.text, "id_number")
    assert "another sex" in slot(answer.text, "id_number")


def test_half_a_form_is_looked_at_and_not_saved(english: Page) -> None:
    answer = english.post("/remarks", {"submitter_name": "Nguyeenx", "received_on": "99/99", "received_time": "?"})

    assert "keys of Telex" in slot(answer.text, "submitter_name")
    assert overview(english.app.extensions[EXTENSION].desk).saved_count == 0


def test_a_name_is_text_in_a_remark(english: Page) -> None:
    answer = english.post("/remarks", typed(submitter_name="<script>w</script>"))

    assert "<script>" not in answer.text


def test_a_known_citizen_is_offered_with_a_masked_number(english: Page) -> None:
    english.save()
    english.save(procedure_code="2.000815")

    answer = english.post("/acquaintance", {"id_type": "cccd", "id_number": "026 185 900 001", "phone": ""})

    assert "Trần Thị Bưởi" in answer.text
    assert "026*******01" in answer.text
    assert "dossiers here: 2, the last one on 04/10" in answer.text
    assert "026185900001" not in answer.text
    assert 'data-key="F6"' in answer.text


@pytest.mark.parametrize(
    "asked", [{}, {"id_type": "cccd", "id_number": "0261"}, {"id_type": "cccd", "id_number": "026185900009"}]
)
def test_nobody_is_offered_for_a_number_that_is_not_here(page: Page, asked: dict[str, str]) -> None:
    page.save()

    assert page.post("/acquaintance", asked).text.strip() == ""


def test_a_look_up_needs_the_token_of_our_own_page(page: Page) -> None:
    assert page.client.post("/acquaintance", data={"phone": "0987000001"}).status_code == 400
    assert page.client.post("/remarks", data=typed()).status_code == 400


@pytest.mark.parametrize("path", ["/acquaintance", "/remarks", "/drafts/intake", "/copied", "/bulk/remarks"])
def test_nothing_is_told_to_nobody(page: Page, path: str) -> None:
    page.save()
    page.post("/sign-out")
    token = token_of(page.client.get("/sign-in").text)

    answer = page.client.post(path, data=typed() | {"csrf_token": token})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in")


@pytest.mark.parametrize(
    ("channel", "told"), [("direct", "3 working days"), ("post", "3 working days"), ("", "3 working days")]
)
def test_the_appointment_is_that_of_the_channel(english: Page, channel: str, told: str) -> None:
    form = {
        "procedure_code": "1.004873",
        "channel": channel,
        "received_on": "04/10/2021",
        "received_time": "0815",
    }

    assert told in english.client.get("/appointment", query_string=form).text
