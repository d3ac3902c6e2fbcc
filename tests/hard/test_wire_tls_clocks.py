"""A machine whose clock is wrong by years still sends over TLS, and gives nothing to a certificate that has run out.

The machine's clock is the real one of today. The centre lives years before or after it, and so do its certificates.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from central_server.central import Central
from desk_client.agent.transport import road_to
from desk_client.desk import Desk
from desk_client.services.road import CentreExpired, CentreOutOfDate, CentreUntrusted
from desk_client.services.syncing import Outcome, contact
from sync_protocol.clocks import signed_time
from sync_protocol.signing import SigningKey
from tests.conftest import arrived_codes, held_codes, only_on_sqlite, record
from tests.factories import NOW, StandingClock
from tests.hard.authorities import DAY, HOST, Authority
from tests.hard.fronts import Front, fronted
from tests.hard.serving import serving

YEAR = 365 * DAY
MOMENTS = {"years ahead": NOW, "years behind": datetime(2041, 5, 6, 2, 0, tzinfo=UTC)}
"""How wrong the machine is, and when the centre lives."""

BEHIND = pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)

pytestmark = [pytest.mark.slow, only_on_sqlite]


@contextmanager
def behind_tls(central: Central, *certificates: Path) -> Iterator[Front]:
    """A serving centre with its end of TLS."""
    with serving(central) as port, fronted(port, *certificates) as front:
        yield front


def sent_by(desk: Desk, url: str) -> Outcome:
    """One contact over TLS, as the agent makes it."""
    road = road_to(url, desk.identity().certificate.centre_key)
    try:
        return contact(desk, road, jitter=0.5, interval_s=300.0)
    finally:
        road.close()


@pytest.fixture
def desk(enrol: Callable[..., Desk]) -> Desk:
    """A device with a dossier to send, whose machine goes by today's clock."""
    made = enrol(clock=StandingClock(datetime.now(UTC)))
    record(made)
    return made


def authority_of(moment: datetime) -> Authority:
    """A province's authority of the centre's own days."""
    return Authority("Tỉnh Vĩnh Phúc", first=moment - YEAR, last=moment + YEAR)


Trust = Callable[[Authority], Authority]


@BEHIND
def test_a_machine_whose_clock_is_wrong_by_years_sends_over_tls(
    central: Central, desk: Desk, clock: StandingClock, trusted: Trust, tmp_path: Path, moment: datetime
) -> None:
    clock.at = moment
    certificate = trusted(authority_of(moment)).issue(tmp_path, HOST)

    with behind_tls(central, certificate) as front:
        outcome = sent_by(desk, front.url)

    assert (outcome.error, outcome.unsent) == (None, 0)
    assert arrived_codes(central) == held_codes(desk)
    assert front.asked[0].startswith("/v1/time/")
    assert [path for path in front.asked[1:] if path.startswith("/v1/time/")] == []


@BEHIND
def test_a_certificate_that_does_not_hold_by_the_centres_time_is_given_nothing(
    central: Central, desk: Desk, clock: StandingClock, trusted: Trust, tmp_path: Path, moment: datetime
) -> None:
    clock.at = moment
    certificate = trusted(authority_of(moment)).issue(tmp_path, HOST, first=moment - 9 * DAY, last=moment - DAY)

    with behind_tls(central, certificate) as front:
        outcome = sent_by(desk, front.url)

    assert isinstance(outcome.error, CentreExpired)
    assert [path[:9] for path in front.asked] == ["/v1/time/"]
    assert arrived_codes(central) == []


def test_an_authority_that_has_run_out_by_the_centres_time_vouches_for_nobody(
    central: Central, desk: Desk, trusted: Trust, tmp_path: Path
) -> None:
    authority = trusted(Authority("Tỉnh Vĩnh Phúc", first=NOW - YEAR, last=NOW - DAY))
    certificate = authority.issue(tmp_path, HOST, first=NOW - DAY, last=NOW + DAY)

    with behind_tls(central, certificate) as front:
        outcome = sent_by(desk, front.url)

    assert isinstance(outcome.error, CentreExpired)
    assert len(front.asked) == 1


def test_a_certificate_is_held_against_the_time_at_every_connection(
    central: Central, desk: Desk, trusted: Trust, tmp_path: Path
) -> None:
    """Somebody takes the line over once the time is known."""
    authority = trusted(authority_of(NOW))
    good = authority.issue(tmp_path, HOST)
    run_out = authority.issue(tmp_path, HOST, first=NOW - 9 * DAY, last=NOW - DAY)

    # The first connection fails by the machine's clock; over the second one the time is asked.
    with behind_tls(central, good, good, run_out) as front:
        outcome = sent_by(desk, front.url)

    assert isinstance(outcome.error, CentreExpired)
    assert len(front.asked) == 1


def test_an_answer_that_was_heard_earlier_brings_no_time(
    central: Central, desk: Desk, trusted: Trust, tmp_path: Path
) -> None:
    """The certificate has run out, but held when the answer was given."""
    authority = trusted(authority_of(NOW))
    heard = json.dumps({"time": signed_time(central.keys.signing, NOW - 2 * DAY, b"n" * 16).as_json()}).encode()

    with behind_tls(central, authority.issue(tmp_path, HOST, first=NOW - 9 * DAY, last=NOW - DAY)) as front:
        front.changed = lambda path, answer: heard if path.startswith("/v1/time/") else answer
        outcome = sent_by(desk, front.url)

    assert isinstance(outcome.error, CentreOutOfDate)
    assert len(front.asked) == 1


def test_a_time_that_another_key_has_signed_is_none(
    central: Central, desk: Desk, trusted: Trust, tmp_path: Path
) -> None:
    authority = trusted(authority_of(NOW))
    forger = SigningKey.from_seed(b"f" * 32)

    def forged(path: str, answer: bytes) -> bytes:
        content = json.loads(json.loads(answer)["time"]["body"])
        return json.dumps({"time": forger.sign("time", {**content, "at": "2021-10-02T02:00:00Z"}).as_json()}).encode()

    with behind_tls(central, authority.issue(tmp_path, HOST, first=NOW - 9 * DAY, last=NOW - DAY)) as front:
        front.changed = forged
        outcome = sent_by(desk, front.url)

    assert isinstance(outcome.error, CentreOutOfDate)
    assert len(front.asked) == 1


OTHERS: dict[str, Callable[[Authority, Path], Path]] = {
    "for another host": lambda authority, folder: authority.issue(folder, "centre.example"),
    "of an unknown authority": lambda authority, folder: authority_of(NOW).issue(folder, HOST),
}


@pytest.mark.parametrize("name", OTHERS)
def test_dates_aside_a_certificate_has_to_be_right(
    central: Central, desk: Desk, trusted: Trust, tmp_path: Path, name: str
) -> None:
    authority = trusted(authority_of(NOW))

    with behind_tls(central, OTHERS[name](authority, tmp_path)) as front:
        outcome = sent_by(desk, front.url)

    assert isinstance(outcome.error, CentreUntrusted)
    assert front.asked == []


def test_before_it_is_enrolled_a_machine_asks_nobody_for_the_time(
    central: Central, trusted: Trust, tmp_path: Path
) -> None:
    with behind_tls(central, trusted(authority_of(NOW)).issue(tmp_path, HOST)) as front, pytest.raises(CentreOutOfDate):
        road_to(front.url).post("/v1/enrolments", b"{}", "application/json")

    assert front.asked == []
