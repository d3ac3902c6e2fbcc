"""The page on which a clerk settles what two machines entered differently."""

import re

import pytest
from flask.testing import FlaskClient

from desk_client.desk import Desk
from desk_client.services.conflicts import conflicts
from desk_client.services.lifecycle import dossier_of
from sync_protocol.dossiers import Dossier
from tests.conftest import Link, only_on_sqlite, record, sync, sync_quietly
from tests.desk.conftest import opened, token_of
from tests.factories import PASSWORD
from tests.together.field import phone_of_two


@pytest.fixture
def two_phones(link: Link, device: Desk, second_device: Desk) -> Dossier:
    """A dossier whose phone two machines corrected differently."""
    return phone_of_two(link, device, second_device)


@pytest.fixture
def client(device: Desk) -> FlaskClient:
    """A browser at machine 1 with its head signed in."""
    made = opened(device).client
    token = token_of(made.get("/", follow_redirects=True).text)
    made.post("/sign-in", data={"csrf_token": token, "username": "truong", "password": PASSWORD})
    return made


def post(client: FlaskClient, path: str, **form: str) -> tuple[int, str]:
    token = token_of(client.get("/").text)
    answer = client.post(path, data={"csrf_token": token} | form, follow_redirects=True)
    return answer.status_code, answer.text


@only_on_sqlite
def test_both_values_stand_side_by_side(client: FlaskClient, two_phones: Dossier) -> None:
    text = client.get("/conflicts").text

    assert "0987000011" in text
    assert "0987000022" in text
    assert two_phones.dossier_code in text


@only_on_sqlite
def test_what_is_settled_leaves_the_page(client: FlaskClient, device: Desk, two_phones: Dossier) -> None:
    [conflict] = conflicts(device)

    status, text = post(client, f"/conflicts/{conflict.name}", choice="replace", reason="Đã gọi hỏi người nộp")

    assert status == 200
    assert two_phones.dossier_code in text
    assert "0987000011" not in text
    assert dossier_of(device, two_phones.id).content["phone"] == "0987000022"


@only_on_sqlite
def test_without_a_reason_the_page_says_what_to_write(client: FlaskClient, device: Desk, two_phones: Dossier) -> None:
    [conflict] = conflicts(device)

    status, text = post(client, f"/conflicts/{conflict.name}", choice="keep", reason="x")

    assert status == 422
    assert 'aria-invalid="true"' in text
    assert 'value="x"' in text
    assert conflicts(device) == [conflict]


@only_on_sqlite
def test_what_was_settled_before_is_told(client: FlaskClient, device: Desk, two_phones: Dossier) -> None:
    status, text = post(client, "/conflicts/9.9.9:phone", choice="keep", reason="Đã gọi hỏi")

    assert status == 409
    assert 'role="alert"' in text


@only_on_sqlite
def test_the_status_line_tells_what_the_other_machine_holds(
    client: FlaskClient, link: Link, device: Desk, second_device: Desk
) -> None:
    for _ in range(3):
        record(second_device)
    link.lose("request")
    sync(second_device, link)
    # The statement goes ahead after a failure and arrives; the entries behind it do not.
    link.repeat()
    link.lose("request")
    sync(second_device, link)

    sync_quietly(device, link)

    (told,) = re.findall(r'status-siblings">(.*?)</p>', client.get("/").text)
    assert re.findall(r"\d+", told)[:2] == ["2", "3"]
