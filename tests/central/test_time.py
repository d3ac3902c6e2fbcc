"""The centre tells its time, signed for who asks."""

from datetime import timedelta

import pytest

from central_server.app import create_app
from central_server.central import Central
from central_server.services import founding
from sync_protocol.clocks import NONCE_BYTES, read_time
from sync_protocol.signing import NotADocument, Signed, encoded
from tests.factories import NOW, StandingClock

NONCE = b"n" * NONCE_BYTES


def asked(central: Central, nonce: str) -> Signed:
    """The signed answer to a question."""
    answer = create_app(central).test_client().get(f"/v1/time/{nonce}").get_json()
    return Signed.from_json(answer["time"])


def test_the_time_is_signed_for_the_number_that_was_asked_with(central: Central) -> None:
    answer = asked(central, encoded(NONCE))

    assert read_time(answer, central.keys.signing.public, NONCE) == NOW
    with pytest.raises(NotADocument):
        read_time(answer, central.keys.signing.public, b"m" * NONCE_BYTES)


def test_a_training_centre_tells_the_time_of_its_machine(make_central: object, clock: StandingClock) -> None:
    central: Central = make_central(training=True)  # type: ignore[operator]
    founding.set_clock(central, NOW + timedelta(days=30))

    assert read_time(asked(central, encoded(NONCE)), central.keys.signing.public, NONCE) == clock.at


@pytest.mark.parametrize("nonce", ["x", "AAAA", encoded(b"n" * 17), "%00", "é" * 22])
def test_a_question_without_its_random_number_is_refused(central: Central, nonce: str) -> None:
    answer = create_app(central).test_client().get(f"/v1/time/{nonce}")

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_request")
