"""What every hard test notes of itself: how often it tried, and what was lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hard.figures import Figure, keep


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Says a figure aloud and keeps it for README's line: ``figure("T1", "simulated power cuts", 20_000, lost=0)``."""

    def note(programme: str, what: str, count: int, *, lost: int, **more: int) -> None:
        figure = Figure(programme=programme, what=what, count=count, lost=lost, more=more)
        print(figure)
        keep(Path(request.config.rootpath), request.node.nodeid, figure)

    return note
