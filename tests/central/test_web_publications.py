"""The pages of published reports: from the figures to the signed version, with every change of a number in the open."""

from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO

import openpyxl
import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.services import closing, signing_in
from sync_protocol.messages import translated
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser, token
from tests.central.writing import Writer, enrolled_writer
from tests.factories import StandingClock
from tests.papers import page_texts

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
DAY = date(2021, 10, 4)
ASKED = "/publications/of?period=2021-10"
DOCUMENT = {"document_number": "12/BC-VP", "issued_on": "2021-10-22"}


@pytest.fixture
def writer(central: Central, clock: StandingClock) -> Writer:
    """A desk that has sent three dossiers of October, which is closed; people of the province and of a district."""
    each = enrolled_writer(central)
    for _ in range(3):
        each.receive(DAY)
    each.send()
    clock.at = datetime(2021, 10, 22, 2, tzinfo=UTC)
    each.send(each.alone(acknowledged=each.head))
    closing.close(central, OCTOBER, by="tinh", reason="Đã gọi, máy hỏng")
    for username, role, unit in (("tinh", Role.PROVINCE, None), ("vinhyen", Role.SUPERVISOR, "243")):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return each


@pytest.fixture
def app(writer: Writer, central: Central) -> Flask:
    return create_app(central)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody of the province office."""
    return browser(app, "tinh")


def address(client: FlaskClient, asked: str = ASKED) -> str:
    """Where a report is published."""
    return client.get(asked).headers["Location"]


def take(client: FlaskClient, step: str, seen: int, asked: str = ASKED, **typed: str) -> TestResponse:
    """Presses a button on the page that showed so many steps."""
    form = {"csrf_token": token(client, "/sessions"), "step": step, "seen": str(seen), **typed}
    return client.post(address(client, asked), data=form)


def text_of(client: FlaskClient) -> str:
    """What stands in the field of the text."""
    return unescape(client.get(address(client)).text.partition('maxlength="20000">')[2].partition("</textarea>")[0])


def publish(client: FlaskClient, asked: str = ASKED) -> None:
    """Prepares, approves and publishes a report with a text of its own."""
    assert take(client, "prepare", 0, asked).status_code == 303
    assert take(client, "approve", 1, asked, text="Đã tiếp nhận 3 hồ sơ.").status_code == 303
    assert take(client, "publish", 2, asked, text="Đã tiếp nhận 3 hồ sơ.", **DOCUMENT).status_code == 303


def test_a_report_leads_to_its_publication(client: FlaskClient) -> None:
    page = client.get("/reports?period=2021-10").text

    assert "/publications/of?" in page
    assert "No report has been published yet." in client.get(ASKED, follow_redirects=True).text
    assert "Prepare for publication" in client.get(ASKED, follow_redirects=True).text


def test_a_number_that_was_changed_by_hand_is_marked_on_the_page_and_in_the_files(client: FlaskClient) -> None:
    take(client, "prepare", 0)
    made = text_of(client)
    text = f"{made}\r\nCả năm dự kiến tiếp nhận 9.999 hồ sơ."

    take(client, "approve", 1, text=text)
    draft = client.get(f"{address(client)}/draft.xlsx")
    take(client, "publish", 2, text=text, **DOCUMENT)

    page = client.get(address(client)).text
    assert page.count("<mark>") == 1
    assert '<mark>9.999 <span class="by-hand">by hand</span></mark>' in page
    assert "The text as it was made of the figures" in page
    mark = translated("by hand", {}, "vi", "central_server")
    file = client.get(f"{address(client)}/0.xlsx")
    for answer, is_numbered in ((draft, False), (file, True)):
        cells = [cell.value for row in openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0] for cell in row]
        assert [cell for cell in cells if cell and "9.999" in str(cell)] == [
            f"Cả năm dự kiến tiếp nhận 9.999 ({mark}) hồ sơ."
        ]
        assert ("12/BC-VP" in cells) is is_numbered


def test_a_published_file_is_the_same_for_ever(client: FlaskClient, writer: Writer, clock: StandingClock) -> None:
    publish(client)
    first = client.get(f"{address(client)}/0.xlsx").data
    clock.move(minutes=5)
    writer.receive(DAY)
    writer.send()

    again = client.get(f"{address(client)}/0.xlsx").data
    machine = client.get(f"{address(client)}/0.json")
    papers = [client.get(f"{address(client)}/0.{ending}") for ending in ("pdf", "docx")]

    assert again == first
    assert machine.mimetype == "application/json"
    assert "12/BC-VP" in " ".join(page_texts(papers[0].data))
    assert papers[1].data.startswith(b"PK")
    assert client.get(f"{address(client)}/0.exe").status_code == 404
    assert client.get(f"{address(client)}/1.xlsx").status_code == 404


def test_a_double_click_publishes_once(client: FlaskClient) -> None:
    publish(client)

    again = take(client, "publish", 2, text="Đã tiếp nhận 3 hồ sơ.", **DOCUMENT)

    assert again.status_code == 303
    assert client.get(address(client)).text.count("Published as 12/BC-VP") == 1


def test_what_cannot_be_done_is_told_and_what_was_typed_stands_again(client: FlaskClient) -> None:
    take(client, "prepare", 0)
    take(client, "approve", 1, text="Một")

    other = take(client, "publish", 2, text="Hai", **DOCUMENT)
    undated = take(client, "publish", 2, text="Một", document_number="12/BC-VP", issued_on="mai")
    passed_by = take(client, "edit", 1, text="Ba")

    assert [each.status_code for each in (other, undated, passed_by)] == [400, 400, 400]
    assert "has not been approved as it is now" in other.text
    assert "Hai</textarea>" in other.text
    assert 'value="12/BC-VP"' in undated.text
    assert "Somebody has worked on this report" in passed_by.text


def test_what_was_chosen_for_the_report_is_published(client: FlaskClient) -> None:
    chosen = f"{ASKED}&basis=resolved&name=x&_scheme=y"

    page = client.get(f"{address(client, chosen)}&name=x&_external=1")
    take(client, "prepare", 0, chosen)

    assert f'action="{address(client, chosen)}"' in page.text
    answer = client.get(f"{address(client)}/draft.json")
    assert orjson.loads(answer.data)["rules"]["basis"] == "resolved"


@pytest.mark.parametrize("typed", [{"seen": "x"}, {"seen": "-1"}, {"seen": "9999999"}, {"step": "burn"}])
def test_a_form_that_is_none_of_ours_is_refused(client: FlaskClient, typed: dict[str, str]) -> None:
    form = {"csrf_token": token(client, "/sessions"), "step": "prepare", "seen": "0"} | typed

    assert client.post(address(client), data=form).status_code == 400
    assert "Under way" not in client.get("/publications").text


def test_what_came_later_is_told_and_published_as_a_correction(
    client: FlaskClient, central: Central, writer: Writer, clock: StandingClock
) -> None:
    publish(client)
    clock.move(minutes=5)
    writer.receive(DAY)
    writer.send()
    closing.restate(central, OCTOBER, by="tinh", reason="Số liệu đến sau")
    changed = client.get(address(client)).text
    refused = take(client, "prepare", 3)
    take(client, "prepare", 3, reason="Một hồ sơ đến sau")
    take(client, "approve", 4, text="Đã tiếp nhận 4 hồ sơ.")
    take(client, "publish", 5, text="Đã tiếp nhận 4 hồ sơ.", document_number="15/ĐC-VP", issued_on="2021-10-22")

    page, listed = client.get(address(client)).text, client.get("/publications").text

    assert "Entered before, arrived after the closing: <strong>+1</strong>" in changed
    assert refused.status_code == 400
    assert "Correction 15/ĐC-VP of 12/BC-VP" in page
    assert "Published as 12/BC-VP" in page
    assert "Một hồ sơ đến sau" in page
    assert "Corrects 12/BC-VP" in listed
    assert "A correction followed" in listed
    book = openpyxl.load_workbook(BytesIO(client.get(f"{address(client)}/1.xlsx").data))
    rows = [[cell.value for cell in row] for row in book.worksheets[1]]
    cause = translated("Entered before, arrived after the closing", {}, "vi", "central_server")
    where = f"Bộ phận Một cửa Phường Tích Sơn: +1 ({cause}: +1)"
    assert ["3", "4", where] in [row[-3:] for row in rows]
    assert page.count("Bộ phận Một cửa Phường Tích Sơn: +1 (Entered before, arrived after the closing: +1)") > 1


def test_a_rate_of_which_only_the_denominator_changed_is_corrected_with_both(
    client: FlaskClient, writer: Writer, clock: StandingClock
) -> None:
    publish(client)
    clock.move(minutes=5)
    writer.receive(DAY)
    writer.send()
    take(client, "prepare", 3, reason="Một hồ sơ đến sau")
    take(client, "approve", 4, text="Đã tiếp nhận 4 hồ sơ.")
    take(client, "publish", 5, text="Đã tiếp nhận 4 hồ sơ.", document_number="15/ĐC-VP", issued_on="2021-10-22")

    page = client.get(address(client)).text

    assert '<td class="figure">0% (0/3)</td><td class="figure">0% (0/4)</td>' in page


def test_a_correction_of_nothing_is_told_before_and_when_it_is_approved(client: FlaskClient) -> None:
    publish(client)
    take(client, "prepare", 3, reason="Soát lại")

    page = client.get(address(client)).text
    refused = take(client, "approve", 4, text="Đã tiếp nhận 3 hồ sơ.")

    assert "No figure differs from what was published." in page
    assert refused.status_code == 400
    assert "Not approved yet." in client.get(address(client)).text


def test_a_correction_shows_which_sentences_were_kept(
    client: FlaskClient, writer: Writer, clock: StandingClock
) -> None:
    take(client, "prepare", 0)
    text = f"{text_of(client)} Cả năm dự kiến tiếp nhận 9.999 hồ sơ."
    take(client, "approve", 1, text=text)
    take(client, "publish", 2, text=text, **DOCUMENT)
    clock.move(minutes=5)
    writer.receive(DAY)
    writer.send()

    take(client, "prepare", 3, reason="Một hồ sơ đến sau")

    page = client.get(address(client)).text
    kept = page.partition("written by people about earlier figures")[2].partition("</ul>")[0]
    assert '<li>Cả năm dự kiến tiếp nhận <mark>9.999 <span class="by-hand">by hand</span></mark> hồ sơ.</li>' in kept
    assert kept.count("<li>") == 1
    assert text_of(client).endswith("Cả năm dự kiến tiếp nhận 9.999 hồ sơ.")


def test_a_draft_is_withdrawn_on_its_page(app: Flask, client: FlaskClient) -> None:
    take(client, "prepare", 0)

    unsaid = take(client, "withdraw", 1)
    supervised = take(browser(app, "vinhyen"), "withdraw", 1, withdrawal="Lập nhầm kỳ", asked=ASKED)
    taken = take(client, "withdraw", 1, withdrawal="Lập nhầm kỳ")

    page, listed = client.get(address(client)).text, client.get("/publications").text
    assert [each.status_code for each in (unsaid, supervised, taken)] == [400, 403, 303]
    assert "This needs a reason" in unsaid.text
    assert "withdrew the last draft" in page
    assert "Lập nhầm kỳ" in page
    assert "Prepare for publication" in page
    assert "Under way" not in listed


def test_a_draft_that_was_approved_has_no_button_to_withdraw_it(client: FlaskClient) -> None:
    take(client, "prepare", 0)
    before = client.get(address(client)).text
    take(client, "approve", 1, text="Một")

    after, refused = client.get(address(client)).text, take(client, "withdraw", 2, withdrawal="Lập nhầm kỳ")

    assert ('value="withdraw"' in before, 'value="withdraw"' in after) == (True, False)
    assert refused.status_code == 400
    assert "has been approved as it is now" in refused.text


def test_who_may_not_publish_reads_what_was_published_of_the_own_unit(app: Flask, client: FlaskClient) -> None:
    own, other = f"{ASKED}&unit=", ASKED
    supervisor = browser(app, "vinhyen")
    unit = address(supervisor).rpartition("/")[2]
    for asked in (own + unit, other):
        publish(client, asked)
    take(client, "prepare", 3, own + unit, reason="Soát lại")

    page, listed = supervisor.get(address(supervisor)).text, supervisor.get("/publications").text

    assert "Published as 12/BC-VP" in page
    assert "Soát lại" not in page
    assert 'value="publish"' not in page
    assert listed.count("12/BC-VP") == 1
    assert "Under way" not in listed
    assert take(supervisor, "approve", 4, text="Một").status_code == 403
    assert supervisor.get(f"{address(supervisor)}/draft.xlsx").status_code == 403
    assert supervisor.get(address(client)).status_code == 404
    assert supervisor.get(f"{address(client)}/0.xlsx").status_code == 404
