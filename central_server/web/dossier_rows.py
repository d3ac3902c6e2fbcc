"""Rows of the lists of dossiers, by codes and dates alone: those behind the figures of lateness and of reports."""

from dataclasses import dataclass

from central_server.services.lateness import LateDossier
from central_server.storage.counted_dossiers import CountedDossier
from central_server.storage.units import DeskNode
from central_server.web.desk_rows import COMMON_NAME
from central_server.web.speech import gettext
from sync_protocol.dossiers import STAGE_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierShown:
    """A dossier of a list."""

    dossier: LateDossier | CountedDossier
    desk: DeskNode
    desk_name: str
    procedure: str
    stage: str


def dossier_shown(dossier: LateDossier | CountedDossier, desk: DeskNode, procedure: str) -> DossierShown:
    """A dossier of a desk, in the words of the page."""
    return DossierShown(
        dossier=dossier,
        desk=desk,
        desk_name=desk.name.removeprefix(COMMON_NAME),
        procedure=procedure,
        stage=gettext(STAGE_WORDS[dossier.stage]),
    )
