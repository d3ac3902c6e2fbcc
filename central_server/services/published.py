"""What was published of a period, as programs read it: its figures cut to a scope, or the signed document whole."""

from dataclasses import dataclass, replace
from typing import Any

from central_server.central import Central
from central_server.services.snapshots import Snapshot, read_snapshot
from central_server.services.tokens import NotPermitted
from central_server.storage import periods, units
from central_server.storage.database import reading
from central_server.storage.periods import StepTaken
from central_server.storage.units import EVERYTHING, Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import instant_text
from sync_protocol.periods import Period
from sync_protocol.signing import encoded

PUBLICATIONS_MAX = 10_000
"""More than anybody publishes of one period, and a number that every database can count to."""


class UnknownSnapshot(FieldSyncError):
    """A period was not published so often."""

    code = "unknown_snapshot"
    text = N_("The period %(period)s has no published figures with the number %(revision)d. Nothing was changed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Published:
    """A step that published figures, with the figures."""

    step: StepTaken
    snapshot: Snapshot


def figures_content(central: Central, scope: Scope, period: Period, revision: int) -> dict[str, Any]:
    """The published figures of the desks of a scope; raises UnknownSnapshot.

    Without the reason and the name of who published them, which are about the whole province.
    """
    with reading(central.database):
        codes = {node.code for node in units.desks(scope, period.last_on)}
        whole = _published(period, revision).snapshot
    own = replace(
        whole,
        desks=[desk for desk in whole.desks if desk["desk"] in codes],
        missing=[desk for desk in whole.missing if desk in codes],
        changes=[each for each in whole.changes if each.desk in codes],
    )
    return {
        "period": str(period),
        "revision": revision,
        "taken_at": instant_text(own.taken_at),
        "hash": own.hash.hex(),
        "previous": own.previous.hex(),
        **{name: own.sum(name) for name in ("arrived", "unsent", "entered")},
        "missing": list(own.missing),
        "desks": [dict(desk) for desk in own.desks],
        "changes": [{"desk": each.desk, "cause": each.cause.value, "dossiers": each.dossiers} for each in own.changes],
    }


def document_content(central: Central, scope: Scope, period: Period, revision: int) -> dict[str, Any]:
    """The signed bytes, with the fields of a line of an export; raises NotPermitted, UnknownSnapshot.

    They are about every desk and cannot be cut, so only those may read them who see everything.
    """
    if scope != EVERYTHING:
        raise NotPermitted
    with reading(central.database):
        published = _published(period, revision)
    assert published.step.snapshot
    return {
        "first_on": period.first_on.isoformat(),
        "last_on": period.last_on.isoformat(),
        "number": published.step.number,
        "step": published.step.step.value,
        **published.step.snapshot.as_json(),
        "hash": published.snapshot.hash.hex(),
        "centre_key": encoded(central.keys.signing.public),
    }


def _published(period: Period, revision: int) -> _Published:
    step = periods.publication(period, revision) if revision < PUBLICATIONS_MAX else None
    if step is None or step.snapshot is None:
        raise UnknownSnapshot(period=str(period), revision=revision)
    return _Published(step=step, snapshot=read_snapshot(step.snapshot))
