"""PROTOCOL.md says what the code does: every example is loaded, every limit, field and error code compared."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import date
from importlib.resources import files
from types import ModuleType
from typing import Any

import orjson
import pytest

from central_server.services import comparing, enrolment, receiving, taking_back
from central_server.services.standing import told_content
from central_server.web import api
from sync_protocol import (
    certificates,
    clocks,
    digits,
    enrolments,
    entries,
    offers,
    packing,
    packs,
    schemas,
    siblings,
    signing,
    statements,
)
from sync_protocol.calendars import WorkingCalendar
from sync_protocol.certificates import certificate_hash, parse_code, read_certificate
from sync_protocol.clocks import TIME, parse_nonce, read_time
from sync_protocol.enrolments import check_request
from sync_protocol.entries import SealedEntry, payload_hash, read_header
from sync_protocol.errors import FieldSyncError
from sync_protocol.instants import parse_instant
from sync_protocol.packing import unpack_contact, unpack_entries
from sync_protocol.packs import (
    PackKind,
    calendar_content,
    desk_content,
    pack_hash,
    procedures_content,
    read_pack,
    read_packs,
    signed_pack,
)
from sync_protocol.periods import PeriodSeries, parse_period
from sync_protocol.procedures import DeadlineRules
from sync_protocol.readmissions import read_readmission
from sync_protocol.schemas import SCHEMAS, payload_content, read_event
from sync_protocol.signing import Signed, canonical, decoded, opened
from sync_protocol.standings import DeskFacts, DeviceFacts, demand_of, judge
from sync_protocol.statements import read_receipt, read_statement
from sync_protocol.vocabulary import EventKind, Flag, Standing, VerdictKind
from tests.protocol.golden import make
from tests.protocol.test_sibling_frames import DOWN

TEXT = files("sync_protocol").joinpath("PROTOCOL.md").read_text(encoding="utf-8")
MODULES: tuple[ModuleType, ...] = (
    api, comparing, enrolment, receiving, certificates, clocks, digits, enrolments, entries, offers, packing, packs,
    schemas, siblings, signing, statements,
)  # fmt: skip
BLOCKS = re.findall(r"^```([a-z0-9_ ]*)\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
TAGS = [tag for tag, _ in BLOCKS]


def example(tag: str) -> Any:
    """The JSON of the only example of a tag."""
    (text,) = (text for found, text in BLOCKS if found == tag)
    return orjson.loads(text)


KEYS = example("json keys")
CENTRE_KEY, DEVICE_KEY = decoded(KEYS["centre_key"]), decoded(KEYS["device_key"])


GOLDEN_KEY = make.CENTRE_KEY
WRITERS: dict[PackKind, Callable[[Any], Any]] = {
    PackKind.PROCEDURES: lambda value: procedures_content(value.values(), date(2021, 10, 4)),
    PackKind.CALENDAR: calendar_content,
    PackKind.DESK: desk_content,
}


def signed(tag: str) -> Signed:
    """The signed document of a tag."""
    return Signed.from_json(example(tag))


def test_the_readmission_is_one() -> None:
    certificate, document = read_readmission(example("json readmission request"))

    assert certificate.signing_key == DEVICE_KEY
    assert document == signed("json certificate")


def test_the_time_is_an_answer_to_the_question_before_it() -> None:
    (asked,) = re.findall(r"The answer to `([\w-]+)`", TEXT)

    at = read_time(Signed.from_json(example("json time")[TIME]), CENTRE_KEY, parse_nonce(asked))

    assert at == parse_instant("2021-10-04T01:00:00Z")


def test_the_document_of_what_comes_down_is_one() -> None:
    assert orjson.loads(canonical(siblings.document_of(DOWN))) == example("json down document")


def contact_bytes() -> bytes:
    """The example of a contact."""
    (text,) = (text for tag, text in BLOCKS if tag == "base64 contact")
    return decoded(text.replace("\n", ""))


def table(section: str) -> list[list[str]]:
    """The rows of the first table after a heading, without its head."""
    (rest,) = re.findall(rf"^##+ {re.escape(section)}\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| (.*) \|$", str(rest), re.MULTILINE)
    return [row.split(" | ") for row in rows[1:]]


def error_classes() -> Iterable[type[FieldSyncError]]:
    """The refusals that the interface documents: in its own table, and behind "Raises" in what it calls."""
    yield from api.HTTP_STATUS
    functions = (receiving.accept_contact, taking_back.accept_offer, enrolment.enrol, enrolment.pack_named, parse_code)
    for function in functions:
        _, _, raised = (function.__doc__ or "").partition("aises ")
        for name in re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", raised):
            yield next(vars(module)[name] for module in MODULES if name in vars(module))
    yield packing.BadFrame
    yield certificates.MalformedCode


def status_of(error: type[FieldSyncError]) -> int:
    """The status that the interface answers an error with."""
    return next((number for kind, number in api.HTTP_STATUS.items() if issubclass(error, kind)), 400)


KNOWN_TAGS = {
    "",
    "json keys",
    "json enrolment request",
    "json enrolment answer",
    "json readmission request",
    "json time",
    "base64 contact",
    "base64 digits apart",
    "json entry",
    "json header",
    *(f"json payload {kind.value}" for kind in EventKind),
    "json statement content",
    "json statement",
    "json receipt content",
    "json receipt",
    "json answer",
    "json held",
    "json down document",
    "json certificate content",
    "json certificate",
    *(f"json pack {kind.value} content" for kind in PackKind),
    "json pack desk",
    "json dated procedures",
    "json dated desk",
    "json seasons",
    "json error",
    "json notice content",
}


def test_every_example_is_one_that_a_test_below_loads() -> None:
    assert set(TAGS) == KNOWN_TAGS
    assert len([tag for tag in TAGS if tag]) == len(KNOWN_TAGS) - 1


def test_the_example_of_an_enrolment_is_what_the_centre_asks_for() -> None:
    request = example("json enrolment request")

    asked = enrolment.REQUEST.load(request)
    check_request(asked)

    assert str(parse_code(asked["code"])) == request["code"]
    assert decoded(asked["signing_key"]) == DEVICE_KEY


def test_the_example_of_an_enrolment_answer_makes_a_device() -> None:
    answer = example("json enrolment answer")

    certificate = read_certificate(Signed.from_json(answer["certificate"]))
    reference = read_packs(map(Signed.from_json, answer["packs"]), certificate.centre_key)

    assert certificate.signing_key == DEVICE_KEY
    assert reference.desk.code == certificate.device.desk
    assert answer["head"] == {"username": enrolment.HEAD_USERNAME, "full_name": enrolment.HEAD_NAME}


FIRST_KINDS = {"open_epoch", "adopt_packs", "declare", "receive", "resolve", "deliver", "void"}
"""Kinds of the first release, whose golden contact is the example."""


def test_the_example_of_a_contact_holds_the_statement_and_eight_entries() -> None:
    contact = unpack_contact(contact_bytes())

    statement = read_statement(contact.statement, DEVICE_KEY)
    events = [read_event(entry) for entry in unpack_entries(contact.entries_section)]

    assert contact.statement == signed("json statement")
    assert statement.body_hash == hashlib.sha256(contact.entries_section).digest()
    assert [event.header.sequence for event in events] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {event.header.kind for event in events} == FIRST_KINDS


def test_the_example_of_digits_apart_is_the_third_entry_of_the_contact() -> None:
    (text,) = (text for tag, text in BLOCKS if tag == "base64 digits apart")

    entries = unpack_entries(decoded(text.replace("\n", "")), packing.APART)

    assert entries == [unpack_contact(contact_bytes()).entries()[2]]


def test_the_example_of_an_answer_names_the_codings_that_are_read() -> None:
    assert example("json answer")["codings"] == list(packing.CODINGS)


def test_the_example_of_an_entry_has_the_hashes_of_the_formulas() -> None:
    parts = {name: decoded(text) for name, text in example("json entry").items()}

    entry = SealedEntry(parts["header"], parts["payload_hash"], parts["payload"], parts["salt"])

    assert parts["previous_hash"] == certificate_hash(signed("json certificate"))
    assert payload_hash(parts["salt"], parts["payload"]) == parts["payload_hash"]
    assert entry.hash_after(parts["previous_hash"]) == parts["entry_hash"]
    assert read_event(entry).header.kind == "open_epoch"


def test_the_example_of_a_header_is_one_in_the_bytes_that_are_sealed() -> None:
    (text,) = (text for tag, text in BLOCKS if tag == "json header")

    assert read_header(text.encode()).as_bytes() == text.encode()


@pytest.mark.parametrize("kind", EventKind)
def test_the_example_of_each_kind_is_a_payload_of_it(kind: EventKind) -> None:
    content = example(f"json payload {kind.value}")

    payload = SCHEMAS[kind].load(content)

    assert payload_content(payload) == content


def test_the_example_of_a_statement_is_signed_and_its_content_is_as_shown() -> None:
    document = signed("json statement")

    statement = read_statement(document, DEVICE_KEY)

    assert canonical(example("json statement content")) == document.body
    assert (statement.head, statement.unsent != {}, len(statement.declarations)) == (8, True, 1)


def test_the_example_of_a_receipt_confirms_the_statement() -> None:
    document = signed("json receipt")

    receipt = read_receipt(document, CENTRE_KEY)

    assert canonical(example("json receipt content")) == document.body
    assert (receipt.up_to, receipt.hash) == (8, read_statement(signed("json statement"), DEVICE_KEY).hash)


def test_the_example_of_an_answer_names_packs_and_gives_verdicts() -> None:
    answer = example("json answer")

    receipt = read_receipt(Signed.from_json(answer["receipt"]), CENTRE_KEY)

    assert receipt.up_to == 8
    assert set(answer["packs"]) == {kind.value for kind in PackKind}
    assert answer["packs"]["desk"] == pack_hash(signed("json pack desk"))
    assert [VerdictKind(word) for _, word, _ in answer["verdicts"]] == [VerdictKind.QUARANTINED]


def test_the_standing_in_the_example_of_an_answer_is_what_the_centre_tells_of_a_desk() -> None:
    [told] = example("json answer")["standings"]
    period, as_of = parse_period(told["period"], PeriodSeries()), parse_instant(told["as_of"])
    stated_at = parse_instant(told["covered_until"])
    facts = DeskFacts(arrived=32, devices=[DeviceFacts(slot=2, heard_at=as_of, stated_at=stated_at)])

    calendar = WorkingCalendar(days_off=frozenset(), make_up_days=frozenset())

    judgement = judge(facts, demand_of(period, calendar, as_of))

    assert told_content(period, judgement, as_of) == told


def test_the_words_of_a_standing_are_all_told() -> None:
    told = {name: text for names, text in table("Standings in an answer") for name in re.findall(r"`(\w+)`", names)}

    assert set(told) == set(example("json answer")["standings"][0])
    assert set(re.findall(r"`(\w+)`", told["standing"])) == {each.value for each in Standing}
    assert set(re.findall(r"`(\w+)`", told["flag"])) - {"entered"} == {each.value for each in Flag}


def test_the_example_of_a_certificate_is_signed_by_the_centre_that_it_names() -> None:
    document = signed("json certificate")

    assert read_certificate(document).centre_key == CENTRE_KEY
    assert canonical(example("json certificate content")) == document.body


@pytest.mark.parametrize("kind", PackKind)
def test_the_example_of_each_pack_is_the_one_that_the_enrolment_brings(kind: PackKind) -> None:
    bodies = [Signed.from_json(pack) for pack in example("json enrolment answer")["packs"]]

    (document,) = (pack for pack in bodies if pack.body == canonical(example(f"json pack {kind.value} content")))

    assert read_pack(document, CENTRE_KEY)[0] is kind


@pytest.mark.parametrize(
    ("kind", "further"),
    [
        (PackKind.PROCEDURES, example("json dated procedures")),
        (PackKind.CALENDAR, {"seasons": example("json seasons")}),
        (PackKind.DESK, example("json dated desk")),
    ],
)
def test_the_examples_of_what_packs_may_say_beside_that_are_read_and_written_again(
    kind: PackKind, further: dict[str, Any]
) -> None:
    content = example(f"json pack {kind.value} content")["content"] | further

    _, value = read_pack(signed_pack(GOLDEN_KEY, kind, content), GOLDEN_KEY.public)

    assert WRITERS[kind](value) == content


def test_the_rules_about_deadlines_are_all_told_with_what_holds_without_them() -> None:
    (text,) = re.findall(r"^\| rule \| .*?(?=^\n|^$)", TEXT, re.MULTILINE | re.DOTALL)
    told = {
        row[0].strip("`"): row[2].strip("`")
        for row in (line.strip("| ").split(" | ") for line in text.splitlines()[2:])
    }

    rules = {each.name: getattr(DeadlineRules(), each.name) for each in fields(DeadlineRules)}

    assert told == {name: str(value).lower() if value not in (None, ()) else "none" for name, value in rules.items()}


def test_the_example_of_an_error_carries_a_signed_notice() -> None:
    answer = example("json error")

    notice = opened(Signed.from_json(answer["notice"]), api.NOTICE, CENTRE_KEY)

    assert notice | {"document": api.NOTICE} == example("json notice content")
    assert notice["code"] == answer["error"]["code"]
    assert set(answer["error"]) == {"code", "vi", "en"}


@pytest.mark.parametrize(
    ("section", "tag"), [("6. Statements", "json statement content"), ("7. Receipts", "json receipt content")]
)
def test_the_fields_of_documents_are_all_told(section: str, tag: str) -> None:
    always = {name for row in table(section) if "absent" not in row[1] for name in re.findall(r"`(\w+)`", row[0])}

    assert always == set(example(tag))


def test_the_fields_of_documents_that_may_be_absent_are_all_told() -> None:
    told = {
        name
        for section in ("6. Statements", "7. Receipts")
        for row in table(section)
        if "absent" in row[1]
        for name in re.findall(r"`(\w+)`", row[0])
    }

    assert told == {
        "acknowledged_epoch",
        "sent",
        "ancestors",
        "pulled",
        "pulled_mark",
        "held",
        "fork",
        "down",
        "vouched",
    }


def test_the_fields_of_a_header_are_all_told() -> None:
    assert {row[0].strip("`") for row in table("The header")} == set(example("json header"))


def test_every_limit_is_that_of_its_constant() -> None:
    told = {row[0].strip("`"): int(row[1]) for row in table("11. Limits")}

    real = {name: next(vars(module)[name] for module in MODULES if name in vars(module)) for name in told}

    assert told == real


def test_every_constant_that_bounds_the_wire_is_told() -> None:
    told = {row[0].strip("`") for row in table("11. Limits")}

    bounds = {name for module in MODULES for name in vars(module) if re.fullmatch(r"[A-Z_]+_MAX", name)}

    assert bounds - told == set()


def test_every_error_of_the_interface_is_told_with_its_status() -> None:
    told = {row[0].strip("`"): int(row[1]) for row in table("10. Errors")}

    assert told == {kind.code: status_of(kind) for kind in error_classes()}


def test_every_endpoint_is_told_and_none_else() -> None:
    told = re.findall(r"^\| `(GET|POST) (/v1/\S+)`", TEXT, re.MULTILINE)

    assert sorted(told) == [
        ("GET", "/v1/packs/<name>"),
        ("GET", "/v1/time/<nonce>"),
        ("POST", "/v1/contacts"),
        ("POST", "/v1/enrolments"),
        ("POST", "/v1/offers"),
        ("POST", "/v1/readmissions"),
    ]
