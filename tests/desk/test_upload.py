"""A spreadsheet that is given to the real server: it stays in memory, and one that is too large is told so in words."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from desk_client.sheets.grids import FILE_BYTES_MAX
from tests.desk.conftest import token_of
from tests.desk.spreadsheets import csv_file
from tests.factories import PASSWORD, enrolled_desk
from tests.processes import free_port

pytestmark = pytest.mark.slow

WATCHED_SERVER = """
import os, sys
from desk_client.__main__ import main

def watch(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        os.write(2, f"opened to write: {arguments[0]}\\n".encode())

sys.addaudithook(watch)
main()
"""
"""Tells each file that Python opens to write; the database is opened by its own engine."""

HEADER = ("Mã hồ sơ", "Thủ tục hành chính", "Chủ hồ sơ", "Địa chỉ", "Ngày tiếp nhận")
ROWS = [
    (f"BN-{number}", "Đăng ký khai sinh", "Trần Thị Bưởi", "Thôn Đông " * 180, "06/09/2021") for number in range(600)
]


@dataclass(frozen=True)
class Served:
    """A desk's server with a clerk signed in; `told` is where the process says what it does."""

    url: str
    session: requests.Session
    told: Path

    def written(self) -> list[str]:
        """The files that it has opened to write, but for its own lock, its reserve of room and its spare keys."""
        said = re.findall("opened to write: (.*)", self.told.read_text())
        own = {"agent.lock", "desk.new", "desk.spare.new"}
        return [path for path in said if Path(path).name not in own]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    (tmp_path / "desk.key").write_text("ab" * 32)
    enrolled_desk(tmp_path).database.close()
    port, told = free_port(), tmp_path / "told.log"
    environment = os.environ | {"DESK_KEY_STORE": "file", "DESK_PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHED_SERVER, "--data", str(tmp_path), "serve"],
        stdout=subprocess.DEVNULL,
        stderr=told.open("wb"),
        env=environment,
    )
    try:
        yield Served(f"http://127.0.0.1:{port}", signed_in(f"http://127.0.0.1:{port}"), told)
    finally:
        process.terminate()
        process.wait(timeout=30)


def signed_in(url: str) -> requests.Session:
    """A browser of a clerk, as soon as the server answers."""
    session = requests.Session()
    session.trust_env = False
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        try:
            token = token_of(session.get(f"{url}/sign-in", timeout=30).text)
        except requests.ConnectionError:
            time.sleep(0.1)
            continue
        session.post(
            f"{url}/sign-in", data={"csrf_token": token, "username": "an.nv", "password": PASSWORD}, timeout=30
        )
        return session
    raise AssertionError("the server does not answer")


def give(served: Served, raw: bytes) -> requests.Response:
    """Sends a file through the form."""
    token = token_of(served.session.get(f"{served.url}/import", timeout=30).text)
    return served.session.post(
        f"{served.url}/import", data={"csrf_token": token}, files={"file": ("so.csv", raw)}, timeout=120
    )


def test_what_is_given_never_touches_the_disk(served: Served) -> None:
    raw = csv_file(HEADER, *ROWS)

    answer = give(served, raw)
    while "<progress" in answer.text:
        answer = served.session.get(answer.url, timeout=30)

    assert len(raw) > 1024 * 1024
    assert re.search(r'is-refused[^>]*><strong class="tabular">600<', answer.text)
    assert served.written() == []


def test_a_file_over_the_bound_is_told_so_in_words(served: Served) -> None:
    answer = give(served, b"x" * (FILE_BYTES_MAX + 1_000_000))

    assert answer.status_code == 413
    assert "lớn hơn 32 MB" in answer.text
    assert served.written() == []
