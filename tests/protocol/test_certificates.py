"""Enrolment codes as people type them, and certificates that speak for themselves."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.certificates import (
    CODE_ALPHABET,
    Certificate,
    EnrolmentCode,
    MalformedCode,
    certificate_hash,
    comparison_number,
    new_code,
    parse_code,
    read_certificate,
)
from sync_protocol.signing import BadSignature, NotADocument, Signed, SigningKey, encoded
from sync_protocol.vocabulary import DeviceId
from tests.protocol.golden import make

CENTRE = SigningKey.from_seed(b"c" * 32)
CERTIFICATE = Certificate(
    device=DeviceId("H62.11.01", 1),
    signing_key=b"s" * 32,
    agreement_key=b"a" * 32,
    issued_at=datetime(2021, 10, 4, 2, 0, tzinfo=UTC),
    training=True,
    centre_key=CENTRE.public,
    centre_agreement_key=b"d" * 32,
)
CODE = EnrolmentCode("7K2M", "Q9XW4TBC01HJ")


def test_a_code_is_four_groups_of_four() -> None:
    assert str(CODE) == "7K2M-Q9XW-4TBC-01HJ"


@pytest.mark.parametrize(
    "typed",
    [
        "7K2M-Q9XW-4TBC-01HJ",
        "7k2m-q9xw-4tbc-01hj",
        "7K2MQ9XW4TBC01HJ",
        " 7K2M Q9XW\t4TBC 01HJ\r\n",
        "7K2M-Q9XW-4TBC-OIHJ",
        "7k2m-q9xw-4tbc-olhj",
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert parse_code(typed) == CODE


@pytest.mark.parametrize(
    "typed", ["", "7K2M", "7K2M-Q9XW-4TBC-01H", "7K2M-Q9XW-4TBC-01HJJ", "7K2M-Q9XW-4TBC-01HU", "7K2M-Q9XW-4TBC-01H\0"]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(MalformedCode):
        parse_code(typed)


@given(st.text(max_size=30))
def test_any_text_is_a_code_or_refused_as_one(typed: str) -> None:
    try:
        code = parse_code(typed)
    except MalformedCode:
        return

    assert set(code.public + code.secret) <= set(CODE_ALPHABET)


def test_fresh_codes_differ_and_are_read_back() -> None:
    codes = [new_code() for _ in range(50)]

    assert len({str(code) for code in codes}) == 50
    assert [parse_code(str(code)) for code in codes] == codes


def test_what_the_centre_keeps_of_a_code_depends_on_every_letter_and_its_key() -> None:
    kept = CODE.secret_mac(b"k" * 32)

    assert len(kept) == 32
    assert kept != EnrolmentCode("7K2M", "Q9XW4TBC01HK").secret_mac(b"k" * 32)
    assert kept != EnrolmentCode("8K2M", "Q9XW4TBC01HJ").secret_mac(b"k" * 32)
    assert kept != CODE.secret_mac(b"l" * 32)


def test_a_certificate_reads_back() -> None:
    assert read_certificate(CERTIFICATE.signed_by(CENTRE)) == CERTIFICATE


def test_a_certificate_of_another_centre_than_it_names_is_refused() -> None:
    with pytest.raises(BadSignature):
        read_certificate(CERTIFICATE.signed_by(SigningKey.from_seed(b"x" * 32)))


def test_a_changed_certificate_is_refused() -> None:
    signed = CERTIFICATE.signed_by(CENTRE)
    other = replace(CERTIFICATE, training=False).signed_by(CENTRE)

    with pytest.raises(BadSignature):
        read_certificate(Signed(other.body, signed.signature))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("desk", 5),
        ("slot", "1"),
        ("slot", 0),
        ("slot", True),
        ("signing_key", encoded(b"short")),
        ("signing_key", None),
        ("agreement_key", "!"),
        ("issued_at", "2021-10-04"),
        ("issued_at", "0001-01-01T00:00:00+07:00"),
        ("training", "no"),
        ("centre_key", []),
        ("centre_key", ""),
        ("centre_agreement_key", 1),
    ],
)
def test_a_certificate_with_a_damaged_field_is_no_document(field: str, value: object) -> None:
    content = orjson.loads(CERTIFICATE.signed_by(CENTRE).body)

    with pytest.raises(NotADocument):
        read_certificate(CENTRE.sign("certificate", content | {field: value}))


@pytest.mark.parametrize("field", sorted(set(orjson.loads(CERTIFICATE.signed_by(CENTRE).body)) - {"document"}))
def test_a_certificate_without_one_of_its_fields_is_no_document(field: str) -> None:
    content = orjson.loads(CERTIFICATE.signed_by(CENTRE).body)
    del content[field]

    with pytest.raises(NotADocument):
        read_certificate(CENTRE.sign("certificate", content))


def test_the_golden_certificate_is_read_and_made_again() -> None:
    signed = make.document("certificate.json")

    assert read_certificate(signed) == make.CERTIFICATE
    assert make.certificate() == signed
    assert encoded(certificate_hash(signed)) == "PN05j_IYGdAeiTlPZ8-N7JDxRxgohHeeg2OHF_u50rQ"


def test_both_screens_show_the_same_six_digits_of_a_certificate() -> None:
    assert comparison_number(certificate_hash(CERTIFICATE.signed_by(CENTRE))) == "656842"
    assert comparison_number(bytes(8)) == "000000"
    assert comparison_number(b"\0" * 7 + b"\x07" + b"\xff" * 24) == "000007"


def test_a_certificate_for_another_key_has_another_number() -> None:
    other = replace(CERTIFICATE, signing_key=b"t" * 32).signed_by(CENTRE)

    assert comparison_number(certificate_hash(other)) != comparison_number(
        certificate_hash(CERTIFICATE.signed_by(CENTRE))
    )
