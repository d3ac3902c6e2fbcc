"""A whole session with planted people: no file of the desk, no log and no address holds anything of them."""

import logging
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from desk_client.desk import Desk
from desk_client.services.declaring import declare
from desk_client.services.history import history
from desk_client.services.lifecycle import deliver_unseen, dossier_of, record_print, record_step
from desk_client.services.recording import record_refusal
from desk_client.storage import notes
from desk_client.storage.database import write_transaction
from desk_client.web.present import EXTENSION
from sync_protocol.events import Declared, Delivered, Forwarded, Step, SupplementReceived, SupplementRequested
from sync_protocol.periods import Period
from sync_protocol.texts import folded
from sync_protocol.vocabulary import Cause, Declaration, DeliveryMethod, PaperForm
from tests.desk.conftest import Page, typed
from tests.desk.projections import KEY
from tests.desk.registers import row
from tests.desk.test_web_importing import given, job_of, press, workbook
from tests.factories import NOW, PASSWORD, StandingClock, reception
from tests.protocol.lives import RATED, RESOLVED, corrected

OCTOBER = Period(date(2021, 9, 21), date(2021, 10, 20))
UNSEEN = "H62.11.01-211004-1007"
PEOPLE = ("Thái Ngọc Quỳnh", "Lường Thị Xuyến", "Đèo Văn Khoẻ", "Mùa A Vừ", "Giàng Thị Sáo", "Triệu Mùi Pham")
NUMBERS = ("026185912345", "0987000456", "0987000789", "012345678")
WORDS = ("Bản Phiêng Ban", "đi làm ăn xa", "gõ nhầm họ", "Thiếu giấy khai sinh của con", "để nhập học", PASSWORD)
STEPS: tuple[Step, ...] = (
    Forwarded(case_officer="Giàng Thị Sáo", note="Chuyển tư pháp, đi làm ăn xa"),
    SupplementRequested(papers="Thiếu giấy khai sinh của con", reason="để nhập học"),
    SupplementReceived(note="Mùa A Vừ nộp"),
    corrected(owner_name="Đèo Văn Khoẻ", phone="0987000789", summary="để nhập học"),
    RESOLVED,
    Delivered(delivered_to="Triệu Mùi Pham", delivered_by=DeliveryMethod.COUNTER, note="đi làm ăn xa"),
    RATED,
)


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where whatever wants a file for a while would put it."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("SQLITE_TMPDIR", str(folder))
    return folder


@pytest.fixture
def held_open(page: Page) -> Iterator[None]:
    """Another connection, so that the log of the database is not written back and removed after each request."""
    desk: Desk = page.app.extensions[EXTENSION].desk
    connection = dbapi2.connect(str(desk.settings.data / "desk.db"))
    connection.execute(f"PRAGMA key = \"x'{KEY}'\"")
    connection.execute("SELECT COUNT(*) FROM entry").fetchone()
    yield
    connection.close()


@pytest.mark.usefixtures("held_open")
def test_no_file_no_log_and_no_address_holds_anything_of_the_people_of_a_whole_session(
    page: Page, clock: StandingClock, spool: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the program sets it; what the query builder says below it holds every value.
    caplog.set_level(logging.INFO)
    desk: Desk = page.app.extensions[EXTENSION].desk

    addresses = [*_type_and_search(page), *_take_in(page), _break(page, monkeypatch)]
    _live(desk, clock)

    files = [path for path in (*desk.settings.data.rglob("*"), *spool.rglob("*")) if path.is_file()]
    assert {path.name for path in files} >= {"desk.db", "desk.db-wal"}
    assert min(path.stat().st_size for path in files if path.suffix == ".db-wal") > 100_000
    raw = {path.name: path.read_bytes() for path in files}
    raw |= {"the log": caplog.text.encode(), "an address": "\n".join(addresses).encode()}
    assert [(name, word) for name, held in raw.items() for word in _forms() if word in held] == []
    assert "incident" in caplog.text


def _type_and_search(page: Page) -> list[str]:
    """Drafts, a dossier, prompts on what is typed, searches; gives the addresses that the browser has seen."""
    half = typed(submitter_name="Thái Ngọc Quỳnh", summary="để nhập học", id_number="026185912345")
    whole = half | {"phone": "0987000456", "address_text": "Bản Phiêng Ban"}
    answers = [page.post("/drafts/intake", half)]
    answers += [page.post(path, whole) for path in ("/remarks", "/acquaintance")]
    answers += [page.save(**{name: text for name, text in whole.items() if name != "form_id"})]
    answers += [
        page.post("/search", {"text": text}, follow_redirects=True)
        for text in ("thai ngoc quynh", "Lường Thị Xuyến", "026185912345", "0987 000 456", "211004-0001")
    ]
    pages = ("/today", "/lists/due_soon", "/register", "/dossiers/1.1.3", "/dossiers/1.1.3/papers/receipt.pdf")
    answers += [page.client.get(path) for path in pages]
    assert {answer.status_code for answer in answers} <= {200, 204, 302}
    return [line for answer in answers for line in (answer.request.url, str(answer.headers.get("Location", "")))]


def _take_in(page: Page) -> list[str]:
    """A spreadsheet of another system."""
    people = [
        row(code=f"H62.11.01-210906-{number:04}", owner="Lường Thị Xuyến", phone="0987000456", address="Bản Phiêng Ban")
        for number in range(20)
    ]
    address = given(page, workbook(*people), "so-ho-so.xlsx")
    press(page, address, "take")
    job_of(page, address).wait()
    return [address]


def _break(page: Page, monkeypatch: pytest.MonkeyPatch) -> str:
    """Something that nobody foresaw, in the middle of a save, whose error names the citizen."""

    def fail(*_: object) -> None:
        raise RuntimeError("no room for Mùa A Vừ, 012345678")

    with monkeypatch.context() as patched:
        patched.setattr("desk_client.storage.dossiers.keep_serial", fail)
        answer = page.save(submitter_name="Mùa A Vừ", summary="đi làm ăn xa")
    assert answer.status_code == 500
    return answer.request.url


def _live(desk: Desk, clock: StandingClock) -> None:
    """A dossier's life with a correction, a hand-over against an unseen slip, a refusal, a note, a declaration."""
    dossier = dossier_of(desk, "H62.11.01-211004-0001").dossier
    for step in STEPS:
        record_step(desk, dossier.id, step, happened_at=NOW, clerk="an.nv")
    record_print(desk, dossier.id, PaperForm.RECEIPT, clerk="an.nv")
    unseen = Delivered(delivered_to="Mùa A Vừ", delivered_by=DeliveryMethod.COUNTER, note="đi làm ăn xa")
    deliver_unseen(desk, UNSEEN, unseen, happened_at=NOW, clerk="an.nv")
    refused = reception(
        owner_name="Giàng Thị Sáo", submitter_name="Giàng Thị Sáo", id_type="cmnd", id_number="012345678"
    )
    record_refusal(desk, refused, "Thiếu giấy khai sinh của con", happened_at=NOW, clerk="an.nv")
    with write_transaction(desk.database):
        notes.keep_note("a note", {"said": "Triệu Mùi Pham, gõ nhầm họ"})
    clock.move(days=16)
    declared = Declared(
        period=OCTOBER, declaration=Declaration.COMPLETE, cause=Cause.OTHER, note="Đèo Văn Khoẻ đi làm ăn xa"
    )
    declare(desk, declared, clerk="an.nv")
    assert len(history(desk, dossier.id)) == 9


def _forms() -> list[bytes]:
    """Each planted text as it was typed, and as a search folds it."""
    texts = [*PEOPLE, *NUMBERS, *WORDS]
    names = [folded(name) for name in PEOPLE]
    return [text.encode() for text in dict.fromkeys([*texts, *names, *(text.casefold() for text in texts)])]
