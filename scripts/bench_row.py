"""What a measure gives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its unit."""

    name: str
    value: float
    unit: str
