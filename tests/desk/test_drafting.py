"""Half-typed forms stay in the encrypted file until they are saved or emptied."""

from pathlib import Path

import pytest

from desk_client.desk import Desk
from desk_client.services.drafting import DRAFTS_MAX, FIELDS_MAX, BadDraft, draft_of, drop_draft, keep_draft
from tests.factories import NOW, StandingClock, enrolled_desk

FIELDS = [("submitter_name", "Trần Thị Bưởi"), ("phone", "0987000001"), ("phone", "0987000002")]


@pytest.fixture
def desk(tmp_path: Path, clock: StandingClock) -> Desk:
    """An enrolled device."""
    return enrolled_desk(tmp_path / "desk", clock=clock)


def test_a_half_typed_form_is_given_back_as_it_was(desk: Desk) -> None:
    keep_draft(desk, "an.nv", "intake", FIELDS)

    draft = draft_of(desk, "an.nv", "intake")

    assert draft is not None
    assert list(draft.fields) == FIELDS
    assert draft.kept_at == NOW


def test_the_last_word_stands(desk: Desk, clock: StandingClock) -> None:
    keep_draft(desk, "an.nv", "intake", FIELDS)
    clock.move(minutes=1)

    keep_draft(desk, "an.nv", "intake", [("submitter_name", "Lê Văn Cam")])

    draft = draft_of(desk, "an.nv", "intake")
    assert draft is not None
    assert list(draft.fields) == [("submitter_name", "Lê Văn Cam")]
    assert draft.kept_at == clock()


def test_a_draft_belongs_to_a_clerk_and_a_form(desk: Desk) -> None:
    keep_draft(desk, "an.nv", "intake", FIELDS)

    assert draft_of(desk, "binh.tt", "intake") is None
    assert draft_of(desk, "an.nv", "bulk") is None


def test_a_draft_that_is_dropped_is_gone(desk: Desk) -> None:
    keep_draft(desk, "an.nv", "intake", FIELDS)

    drop_draft(desk, "an.nv", "intake")
    drop_draft(desk, "an.nv", "intake")

    assert draft_of(desk, "an.nv", "intake") is None


def test_the_oldest_drafts_make_room(desk: Desk, clock: StandingClock) -> None:
    keep_draft(desk, "binh.tt", "intake", FIELDS)
    for number in range(DRAFTS_MAX + 1):
        clock.move(minutes=1)
        keep_draft(desk, "an.nv", f"step-{number}", FIELDS)

    assert draft_of(desk, "an.nv", "step-0") is None
    assert draft_of(desk, "an.nv", "step-1") is not None
    assert draft_of(desk, "binh.tt", "intake") is not None


@pytest.mark.parametrize("form", ["", "Intake", "../desk", "a" * 81, "intake\n"])
def test_a_form_has_a_plain_name(desk: Desk, form: str) -> None:
    with pytest.raises(BadDraft):
        keep_draft(desk, "an.nv", form, FIELDS)


def test_a_form_has_a_bound(desk: Desk) -> None:
    with pytest.raises(BadDraft):
        keep_draft(desk, "an.nv", "intake", [("a", "b")] * (FIELDS_MAX + 1))


def test_no_name_of_a_draft_can_be_read_in_the_files(desk: Desk) -> None:
    keep_draft(desk, "an.nv", "intake", FIELDS)

    for path in desk.settings.data.glob("desk.db*"):
        assert "Bưởi".encode() not in path.read_bytes()
        assert b"0987000001" not in path.read_bytes()
