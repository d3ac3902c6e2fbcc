"""The field of the desk's page tests: a desk with a clock that stands still, its pages, a clerk who is signed in."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from desk_client.agent.joining import join
from desk_client.app import create_app
from desk_client.desk import Desk
from desk_client.web.present import EXTENSION
from tests.factories import PASSWORD, StandingClock, enrolled_desk

HOST = "127.0.0.1:8765"
PRACTICE_ADDRESS = "http://mot-cua-00000000.localhost:8766/"
HOSTS = frozenset({HOST, "desk.localhost:8765"})


def token_of(text: str) -> str:
    """The CSRF token of a page."""
    match = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert match, "the page has no form"
    return match[1]


def form_id_of(text: str) -> str:
    """The number of the intake form of a page."""
    match = re.search(r'name="form_id" value="([^"]+)"', text)
    assert match, "the page has no intake form"
    return match[1]


class Browser(FlaskClient):
    """A browser that opens the pages under their own address unless it is told another."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Asks for a page."""
        if args and isinstance(args[0], str):
            kwargs.setdefault("base_url", f"http://{HOST}")
        return super().open(*args, **kwargs)


@dataclass
class Page:
    """A clerk's browser on a desk's pages; `wakes` counts how often the agent was told to send."""

    app: Flask
    client: FlaskClient
    wakes: list[bool] = field(default_factory=list)

    @property
    def woken(self) -> int:
        """How often the agent was woken."""
        return len(self.wakes)

    def sign_in(self) -> None:
        """Signs the clerk in."""
        token = token_of(self.client.get("/", follow_redirects=True).text)
        form = {"csrf_token": token, "username": "an.nv", "password": PASSWORD}
        assert self.client.post("/sign-in", data=form).status_code == 302

    def post(self, path: str, form: dict[str, str] | None = None, **kwargs: Any) -> TestResponse:
        """Sends a form of the main page."""
        token = token_of(self.client.get("/").text)
        return self.client.post(path, data={"csrf_token": token} | (form or {}), **kwargs)

    def save(self, **overrides: str) -> TestResponse:
        """Saves a dossier through the form of the main page."""
        form_id = form_id_of(self.client.get("/").text)
        return self.post("/dossiers", typed(form_id=form_id) | overrides)


def typed(**overrides: str) -> dict[str, str]:
    """The form of a reception as a clerk fills it in."""
    return {
        "form_id": "f1",
        "procedure_code": "1.004873",
        "procedure_text": "",
        "submitter_name": "Trần Thị Bưởi",
        "is_owner": "yes",
        "owner_type": "citizen",
        "id_type": "cccd",
        "id_number": "026185900001",
        "phone": "0987000001",
        "address_text": "Thôn Đông, Xã Định Trung",
        "channel": "direct",
        "delivery_method": "counter",
        "set_count": "1",
        "received_on": "04/10/2021",
        "received_time": "08:15",
        "summary": "",
    } | overrides


@pytest.fixture
def clock() -> StandingClock:
    """Monday 4 October 2021, 09:00 local, until it is moved."""
    return StandingClock()


@pytest.fixture
def make_page(tmp_path: Path, clock: StandingClock) -> Callable[..., Page]:
    """Opens the pages of a new desk with nobody signed in."""

    def make(**overrides: Any) -> Page:
        desk: Desk = enrolled_desk(tmp_path / "desk", clock=clock, **overrides)
        return opened(desk)

    return make


def opened(desk: Desk) -> Page:
    """The pages of a desk as after a start of the program."""
    wakes: list[bool] = []
    app = create_app(
        desk,
        hosts=HOSTS,
        wake=lambda: wakes.append(True),
        practise=lambda: PRACTICE_ADDRESS,
        enrol=partial(join, desk),
    )
    app.test_client_class = Browser
    return Page(app=app, client=app.test_client(), wakes=wakes)


@pytest.fixture
def client(make_page: Callable[..., Page]) -> FlaskClient:
    """A browser with nobody signed in."""
    return make_page().client


@pytest.fixture
def page(make_page: Callable[..., Page]) -> Iterator[Page]:
    """A browser with a clerk signed in; imports that a test leaves under way end before the next one begins."""
    made = make_page()
    made.sign_in()
    yield made
    for job in list(made.app.extensions[EXTENSION].imports._jobs.values()):
        job.wait()
