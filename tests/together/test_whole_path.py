"""Both ends as real processes over real sockets: what a clerk records offline arrives, once, when there is a road."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from sync_protocol.instants import instant_text, local_date
from sync_protocol.periods import Period, PeriodSeries
from tests.factories import reception
from tests.processes import PASSWORD, Done, Server, central, command, desk, founded_centre, free_port

pytestmark = pytest.mark.slow

DESK = "H62.11.01"
PERIODS = PeriodSeries(last_day=20)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A serving centre with the register of Vĩnh Phúc."""
    server = founded_centre(tmp_path_factory.mktemp("whole") / "centre").start()
    yield server
    server.kill()


@pytest.fixture
def enrolled(centre: Server, tmp_path: Path) -> Path:
    """Data folder of a desk that has just been enrolled."""
    folder = tmp_path / "desk"
    assert enrol(centre, folder, new_code(centre)).code == 0
    return folder


def test_what_was_recorded_while_the_centre_was_down_arrives_once_it_is_up(centre: Server, enrolled: Path) -> None:
    arrived_before = standing(centre)["arrived"]
    centre.kill()
    desk(enrolled, "record", "-", given=lines(3))

    while_down = desk(enrolled, "sync")
    waiting = status(enrolled)
    centre.start()
    while_up = desk(enrolled, "sync")

    assert (while_down.code, while_up.code) == (1, 0)
    assert (waiting["saved"], waiting["unsent"], waiting["sync_state"]) == (3, 3, "cut_off")
    assert (status(enrolled)["unsent"], status(enrolled)["sync_state"]) == (0, "all_sent")
    assert standing(centre)["arrived"] == arrived_before + 3


def test_syncing_twice_counts_once(centre: Server, enrolled: Path) -> None:
    arrived_before = standing(centre)["arrived"]
    desk(enrolled, "record", "-", given=lines(2))

    first, second = desk(enrolled, "sync", "--json"), desk(enrolled, "sync", "--json")

    assert json.loads(first.out) == {"sent": 4, "unsent": 0, "error": None}
    assert json.loads(second.out) == {"sent": 0, "unsent": 0, "error": None}
    assert standing(centre)["arrived"] == arrived_before + 2


def test_a_line_that_is_wrong_does_not_stop_its_neighbours(enrolled: Path) -> None:
    given = lines(1) + "{broken\n" + lines(1, phone="12")

    done = desk(enrolled, "record", "-", "--json", given=given)

    assert done.code == 1
    assert json.loads(done.out.splitlines()[-1]) == {"recorded": 1, "refused": 2}
    assert "2" in done.err
    assert_both_languages(done, "Dòng 2", "Line 2")


def test_a_nil_declaration_reaches_the_centre(centre: Server, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    code = new_code(centre, desk_code="H62.11.02")
    enrol(centre, folder, code)
    ended = PERIODS.before(running_period())

    declared = desk(folder, "declare", "--period", str(ended), "--nil")
    desk(folder, "sync")

    assert declared.code == 0
    assert standing(centre, "H62.11.02", of=ended)["flag_proven"] is True


def test_a_wrong_code_is_refused_with_what_to_do(centre: Server, tmp_path: Path) -> None:
    done = enrol(centre, tmp_path / "desk", "AAAA-BBBB-CCCC-DDDD")

    assert_refused(done, "Mã", "The enrolment code is wrong")


def test_what_is_not_a_code_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    done = desk(tmp_path / "desk", "enrol", "--server", "http://127.0.0.1:9", "--code", "abc", given=PASSWORD)

    assert_refused(done, "mã", "This is not an enrolment code")


def test_a_used_code_is_refused(centre: Server, tmp_path: Path) -> None:
    code = new_code(centre)
    enrol(centre, tmp_path / "first", code)

    done = enrol(centre, tmp_path / "second", code)

    assert_refused(done, "mã", "has been used")


def test_an_unknown_desk_cannot_be_invited(centre: Server) -> None:
    done = command("central_server", centre.data, "invite", "H99")

    assert_refused(done, "H99", "There is no desk H99")


def test_a_centre_that_is_down_leaves_a_new_machine_as_it_was(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    done = desk(tmp_path / "desk", "enrol", "--server", url, "--code", "AAAABBBBCCCCDDDD", given=PASSWORD)

    assert_refused(done, "máy chủ", "The centre cannot be reached")


def test_a_page_that_answers_in_place_of_the_centre_is_not_believed(tmp_path: Path, portal: str) -> None:
    done = desk(tmp_path / "desk", "enrol", "--server", portal, "--code", "AAAABBBBCCCCDDDD", given=PASSWORD)

    assert_refused(done, "máy chủ", "but not the centre")


def test_a_taken_port_is_named(centre: Server) -> None:
    done = command("central_server", centre.data, "serve", CENTRAL_PORT=str(centre.port))

    assert_refused(done, str(centre.port), f"The port {centre.port} is taken")


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = desk(tmp_path / "file" / "desk", "status")

    assert_refused(done, str(tmp_path), "cannot be written to")


def test_a_period_that_is_none_is_refused(centre: Server) -> None:
    done = command("central_server", centre.data, "standings", "--period", "2021-13")

    assert_refused(done, "2021-13", "2021-13 is not a period")


def test_a_machine_that_is_not_enrolled_says_how_to_enrol(tmp_path: Path) -> None:
    done = desk(tmp_path / "desk", "sync")

    assert_refused(done, "mã", "desk-client enrol")


def test_a_second_agent_on_the_same_folder_is_refused(enrolled: Path) -> None:
    page = Server("desk_client", enrolled, "/sign-in", environment={"DESK_KEY_STORE": "file"}).start()

    done = desk(enrolled, "sync")
    page.kill()

    assert_refused(done, "đang chạy", "already running")


@pytest.fixture
def portal() -> Iterator[str]:
    """A sign-in page of some network that answers whatever is asked."""

    class Portal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b"<html><body>Welcome to the Wi-Fi</body></html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def new_code(centre: Server, desk_code: str = DESK) -> str:
    return str(json.loads(central(centre.data, "invite", desk_code, "--json"))["code"])


def enrol(centre: Server, folder: Path, code: str) -> Done:
    return desk(folder, "enrol", "--server", centre.url, "--code", code, given=PASSWORD)


def lines(count: int, **overrides: object) -> str:
    at = instant_text(datetime.now(UTC) - timedelta(minutes=1))
    line = {"event": "receive", "at": at} | reception(**overrides)
    return "".join(json.dumps(line | {"dossier": f"d{number}"}) + "\n" for number in range(count))


def running_period() -> Period:
    return PERIODS.containing(local_date(datetime.now(UTC)))


def standing(centre: Server, desk_code: str = DESK, *, of: Period | None = None) -> dict[str, Any]:
    rows = json.loads(central(centre.data, "standings", "--period", str(of or running_period()), "--json"))
    return next(row for row in rows if row["desk"] == desk_code)


def status(folder: Path) -> dict[str, Any]:
    return dict(json.loads(desk(folder, "status", "--json").out))


def assert_refused(done: Done, vietnamese: str, english: str) -> None:
    """One sentence a language, a code other than 0, and no trace of the program."""
    assert done.code != 0
    assert "Traceback" not in done.err
    assert_both_languages(done, vietnamese, english)


def assert_both_languages(done: Done, vietnamese: str, english: str) -> None:
    assert vietnamese.lower() in done.err.lower()
    assert english in done.err
