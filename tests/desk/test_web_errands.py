"""The buttons of the main page: print, hand over at once, one more on the slip, refuse; each works as a plain form."""

import base64
import re
import zlib
from typing import Any

import pytest

from desk_client.desk import Desk
from desk_client.services.lifecycle import dossier_of
from desk_client.services.listing import entered_on, of_slip
from desk_client.web.present import EXTENSION
from sync_protocol.vocabulary import DossierStage, PaperForm
from tests.desk.conftest import Page, form_id_of, typed
from tests.factories import NOW, StandingClock

FIRST = "H62.11.01-211004-0001"
SECOND = "H62.11.01-211004-0002"


def desk_of(page: Page) -> Desk:
    """The desk behind the pages."""
    held: Desk = page.app.extensions[EXTENSION].desk
    return held


def stages(page: Page) -> list[DossierStage]:
    """Where today's dossiers stand, newest first."""
    return [line.stage for line in entered_on(desk_of(page), NOW.date())]


def value_of(text: str, name: str) -> str:
    """What stands in a field of a page."""
    match = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert match, name
    return match[1]


def test_save_and_print_leads_to_the_slip(page: Page) -> None:
    answer = page.save(errand="print")

    dossier = dossier_of(desk_of(page), FIRST).dossier
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/dossiers/{dossier.id}/papers/{PaperForm.RECEIPT.value}?copy=1&print=1"
    assert stages(page) == [DossierStage.RECEIVED]


def test_the_slip_that_it_leads_to_is_there(page: Page) -> None:
    answer = page.save(errand="print")

    assert page.client.get(answer.headers["Location"]).status_code == 200


def test_a_result_is_handed_over_at_once(page: Page) -> None:
    answer = page.save(errand="at_once", procedure_code="2.000815")

    stored = dossier_of(desk_of(page), FIRST)
    assert answer.headers["Location"] == "/"
    assert stored.dossier.stage is DossierStage.DELIVERED
    assert stored.dossier.on_the_spot is True
    assert stored.content["delivered_to"] == "Trần Thị Bưởi"
    assert stored.dossier.delivered_at == stored.dossier.received_at


def test_no_result_is_handed_over_on_a_day_to_come(page: Page) -> None:
    answer = page.save(errand="at_once", received_on="05/10/2021")

    assert answer.status_code == 422
    assert 'href="#received_on"' in answer.text
    assert stages(page) == []


def test_the_next_dossier_joins_the_slip_and_keeps_the_people(page: Page, clock: StandingClock) -> None:
    clock.move(minutes=7)
    answer = page.save(errand="same_slip", is_owner="", owner_name="Công ty Mai Vàng 68", owner_type="business")
    shown = page.client.get(answer.headers["Location"]).text

    assert answer.headers["Location"] == f"/?slip={FIRST}"
    assert value_of(shown, "slip_code") == FIRST
    assert value_of(shown, "submitter_name") == "Trần Thị Bưởi"
    assert value_of(shown, "owner_name") == "Công ty Mai Vàng 68"
    assert value_of(shown, "phone") == "0987000001"
    assert value_of(shown, "received_time") == "08:15"
    assert re.search(r'<option value="1.004873" *>', shown)

    page.post("/dossiers", typed(slip_code=FIRST, form_id=form_id_of(shown), procedure_code="2.000815"))

    assert [line.dossier_code for line in of_slip(desk_of(page), FIRST)] == [FIRST, SECOND]
    assert value_of(page.client.get("/").text, "slip_code") == ""


def test_a_third_dossier_joins_the_same_slip(page: Page) -> None:
    page.save(errand="same_slip")

    answer = page.save(errand="same_slip", slip_code=FIRST, procedure_code="2.000815")

    assert answer.headers["Location"] == f"/?slip={FIRST}"


def test_a_slip_that_is_not_here_is_not_joined(page: Page) -> None:
    assert page.client.get("/?slip=H62.11.01-211004-0099").status_code == 404
    assert page.save(slip_code="H62.11.01-211004-0099").status_code == 404
    assert stages(page) == []


def test_a_refusal_asks_for_its_reason_and_keeps_what_was_typed(page: Page) -> None:
    answer = page.post("/refuse", typed())

    assert answer.status_code == 200
    assert 'name="reason"' in answer.text
    assert value_of(answer.text, "submitter_name") == "Trần Thị Bưởi"
    assert stages(page) == []


def test_a_refusal_is_recorded_and_leads_to_its_paper(page: Page) -> None:
    answer = page.post("/refuse", typed(reason="Không thuộc thẩm quyền"))

    [line] = entered_on(desk_of(page), NOW.date())
    stored = dossier_of(desk_of(page), line.id)
    assert answer.headers["Location"] == f"/dossiers/{line.id}/papers/refusal?copy=1&print=1"
    assert (line.stage, line.dossier_code) == (DossierStage.NOT_ACCEPTED, "")
    assert stored.content["reason"] == "Không thuộc thẩm quyền"
    assert page.client.get(answer.headers["Location"]).status_code == 200


def test_a_refusal_with_a_wrong_field_asks_again_for_both(page: Page) -> None:
    answer = page.post("/refuse", typed(reason="Thiếu giấy tờ", submitter_name=""))

    assert answer.status_code == 422
    assert value_of(answer.text, "reason") == "Thiếu giấy tờ"
    assert 'href="#submitter_name"' in answer.text
    assert stages(page) == []


@pytest.mark.parametrize("path", ["/dossiers", "/refuse"])
def test_a_form_sent_twice_is_one_dossier_whatever_its_button(page: Page, path: str) -> None:
    """F8 and then F9 before the page has gone would else be two dossiers."""
    form = typed(form_id="the-same", reason="Thiếu giấy tờ")
    page.post(path, form | {"errand": "save"})

    page.post(path, form | {"errand": "print"})

    assert len(stages(page)) == 1


def test_an_unknown_errand_is_a_plain_save(page: Page) -> None:
    answer = page.save(errand="launder")

    assert answer.headers["Location"] == "/"
    assert stages(page) == [DossierStage.RECEIVED]


def test_a_new_dossier_for_the_citizen_of_another(page: Page) -> None:
    page.save(birth_date="1985", sex="female")
    dossier_id = dossier_of(desk_of(page), FIRST).dossier.id

    link = f"/?from={dossier_id}"
    shown = page.client.get(link).text

    assert f'href="{link}"' in page.client.get(f"/dossiers/{dossier_id}").text
    assert value_of(shown, "submitter_name") == "Trần Thị Bưởi"
    assert value_of(shown, "birth_date") == "1985"
    assert re.search(r'<option value="female" selected>', shown)
    assert value_of(shown, "slip_code") == ""


def test_nothing_is_known_of_a_dossier_that_is_not_here(page: Page) -> None:
    assert page.client.get("/?from=1.1.99").status_code == 404


def test_what_looked_odd_is_told_once_more_after_saving(page: Page) -> None:
    page.post("/language", {"language": "en"})
    page.save()

    page.save(submitter_name="Trần Thị Bưởi", id_number="", phone="01687000001")

    shown = page.client.get("/").text
    banner = shown[shown.index("Saved dossier") :]
    assert "Mobile numbers of 11 digits ended in 2018" in banner
    assert "The same procedure was entered for the same owner on this day" in banner
    assert FIRST in banner.split("</div>")[0]


def test_the_cookie_of_the_page_holds_nobodys_data(page: Page) -> None:
    page.save(submitter_name="Nguyeenx Van An", phone="01687000001")

    cookie = page.client.get_cookie("desk_form", domain="127.0.0.1")
    assert cookie is not None
    packed = cookie.value.strip(".").split(".")[0]
    raw: Any = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    content = (zlib.decompress(raw) if cookie.value.startswith(".") else raw).decode()
    assert "saved" in content
    assert "Nguyeenx" not in content
    assert "01687000001" not in content
    assert "026185900001" not in content
