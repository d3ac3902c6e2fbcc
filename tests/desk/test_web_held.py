"""What the centre has set aside, and the facts for a supporter: as the desk's clerk sees them."""

from typing import Any

import pytest
from click.testing import CliRunner

from desk_client.__main__ import cli
from desk_client.commands import console
from desk_client.desk import Desk
from desk_client.services.diagnosing import diagnose
from desk_client.services.holding import note_held
from desk_client.services.telling import diagnosis_content
from desk_client.storage.database import write_transaction
from desk_client.web.held import OTHER, REASONS
from desk_client.web.present import EXTENSION
from tests.conftest import record
from tests.desk.conftest import Page
from tests.factories import bare_desk

PEOPLE: dict[str, Any] = {
    "owner_name": "Thái Ngọc Quỳnh",
    "submitter_name": "Lường Thị Xuyến",
    "id_number": "026185912345",
    "phone": "0987000456",
    "address_text": "Bản Phiêng Ban",
}


def desk_of(page: Page) -> Any:
    return page.app.extensions[EXTENSION].desk


def tell(desk: Desk, *entries: tuple[str, str], count: int | None = None) -> None:
    """Lets the centre tell which entries wait, and why."""
    listed = [[name, "quarantined", reason] for name, reason in entries]
    with write_transaction(desk.database):
        note_held({"mark": "m", "count": len(listed) if count is None else count, "entries": listed})


def test_nothing_is_said_while_nothing_waits(page: Page) -> None:
    record(desk_of(page))

    assert "/held" not in page.client.get("/").text
    assert "held-row" not in page.client.get("/held").text


def test_the_status_line_leads_to_what_waits(page: Page) -> None:
    dossier = record(desk_of(page))
    tell(desk_of(page), (dossier.id, "device_revoked"))

    assert 'href="/held"' in page.client.get("/").text


@pytest.mark.parametrize("reason", [*REASONS, "KeyError"])
def test_each_reason_says_why_and_what_to_do(page: Page, reason: str) -> None:
    dossier = record(desk_of(page))
    tell(desk_of(page), (dossier.id, reason))
    page.client.set_cookie("desk_language", "en")

    text = page.client.get("/held").text

    assert dossier.dossier_code in text
    assert f"{dossier.id} {reason}" in text
    assert REASONS.get(reason, OTHER).why


def test_entries_of_one_dossier_and_one_reason_stand_together(page: Page) -> None:
    desk = desk_of(page)
    first, second = record(desk), record(desk)
    tell(
        desk, (first.id, "bad_payload"), (second.id, "bad_payload"), ("1.1.1", "bad_payload"), ("9.1.7", "bad_payload")
    )

    text = page.client.get("/held").text

    assert text.count("held-row") == 3


def test_more_than_were_named_are_counted(page: Page) -> None:
    dossier = record(desk_of(page))
    tell(desk_of(page), (dossier.id, "bad_payload"), count=207)

    assert "206" in page.client.get("/held").text


def test_the_page_of_a_dossier_says_that_it_does_not_count_yet(page: Page) -> None:
    waits, counts = record(desk_of(page)), record(desk_of(page))
    tell(desk_of(page), (waits.id, "bad_payload"))

    assert 'href="/held"' in page.client.get(f"/dossiers/{waits.id}").text.partition("<article")[2]
    assert 'href="/held"' not in page.client.get(f"/dossiers/{counts.id}").text.partition("<article")[2]


def test_the_facts_for_a_supporter_say_nothing_of_any_person(page: Page) -> None:
    desk = desk_of(page)
    dossier = record(desk, **PEOPLE)
    tell(desk, (dossier.id, "bad_payload"))

    text = page.client.get("/diagnose").text.partition("<main")[2]

    assert [word for word in (*PEOPLE.values(), "an.nv", "Nguyễn Văn An") if word in text] == []
    assert "bad_payload" in text


def test_the_facts_name_the_versions_the_journal_and_what_waits(page: Page) -> None:
    desk = desk_of(page)
    dossier = record(desk)
    tell(desk, (dossier.id, "bad_payload"), count=3)

    content = diagnosis_content(diagnose(desk))

    assert content["journal"].startswith("1.3 ")
    assert (content["device"], content["unsent_entries"]) == ("H62.11.01/1", 3)
    assert content["held"] == {"bad_payload": 1, "not_named": 2}
    assert (content["app"], content["protocol"]) == ("0.1.0", 1)
    assert content["engine"] >= "3.51.3"


def test_a_machine_that_is_not_enrolled_can_be_looked_at_too(tmp_path: Any) -> None:
    content = diagnosis_content(diagnose(bare_desk(tmp_path / "bare")))

    assert (content["device"], content["journal"], content["held"]) == (None, None, {})


def test_the_facts_are_a_command_too(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_of(page)
    record(desk, **PEOPLE)
    monkeypatch.setattr(console, "open_desk", lambda _: desk)

    done = CliRunner().invoke(cli, ["diagnose"], catch_exceptions=False)

    assert "H62.11.01/1" in done.output
    assert [word for word in PEOPLE.values() if word in done.output] == []
