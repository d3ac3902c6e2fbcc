"""What tests of both ends share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from central_server.central import Central
from desk_client.desk import Desk
from tests.conftest import Centres, Link
from tests.factories import StandingClock
from tests.together.fleet import Fleet


@pytest.fixture
def fleet(
    central: Central,
    link: Link,
    clock: StandingClock,
    enrol: Callable[..., Desk],
    centres: Centres,
    field_path: Path,
) -> Fleet:
    """A centre and, once it is enrolled, a device."""
    return Fleet(central, link, clock, enrol, centres, field_path / "fleet")
