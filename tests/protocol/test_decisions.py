"""What only the centre decides: its own journal at a desk, and what its decisions make of dossiers."""

from dataclasses import replace
from datetime import timedelta
from types import ModuleType

import orjson
import pytest

from sync_protocol.dossiers import UnknownDossier, read_state, state_bytes, state_content
from sync_protocol.entries import SealedEntry, chain, seal
from sync_protocol.events import Decision, Dismissed, Erased, Event, Released, Voided
from sync_protocol.folding import fold
from sync_protocol.schemas import KIND_VERSION, KINDS, BadPayload, payload_content, read_event
from sync_protocol.signing import decoded
from sync_protocol.transitions import IllegalTransition, check_follows, possible_steps
from sync_protocol.vocabulary import DossierStage, EventKind, VerdictKind
from tests.protocol import lives
from tests.protocol.golden import make_3, make_5

DOSSIER = lives.after(lives.RECEIVED)
ERASED = Erased(order="12/QĐ-UBND", reason="Theo yêu cầu", dossier=state_content(DOSSIER))


def of_centre(payload: Erased | Voided, subject: str = DOSSIER.id) -> Event:
    """An event of device 0."""
    header = lives.event(lives.RECEIVED).header
    kind = KINDS[type(payload)].value
    return Event(replace(header, slot=0, sequence=5, kind=kind, subject=subject), payload)


@pytest.mark.parametrize("release", [make_3, make_5])
def test_the_golden_journal_of_the_centre_is_read_and_its_chain_holds(release: ModuleType) -> None:
    lines = [{name: decoded(text) for name, text in line.items()} for line in release.lines()]
    entries = [SealedEntry(line["header"], line["payload_hash"], line["payload"], line["salt"]) for line in lines]

    events = [read_event(entry) for entry in entries]

    assert [(event.payload, event.header.subject) for event in events] == release.payloads()
    assert chain(entries, make_3.origin()) == [line["entry_hash"] for line in lines]


@pytest.mark.parametrize("release", [make_3, make_5])
def test_sealing_the_golden_journal_of_the_centre_again_gives_the_same_bytes(release: ModuleType) -> None:
    lines = release.lines()

    sealed = release.journal()

    assert [entry.header_bytes for entry in sealed] == [decoded(line["header"]) for line in lines]
    assert [entry.payload for entry in sealed] == [decoded(line["payload"]) for line in lines]


def test_the_golden_journal_of_the_centre_ends_in_a_hash_that_never_changes() -> None:
    assert make_3.lines()[-1]["entry_hash"] == "7XkAr8XcObbHobOoq_wV9uXyq6U9ZfNc-c1v6dlZEEg"
    assert make_5.lines()[-1]["entry_hash"] == "Z2WzuWLUI2svLl13nMUVBAlMblY2z4TW_jxYx93VgvA"


@pytest.mark.parametrize(
    "payload",
    [Released(entries=("1.1.3",), reason="Đã xem"), Dismissed(entries=("1.1.3",), reason="Đã xem"), ERASED],
)
def test_what_only_the_centre_decides_is_not_taken_from_a_device(payload: Decision) -> None:
    header = replace(of_centre(ERASED).header, slot=1, kind=KINDS[type(payload)].value, version=KIND_VERSION)

    with pytest.raises(BadPayload):
        read_event(seal(header, payload_content(payload), b"s" * 16))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (EventKind.RELEASE, {"entries": [], "reason": "Đã xem"}),
        (EventKind.RELEASE, {"entries": ["1.1"], "reason": "Đã xem"}),
        (EventKind.RELEASE, {"entries": ["1.1.3"] * 501, "reason": "Đã xem"}),
        (EventKind.DISMISS, {"entries": [], "reason": "Đã xem"}),
        (EventKind.ERASE, {"order": "1", "reason": "Đã xem", "dossier": {"id": "1.1.3"}}),
        (EventKind.ERASE, {"order": "1", "reason": "Đã xem", "dossier": ["1.1.3"]}),
        (EventKind.ERASE, {"order": "", "reason": "Đã xem", "dossier": state_content(DOSSIER)}),
    ],
)
def test_a_decision_that_cannot_be_followed_is_set_aside(kind: EventKind, content: dict[str, object]) -> None:
    header = replace(of_centre(ERASED).header, kind=kind.value)
    entry = seal(header, {}, b"s" * 16)._replace(payload=orjson.dumps(content))

    with pytest.raises(BadPayload):
        read_event(entry)


def test_an_erased_dossier_is_what_its_erasure_says_with_or_without_its_opening() -> None:
    folded = [fold(before, of_centre(ERASED)).dossier for before in (None, DOSSIER)]

    assert folded == [replace(DOSSIER, is_erased=True)] * 2
    assert read_state(state_bytes(folded[0])).is_erased


def test_an_erasure_is_of_its_own_subject() -> None:
    with pytest.raises(UnknownDossier):
        fold(None, of_centre(ERASED, subject="9.9.9"))


def test_nothing_that_a_device_says_changes_an_erased_dossier() -> None:
    erased = fold(None, of_centre(ERASED)).dossier

    folded = fold(erased, lives.event(lives.RESOLVED, sequence=9))

    assert (folded.dossier, folded.verdict, folded.has_effect) == (erased, VerdictKind.MERGED, False)


def test_the_centre_can_still_void_an_erased_dossier() -> None:
    erased = fold(None, of_centre(ERASED)).dossier

    voided = fold(erased, of_centre(Voided(reason="Nhập thử"))).dossier

    assert (voided.stage, voided.is_erased) == (DossierStage.VOIDED, True)


def test_a_clerk_is_offered_nothing_for_an_erased_dossier() -> None:
    erased = fold(None, of_centre(ERASED)).dossier

    assert possible_steps(erased) == ()
    with pytest.raises(IllegalTransition):
        check_follows(
            erased,
            lives.RESOLVED,
            lives.RECEIVED_AT + timedelta(days=1),
            supplements_most=1,
            extensions_most=1,
        )
