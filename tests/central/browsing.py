"""A browser before the centre's pages, without a screen."""

import re

from flask import Flask
from flask.testing import FlaskClient

PASSWORD = "phong-kiem-soat"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def browser(app: Flask, username: str, *, language: str = "en") -> FlaskClient:
    """A browser in which somebody has signed in."""
    client = app.test_client()
    client.set_cookie("central_language", language)
    form = {"csrf_token": token(client, "/sign-in"), "username": username, "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 302
    return client


def token(client: FlaskClient, path: str = "/standings") -> str:
    """What makes a form of this browser good, from a page that has one."""
    return token_of(client.get(path).text)


def token_of(text: str) -> str:
    """The same, from a page that is at hand."""
    found = TOKEN.search(text)
    assert found, "the page has no form"
    return found[1]


def without_token(text: str) -> str:
    """A page without what changes with each second."""
    return TOKEN.sub("", text)
