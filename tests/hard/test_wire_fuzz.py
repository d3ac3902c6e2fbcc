"""Whatever comes over the wire or from a stick gets a named refusal: no crash, no hang, no memory without bound.

What an enrolled device has signed is fuzzed too, since its key can be stolen: a true signature, a false content.
"""

import copy
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from central_server.app import create_app
from central_server.central import Central
from central_server.web.api import ENROLMENT_BYTES_MAX
from desk_client.desk import Desk
from desk_client.services.syncing import contact
from sync_protocol.errors import FieldSyncError
from sync_protocol.packing import (
    CONTACT_BYTES_MAX,
    CONTACT_ENTRIES_MAX,
    ENTRIES_BYTES_MAX,
    STATEMENT_BYTES_MAX,
    deflated,
    pack_contact,
)
from sync_protocol.signing import Signed, content_of
from sync_protocol.statements import RECEIPT, STATEMENT
from tests.central.writing import Writer, enrolled_writer, ledger_of, request
from tests.conftest import KEYS, Link, only_on_sqlite, sync_quietly
from tests.hard.serving import unlimited

EXAMPLES = 200
HANG_S = 2.0
MEMORY_BYTES_MAX = 64 * 2**20

pytestmark = [pytest.mark.slow, only_on_sqlite]
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("2021-10-04"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@pytest.fixture
def client(central: Central) -> FlaskClient:
    """The centre's application."""
    return create_app(unlimited(central)).test_client()


@pytest.fixture
def writer(central: Central) -> Writer:
    """A device with two dossiers, nothing sent."""
    made = enrolled_writer(central)
    made.receive()
    made.receive()
    return made


def judged(answer: TestResponse) -> str:
    """What the centre said, by name; never a failure of its own."""
    told = orjson.loads(answer.data)
    assert answer.status_code < 500, told
    if answer.status_code == 200:
        return "taken"
    assert {"code", "vi", "en"} <= set(told["error"])
    return str(told["error"]["code"])


@contextmanager
def in_time() -> Iterator[None]:
    """Whatever it is, it ends soon."""
    began_at = time.monotonic()
    yield
    assert time.monotonic() - began_at < HANG_S


def posted(client: FlaskClient, raw: bytes) -> str:
    """What the centre says to a contact."""
    with in_time():
        return judged(client.post("/v1/contacts", data=raw))


@many
@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
    st.sampled_from(["contacts", "enrolments", "packs/", "packs/x", "packs/" + "A" * 300, "nothing", "", "contacts/1"])
    | st.text(st.characters(exclude_characters="?#", codec="utf-8"), max_size=40),
    st.binary(max_size=200),
    st.dictionaries(
        st.sampled_from(["Content-Type", "Content-Encoding", "Accept", "X-Forwarded-For", "Cookie", "Range", "Expect"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    ),
)
def test_any_request_to_the_devices_interface_is_answered(
    client: FlaskClient, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    with in_time():
        answer = client.open(f"/v1/{path}", method=method, data=body, headers=headers)

    assert answer.status_code < 500


@many
@given(raw=st.binary(max_size=400))
def test_any_bytes_as_a_contact_are_refused_by_name(client: FlaskClient, raw: bytes) -> None:
    assert posted(client, raw) in {"bad_frame", "not_a_document", "bad_statement", "unknown_device", "body_too_large"}


@many
@given(
    changes=st.dictionaries(st.sampled_from(["code", "signing_key", "agreement_key", "app", "x"]), values), data=values
)
def test_any_enrolment_request_is_refused_by_name(
    client: FlaskClient, writer: Writer, changes: dict[str, Any], data: Any
) -> None:
    asked: Any = {**request("AAAA-AAAA-AAAA-AAAA", writer.key), **changes} if changes else data
    with in_time():
        assert judged(client.post("/v1/enrolments", data=json.dumps(asked))) != "taken"


@many
@given(at=st.data())
def test_any_true_signature_under_any_statement_is_answered(
    client: FlaskClient, writer: Writer, at: st.DataObject
) -> None:
    content = content_of(writer.statement().signed_by(writer.key), STATEMENT)
    names = at.draw(
        st.lists(st.sampled_from([*sorted(content), "ancestors", "pulled", "later"]), min_size=1, max_size=3)
    )
    for name in names:
        content[name] = at.draw(values)

    signed = writer.key.sign(STATEMENT, copy.deepcopy(content)) if storable(content) else Signed(b"{}", b"s" * 64)

    assert posted(client, pack_contact(signed)) != "incident"


def storable(content: Any) -> bool:
    """Whether it can be JSON at all."""
    try:
        orjson.dumps(content)
    except (TypeError, ValueError):
        return False
    return True


@many
@given(
    kind=st.sampled_from(
        ["receive", "resolve", "deliver", "correct", "void", "declare", "adopt_packs", "open_epoch", "x"]
    )
    | st.text(min_size=1, max_size=10),
    payload=values | st.binary(max_size=60),
    version=st.integers(1, 3),
)
def test_any_true_chain_of_any_entries_is_kept(
    central: Central, client: FlaskClient, writer: Writer, kind: str, payload: Any, version: int
) -> None:
    """Custody before judgement: only what is no header at all is refused."""
    if not ledger_of(central):
        writer.send()
    keep = len(writer.entries), len(writer.changes)
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode(errors="replace")
    try:
        writer.write(kind, raw, version=version)
        body = writer.contact(first=writer.head)
    except (ValueError, TypeError):
        del writer.entries[keep[0] :], writer.changes[keep[1] :]
        return

    said = posted(client, body)

    assert said in {"taken", "bad_entry"}
    if said == "taken":
        assert len(ledger_of(central)) == writer.head
    else:
        del writer.entries[keep[0] :], writer.changes[keep[1] :]


def test_no_changed_byte_of_a_signed_request_is_accepted(
    central: Central, client: FlaskClient, writer: Writer, figure: Callable[..., None]
) -> None:
    """Each byte, one bit and all bits of it."""
    raw = writer.contact()
    statement_end = 68 + int.from_bytes(raw[2:4])
    tried, same = 0, 0
    for at in range(len(raw)):
        for flip in (1, 0xFF):
            tried += 1
            if posted(client, raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :]) == "taken":
                # The last byte of a deflated section has bits that mean nothing; the signature is over what it means.
                assert at in (statement_end - 1, len(raw) - 1)
                same += 1

    figure("T17", "changed bytes of a signed request", tried, lost=0, same_meaning=same)
    assert same <= 3


def bombs(writer: Writer) -> dict[str, bytes]:
    """Ten messages that are much larger inside than outside."""
    key = writer.key
    zeros = deflated(b"\0" * 2**26)
    # A section that inflates to a section that inflates: only the outer one is ever opened.
    twice = deflated(zeros)

    def entries(section: bytes) -> bytes:
        return pack_contact(writer.statement(section).signed_by(key), section)

    def statement(section: bytes) -> bytes:
        return b"\1\1" + min(len(section), 0xFFFF).to_bytes(2) + b"s" * 64 + section[:0xFFFF]

    return {
        "zeros as entries": entries(zeros),
        "zeros twice as entries": entries(twice),
        "zeros as a statement": statement(zeros),
        "zeros twice as a statement": statement(twice),
        "just too many bytes": entries(deflated(b"\0" * (ENTRIES_BYTES_MAX + 1))),
        "zlib's own header": entries(zlib.compress(b"\0" * 2**26)),
        "gzip as entries": entries(zlib.compress(b"\0" * 2**26, wbits=31)),
        "a million empty entries": entries(deflated(b"\0\0\0\0\0\0" * 600_000)),
        "headers of no end": entries(deflated(b"\xff\xff\xff\xff\xff\xfe" * 600_000)),
        "nothing but lists": pack_contact(Signed(b"[" * 60_000 + b"]" * 5_000, b"s" * 64)),
    }


def test_bombs_are_stopped_soon_and_small(client: FlaskClient, writer: Writer, figure: Callable[..., None]) -> None:
    said = {}
    packed = bombs(writer)
    for name, raw in packed.items():
        tracemalloc.start()
        said[name] = posted(client, raw)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < MEMORY_BYTES_MAX, name

    figure("T17", "bombs", len(packed), lost=0)
    assert set(said.values()) <= {"bad_frame", "not_a_document", "bad_statement", "body_too_large"}, said


def test_a_compressed_body_is_not_inflated(client: FlaskClient) -> None:
    with in_time():
        bomb = zlib.compress(b" " * 2**24, wbits=31)
        said = judged(client.post("/v1/enrolments", data=bomb[:8_000], headers={"Content-Encoding": "gzip"}))

    assert said == "bad_request"


def sized(writer: Writer, entries: int) -> bytes:
    """A contact with so many entries."""
    while writer.head < entries:
        writer.write("x", b"{}")
    return writer.contact(last=entries, head=entries)


LIMITS: dict[str, tuple[Callable[[FlaskClient, Writer, int], str], int, tuple[str, str, str]]] = {
    "bytes of a contact": (
        lambda client, _, count: posted(client, b"\1" * count),
        CONTACT_BYTES_MAX,
        ("bad_frame", "bad_frame", "body_too_large"),
    ),
    "bytes of an enrolment": (
        lambda client, _, count: judged(client.post("/v1/enrolments", data=b" " * count)),
        ENROLMENT_BYTES_MAX,
        ("bad_request", "bad_request", "body_too_large"),
    ),
    "entries of a contact": (
        lambda client, writer, count: posted(client, sized(writer, count)),
        CONTACT_ENTRIES_MAX,
        ("taken", "taken", "bad_frame"),
    ),
    "bytes of a statement": (
        lambda client, _, count: posted(client, pack_contact(Signed(b" " * count, b"s" * 64))),
        STATEMENT_BYTES_MAX,
        ("not_a_document", "not_a_document", "bad_frame"),
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_each_limit_holds_to_the_byte(client: FlaskClient, writer: Writer, name: str) -> None:
    send, limit, expected = LIMITS[name]

    assert tuple(send(client, writer, limit + more) for more in (-1, 0, 1)) == expected


def test_deep_json_is_no_failure(client: FlaskClient) -> None:
    said = [
        judged(client.post("/v1/enrolments", data=opening * 1_000 + closing * 1_000))
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"))
    ]

    assert said == ["bad_request", "bad_request"]


# What comes down to a desk


@many
@given(raw=st.binary(max_size=100) | values.filter(storable).map(orjson.dumps))
def test_any_answer_leaves_a_desk_at_work(device: Desk, link: Link, raw: bytes) -> None:
    link.answer(lambda _: raw)

    outcome = contact(device, link, jitter=1.0, interval_s=300.0)

    assert isinstance(outcome.error, FieldSyncError)


PARTS = ("receipt", "verdicts", "packs", "standings", "down", "more", "holding", "device_state", "later")
OF_A_RECEIPT = (
    "device",
    "epoch",
    "up_to",
    "hash",
    "at",
    "incarnation",
    "ticket",
    "archived_up_to",
    "fork",
    "down",
    "desk",
)


@many
@given(part=st.sampled_from(PARTS), said=st.sampled_from(OF_A_RECEIPT), drawn=values.filter(storable))
def test_any_true_answer_with_a_part_that_is_nonsense_leaves_a_desk_at_work(
    device: Desk, link: Link, part: str, said: str, drawn: Any
) -> None:
    """Also parts that no signature covers, and a receipt that the centre signed and that says nonsense."""

    def twisted(raw: bytes) -> bytes:
        answer = orjson.loads(raw)
        content = content_of(Signed.from_json(answer["receipt"]), RECEIPT) | {said: drawn}
        receipt = KEYS.signing.sign(RECEIPT, content).as_json()
        return orjson.dumps(answer | {part: receipt if part == "receipt" else drawn})

    link.road.faults.clear()
    link.answer(twisted)

    outcome = contact(device, link, jitter=1.0, interval_s=300.0)

    assert outcome.error is None or isinstance(outcome.error, FieldSyncError)


def test_a_desk_that_was_told_nonsense_sends_all_the_same(device: Desk, link: Link) -> None:
    for nonsense in (b"", b"[]", b'{"receipt":{}}', b'{"receipt":null,"packs":3}'):
        link.answer(lambda _, raw=nonsense: raw)  # type: ignore[misc]
        contact(device, link, jitter=1.0, interval_s=300.0)

    sync_quietly(device, link)
