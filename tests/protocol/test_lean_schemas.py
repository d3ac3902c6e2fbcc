"""Loading what is plain without marshmallow's machinery gives what marshmallow gives, refusals included."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields
from marshmallow.decorators import PRE_LOAD, VALIDATES

from sync_protocol.lean import LeanSchema
from sync_protocol.schemas import CHANGES, SCHEMAS, ComponentSchema, ErasedCountSchema, IntakeSchema
from sync_protocol.vocabulary import EventKind
from tests.factories import reception
from tests.protocol.test_protocol_document import example

WHOLE: list[LeanSchema] = [*SCHEMAS.values(), IntakeSchema(), ComponentSchema(), ErasedCountSchema()]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**13),
    st.floats(),
    st.text(max_size=5),
    st.lists(
        st.dictionaries(st.sampled_from(("name", "originals", "x")), st.integers(-1, 3) | st.text(max_size=5)),
        max_size=2,
    ),
    st.dictionaries(st.sampled_from(("phone", "owner_name", "x")), st.text(max_size=5), max_size=2),
)
TEXTS = st.one_of(
    st.sampled_from(
        ("", " ", "Nguyễn Văn An", "Nguye\u0302\u0303n  An ", "Lò\u200bPáo", "a\0", "x" * 600, "026185900001", "1.1.7",
         "C 1234567", "0987000001", "+84 987.000.001", "H62.11.01-211004-0001", "1.004873", "2021-10-04", "20211004",
         "2021-10-01..2021-10-20", "2021-10-04T01:30:00Z", "2021-10-04T01:30:00")
    ),
    st.text(max_size=12),
)  # fmt: skip


def likely(field: fields.Field[Any]) -> st.SearchStrategy[Any]:
    """Values that a field may well take."""
    if isinstance(field, fields.Enum):
        return st.sampled_from([member.value for member in field.enum])
    return st.integers(-1, 10**4) if isinstance(field, fields.Integer) else TEXTS


@pytest.mark.parametrize("schema", WHOLE, ids=lambda schema: type(schema).__name__)
def test_an_object_is_loaded_as_marshmallow_loads_it(schema: LeanSchema) -> None:
    said = {name: likely(field) | ODD for name, field in schema.load_fields.items()}

    @given(st.fixed_dictionaries({}, optional=said | {"unknown_one": ODD}), st.booleans())
    def holds(said: dict[str, Any], is_on_a_reception: bool) -> None:
        data = (reception() | {"dossier_code": "H62.11.01-211004-0001"} if is_on_a_reception else {}) | said
        assert outcome(schema.load, data) == outcome(lambda data: Schema.load(schema, data), data)

    holds()


@pytest.mark.parametrize("schema", WHOLE, ids=lambda schema: type(schema).__name__)
def test_each_value_of_a_field_is_loaded_as_marshmallow_loads_it(schema: LeanSchema) -> None:
    """One field at a time beside others that are plain, so that nothing else decides which way it goes."""
    names = sorted(schema.load_fields)

    @given(
        st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), likely(schema.load_fields[name]) | ODD))
    )
    def holds(said: tuple[str, Any]) -> None:
        data = plain(schema) | dict([said])
        assert outcome(schema.load, data) == outcome(lambda data: Schema.load(schema, data), data)

    holds()


@pytest.mark.parametrize("data", [None, 5, "x", [], [{}], {}])
@pytest.mark.parametrize("schema", WHOLE, ids=lambda schema: type(schema).__name__)
def test_what_is_no_object_is_loaded_as_marshmallow_loads_it(schema: LeanSchema, data: Any) -> None:
    assert outcome(schema.load, data) == outcome(lambda data: Schema.load(schema, data), data)


@pytest.mark.parametrize("schema", WHOLE, ids=lambda schema: type(schema).__name__)
def test_what_is_plainly_valid_is_not_asked_of_marshmallow(schema: LeanSchema, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = Schema.load(schema, plain(schema))
    monkeypatch.delattr(Schema, "load")

    assert schema.load(plain(schema)) == expected


def test_no_schema_has_what_the_short_way_does_not_know() -> None:
    for schema in [*WHOLE, CHANGES]:
        assert not schema._hooks[PRE_LOAD], schema
        assert not schema._hooks[VALIDATES], schema
        for name, field in schema.load_fields.items():
            assert (field.data_key, field.attribute, callable(field.load_default)) == (None, None, False), name


def plain(schema: LeanSchema) -> dict[str, Any]:
    """What a schema takes as it is."""
    match schema:
        case IntakeSchema():
            return reception()
        case ComponentSchema():
            return {"name": "Giấy khai sinh", "originals": 1}
        case ErasedCountSchema():
            return {"received_on": "2021-10-04", "ledger_on": "2021-10-05", "slot": 1, "count": -1}
    kind = next(kind for kind in EventKind if SCHEMAS[kind] is schema)
    return dict(example(f"json payload {kind.value}"))


def outcome(load: Callable[[Any], Any], data: Any) -> tuple[Any, Any]:
    """What is loaded, or why it is not."""
    try:
        return load(data), None
    except ValidationError as error:
        return None, error.messages
