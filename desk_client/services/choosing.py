"""Choosing a procedure: the ones this desk may receive, the usual ones first."""

from desk_client.desk import Desk
from desk_client.storage import dossiers
from desk_client.storage.database import reading
from sync_protocol.packs import Procedure
from sync_protocol.texts import collation_key, folded

USUAL_MAX = 50
"""Procedures put first by use; the others follow in the order of the alphabet."""


def procedures_offered(desk: Desk, query: str = "") -> list[Procedure]:
    """Procedures whose name or code holds every word of the query, marks and case aside; most used here first."""
    words = folded(query).split()
    with reading(desk.database):
        usual = dossiers.usual_procedures(USUAL_MAX)
    places = {code: place for place, code in enumerate(usual)}
    found = [each for each in desk.packs().procedures.values() if _holds(each, words)]
    return sorted(found, key=lambda each: (places.get(each.code, USUAL_MAX), collation_key(each.name)))


def _holds(procedure: Procedure, words: list[str]) -> bool:
    text = folded(f"{procedure.code} {procedure.name}")
    return all(word in text for word in words)
