"""Receiving dossiers on the desk's main page."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk_client.services.overview import overview
from desk_client.web.present import EXTENSION
from tests.desk.conftest import Page, opened, token_of, typed
from tests.factories import StandingClock


def saved_count(page: Page) -> int:
    """How many dossiers the desk's journal holds."""
    return overview(page.app.extensions[EXTENSION].desk).saved_count


def test_a_saved_dossier_shows_its_code_and_appointment_and_stands_in_the_list(page: Page) -> None:
    answer = page.save()

    shown = page.client.get("/").text
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"
    assert "Đã lưu hồ sơ" in shown
    assert "hẹn trả 08:15 07/10/2021" in shown
    assert shown.count("H62.11.01-211004-0001") == 2
    assert "Trần Thị Bưởi" in shown
    assert "026*******01" in shown
    assert "026185900001" not in shown


def test_saving_is_told_once(page: Page) -> None:
    page.save()
    page.client.get("/")

    assert "Đã lưu hồ sơ" not in page.client.get("/").text


def test_saving_wakes_the_agent(page: Page) -> None:
    page.save()

    assert page.woken == 1


def test_a_dossier_that_was_not_saved_wakes_nobody(page: Page) -> None:
    page.save(submitter_name="")

    assert page.woken == 0


def test_the_same_form_sent_twice_is_one_dossier(page: Page) -> None:
    form = typed(form_id="the-same")
    page.post("/dossiers", form)

    answer = page.client.post("/dossiers", data=form | {"csrf_token": token_of(page.client.get("/").text)})

    assert answer.status_code == 302
    assert saved_count(page) == 1
    assert "Hồ sơ này đã được lưu trước đó" in page.client.get("/").text


def test_a_form_that_was_changed_and_sent_again_is_another_dossier(page: Page) -> None:
    page.post("/dossiers", typed(form_id="the-same"))

    page.post("/dossiers", typed(form_id="the-same", submitter_name="Lê Văn Cam"))

    assert saved_count(page) == 2


def test_bad_input_keeps_what_was_typed_and_says_what_to_do_in_vietnamese(page: Page) -> None:
    answer = page.save(submitter_name="Đ", set_count="nhiều", address_text="Ngõ 5 & 7", received_time="9h99")

    assert answer.status_code == 422
    assert 'value="Đ"' in answer.text
    assert 'value="nhiều"' in answer.text
    assert 'value="Ngõ 5 &amp; 7"' in answer.text
    assert 'value="9h99"' in answer.text
    assert 'href="#submitter_name"' in answer.text
    assert "Nhập họ và tên người nộp hồ sơ" in answer.text
    assert "Nhập số bộ hồ sơ, từ 1 đến 999." in answer.text
    assert "Nhập giờ tiếp nhận" in answer.text
    assert "Shorter than" not in answer.text
    assert "Not a valid" not in answer.text
    assert saved_count(page) == 0


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"procedure_code": ""}, "Chọn thủ tục"),
        ({"procedure_code": "9.999999"}, "không tiếp nhận thủ tục có mã này"),
        ({"channel": "post"}, "không tiếp nhận theo hình thức đã chọn"),
        ({"channel": "pigeon"}, "Chọn hình thức nộp hồ sơ."),
        ({"delivery_method": ""}, "Chọn hình thức nhận kết quả."),
        ({"id_number": "123"}, "có 12 chữ số"),
        ({"id_type": "seal", "id_number": "1"}, "Chọn loại giấy tờ"),
        ({"phone": "99"}, "Một số di động có 10 chữ số"),
        ({"set_count": "0"}, "từ 1 đến 999"),
        ({"set_count": ""}, "từ 1 đến 999"),
        ({"received_on": "31/02/2021"}, "Nhập ngày tiếp nhận"),
        ({"received_on": "04/10/1921"}, "Ngày tiếp nhận không hợp lý"),
        ({"received_time": "25:00"}, "Nhập giờ tiếp nhận"),
        ({"summary": "a" * 501}, "nhiều nhất 500 ký tự"),
        ({"submitter_name": "An\x00"}, "U+0000 ở vị trí 3"),
        ({"is_owner": "", "owner_name": "", "owner_type": "business"}, "chủ hồ sơ, từ 2 đến 150"),
    ],
)
def test_each_wrong_field_says_what_to_do(page: Page, wrong: dict[str, str], advice: str) -> None:
    answer = page.save(**wrong)

    assert answer.status_code == 422
    assert advice in answer.text
    assert saved_count(page) == 0


def test_a_wrong_name_is_told_once_where_the_submitter_is_the_owner(page: Page) -> None:
    answer = page.save(submitter_name="")

    assert 'href="#submitter_name"' in answer.text
    assert 'href="#owner_name"' not in answer.text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}'&"])
def test_a_name_is_text_wherever_it_is_shown(page: Page, name: str) -> None:
    page.save(submitter_name=name)
    refused = page.save(submitter_name=name, set_count="")

    for text in (page.client.get("/").text, page.client.get("/today").text, refused.text):
        assert name not in text
        assert "<img src=x" not in text
        assert "<script>alert" not in text


def test_a_dossier_can_be_received_late_by_shorthand(page: Page) -> None:
    page.save(received_on="0110", received_time="1630")

    assert "H62.11.01-211001-0001" in page.client.get("/today").text


def test_a_reception_ahead_of_the_clock_is_saved_and_told(page: Page) -> None:
    page.save(received_on="05/10/2021")

    assert "đi trước đồng hồ" in page.client.get("/").text
    assert saved_count(page) == 1


def test_an_empty_day_and_time_mean_now(page: Page, clock: StandingClock) -> None:
    clock.move(minutes=7)

    page.save(received_on="", received_time="")

    assert "09:07" in page.client.get("/today").text


def test_a_procedure_that_was_typed_and_not_picked_is_taken_if_only_one_fits(page: Page) -> None:
    answer = page.save(procedure_code="", procedure_text="khai sinh")

    assert answer.status_code == 302
    assert "Đăng ký khai sinh" in page.client.get("/today").text


def test_a_procedure_that_fits_twice_is_asked_for(page: Page) -> None:
    assert page.save(procedure_code="", procedure_text="chung thuc").status_code == 422


def test_procedures_are_found_without_marks_by_name_and_by_code(page: Page) -> None:
    by_name = page.client.get("/procedures?q=KET+dang").json
    by_code = page.client.get("/procedures?q=2.0006").json

    assert by_name == [{"code": "1.000894", "field": "Hộ tịch", "name": "Đăng ký kết hôn"}]
    assert by_code == [{"code": "2.000635", "field": "Hộ tịch", "name": "Cấp bản sao trích lục hộ tịch"}]


def test_the_procedures_used_most_come_first(page: Page) -> None:
    page.save(procedure_code="2.000884")
    page.save(procedure_code="2.000884", submitter_name="Lê Văn Cam")
    page.save(procedure_code="1.000894")

    found = page.client.get("/procedures").json

    assert [each["code"] for each in found or []][:2] == ["2.000884", "1.000894"]


def test_the_appointment_is_shown_before_anything_is_saved(page: Page) -> None:
    form = {"procedure_code": "1.004873", "received_on": "04/10/2021", "received_time": "0815"}

    answer = page.client.get("/appointment", query_string=form)

    assert "08:15" in answer.text
    assert "Thứ Năm" in answer.text
    assert "07/10/2021" in answer.text
    assert "3 ngày làm việc" in answer.text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Chọn thủ tục"),
        ({"procedure_code": "1.004873", "received_on": "99/99"}, "chưa đúng"),
        ({"procedure_code": "1.004873", "received_on": "01/01/0001"}, "chưa đúng"),
    ],
)
def test_an_appointment_that_cannot_be_told_says_why(page: Page, form: dict[str, str], told: str) -> None:
    assert told in page.client.get("/appointment", query_string=form).text


def test_one_dossier_can_be_read(page: Page) -> None:
    page.save(is_owner="", owner_name="Hợp tác xã Mai Vàng", owner_type="organisation")
    link = page.client.get("/today").text.split('<a href="')[1].split('"')[0]

    answer = page.client.get(link)

    assert answer.status_code == 200
    assert "H62.11.01-211004-0001" in answer.text
    assert "Hợp tác xã Mai Vàng" in answer.text
    assert "026*******01" in answer.text
    assert "026185900001" not in answer.text
    assert "Chờ gửi" in answer.text


def test_the_status_line_counts_what_is_saved_and_what_waits(page: Page) -> None:
    page.save()

    answer = page.client.get("/status-line")

    assert "Chưa kết nối lần nào" in answer.text
    assert "<dt>Đã lưu trên máy</dt><dd>1</dd>" in answer.text
    assert "<dt>Chờ gửi</dt><dd>1</dd>" in answer.text
    assert "1/50" in answer.text


@pytest.mark.parametrize("path", ["/status-line", "/today"])
def test_what_the_page_shows_already_is_not_sent_again(page: Page, path: str) -> None:
    seen = page.client.get(path).text.split('name="seen" value="')[1].split('"')[0]

    assert page.client.get(path, query_string={"seen": seen}).status_code == 204
    page.save()
    assert page.client.get(path, query_string={"seen": seen}).status_code == 200


def test_the_page_is_told_the_corrected_time(page: Page, clock: StandingClock) -> None:
    clock.move(minutes=5)

    answer = page.client.get("/status-line")

    assert answer.headers["HX-Trigger"] == '{"desk-clock":{"day":"04/10/2021","time":"09:05"}}'


def test_the_pages_switch_to_english_and_back(page: Page) -> None:
    page.post("/language", {"language": "en"})
    english = page.client.get("/").text
    page.post("/language", {"language": "vi"})

    assert '<html lang="en">' in english
    assert "Receive a dossier" in english
    assert "Tiếp nhận hồ sơ" in page.client.get("/").text


def test_english_says_what_to_do_about_a_field(page: Page) -> None:
    page.post("/language", {"language": "en"})

    assert "Type the full name of the person who hands it in" in page.save(submitter_name="").text


def test_the_language_chosen_before_signing_in_stays(make_page: Callable[..., Page]) -> None:
    page = make_page()
    token = token_of(page.client.get("/sign-in").text)
    page.client.post("/language", data={"csrf_token": token, "language": "en"})

    page.sign_in()

    assert "Receive a dossier" in page.client.get("/").text


@pytest.mark.parametrize("path", ["/sign-in", "/", "/no-such-page"])
def test_a_training_system_says_so_on_every_page(make_page: Callable[..., Page], path: str) -> None:
    page = make_page(training=True)
    before = page.client.get(path, follow_redirects=True).text
    page.sign_in()

    assert "HỆ THỐNG TẬP HUẤN" in before
    assert "HỆ THỐNG TẬP HUẤN" in page.client.get(path, follow_redirects=True).text


def test_a_form_from_before_a_restart_keeps_what_was_typed(page: Page) -> None:
    """The token of a page does not outlive the program's start; the session and what was typed do."""
    old_token = token_of(page.client.get("/").text)
    session_cookie = page.client.get_cookie("desk_session", domain="127.0.0.1")
    assert session_cookie is not None
    restarted = opened(page.app.extensions[EXTENSION].desk)
    restarted.client.set_cookie("desk_session", session_cookie.value, domain="127.0.0.1")

    answer = restarted.client.post("/dossiers", data=typed(csrf_token=old_token))

    assert answer.status_code == 400
    assert "Hồ sơ chưa được lưu" in answer.text
    assert 'value="Trần Thị Bưởi"' in answer.text
    again = typed(csrf_token=token_of(answer.text))
    assert restarted.client.post("/dossiers", data=again).status_code == 302
    assert saved_count(restarted) == 1


def test_dossiers_of_other_days_are_not_in_todays_list(page: Page, clock: StandingClock) -> None:
    page.save()
    clock.at += timedelta(days=1)
    page.sign_in()

    assert "Hôm nay chưa nhập hồ sơ nào." in page.client.get("/").text
