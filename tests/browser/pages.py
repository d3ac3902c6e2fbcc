"""Every page of the desk in every state that a clerk may find it in, and the way there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, expect

from desk_client.web.step_fields import FIELDS
from sync_protocol.vocabulary import DossierStage, EventKind
from tests.browser.walking import (
    KEPT,
    Window,
    choose_procedure,
    receive,
    saved_code,
    search,
    seen,
    sign_in_at_desk,
    type_fields,
    window_of,
)
from tests.browser.world import World
from tests.desk.spreadsheets import table

Reach = Callable[[Page, World], None]

UNSEEN = "H62.12.01-211004-00"
REGISTER = table(
    ("Mã hồ sơ", "Thủ tục hành chính", "Chủ hồ sơ", "Số CCCD", "Ngày tiếp nhận", "Ghi chú"),
    (
        "H62.11.01-210906-0412",
        "Thủ tục cấp Giấy xác nhận tình trạng hôn nhân",
        "Lê Thị Đào",
        "026185900003",
        "06/09/2021",
    ),
    ("H62.11.01-210906-0413", "Thủ tục không có", "Trần Văn Bưởi", "123", "31/02/2021"),
)


@dataclass(frozen=True, slots=True)
class State:
    """A page in a state; `endpoint` is what answers it."""

    name: str
    endpoint: str
    reach: Reach


STATES: list[State] = []
"""All of them."""

PARTS_AND_FILES = frozenset(
    {
        "static",
        "bulk.remarks",
        "dossiers.today",
        "importing.progress",
        "importing.refused_rows",
        "lists.export",
        "papers.pdf",
        "period.paper_pdf",
        "prompts.known",
        "prompts.procedures",
        "prompts.promised",
        "prompts.remarks",
        "register.export",
        "search.export",
        "sync.status_line",
    }
)
"""Endpoints that answer with a part of a page or with a file."""

LEADING_ON = frozenset(
    {
        "conflicts.save",
        "day.answer",
        "day.move",
        "drafts.empty",
        "drafts.keep",
        "importing.map_columns",
        "importing.take",
        "intake.copy",
        "lists.shown",
        "login.choose_language",
        "login.sign_out",
        "papers.note_print",
        "sync.send_now",
    }
)
"""Endpoints that only lead on to another page."""

ELSEWHERE = frozenset(
    {
        "enrolling.enrol",
        "enrolling.page",
        "login.sign_in",
        "login.sign_in_page",
        "period.save",
        "period.save_answer",
        "practice.begin",
    }
)
"""Endpoints whose pages are looked at where they are reached: on a new machine, at the door, at a period's end, …"""


def state(endpoint: str) -> Callable[[Reach], Reach]:
    """Notes a way as that to a state, which is named like it."""

    def note(reach: Reach) -> Reach:
        STATES.append(State(reach.__name__, endpoint, reach))
        return reach

    return note


def page_at(name: str, endpoint: str, path: str) -> None:
    """Notes a page that its address alone leads to; ``{name}`` in it stands for the dossier of that name."""
    STATES.append(State(name, endpoint, lambda page, world: open_path(page, world, path.format(**world.codes))))


@contextmanager
def signed_in(browser: Browser, world: World, language: str) -> Iterator[Window]:
    """A window of somebody who is signed in and has chosen a language."""
    with window_of(browser) as window:
        sign_in_at_desk(window.page, world.served)
        if language != "vi":
            window.page.locator(f"button[name=language][value={language}]").click()
            seen(window.page.locator(f"html[lang={language}] #intake"))
        yield window


def open_path(page: Page, world: World, path: str) -> None:
    """Opens a page of the world's desk."""
    page.goto(world.url + path)


def empty_form(page: Page, world: World, path: str = "") -> None:
    """Opens a form that nobody has typed into, of today."""
    open_path(page, world, path)
    for leftover in (KEPT, "button[name=switch][value=off]"):
        if page.locator(leftover).is_visible():
            page.locator(leftover).click()
    seen(page.locator("form[data-draft]"))


page_at("a form that is empty", "intake.main", "")


@state("intake.main")
def an_open_list_of_procedures(page: Page, world: World) -> None:
    empty_form(page, world)
    page.keyboard.type("chung thuc")
    expect(page.get_by_role("option").nth(1)).to_be_visible()


@state("intake.main")
def a_form_with_its_rarer_fields(page: Page, world: World) -> None:
    empty_form(page, world)
    page.locator("#is_owner").uncheck()
    page.locator("details.more summary").click()
    expect(page.locator("#summary")).to_be_visible()
    page.locator("details.more summary").click()


@state("intake.main")
def a_form_that_knows_the_citizen(page: Page, world: World) -> None:
    empty_form(page, world)
    page.locator("#id_number").fill("026185900001")
    expect(page.locator("#acquaintance button")).to_be_visible()


@state("intake.main")
def a_form_that_was_filled_in_from_another_dossier(page: Page, world: World) -> None:
    a_form_that_knows_the_citizen(page, world)
    page.keyboard.press("F6")
    seen(page.locator(".intake .notice.is-waiting"))


@state("intake.main")
def a_form_with_remarks(page: Page, world: World) -> None:
    empty_form(page, world)
    page.locator("#submitter_name").fill("Nguyeenx Thij Huwowngf")
    page.locator("#phone").fill("0987")
    page.locator("#phone").press("Enter")
    expect(page.locator("#submitter_name-remarks > *")).to_be_visible()


@state("intake.main")
def a_saved_dossier(page: Page, world: World) -> None:
    empty_form(page, world)
    receive(page, "Nguyễn Thị Hường")


@state("intake.main")
def the_next_dossier_of_a_slip(page: Page, world: World) -> None:
    empty_form(page, world)
    choose_procedure(page, "2.000815", "2.000815")
    type_fields(page, "Lưu Văn Chung", "", "", "026085900031")
    page.keyboard.press("Shift+F9")
    seen(page.locator(".notice.is-info"))


@state("intake.main")
def a_paper_register(page: Page, world: World) -> None:
    empty_form(page, world)
    page.locator("form[action='/backlog'] button.link").click()
    seen(page.locator("#backlog-day"))
    page.locator("#backlog-day").fill("31/02/2021")
    page.locator("#backlog-day").press("Enter")
    seen(page.locator("#backlog-problem"))


@state("intake.save")
def a_form_with_problems(page: Page, world: World) -> None:
    empty_form(page, world)
    page.locator("#is_owner").uncheck()
    page.locator("#phone").fill("12")
    page.keyboard.press("F8")
    seen(page.locator("#problems"))


@state("intake.refuse")
def a_refusal_without_its_reason(page: Page, world: World) -> None:
    empty_form(page, world)
    page.locator("#intake button.is-grave").click()
    seen(page.locator("#reason"))


@state("bulk.form")
def rows_that_are_empty(page: Page, world: World) -> None:
    empty_form(page, world, "bulk")


@state("bulk.save")
def rows_with_problems(page: Page, world: World) -> None:
    empty_form(page, world, "bulk")
    page.locator("#row-1-id_number").fill("12")
    page.locator("#row-2-submitter_name").fill("Nguyễn Thị Hường")
    page.keyboard.press("F8")
    seen(page.locator("[role=alert]"))


@state("bulk.saved")
def rows_that_were_saved(page: Page, world: World) -> None:
    empty_form(page, world, "bulk")
    page.locator("#procedure_code").fill("")
    choose_procedure(page, "2.000815", "2.000815", led_to="#row-1-submitter_name")
    page.locator("#on_one_slip").check()
    for number in (1, 2):
        page.locator(f"#row-{number}-submitter_name").fill("Nguyễn Thị Hường")
    page.keyboard.press("F8")
    seen(page.locator("table.bulk-saved"))


for each in (
    "received",
    "awaiting_supplement",
    "awaiting_payment",
    "extended",
    "resolved",
    "delivered",
    "corrected",
    "expired",
    "voided",
):
    page_at(f"a dossier that is {each}", "dossiers.dossier", f"dossiers/{{{each}}}")


def _of_stage(stage: DossierStage) -> Reach:
    def reach(page: Page, world: World) -> None:
        open_path(page, world, "search")
        page.locator("#stage").select_option(stage.value)
        page.locator("main button.primary").click()
        page.locator("[data-row]").first.click()
        seen(page.locator("#history-title"))

    return reach


for stage in (DossierStage.REGISTERED, DossierStage.NOT_ACCEPTED):
    STATES.append(State(f"a dossier that is {stage.value}", "dossiers.dossier", _of_stage(stage)))


@state("dossiers.dossier")
def a_step_that_was_just_recorded(page: Page, world: World) -> None:
    empty_form(page, world)
    search(page, receive(page, "Nguyễn Thị Hường"))
    page.keyboard.press("F8")
    seen(page.locator("#step"))
    page.keyboard.press("F8")
    seen(page.locator(".done-note"))


@state("dossiers.reveal")
def a_dossier_with_its_whole_identity_number(page: Page, world: World) -> None:
    open_path(page, world, world.path("received"))
    page.locator("#id-number button").click()
    expect(page.locator("#id-number")).to_contain_text("026185900001")


STEPS_OF = {
    EventKind.SUPPLEMENT_RECEIVED: "awaiting_supplement",
    EventKind.SUPPLEMENT_EXPIRED: "awaiting_supplement",
    EventKind.PAYMENT_DONE: "awaiting_payment",
    EventKind.DELIVER: "resolved",
}
"""Dossiers that may take a step which one that was only received may not."""

ONLINE_STEPS = frozenset({EventKind.RECEIVE, EventKind.REFUSE_AT_DESK})
"""Steps of a dossier that was filed online."""

for kind in [each for each in FIELDS if each not in ONLINE_STEPS]:
    page_at(
        f"the form of {kind.value}", "steps.form", f"dossiers/{{{STEPS_OF.get(kind, 'received')}}}/steps/{kind.value}"
    )


def _of_registered(kind: EventKind) -> Reach:
    def reach(page: Page, world: World) -> None:
        _of_stage(DossierStage.REGISTERED)(page, world)
        page.goto(f"{page.url}/steps/{kind.value}")

    return reach


for kind in sorted(ONLINE_STEPS):
    STATES.append(State(f"the form of {kind.value}", "steps.form", _of_registered(kind)))
page_at("a step that is not possible", "steps.form", "dossiers/{delivered}/steps/request_supplement")
page_at("the form of a correction", "correcting.form", "dossiers/{delivered}/steps/correct")


@state("steps.save")
def a_step_with_problems(page: Page, world: World) -> None:
    open_path(page, world, world.path("received") + "/steps/extend")
    page.keyboard.press("F8")
    seen(page.locator("#problems"))


@state("correcting.save")
def a_correction_with_problems(page: Page, world: World) -> None:
    open_path(page, world, world.path("received") + "/steps/correct")
    page.locator("#phone").fill("12")
    page.keyboard.press("F8")
    seen(page.locator("#problems"))


for which in ("overdue", "due_today", "due_soon", "waiting", "results"):
    page_at(f"the list {which}", "lists.one", f"lists/{which}")
page_at("the register book", "register.page", "register")
page_at("the register book of no days", "register.page", "register?first=31/02/2021&last=x")
page_at("a search for nothing yet", "search.shown", "search")


@state("search.shown")
def a_search_that_finds_something(page: Page, world: World) -> None:
    open_path(page, world, "search")
    search(page, "026185900001")
    seen(page.locator("table.dossiers"))


@state("search.shown")
def a_search_that_finds_nothing(page: Page, world: World) -> None:
    open_path(page, world, "search")
    search(page, "khong co ai")
    seen(page.locator(".empty"))


@state("search.find")
def a_search_for_no_day(page: Page, world: World) -> None:
    open_path(page, world, "search")
    page.locator("#first_on").fill("31/02/2021")
    page.locator("#first_on").press("Enter")
    seen(page.locator("[role=alert]"))


@state("slips.slip")
def a_slip_of_two(page: Page, world: World) -> None:
    the_next_dossier_of_a_slip(page, world)
    first = saved_code(page)
    choose_procedure(page, "2.000815", "2.000815")
    page.keyboard.press("F8")
    seen(page.locator(".intake .notice.is-all_sent"))
    search(page, first)
    seen(page.locator("#slip-title"))


@state("slips.deliver_all")
def a_slip_of_two_with_problems(page: Page, world: World) -> None:
    a_slip_of_two(page, world)
    page.locator("#delivered_to").fill("")
    page.keyboard.press("F8")
    seen(page.locator("#problems"))


page_at("a slip that was never seen", "slips.slip", f"slips/{UNSEEN}01")


@state("slips.deliver")
def a_slip_that_was_never_seen_with_problems(page: Page, world: World) -> None:
    open_path(page, world, f"slips/{UNSEEN}02")
    page.keyboard.press("F8")
    seen(page.locator("#problems"))


page_at("the giving of a file", "importing.page", "import")


@state("importing.give")
def a_file_that_cannot_be_read(page: Page, world: World) -> None:
    give(page, world, "anh.xlsx", b"no workbook")
    seen(page.locator("[role=alert]:visible"))


@state("importing.one")
def a_file_that_was_looked_at(page: Page, world: World) -> None:
    give(page, world, "so.xlsx", REGISTER)
    seen(page.locator(".import-rows"))
    page.locator(".import-columns summary").click()
    expect(page.locator("#column_0")).to_be_visible()


page_at("what two machines entered differently", "conflicts.page", "conflicts")
page_at("what the centre has set aside", "held.page", "held")
page_at("what support asks for", "diagnosis.page", "diagnose")
page_at("the period", "period.page", "period")
page_at("the paper of the period", "period.paper", "period/paper")
page_at("the door to practice", "practice.page", "practice")
for form, name in (
    ("receipt", "received"),
    ("supplement_request", "awaiting_supplement"),
    ("apology", "extended"),
    ("control_slip", "forwarded"),
    ("stop_notice", "stopped"),
):
    page_at(f"the paper {form}", "papers.paper", f"dossiers/{{{name}}}/papers/{form}")
page_at("a paper that there is not", "papers.paper", "dossiers/{received}/papers/apology")


def give(page: Page, world: World, name: str, content: bytes) -> None:
    """Gives a file to be taken in."""
    open_path(page, world, "import")
    page.locator("#file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.keyboard.press("F8")
