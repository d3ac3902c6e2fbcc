"""Every field of the reception's form: what people type is taken, and what is wrong says what to do."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest

from desk_client.desk import Desk
from desk_client.services.lifecycle import dossier_of
from desk_client.services.overview import overview
from desk_client.services.taking_up import adopt_packs
from desk_client.web.present import EXTENSION
from sync_protocol.packs import PackKind, procedures_content, signed_pack
from tests.desk.conftest import Page
from tests.factories import CENTRE_KEY, NOW, procedures

FIRST = "H62.11.01-211004-0001"
BUSINESS = {"is_owner": "", "owner_type": "business"}


def desk_of(page: Page) -> Desk:
    """The desk behind the pages."""
    held: Desk = page.app.extensions[EXTENSION].desk
    return held


def content(page: Page, **typed: str) -> dict[str, Any]:
    """What is kept of a dossier that is saved as typed."""
    answer = page.save(**typed)
    assert answer.status_code == 302, answer.text
    return dict(dossier_of(desk_of(page), FIRST).content)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"birth_date": "1985"}, {"birth_date": "1985-01-01", "birth_precision": "year"}),
        ({"birth_date": "5/9/1985"}, {"birth_date": "1985-09-05", "birth_precision": "day"}),
        ({"birth_date": "05091985"}, {"birth_date": "1985-09-05", "birth_precision": "day"}),
        ({"sex": "female"}, {"sex": "female"}),
        ({"email": "an@vidu.vn"}, {"email": "an@vidu.vn"}),
        ({"summary": "Xin  bản sao "}, {"summary": "Xin bản sao"}),
        ({"fee_amount_vnd": "50000"}, {"fee_amount_vnd": 50_000}),
        ({"fee_amount_vnd": "50.000 đ"}, {"fee_amount_vnd": 50_000}),
        ({"fee_amount_vnd": "1 250 000"}, {"fee_amount_vnd": 1_250_000}),
        ({"payment_status": "paid", "payment_method": "cash"}, {"payment_status": "paid", "payment_method": "cash"}),
        ({"copy_count": "12", "page_count": " 40 "}, {"copy_count": 12, "page_count": 40}),
        ({"storage_location": "Kệ 3"}, {"storage_location": "Kệ 3"}),
        ({"competent_unit": "Sở Tư pháp"}, {"competent_unit": "Sở Tư pháp"}),
        ({"out_of_area": "yes"}, {"out_of_area": True}),
        ({"filed_by_clerk": "yes", "channel": "online"}, {"filed_by_clerk": True}),
        ({"phone": "+84 987.000-002"}, {"phone": "0987000002"}),
        ({"phone": "84987000002"}, {"phone": "0987000002"}),
        ({"phone": "(0211) 3000 001"}, {"phone": "02113000001"}),
        ({"id_number": "026 185 900.001"}, {"id_number": "026185900001"}),
        ({"id_type": "cmnd", "id_number": "135 000 001"}, {"id_number": "135000001"}),
        ({"id_type": "passport", "id_number": "c1234567"}, {"id_number": "C1234567"}),
        (
            BUSINESS | {"owner_name": "Công ty TNHH 68 & Con", "authorisation": "Giấy giới thiệu số 7"},
            {"owner_name": "Công ty TNHH 68 & Con", "authorisation": "Giấy giới thiệu số 7"},
        ),
    ],
)
def test_each_field_is_kept_as_it_is_meant(page: Page, typed: dict[str, str], kept: dict[str, Any]) -> None:
    saved = content(page, **typed)

    assert {name: saved.get(name) for name in kept} == kept


def test_names_in_decomposed_letters_are_kept_composed(page: Page) -> None:
    saved = content(page, submitter_name=unicodedata.normalize("NFD", "Trần Thị Bưởi"))

    assert saved["submitter_name"] == saved["owner_name"] == "Trần Thị Bưởi"


def test_papers_are_kept_in_their_order_without_empty_rows(page: Page) -> None:
    rows = {
        "paper-1-name": "Đơn",
        "paper-1-originals": "1",
        "paper-3-name": "Bản sao hộ chiếu",
        "paper-3-certified_copies": "2",
        "paper-3-photocopies": "3",
    }

    saved = content(page, **rows)

    first, second = saved["components"]
    assert (first["name"], first["originals"]) == ("Đơn", 1)
    assert (second["name"], second["certified_copies"], second["photocopies"]) == ("Bản sao hộ chiếu", 2, 3)


def test_what_is_not_asked_is_not_kept(page: Page) -> None:
    """The box for online dossiers is hidden in other channels, and so is the owner's paper without an owner."""
    saved = content(page, filed_by_clerk="yes", authorisation="Giấy ủy quyền")

    assert "filed_by_clerk" not in saved
    assert "authorisation" not in saved
    assert "birth_date" not in saved


def announce(page: Page, **said: Any) -> None:
    """Has the centre say more of every procedure."""
    listed = procedures_content([replace(each, **said) for each in procedures()], NOW.date())
    adopt_packs(desk_of(page), [signed_pack(CENTRE_KEY, PackKind.PROCEDURES, listed)])


@pytest.mark.parametrize(("typed", "kept"), [("", "Sở Tư pháp"), ("Sở Nội vụ", "Sở Nội vụ")])
def test_the_agency_of_the_procedure_decides_unless_another_is_typed(page: Page, typed: str, kept: str) -> None:
    announce(page, competent_unit="Sở Tư pháp")

    assert content(page, competent_unit=typed)["competent_unit"] == kept


def test_without_an_agency_the_unit_itself_decides(page: Page) -> None:
    assert "competent_unit" not in content(page)


def test_what_the_procedure_says_of_fee_and_agency_is_told_while_typing(page: Page) -> None:
    page.post("/language", {"language": "en"})
    announce(page, competent_unit="Sở Tư pháp", fee_vnd=2_000, fee_basis="per_page")
    form = {"procedure_code": "1.004873", "channel": "direct", "received_on": "04/10/2021", "received_time": "0815"}

    news = page.client.get("/appointment", query_string=form | {"hints": "yes"}).text
    plain = page.client.get("/appointment", query_string=form).text

    assert "2,000 đ a page" in news
    assert "Empty means Sở Tư pháp." in news
    assert "Sở Tư pháp" not in plain


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"submitter_name": "Nguyễn Văn An 2"}, "submitter_name"),
        ({"submitter_name": "Nguyễn\tVăn\x07An"}, "submitter_name"),
        ({"submitter_name": "A"}, "submitter_name"),
        ({"submitter_name": "An " * 60}, "submitter_name"),
        ({"is_owner": "", "owner_name": "Lê Văn 8", "owner_type": "citizen"}, "owner_name"),
        ({"birth_date": "31/02/1985"}, "birth_date"),
        ({"birth_date": "5/9/85"}, "birth_date"),
        ({"birth_date": "05/09"}, "birth_date"),
        ({"birth_date": "1899"}, "birth_date"),
        ({"birth_date": "2022"}, "birth_date"),
        ({"birth_date": "05/10/2021"}, "birth_date"),
        ({"birth_date": "năm 1985"}, "birth_date"),
        ({"sex": "other"}, "sex"),
        ({"email": "an@vidu"}, "email"),
        ({"email": "an vidu.vn"}, "email"),
        ({"fee_amount_vnd": "50.5"}, "fee_amount_vnd"),
        ({"fee_amount_vnd": "-1"}, "fee_amount_vnd"),
        ({"fee_amount_vnd": "năm mươi nghìn"}, "fee_amount_vnd"),
        ({"fee_amount_vnd": "9999999999999"}, "fee_amount_vnd"),
        ({"payment_status": "owed"}, "payment_status"),
        ({"payment_method": "gold"}, "payment_method"),
        ({"copy_count": "hai"}, "copy_count"),
        ({"copy_count": "1,5"}, "copy_count"),
        ({"page_count": "10000"}, "page_count"),
        ({"set_count": "2 bộ"}, "set_count"),
        ({"set_count": "٢"}, "set_count"),
        ({"storage_location": "k" * 101}, "storage_location"),
        ({"competent_unit": "s" * 151}, "competent_unit"),
        ({"paper-1-originals": "1"}, "components"),
        ({"paper-1-name": "Đơn", "paper-1-originals": "một"}, "components"),
        ({"id_type": "cmnd", "id_number": "026185900001"}, "id_number"),
        ({"id_type": "tax_code", "id_number": "12"}, "id_number"),
        ({"phone": "0987000001, 0987000002"}, "phone"),
        ({"phone": "0187"}, "phone"),
        ({"received_on": "31/02/2021"}, "received_on"),
        ({"received_on": "04/10/1999"}, "received_on"),
        ({"received_on": "ngày mai"}, "received_on"),
        ({"received_time": "24:30"}, "received_time"),
    ],
)
def test_a_wrong_field_is_named_once_and_nothing_is_saved(page: Page, wrong: dict[str, str], field: str) -> None:
    answer = page.save(**wrong)

    assert answer.status_code == 422
    assert answer.text.count(f'href="#{field}"') == 1
    assert f'id="{field}-problem"' in answer.text
    assert overview(desk_of(page)).saved_count == 0


@pytest.mark.parametrize("day", ["05/10/2021", "31/12/2022"])
def test_a_day_to_come_is_told_and_saved(page: Page, day: str) -> None:
    page.post("/language", {"language": "en"})

    assert page.save(received_on=day).status_code == 302
    assert "lies ahead of the clock" in page.client.get("/").text


@pytest.mark.parametrize(
    ("typed", "is_open"),
    [({}, False), ({"email": "an@vidu"}, True), ({"paper-2-name": "Đơn"}, True), ({"out_of_area": "yes"}, True)],
)
def test_the_rarer_fields_are_unfolded_where_something_stands_in_them(
    page: Page, typed: dict[str, str], is_open: bool
) -> None:
    answer = page.save(submitter_name="", **typed)

    assert ('<details class="more span-12" open>' in answer.text) is is_open


def test_a_clerk_who_keeps_the_rarer_fields_open_finds_them_open(page: Page) -> None:
    page.client.set_cookie("desk_more", "open", domain="127.0.0.1")

    assert '<details class="more span-12" open>' in page.client.get("/").text


def test_typed_papers_come_back_with_a_row_to_go_on(page: Page) -> None:
    rows = {f"paper-{number}-name": f"Giấy tờ {number}" for number in range(1, 7)}

    answer = page.save(submitter_name="", **rows)

    assert 'name="paper-6-name" value="Giấy tờ 6"' in answer.text
    assert 'name="paper-7-name" value=""' in answer.text
    assert 'name="paper-8-name"' not in answer.text


def test_a_form_without_its_newer_fields_is_saved(page: Page) -> None:
    """A browser without scripts, or a page of before an update, sends what it has."""
    bare = {
        "procedure_code": "1.004873",
        "submitter_name": "Trần Thị Bưởi",
        "is_owner": "yes",
        "channel": "direct",
        "delivery_method": "counter",
        "set_count": "1",
    }

    assert page.post("/dossiers", bare).status_code == 302
