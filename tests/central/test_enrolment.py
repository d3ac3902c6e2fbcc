"""One-time codes: a code makes one device, for the one installation that asks, and cannot be guessed."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from orjson import dumps

from central_server.central import Central
from central_server.services import enrolment
from central_server.services.enrolment import BadRequest, CodeUsed, UnknownDesk, UnknownPack, WrongCode
from central_server.storage import devices, models
from central_server.storage.database import reading, write_transaction
from desk_client.desk import NotEnrolled
from desk_client.services.enrolment import enrol as desk_enrol
from desk_client.services.road import CentreRefused, CentreUnreachable
from sync_protocol.certificates import EnrolmentCode, MalformedCode, certificate_hash, read_certificate
from sync_protocol.enrolments import RequestAltered
from sync_protocol.packs import PackKind, read_pack
from sync_protocol.signing import NotADocument, Signed, SigningKey
from sync_protocol.vocabulary import DeviceId
from tests.central.writing import request
from tests.conftest import DESK, URL, Link, sync
from tests.factories import NOW, PASSWORD, StandingClock, bare_desk

KEY = SigningKey.from_seed(b"\x01" * 32)
OTHER_KEY = SigningKey.from_seed(b"\x02" * 32)


def invited(central: Central, code: str = DESK) -> EnrolmentCode:
    """A fresh code for a desk."""
    [invitation] = enrolment.invite(central, code)
    return invitation.code


def enrolled(central: Central, code: str, key: SigningKey = KEY) -> DeviceId:
    """The device that a code makes."""
    answer = enrolment.enrol(central, request(code, key))
    return read_certificate(Signed.from_json(answer["certificate"])).device


def wrong(code: EnrolmentCode) -> str:
    """The code with another last letter."""
    return str(EnrolmentCode(code.public, code.secret[:-1] + ("0" if code.secret[-1] != "0" else "1")))


def altered(text: str) -> str:
    """The text with one bit of it changed."""
    return text[:2] + chr(ord(text[2]) ^ 1) + text[3:]


def slots(central: Central, desk: str = DESK) -> list[int]:
    row = models.DeviceRow
    with reading(central.database):
        return [slot for (slot,) in row.select(row.slot).where(row.desk == desk).order_by(row.slot).tuples()]


def test_a_code_makes_a_device_of_its_desk(central: Central) -> None:
    code = invited(central)

    device = enrolled(central, str(code))

    assert device == DeviceId("H62.11.01", 1)


def test_the_certificate_names_the_devices_keys_and_is_signed_by_the_centre(central: Central) -> None:
    answer = enrolment.enrol(central, request(str(invited(central)), KEY))

    certificate = read_certificate(Signed.from_json(answer["certificate"]))

    assert certificate.signing_key == KEY.public
    assert certificate.centre_key == central.keys.signing.public
    assert certificate.issued_at == NOW
    assert not certificate.training


def test_a_training_centre_makes_training_devices(make_central: Callable[..., Central]) -> None:
    training = make_central(training=True)
    answer = enrolment.enrol(training, request(str(invited(training)), KEY))

    assert read_certificate(Signed.from_json(answer["certificate"])).training


@pytest.mark.parametrize("desk", ["H62.11", "H62.11.01"], ids=["of a district", "of a commune"])
def test_a_device_gets_one_pack_of_each_kind(central: Central, desk: str) -> None:
    answer = enrolment.enrol(central, request(str(invited(central, desk)), KEY))

    kinds = [read_pack(Signed.from_json(pack), central.keys.signing.public)[0] for pack in answer["packs"]]

    assert sorted(kinds) == sorted(PackKind)


def test_a_code_is_read_in_any_case_and_without_dashes(central: Central) -> None:
    code = invited(central)

    device = enrolled(central, str(code).lower().replace("-", " "))

    assert device.slot == 1


def test_the_same_key_gets_the_same_certificate_again_since_the_answer_may_be_lost(central: Central) -> None:
    code = str(invited(central))
    first = enrolment.enrol(central, request(code, KEY))

    second = enrolment.enrol(central, request(code, KEY))

    assert second == first
    assert slots(central) == [1]


def test_a_lost_answer_costs_neither_the_code_nor_a_slot(
    central: Central, link: Link, field_path: Any, clock: StandingClock
) -> None:
    desk = bare_desk(field_path / "desk", clock)
    code = str(invited(central))
    link.lose("answer")
    with pytest.raises(CentreUnreachable):
        desk_enrol(desk, link, URL, code, PASSWORD)

    device = desk_enrol(desk, link, URL, code, PASSWORD)

    assert device == DeviceId("H62.11.01", 1)
    assert slots(central) == [1]


@pytest.mark.parametrize("field", ["agreement_key", "app", "code", "proof", "signing_key"])
def test_a_request_that_was_changed_on_its_way_makes_no_device_and_uses_no_code(central: Central, field: str) -> None:
    """One bit of a key once made a device of which nobody held the key: all that it sent was refused for ever."""
    code = str(invited(central))
    asked = request(code, KEY)

    with pytest.raises(RequestAltered):
        enrolment.enrol(central, asked | {field: altered(asked[field])})

    assert slots(central) == []
    assert enrolled(central, code) == DeviceId("H62.11.01", 1)


def test_a_machine_whose_request_was_damaged_enrols_with_the_same_code_and_is_heard(
    central: Central, link: Link, field_path: Any, clock: StandingClock
) -> None:
    desk = bare_desk(field_path / "desk", clock)
    code = str(invited(central))
    link.flip(-10)
    with pytest.raises(CentreRefused):
        desk_enrol(desk, link, URL, code, PASSWORD)

    desk_enrol(desk, link, URL, code, PASSWORD)
    outcome = sync(desk, link)

    assert (outcome.error, outcome.unsent) == (None, 0)


def test_a_certificate_of_another_key_is_not_taken_up(
    central: Central, link: Link, field_path: Any, clock: StandingClock
) -> None:
    """The journal of such a device would be signed by a key that the centre does not know it by."""
    desk = bare_desk(field_path / "desk", clock)
    other = dumps(enrolment.enrol(central, request(str(invited(central)), OTHER_KEY)))
    link.answer(lambda _: other)

    with pytest.raises(NotADocument):
        desk_enrol(desk, link, URL, str(invited(central)), PASSWORD)

    with pytest.raises(NotEnrolled):
        desk.identity()


def test_another_key_is_refused_once_the_code_has_been_used(central: Central) -> None:
    code = str(invited(central))
    enrolled(central, code)

    with pytest.raises(CodeUsed):
        enrolled(central, code, OTHER_KEY)

    assert slots(central) == [1]


def test_a_wrong_secret_is_refused_and_makes_no_device(central: Central) -> None:
    code = invited(central)

    with pytest.raises(WrongCode):
        enrolled(central, wrong(code))

    assert slots(central) == []


def test_a_code_that_was_never_issued_is_refused(central: Central) -> None:
    with pytest.raises(WrongCode):
        enrolled(central, "0000-0000-0000-0000")


def test_after_five_wrong_tries_the_right_code_is_refused_too(central: Central) -> None:
    code = invited(central)
    for _ in range(5):
        with pytest.raises(WrongCode):
            enrolled(central, wrong(code))

    with pytest.raises(WrongCode):
        enrolled(central, str(code))

    assert slots(central) == []


def test_after_four_wrong_tries_the_right_code_is_still_good(central: Central) -> None:
    code = invited(central)
    for _ in range(4):
        with pytest.raises(WrongCode):
            enrolled(central, wrong(code))

    device = enrolled(central, str(code))

    assert device.slot == 1


def test_a_try_waits_for_those_under_way_so_that_none_goes_uncounted(central: Central) -> None:
    code = invited(central)
    taken: list[bool] = []
    late = threading.Thread(target=lambda: taken.append(_is_taken(central, str(code))))

    with write_transaction(central.database):
        row = devices.invitation(code.public)
        assert row is not None
        for _ in range(5):
            devices.note_try(row)
        late.start()
        late.join(timeout=0.5)
    late.join()

    assert taken == [False]


@pytest.mark.parametrize(("hours", "is_good"), [(71.99, True), (72, False)])
def test_a_code_is_good_for_72_hours(central: Central, clock: StandingClock, hours: float, is_good: bool) -> None:
    code = str(invited(central))
    clock.move(hours=hours)

    assert _is_taken(central, code) == is_good


def test_a_code_that_was_used_gives_its_certificate_after_it_has_expired(
    central: Central, clock: StandingClock
) -> None:
    code = str(invited(central))
    enrolled(central, code)
    clock.move(days=30)

    assert enrolled(central, code) == DeviceId("H62.11.01", 1)


def test_each_device_of_a_desk_has_a_slot_of_its_own(central: Central) -> None:
    first = enrolled(central, str(invited(central)))
    second = enrolled(central, str(invited(central)), OTHER_KEY)
    elsewhere = enrolled(central, str(invited(central, "H62.11.02")), SigningKey.from_seed(b"\x03" * 32))

    assert (first.slot, second.slot, elsewhere.slot) == (1, 2, 1)


def test_devices_that_enrol_at_once_get_different_slots(central: Central) -> None:
    codes = [str(invited(central)) for _ in range(4)]

    in_parallel(
        *[
            lambda code=code, number=number: enrolled(central, code, SigningKey.from_seed(bytes([number]) * 32))
            for number, code in enumerate(codes, start=1)
        ]
    )

    assert slots(central) == [1, 2, 3, 4]


def test_a_code_used_by_two_machines_at_once_makes_one_device(central: Central) -> None:
    code = str(invited(central))

    def ask(number: int) -> None:
        _is_taken(central, code, SigningKey.from_seed(bytes([number]) * 32))

    in_parallel(*[lambda number=number: ask(number) for number in range(1, 5)])

    assert slots(central) == [1]


def test_an_unknown_desk_is_not_invited(central: Central) -> None:
    with pytest.raises(UnknownDesk):
        enrolment.invite(central, "H62.99")


def test_everybody_can_be_invited_at_once(central: Central) -> None:
    invitations = enrolment.invite(central, None)

    desks = [each.desk for each in invitations]
    assert desks == ["H62.11", "H62.11.01", "H62.11.02", "H62.12", "H62.12.01", "H62.12.02"]
    assert {each.expires_at for each in invitations} == {NOW + timedelta(hours=72)}


def test_two_codes_never_share_the_part_by_which_they_are_found(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    same, other = EnrolmentCode("AAAA", "0" * 12), EnrolmentCode("BBBB", "0" * 12)
    codes = iter([same, same, other])
    monkeypatch.setattr(enrolment, "new_code", lambda: next(codes))

    made = [invited(central), invited(central)]

    assert made == [same, other]


def test_the_secret_of_a_code_is_not_kept(central: Central) -> None:
    code = invited(central)

    with reading(central.database):
        [row] = models.Invitation.select().dicts()

    assert all(code.secret not in str(value) for value in row.values())
    assert bytes(row["secret_mac"]) == code.secret_mac(central.keys.code_key)


BAD_REQUESTS: dict[str, object] = {
    "nothing": {},
    "no object": [],
    "null": None,
    "a short key": request("0000-0000-0000-0000", KEY) | {"signing_key": "AAAA"},
    "a key that is not base64": request("0000-0000-0000-0000", KEY) | {"signing_key": "ê" * 43},
    "a number for a code": request("0000-0000-0000-0000", KEY) | {"code": 7},
    "an unknown field": request("0000-0000-0000-0000", KEY) | {"slot": 1},
    "a NUL in the version": request("0000-0000-0000-0000", KEY) | {"app": "0.1\0"},
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_request_of_another_form_is_refused_by_name(central: Central, name: str) -> None:
    with pytest.raises(BadRequest):
        enrolment.enrol(central, BAD_REQUESTS[name])


@pytest.mark.parametrize(
    "text", ["", "0000", "0000-0000-0000-000U", "0000-0000-0000-0000-0000", "0000-0000-0000-000\0"]
)
def test_a_text_that_is_no_code_is_told_from_a_wrong_code(central: Central, text: str) -> None:
    with pytest.raises(MalformedCode):
        enrolment.enrol(central, request(text, KEY))


def test_a_device_begins_at_the_hash_of_its_certificate(central: Central) -> None:
    answer = enrolment.enrol(central, request(str(invited(central)), KEY))

    row = models.DeviceRow
    with reading(central.database):
        device = row.get(row.desk == DESK)

    assert bytes(device.head_hash) == certificate_hash(Signed.from_json(answer["certificate"]))
    assert (device.epoch, device.head) == (1, 0)


def test_a_pack_is_given_by_its_name(central: Central) -> None:
    with reading(central.database):
        name = models.Pack.get(models.Pack.kind == "calendar").hash

    kind, _ = read_pack(enrolment.pack_named(central, name), central.keys.signing.public)

    assert kind is PackKind.CALENDAR


@pytest.mark.parametrize("name", ["unknown", "", "\0", "a" * 5000])
def test_an_unknown_pack_is_refused_by_name(central: Central, name: str) -> None:
    with pytest.raises(UnknownPack):
        enrolment.pack_named(central, name)


def test_a_desk_that_was_closed_is_not_invited(central: Central, clock: StandingClock) -> None:
    with write_transaction(central.database):
        models.DeskRow.update(valid_to=date(2021, 10, 3)).where(models.DeskRow.code == DESK).execute()

    with pytest.raises(UnknownDesk):
        enrolment.invite(central, DESK)


def _is_taken(central: Central, code: str, key: SigningKey = KEY) -> bool:
    try:
        enrolled(central, code, key)
    except (WrongCode, CodeUsed):
        return False
    return True


def in_parallel(*tasks: Callable[[], Any]) -> None:
    """Runs tasks in threads that begin together; the first failure is raised."""
    begin, failures = threading.Barrier(len(tasks)), list[BaseException]()

    def run(task: Callable[[], Any]) -> None:
        begin.wait()
        try:
            task()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
