"""A clerk settles by keyboard what two machines entered differently, and the other machine follows."""

import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from desk_client.app import create_app
from desk_client.desk import Desk
from desk_client.services.conflicts import conflicts
from desk_client.services.lifecycle import dossier_of
from sync_protocol.dossiers import Dossier
from tests.browser.walking import Window
from tests.conftest import Link, only_on_sqlite
from tests.factories import PASSWORD
from tests.together.field import hush, phone_of_two

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOST = "127.0.0.1"


@pytest.fixture
def two_phones(link: Link, device: Desk, second_device: Desk) -> Dossier:
    """A dossier whose phone two machines corrected differently."""
    return phone_of_two(link, device, second_device)


@pytest.fixture
def address(device: Desk) -> Iterator[str]:
    """Where the pages of machine 1 answer."""
    hosts: set[str] = set()
    app = create_app(device, hosts=hosts, wake=lambda: None, practise=lambda: "", enrol=print)  # type: ignore[arg-type]
    server = make_server(HOST, 0, app, threaded=True)
    hosts.add(f"{HOST}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@only_on_sqlite
def test_a_conflict_is_settled_by_keys_and_the_other_machine_follows(
    new_window: Callable[[], Window], address: str, link: Link, device: Desk, second_device: Desk, two_phones: Dossier
) -> None:
    page = new_window().page
    page.goto(f"{address}/sign-in")
    page.fill("#username", "truong")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")
    answer = page.goto(f"{address}/conflicts")
    assert answer is not None
    assert answer.status == HTTPStatus.OK
    card = page.locator(".conflict")
    expect(card).to_contain_text("0987000011")
    expect(card).to_contain_text("0987000022")

    page.keyboard.type("Đã gọi hỏi người nộp")
    page.keyboard.press("F9")

    expect(page.locator(".conflicts-note.is-done")).to_contain_text(two_phones.dossier_code)
    hush(link, device, second_device)
    assert [dossier_of(each, two_phones.id).content["phone"] for each in (device, second_device)] == ["0987000022"] * 2
    assert conflicts(second_device) == []
