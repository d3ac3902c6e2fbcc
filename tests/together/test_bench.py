"""The measurements run and measure something; how fast it is, no test asserts."""

from pathlib import Path

import pytest

from central_server.storage.models import DossierRow
from scripts.bench_measures import measured
from scripts.bench_plain import Dossier, DossierSchema
from sync_protocol.schemas import SCHEMAS
from sync_protocol.vocabulary import EventKind


@pytest.mark.slow
def test_every_figure_is_measured(tmp_path: Path) -> None:
    rows = list(measured(tmp_path))

    assert len({row.name for row in rows}) == len(rows) == 33
    assert all(row.value > 0 for row in rows)


def test_the_plain_service_takes_and_keeps_all_that_a_reception_may_say() -> None:
    said = set(SCHEMAS[EventKind.RECEIVE].fields)

    assert said <= set(DossierSchema().fields)
    assert said <= set(Dossier._meta.fields)


def test_the_plain_service_keeps_as_many_indexes_as_the_centre_does_of_a_dossier() -> None:
    ours, plain = DossierRow._meta, Dossier._meta

    assert plain.primary_key.field_names == ours.primary_key.field_names
    assert not any(field.index or field.unique for field in plain.sorted_fields)
    assert len(plain.indexes) == len(ours.indexes)
