"""The search: what a typed or scanned text finds, and in which order."""

from datetime import date
from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services import searching
from desk_client.services.searching import Wanted, id_of, search, whole_code, words_of
from desk_client.storage.words import question
from sync_protocol.events import Corrected
from sync_protocol.vocabulary import DossierStage
from tests.desk.lives import DELIVERED, PAPERS_ASKED_FOR, RESOLVED, after, received
from tests.factories import StandingClock, enrolled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk without dossiers, on Monday 4 October 2021."""
    return enrolled_desk(tmp_path / "desk", clock=StandingClock())


@pytest.fixture
def people(desk: Desk) -> Desk:
    """A desk with three people's dossiers."""
    received(desk, submitter_name="Nguyễn Văn A", owner_name="Nguyễn Văn A", phone="0987000001")
    received(
        desk, submitter_name="Đặng Thị Hòa", owner_name="Đặng Thị Hòa", phone="0987000002", id_number="026185900002"
    )
    received(
        desk,
        on=date(2021, 10, 1),
        submitter_name="Trần Văn Bưởi",
        owner_name="Công ty 36 Sao Vàng",
        owner_type="business",
        phone="02113861001",
        external_code="G01.22-210930-7777",
    )
    return desk


def found(desk: Desk, text: str = "", **wanted: object) -> list[str]:
    """The owners that a search finds, in its order."""
    return [line.owner_name for line in search(desk, Wanted(text=text, **wanted)).lines]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("nguyen van a", "Nguyễn Văn A"),
        ("a van nguyen", "Nguyễn Văn A"),
        ("NGUYỄN", "Nguyễn Văn A"),
        ("ngu v", "Nguyễn Văn A"),
        ("dang hoa", "Đặng Thị Hòa"),
        ("Đặng Thị Hoà", "Đặng Thị Hòa"),
        ("buoi", "Công ty 36 Sao Vàng"),
        ("36 sao", "Công ty 36 Sao Vàng"),
        ("0987000001", "Nguyễn Văn A"),
        ("0987 000 001", "Nguyễn Văn A"),
        ("0987.000.001", "Nguyễn Văn A"),
        ("+84 987 000 001", "Nguyễn Văn A"),
        ("84987000001", "Nguyễn Văn A"),
        ("(0211) 386-1001", "Công ty 36 Sao Vàng"),
        ("026185900002", "Đặng Thị Hòa"),
        ("026 185 900 002", "Đặng Thị Hòa"),
        ("dang 0987000002", "Đặng Thị Hòa"),
        ("H62.11.01-211001-0001", "Công ty 36 Sao Vàng"),
        ("h62.11.01 211001 0001", "Công ty 36 Sao Vàng"),
        ("h62 11 01 211001 0001", "Công ty 36 Sao Vàng"),
        ("211001-0001", "Công ty 36 Sao Vàng"),
        ("2110010001", "Công ty 36 Sao Vàng"),
        ("G01.22-210930-7777", "Công ty 36 Sao Vàng"),
        ("g0122", "Công ty 36 Sao Vàng"),
        ("7777", "Công ty 36 Sao Vàng"),
    ],
)
def test_a_dossier_is_found_by_what_people_type(people: Desk, text: str, owner: str) -> None:
    assert found(people, text) == [owner]


@pytest.mark.parametrize(
    "text",
    [
        "nguyen hoa",
        "nguyễnx",
        "H63",
        "received",
        "§received",
        "20211004",
        "¶20211004",
        "???",
        '"',
        "* OR *",
        "NOT a",
        "-",
    ],
)
def test_what_nobody_bears_finds_nothing(people: Desk, text: str) -> None:
    assert found(people, text) == []


def test_an_empty_search_finds_nothing(people: Desk) -> None:
    assert search(people, Wanted()).lines == []


def test_a_search_finds_the_dossiers_of_a_day_of_reception(people: Desk) -> None:
    day = date(2021, 10, 1)

    assert found(people, first_on=day, last_on=day) == ["Công ty 36 Sao Vàng"]


@pytest.mark.parametrize(
    ("first_on", "last_on", "count"),
    [
        (date(2021, 10, 1), date(2021, 10, 4), 3),
        (date(2021, 10, 2), date(2021, 10, 31), 2),
        (date(2021, 1, 1), date(2021, 12, 31), 3),
        (date(2019, 12, 31), date(2022, 1, 1), 3),
        (date(2021, 10, 2), date(2021, 10, 3), 0),
        (date(2021, 10, 4), date(2021, 10, 1), 0),
    ],
)
def test_a_span_of_days_is_both_ends_and_all_between(people: Desk, first_on: date, last_on: date, count: int) -> None:
    assert len(found(people, first_on=first_on, last_on=last_on)) == count


def test_a_search_follows_a_dossier_through_its_stages(desk: Desk) -> None:
    dossier = after(desk, received(desk), RESOLVED)
    resolved = found(desk, stages=(DossierStage.RESOLVED,))

    after(desk, dossier, DELIVERED)

    assert resolved == ["Nguyễn Thị Hường"]
    assert found(desk, stages=(DossierStage.RESOLVED,)) == []
    assert found(desk, "huong", stages=(DossierStage.DELIVERED,)) == ["Nguyễn Thị Hường"]


@pytest.mark.parametrize("stage", DossierStage)
def test_each_stage_can_be_asked_for(desk: Desk, stage: DossierStage) -> None:
    """Those of two words were taken for a phrase, which the index does not know."""
    after(desk, received(desk), PAPERS_ASKED_FOR)

    assert len(found(desk, stages=(stage,))) == (stage is DossierStage.AWAITING_SUPPLEMENT)


def test_a_corrected_name_is_found_and_the_wrong_one_no_longer(desk: Desk) -> None:
    dossier = received(desk)

    after(
        desk,
        dossier,
        Corrected(changes={"owner_name": "Nguyễn Thị Hương", "submitter_name": "Lê Thị Thu"}, reason="Gõ nhầm"),
    )

    assert found(desk, "thu") == ["Nguyễn Thị Hương"]
    assert found(desk, "0987000001 thi huong") == ["Nguyễn Thị Hương"]
    assert search(desk, Wanted(text="nguyen thi huong")).lines[0].submitter_name == "Lê Thị Thu"


def test_results_stand_in_the_vietnamese_alphabet_or_the_newest_first(desk: Desk) -> None:
    for name in ("Dương Văn Ăn", "Đào Văn Ân", "An Văn Bình", "Ân Văn Bình"):
        received(desk, owner_name=name, submitter_name="Lê Văn Cam")

    newest = [line.owner_name for line in search(desk, Wanted(text="cam"), newest_first=True).lines]

    assert found(desk, "cam") == ["An Văn Bình", "Ân Văn Bình", "Dương Văn Ăn", "Đào Văn Ân"]
    assert newest == ["Ân Văn Bình", "An Văn Bình", "Đào Văn Ân", "Dương Văn Ăn"]


def test_more_than_the_bound_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FOUND_MAX", 2)
    for name in ("Lê Văn Một", "Lê Văn Hai", "Lê Văn Ba"):
        received(desk, owner_name=name)

    findings = search(desk, Wanted(text="le van"))

    assert findings.has_more
    assert [line.owner_name for line in findings.lines] == ["Lê Văn Ba", "Lê Văn Hai"]


def test_a_search_masks_the_identity_number(people: Desk) -> None:
    [line] = search(people, Wanted(text="026185900002")).lines

    assert line.masked_id_number == "026*******02"


def test_a_text_of_many_words_is_bounded() -> None:
    assert len(words_of("a " * 500)) == searching.WORDS_MAX


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("H62.11.01-211004-0001", "H62.11.01-211004-0001"),
        (" h62.11.01-211004-0001\n", "H62.11.01-211004-0001"),
        ("H62.11.01 - 211004 - 0001", "H62.11.01-211004-0001"),
        ("h6211012110040001", "H62.11.01-211004-0001"),
        ("h62 11 01 211004 0001", "H62.11.01-211004-0001"),
        ("H62.31.04-200229-123456", "H62.31.04-200229-123456"),
        ("H62.11.01-211399-0001", ""),
        ("211004-0001", ""),
        ("Nguyễn Văn A", ""),
        ("", ""),
    ],
)
def test_a_scanned_code_is_known_from_other_texts(desk: Desk, text: str, code: str) -> None:
    assert whole_code(desk, text) == code


def test_the_code_of_another_system_means_its_dossier(people: Desk) -> None:
    assert whole_code(people, "G01.22-210930-7777") == "G01.22-210930-7777"
    received(people, external_code="BN/2021/0815")

    code = whole_code(people, "BN/2021/0815")

    assert id_of(people, code) != ""


def test_the_question_names_whole_months_and_years_once() -> None:
    asked = question([], [], date(2020, 11, 30), date(2022, 2, 2))

    assert asked == '("¶20201130" OR "¶202012"* OR "¶2021"* OR "¶202201"* OR "¶20220201" OR "¶20220202")'
