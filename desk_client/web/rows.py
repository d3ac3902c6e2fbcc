"""Dossiers in tables: a line in words, with what is mostly done next."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from desk_client.services.listing import DossierLine
from desk_client.web.due_words import DueWords, running_words
from desk_client.web.present import desk
from desk_client.web.speech import gettext
from desk_client.web.step_words import STEPS, USUAL
from sync_protocol.dossiers import STAGE_WORDS
from sync_protocol.procedures import Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A dossier of a table: its line, its words, and the usual next step ("" where there is none)."""

    line: DossierLine
    name: str
    url: str
    procedure_name: str
    stage: str
    due: DueWords
    action: str
    action_url: str


def rows_of(lines: Iterable[DossierLine]) -> list[Row]:
    """Lines as tables show them."""
    procedures = desk().packs().procedures
    return [_row(line, procedures.get(line.procedure_code)) for line in lines]


def _row(line: DossierLine, procedure: Procedure | None) -> Row:
    usual = USUAL.get(line.stage)
    return Row(
        line=line,
        name=line.dossier_code or gettext("Dossier without a code"),
        url=url_for("dossiers.dossier", dossier_id=line.id),
        procedure_name=procedure.name if procedure else line.procedure_code,
        stage=gettext(STAGE_WORDS[line.stage]),
        due=running_words(line.stage, line.due_at, line.days_left),
        action=gettext(STEPS[usual].button) if usual else "",
        action_url=url_for("steps.form", dossier_id=line.id, kind=usual.value) if usual else "",
    )
