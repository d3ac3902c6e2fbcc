"""A browser before the centre's pages, without a screen."""

import re

from flask import Flask
from flask.testing import FlaskClient

PASSWORD = "phong-kiem-soat"


def browser(app: Flask, username: str) -> FlaskClient:
    """A browser in English in which somebody has signed in."""
    client = app.test_client()
    client.set_cookie("central_language", "en")
    client.post("/sign-in", data={"csrf_token": token(client, "/sign-in"), "username": username, "password": PASSWORD})
    return client


def token(client: FlaskClient, path: str = "/standings") -> str:
    """What makes a form of this browser good, from a page that has one."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]
