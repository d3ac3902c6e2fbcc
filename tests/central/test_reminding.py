"""The reminder letter names proven flags only, accuses nobody whose figure is not known, and is set as letters are."""

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from central_server.__main__ import cli
from central_server.app import create_app
from central_server.central import Central
from central_server.commands import console
from central_server.paper.reminder import ReminderLetter, ReminderRow, reminder_pdf
from central_server.services import ruling, signing_in
from central_server.services.reminding import NobodyToRemind, PeriodStillRuns, reminder_letter
from central_server.services.signing_in import UnknownUnit
from central_server.storage import units
from central_server.storage.database import reading
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.errors import BadInput
from sync_protocol.periods import Period, PeriodSeries
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD, browser
from tests.central.writing import DAY, enrolled_writer
from tests.conftest import DESK, OTHER_DESK, only_on_sqlite
from tests.factories import StandingClock
from tests.papers import page_texts, says, sizes_mm

SERIES = PeriodSeries(last_day=20)
OCTOBER = SERIES.month(2021, 10)
WITHIN_OCTOBER = datetime(2021, 10, 12, 2, tzinfo=UTC)
SILENT_DESK = "H62.12.01"
AFTER_OCTOBER = datetime(2021, 10, 21, 2, tzinfo=UTC)


@pytest.fixture
def vinh_yen(central: Central, clock: StandingClock) -> Central:
    """After October: in Vĩnh Yên a desk with three dossiers, one with none, both known to the end, and one without a
    machine; in Lập Thạch one that has been silent since its machine was enrolled."""
    few, zero = enrolled_writer(central, DESK, b"1" * 32), enrolled_writer(central, OTHER_DESK, b"2" * 32)
    enrolled_writer(central, SILENT_DESK, b"4" * 32).send()
    for _ in range(3):
        few.receive(DAY)
    few.send()
    zero.send()
    clock.at = AFTER_OCTOBER
    few.send(few.alone(acknowledged=few.head))
    zero.send(zero.alone(acknowledged=zero.head))
    return central


def letter(central: Central, code: str = "243", *, scope: Scope = EVERYTHING, period: Period = OCTOBER) -> bytes:
    return reminder_letter(central, scope, unit_id(central, code), period)


def unit_id(central: Central, code: str) -> str:
    with reading(central.database):
        unit = units.unit_by_code(code, OCTOBER.last_on)
    assert unit
    return unit.id


def parts(pdf: bytes) -> list[str]:
    """The letter cut at its headings: the opening, none, few, not known; without white space."""
    text = "".join(page_texts(pdf))
    marks = ("Khôngcóhồsơ(đãxácnhận)", "Nhậptừ1đến49hồsơ(đãxácnhận)", "Chưarõsốliệu,đềnghịkếtnối")
    places = [0, *(text.index(mark) for mark in marks), len(text)]
    return [text[begin:end] for begin, end in pairwise(places)]


def test_each_desk_stands_where_what_is_proven_of_it_puts_it(vinh_yen: Central) -> None:
    opening, zero, few, unknown = parts(letter(vinh_yen))

    assert [OTHER_DESK in part for part in (opening, zero, few, unknown)] == [False, True, False, False]
    assert [f"({DESK})" in part for part in (opening, zero, few, unknown)] == [False, False, True, False]
    assert ["(H62.11)" in part for part in (opening, zero, few, unknown)] == [False, False, False, True]
    assert "1Bộphậnkhôngcóhồsơ;1Bộphậnnhậpdướimức;1Bộphậnchưarõsốliệu" in opening


def test_a_flag_comes_with_its_count_its_level_and_the_date_of_the_evidence(vinh_yen: Central) -> None:
    _, zero, few, _ = parts(letter(vinh_yen))

    assert "1máy,máyđầutiênđăngkýngày04/10/2021:khônggiữlạihồsơnàođến09:0021/10/2021" in zero
    assert "3503hồsơ,dưới50." in few


def test_what_is_not_known_is_not_accused_and_asked_to_connect(vinh_yen: Central) -> None:
    *_, unknown = parts(letter(vinh_yen))

    assert "Việcnêutênkhôngcónghĩalà" in unknown
    assert "Liênhệcánbộtheodõiđểđăngkýmáy." in unknown
    assert "đãxácnhận" not in unknown


def test_a_silent_desk_is_not_accused_of_what_nobody_has_heard_from_it(vinh_yen: Central) -> None:
    text = "".join(page_texts(letter(vinh_yen, "246")))

    accused, _, unknown = text.partition("Chưarõsốliệu,đềnghịkếtnối:3Bộphận")
    assert (f"({SILENT_DESK})" in accused, f"({SILENT_DESK})" in unknown) == (False, True)
    assert "Bậtmáyvàkếtnốimạng" in unknown
    assert "đãxácnhận" not in text
    assert "chỉđạocácBộphậnnêutrên" not in text


def test_a_desk_of_which_a_flag_is_not_proven_any_more_leaves_the_list(vinh_yen: Central, clock: StandingClock) -> None:
    enrolled_writer(vinh_yen, OTHER_DESK, b"3" * 32)

    text = "".join(page_texts(letter(vinh_yen)))

    assert OTHER_DESK not in text.partition("Chưarõsốliệu,đềnghịkếtnối")[0]


def test_the_letter_has_the_form_of_an_administrative_letter(vinh_yen: Central) -> None:
    pdf = letter(vinh_yen)

    for text in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN TỈNH VĨNH PHÚC",
        "Số: ……… / ………",
        "Vĩnh Phúc, ngày …… tháng …… năm 20……",
        "V/v đôn đốc nhập hồ sơ tại Bộ phận Một cửa, kỳ 21/09/2021 – 20/10/2021",
        "Kính gửi: Ủy ban nhân dân thành phố Vĩnh Yên",
        "QUYỀN HẠN, CHỨC VỤ CỦA NGƯỜI KÝ",
        "Nơi nhận:",
        "Lưu: VT",
    ):
        assert says(pdf, text), text
    assert sizes_mm(pdf) == {(210, 297)}


def test_a_letter_of_many_desks_runs_on_with_its_head_and_page_numbers() -> None:
    rows = [ReminderRow(name=f"Xã {n} & <b>", code=f"H62.{n}", entered=0, threshold=50, evidence="") for n in range(60)]
    pages = page_texts(
        reminder_pdf(
            ReminderLetter(
                unit="Huyện Lập Thạch",
                superior="Tỉnh Vĩnh Phúc",
                place="Vĩnh Phúc",
                first_on=OCTOBER.first_on,
                last_on=OCTOBER.last_on,
                known_at=AFTER_OCTOBER,
                enough=0,
                zero=rows,
                few=[],
                unknown=[],
                training=True,
            )
        )
    )

    assert len(pages) >= 3
    assert all("TẬPHUẤN" in page for page in pages)
    assert all("BộphậnMộtcửaSốhồsơ" in page for page in pages[:3])
    assert "Xã7&<b>(H62.7)" in "".join(pages)


def test_nobody_is_reminded_before_the_period_has_ended(vinh_yen: Central, clock: StandingClock) -> None:
    clock.at = WITHIN_OCTOBER

    with pytest.raises(PeriodStillRuns):
        letter(vinh_yen)


def test_a_unit_whose_desks_have_done_enough_gets_no_letter(vinh_yen: Central) -> None:
    for code in ("H62.12", "H62.12.01", "H62.12.02"):
        ruling.exempt(
            vinh_yen, code, first_on=OCTOBER.first_on, last_on=date(2021, 12, 31), by="tinh", reason="Sửa trụ sở"
        )

    with pytest.raises(NobodyToRemind):
        letter(vinh_yen, "246")


def test_a_letter_of_another_area_looks_as_if_there_were_no_such_unit(vinh_yen: Central) -> None:
    own = Scope(root=unit_id(vinh_yen, "246"))

    for unit in (unit_id(vinh_yen, "243"), unit_id(vinh_yen, "26"), "none", "\0"):
        with pytest.raises(UnknownUnit):
            reminder_letter(vinh_yen, own, unit, OCTOBER)


@pytest.fixture
def app(vinh_yen: Central) -> Flask:
    """The centre with the supervisors of two districts."""
    for username, unit in (("vinhyen", "243"), ("lapthach", "246")):
        signing_in.add_user(
            vinh_yen,
            username=username,
            full_name="Trần Thị Vân",
            role=Role.SUPERVISOR,
            unit_code=unit,
            password=PASSWORD,
        )
    return create_app(vinh_yen)


def test_a_supervisor_gets_the_letters_of_the_own_area_only(app: Flask, vinh_yen: Central) -> None:
    path = f"/letters/{unit_id(vinh_yen, '243')}.pdf?period=2021-10"

    own, other = browser(app, "vinhyen").get(path), browser(app, "lapthach").get(path)

    assert (own.status_code, own.mimetype, other.status_code) == (200, "application/pdf", 404)
    assert says(own.data, "Kính gửi: Ủy ban nhân dân thành phố Vĩnh Yên")
    assert "cong-van-don-doc-2021-10.pdf" in own.headers["Content-Disposition"]


def test_a_desks_page_leads_to_the_letter_of_its_unit_after_the_period(app: Flask, vinh_yen: Central) -> None:
    client = browser(app, "vinhyen")

    assert f"/letters/{unit_id(vinh_yen, '243')}.pdf?period=2021-10" in client.get(f"/desks/{DESK}?period=2021-10").text
    assert "/letters/" not in client.get(f"/desks/{DESK}?period=2021-11").text


@only_on_sqlite
def test_the_command_writes_the_letter(vinh_yen: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: vinh_yen)
    file = tmp_path / "cong-van.pdf"

    CliRunner().invoke(
        cli, ["letter", "--period", "2021-10", "--unit", "243", "--out", str(file)], catch_exceptions=False
    )

    assert says(file.read_bytes(), "Kính gửi: Ủy ban nhân dân thành phố Vĩnh Yên")


@only_on_sqlite
@pytest.mark.parametrize(
    ("unit", "name", "error"),
    [("999", "a.pdf", UnknownUnit), ("243", "there.pdf", BadInput), ("243", "no/a.pdf", BadInput)],
)
def test_the_command_writes_nothing_where_it_cannot(
    vinh_yen: Central, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: str, name: str, error: type[Exception]
) -> None:
    monkeypatch.setattr(console, "open_central", lambda _: vinh_yen)
    (tmp_path / "there.pdf").write_text("đã ký")
    words = ["letter", "--period", "2021-10", "--unit", unit, "--out", str(tmp_path / name)]

    with pytest.raises(error):
        CliRunner().invoke(cli, words, catch_exceptions=False)

    assert [each.read_text() for each in tmp_path.iterdir()] == ["đã ký"]
