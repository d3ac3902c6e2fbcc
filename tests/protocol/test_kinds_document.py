"""Section 5 of PROTOCOL.md says what the code does: the fields of every kind, and a dossier's life."""

import re
from dataclasses import replace

import pytest
from marshmallow import fields, validate

from sync_protocol.dossiers import UNCOUNTED
from sync_protocol.events import Corrected, Payload, Printed, Rated, Voided
from sync_protocol.schemas import CORRECTABLE, KINDS, SCHEMAS, ComponentSchema
from sync_protocol.transitions import FOLLOWS
from sync_protocol.vocabulary import DossierStage, EventKind
from tests.protocol import lives
from tests.protocol.test_protocol_document import TEXT, table

OPENINGS = (EventKind.REGISTER, EventKind.RECEIVE, EventKind.REFUSE_AT_DESK)
OF_OWN_FORM = frozenset({"phone", "dossier_code", "slip_code", "packs", "changes"})
"""Fields that are told by what they look like, or by what they hold."""

ANYWHERE = (Corrected, Rated, Printed, Voided)
EXAMPLES: dict[type[Payload], Payload] = {type(each): each for each in (lives.RECEIVED, lives.REFUSED, *lives.STEPS)}


def rows_of(kind: EventKind) -> dict[str, tuple[str, str]]:
    """Per field of a kind, whether it is required and its value; those that open a dossier share a table."""
    shared = table("The fields of a dossier") if kind in OPENINGS else []
    rows = [*shared, *table(f"`{kind.value}`")]
    return {name.strip("`"): (required, value) for name, required, value in rows}


@pytest.mark.parametrize("kind", EventKind)
def test_the_fields_of_each_kind_are_those_of_its_schema(kind: EventKind) -> None:
    told = {name: required for name, (required, _) in rows_of(kind).items()}

    assert told == {name: "yes" if field.required else "no" for name, field in SCHEMAS[kind].fields.items()}


@pytest.mark.parametrize("kind", EventKind)
def test_the_words_that_a_field_may_have_are_all_told(kind: EventKind) -> None:
    told = {name: set(re.findall(r"`(\w+)`", value)) for name, (_, value) in rows_of(kind).items()}

    for name, field in SCHEMAS[kind].fields.items():
        if isinstance(field, fields.Enum):
            assert told[name] == {word.value for word in field.enum}, name


@pytest.mark.parametrize("kind", EventKind)
def test_the_bounds_of_each_field_are_told(kind: EventKind) -> None:
    told = {name: re.findall(r"\d+", value) for name, (_, value) in rows_of(kind).items()}

    for name, field in SCHEMAS[kind].fields.items():
        if name not in OF_OWN_FORM:
            assert set(bounds_of(field)) <= set(told[name]), name


def test_the_bounds_of_a_paper_are_told() -> None:
    (text,) = re.findall(r"A paper is an object (.*?)\n\n", TEXT, re.DOTALL)

    for name, field in ComponentSchema().fields.items():
        assert f"`{name}`" in text
        assert set(bounds_of(field)) <= set(re.findall(r"\d+", text))


def test_what_may_follow_each_stage_is_told_with_the_stage_that_it_becomes() -> None:
    told = {
        stage.strip("`"): dict(re.findall(r"`(\w+)`(?: → `(\w+)`)?", what))
        for stage, _, what in table("The life of a dossier")
    }

    assert told == {stage.value: followed_by(stage) for stage in DossierStage}
    assert all(FOLLOWS[kind] == set(DossierStage) - {DossierStage.VOIDED} for kind in ANYWHERE)


def test_the_stages_that_count_nowhere_are_told() -> None:
    told = {stage.strip("`") for stage, counts, _ in table("The life of a dossier") if counts == "no"}

    assert told == {stage.value for stage in UNCOUNTED}


def test_the_fields_that_may_be_corrected_are_told() -> None:
    (text,) = re.findall(r"Those that may be\s+corrected are (.*?)\. An empty", TEXT, re.DOTALL)
    shared = {name.strip("`") for name, _, _ in table("The fields of a dossier")}

    told = shared ^ set(re.findall(r"`(\w+)`", text))

    assert told == CORRECTABLE


def bounds_of(field: fields.Field[object]) -> list[str]:
    """The bounds that a field's checks keep; a least of 0 characters says nothing."""
    checks = [check for check in field.validators if isinstance(check, validate.Length | validate.Range)]
    return [str(bound) for check in checks for bound in (check.min or None, check.max) if bound is not None]


def followed_by(stage: DossierStage) -> dict[str, str]:
    """The kinds that may follow a stage, but for those that follow any, with the stage after: empty for the same."""
    kinds = [kind for kind, stages in FOLLOWS.items() if stage in stages and kind not in ANYWHERE]
    return {KINDS[kind].value: stage_after(stage, kind) for kind in kinds}


def stage_after(stage: DossierStage, kind: type[Payload]) -> str:
    """The stage after an event of a kind, empty where it stays the same."""
    before = replace(lives.after(lives.RECEIVED), stage=stage)
    after = lives.met(before, EXAMPLES[kind]).dossier.stage
    return "" if after is stage else after.value
