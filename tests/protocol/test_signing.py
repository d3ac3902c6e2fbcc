"""Documents and their signatures, and the strict reading of JSON."""

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.signing import (
    NESTING_MAX,
    BadSignature,
    NotADocument,
    Signed,
    SigningKey,
    agreement_public,
    canonical,
    content_of,
    decoded,
    encoded,
    opened,
    parsed,
    verify,
)

KEY = SigningKey.from_seed(b"k" * 32)
OTHER = SigningKey.from_seed(b"o" * 32)
NOTE = KEY.sign("note", {"b": 2, "a": "Nguyễn"})


def test_a_document_is_json_with_sorted_keys_that_names_its_kind() -> None:
    assert NOTE.body == '{"a":"Nguyễn","b":2,"document":"note"}'.encode()


def test_a_document_is_read_with_the_key_that_signed_it() -> None:
    assert opened(NOTE, "note", KEY.public) == {"a": "Nguyễn", "b": 2}


def test_a_document_of_another_key_is_refused() -> None:
    with pytest.raises(BadSignature):
        opened(NOTE, "note", OTHER.public)


def test_a_signature_for_one_kind_does_not_serve_as_another() -> None:
    with pytest.raises(NotADocument):
        opened(NOTE, "receipt", KEY.public)


def test_content_cannot_name_another_kind() -> None:
    signed = KEY.sign("note", {"document": "receipt"})

    assert content_of(signed, "note") == {}


@given(st.integers(0, len(NOTE.body) + 63), st.integers(1, 255))
def test_a_flipped_byte_breaks_the_signature(at: int, flip: int) -> None:
    raw = bytearray(NOTE.body + NOTE.signature)
    raw[at] ^= flip

    with pytest.raises(BadSignature):
        verify(Signed(bytes(raw[:-64]), bytes(raw[-64:])), KEY.public)


@pytest.mark.parametrize("signature", [b"", b"s" * 63, b"s" * 65, NOTE.signature + b"\0"])
def test_a_signature_of_another_length_is_refused(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(Signed(NOTE.body, signature), KEY.public)


@pytest.mark.parametrize("public", [b"", b"p" * 31, b"p" * 33])
def test_a_key_of_another_length_verifies_nothing(public: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(NOTE, public)


def test_keys_are_those_of_rfc_8032_and_rfc_7748() -> None:
    signing_seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    agreement_seed = b"\x09" + b"\0" * 31

    assert SigningKey.from_seed(signing_seed).public.hex() == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert agreement_public(agreement_seed).hex() == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"


def test_a_private_key_does_not_show_in_a_log() -> None:
    assert repr(KEY) == "SigningKey(public=gyClGXfYw4yopJJ8Zw31gh5El2GUXhXp77JqFQnSMOo)"


def test_a_document_stands_in_json_and_comes_back_byte_for_byte() -> None:
    assert Signed.from_json(orjson.loads(orjson.dumps(NOTE.as_json()))) == NOTE


@pytest.mark.parametrize(
    "value",
    [None, [], "x", 5, {}, {"body": "{}"}, {"body": 5, "signature": ""}, {"body": "{}", "signature": 5},
     {"body": "{}", "signature": "!"}, {"body": "\ud800", "signature": ""}, {"body": "{}", "signature": "AAAAA"}],
)  # fmt: skip
def test_what_is_not_a_signed_document_is_refused(value: object) -> None:
    with pytest.raises(NotADocument):
        Signed.from_json(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"document":"note","at":NaN}',
        b'{"document":"note","document":"note"}',
        b'{"document":"note","a":"\\ud800"}',
        b'{"document":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 100_000,
    ],
)
def test_a_signed_body_that_cannot_be_read_is_not_a_document(body: bytes) -> None:
    with pytest.raises(NotADocument):
        content_of(Signed(body, KEY.private.sign(body)), "note")


@given(st.binary(max_size=200))
def test_random_bodies_raise_nothing_but_not_a_document(body: bytes) -> None:
    with pytest.raises(NotADocument):
        content_of(Signed(body, b""), "note")


@given(st.binary(max_size=100))
def test_base64_comes_back(raw: bytes) -> None:
    assert decoded(encoded(raw)) == raw


def test_base64_has_the_alphabet_of_addresses_and_no_padding() -> None:
    assert encoded(b"\xff\xef\xff\xff") == "_-___w"


@given(st.text(max_size=60))
def test_what_is_not_base64_raises_value_error_only(text: str) -> None:
    with suppress(ValueError):
        assert decoded(encoded(decoded(text))) == decoded(text)


def test_nesting_is_bounded() -> None:
    deepest = b"[" * NESTING_MAX + b"]" * NESTING_MAX
    deeper = b"[" + deepest + b"]"

    assert canonical({"a": 1}) == b'{"a":1}'
    assert parsed(deepest) != []
    with pytest.raises(ValueError, match="nested"):
        parsed(deeper)


@pytest.mark.parametrize(
    "raw",
    [b'{"a":1,"a":1}', b'[{"b":{"a":1,"a":2}}]', b'{"a":1,"\\u0061":1}', b"Infinity", b"1e999", b"\xef\xbb\xbf{}"],
)
def test_json_that_two_readers_may_understand_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the bare one is what is promised
        parsed(raw)
