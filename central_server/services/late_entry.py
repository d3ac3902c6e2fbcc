"""Dossiers that were entered in a period and received before it: a desk that types its backlog is not idle.

Source: the contract's desk flags; the period of a dossier is that of its reception, whenever it was entered.
"""

from collections.abc import Mapping

from central_server.central import Central
from central_server.storage import dossiers, units
from central_server.storage.database import reading
from central_server.storage.units import Scope
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode


def recorded_for_earlier_days(central: Central, scope: Scope, period: Period) -> Mapping[DeskCode, int]:
    """How many dossiers each desk entered in a period for days before it; desks without any are left out."""
    with reading(central.database):
        return _seen(scope, period, dossiers.entered_for_earlier_days(period))


def recorded_after(central: Central, scope: Scope, period: Period) -> Mapping[DeskCode, int]:
    """How many dossiers of a period each desk entered after its end; desks without any are left out."""
    with reading(central.database):
        return _seen(scope, period, dossiers.entered_after(period))


def _seen(scope: Scope, period: Period, counts: Mapping[DeskCode, int]) -> dict[DeskCode, int]:
    return {desk.code: counts[desk.code] for desk in units.desks(scope, period.last_on) if desk.code in counts}
