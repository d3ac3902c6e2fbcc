"""Reading only the fields that are there gives what marshmallow's own way gives, errors included."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema
from marshmallow.error_store import ErrorStore

from sync_protocol.schemas import CHANGES, SCHEMAS, IntakeSchema, LeanSchema
from tests.factories import reception

WHOLE = [*SCHEMAS.values(), IntakeSchema()]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**13),
    st.sampled_from(
        ("", " ", "citizen", "cccd", "direct", "counter", "026185900001", "0987000001", "2021-10-04", "granted", "day",
         "2021-10-04T01:30:00Z", "H62.11.01-211004-0001", "1.004873", "Nguyễn Văn An", "x" * 600, "a\0", "21-10-04")
    ),
    st.lists(
        st.dictionaries(st.sampled_from(("name", "copies", "x")), st.integers(-1, 3) | st.text(max_size=5)), max_size=2
    ),
    st.dictionaries(st.sampled_from(("phone", "owner_name", "x")), st.text(max_size=5), max_size=2),
)  # fmt: skip


@pytest.mark.parametrize("schema", WHOLE, ids=lambda schema: type(schema).__name__)
def test_the_fields_that_are_there_are_read_as_marshmallow_reads_them(schema: LeanSchema) -> None:
    names = st.sampled_from([*schema.load_fields, "unknown_one"])

    @given(st.dictionaries(names, VALUES, max_size=8), st.booleans())
    def holds(said: dict[str, Any], is_on_a_reception: bool) -> None:
        data = (reception() if is_on_a_reception else {}) | said
        assert read(type(schema)._deserialize, schema, data) == read(Schema._deserialize, schema, data)

    holds()


@pytest.mark.parametrize("data", [None, 5, "x", [], [{}], {}])
@pytest.mark.parametrize("schema", WHOLE, ids=lambda schema: type(schema).__name__)
def test_what_is_no_object_is_read_as_marshmallow_reads_it(schema: LeanSchema, data: Any) -> None:
    assert read(type(schema)._deserialize, schema, data) == read(Schema._deserialize, schema, data)


def test_no_field_has_another_name_on_the_wire_or_makes_its_default_anew() -> None:
    for schema in [*WHOLE, CHANGES]:
        for name, field in schema.load_fields.items():
            assert (field.data_key, field.attribute, callable(field.load_default)) == (None, None, False), name


def read(way: Any, schema: Schema, data: Any) -> tuple[Any, Any]:
    """What a way of reading gives, and its errors; what it gives beside errors is used by nobody."""
    errors = ErrorStore()
    values = way(schema, data, error_store=errors, unknown=schema.unknown)
    return errors.errors, None if errors.errors else values
