"""Several machines of one desk: each knows every dossier, and all of them say the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from central_server.central import Central
from central_server.services import founding
from central_server.storage.database import write_transaction
from central_server.storage.models import Pack
from desk_client.desk import Desk
from desk_client.services.lifecycle import deliver_unseen, dossier_of
from desk_client.services.overview import overview
from desk_client.services.recording import Manner, record_receptions
from desk_client.services.verifying import verify
from desk_client.storage import models, placing
from desk_client.storage.database import reading
from sync_protocol.events import Corrected, Step, Withdrawn
from sync_protocol.siblings import pack_down, unpack_down
from sync_protocol.signing import decoded, encoded
from sync_protocol.vocabulary import DossierStage
from tests.conftest import PROCEDURE_LINES, Link, held_codes, only_on_sqlite, record, sync, sync_quietly, take, void
from tests.desk.lives import DELIVERED, FORWARDED, PAPERS_ASKED_FOR, RESOLVED
from tests.factories import StandingClock, reception
from tests.together.field import assert_replicas_are_equal, hush, known_by

WITHDRAWN = Withdrawn(reason="Người nộp xin rút")


def corrected(**changes: Any) -> Step:
    return Corrected(changes=changes, reason="Ghi nhầm")


def test_every_dossier_of_the_desk_is_on_each_machine(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    record(device)
    record(second_device, owner_name="Lò Thị Ún")

    hush(link, device, second_device)

    assert held_codes(device) == held_codes(second_device) == ["H62.11.01-211004-0001", "H62.11.01-211004-1000"]
    assert_replicas_are_equal(central, device, second_device)


def test_corrections_of_different_fields_are_both_taken(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)

    take(device, dossier.id, corrected(phone="0987000011"))
    take(second_device, dossier.id, corrected(address_text="Thôn Đoài"))
    hush(link, device, second_device)

    content = dossier_of(device, dossier.id).content
    assert (content["phone"], content["address_text"]) == ("0987000011", "Thôn Đoài")
    assert_replicas_are_equal(central, device, second_device)


def test_of_two_values_of_one_field_the_first_at_the_centre_stands_on_both_machines(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    take(device, dossier.id, corrected(phone="0987000011"))
    take(second_device, dossier.id, corrected(phone="0987000022"))

    sync_quietly(second_device, link)
    hush(link, device, second_device)

    assert [dossier_of(each, dossier.id).content["phone"] for each in (device, second_device)] == ["0987000022"] * 2
    assert [dossier_of(each, dossier.id).contradicted for each in (device, second_device)] == [("1.1.4:phone",)] * 2
    assert_replicas_are_equal(central, device, second_device)


def test_the_same_value_on_two_machines_is_no_contradiction(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)

    take(device, dossier.id, corrected(phone="0987000011"))
    take(second_device, dossier.id, corrected(phone="0987000011"))
    hush(link, device, second_device)

    assert dossier_of(device, dossier.id).contradicted == ()
    assert_replicas_are_equal(central, device, second_device)


def test_two_ends_of_one_dossier_contradict_each_other_on_both_machines(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    take(device, dossier.id, RESOLVED)
    take(device, dossier.id, DELIVERED)
    take(second_device, dossier.id, WITHDRAWN)

    hush(link, device, second_device)

    assert known_by(second_device)[dossier.id].stage is DossierStage.DELIVERED
    assert dossier_of(second_device, dossier.id).contradicted == ("2.1.3",)
    assert_replicas_are_equal(central, device, second_device)


def test_a_result_handed_over_against_an_unseen_slip_meets_its_dossier(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    deliver_unseen(second_device, dossier.dossier_code, DELIVERED, happened_at=second_device.now(), clerk="truong")

    sync_quietly(second_device, link)
    hush(link, device, second_device)

    assert known_by(device)[dossier.id].stage is DossierStage.DELIVERED
    assert known_by(second_device)[dossier.id].stage is DossierStage.DELIVERED
    assert_replicas_are_equal(central, device, second_device)


def test_work_that_is_not_sent_yet_stays_behind_what_the_others_did(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    take(second_device, dossier.id, FORWARDED)
    sync_quietly(second_device, link)
    take(device, dossier.id, PAPERS_ASKED_FOR)
    link.lose("request")
    sync(device, link)

    take(second_device, dossier.id, corrected(phone="0987000022"))
    sync_quietly(second_device, link)
    hush(link, device, second_device)

    assert_replicas_are_equal(central, device, second_device)


def test_a_dossier_that_one_machine_takes_out_is_out_on_both(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)

    void(second_device, dossier)
    hush(link, device, second_device)

    assert held_codes(device) == []
    assert_replicas_are_equal(central, device, second_device)


def test_a_contact_with_nothing_new_brings_nothing_down(link: Link, device: Desk) -> None:
    record(device)
    sync_quietly(device, link)
    answers: list[bytes] = []
    link.answer(lambda raw: answers.append(raw) or raw)

    sync(device, link)

    assert b'"down"' not in answers[0]


def test_a_machine_alone_at_its_desk_gets_places_and_no_entries(link: Link, device: Desk) -> None:
    for _ in range(3):
        record(device)
        sync_quietly(device, link)

    with reading(device.database):
        runs = list(models.RunRow.select().tuples())
        assert runs == [(1, 1, 1, 5, 1)]


def test_a_late_sibling_takes_in_all_that_went_before(central: Central, link: Link, device: Desk, enrol: Any) -> None:
    dossiers = [record(device) for _ in range(5)]
    take(device, dossiers[0].id, RESOLVED)
    sync_quietly(device, link)

    late = enrol()
    hush(link, late, device)

    assert_replicas_are_equal(central, device, late)


@pytest.mark.parametrize("what", ["request", "answer"])
@pytest.mark.parametrize("at", range(4))
def test_a_pull_that_breaks_at_any_step_goes_on_where_it_stopped(
    central: Central, link: Link, device: Desk, second_device: Desk, clock: StandingClock, what: str, at: int
) -> None:
    for _ in range(3):
        record(device)
    sync_quietly(device, link)
    record(second_device)
    for step in range(4):
        if step == at:
            link.lose(what)
        sync(second_device, link)
        record(device)
        sync(device, link)

    hush(link, device, second_device)

    assert_replicas_are_equal(central, device, second_device)


def test_another_ledger_of_the_centre_is_learnt_from_its_beginning(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    take(device, dossier.id, corrected(phone="0987000011"))
    take(second_device, dossier.id, corrected(phone="0987000022"))
    hush(link, device, second_device)
    before = [known_by(each) for each in (device, second_device)]

    with reading(central.database):
        central.database.execute_sql("UPDATE centre SET incarnation = 'another'")
    hush(link, device, second_device)

    assert [known_by(each) for each in (device, second_device)] == before
    with reading(device.database):
        assert placing.pulled().incarnation == "another"
    assert_replicas_are_equal(central, device, second_device)


def test_a_pack_that_a_restored_centre_knows_no_more_does_not_stop_its_machines(
    central: Central, link: Link, device: Desk, second_device: Desk
) -> None:
    """A sibling counted by a pack that was issued after the backup; what it recorded is taken in all the same."""
    founding.load(central, "procedures", PROCEDURE_LINES.replace(",0,invented", ",9000,invented"))
    sync_quietly(device, link)
    dossier = record(device)
    sync_quietly(device, link)
    founding.load(central, "procedures", PROCEDURE_LINES)
    with write_transaction(central.database):
        Pack.delete().where(Pack.is_current == False).execute()  # noqa: E712 - a column, not a value

    sync_quietly(second_device, link)

    assert dossier.dossier_code in held_codes(second_device)


def test_what_comes_down_counts_only_if_the_receipt_names_it(link: Link, device: Desk, second_device: Desk) -> None:
    record(device)
    sync_quietly(device, link)
    link.answer(_without_siblings)

    outcome = sync(second_device, link)

    assert outcome.error is not None
    assert held_codes(second_device) == []


def _without_siblings(raw: bytes) -> bytes:
    """The answer with another section that could be one."""
    answer = orjson.loads(raw)
    down = replace(unpack_down(decoded(answer["down"])), siblings=())
    return orjson.dumps(answer | {"down": encoded(pack_down(down))})


def test_an_own_word_that_is_not_sent_yet_stands_behind_what_comes_down(
    link: Link, device: Desk, second_device: Desk
) -> None:
    dossier = record(device)
    hush(link, device, second_device)
    take(second_device, dossier.id, corrected(phone="0987000022"))
    sync_quietly(second_device, link)
    take(device, dossier.id, corrected(phone="0987000011"))
    link.lose("request")
    sync(device, link)
    # The statement goes ahead after a failure and brings the other machine's word; the own one does not get through.
    link.repeat()
    link.lose("request")

    sync(device, link)

    assert dossier_of(device, dossier.id).content["phone"] == "0987000022"
    assert dossier_of(device, dossier.id).contradicted == ("1.1.4:phone",)


@only_on_sqlite
def test_an_entry_of_another_machine_that_was_changed_on_the_disk_is_told(
    link: Link, device: Desk, second_device: Desk
) -> None:
    record(device)
    hush(link, device, second_device)
    with reading(second_device.database):
        second_device.database.execute_sql("DROP TRIGGER payload_is_never_changed")
        second_device.database.execute_sql("UPDATE payload SET salt = zeroblob(16) WHERE slot = 1 AND sequence = 3")

    told = verify(second_device).faults

    assert [str(each.values["entry"]) for each in told] == ["1.1.3"]


@only_on_sqlite
def test_a_first_fill_of_many_answers_holds_every_dossier(
    central: Central, link: Link, device: Desk, enrol: Callable[..., Desk]
) -> None:
    many = [reception(owner_name=f"Nguyễn Văn {name}", submitter_name=f"Nguyễn Văn {name}") for name in "ABCDEFGHIJ"]
    for _ in range(45):
        record_receptions(device, many, received_at=device.now(), clerk="truong", manner=Manner())
    sync_quietly(device, link)
    late, asked = enrol(), len(link.calls())

    sync(late, link)

    assert len(held_codes(late)) == 450
    assert link.calls()[asked:] == [("POST", "/v1/contacts")] * 3
    assert overview(late).taken_in == overview(late).ledger_end
    sync_quietly(device, link)
    assert_replicas_are_equal(central, device, late)
