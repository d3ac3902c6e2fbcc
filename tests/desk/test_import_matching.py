"""Which dossier a row of other software is about: by its codes, by what it says, and never somebody else's."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services import importing, matching, row_fields, row_taking
from desk_client.services.lifecycle import dossier_of, record_step
from desk_client.services.overview import overview
from desk_client.services.row_taking import Outcome
from desk_client.services.taking_up import adopt_packs
from desk_client.sheets.columns import Field
from sync_protocol.events import Corrected
from sync_protocol.packs import PackKind, procedures_content, signed_pack
from sync_protocol.vocabulary import DossierStage
from tests.conftest import record, void
from tests.desk.registers import CODE, OTHER_CODE, entries, order, outcomes, row, take, take_one, texts
from tests.factories import CENTRE_KEY, NOW, StandingClock, enrolled_desk, procedures

EXTERNAL = "000.00.11.H62-210906-0077"


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    return enrolled_desk(tmp_path / "desk", clock=clock)


def test_a_dossier_entered_here_takes_what_its_row_tells_and_keeps_its_clerks_words(desk: Desk) -> None:
    own = record(
        desk,
        on=date(2021, 9, 6),
        procedure_code="1.001193",
        owner_name="Trần Thị Bưởi",
        submitter_name="Trần Thị Bưởi",
        external_code="BN-77",
        phone="0987000009",
        address_text="",
    )

    result = take_one(desk, code="BN-77", phone="0987000001", address="Thôn Đông", resolved="06/09/2021")

    stored = dossier_of(desk, own.dossier_code)
    assert (result.outcome, result.dossier_code) == (Outcome.CHANGED, own.dossier_code)
    assert (stored.text("phone"), stored.text("address_text")) == ("0987000009", "Thôn Đông")
    assert stored.dossier.stage is DossierStage.RESOLVED
    assert stored.text("due_on") == "", "the slip of this desk says when to come"


def test_a_code_that_here_belongs_to_somebody_else_changes_nothing(desk: Desk) -> None:
    own = record(desk, on=date(2021, 9, 6))
    before = entries(desk)

    result = take_one(desk, code=own.dossier_code, id="026185900002", stage="Đã xử lý xong", resolved="07/09/2021")

    assert texts(result) == [matching.OTHER_DOSSIER]
    assert entries(desk) == before


@pytest.mark.parametrize("known", [{"owner": "Tran thi buoi"}, {"owner": "Lê Thị Hoa"}, {"owner": "", "id": ""}])
def test_one_name_or_the_number_is_enough_to_be_the_same_person(desk: Desk, known: dict[str, str]) -> None:
    record(desk, on=date(2021, 9, 6), external_code="BN-77", owner_name="Trần Thị Bưởi", id_number="026185900001")

    assert take_one(desk, **{"code": "BN-77"} | known).outcome is Outcome.CHANGED


def test_another_code_in_the_other_software_is_another_dossier(desk: Desk) -> None:
    take_one(desk, external="BN-1")

    result = take_one(desk, external="BN-2", owner="Trần Thị Bưởi")

    assert texts(result) == [matching.OTHER_DOSSIER]
    assert overview(desk).saved_count == 1


def test_a_row_is_found_again_by_either_of_its_codes(desk: Desk) -> None:
    take_one(desk, external=EXTERNAL)

    by_external, by_slip = take_one(desk, code=EXTERNAL), take_one(desk, phone="0987000002")

    assert [by_external.dossier_code, by_slip.dossier_code] == [CODE, CODE]
    assert by_slip.outcome is Outcome.CHANGED
    assert overview(desk).saved_count == 1


def test_a_code_is_one_whatever_its_case(desk: Desk) -> None:
    take_one(desk)

    assert take_one(desk, code=CODE.lower()).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("code", ["H62.11.01-219999-0001", "1.1.3", "412"])
def test_a_code_that_is_not_of_our_form_is_the_other_softwares(desk: Desk, code: str) -> None:
    record(desk)

    result = take_one(desk, code=code)

    assert result.outcome is Outcome.NEW
    assert dossier_of(desk, result.dossier_code).text("external_code") == code
    assert overview(desk).saved_count == 2


def test_rows_without_a_code_are_matched_by_what_they_say(desk: Desk) -> None:
    take(desk, row(code=""), row(code="", owner="Đặng Ước"))

    again = take(desk, row(code="", owner="Đặng Ước", stage="Đã xử lý xong"), row(code="", phone="0987000002"))

    assert outcomes(again) == ["changed", "changed"]
    assert overview(desk).saved_count == 2


def test_a_row_that_had_no_code_is_still_the_same_once_it_has_one(desk: Desk) -> None:
    first = take_one(desk, code="")

    with_code, again, other = take_one(desk, code="BN-77"), take_one(desk, code="BN-77"), take_one(desk, code="BN-78")

    assert (with_code.outcome, with_code.dossier_code) == (Outcome.CHANGED, first.dossier_code)
    assert again.outcome is Outcome.UNCHANGED
    assert other.outcome is Outcome.NEW
    assert dossier_of(desk, first.dossier_code).text("external_code") == "BN-77"


def test_two_alike_without_codes_are_told_apart_by_a_person(desk: Desk) -> None:
    results = take(desk, row(code=""), row(code=""), row(code="", phone="0987000002"))

    assert outcomes(results) == ["new", "refused", "refused"]
    assert [texts(each) for each in results[1:]] == [[matching.ALIKE_WITHOUT_CODE]] * 2


def test_a_refused_row_does_not_stand_in_the_way_of_its_good_twin(desk: Desk) -> None:
    results = take(desk, row(procedure="Thủ tục không có ở đây"), row())

    assert outcomes(results) == ["refused", "new"]


def test_a_dossier_that_may_have_been_entered_here_already_is_pointed_out(desk: Desk) -> None:
    own = record(desk, on=date(2021, 9, 6), procedure_code="1.001193")

    result = take_one(desk, code="BN-77")

    assert result.outcome is Outcome.NEW
    assert [(each.text, each.values) for each in result.remarks] == [
        (row_taking.ENTERED_HERE, {"dossier_code": own.dossier_code})
    ]


def test_a_trial_promises_no_code(desk: Desk) -> None:
    asked = order(desk, row(code="BN-77"), row(owner="Đặng Ước"))

    tried = list(importing.try_rows(desk, asked, clerk="an.nv"))

    assert [each.dossier_code for each in tried] == ["", CODE]


def test_a_field_corrected_here_stays_though_the_row_is_given_in_another_order(
    desk: Desk, clock: StandingClock
) -> None:
    take(desk, row(phone=""), row(code=OTHER_CODE, owner="Đặng Ước"))
    correction = Corrected(changes={"phone": "0987000005"}, reason="Bổ sung")
    record_step(desk, CODE, correction, happened_at=clock.at, clerk="an.nv")

    take(desk, row(code=OTHER_CODE, owner="Đặng Ước"), row(phone="0987000001"))

    assert dossier_of(desk, CODE).text("phone") == "0987000005"


def test_a_cell_that_was_emptied_takes_nothing_away_and_its_next_word_counts(desk: Desk) -> None:
    take_one(desk)

    emptied = take_one(desk, phone="")
    take_one(desk, phone="", address="Thôn Đông")
    take_one(desk, phone="0987000002", address="Thôn Đông")

    assert emptied.outcome is Outcome.UNCHANGED
    assert dossier_of(desk, CODE).text("phone") == "0987000002"


def test_what_the_file_corrects_and_was_corrected_here_before_is_no_news(desk: Desk, clock: StandingClock) -> None:
    take_one(desk)
    correction = Corrected(changes={"phone": "0987000002"}, reason="Đổi số")
    record_step(desk, CODE, correction, happened_at=clock.at, clerk="an.nv")

    result = take_one(desk, phone="0987000002")

    assert result.outcome is Outcome.UNCHANGED


def test_what_was_only_assumed_gives_way_to_what_a_later_file_says(desk: Desk) -> None:
    take_one(desk)

    take_one(desk, channel="Trực tuyến")

    assert dossier_of(desk, CODE).dossier.channel == "online"


def test_a_number_that_is_filled_in_brings_its_kind(desk: Desk) -> None:
    own = record(desk, on=date(2021, 9, 6), external_code="BN-77", owner_name="Trần Thị Bưởi", id_number="")

    take_one(desk, code="BN-77", id="123456789")

    stored = dossier_of(desk, own.dossier_code)
    assert (stored.text("id_type"), stored.text("id_number")) == ("cmnd", "123456789")


def test_what_is_wrong_with_a_name_is_said_once(desk: Desk) -> None:
    result = take_one(desk, owner="Trần Thị Bưởi 2")

    assert [each.field for each in result.remarks] == [Field.OWNER_NAME]


def test_who_received_it_elsewhere_is_not_said_to_have_entered_it_here(desk: Desk) -> None:
    take_one(desk, clerk="Lê Văn Khác", copies="12")

    stored = dossier_of(desk, CODE)
    assert stored.dossier.received_by == "an.nv"
    assert stored.content["copy_count"] == 12


def test_a_name_of_several_procedures_is_not_guessed(desk: Desk) -> None:
    twin = replace(procedures()[2], code="1.009999")
    pack = signed_pack(CENTRE_KEY, PackKind.PROCEDURES, procedures_content([*procedures(), twin], NOW.date()))
    adopt_packs(desk, [pack])

    result = take_one(desk)

    assert texts(result) == [row_fields.UNCLEAR_PROCEDURE]


def test_what_was_taken_out_of_the_counts_here_stays_out(desk: Desk) -> None:
    take_one(desk)
    void(desk, dossier_of(desk, CODE).dossier)
    before = entries(desk)

    result = take_one(desk, stage="Đã trả kết quả", phone="0987000002")

    assert (result.outcome, texts(result)) == (Outcome.UNCHANGED, [row_taking.VOIDED_HERE])
    assert entries(desk) == before
