"""Many dossiers of one kind on one page: all are saved or none, and each wrong field is told in its row."""

import html
import re

import pytest

from desk_client.desk import Desk
from desk_client.services.lifecycle import dossier_of
from desk_client.services.listing import entered_on
from desk_client.services.overview import overview
from desk_client.web.bulk_form import ROWS_MAX, id_type_of
from desk_client.web.present import EXTENSION
from sync_protocol.vocabulary import DossierStage, IdType
from tests.desk.conftest import Page, form_id_of, token_of
from tests.factories import NOW

COPIES = "2.000815"
MARITAL_STATUS = "1.004873"


def desk_of(page: Page) -> Desk:
    """The desk behind the pages."""
    held: Desk = page.app.extensions[EXTENSION].desk
    return held


def shared(**overrides: str) -> dict[str, str]:
    """What the dossiers of a form have in common."""
    return {
        "form_id": "b1",
        "procedure_code": COPIES,
        "channel": "direct",
        "received_on": "04/10/2021",
        "received_time": "08:15",
    } | overrides


def row(number: int, name: str, **parts: str) -> dict[str, str]:
    """A row as typed."""
    return {f"row-{number}-submitter_name": name} | {f"row-{number}-{part}": text for part, text in parts.items()}


def value_of(text: str, name: str) -> str:
    """What stands in a field of a page."""
    match = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert match, name
    return html.unescape(match[1])


def saved(page: Page) -> list[tuple[str, DossierStage]]:
    """Today's dossiers in the order in which they were entered."""
    return [(line.submitter_name, line.stage) for line in entered_on(desk_of(page), NOW.date())][::-1]


def test_rows_become_dossiers_in_their_order_and_empty_ones_nothing(page: Page) -> None:
    form = shared() | row(1, "Trần Thị Bưởi", id_number="026185900001", phone="0987 000 001", copy_count="3")
    form |= row(3, "Lê Văn Cam", page_count="12") | row(4, "  ")

    answer = page.post("/bulk", form)

    assert answer.headers["Location"] == "/bulk/saved"
    assert [name for name, _ in saved(page)] == ["Trần Thị Bưởi", "Lê Văn Cam"]
    first = dossier_of(desk_of(page), "H62.11.01-211004-0001").content
    assert (first["id_type"], first["id_number"], first["phone"]) == ("cccd", "026185900001", "0987000001")
    assert (first["copy_count"], first["owner_name"]) == (3, "Trần Thị Bưởi")
    assert dossier_of(desk_of(page), "H62.11.01-211004-0002").content["page_count"] == 12
    assert page.woken == 1


@pytest.mark.parametrize(
    ("procedure", "handing", "stage"),
    [
        (COPIES, "", DossierStage.DELIVERED),
        (COPIES, "later", DossierStage.RECEIVED),
        (MARITAL_STATUS, "", DossierStage.RECEIVED),
        (MARITAL_STATUS, "now", DossierStage.DELIVERED),
    ],
)
def test_results_of_the_same_day_are_handed_over_at_once_unless_told_otherwise(
    page: Page, procedure: str, handing: str, stage: DossierStage
) -> None:
    page.post("/bulk", shared(procedure_code=procedure, handing=handing) | row(1, "Trần Thị Bưởi"))

    assert saved(page) == [("Trần Thị Bưởi", stage)]


def test_one_wrong_row_saves_none_and_keeps_all_that_was_typed(page: Page) -> None:
    form = shared() | row(1, "Trần Thị Bưởi") | row(2, "Lê Văn 5", id_number="0261", phone="99", copy_count="ba")
    form |= row(5, "Ngô Thị Dứa", phone="0187")

    answer = page.post("/bulk", form)

    assert answer.status_code == 422
    assert saved(page) == []
    assert value_of(answer.text, "row-1-submitter_name") == "Trần Thị Bưởi"
    assert value_of(answer.text, "row-2-copy_count") == "ba"
    for name in ("row-2-submitter_name", "row-2-id_number", "row-2-phone", "row-2-copy_count", "row-5-phone"):
        assert f'id="{name}-problem"' in answer.text
        assert f'href="#{name}"' in answer.text
    assert 'id="row-1-submitter_name-problem"' not in answer.text
    assert page.woken == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"procedure_code": ""}, "procedure_code"),
        ({"procedure_code": "9.999999"}, "procedure_code"),
        ({"channel": "post"}, "channel"),
        ({"channel": ""}, "channel"),
        ({"received_on": "31/02/2021"}, "received_on"),
        ({"received_on": "04/10/1999"}, "received_on"),
        ({"received_time": "99"}, "received_time"),
        ({"received_on": "05/10/2021", "handing": "now"}, "received_on"),
    ],
)
def test_what_the_rows_share_is_wrong_once(page: Page, wrong: dict[str, str], field: str) -> None:
    answer = page.post("/bulk", shared(**wrong) | row(1, "Trần Thị Bưởi") | row(2, "Lê Văn Cam"))

    assert answer.status_code == 422
    assert answer.text.count(f'href="#{field}"') == 1
    assert saved(page) == []


def test_a_form_without_a_name_says_what_to_do(page: Page) -> None:
    answer = page.post("/bulk", shared())

    assert answer.status_code == 422
    assert 'href="#rows"' in answer.text


def test_a_row_without_a_name_is_a_wrong_row(page: Page) -> None:
    answer = page.post("/bulk", shared() | row(1, "", phone="0987000001"))

    assert answer.status_code == 422
    assert 'id="row-1-submitter_name-problem"' in answer.text


def test_the_same_form_sent_twice_is_saved_once(page: Page) -> None:
    form = shared() | row(1, "Trần Thị Bưởi") | row(2, "Lê Văn Cam")
    page.post("/bulk", form)

    page.post("/bulk", form)

    assert len(saved(page)) == 2


def test_fifty_dossiers_are_saved_and_what_comes_after_them_is_not_read(page: Page) -> None:
    names = [f"Người Nộp {'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}" for n in range(ROWS_MAX + 1)]
    form = shared()
    for number, name in enumerate(names, start=1):
        form |= row(number, name)

    page.post("/bulk", form)

    assert [name for name, _ in saved(page)] == names[:ROWS_MAX]


def test_the_result_lists_codes_and_offers_a_slip_for_each(page: Page) -> None:
    page.post("/bulk", shared(handing="later") | row(1, "Trần Thị Bưởi", id_number="026185900001") | row(2, "Lê Cam"))

    shown = page.client.get("/bulk/saved").text

    assert "H62.11.01-211004-0001" in shown
    assert "H62.11.01-211004-0002" in shown
    assert "026*******01" in shown
    assert "026185900001" not in shown
    assert shown.count("/papers/receipt") == 2


def test_dossiers_may_share_one_slip(page: Page) -> None:
    page.post("/bulk", shared(handing="later", on_one_slip="yes") | row(1, "Trần Thị Bưởi") | row(2, "Lê Cam"))

    shown = page.client.get("/bulk/saved").text
    second = dossier_of(desk_of(page), "H62.11.01-211004-0002").dossier
    assert second.slip_code == "H62.11.01-211004-0001"
    assert shown.count("/papers/receipt") == 1


def test_without_anything_saved_the_result_leads_to_the_form(page: Page) -> None:
    assert page.client.get("/bulk/saved").headers["Location"] == "/bulk"


def test_the_next_form_is_for_the_same_procedure(page: Page) -> None:
    page.post("/bulk", shared() | row(1, "Trần Thị Bưởi"))

    assert re.search(rf'<option value="{COPIES}" selected>', page.client.get("/bulk").text)


def test_without_a_script_there_are_twenty_rows(page: Page) -> None:
    shown = page.client.get("/bulk").text

    assert 'name="row-20-phone"' in shown
    assert 'name="row-21-phone"' not in shown


def test_more_rows_come_back_with_one_to_go_on(page: Page) -> None:
    form = shared(procedure_code="")
    for number in range(1, 31):
        form |= row(number, "Trần Thị Bưởi")

    shown = page.post("/bulk", form).text

    assert 'name="row-31-phone"' in shown
    assert 'name="row-32-phone"' not in shown


def test_what_looks_odd_stands_in_its_row(page: Page) -> None:
    page.post("/language", {"language": "en"})
    page.post("/bulk", shared() | row(1, "Trần Thị Bưởi"))
    form = shared() | row(1, "Trần Thị Bưởi") | row(2, "Nguyeenx Van An", phone="01687000001") | row(4, "trần thị bưởi")

    told = page.post("/bulk/remarks", form).text

    rows = re.split(r'id="row-\d+-remarks"', told)
    assert "The same procedure was entered" in rows[1]
    assert "keys of Telex" in rows[2]
    assert "11 digits" in rows[2]
    assert "row 1" in rows[4]
    assert "<p" not in rows[3]


def test_half_typed_rows_come_back_and_go_once_they_are_saved(page: Page) -> None:
    page.post("/drafts/bulk", shared() | row(2, "Ngô Thị Dứa"))
    shown = page.client.get("/bulk").text

    page.post("/bulk", shared(form_id=form_id_of(shown)) | row(2, "Ngô Thị Dứa"))

    assert value_of(shown, "row-2-submitter_name") == "Ngô Thị Dứa"
    assert value_of(page.client.get("/bulk").text, "row-2-submitter_name") == ""


def test_rows_of_a_page_from_before_a_restart_are_shown_again(page: Page) -> None:
    answer = page.client.post("/bulk", data=shared() | row(1, "Ngô Thị Dứa") | {"csrf_token": "of before"})

    assert answer.status_code == 400
    assert value_of(answer.text, "row-1-submitter_name") == "Ngô Thị Dứa"
    assert token_of(answer.text)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>'])
def test_a_name_is_text_in_its_row(page: Page, name: str) -> None:
    answer = page.post("/bulk", shared() | row(1, name))

    assert name not in answer.text
    assert overview(desk_of(page)).saved_count == 0


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("026185900001", IdType.CCCD),
        ("026 185 900 001", IdType.CCCD),
        ("135000001", IdType.CMND),
        ("135 000 001", IdType.CMND),
        ("C1234567", IdType.PASSPORT),
        ("0261", IdType.CCCD),
    ],
)
def test_the_kind_of_a_paper_is_told_from_its_number(number: str, kind: IdType) -> None:
    assert id_type_of(number) is kind
