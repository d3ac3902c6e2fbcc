"""A centre that is put back may bear a former name and give numbers anew: each machine still gets all that is there."""

from collections import Counter
from dataclasses import replace

from desk_client.desk import Desk
from desk_client.storage import device, placing
from desk_client.storage.database import reading, write_transaction
from sync_protocol.events import Corrected
from sync_protocol.statements import Pulled
from tests.conftest import record, take
from tests.together.field import assert_replicas_are_equal
from tests.together.fleet import Files, Fleet, names_at


def cursor(desk: Desk) -> Pulled:
    """How far a machine knows the desk's ledger, and under which name of the centre."""
    with reading(desk.database):
        state = placing.pulled()
    return Pulled(state.incarnation, state.ledger, state.mark)


def nothing_comes_down(raw: bytes) -> bytes:
    """The end of an answer is lost: the receipt came whole, what came down with it did not."""
    return raw.replace(b'"down":"', b'"down":"A')


def put_back_after_news(fleet: Fleet) -> tuple[Desk, Files]:
    """A machine that has taken in what another one sent, and its files as of before; the centre is put back to then."""
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    files, copy = fleet.files(first), fleet.back_up_centre()
    fleet.receive(second, 2)
    fleet.quiet(second, first)
    fleet.put_back_centre(copy)
    return first, files


def test_what_others_sent_since_comes_down_under_a_name_that_the_centre_bears_again(fleet: Fleet) -> None:
    """A machine has heard of the first time, and of nothing more before the second."""
    first, _ = put_back_after_news(fleet)
    known, again = cursor(first), fleet.back_up_centre()
    fleet.link.answer(nothing_comes_down)
    fleet.sync(first)
    fleet.put_back_centre(again)
    third = fleet.newcomer()
    fleet.receive(third, 4)
    fleet.quiet(third)

    fleet.quiet(first, third)

    assert cursor(third).incarnation == known.incarnation
    assert cursor(third).ledger > known.ledger
    assert names_at(first) == names_at(third) == Counter(fleet.received)
    assert_replicas_are_equal(fleet.central, first, third)


def test_a_machine_of_which_only_a_statement_came_shows_that_the_centre_was_put_back(fleet: Fleet) -> None:
    """The centre has given it a number, and none in the state that it was put back to."""
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first)
    copy = fleet.back_up_centre()
    fleet.receive(first, 2)
    fleet.quiet(first)
    fleet.link.lose("request")
    fleet.sync(second)
    fleet.link.answer(bytes)
    fleet.link.lose("request")
    fleet.sync(second)
    known = cursor(second)
    fleet.put_back_centre(copy)
    third = fleet.newcomer()
    fleet.receive(third, 4)
    fleet.quiet(third)

    fleet.quiet(second, third)

    assert known.ledger > 0
    assert names_at(second) == names_at(third) == Counter(fleet.received)
    assert_replicas_are_equal(fleet.central, second, third)


def test_a_machine_shows_that_the_centre_was_put_back_by_what_it_has_taken_in(fleet: Fleet) -> None:
    """Found by the simulator, seed 50511: the ledger has grown past its number, its twin has used up its tickets."""
    first, files = put_back_after_news(fleet)
    twin = fleet.copy(first, is_told=False)
    known = cursor(twin)
    first, third = fleet.put_back(first, files), fleet.newcomer()
    fleet.receive(third, 4)
    fleet.quiet(third, first)
    grown = cursor(third)

    fleet.quiet(twin, first, third)

    assert (grown.incarnation, grown.ledger > known.ledger) == (known.incarnation, True)
    assert names_at(twin) == names_at(first) == names_at(third) == Counter(fleet.received)
    assert_replicas_are_equal(fleet.central, twin, first, third)


def test_a_machine_shows_it_also_where_its_number_names_the_same_entry_again(fleet: Fleet) -> None:
    """Others have sent the same once more, in another order: what stands before that entry has changed."""
    first, second, third = fleet.machine(), fleet.enrol(), fleet.enrol()
    [name] = fleet.receive(first)
    dossier = record(first, submitter_name=name, owner_name=name)
    fleet.received.append(name)
    fleet.quiet(first, second, third)
    files, once = fleet.files(first), fleet.back_up_centre()
    take(second, dossier.id, Corrected(changes={"phone": "0987000011"}, reason="Ghi nhầm"))
    take(third, dossier.id, Corrected(changes={"phone": "0987000022"}, reason="Ghi nhầm"))
    unanswered(fleet, second, third)
    fleet.receive(second)
    unanswered(fleet, second)
    fleet.quiet(first)
    twin = fleet.copy(first, is_told=False)
    known = cursor(twin)
    fleet.put_back_centre(once)
    first = fleet.put_back(first, files)
    fleet.quiet(third, second, first)
    again = cursor(first)

    fleet.quiet(twin, first, second, third)

    assert replace(again, mark="") == replace(known, mark="")
    assert names_at(twin) == Counter(fleet.received)
    assert_replicas_are_equal(fleet.central, twin, first, second, third)


def test_a_machine_without_a_mark_shows_it_where_the_ledger_ends_before_its_number(fleet: Fleet) -> None:
    """It was told by a version of the centre that gave none."""
    first, files = put_back_after_news(fleet)
    twin = fleet.copy(first, is_told=False)
    with write_transaction(twin.database):
        placing.keep_pulled(replace(placing.pulled(), mark=""))
    first = fleet.put_back(first, files)
    fleet.quiet(first)

    fleet.quiet(twin, first)

    assert names_at(twin) == names_at(first) == Counter(fleet.received)
    assert_replicas_are_equal(fleet.central, twin, first)


def unanswered(fleet: Fleet, *desks: Desk) -> None:
    """Contacts that come with all that waits, and of which the machine hears nothing."""
    for desk in desks:
        with write_transaction(desk.database):
            device.keep_contact_state(replace(device.contact_state(), failures=0))
        fleet.link.lose("answer")
        fleet.sync(desk)
