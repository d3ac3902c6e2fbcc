"""The measurements run and measure something; how fast it is, no test asserts."""

from pathlib import Path

import pytest

from scripts.bench_measures import measured


@pytest.mark.slow
def test_every_figure_is_measured(tmp_path: Path) -> None:
    rows = list(measured(tmp_path))

    assert len({row.name for row in rows}) == len(rows) == 33
    assert all(row.value > 0 for row in rows)
