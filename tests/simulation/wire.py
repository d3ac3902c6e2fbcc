"""The simulated wire between a machine and the centre: what it carries, loses, delays, doubles, turns round and tears.

It stands where `requests` would open a socket, so that all of the real transport and all of the centre's HTTP is used.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from tests.conftest import answered
from tests.simulation.disk import Fuse

HELD_S_MAX = 600.0
"""A request that its sender has given up lives no longer on the way: proxies and kernels give up too."""

TIMED_OUT_S = 30.0


@dataclass(slots=True)
class TrueTime:
    """What time it really is, for all who are simulated; it only goes forward."""

    at: datetime

    def move(self, seconds: float) -> None:
        """Lets time pass."""
        assert seconds >= 0, "true time never goes back"
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Request:
    """What a machine sends."""

    method: str
    path: str
    body: bytes
    content_type: str


@dataclass(slots=True)
class Weather:
    """How the network is now, for all machines.

    trouble    share of the requests that something happens to
    cut_areas  areas of the province without any connection
    on_way     requests given up by their senders that may still arrive, each with the instant at which it is lost
    counts     how often what happened
    """

    trouble: float = 0.0
    cut_areas: set[str] = field(default_factory=set)
    on_way: list[tuple[datetime, Request]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


Door = Callable[[Request], HTTPResponse]
"""The centre's HTTP interface: answers a request, or is cut off and raises requests.ConnectionError."""


class Wire(BaseAdapter):
    """The road of one machine; `last_answer` is what it was told last."""

    def __init__(self, area: str, door: Door, weather: Weather, time: TrueTime, chance: Random, fuse: Fuse) -> None:
        super().__init__()
        self.area, self.door, self.weather = area, door, weather
        self.time, self.chance, self.fuse = time, chance, fuse
        self.last_answer = b""
        self.told: list[str] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """What `requests` calls for each request."""
        self.fuse.touch()
        asked = _asked(request)
        raw = self._fate()(asked)
        self.fuse.touch()
        response = requests.Response()
        response.status_code, response.raw, response.request = raw.status, raw, request
        response.headers.update(raw.headers)
        return response

    def close(self) -> None:
        """Nothing is held open."""

    def _fate(self) -> Door:
        if self.area in self.weather.cut_areas:
            return self._cut_off
        if self.chance.random() >= self.weather.trouble:
            return self._carried
        return self.chance.choice(self._fates())

    def _fates(self) -> tuple[Door, ...]:
        return (
            self._request_lost,
            self._answer_lost,
            self._delayed,
            self._doubled,
            self._doubled_later,
            self._request_torn,
            self._answer_torn,
            self._bit_flipped,
            self._busy,
            self._intercepted,
            self._slow,
        )

    def _note(self, what: str) -> None:
        self.weather.counts[what] += 1
        self.told.append(what)

    def _carried(self, asked: Request) -> HTTPResponse:
        self.time.move(self.chance.uniform(0.05, 1.5))
        answer = self.door(asked)
        self.last_answer = answer.data
        return answered(answer.status, answer.data, dict(answer.headers))

    def _cut_off(self, _: Request) -> HTTPResponse:
        self._note("no connection")
        self.time.move(self.chance.uniform(0.0, 5.0))
        raise requests.ConnectionError("no route")

    def _request_lost(self, _: Request) -> HTTPResponse:
        self._note("request lost")
        self.time.move(TIMED_OUT_S)
        raise requests.ReadTimeout("no answer in time")

    def _answer_lost(self, asked: Request) -> HTTPResponse:
        self._note("answer lost")
        self._carried(asked)
        self.time.move(TIMED_OUT_S)
        raise requests.ReadTimeout("no answer in time")

    def _delayed(self, asked: Request) -> HTTPResponse:
        self._note("request delayed")
        self.weather.on_way.append((self.time.at + timedelta(seconds=HELD_S_MAX), asked))
        self.time.move(TIMED_OUT_S)
        raise requests.ReadTimeout("no answer in time")

    def _doubled(self, asked: Request) -> HTTPResponse:
        self._note("request doubled")
        first = self._carried(asked)
        second = self._carried(asked)
        return self.chance.choice((first, second))

    def _doubled_later(self, asked: Request) -> HTTPResponse:
        self._note("request doubled later")
        self.weather.on_way.append((self.time.at + timedelta(seconds=HELD_S_MAX), asked))
        return self._carried(asked)

    def _request_torn(self, asked: Request) -> HTTPResponse:
        self._note("request torn")
        left = int(len(asked.body) * self.chance.random())
        return self._carried(Request(asked.method, asked.path, asked.body[:left], asked.content_type))

    def _answer_torn(self, asked: Request) -> HTTPResponse:
        self._note("answer torn")
        answer = self._carried(asked)
        left = int(len(self.last_answer) * self.chance.random())
        return answered(answer.status, self.last_answer[:left], dict(answer.headers))

    def _bit_flipped(self, asked: Request) -> HTTPResponse:
        self._note("bit flipped")
        at = int(len(asked.body) * self.chance.random())
        flipped = asked.body[:at] + bytes(each ^ 1 for each in asked.body[at : at + 1]) + asked.body[at + 1 :]
        return self._carried(Request(asked.method, asked.path, flipped, asked.content_type))

    def _busy(self, _: Request) -> HTTPResponse:
        self._note("proxy busy")
        return answered(503, b"<h1>busy</h1>", {"Retry-After": "60"})

    def _intercepted(self, _: Request) -> HTTPResponse:
        self._note("sign-in page of a network")
        return answered(200, b"<html>Sign in to Wi-Fi</html>", {})

    def _slow(self, asked: Request) -> HTTPResponse:
        self._note("slow")
        self.time.move(self.chance.uniform(2.0, 25.0))
        answer = self._carried(asked)
        self.time.move(self.chance.uniform(0.0, 4.0))
        return answer


def _asked(request: requests.PreparedRequest) -> Request:
    body = request.body or b""
    assert request.method
    return Request(
        request.method,
        str(request.path_url),
        body if isinstance(body, bytes) else str(body).encode(),
        request.headers.get("Content-Type", ""),
    )
