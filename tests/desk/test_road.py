"""The road to the centre: what its errors mean, and where it leads nowhere."""

import pytest
import requests

from desk_client.agent.transport import road_to
from desk_client.services.road import CentreInsecure, CentreRefused, CentreUnreachable, asks_for_less, wait_asked_s
from tests.conftest import Link, answered

URLS_OF_OTHERS = ("http://motcua.example.vn", "http://10.1.2.3:8800", "http://localhost.example.vn")


@pytest.mark.parametrize("url", URLS_OF_OTHERS)
def test_nothing_is_sent_where_others_could_read_along(url: str) -> None:
    with pytest.raises(CentreInsecure):
        road_to(url).get("/v1/packs/x")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9", "https://127.0.0.1:9"])
def test_this_machine_may_be_asked_in_the_clear(url: str) -> None:
    with pytest.raises(CentreUnreachable) as raised:
        road_to(url).get("/v1/packs/x")

    assert not raised.value.was_under_way


def test_a_proxy_of_the_system_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert not road_to("http://127.0.0.1:9")._session.trust_env
    assert road_to("https://motcua.example.vn")._session.trust_env


DATE = "Mon, 04 Oct 2021 02:00:00 GMT"
WAITS = {
    "120": 120,
    "0": 0,
    "999999999999999999999": 3600,
    "Mon, 04 Oct 2021 02:01:30 GMT": 90,
    "Mon, 04 Oct 2021 01:00:00 GMT": 0,
    "Mon, 04 Oct 2041 01:00:00 GMT": 3600,
    "tomorrow": 0,
    "-5": 0,
    "²": 0,
}


@pytest.mark.parametrize("asked", WAITS)
@pytest.mark.parametrize("http_status", [429, 503])
def test_the_wait_that_a_server_before_the_centre_asks_for_is_known(link: Link, http_status: int, asked: str) -> None:
    headers = {"Retry-After": asked, "Date": DATE}
    link.road.faults.append(lambda _: answered(http_status, b"<h1>busy</h1>", headers))

    with pytest.raises(CentreUnreachable) as raised:
        link.get("/v1/packs/x")

    assert (wait_asked_s(raised.value), asks_for_less(raised.value)) == (WAITS[asked], False)


def test_less_is_asked_for_by_a_server_that_takes_no_long_messages(link: Link) -> None:
    link.road.faults.append(lambda _: answered(413, b"<h1>Request Entity Too Large</h1>", {}))

    with pytest.raises(CentreUnreachable) as raised:
        link.get("/v1/packs/x")

    assert asks_for_less(raised.value)


ERRORS = {
    "silence": (requests.ReadTimeout(), True),
    "a reset": (requests.ConnectionError(ConnectionResetError()), True),
    "too long for the centre": (CentreRefused("body_too_large", vietnamese="", english=""), True),
    "no signature": (CentreRefused("bad_signature", vietnamese="", english=""), False),
}


@pytest.mark.parametrize("name", ERRORS)
def test_less_is_sent_after_what_less_can_help(link: Link, name: str) -> None:
    error, expected = ERRORS[name]

    def fail(_: requests.PreparedRequest) -> None:
        raise error

    link.road.faults.append(fail)  # type: ignore[arg-type]
    with pytest.raises((CentreUnreachable, CentreRefused)) as raised:
        link.get("/v1/packs/x")

    assert asks_for_less(raised.value) is expected
