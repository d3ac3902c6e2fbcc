"""Values of which thousands are made at a time: frozen for whoever writes the code, quick to make for the machine."""

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """A dataclass with slots, made by keywords, that the type checker takes for a frozen one.

    At run time it is not, for the sake of the centre: a frozen one sets each field through a call, and to make the
    values of a reception took as long that way as to check it. Nobody changes one: the type checker sees to that.
    """
    made: Any = dataclass(slots=True, kw_only=True, unsafe_hash=True)(kind)
    return cast(type[T], made)
