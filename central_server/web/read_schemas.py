"""What programs may ask of the read API and what it answers: the schemas that check, and that describe it."""

from collections.abc import Iterable
from datetime import time
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema
from marshmallow.fields import AwareDateTime, Boolean, Float, Integer, List, Nested, String
from marshmallow.validate import Length, OneOf, Range

from central_server.services.closing import PeriodState
from central_server.services.snapshots import ChangeCause
from central_server.storage.periods import PeriodStep
from sync_protocol.instants import local_instant
from sync_protocol.periods import EARLIEST_ON, LATEST_ON
from sync_protocol.vocabulary import Channel, DossierStage, Flag, ResultKind, Standing, UnitLevel

ASKED_CHARACTERS_MAX = 80
PERIOD_FORMS = "2021-10 (the month that ends there), 2021-Q3, 2021, or 2021-09-21..2021-10-20"


def text(told: str = "", *, null: bool = False, **metadata: Any) -> String:
    """A text that is always there; null where it says so."""
    return String(required=True, allow_none=null, metadata={"description": told} | metadata if told else metadata)


def instant(told: str = "", *, null: bool = False) -> String:
    """An instant in UTC to the second."""
    return text(told, null=null, format="date-time")


def count(told: str) -> Integer:
    """A number that is always there."""
    return Integer(required=True, strict=True, metadata={"description": told})


def word(words: Iterable[StrEnum], told: str = "", *, null: bool = False) -> String:
    """One of a closed set."""
    known = [each.value for each in words]
    return String(
        required=True,
        allow_none=null,
        validate=OneOf([*known, None] if null else known),
        metadata={"description": told},
    )


def asked(told: str, *, required: bool = False) -> String:
    """A parameter of a question."""
    return String(required=required, validate=Length(1, ASKED_CHARACTERS_MAX), metadata={"description": told})


class ToldRows(List[Any]):
    """Rows as `telling` has made them: to go through 11,000 of them again would take longer than to judge them.

    A test holds that they have exactly the fields of the schema.
    """

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class NothingAsked(Schema):
    """A question without parameters."""

    class Meta:
        unknown = RAISE


class StandingsAsked(NothingAsked):
    """Which standings."""

    period = asked(PERIOD_FORMS, required=True)
    unit = asked("Code of a unit within the token's own: only its subtree")
    as_of = AwareDateTime(
        format="iso",
        validate=Range(local_instant(EARLIEST_ON, time()), local_instant(LATEST_ON, time())),
        metadata={"description": "As known at this instant, with its offset; as known now if left out"},
    )


class ChangesAsked(NothingAsked):
    """From where on."""

    cursor = asked("The cursor of the page before; left out to read from the beginning")


class Answer(Schema):
    """What every answer says of itself."""

    training = Boolean(required=True, metadata={"description": "Whether the figures are not real: a training centre"})
    at = instant("The centre's time")


class StandingRow(Schema):
    """A desk in a period: how much was entered, and how far that is known (flag_proven, covered_until)."""

    desk = text("Code of the desk")
    name = text()
    unit = text("Name of its unit")
    district = text("Name of the unit that supervises it")
    level = word(UnitLevel)
    arrived = count("Dossiers received in the period that the centre holds")
    unsent = count("Dossiers of the period that its machines have stated they hold back")
    entered = count("arrived and unsent together")
    threshold = count("Below it a desk has entered few")
    flag = word(Flag, "The plain rule; says nothing against a desk unless flag_proven")
    flag_proven = Boolean(required=True, metadata={"description": "Whether the flag is known to the period's end"})
    standing = word(Standing)
    covered_until = instant("Until when it is known that nothing is held back", null=True)
    evidence = text("The Vietnamese sentence that its supervisor reads")
    last_statement_at = instant(null=True)


class Standings(Answer):
    """The standings of the desks of a scope; provisional while is_open, and wherever flag_proven is false."""

    period = text("First and last local day, both inclusive", example="2021-09-21..2021-10-20")
    as_of = instant("When they were known so")
    is_open = Boolean(required=True)
    pace = Float(required=True, metadata={"description": "Share of the period's working days that have passed, 0 to 1"})
    desks = ToldRows(Nested(StandingRow), required=True)


class PeriodRow(Schema):
    """A period and how far it has come."""

    name = text("As other questions take it", example="2021-10")
    first_on = text(format="date")
    last_on = text(format="date")
    state = word(PeriodState)
    published = count("How often its figures were published; the last revision is one less")


class Periods(Answer):
    """The running month, those before it, and whatever was closed besides, latest first."""

    periods = List(Nested(PeriodRow), required=True)


class PublishedRow(StandingRow):
    """A desk as it was published."""

    unit_id = text("Id of its unit, which outlives codes and names")
    district_id = text("Id of the unit that supervises it")


class ChangeRow(Schema):
    """What differs at a desk from the revision before, for one cause."""

    desk = text("Code of the desk")
    cause = word(ChangeCause)
    dossiers = count("How many more, or fewer")


class Figures(Answer):
    """The published figures of the desks of a scope."""

    period = text()
    revision = count("0 for the first closing, then 1, 2 …")
    taken_at = instant("When they were published")
    hash = text("SHA-256 of the signed document, in hexadecimal")
    previous = text("That of the revision before; empty for the first")
    arrived = count("Of these desks together")
    unsent = count("Of these desks together")
    entered = count("Of these desks together")
    missing = List(String(), required=True, metadata={"description": "Desks that were not known to the period's end"})
    desks = ToldRows(Nested(PublishedRow), required=True)
    changes = List(Nested(ChangeRow), required=True)


class Document(Answer):
    """Published figures as the centre has signed them, with the fields of a line of an export's snapshots.ndjson."""

    first_on = text(format="date")
    last_on = text(format="date")
    number = count("Which step of the period it was, from 1")
    step = word(PeriodStep)
    body = text("The signed bytes as text; never to be written again before the signature is checked")
    signature = text("Ed25519 over the bytes of body; base64 with the URL alphabet, without padding")
    hash = text("SHA-256 of the bytes of body, in hexadecimal")
    centre_key = text("The centre's public key; compare it with the one that you know from elsewhere")


class LedgerRow(Schema):
    """How far a desk's ledger has come."""

    desk = text("Code of the desk")
    cursor = text("Differs from the one that you keep where there is something new")


class Ledgers(Answer):
    """How far the ledgers of the desks of a scope have come."""

    ledgers = List(Nested(LedgerRow), required=True)


class DossierRow(Schema):
    """A dossier as it is now, without anything that citizens have told and without anybody's name."""

    desk = text("Code of the desk")
    id = text("Unique within the desk")
    dossier_code = text("The code on the slip; empty for one that was filed online and is not accepted, or was refused")
    procedure_code = text()
    channel = word(Channel)
    stage = word(DossierStage)
    is_counted = Boolean(required=True, metadata={"description": "False where it counts nowhere, such as a voided one"})
    is_erased = Boolean(required=True, metadata={"description": "Whether its contents were erased by law"})
    received_on = text("The local day in which it counts", format="date")
    recorded_on = text("The local day on which its reception was entered", format="date")
    due_at = instant(
        "Its appointment, null where nothing is promised. Whether an open one is overdue is known only up to its "
        "desk's covered_until; a change of the calendar moves it without being a change of the dossier",
        null=True,
    )
    received_at = instant()
    recorded_at = instant()
    resolved_at = instant(null=True)
    delivered_at = instant(null=True)
    closed_at = instant("When it ended without a result", null=True)
    result_kind = word(ResultKind, null=True)


class Changes(Answer):
    """Dossiers that have changed, each as it is now; the same one may stand in several pages."""

    desk = text("Code of the desk")
    dossiers = List(Nested(DossierRow), required=True)
    cursor = text("Where the next question goes on")
    has_more = Boolean(required=True, metadata={"description": "Whether another page follows at once"})


class ErrorTold(Schema):
    """What happened, what is safe and what to do, in both languages; `code` never changes its meaning."""

    code = text()
    vi = text()
    en = text()


class Refusal(Schema):
    """Any answer that is not 200."""

    error = Nested(ErrorTold, required=True)
