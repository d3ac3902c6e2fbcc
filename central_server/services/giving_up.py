"""Stating that what a machine held and never sent will not come any more: its numbers stay missing, for good.

Who states it says why, and that is kept among the changes of the desk. It changes no judgement: only statements of the
desk's own machines can prove that nothing more was entered, and a person far from the desk cannot speak for them. The
desk's own way stays open, to enter again from its papers and confirm the period on another machine. If some of the
numbers do come after all, what is still missing is another range, and the statement no longer holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from central_server.central import Central
from central_server.services.deciding import ReasonNeeded, check_who
from central_server.services.missing import Missing, missing_of
from central_server.storage import changes, devices
from central_server.storage.changes import Change
from central_server.storage.database import reading, write_transaction
from central_server.storage.units import Scope
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.texts import normalised
from sync_protocol.vocabulary import DeskCode, DeviceId

GIVE_UP = "give_up"
"""How the record of changes names it."""

REASON_CHARACTERS_LEAST, REASON_CHARACTERS_MAX = 2, 500
CHANGES_READ_MAX = 1_000


class NothingMissing(FieldSyncError):
    """A machine of which nothing is known to be missing, or which may still send it."""

    code = "nothing_missing"
    text = N_(
        "Nothing is known to be missing for good of machine %(device)s: either all has come, or the machine is still "
        "in use. Nothing was changed; look at the desk's page."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """That numbers will never come: why, who stated it, and when."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A range of entries that never arrived; `given_up` is None while they are still waited for."""

    missing: Missing
    given_up: GivenUp | None


def lacking(central: Central, code: DeskCode) -> list[Lacking]:
    """What the machines of a desk held that never arrived; the caller has seen to it that the desk may be seen."""
    with reading(central.database):
        ranges = _missing(central, code)
        stated = _stated(code) if ranges else {}
    return [Lacking(missing=each, given_up=stated.get(_name(each))) for each in ranges]


def give_up(central: Central, scope: Scope, device: DeviceId, *, reason: str, by: str) -> list[Missing]:
    """States that all that is missing of a machine will never come, and gives what that is; a second time adds nothing.

    Raises UnknownDesk, UnknownUser, ReasonNeeded, NothingMissing.
    """
    check_who(central, scope, device.desk, by)
    why = normalised(reason)
    if not REASON_CHARACTERS_LEAST <= len(why) <= REASON_CHARACTERS_MAX:
        raise ReasonNeeded
    with write_transaction(central.database):
        ranges = [each for each in _missing(central, device.desk) if each.device == device]
        if not ranges:
            raise NothingMissing(device=str(device))
        stated = _stated(device.desk)
        for each in ranges:
            if _name(each) not in stated:
                changes.keep(
                    Change(
                        at=central.now(),
                        who=by,
                        what=GIVE_UP,
                        desk=device.desk,
                        slot=device.slot,
                        before={},
                        after={"entries": _name(each), "dossiers": each.dossiers},
                        reason=why,
                    )
                )
    return ranges


def _missing(central: Central, code: DeskCode) -> Sequence[Missing]:
    found = missing_of(central.about(), devices.of_desk(code))
    return [each for ranges in found.values() for each in ranges]


def _stated(code: DeskCode) -> dict[str, GivenUp]:
    """What was given up, by the range that it was about."""
    made = changes.of_desk(code, CHANGES_READ_MAX)
    return {
        each.after["entries"]: GivenUp(reason=each.reason, by=each.who, at=each.at)
        for each in made
        if each.what == GIVE_UP
    }


def _name(each: Missing) -> str:
    return f"{each.first}–{each.last}"
