"""What comes down with a receipt: it is read as it was written, and nothing else is taken for it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.entries import Header, SealedEntry, seal
from sync_protocol.packing import BadFrame, deflated, frame_entries
from sync_protocol.siblings import Down, Run, Sibling, document_of, pack_down, runs_of, unpack_down
from sync_protocol.signing import canonical

AT = datetime(2021, 10, 4, 2, 0, tzinfo=UTC)


def entry(sequence: int, slot: int = 2) -> SealedEntry:
    header = Header(
        slot=slot,
        epoch=1,
        sequence=sequence,
        kind="print",
        version=1,
        subject="1.1.3",
        happened_at=AT,
        recorded_at=AT,
        monotonic_ms=1,
        boot="b",
        offset_ms=None,
        clerk="an.nv",
        pack=2,
    )
    return seal(header, {"copy": 1}, b"s" * 16)


DOWN = Down(
    after=4,
    up_to=9,
    end=40,
    mark="cGxhY2UgOQ",
    runs=(Run(2, 1, 7, 2, 5, b"h" * 32), Run(1, 1, 3, 3, 7)),
    siblings=(Sibling(2, AT, 8, 11, 3), Sibling(3, None, 0, 0, 0)),
    entries=(entry(7), entry(8)),
)


def test_what_comes_down_is_read_as_it_was_written() -> None:
    assert unpack_down(pack_down(DOWN)) == DOWN


def test_what_comes_down_from_a_version_without_marks_is_read() -> None:
    content = document_of(DOWN)
    del content["mark"]
    document = canonical(content)

    came = unpack_down(deflated(len(document).to_bytes(4) + document + frame_entries(DOWN.entries)))

    assert came == replace(DOWN, mark="")


@pytest.mark.parametrize(
    "other",
    [
        Down(after=4, up_to=9, end=40, runs=DOWN.runs),
        Down(after=4, up_to=3, end=40),
        Down(after=4, up_to=9, end=8),
        Down(after=6, up_to=9, end=40, runs=DOWN.runs, entries=DOWN.entries),
        Down(after=4, up_to=8, end=40, runs=DOWN.runs, entries=DOWN.entries),
        Down(after=0, up_to=1, end=1, runs=(Run(1, 1, 1, 0, 1),)),
        Down(after=0, up_to=1, end=1, runs=(Run(1, 1, 1, 1, 1, b"short"),), entries=(entry(1),)),
    ],
    ids=["no entries", "backwards", "past the end", "before", "behind", "an empty run", "no hash"],
)
def test_what_does_not_fit_together_is_refused(other: Down) -> None:
    with pytest.raises(BadFrame):
        unpack_down(pack_down(other))


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        unpack_down(raw)


@given(st.integers(0, 400))
def test_what_is_cut_short_is_refused(length: int) -> None:
    whole = pack_down(DOWN)

    with pytest.raises(BadFrame):
        unpack_down(whole[: min(length, len(whole) - 1)])


def test_places_that_follow_each_other_are_one_run() -> None:
    own, others = b"", b"h" * 32

    runs = runs_of(
        [(1, 1, 1, 5, own), (1, 1, 2, 6, own), (2, 1, 4, 7, others), (2, 1, 5, 8, others), (1, 1, 3, 9, own)]
    )

    assert runs == (Run(1, 1, 1, 2, 5), Run(2, 1, 4, 2, 7, others), Run(1, 1, 3, 1, 9))


def test_a_gap_or_what_comes_otherwise_begins_another_run() -> None:
    own, others = b"", b"h" * 32

    runs = runs_of([(1, 1, 1, 5, own), (1, 1, 3, 7, own), (1, 1, 4, 8, others), (1, 1, 5, 8, others)])

    assert runs == (Run(1, 1, 1, 1, 5), Run(1, 1, 3, 1, 7), Run(1, 1, 4, 1, 8, others), Run(1, 1, 5, 1, 8, others))
