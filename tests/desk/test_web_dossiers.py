"""A dossier's page: how it stands, what can be done with it, what happened to it, and its papers.

The pages are asked for in English, the language of the catalogue's keys.
"""

import logging
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from werkzeug.test import TestResponse

from desk_client.desk import Desk
from desk_client.services.history import history
from desk_client.services.lifecycle import dossier_of, record_step
from desk_client.services.recording import Manner, record_receptions, record_registration
from desk_client.services.signing_in import add_clerk
from desk_client.storage import models
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading
from desk_client.web.present import EXTENSION
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Corrected, Extended, Printed, Rated, Stopped, SupplementReceived, Voided
from sync_protocol.vocabulary import DossierStage, EventKind, PaperForm, Rating, Role
from tests.desk.conftest import Page, opened, token_of
from tests.desk.lives import (
    CLERK,
    DELIVERED,
    EXTENDED,
    FORWARDED,
    PAPERS_ASKED_FOR,
    PAYMENT_ASKED_FOR,
    RESOLVED,
    after,
    received,
)
from tests.factories import NOW, PASSWORD, StandingClock, reception

NAMES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}'&",
    "</textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
)


@pytest.fixture
def page(make_page: Callable[..., Page]) -> Page:
    """The head's browser, in English."""
    made = make_page()
    made.sign_in()
    made.post("/language", {"language": "en"})
    return made


@pytest.fixture
def desk(page: Page) -> Desk:
    """The desk behind the pages."""
    desk: Desk = page.app.extensions[EXTENSION].desk
    return desk


def as_clerk(page: Page, desk: Desk) -> Page:
    """The browser of a clerk who is not the head."""
    add_clerk(desk, Clerk(username="binh.tt", full_name="Trần Thị Bình", role=Role.CLERK), PASSWORD)
    made = opened(desk)
    form = {"csrf_token": token_of(made.client.get("/sign-in").text), "username": "binh.tt", "password": PASSWORD}
    assert made.client.post("/sign-in", data=form).status_code == 302
    made.post("/language", {"language": "en"})
    return made


def url_of(dossier: Dossier, *parts: str) -> str:
    """The address of a dossier's page, or of one below it."""
    return "/".join(["/dossiers", dossier.id, *parts])


def shown(page: Page, dossier: Dossier, *parts: str) -> str:
    """The text of a dossier's page."""
    answer = page.client.get(url_of(dossier, *parts))
    assert answer.status_code == 200
    return answer.text


def take(page: Page, dossier: Dossier, kind: str, **fields: str) -> TestResponse:
    """Sends the form of a step with the fields that it offers, and others in their place."""
    text = page.client.get(url_of(dossier, "steps", kind)).text
    form = offered(text) | {"csrf_token": token_of(text)} | fields
    return page.client.post(url_of(dossier, "steps", kind), data=form)


def offered(text: str) -> dict[str, str]:
    """What stands in the form of a page, as a browser would send it."""
    form = text.rsplit('action="/dossiers/', maxsplit=1)[-1].split("</form>", maxsplit=1)[0]
    fields = dict(re.findall(r'<input(?: type="hidden")?[^>]*? name="([^"]+)" value="([^"]*)"', form))
    checked = re.findall(r'<input type="(?:radio|checkbox)"[^>]*?name="([^"]+)" value="([^"]*)" checked', form)
    chosen = re.findall(r'<select id="(\w+)".*?<option value="([^"]*)" selected', form, re.DOTALL)
    unchecked = {name for name, _ in re.findall(r'type="(?:radio|checkbox)"[^>]*?name="([^"]+)" (value)', form)}
    texts = {name: value for name, value in fields.items() if name not in unchecked}
    return texts | dict(checked) | dict(chosen) | dict.fromkeys(re.findall(r'<textarea id="(\w+)"', form), "")


def stage_of(desk: Desk, dossier: Dossier) -> DossierStage:
    """Where a dossier stands."""
    return dossier_of(desk, dossier.id).dossier.stage


def kinds_of(desk: Desk, dossier: Dossier) -> list[EventKind]:
    """What happened to a dossier."""
    return [line.kind for line in history(desk, dossier.id)]


def entry_count(desk: Desk) -> int:
    """How many entries the journal holds."""
    with reading(desk.database):
        return int(models.Entry.select().count())


# The line that leads to all pages


def test_the_line_leads_to_the_pages_and_marks_the_present_one(page: Page) -> None:
    text = page.client.get("/lists/overdue").text

    assert '<a href="/" ' in text
    assert '<a href="/period" ' in text
    assert re.search(r'<a href="/lists" aria-current="page" data-key="F7"', text)
    assert 'data-key="F4"' in text


def test_the_line_counts_what_is_due_today_and_overdue(page: Page, desk: Desk) -> None:
    received(desk, procedure_code="2.000815")
    received(desk, on=date(2021, 9, 20))
    received(desk)

    assert '<span class="badge">2</span>' in page.client.get("/").text


def test_nobody_who_is_not_signed_in_sees_the_line(make_page: Callable[..., Page]) -> None:
    assert 'class="navigation"' not in make_page().client.get("/sign-in").text


def test_a_page_about_a_failure_asks_the_database_nothing_more(page: Page) -> None:
    assert 'class="navigation"' not in page.client.get("/no-such-page").text


# How a dossier stands


def test_a_dossier_tells_what_it_is_and_how_it_stands(page: Page, desk: Desk) -> None:
    text = shown(page, received(desk))

    assert '<h1 class="tabular">H62.11.01-211004-0001</h1>' in text
    assert "Cấp Giấy xác nhận tình trạng hôn nhân" in text
    assert ">received</dd>" in text
    assert "09:00 Thursday 07/10/2021" in text
    assert "working days left: 3" in text
    assert "Nguyễn Văn An" in text


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2021, 10, 1), "working days left: 2"),
        (date(2021, 9, 29), "due today"),
        (date(2021, 9, 28), "overdue by working days: 1"),
    ],
)
def test_the_appointment_is_told_in_words(page: Page, desk: Desk, on: date, words: str) -> None:
    assert words in shown(page, received(desk, on=on))


def test_a_dossier_that_waits_tells_that_its_clock_is_held(page: Page, desk: Desk) -> None:
    papers = after(desk, received(desk), PAPERS_ASKED_FOR)
    payment = after(desk, received(desk), PAYMENT_ASKED_FOR)

    assert "waiting for papers, the clock is held" in shown(page, papers)
    assert "waiting for the payment, the clock is held" in shown(page, payment)


def test_an_appointment_that_moved_stands_beside_the_first_one(page: Page, desk: Desk) -> None:
    text = shown(page, after(desk, received(desk), EXTENDED))

    assert "12/10/2021" in text
    assert "first appointment 09:00 07/10/2021" in text


def test_the_dossiers_of_a_slip_know_each_other(page: Page, desk: Desk) -> None:
    rows = [reception(owner_name="Lê Văn Một"), reception(owner_name="Lê Văn Hai")]
    manner = Manner(on_one_slip=True)
    first, second = record_receptions(desk, rows, received_at=NOW, clerk=CLERK, manner=manner)

    text = shown(page, second.dossier)

    assert f'href="/dossiers/{first.dossier.id}">H62.11.01-211004-0001</a>' in text
    assert "Lê Văn Một" in text
    assert 'href="/slips/H62.11.01-211004-0001"' in text


def test_a_dossier_entered_later_says_so(page: Page, desk: Desk) -> None:
    assert "entered later" in shown(page, received(desk, on=date(2021, 9, 20)))


@pytest.mark.parametrize(
    "path", ["/dossiers/9.9.9", "/dossiers/nobody", "/dossiers/9.9.9/steps/resolve", "/dossiers/9.9.9/papers/receipt"]
)
def test_a_dossier_that_is_not_here_is_not_found(page: Page, path: str) -> None:
    answer = page.client.get(path)

    assert answer.status_code == 404
    assert "Nothing was changed" in answer.text or "What was saved is safe" in answer.text


# The identity number


def test_the_identity_number_is_masked_until_somebody_asks(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    before = shown(page, dossier)

    answer = page.post(url_of(dossier, "reveal"))

    assert "026*******01" in before
    assert "026185900001" not in before
    assert "026185900001" in answer.text
    assert "026185900001" not in shown(page, dossier)


def test_a_part_of_the_page_gets_the_number_alone(page: Page, desk: Desk) -> None:
    answer = page.post(url_of(received(desk), "reveal"), headers={"HX-Request": "true"})

    assert "026185900001" in answer.text
    assert "<html" not in answer.text


def test_a_link_cannot_reveal_the_number(page: Page, desk: Desk) -> None:
    assert page.client.get(url_of(received(desk), "reveal")).status_code == 405


def test_that_a_number_was_shown_is_noted_without_it(page: Page, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    dossier = received(desk)

    with caplog.at_level(logging.INFO, logger="desk_client"):
        page.post(url_of(dossier, "reveal"))

    assert f"identity number of dossier {dossier.id} shown to an.nv" in caplog.text
    assert "026185900001" not in caplog.text
    assert "Hường" not in caplog.text


# What may happen next


def test_the_usual_step_comes_first_under_its_key(page: Page, desk: Desk) -> None:
    dossier = received(desk)

    before = shown(page, dossier)
    later = shown(page, after(desk, dossier, RESOLVED))

    assert f'main-step" href="{url_of(dossier, "steps", "resolve")}" data-key="F8">Note the result' in before
    assert f'main-step" href="{url_of(dossier, "steps", "deliver")}" data-key="F8">Hand over the result' in later


def test_what_is_not_possible_is_not_offered(page: Page, desk: Desk) -> None:
    text = shown(page, after(desk, received(desk), RESOLVED, DELIVERED))

    assert set(re.findall(r"/steps/(\w+)", text)) == {"correct", "rate", "void"}


@pytest.mark.parametrize(
    ("way", "kind", "fields", "stage"),
    [
        ((), "forward", {"case_officer": "Lê Văn Tịnh"}, DossierStage.PROCESSING),
        ((), "request_supplement", {"papers": "Sổ hộ khẩu", "reason": "Thiếu"}, DossierStage.AWAITING_SUPPLEMENT),
        ((PAPERS_ASKED_FOR,), "supplement_received", {}, DossierStage.PROCESSING),
        ((PAPERS_ASKED_FOR,), "supplement_expired", {}, DossierStage.STOPPED),
        ((), "request_payment", {"amount_vnd": "50.000"}, DossierStage.AWAITING_PAYMENT),
        ((PAYMENT_ASKED_FOR,), "payment_done", {}, DossierStage.PROCESSING),
        ((), "extend", {"due_on": "1210", "reason": "Cần xác minh"}, DossierStage.RECEIVED),
        ((), "resolve", {"result_number": "12/XN"}, DossierStage.RESOLVED),
        ((), "resolve", {"and_deliver": "yes"}, DossierStage.DELIVERED),
        ((RESOLVED,), "deliver", {}, DossierStage.DELIVERED),
        ((), "withdraw", {"reason": "Công dân xin rút"}, DossierStage.WITHDRAWN),
        ((), "send_back", {"reason": "Sai thẩm quyền"}, DossierStage.SENT_BACK),
        ((), "stop", {"reason": "Chủ hồ sơ đã mất"}, DossierStage.STOPPED),
        ((), "void", {"reason": "Nhập thử"}, DossierStage.VOIDED),
        ((), "rate", {"rating": "satisfied"}, DossierStage.RECEIVED),
        ((), "correct", {"phone": "0987000999", "reason": "Gõ nhầm"}, DossierStage.RECEIVED),
    ],
)
def test_each_step_is_recorded_by_its_form(
    page: Page, desk: Desk, way: tuple[Stopped, ...], kind: str, fields: dict[str, str], stage: DossierStage
) -> None:
    dossier = after(desk, received(desk), *way)
    before = len(kinds_of(desk, dossier))

    answer = take(page, dossier, kind, **fields)

    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"] == url_of(dossier)
    assert stage_of(desk, dossier) is stage
    assert EventKind(kind) in kinds_of(desk, dossier)[before:]
    assert page.woken == 1


def test_what_was_done_is_told_once(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    take(page, dossier, "resolve")

    first, second = shown(page, dossier), shown(page, dossier)

    assert "<strong>Result noted.</strong>" in first
    assert "<strong>Result noted.</strong>" not in second


def test_a_dossier_filed_online_is_accepted_and_refused_on_its_page(page: Page, desk: Desk) -> None:
    filed = [
        record_registration(desk, reception(channel="online"), filed_at=NOW, clerk=CLERK).dossier for _ in range(2)
    ]

    take(page, filed[0], "receive")
    take(page, filed[1], "refuse_at_desk", reason="Sai thẩm quyền")

    assert [stage_of(desk, each) for each in filed] == [DossierStage.RECEIVED, DossierStage.NOT_ACCEPTED]
    assert "H62.11.01-211004-0001" in shown(page, filed[0])


def test_the_form_of_a_hand_over_knows_who_handed_it_in_and_how_it_is_wanted(page: Page, desk: Desk) -> None:
    dossier = after(desk, received(desk, delivery_method="post"), RESOLVED)

    text = shown(page, dossier, "steps", "deliver")

    assert offered(text)["delivered_to"] == "Nguyễn Thị Hường"
    assert offered(text)["delivered_by"] == "post"
    assert offered(text)["happened_on"] == "04/10/2021"
    assert offered(text)["happened_time"] == "09:00"


def test_the_form_of_an_extension_shows_the_appointment_so_far(page: Page, desk: Desk) -> None:
    text = shown(page, received(desk), "steps", "extend")

    assert "Appointment so far" in text
    assert "09:00 07/10/2021" in text


def test_what_happened_earlier_is_dated_by_shorthand(page: Page, desk: Desk) -> None:
    dossier = received(desk, on=date(2021, 9, 20))

    take(page, dossier, "resolve", happened_on="2209", happened_time="1530")

    [_, line] = history(desk, dossier.id)
    assert line.happened_at.isoformat() == "2021-09-22T08:30:00+00:00"
    assert "entered 09:00 04/10/2021" in shown(page, dossier)


@pytest.mark.parametrize(
    ("kind", "wrong", "field", "advice"),
    [
        ("forward", {}, "case_officer", "Name the officer or the unit"),
        ("request_supplement", {"reason": "Thiếu"}, "papers", "Name the papers to bring"),
        ("request_supplement", {"papers": "Sổ", "reason": "Thiếu", "until_on": "32/10"}, "until_on", "last day"),
        ("request_payment", {"amount_vnd": "nhiều"}, "amount_vnd", "digits only"),
        ("extend", {"due_on": "", "reason": "Bận"}, "due_on", "new day of the appointment"),
        ("extend", {"due_on": "1210", "reason": ""}, "reason", "Give the reason"),
        ("resolve", {"result_kind": "maybe"}, "result_kind", "Choose what the result is"),
        ("resolve", {"and_deliver": "yes", "delivered_to": ""}, "delivered_to", "who took it"),
        ("resolve", {"happened_on": "99/99"}, "happened_on", "Type the day"),
        ("resolve", {"happened_time": "25:00"}, "happened_time", "Type the time"),
        ("resolve", {"happened_on": "05/10/2021"}, "happened_on", "lies in the future"),
        ("resolve", {"happened_on": "03/10/2021"}, "happened_on", "cannot have happened before"),
        ("withdraw", {"reason": ""}, "reason", "Give the reason"),
        ("withdraw", {"reason": "An\x00"}, "reason", "U+0000"),
        ("stop", {"reason": "a" * 501}, "reason", "2 to 500 characters"),
        ("rate", {"rating": "so so"}, "rating", "one of the three"),
    ],
)
def test_a_wrong_field_keeps_what_was_typed_and_says_what_to_do(
    page: Page, desk: Desk, kind: str, wrong: dict[str, str], field: str, advice: str
) -> None:
    dossier = received(desk)

    answer = take(page, dossier, kind, **wrong)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert advice in answer.text
    assert kinds_of(desk, dossier) == [EventKind.RECEIVE]
    assert page.woken == 0


def test_a_wrong_field_keeps_the_others(page: Page, desk: Desk) -> None:
    answer = take(page, received(desk), "extend", due_on="31/02", reason="Xác minh & đối chiếu")

    assert 'value="31/02"' in answer.text
    assert 'value="Xác minh &amp; đối chiếu"' in answer.text


def test_the_same_form_sent_twice_is_one_step(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    text = shown(page, dossier, "steps", "extend")
    form = offered(text) | {"csrf_token": token_of(text), "due_on": "1210", "reason": "Cần xác minh"}

    answers = [page.client.post(url_of(dossier, "steps", "extend"), data=form).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert kinds_of(desk, dossier) == [EventKind.RECEIVE, EventKind.EXTEND]
    assert page.woken == 1


def test_a_step_that_no_longer_follows_says_what_is_possible_instead(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    text = shown(page, dossier, "steps", "forward")
    form = offered(text) | {"csrf_token": token_of(text), "case_officer": "Lê Văn Tịnh"}
    after(desk, dossier, RESOLVED)

    answer = page.client.post(url_of(dossier, "steps", "forward"), data=form)

    assert answer.status_code == 409
    assert "The dossier is resolved, the result is ready, so this cannot be recorded." in answer.text
    assert "Possible now: hand over the result" in answer.text
    assert url_of(dossier, "steps", "deliver") in answer.text
    assert stage_of(desk, dossier) is DossierStage.RESOLVED


def test_the_form_of_a_step_that_does_not_follow_is_not_opened(page: Page, desk: Desk) -> None:
    answer = page.client.get(url_of(received(desk), "steps", "deliver"))

    assert answer.status_code == 409
    assert "Possible now: " in answer.text


def test_papers_are_not_asked_for_twice(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    text = shown(page, dossier, "steps", "request_supplement")
    form = offered(text) | {"csrf_token": token_of(text), "papers": "Sổ hộ khẩu", "reason": "Thiếu"}
    after(desk, dossier, PAPERS_ASKED_FOR, SupplementReceived())

    answer = page.client.post(url_of(dossier, "steps", "request_supplement"), data=form)

    assert answer.status_code == 409
    assert kinds_of(desk, dossier)[-1] is EventKind.SUPPLEMENT_RECEIVED


@pytest.mark.parametrize("kind", ["receive", "print", "open_epoch", "nonsense"])
def test_what_is_no_step_of_a_dossier_is_not_recorded(page: Page, desk: Desk, kind: str) -> None:
    dossier = received(desk)

    answer = page.post(url_of(dossier, "steps", kind))

    assert answer.status_code in (404, 409)
    assert kinds_of(desk, dossier) == [EventKind.RECEIVE]


def test_only_the_head_takes_a_dossier_out_of_the_counts(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    clerk = as_clerk(page, desk)

    opened_form = clerk.client.get(url_of(dossier, "steps", "void"))
    sent = clerk.post(
        url_of(dossier, "steps", "void"), {"reason": "Nhập trùng", "happened_on": "", "happened_time": ""}
    )

    assert "/steps/void" not in shown(clerk, dossier)
    assert "Only the head of the desk" in opened_form.text
    assert sent.status_code == 403
    assert stage_of(desk, dossier) is DossierStage.RECEIVED


def test_papers_asked_for_late_are_warned_about_and_recorded(page: Page, desk: Desk) -> None:
    dossier = received(desk, on=date(2021, 9, 20))

    text = shown(page, dossier, "steps", "request_supplement")
    take(page, dossier, "request_supplement", papers="Sổ hộ khẩu", reason="Thiếu")

    assert "within 3 working days of reception, which ended on 23/09/2021" in text
    assert stage_of(desk, dossier) is DossierStage.AWAITING_SUPPLEMENT


def test_papers_asked_for_in_time_are_not_warned_about(page: Page, desk: Desk) -> None:
    assert "By the rules" not in shown(page, received(desk), "steps", "request_supplement")


def test_an_apology_that_comes_too_late_is_warned_about(page: Page, desk: Desk) -> None:
    dossier = received(desk, on=date(2021, 9, 29))

    assert "at the latest on the day before the appointment, 04/10/2021" in shown(page, dossier, "steps", "extend")


def test_a_form_from_before_a_restart_keeps_what_was_typed(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    text = shown(page, dossier, "steps", "extend")
    form = offered(text) | {"csrf_token": token_of(text), "due_on": "1210", "reason": "Cần xác minh"}
    session_cookie = page.client.get_cookie("desk_session", domain="127.0.0.1")
    assert session_cookie is not None
    restarted = opened(desk)
    restarted.client.set_cookie("desk_session", session_cookie.value, domain="127.0.0.1")

    answer = restarted.client.post(url_of(dossier, "steps", "extend"), data=form)

    assert answer.status_code == 400
    assert 'value="Cần xác minh"' in answer.text
    assert "Nothing was saved yet" in answer.text
    assert kinds_of(desk, dossier) == [EventKind.RECEIVE]


# Corrections


def test_the_form_of_a_correction_holds_the_dossier_with_its_number_masked(page: Page, desk: Desk) -> None:
    papers = [{"name": "Tờ khai", "originals": 1, "certified_copies": 0, "photocopies": 2}]
    dossier = received(desk, birth_date="1985-01-01", birth_precision="year", components=papers, fee_amount_vnd=50_000)

    text = shown(page, dossier, "steps", "correct")

    form = offered(text)
    assert form["owner_name"] == "Nguyễn Thị Hường"
    assert form["birth_date"] == "1985"
    assert form["received_at"] == "04/10/2021 09:00"
    assert form["due_on"] == "07/10/2021"
    assert form["fee_amount_vnd"] == "50000"
    assert form["paper-1-name"] == "Tờ khai"
    assert form["id_number"] == "026*******01"
    assert "026185900001" not in text


def test_a_correction_records_what_was_changed_and_nothing_else(page: Page, desk: Desk) -> None:
    dossier = received(desk)

    take(page, dossier, "correct", owner_name="Nguyễn Thị Hương", due_on="1110", reason="Gõ nhầm")

    [_, line] = history(desk, dossier.id)
    assert isinstance(line.payload, Corrected)
    assert dict(line.payload.changes) == {"owner_name": "Nguyễn Thị Hương", "due_on": "2021-10-11"}


@pytest.mark.parametrize(
    ("typed", "changes"),
    [
        ({"id_number": "026 185 900 777"}, {"id_number": "026185900777"}),
        ({"id_type": "", "id_number": ""}, {"id_type": None, "id_number": ""}),
        ({"birth_date": "5/9/1985"}, {"birth_date": "1985-09-05", "birth_precision": "day"}),
        ({"sex": "female"}, {"sex": "female"}),
        ({"received_at": "1/10 815"}, {"received_at": "2021-10-01T01:15:00Z"}),
        ({"set_count": "2"}, {"set_count": 2}),
        ({"fee_amount_vnd": "15.000 đ"}, {"fee_amount_vnd": 15_000}),
        ({"out_of_area": "yes"}, {"out_of_area": True}),
        ({"external_code": "VP-77"}, {"external_code": "VP-77"}),
    ],
)
def test_each_field_can_be_corrected(page: Page, desk: Desk, typed: dict[str, str], changes: dict[str, object]) -> None:
    dossier = received(desk)

    answer = take(page, dossier, "correct", reason="Gõ nhầm", **typed)

    assert answer.status_code == 302, answer.text
    [_, line] = history(desk, dossier.id)
    assert isinstance(line.payload, Corrected)
    assert dict(line.payload.changes) == changes


def test_papers_of_a_dossier_can_be_corrected(page: Page, desk: Desk) -> None:
    dossier = received(desk)

    take(page, dossier, "correct", **{"paper-1-name": "Tờ khai", "paper-1-originals": "1"}, reason="Ghi thiếu")

    assert dossier_of(desk, dossier.id).content["components"] == [{"name": "Tờ khai", "originals": 1}]


def test_papers_that_were_left_alone_are_not_corrected(page: Page, desk: Desk) -> None:
    dossier = received(desk, components=[{"name": "Tờ khai", "originals": 1}, {"name": "Ảnh", "photocopies": 2}])

    take(page, dossier, "correct", phone="0987000999", reason="Gõ nhầm")

    [_, line] = history(desk, dossier.id)
    assert isinstance(line.payload, Corrected)
    assert set(line.payload.changes) == {"phone"}


def test_the_result_can_be_corrected_once_it_is_there(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    before = shown(page, dossier, "steps", "correct")
    after(desk, dossier, RESOLVED, DELIVERED)

    take(page, dossier, "correct", delivered_to="Trần Văn Bưởi", signer="Phạm Quốc Khánh", reason="Ghi nhầm")

    assert "result_number" not in before
    assert dossier_of(desk, dossier.id).text("delivered_to") == "Trần Văn Bưởi"
    assert dossier_of(desk, dossier.id).text("signer") == "Phạm Quốc Khánh"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"owner_name": ""}, "owner_name"),
        ({"owner_name": "Hường 5"}, "owner_name"),
        ({"phone": "12"}, "phone"),
        ({"id_number": "12"}, "id_number"),
        ({"birth_date": "31/02/1985"}, "birth_date"),
        ({"received_at": "04/10/2021"}, "received_at"),
        ({"received_at": "hôm qua"}, "received_at"),
        ({"due_on": ""}, "due_on"),
        ({"set_count": "0"}, "set_count"),
        ({"fee_amount_vnd": "nhiều"}, "fee_amount_vnd"),
        ({"phone": "0987000999", "reason": ""}, "reason"),
    ],
)
def test_a_wrong_correction_says_what_to_do(page: Page, desk: Desk, typed: dict[str, str], field: str) -> None:
    dossier = received(desk)

    answer = take(page, dossier, "correct", **{"reason": "Thử"} | typed)

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert kinds_of(desk, dossier) == [EventKind.RECEIVE]


def test_a_correction_of_nothing_says_so(page: Page, desk: Desk) -> None:
    dossier = received(desk)

    answer = take(page, dossier, "correct", reason="Không sửa gì")

    assert answer.status_code == 422
    assert "No field was changed" in answer.text
    assert kinds_of(desk, dossier) == [EventKind.RECEIVE]


def test_a_stale_form_reverts_nobodys_correction(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    text = shown(page, dossier, "steps", "correct")
    form = offered(text) | {"csrf_token": token_of(text), "address_text": "Thôn Tây", "reason": "Ghi lại"}
    record_step(
        desk, dossier.id, Corrected(changes={"phone": "0987000999"}, reason="Số mới"), happened_at=NOW, clerk=CLERK
    )

    page.client.post(url_of(dossier, "steps", "correct"), data=form)

    assert dossier_of(desk, dossier.id).text("phone") == "0987000999"
    assert dossier_of(desk, dossier.id).text("address_text") == "Thôn Tây"


def test_a_field_that_somebody_else_changed_meanwhile_is_asked_about(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    text = shown(page, dossier, "steps", "correct")
    form = offered(text) | {"csrf_token": token_of(text), "phone": "0987000222", "reason": "Ghi lại"}
    record_step(
        desk, dossier.id, Corrected(changes={"phone": "0987000999"}, reason="Số mới"), happened_at=NOW, clerk=CLERK
    )

    asked = page.client.post(url_of(dossier, "steps", "correct"), data=form)
    again = offered(asked.text) | {"csrf_token": token_of(asked.text), "reason": "Ghi lại"}
    page.client.post(url_of(dossier, "steps", "correct"), data=again)

    assert asked.status_code == 422
    assert "0987000999" in asked.text
    assert dossier_of(desk, dossier.id).text("phone") == "0987000222"


# History


def test_the_history_names_people_machines_and_changes(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    after(desk, dossier, FORWARDED, Corrected(changes={"phone": "0987000999"}, reason="Gõ nhầm"))

    text = shown(page, dossier)

    assert "Nguyễn Văn An · Machine 1 (this machine)" in text
    assert "<del>0987000001</del> → <ins>0987000999</ins>" in text
    assert "<ins>Gõ nhầm</ins>" in text
    assert "<ins>Lê Văn Tịnh</ins>" in text
    assert text.index("Corrected") < text.index("Forwarded") < text.index("Received at the desk")


def test_a_corrected_number_is_masked_in_the_history(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    changes = {"id_type": "cccd", "id_number": "026185900777"}
    after(desk, dossier, Corrected(changes=changes, reason="Gõ nhầm"))

    text = shown(page, dossier)

    assert "<del>026*******01</del> → <ins>026*******77</ins>" in text
    assert "026185900777" not in text


# Papers


def test_a_paper_is_looked_at_without_being_noted(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    before = entry_count(desk)

    answer = page.client.get(url_of(dossier, "papers", "receipt"))
    file = page.client.get(url_of(dossier, "papers", "receipt.pdf"))

    assert answer.status_code == 200
    assert "GIẤY TIẾP NHẬN HỒ SƠ" in answer.text
    assert file.mimetype == "application/pdf"
    assert file.data.startswith(b"%PDF")
    assert file.headers["Content-Disposition"] == 'inline; filename="receipt-H62.11.01-211004-0001.pdf"'
    assert entry_count(desk) == before


def test_a_print_is_noted_by_its_button_and_then_begins(page: Page, desk: Desk) -> None:
    dossier = received(desk)

    answer = page.post(url_of(dossier, "papers", "receipt"), {"after": "0"})

    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{url_of(dossier)}/papers/receipt?copy=1&print=1"
    assert page.client.get(answer.headers["Location"]).status_code == 200
    assert history(desk, dossier.id)[-1].payload == Printed(form=PaperForm.RECEIPT, copy=1)
    assert page.woken == 1


def test_a_reprint_is_marked_on_the_paper(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    page.post(url_of(dossier, "papers", "receipt"), {"after": "0"})

    answer = page.post(url_of(dossier, "papers", "receipt"), {"after": "1"})

    assert "BẢN IN LẠI LẦN 2 – 09:00 04/10/2021" in page.client.get(answer.headers["Location"]).text
    assert "printed: 2" in shown(page, dossier)


def test_a_double_click_is_one_print(page: Page, desk: Desk) -> None:
    dossier = received(desk)

    answers = [page.post(url_of(dossier, "papers", "receipt"), {"after": "0"}) for _ in range(2)]

    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert kinds_of(desk, dossier) == [EventKind.RECEIVE, EventKind.PRINT]


def test_saving_and_printing_notes_the_first_print(page: Page, desk: Desk) -> None:
    answer = page.save(errand="print")

    assert answer.headers["Location"].endswith("/papers/receipt?copy=1&print=1")
    [line] = [line for line in history(desk, "H62.11.01-211004-0001") if line.kind is EventKind.PRINT]
    assert line.payload == Printed(form=PaperForm.RECEIPT, copy=1)


def test_after_a_step_that_prints_its_paper_is_offered(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    take(page, dossier, "request_supplement", papers="Sổ hộ khẩu\nGiấy khai sinh", reason="Thiếu")

    text = shown(page, dossier)
    paper = shown(page, dossier, "papers", "supplement_request")

    assert "Print: Supplement request" in text
    assert "<li>Sổ hộ khẩu</li><li>Giấy khai sinh</li>" in paper


@pytest.mark.parametrize(
    "path",
    ["papers/apology", "papers/nonsense", "papers/register_book", "papers/receipt?copy=1", "papers/receipt?copy=x"],
)
def test_a_paper_that_there_is_not_is_not_shown(page: Page, desk: Desk, path: str) -> None:
    answer = page.client.get(f"{url_of(received(desk))}/papers/{path}")

    assert answer.status_code in (400, 404)


# What a page must never do


def odd_dossier(desk: Desk, name: str) -> Dossier:
    """A dossier full of what would be markup."""
    fields: dict[str, Any] = dict.fromkeys(
        ("submitter_name", "owner_name", "address_text", "summary", "storage_location"), name
    )
    dossier = received(desk, **fields, owner_type="organisation")
    return after(desk, dossier, Extended(reason=name, due_on=date(2021, 10, 12)))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_wherever_it_is_shown(page: Page, desk: Desk, name: str) -> None:
    dossier = odd_dossier(desk, name)
    paths = ("", "/steps/resolve", "/steps/correct", "/steps/rate", "/papers/receipt", "/papers/apology")

    texts = [page.client.get(url_of(dossier) + path).text for path in paths]

    for text in texts:
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<svg onload" not in text
        assert 'href="javascript:' not in text
        assert "49" not in re.findall(r"<dd[^>]*>(.*?)</dd>", text)


def test_no_address_on_a_page_holds_personal_data(page: Page, desk: Desk) -> None:
    dossier = after(desk, received(desk), RESOLVED)
    paths = ("", "/steps/deliver", "/steps/correct", "/papers/receipt")

    addresses = [
        address
        for path in paths
        for address in re.findall(
            r'(?:href|action|src|hx-get|hx-post)="([^"]*)"', page.client.get(url_of(dossier) + path).text
        )
    ]

    assert [each for each in addresses if re.search("Hường|H%C6%B0|026185|0987000", each)] == []


def test_no_page_of_a_dossier_holds_an_inline_script_or_style(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    paths = ("", "/steps/resolve", "/steps/rate", "/steps/correct", "/papers/receipt")

    texts = [page.client.get(url_of(dossier) + path).text for path in paths]

    assert [
        text for text in texts if " style=" in text or "<style" in text or "<script>" in text or " onclick" in text
    ] == []


def test_nothing_that_is_done_with_a_dossier_reaches_the_log(
    page: Page, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    dossier = received(desk)

    with caplog.at_level(logging.INFO):
        take(page, dossier, "resolve", signer="Phạm Quốc Khánh")
        take(page, dossier, "deliver", delivered_to="Trần Văn Bưởi")
        take(page, dossier, "deliver", delivered_to="")
        page.post(url_of(dossier, "papers", "receipt"))

    assert re.search("Hường|Khánh|Bưởi|026185900001|0987000001", caplog.text) is None


def test_a_rating_tells_what_the_citizen_pressed(page: Page, desk: Desk) -> None:
    dossier = received(desk)
    take(page, dossier, "rate", rating="very_satisfied", source="form")

    [_, line] = history(desk, dossier.id)

    assert isinstance(line.payload, Rated)
    assert line.payload.rating is Rating.VERY_SATISFIED
    assert line.payload.source.value == "form"
    assert "Rated by the citizen: Very satisfied" in shown(page, dossier)


def test_a_voided_dossier_can_still_be_read(page: Page, desk: Desk) -> None:
    text = shown(page, after(desk, received(desk), Voided(reason="Nhập trùng")))

    assert "taken out of every count" in text
    assert "Nhập trùng" in text
    assert "/steps/" not in text


def test_a_dossier_answers_in_vietnamese(make_page: Callable[..., Page], clock: StandingClock) -> None:
    page = make_page()
    page.sign_in()
    desk: Desk = page.app.extensions[EXTENSION].desk

    answer = page.client.get(url_of(received(desk)))

    assert '<html lang="vi">' in answer.text
    assert "Chờ gửi" in answer.text
