"""What every hard test notes of itself: how often it tried, and what was lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hard.authorities import Authority, written
from tests.hard.figures import Figure, keep


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Says a figure aloud and keeps it for README's line: ``figure("T1", "simulated power cuts", 20_000, lost=0)``."""

    def note(programme: str, what: str, count: int, *, lost: int, **more: int) -> None:
        figure = Figure(programme=programme, what=what, count=count, lost=lost, more=more)
        print(figure)
        keep(Path(request.config.rootpath), request.node.nodeid, figure)

    return note


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Authority], Authority]:
    """Makes this machine's system trust an authority, and no other."""

    def trust(authority: Authority) -> Authority:
        written(tmp_path / "system.pem", authority.own(), authority.key)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "system.pem"))
        return authority

    return trust


@pytest.fixture
def authority(trusted: Callable[[Authority], Authority]) -> Authority:
    """The authority that this machine's system trusts."""
    return trusted(Authority("Tỉnh Vĩnh Phúc"))
