"""Loading what is plainly valid without marshmallow's machinery, which costs ten times what the checks themselves do.

What is valid stands in the schemas alone. Of each field as it is declared there a reader is made once; it takes only
what the field would take, and gives what the field would give. Where a reader or a hook of the schema stops, all is
loaded again from the beginning by marshmallow itself, which alone refuses and says why. Tests hold the two equal.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from marshmallow import Schema, ValidationError, fields, missing, validate
from marshmallow.decorators import POST_LOAD, VALIDATES_SCHEMA

from sync_protocol.errors import FieldSyncError

Reader = Callable[[Any], Any]
"""Gives the value of a field for what stands in JSON, or raises one of UNPLAIN."""

UNPLAIN = (ValidationError, FieldSyncError, KeyError, TypeError, ValueError, OverflowError)
"""What stops the loading of something that is left to marshmallow."""


@runtime_checkable
class Readable(Protocol):
    """A field that makes its own reader."""

    def reader(self) -> Reader:
        """Reads anything but null as the field does."""


class LeanSchema(Schema):
    """Loads as marshmallow does, many times faster where there is nothing to say against an object.

    Its fields bear their own names on the wire, their defaults are values, and its hooks look at one object alone.
    """

    def load(self, data: Any, *, many: bool | None = None, partial: Any = None, unknown: Any = None) -> Any:
        """As `Schema.load`."""
        is_partial = self.partial if partial is None else partial
        if type(data) is dict and not (many or self.many) and is_partial in (None, False, True):
            try:
                return self._loaded_plainly(data, is_whole=not is_partial)
            except UNPLAIN:
                pass
        return super().load(data, many=many, partial=partial, unknown=unknown)

    def _loaded_plainly(self, data: dict[str, Any], *, is_whole: bool) -> Any:
        readers = self._readers
        values = {name: readers[name](value) for name, value in data.items()}
        if is_whole:
            if not self._needed <= values.keys():
                raise KeyError
            values = self._defaults | values
        for check in self._checks:
            check(values)
        for finish in self._finishes:
            values = finish(values)
        return values

    @cached_property
    def _readers(self) -> dict[str, Reader]:
        return {name: reader_of(field) for name, field in self.load_fields.items()}

    @cached_property
    def _needed(self) -> frozenset[str]:
        return frozenset(name for name, field in self.load_fields.items() if field.required)

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        defaults = {name: field.load_default for name, field in self.load_fields.items()}
        return {name: value for name, value in defaults.items() if value is not missing}

    @cached_property
    def _checks(self) -> list[Callable[[dict[str, Any]], None]]:
        return [getattr(self, name) for name, *_ in self._hooks[VALIDATES_SCHEMA]]

    @cached_property
    def _finishes(self) -> list[Callable[[dict[str, Any]], Any]]:
        return [getattr(self, name) for name, *_ in self._hooks[POST_LOAD]]


def reader_of(field: fields.Field[Any]) -> Reader:
    """The reader of a field; its own `deserialize` where there is no shorter way."""
    if isinstance(field, fields.Enum) and not field.validators:
        words = {member.value: member for member in field.enum} | ({None: None} if field.allow_none else {})
        return words.__getitem__
    read = _shorter(field)
    if read is None:
        return field.deserialize
    return _or_none(read) if field.allow_none else read


def _shorter(field: fields.Field[Any]) -> Reader | None:
    if isinstance(field, Readable):
        return field.reader()
    match field, field.validators:
        case fields.Integer(strict=True), [
            validate.Range(min=int(least), max=int(most), min_inclusive=True, max_inclusive=True)
        ]:
            return _whole(least, most)
    return None


def _whole(least: int, most: int) -> Reader:
    def read(value: Any) -> int:
        if type(value) is int and least <= value <= most:
            return value
        raise ValueError

    return read


def _or_none(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)
