"""A change of standing is a row with its time and its cause, and every one of them is there."""

import re
from datetime import date, datetime
from random import Random

import pytest

from central_server.app import create_app
from central_server.central import Central
from central_server.services import deciding, ruling, signing_in, standing
from central_server.services.devices import DeviceAction, change_state
from central_server.services.flips import Flip, FlipCause
from central_server.services.past import flips_of
from central_server.storage.units import EVERYTHING
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import Declaration, DeviceState, Role, Standing
from tests.central.browsing import PASSWORD, browser
from tests.central.history import DESKS, OCTOBER, Life
from tests.central.writing import enrolled_writer
from tests.conftest import DESK
from tests.factories import StandingClock

OTHER, THIRD = "H62.12.02", "H62.12"


def at(day: int, hour: int, minute: int = 0, month: int = 10) -> datetime:
    """A local time of 2021."""
    return datetime(2021, month, day, hour, minute, tzinfo=LOCAL)


def followed(central: Central, code: str = DESK) -> list[Flip]:
    """The changes of a desk in October."""
    return flips_of(central, standing.desk_story(central, EVERYTHING, code, OCTOBER))


def told(flips: list[Flip]) -> list[tuple[str, Standing, Standing, FlipCause, int]]:
    """The changes with their local times."""
    return [
        (f"{flip.at.astimezone(LOCAL):%d/%m %H:%M}", flip.before, flip.after, flip.cause, flip.count) for flip in flips
    ]


def standing_at(flips: list[Flip], instant: datetime) -> Standing:
    """The standing at an instant, as the changes tell it."""
    passed = [flip for flip in flips if flip.at <= instant]
    return passed[-1].after if passed else flips[0].before


@pytest.fixture
def month(central: Central, clock: StandingClock) -> list[Flip]:
    """October at a desk whose level is 5: a working day, a cut cable, a lost machine, and all that follows."""
    clock.at = at(21, 7, month=9)
    ruling.rule_threshold(central, 5, first_on=date(2021, 9, 1), by="tinh", reason="Quy định của tỉnh")
    clock.at = at(1, 8)
    writer = enrolled_writer(central)
    clock.at = at(1, 9)
    writer.send()
    clock.at = at(1, 16)
    writer.receive(date(2021, 10, 1))
    writer.receive(date(2021, 10, 1))
    writer.send(writer.contact(first=2))
    # Friday's word is fresh until Monday at the same hour; then the cable is cut.
    clock.at = at(7, 9)
    for _ in range(4):
        writer.receive(date(2021, 10, 6))
    writer.send(writer.alone(acknowledged=3))
    clock.at = at(7, 10)
    writer.send(writer.contact(first=4, last=4))
    clock.at = at(8, 11)
    writer.send(writer.contact(first=5))
    clock.at = at(11, 9)
    voided = [str(each.header.id) for each in writer.entries if each.header.kind == "receive"]
    for subject, on in ((voided[0], date(2021, 10, 1)), (voided[1], date(2021, 10, 1))):
        writer.void(subject, on)
    writer.send(writer.contact(first=8))
    clock.at = at(12, 8)
    change_state(central, writer.device, DeviceAction.LOST, by="tinh", reason="Mất máy khi chuyển phòng")
    clock.at = at(13, 8)
    change_state(central, writer.device, DeviceAction.APPROVE, by="tinh", reason="Đã tìm thấy")
    clock.at = at(13, 9)
    writer.send(writer.alone(acknowledged=9))
    clock.at = at(25, 8)
    writer.send(writer.alone(acknowledged=9))
    clock.at = at(26, 8)
    ruling.exempt(central, DESK, first_on=OCTOBER.first_on, last_on=OCTOBER.last_on, by="tinh", reason="Sáp nhập")
    clock.at = at(30, 8)
    return followed(central)


def test_a_month_is_told_with_every_change_and_what_caused_it(month: list[Flip]) -> None:
    assert told(month) == [
        ("01/10 08:00", Standing.NO_DEVICE, Standing.SILENT, FlipCause.STATE_CHANGED, 0),
        ("01/10 09:00", Standing.SILENT, Standing.ZERO, FlipCause.CONTACT, 0),
        ("01/10 16:00", Standing.ZERO, Standing.FEW, FlipCause.ARRIVED, 2),
        ("04/10 16:00", Standing.FEW, Standing.SILENT, FlipCause.NO_CONTACT, 0),
        ("07/10 09:00", Standing.SILENT, Standing.HELD, FlipCause.STATED_UNSENT, 4),
        ("08/10 11:00", Standing.HELD, Standing.MET, FlipCause.ARRIVED, 3),
        ("11/10 09:00", Standing.MET, Standing.FEW, FlipCause.TAKEN_AWAY, 2),
        ("12/10 08:00", Standing.FEW, Standing.NO_DEVICE, FlipCause.STATE_CHANGED, 0),
        ("13/10 08:00", Standing.NO_DEVICE, Standing.SILENT, FlipCause.STATE_CHANGED, 0),
        ("13/10 09:00", Standing.SILENT, Standing.FEW, FlipCause.CONTACT, 0),
        ("14/10 09:00", Standing.FEW, Standing.SILENT, FlipCause.NO_CONTACT, 0),
        ("25/10 08:00", Standing.SILENT, Standing.FEW, FlipCause.CONTACT, 0),
        ("26/10 08:00", Standing.FEW, Standing.EXEMPT, FlipCause.RULED, 0),
    ]
    assert [flip.state for flip in month if flip.state] == [DeviceState.ACTIVE, DeviceState.LOST, DeviceState.ACTIVE]


def test_entries_that_were_released_and_a_declared_word_are_causes(central: Central, clock: StandingClock) -> None:
    clock.at = at(1, 8)
    writer = enrolled_writer(central, OTHER, seed=b"\x09" * 32)
    writer.send()
    nil = enrolled_writer(central, THIRD, seed=b"\x0a" * 32)
    clock.at = at(4, 8)
    change_state(central, writer.device, DeviceAction.SUSPEND, by="tinh", reason="Nghi bị sao chép")
    clock.at = at(4, 9)
    for _ in range(50):
        writer.receive()
    writer.send(writer.contact(first=2))
    clock.at = at(5, 8)
    change_state(central, writer.device, DeviceAction.APPROVE, by="tinh", reason="Đã kiểm tra")
    clock.at = at(19, 9)
    nil.send(nil.contact(declarations=((OCTOBER, Declaration.NIL),)))
    clock.at = at(25, 9)

    released, declared = followed(central, OTHER), followed(central, THIRD)

    assert told(released)[-3:] == [
        ("04/10 08:00", Standing.ZERO, Standing.NO_DEVICE, FlipCause.STATE_CHANGED, 0),
        ("04/10 09:00", Standing.NO_DEVICE, Standing.UNDER_REVIEW, FlipCause.SET_ASIDE, 50),
        ("05/10 08:00", Standing.UNDER_REVIEW, Standing.MET, FlipCause.STATE_CHANGED, 0),
    ]
    assert [flip.word for flip in declared if flip.word] == [Declaration.NIL]


def test_what_stood_before_the_first_change_and_what_the_end_changes_is_told(
    central: Central, clock: StandingClock
) -> None:
    clock.at = at(21, 8, month=9)
    writer = enrolled_writer(central)
    clock.at = at(19, 15)
    writer.send()
    clock.at = at(20, 10)
    writer.send(writer.alone(acknowledged=writer.head))
    clock.at = at(25, 9)

    flips = followed(central)

    assert told(flips) == [
        # Nothing happened at midnight, when the desk had no machine yet.
        ("21/09 08:00", Standing.NO_DEVICE, Standing.SILENT, FlipCause.STATE_CHANGED, 0),
        ("19/10 15:00", Standing.SILENT, Standing.ZERO, FlipCause.CONTACT, 0),
        # The day's last working hours are not stated yet.
        ("21/10 00:00", Standing.ZERO, Standing.SILENT, FlipCause.PERIOD_ENDED, 0),
    ]


def test_the_last_word_ceases_to_be_fresh_at_its_own_hour(central: Central, clock: StandingClock) -> None:
    clock.at = at(4, 8)
    writer = enrolled_writer(central)
    clock.at = at(5, 10)
    writer.send()
    clock.at = at(6, 17)

    flips = followed(central)

    assert told(flips)[-1] == ("06/10 10:00", Standing.ZERO, Standing.SILENT, FlipCause.NO_CONTACT, 0)


def test_what_is_held_back_is_named_before_what_arrived_with_it(central: Central, clock: StandingClock) -> None:
    clock.at = at(4, 8)
    writer = enrolled_writer(central)
    for _ in range(5):
        writer.receive()
    clock.at = at(4, 9)
    writer.send(writer.contact(last=2))

    flips = followed(central)

    assert told(flips)[-1] == ("04/10 09:00", Standing.SILENT, Standing.HELD, FlipCause.STATED_UNSENT, 4)


def test_entries_that_a_person_releases_are_the_cause_with_their_number(central: Central, clock: StandingClock) -> None:
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    clock.at = at(4, 8)
    writer = enrolled_writer(central)
    writer.send()
    change_state(central, writer.device, DeviceAction.LOST, by="tinh", reason="Mất máy khi chuyển phòng")
    clock.at = at(4, 9)
    received = [writer.receive() for _ in range(50)]
    writer.send(writer.contact(first=2))
    clock.at = at(5, 8)
    deciding.release(central, EVERYTHING, DESK, received, reason="Đã đối chiếu sổ", by="tinh")

    flips = followed(central)

    assert told(flips)[-2:] == [
        ("04/10 09:00", Standing.NO_DEVICE, Standing.UNDER_REVIEW, FlipCause.SET_ASIDE, 50),
        ("05/10 08:00", Standing.UNDER_REVIEW, Standing.MET, FlipCause.RELEASED, 50),
    ]


@pytest.mark.parametrize("seed", range(2))
def test_between_two_changes_the_standing_is_what_the_centre_says_it_was(
    central: Central, clock: StandingClock, seed: int
) -> None:
    life = Life(central, clock, Random(seed))
    life.begin()
    recorded: list[dict[str, Standing]] = []
    instants: list[datetime] = []
    while len(recorded) < 120:
        life.go_on()
        recorded.append(
            {each.desk.code: each.judgement.standing for each in standing.standings(central, EVERYTHING, OCTOBER).desks}
        )
        instants.append(clock.at)
        clock.move(seconds=1)
    flips = {code: followed(central, code) for code in DESKS}

    differing = [
        (instant, code, said[code], standing_at(flips[code], instant))
        for instant, said in zip(instants, recorded, strict=True)
        for code in DESKS
        if said[code] is not standing_at(flips[code], instant) and flips[code]
    ]

    assert differing == []
    assert all(flips.values())


def test_a_month_of_contacts_every_five_minutes_tells_no_change_that_was_none(
    central: Central, clock: StandingClock
) -> None:
    clock.at = at(1, 8)
    writer = enrolled_writer(central)
    writer.send()
    for _ in range(60):
        clock.move(minutes=5)
        writer.send(writer.alone(acknowledged=writer.head))

    flips = followed(central)

    assert told(flips) == [("01/10 08:00", Standing.NO_DEVICE, Standing.ZERO, FlipCause.STATE_CHANGED, 0)]


def test_the_page_of_a_desk_tells_its_changes_in_words(month: list[Flip], central: Central) -> None:
    signing_in.add_user(
        central, username="tinh", full_name="Trần Thị Vân", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )

    page = browser(create_app(central), "tinh").get(f"/desks/{DESK}?period=2021-10").text

    section = page.partition('id="flips"')[2].partition("</section>")[0]
    texts = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in section.split("<tr>")[2:]]
    assert len(texts) == len(month)
    assert texts[0] == (
        "08:00 26/10/2021 Below the level (confirmed) Not judged in this period The province ruled how it is judged"
    )
    assert texts[-3].endswith("Nothing entered yet Below the level so far 2 dossiers arrived")


def test_each_machine_of_a_desk_goes_stale_by_its_own_last_word(central: Central, clock: StandingClock) -> None:
    clock.at = at(1, 8)
    first, second = enrolled_writer(central), enrolled_writer(central, seed=b"\x02" * 32)
    clock.at = at(4, 9)
    first.send()
    second.send()
    clock.at = at(4, 15)
    second.send(second.alone(acknowledged=1))
    clock.at = at(6, 8)

    flips = followed(central)

    assert told(flips)[-1] == ("05/10 09:00", Standing.ZERO, Standing.SILENT, FlipCause.NO_CONTACT, 0)


def test_what_was_known_and_ruled_before_a_period_is_no_change_in_it(central: Central, clock: StandingClock) -> None:
    clock.at = at(1, 8, month=9)
    enrolled_writer(central)
    clock.at = at(10, 8, month=9)
    ruling.rule_threshold(central, 5, first_on=date(2021, 9, 1), by="tinh", reason="Quy định của tỉnh")
    clock.at = at(30, 8)

    assert followed(central) == []
