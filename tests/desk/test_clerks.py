"""People of the desk: accounts, guesses, the automatic lock; none of it ever touches what was recorded."""

import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type

from desk_client.desk import Desk
from desk_client.services import signing_in
from desk_client.services.signing_in import (
    UnknownClerk,
    add_clerk,
    known_clerk,
    reset_password,
    sign_in,
    sign_out,
    signed_in,
    switch_language,
)
from desk_client.storage import models
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import reading, write_transaction
from sync_protocol.passwords import TooManyTries, UsernameTaken, WeakPassword, WrongPassword
from sync_protocol.vocabulary import Role
from tests.conftest import TRUE_HASHERS
from tests.factories import NOW, PASSWORD, StandingClock, enrolled_desk

OTHER = Clerk(username="binh", full_name="Trần Thị Bình", role=Role.CLERK)


@pytest.fixture
def desk(field_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device with the account an.nv."""
    return enrolled_desk(field_path / "desk", clock=clock)


def entered(desk: Desk, password: str = PASSWORD, username: str = "an.nv") -> str:
    """The token of a new session."""
    return sign_in(desk, username, password, language="vi")


def fail(desk: Desk, times: int) -> None:
    """Guesses wrong."""
    for _ in range(times):
        with pytest.raises(WrongPassword):
            entered(desk, "mot-mat-khau-sai")


def test_a_clerk_signs_in_with_the_own_password(desk: Desk) -> None:
    known = signed_in(desk, entered(desk))

    assert known is not None
    assert (known.clerk.username, known.clerk.role, known.language) == ("an.nv", Role.HEAD, "vi")


@pytest.mark.parametrize("username", ["nobody", "", "an.nv\0", "AN.NV"])
def test_an_unknown_username_is_refused_like_a_wrong_password(desk: Desk, username: str) -> None:
    with pytest.raises(WrongPassword):
        entered(desk, username=username)


def test_an_unknown_username_costs_a_hash_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    real = signing_in.HASHER

    class Counting:
        hash = staticmethod(real.hash)

        @staticmethod
        def verify(kept: str, password: str) -> bool:
            verified.append(kept.rsplit("$", 2)[0])
            return real.verify(kept, password)

    monkeypatch.setattr(signing_in, "HASHER", Counting)
    for username in ("an.nv", "nobody"):
        with pytest.raises(WrongPassword):
            entered(desk, "mot-mat-khau-sai", username)

    assert len(verified) == 2
    assert verified[0] == verified[1]


def test_a_password_typed_with_another_input_method_is_the_same(desk: Desk) -> None:
    composed = unicodedata.normalize("NFC", "mật khẩu của tôi")
    reset_password(desk, "an.nv", unicodedata.normalize("NFD", composed))

    assert signed_in(desk, entered(desk, composed)) is not None


def test_five_wrong_passwords_make_the_next_try_wait(desk: Desk, clock: StandingClock) -> None:
    fail(desk, 5)

    with pytest.raises(TooManyTries):
        entered(desk)
    clock.move(seconds=2)

    assert entered(desk)


def test_guessing_makes_only_the_guessed_account_wait(desk: Desk) -> None:
    add_clerk(desk, OTHER, PASSWORD)
    fail(desk, 5)

    assert entered(desk, username="binh")


def test_an_account_never_waits_longer_than_five_minutes(desk: Desk, clock: StandingClock) -> None:
    with write_transaction(desk.database):
        models.ClerkRow.update(failures=1000).execute()
    fail(desk, 1)

    clock.move(seconds=299)
    with pytest.raises(TooManyTries):
        entered(desk)
    clock.move(seconds=1)

    assert entered(desk)


def test_a_clock_that_falls_back_by_years_locks_nobody_out(desk: Desk, clock: StandingClock) -> None:
    fail(desk, 5)
    clock.at = clock.at.replace(year=2001)

    assert entered(desk)


def test_a_good_sign_in_forgets_the_failures(desk: Desk) -> None:
    for _ in range(3):
        fail(desk, 4)
        entered(desk)

    assert entered(desk)


def test_the_page_locks_after_ten_minutes_without_a_click(desk: Desk, clock: StandingClock) -> None:
    token = entered(desk)

    clock.move(seconds=599)
    before = signed_in(desk, token, is_present=False)
    clock.move(seconds=1)

    assert before is not None
    assert signed_in(desk, token) is None


def test_each_click_puts_off_the_lock(desk: Desk, clock: StandingClock) -> None:
    token = entered(desk)

    for _ in range(4):
        clock.move(seconds=500)
        assert signed_in(desk, token) is not None


def test_what_a_page_asks_for_by_itself_does_not_put_off_the_lock(desk: Desk, clock: StandingClock) -> None:
    token = entered(desk)

    for _ in range(3):
        clock.move(seconds=199)
        assert signed_in(desk, token, is_present=False) is not None
    clock.move(seconds=3)

    assert signed_in(desk, token) is None


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_that_jumps_by_years_locks_the_page(desk: Desk, clock: StandingClock, years: int) -> None:
    token = entered(desk)

    clock.at = clock.at.replace(year=clock.at.year + years)

    assert signed_in(desk, token) is None


def test_the_token_itself_is_not_kept(desk: Desk) -> None:
    token = entered(desk)

    with reading(desk.database):
        [row] = models.SessionRow.select().dicts()

    assert all(token not in str(value) for value in row.values())


def test_signing_out_ends_this_session_and_no_other(desk: Desk) -> None:
    token, other = entered(desk), entered(desk)

    sign_out(desk, token)

    assert (signed_in(desk, token), signed_in(desk, other) is None) == (None, False)


def test_the_language_belongs_to_the_session(desk: Desk) -> None:
    token, other = entered(desk), entered(desk)

    switch_language(desk, token, "en")

    told = [signed_in(desk, each) for each in (token, other)]
    assert [each.language for each in told if each] == ["en", "vi"]


def test_a_new_password_ends_the_sessions_and_the_wait(desk: Desk) -> None:
    token = entered(desk)
    fail(desk, 5)

    reset_password(desk, "an.nv", "mat-khau-moi-2021")

    assert signed_in(desk, token) is None
    assert entered(desk, "mat-khau-moi-2021")


def test_a_disabled_clerk_is_cut_off_at_once(desk: Desk) -> None:
    token = entered(desk)

    with write_transaction(desk.database):
        models.ClerkRow.update(disabled_at=NOW).execute()

    assert signed_in(desk, token) is None
    with pytest.raises(WrongPassword):
        entered(desk)


def test_a_short_password_is_refused(desk: Desk) -> None:
    with pytest.raises(WeakPassword):
        add_clerk(desk, OTHER, "ngan-2021")
    with pytest.raises(WeakPassword):
        reset_password(desk, "an.nv", "ngan-2021")

    assert entered(desk)


@pytest.mark.parametrize("username", ["an.nv", "", "bình", "a\0b", "x" * 41])
def test_a_username_is_a_short_plain_word_and_given_once(desk: Desk, username: str) -> None:
    with pytest.raises(UsernameTaken):
        add_clerk(desk, Clerk(username=username, full_name="X", role=Role.CLERK), PASSWORD)


def test_nobody_unknown_gets_a_new_password(desk: Desk) -> None:
    with pytest.raises(UnknownClerk):
        reset_password(desk, "nobody", PASSWORD)


def test_the_only_clerk_need_not_be_named(desk: Desk) -> None:
    assert known_clerk(desk, None) == "an.nv"


def test_one_of_several_clerks_has_to_be_named(desk: Desk) -> None:
    add_clerk(desk, OTHER, PASSWORD)

    with pytest.raises(UnknownClerk):
        known_clerk(desk, None)

    assert known_clerk(desk, "binh") == "binh"


@pytest.mark.parametrize("hasher", TRUE_HASHERS, ids=["centre", "desk"])
def test_a_password_costs_at_least_what_owasp_asks_for(hasher: PasswordHasher) -> None:
    assert hasher.type is Type.ID
    assert (hasher.memory_cost >= 19_456, hasher.time_cost >= 2) == (True, True)


def test_a_session_of_tomorrow_is_not_open_yet(desk: Desk, clock: StandingClock) -> None:
    clock.move(days=1)
    token = entered(desk)

    clock.at -= timedelta(days=1)

    assert signed_in(desk, token) is None
