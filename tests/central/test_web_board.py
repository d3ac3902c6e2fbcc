"""The supervisor's month on the pages: the list, the file, the days and the curve, each within the person's scope."""

import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from central_server.app import create_app
from central_server.central import Central
from central_server.paper.spreadsheets import Column, Sheet, workbook
from central_server.services import following, founding, ruling, signing_in
from central_server.services.following import NewStep
from central_server.storage.database import reading, write_transaction
from central_server.storage.follow_ups import FollowStep
from central_server.storage.models import DeviceRow, MonthCount
from central_server.storage.units import EVERYTHING
from central_server.web.board import PAGED_FROM
from central_server.web.curve import _round_up
from central_server.web.formatting import percent
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.test_standings_of_desks import counted_statements
from tests.central.writing import Writer, enrolled_writer
from tests.conftest import DESK, DESKS
from tests.factories import StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
AFTER_OCTOBER = datetime(2021, 10, 21, 2, tzinfo=UTC)
OTHER_DISTRICT = "H62.12.01"
SHARE_COLUMN = 4
"""Of the curve's table, behind the head of a row."""

VIEWS = ("/standings", "/standings/desks", "/standings/days", "/standings/curve")
LIST = "/standings/desks?period=2021-10"
DECLARED = {
    "period": str(OCTOBER),
    "declaration": "complete",
    "cause": "no_network",
    "paper_register_last": "412",
}
SHEET = "/standings/desks.xlsx?period=2021-10"


@pytest.fixture
def fallen(central: Central, clock: StandingClock) -> Writer:
    """After October, the level being 8: 22 dossiers a month and 8 in October; and a desk of 246 with one a month."""
    ruling.rule_threshold(central, 8, first_on=date(2019, 1, 1), by="tinh", reason="Quy định của tỉnh")
    fallen, few = enrolled_writer(central), enrolled_writer(central, OTHER_DISTRICT, seed=b"\x02" * 32)
    for month, count in ((7, 22), (8, 22), (9, 22), (10, 8)):
        for _ in range(count):
            fallen.receive(date(2021, month, 5))
    for month in (8, 9, 10):
        few.receive(date(2021, month, 5))
    clock.at = AFTER_OCTOBER
    for writer in (fallen, few):
        writer.send()
        writer.send(writer.alone(acknowledged=writer.head))
    for username, role, unit in (
        ("tinh", Role.PROVINCE, None),
        ("vinhyen", Role.SUPERVISOR, "243"),
        ("lapthach", Role.SUPERVISOR, "246"),
    ):
        signing_in.add_user(
            central, username=username, full_name="Trần Thị Vân", role=role, unit_code=unit, password=PASSWORD
        )
    return fallen


@pytest.fixture
def app(fallen: Writer, central: Central) -> Flask:
    return create_app(central)


@pytest.fixture
def province(app: Flask) -> FlaskClient:
    return browser(app, "tinh")


def test_a_supervisor_sees_own_desks_only_on_every_page_and_in_the_file(app: Flask) -> None:
    supervisor = browser(app, "vinhyen")

    pages = [supervisor.get(f"{view}?period=2021-10") for view in VIEWS]

    assert {page.status_code for page in pages} == {200}
    assert not any("H62.12" in page.text or "Lập Thạch" in page.text for page in pages)
    assert {row[3] for row in rows(supervisor.get(SHEET).data)} == {"H62.11", "H62.11.01", "H62.11.02"}


def test_a_unit_outside_the_scope_looks_like_one_that_is_none(app: Flask, province: FlaskClient) -> None:
    found = re.search(r'value="([^"]+)">Huyện Lập Thạch', province.get("/standings?period=2021-10").text)
    assert found
    supervisor = browser(app, "vinhyen")

    def answers(unit: str) -> list[tuple[int, str]]:
        paths = [f"{path}?period=2021-10&unit={unit}" for path in (*VIEWS, "/standings/desks.xlsx")]
        pages = map(supervisor.get, paths)
        # The token of the form to sign out is another one in the next second.
        return [(each.status_code, re.sub(r'value="[^"]+"', "", each.text.replace(unit, ""))) for each in pages]

    assert answers(found[1]) == answers("0" * len(found[1]))
    assert {status for status, _ in answers(found[1])} == {404}


def test_the_curve_of_a_supervisor_counts_own_desks_only(app: Flask) -> None:
    vinh_yen = browser(app, "vinhyen").get("/standings/curve?period=2021-10").text
    lap_thach = browser(app, "lapthach").get("/standings/curve?period=2021-10").text

    assert "0 below the level, 2 not known, of 3 desks" in vinh_yen
    assert "1 below the level, 2 not known, of 3 desks" in lap_thach


def test_a_period_of_which_nothing_is_known_has_no_share(central: Central, province: FlaskClient) -> None:
    def share() -> str:
        page = province.get("/standings/curve?period=2021-10").text
        return str(re.findall(r'<td class="figure">([^<]*)</td>', page)[SHARE_COLUMN])

    some_known = share()
    with write_transaction(central.database):
        DeviceRow.update(stated_at=None, covered_until=None).execute()
        MonthCount.delete().execute()

    assert some_known.endswith("%")
    assert share() == "not known"


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("arrived", ["H62.11", "H62.11.02", "H62.12", "H62.12.02", "H62.12.01", "H62.11.01"]),
        ("arrived&order=desc", ["H62.11.01", "H62.12.01", "H62.11", "H62.11.02", "H62.12", "H62.12.02"]),
        ("desk", ["H62.12", "H62.11.02", "H62.11.01", "H62.11", "H62.12.01", "H62.12.02"]),
        ("standing", ["H62.12.01", "H62.11", "H62.11.02", "H62.12", "H62.12.02", "H62.11.01"]),
        ("nonsense", ["H62.11", "H62.11.01", "H62.11.02", "H62.12", "H62.12.01", "H62.12.02"]),
    ],
)
def test_the_list_is_sorted_by_what_its_heads_link_to(province: FlaskClient, sort: str, codes: list[str]) -> None:
    assert codes_of(province.get(f"{LIST}&sort={sort}").text) == codes


def test_a_head_says_how_the_list_is_sorted_and_turns_it_round(province: FlaskClient) -> None:
    page = province.get(f"{LIST}&sort=arrived&standing=few").text

    [head] = re.findall(r'aria-sort="ascending"><a href="([^"]+)">Arrived', page)
    assert page.count("aria-sort") == 1
    turned = province.get(head.replace("&amp;", "&")).text
    assert 'aria-sort="descending"' in turned
    assert codes_of(turned) == [OTHER_DISTRICT]


@pytest.mark.parametrize(
    ("narrowed", "codes"),
    [
        ("standing=few", [OTHER_DISTRICT]),
        ("standing=met", [DESK]),
        ("standing=unknown", ["H62.11", "H62.11.02", "H62.12", "H62.12.02"]),
        ("standing=zero", []),
        ("text=LAP thach", ["H62.12", "H62.12.01"]),
        ("text=tich son", [DESK]),
        ("text=h62.12.02", ["H62.12.02"]),
    ],
)
def test_the_list_is_narrowed_by_standing_and_by_folded_name(
    province: FlaskClient, narrowed: str, codes: list[str]
) -> None:
    page = province.get(f"{LIST}&{narrowed}").text

    assert codes_of(page) == codes
    assert ("No desk fits" in page) is not bool(codes)


def test_what_was_typed_stands_in_its_field_and_is_never_markup(province: FlaskClient) -> None:
    page = province.get(
        "/standings/desks", query_string={"text": '"><script>alert(1)</script>', "period": "2021-10"}
    ).text

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_long_list_is_cut_into_pages_and_each_desk_stands_on_one(central: Central, province: FlaskClient) -> None:
    more = "".join(f"H62.12.{n},Bộ phận {n},08770,H62.12.{n},\n" for n in range(1000, 1000 + PAGED_FROM - 6))
    founding.load(central, "desks", DESKS + more)

    pages = [province.get(f"{LIST}&page={number}").text for number in range(1, 6)]

    codes = [code for page in pages[:4] for code in codes_of(page)]
    assert [len(codes_of(page)) for page in pages] == [150, 150, 150, 50, 50]
    assert len(set(codes)) == PAGED_FROM
    assert "Desks 151 to 300 of 500" in pages[1]
    assert ("Previous page" in pages[0], "Next page" in pages[0]) == (False, True)
    assert ("Previous page" in pages[3], "Next page" in pages[3]) == (True, False)


def test_the_board_of_very_many_desks_shows_the_beginning_of_its_lists(central: Central, province: FlaskClient) -> None:
    more = "".join(f"H62.12.{n},Bộ phận {n},08770,H62.12.{n},\n" for n in range(1000, 1000 + PAGED_FROM - 6))
    founding.load(central, "desks", DESKS + more)

    page = province.get("/standings?period=2021-10").text

    assert page.count("No machine in use yet") == 150
    assert "standing=unknown" in page


def test_a_fall_shows_even_above_the_level_and_a_flag_tells_for_how_long(province: FlaskClient) -> None:
    page = province.get("/standings?period=2021-10").text

    fallen = page[page.index('id="fallen"') : page.index('id="units"')]
    asked = page[page.index('id="ask"') : page.index('id="unknown"')]
    assert codes_of(fallen) == [DESK]
    assert "Much less than this desk used to enter" in fallen
    assert "For 3 periods running" in asked
    assert "Much less" not in asked


def test_a_desk_is_told_apart_that_is_flagged_for_the_first_time(central: Central, app: Flask) -> None:
    new = enrolled_writer(central, "H62.12.02", seed=b"\x03" * 32)
    for month, count in ((8, 9), (9, 9), (10, 1)):
        for _ in range(count):
            new.receive(date(2021, month, 5))
    new.send()
    new.send(new.alone(acknowledged=new.head))

    page = browser(app, "lapthach").get("/standings?period=2021-10").text

    assert "For the first time in the 3 periods that are known" in page


@pytest.mark.parametrize("was_known", [True, False])
def test_units_are_told_with_their_share_and_against_the_period_before(
    central: Central, app: Flask, was_known: bool
) -> None:
    """One more desk below the level is no bad news where it is one that was not known before."""
    new = enrolled_writer(central, "H62.12.02", seed=b"\x03" * 32)
    for month, count in ((9, 9), (10, 1)) if was_known else ((10, 1),):
        for _ in range(count):
            new.receive(date(2021, month, 5))
    new.send()
    new.send(new.alone(acknowledged=new.head))

    page = browser(app, "lapthach").get("/standings?period=2021-10").text

    units = page[page.index('id="units"') :]
    assert "66.67%" in units
    assert re.search(r"\+1(?: <span class=\"change-word\">worse</span>)?", units)
    assert ('<span class="change-word">worse' in units) is was_known


def test_nobody_is_compared_with_a_period_of_which_nothing_is_known(province: FlaskClient) -> None:
    august, july = (province.get(f"/standings?period=2021-{month}").text for month in ("08", "07"))

    lap_thach = august[august.index("Huyện Lập Thạch", august.index('id="units"')) :]
    assert '<td class="figure change">–</td>' in lap_thach[: lap_thach.index("</tr>")]
    assert "Against the period before" not in july
    assert "the first time" not in august


def test_fewer_proven_desks_are_not_called_better_while_others_are_not_known(
    province: FlaskClient, central: Central
) -> None:
    with reading(central.database):
        DeviceRow.update(stated_at=datetime(2021, 10, 4, 3, tzinfo=UTC)).where(
            DeviceRow.desk == OTHER_DISTRICT
        ).execute()

    page = province.get("/standings?period=2021-10").text

    assert "−1" in page[page.index('id="units"') :]
    assert '<span class="change-word">better' not in page


def test_the_letter_is_offered_where_one_unit_is_shown_and_its_period_has_ended(
    app: Flask, province: FlaskClient
) -> None:
    supervisor = browser(app, "vinhyen")

    offered = [
        "/letters/" in page.text
        for page in (
            supervisor.get("/standings?period=2021-10"),
            supervisor.get("/standings?period=2021-11"),
            province.get("/standings?period=2021-10"),
        )
    ]

    assert offered == [True, False, False]


def test_an_open_period_is_compared_with_none(central: Central, province: FlaskClient, clock: StandingClock) -> None:
    page = province.get("/standings?period=2021-11").text

    assert "Against the period before" not in page
    assert "periods running" not in page


def test_the_file_holds_numbers_dates_and_texts_and_no_formula(central: Central, province: FlaskClient) -> None:
    founding.load(central, "desks", DESKS.replace("Bộ phận Một cửa Phường Tích Sơn", "=HYPERLINK(1)"))

    sheet = load_workbook(BytesIO(province.get(SHEET).data)).active

    assert sheet is not None
    [row] = [row for row in sheet.iter_rows() if row[3].value == DESK]
    assert [(cell.value, cell.data_type) for cell in (row[2], *row[6:10])] == [
        ("=HYPERLINK(1)", "s"), (8, "n"), (0, "n"), (8, "n"), (8, "n"),
    ]  # fmt: skip
    assert row[12].value == datetime(2021, 10, 21, 9)
    assert [cell.value for cell in row[21:26]] == [0, 0, 22, 22, 22]
    assert sheet.freeze_panes == "A5"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight, sheet.print_title_rows) == (
        "landscape", 0, "$4:$4",
    )  # fmt: skip


def test_the_file_leaves_empty_what_nobody_knows(province: FlaskClient) -> None:
    [row] = [row for row in rows(province.get(SHEET).data) if row[3] == "H62.11.02"]

    assert (row[6], row[7], row[12], row[13]) == (0, None, None, None)


def test_the_file_says_what_is_proven_when_a_desk_was_heard_and_how_its_follow_up_stands(
    central: Central, province: FlaskClient, fallen: Writer
) -> None:
    fallen.write("deliver", {"delivered_to": "x"}, recorded_at=datetime(2021, 10, 20, 1, tzinfo=UTC))
    fallen.send(fallen.contact(first=fallen.head))
    note(central, OTHER_DISTRICT, FollowStep.PROMISE, until=date(2021, 10, 25))

    told = {row[3]: row for row in rows(province.get(SHEET).data)}

    assert told[DESK][11:15] == ("proven", *[datetime(2021, 10, 21, 9)] * 2, datetime(2021, 10, 20, 8))
    assert told[OTHER_DISTRICT][17] == "Called on 21/10, promised for 25/10"
    assert (told["H62.12.02"][11], told["H62.12.02"][17]) == ("not proven yet", None)


def test_a_desk_that_promised_stands_apart_from_those_to_call_until_its_day_has_passed(
    central: Central, app: Flask, clock: StandingClock
) -> None:
    note(central, OTHER_DISTRICT, FollowStep.PROMISE, until=date(2021, 10, 22))

    def parts() -> tuple[list[str], list[str]]:
        page = browser(app, "lapthach").get("/standings?period=2021-10").text
        asked = page[page.index('id="ask"') : page.index('id="unknown"')]
        to_call, _, put_off = asked.partition("<details")
        return codes_of(to_call), codes_of(put_off)

    before = parts()
    clock.move(days=2)

    assert before == ([], [OTHER_DISTRICT])
    assert parts() == ([OTHER_DISTRICT], [])


def test_the_list_is_narrowed_to_the_desks_that_have_to_be_called(central: Central, province: FlaskClient) -> None:
    note(central, OTHER_DISTRICT, FollowStep.ACKNOWLEDGE, until=date(2021, 10, 29))

    put_off, to_call = (province.get(f"{LIST}&calling={each}").text for each in ("put_off", "today"))

    assert codes_of(put_off) == [OTHER_DISTRICT]
    assert "No reminder needed until 29/10" in put_off
    assert codes_of(to_call) == ["H62.11", "H62.11.02", "H62.12", "H62.12.02"]


def test_what_was_entered_for_earlier_days_stands_beside_what_the_period_has(
    province: FlaskClient, fallen: Writer
) -> None:
    """Its backlog of months was typed on 4 October: the desk of 22 a month is not idle, whatever October shows."""
    told = {row[3]: row[10] for row in rows(province.get(SHEET).data)}
    [first, *_] = codes_of(province.get(f"{LIST}&sort=late&order=desc").text)

    assert (told[DESK], told[OTHER_DISTRICT], told["H62.12.02"]) == (66, 2, 0)
    assert first == DESK


def test_what_a_desk_told_as_its_cause_stands_on_its_row(province: FlaskClient, fallen: Writer) -> None:
    fallen.write("declare", DECLARED)
    fallen.send(fallen.contact(first=fallen.head))

    page = province.get(f"{LIST}&text=tich son").text

    assert "The desk explains: No network; paper register up to number 412" in page


def test_a_level_of_a_part_of_the_period_is_shown_with_its_days(central: Central, province: FlaskClient) -> None:
    """Its machine was enrolled on 4 October: 17 of the period's 30 days."""
    ruling.rule_threshold(central, 60, first_on=date(2021, 9, 1), by="tinh", reason="Quy định của tỉnh")
    ruling.rule_existence(central, "share", first_on=date(2021, 9, 1), by="tinh", reason="Quy định của tỉnh")

    words = "Level 34 for 17 of 30 days: in operation since 04/10/2021"
    assert words in province.get(f"{LIST}&text=tich son").text
    assert words in province.get(f"/desks/{DESK}?period=2021-10").text
    assert {row[3]: row[9] for row in rows(province.get(SHEET).data)}[DESK] == 34


def test_a_field_with_a_level_of_its_own_is_told_beside_the_standing(central: Central, province: FlaskClient) -> None:
    before = province.get(f"{LIST}&standing=met").text
    ruling.rule_threshold(
        central, 12, first_on=date(2021, 9, 1), by="tinh", reason="Quy định của tỉnh", field_="Hộ tịch"
    )

    page = province.get(f"{LIST}&standing=met").text
    assert codes_of(page) == codes_of(before) == [DESK]
    assert "Field Hộ tịch: 8 arrived, level 12" in page
    assert "Field Hộ tịch: 8 arrived, level 12" in province.get(f"/desks/{DESK}?period=2021-10").text


def test_where_levels_differ_the_flat_one_that_is_published_is_counted_too(
    central: Central, province: FlaskClient
) -> None:
    alike = province.get("/standings?period=2021-10").text
    ruling.rule_threshold(central, 100, unit="246", first_on=date(2019, 1, 1), by="tinh", reason="Quy định của tỉnh")

    page = province.get("/standings?period=2021-10").text

    assert "0–49 by the flat level" in alike
    assert "Entered fewer than their level" in page
    total = page[page.index("<tfoot>") :]
    assert re.findall(r'>(\d+)<span class="sub">([0-9.]+%)', total) == [
        ("1", "16.67%"),
        ("1", "16.67%"),
        ("2", "33.33%"),
    ]


def test_the_file_is_narrowed_and_sorted_as_the_list_is(province: FlaskClient) -> None:
    answer = province.get(f"{SHEET}&standing=unknown&sort=desk")

    assert [row[3] for row in rows(answer.data)] == ["H62.12", "H62.11.02", "H62.11", "H62.12.02"]
    assert "tinh-hinh-nhap-lieu_20210921-20211020.xlsx" in answer.headers["Content-Disposition"]


def test_a_cell_that_is_too_long_is_cut() -> None:
    file = workbook(
        Sheet(name="x" * 40, title="", notes=[], columns=[Column(head="a", width=5)], rows=[["x" * 40_000]])
    )

    sheet = load_workbook(BytesIO(file)).active

    assert sheet is not None
    assert (len(sheet.title), sheet["A2"].value, len(sheet["A3"].value)) == (31, "a", 32_767)


def test_each_cell_of_the_days_leads_to_the_desks_day_and_can_be_read_without_colour(province: FlaskClient) -> None:
    page = province.get("/standings/days?period=2021-10").text

    assert f'<a href="/desks/{DESK}?period=2021-10#d2021-10-05" tabindex="-1">' in page
    assert "Phường Tích Sơn, 05/10: has dossiers, 8 dossiers" in page
    assert "Phường Tích Sơn, 06/10: none" in page
    assert "Phường Liên Bảo, 06/10: not known" in page
    assert "Phường Liên Bảo, 09/10: day off" in page
    assert 'id="d2021-10-05"' in province.get(f"/desks/{DESK}?period=2021-10").text


def test_a_day_after_the_last_statement_is_not_known_however_much_came_before(
    province: FlaskClient, central: Central
) -> None:
    with reading(central.database):
        enrolled_at, stated_at = datetime(2021, 9, 1, 3, tzinfo=UTC), datetime(2021, 10, 4, 3, tzinfo=UTC)
        row = DeviceRow.update(enrolled_at=enrolled_at, stated_at=stated_at)
        row.where(DeviceRow.desk == OTHER_DISTRICT).execute()

    page = province.get("/standings/days?period=2021-10").text

    assert "Thị trấn Lập Thạch, 01/10: none" in page
    assert "Thị trấn Lập Thạch, 04/10: not known" in page
    assert "Thị trấn Lập Thạch, 06/10: not known" in page


def test_the_days_as_a_table_are_those_of_the_picture(province: FlaskClient) -> None:
    page = province.get("/standings/days?period=2021-10").text

    pictures = re.findall(r'<rect class="cell is-(\w+)"', page)
    tables = re.findall(r'<td class="figure is-(\w+)">', page)
    assert pictures == tables
    assert (len(pictures), pictures.count("some")) == (180, 2)


@pytest.mark.parametrize("view", [*VIEWS, "/standings/desks.xlsx"])
def test_a_view_asks_the_database_as_often_for_one_desk_as_for_many(
    central: Central, province: FlaskClient, view: str
) -> None:
    path = f"{view}?period=2021-10"
    province.get(path)
    with counted_statements(central) as few:
        province.get(path)
    more = "".join(f"H62.12.{number},Bộ phận {number},08770,H62.12.{number},\n" for number in range(10, 30))
    founding.load(central, "desks", DESKS + more)
    for number in (10, 20):
        writer = enrolled_writer(central, f"H62.12.{number}", seed=bytes([number]) * 32)
        writer.receive(date(2021, 10, 5))
        writer.send()

    with counted_statements(central) as many:
        assert province.get(path).status_code == 200

    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(1, 3, "33.33%"), (2, 3, "66.67%"), (0, 5, "0%"), (5, 5, "100%"), (99_999, 100_000, "99.99%"),
     (1, 100_000, "0.01%"), (1, 2, "50%"), (0, 0, "–")],
)  # fmt: skip
def test_a_share_is_never_all_or_nothing_unless_it_is(app: Flask, part: int, whole: int, text: str) -> None:
    with app.test_request_context(headers={"Cookie": "central_language=en"}):
        assert percent(part, whole) == text


@pytest.mark.parametrize(("most", "end"), [(0, 4), (4, 4), (5, 8), (9, 20), (146, 200), (11_000, 20_000)])
def test_the_scale_of_the_curve_has_round_lines(most: int, end: int) -> None:
    assert _round_up(most) == end


def note(central: Central, code: str, step: FollowStep, *, until: date) -> None:
    """Notes a step about a desk in October."""
    new = NewStep(step=step, note="Đã gặp chủ tịch xã", until_on=until)
    following.note_step(central, EVERYTHING, code, OCTOBER, new, by="tinh")


def codes_of(page: str) -> list[str]:
    """The codes of the desks in the order of a page."""
    return re.findall(r'<span class="sub">(H62[0-9.]+)</span>', page)


def rows(file: bytes) -> list[tuple[object, ...]]:
    """The lines of a file under its heads."""
    sheet = load_workbook(BytesIO(file)).active
    assert sheet is not None
    return [row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0]]
