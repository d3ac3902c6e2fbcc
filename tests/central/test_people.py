"""People of the centre: who may sign in, what each may see, and how guessing is slowed down."""

import unicodedata
from datetime import date, timedelta
from typing import Any

import pytest

from central_server.central import Central
from central_server.services import signing_in
from central_server.services.enrolment import UnknownDesk
from central_server.services.signing_in import (
    UnknownUnit,
    UnknownUser,
    add_user,
    disable_user,
    end_sessions,
    own_sessions,
    sessions_of,
    sign_in,
    sign_out,
    sign_out_everywhere,
    signed_in,
    switch_language,
    users,
)
from central_server.services.standing import desk_story, standings
from central_server.storage import models, units
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.passwords import TooManyTries, UsernameTaken, WeakPassword, WrongPassword
from sync_protocol.periods import PeriodSeries
from sync_protocol.vocabulary import Role
from tests.factories import NOW, PASSWORD, StandingClock

OCTOBER = PeriodSeries(last_day=20).month(2021, 10)
PERSON = "binh.tt"


@pytest.fixture
def supervisor(central: Central) -> str:
    """A supervisor of Thành phố Vĩnh Yên."""
    add(central)
    return PERSON


def add(central: Central, **overrides: Any) -> None:
    """Adds a person."""
    values: dict[str, Any] = {
        "username": PERSON,
        "full_name": "Trần Thị Bình",
        "role": Role.SUPERVISOR,
        "unit_code": "243",
        "password": PASSWORD,
    }
    add_user(central, **values | overrides)


def entered(central: Central, username: str = PERSON, password: str = PASSWORD) -> str:
    """The token of a new session."""
    return sign_in(central, username, password, language="vi")


def scope_of(central: Central, username: str = PERSON) -> Scope:
    """What a person may see, as a signed-in page learns it."""
    known = signed_in(central, entered(central, username))
    assert known is not None
    return known.person.scope


def seen(central: Central, scope: Scope) -> list[str]:
    """Codes of the desks of a scope."""
    with reading(central.database):
        return [desk.code for desk in units.desks(scope, NOW.date())]


# What a person may see


def test_a_supervisor_sees_the_desks_of_the_own_unit_and_below_it_only(central: Central, supervisor: str) -> None:
    assert seen(central, scope_of(central)) == ["H62.11", "H62.11.01", "H62.11.02"]


def test_a_supervisor_of_a_commune_sees_its_desk_only(central: Central) -> None:
    add(central, unit_code="08770")

    assert seen(central, scope_of(central)) == ["H62.12.02"]


def test_the_province_sees_every_desk(central: Central) -> None:
    add(central, role=Role.PROVINCE, unit_code=None)

    assert seen(central, scope_of(central)) == ["H62.11", "H62.11.01", "H62.11.02", "H62.12", "H62.12.01", "H62.12.02"]


def test_a_scope_of_a_unit_that_is_gone_shows_nothing(central: Central) -> None:
    assert seen(central, Scope(root="gone")) == []


def test_standings_hold_the_desks_of_the_scope_only(central: Central, supervisor: str) -> None:
    told = standings(central, scope_of(central), OCTOBER)

    assert [each.desk.code for each in told.desks] == ["H62.11", "H62.11.01", "H62.11.02"]


def test_the_story_of_a_desk_outside_the_scope_looks_as_if_there_were_none(central: Central, supervisor: str) -> None:
    scope = scope_of(central)

    with pytest.raises(UnknownDesk) as elsewhere:
        desk_story(central, scope, "H62.12.01", OCTOBER)
    with pytest.raises(UnknownDesk) as nowhere:
        desk_story(central, scope, "H62.99.99", OCTOBER)

    assert (elsewhere.value.code, elsewhere.value.text) == (nowhere.value.code, nowhere.value.text)


@pytest.mark.parametrize("code", ["\0", "H62.11.01\0", "' OR 1=1 --", "a" * 10_000])
def test_a_code_from_an_address_that_is_none_finds_no_desk(central: Central, code: str) -> None:
    with pytest.raises(UnknownDesk):
        desk_story(central, EVERYTHING, code, OCTOBER)


def test_a_desk_without_data_is_listed_for_its_supervisor(central: Central, supervisor: str) -> None:
    told = standings(central, scope_of(central), OCTOBER, under=None)

    assert all(each.judgement.arrived == 0 for each in told.desks)
    assert len(told.desks) == 3


def test_a_narrower_view_never_widens_the_scope(central: Central, supervisor: str) -> None:
    with reading(central.database):
        other = units.unit_by_code("246", NOW.date())
    assert other is not None

    told = standings(central, scope_of(central), OCTOBER, under=other.id)

    assert list(told.desks) == []


# Accounts


def test_everybody_with_an_account_is_listed(central: Central, supervisor: str) -> None:
    add(central, username="anh", full_name="Lê Anh", role=Role.PROVINCE, unit_code=None)
    disable_user(central, "anh")

    assert users(central) == [("anh", "Lê Anh", True), ("binh.tt", "Trần Thị Bình", False)]


def test_a_username_is_given_once(central: Central, supervisor: str) -> None:
    with pytest.raises(UsernameTaken):
        add(central, full_name="Người Khác", password="mat-khau-khac-2021")

    assert entered(central)


@pytest.mark.parametrize("username", ["", "bình", "a\0b", "x" * 41])
def test_a_username_is_a_short_plain_word(central: Central, username: str) -> None:
    with pytest.raises(UsernameTaken):
        add(central, username=username)

    assert users(central) == []


def test_a_short_password_is_refused(central: Central) -> None:
    with pytest.raises(WeakPassword):
        add(central, password="ngan-2021")

    assert users(central) == []


def test_a_supervisor_needs_a_unit_that_exists(central: Central) -> None:
    with pytest.raises(UnknownUnit):
        add(central, unit_code="999")

    assert users(central) == []


def test_an_unknown_person_cannot_be_disabled(central: Central) -> None:
    with pytest.raises(UnknownUser):
        disable_user(central, "nobody")


def test_a_disabled_person_is_cut_off_at_once(central: Central, supervisor: str) -> None:
    token = entered(central)

    disable_user(central, supervisor)

    assert signed_in(central, token) is None
    with pytest.raises(WrongPassword):
        entered(central)


# Signing in


def test_the_password_is_kept_as_argon2_only(central: Central, supervisor: str) -> None:
    with reading(central.database):
        kept = models.UserRow.get().password_hash

    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


def test_a_password_typed_with_another_input_method_is_the_same(central: Central) -> None:
    composed = unicodedata.normalize("NFC", "mật khẩu của tôi")
    add(central, password=composed)

    token = entered(central, password=unicodedata.normalize("NFD", composed))

    assert signed_in(central, token) is not None


@pytest.mark.parametrize("username", ["nobody", "", "binh.tt\0", "BINH.TT", "x" * 10_000])
def test_an_unknown_username_is_refused_like_a_wrong_password(central: Central, supervisor: str, username: str) -> None:
    with pytest.raises(WrongPassword):
        entered(central, username)


def test_an_unknown_username_costs_the_same_hash_as_a_wrong_password(
    central: Central, supervisor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is compared is how many hashes are made and with which settings, since times are no test."""
    verified: list[str] = []
    real = signing_in.HASHER

    class Counting:
        hash = staticmethod(real.hash)

        @staticmethod
        def verify(kept: str, password: str) -> bool:
            verified.append(kept.rsplit("$", 2)[0])
            return real.verify(kept, password)

    monkeypatch.setattr(signing_in, "HASHER", Counting)
    for username in (supervisor, "nobody"):
        with pytest.raises(WrongPassword):
            entered(central, username, "mot-mat-khau-sai")

    assert len(verified) == 2
    assert verified[0] == verified[1]


def test_five_wrong_passwords_make_the_next_try_wait(central: Central, supervisor: str) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            entered(central, password="mot-mat-khau-sai")

    with pytest.raises(TooManyTries):
        entered(central)


def test_the_right_password_opens_again_after_the_wait(central: Central, supervisor: str, clock: StandingClock) -> None:
    for _ in range(5):
        with pytest.raises(WrongPassword):
            entered(central, password="mot-mat-khau-sai")
    clock.move(seconds=2)

    assert entered(central)


def test_a_thousand_tries_never_lock_an_account_for_longer_than_five_minutes(
    central: Central, supervisor: str, clock: StandingClock
) -> None:
    with write_transaction(central.database):
        models.UserRow.update(failures=1000).execute()
    with pytest.raises(WrongPassword):
        entered(central, password="mot-mat-khau-sai")

    clock.move(seconds=299)
    with pytest.raises(TooManyTries):
        entered(central)
    clock.move(seconds=1)

    assert entered(central)


def test_a_good_sign_in_forgets_the_failures(central: Central, supervisor: str) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(WrongPassword):
                entered(central, password="mot-mat-khau-sai")
        entered(central)

    with reading(central.database):
        assert models.UserRow.get().failures == 0


# Sessions


def test_the_token_itself_is_not_kept(central: Central, supervisor: str) -> None:
    token = entered(central)

    with reading(central.database):
        [row] = models.SessionRow.select().dicts()

    assert all(token not in str(value) for value in row.values())
    assert len(bytes(row["token_hash"])) == 32


def test_each_sign_in_has_a_token_of_its_own(central: Central, supervisor: str) -> None:
    assert entered(central) != entered(central)


def test_a_session_ends_after_half_an_hour_without_a_click(
    central: Central, supervisor: str, clock: StandingClock
) -> None:
    token = entered(central)

    clock.move(seconds=1801)

    assert signed_in(central, token) is None


def test_each_click_puts_off_the_end_of_a_session(central: Central, supervisor: str, clock: StandingClock) -> None:
    token = entered(central)

    for _ in range(4):
        clock.move(seconds=1700)
        assert signed_in(central, token) is not None


@pytest.mark.parametrize("token", ["", "unknown", "\0"])
def test_an_unknown_token_is_nobodys(central: Central, supervisor: str, token: str) -> None:
    assert signed_in(central, token) is None


def test_a_session_ends_with_signing_out(central: Central, supervisor: str) -> None:
    token = entered(central)

    sign_out(central, token)

    assert signed_in(central, token) is None


def test_the_language_belongs_to_the_session(central: Central, supervisor: str) -> None:
    token, other = entered(central), entered(central)

    switch_language(central, token, "en")

    told = [signed_in(central, each) for each in (token, other)]
    assert [each.language for each in told if each] == ["en", "vi"]


def test_a_membership_that_has_ended_opens_nothing(central: Central, supervisor: str) -> None:
    token = entered(central)

    with write_transaction(central.database):
        models.Membership.update(valid_to=NOW.date() - timedelta(days=1)).execute()

    assert signed_in(central, token) is None


def test_a_new_membership_moves_what_a_person_sees(central: Central, supervisor: str) -> None:
    token = entered(central)
    with reading(central.database):
        lap_thach = units.unit_by_code("246", NOW.date())
    assert lap_thach is not None

    with write_transaction(central.database):
        models.Membership.insert(
            username=supervisor, unit_id=lap_thach.id, role="supervisor", valid_from=date(2021, 10, 4)
        ).execute()

    known = signed_in(central, token)
    assert known is not None
    assert seen(central, known.person.scope) == ["H62.12", "H62.12.01", "H62.12.02"]


# An auditor, and sessions


def test_an_auditor_sees_every_desk(central: Central) -> None:
    add(central, role=Role.AUDITOR, unit_code=None)

    assert len(seen(central, scope_of(central))) == 6


def test_a_person_sees_the_own_sessions_latest_first_and_which_one_asks(
    central: Central, supervisor: str, clock: StandingClock
) -> None:
    add(central, username="anh", full_name="Lê Anh", unit_code="246")
    entered(central, "anh")
    first = entered(central)
    clock.move(minutes=5)
    entered(central)

    told = own_sessions(central, first)

    assert [(each.opened_at, each.is_this) for each in told] == [(NOW + timedelta(minutes=5), False), (NOW, True)]


def test_a_session_is_ended_by_the_person_it_belongs_to_only(central: Central, supervisor: str) -> None:
    add(central, username="anh", full_name="Lê Anh", unit_code="246")
    own, other_own, foreign = entered(central), entered(central), entered(central, "anh")
    names = {each.is_this: each.name for each in own_sessions(central, own)}

    assert end_sessions(central, foreign, names[False]) == 0
    assert end_sessions(central, own, names[False]) == 1

    assert [bool(signed_in(central, each)) for each in (own, other_own, foreign)] == [True, False, True]


def test_all_others_are_ended_at_once(central: Central, supervisor: str) -> None:
    own, *others = (entered(central) for _ in range(4))

    assert end_sessions(central, own, None) == 3

    assert [bool(signed_in(central, each)) for each in (own, *others)] == [True, False, False, False]


def test_a_session_that_has_run_out_is_not_listed(central: Central, supervisor: str, clock: StandingClock) -> None:
    entered(central)
    clock.move(hours=13)

    assert len(own_sessions(central, entered(central))) == 1


def test_the_name_of_a_session_opens_nothing(central: Central, supervisor: str) -> None:
    own = entered(central)

    [listed] = own_sessions(central, own)

    assert listed.name not in own
    assert signed_in(central, listed.name) is None
    assert own_sessions(central, "none") == []


def test_a_person_is_signed_out_everywhere(central: Central, supervisor: str) -> None:
    tokens = [entered(central), entered(central)]
    opened = sessions_of(central, PERSON)

    assert sign_out_everywhere(central, PERSON) == 2

    assert (len(opened), sessions_of(central, PERSON)) == (2, [])
    assert [signed_in(central, each) for each in tokens] == [None, None]
    for act in (sessions_of, sign_out_everywhere):
        with pytest.raises(UnknownUser):
            act(central, "nobody")
