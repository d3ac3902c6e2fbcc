"""What is written down of a dossier: the fields that its events make, changed by what had an effect only."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sync_protocol.contents import content_after
from sync_protocol.dossiers import Dossier
from sync_protocol.events import Event, Payload
from sync_protocol.folding import fold
from sync_protocol.schemas import payload_content
from tests.protocol.lives import (
    DELIVERED,
    EXTENDED,
    FORWARDED,
    PAYMENT_DONE,
    PAYMENT_REQUESTED,
    PRINTED,
    RATED,
    RECEIVED,
    REFUSED,
    REFUSED_AFTER_APPRAISAL,
    REGISTERED,
    RESOLVED,
    SENT_BACK,
    STOPPED,
    SUPPLEMENT_EXPIRED,
    SUPPLEMENT_RECEIVED,
    SUPPLEMENT_REQUESTED,
    VOIDED,
    WITHDRAWN,
    corrected,
    event,
)

HELD = payload_content(RECEIVED)


def content_of(*payloads: Payload) -> dict[str, Any]:
    """What is written down after these events of one device."""
    return content_of_events(*(event(payload, sequence=n) for n, payload in enumerate(payloads, start=3)))


def content_of_events(*events: Event) -> dict[str, Any]:
    """What is written down after these events."""
    dossier: Dossier | None = None
    content: dict[str, Any] = {}
    for each in events:
        folded = fold(dossier, each)
        dossier, content = folded.dossier, content_after(content, each, folded)
    return content


def changed_by(*payloads: Payload) -> Mapping[str, Any]:
    """What events after the reception have made other than it was."""
    content = content_of(RECEIVED, *payloads)
    return {name: content.get(name) for name in {**HELD, **content} if content.get(name) != HELD.get(name)}


@pytest.mark.parametrize("opening", [RECEIVED, REGISTERED, REFUSED])
def test_what_opens_a_dossier_is_written_down_as_it_was_said(opening: Payload) -> None:
    assert content_of(opening) == payload_content(opening)


def test_a_reception_replaces_what_was_filed_online() -> None:
    filed = replace(REGISTERED, phone="0987000077", summary="Gửi qua mạng")

    assert content_of(filed, RECEIVED) == HELD


@pytest.mark.parametrize(
    ("payloads", "changes"),
    [
        ([FORWARDED], {"case_officer": "Lò Thị Ún", "note": "Chuyển tư pháp"}),
        ([SUPPLEMENT_REQUESTED], {"papers": "Giấy khai sinh của con", "reason": "Thiếu bản chính"}),
        ([EXTENDED], {"reason": "Chờ xác minh nơi cư trú", "due_on": "2021-10-15"}),
        (
            [RESOLVED],
            {"result_kind": "granted", "result_number": "27/UBND-XN", "signer": "Phạm Văn Rồng"},
        ),
        ([WITHDRAWN], {"reason": "Đổi ý kiến"}),
        ([SENT_BACK], {"reason": "Hồ sơ không hợp lệ"}),
        ([STOPPED], {"reason": "Có tranh chấp"}),
        ([VOIDED], {"reason": "Nhập trùng"}),
        ([PAYMENT_REQUESTED], {"fee_amount_vnd": 15_000, "payment_status": "pending"}),
        (
            [PAYMENT_REQUESTED, PAYMENT_DONE],
            {"fee_amount_vnd": 15_000, "payment_status": "paid", "payment_method": "cash"},
        ),
        ([RATED], {}),
        ([PRINTED], {}),
    ],
)
def test_a_step_is_written_down_by_its_fields(payloads: list[Payload], changes: dict[str, Any]) -> None:
    assert changed_by(*payloads) == changes


def test_of_reasons_the_last_one_stands() -> None:
    assert changed_by(SUPPLEMENT_REQUESTED, SUPPLEMENT_EXPIRED) == {
        "papers": "Giấy khai sinh của con",
        "reason": "Không nộp bổ sung",
        "expired_on": "2021-11-04",
    }
    assert changed_by(SUPPLEMENT_REQUESTED, SUPPLEMENT_RECEIVED)["reason"] == "Thiếu bản chính"


def test_an_expiry_without_a_reason_leaves_the_one_for_which_papers_were_asked() -> None:
    assert changed_by(SUPPLEMENT_REQUESTED, replace(SUPPLEMENT_EXPIRED, reason=""))["reason"] == "Thiếu bản chính"


def test_a_hand_over_is_written_down_as_it_was_done() -> None:
    content = content_of(RECEIVED, RESOLVED, DELIVERED)

    assert (content["delivered_to"], content["delivered_by"], content["note"]) == (
        "Đặng Thị Ngoan",
        "counter",
        "Con gái nhận",
    )
    assert content["delivery_method"] == "counter"


def test_a_payment_without_an_amount_leaves_the_one_that_was_asked_for() -> None:
    changes = changed_by(PAYMENT_REQUESTED, replace(PAYMENT_DONE, amount_vnd=None, payment_method=None))

    assert changes == {"fee_amount_vnd": 15_000, "payment_status": "paid"}


def test_a_payment_of_nothing_is_an_amount() -> None:
    assert changed_by(PAYMENT_REQUESTED, replace(PAYMENT_DONE, amount_vnd=0))["fee_amount_vnd"] == 0


def test_a_correction_replaces_its_fields_and_empties_what_it_says_is_empty() -> None:
    correction = corrected(owner_name="Đặng Văn Ướt", phone="", components=[], page_count=0, out_of_area=False)

    content = content_of(RECEIVED, correction)

    assert content["owner_name"] == "Đặng Văn Ướt"
    assert {"phone", "components"} & set(content) == set()
    assert (content["page_count"], content["out_of_area"]) == (0, False)
    assert content["email"] == "huong@example.vn"


def test_of_a_correction_in_conflict_what_was_taken_is_written_down_and_nothing_else() -> None:
    content = content_of_events(
        event(RECEIVED),
        event(corrected(phone="0987000002"), sequence=1, slot=2),
        event(corrected(phone="0987000003", email="moi@example.vn"), sequence=4),
    )

    assert (content["phone"], content["email"]) == ("0987000002", "moi@example.vn")


def test_what_had_no_effect_is_not_written_down() -> None:
    content = content_of_events(
        event(RECEIVED),
        event(WITHDRAWN, sequence=4),
        event(RESOLVED, sequence=1, slot=2),
        event(FORWARDED, sequence=2, slot=2),
        event(WITHDRAWN, sequence=4),
    )

    assert content == HELD | {"reason": "Đổi ý kiến"}


def test_a_result_that_comes_after_its_hand_over_is_written_down_too() -> None:
    content = content_of_events(event(RECEIVED), event(DELIVERED, sequence=1, slot=2), event(RESOLVED, sequence=4))

    assert (content["delivered_to"], content["result_number"]) == ("Đặng Thị Ngoan", "27/UBND-XN")


def test_of_two_results_that_contradict_the_first_is_written_down() -> None:
    content = content_of_events(
        event(RECEIVED), event(RESOLVED, sequence=4), event(REFUSED_AFTER_APPRAISAL, sequence=1, slot=2)
    )

    assert content["result_kind"] == "granted"


def test_what_was_written_down_is_left_as_it_was() -> None:
    """Whoever holds it may compare it with what comes after."""
    before = dict(HELD)
    folded = fold(fold(None, event(RECEIVED)).dossier, event(corrected(phone=""), sequence=4))

    after = content_after(HELD, event(corrected(phone=""), sequence=4), folded)

    assert before == HELD
    assert "phone" not in after


def test_an_extension_moves_the_appointment_of_an_old_slip() -> None:
    taken_over = replace(RECEIVED, due_on=date(2021, 10, 8))

    assert content_of(taken_over)["due_on"] == "2021-10-08"
    assert content_of(taken_over, EXTENDED)["due_on"] == "2021-10-15"
