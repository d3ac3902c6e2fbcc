"""A centre that is put back may bear a former name and give numbers anew: each machine still gets all that is there."""

from collections import Counter

from desk_client.desk import Desk
from desk_client.storage import placing
from desk_client.storage.database import reading
from sync_protocol.statements import Pulled
from tests.together.field import assert_replicas_are_equal
from tests.together.fleet import Fleet, names_at


def cursor(desk: Desk) -> Pulled:
    """How far a machine knows the desk's ledger, and under which name of the centre."""
    with reading(desk.database):
        state = placing.pulled()
    return Pulled(state.incarnation, state.ledger)


def nothing_comes_down(raw: bytes) -> bytes:
    """The end of an answer is lost: the receipt came whole, what came down with it did not."""
    return raw.replace(b'"down":"', b'"down":"A')


def test_what_others_sent_since_comes_down_under_a_name_that_the_centre_bears_again(fleet: Fleet) -> None:
    """A machine has heard of the first time, and of nothing more before the second."""
    first, second = fleet.machine(), fleet.enrol()
    fleet.quiet(first, second)
    once, twice = fleet.back_up_centre(), fleet.back_up_centre()
    fleet.receive(second, 2)
    fleet.quiet(second, first)
    known = cursor(first)
    fleet.put_back_centre(once)
    fleet.link.answer(nothing_comes_down)
    fleet.sync(first)
    fleet.put_back_centre(twice)
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
