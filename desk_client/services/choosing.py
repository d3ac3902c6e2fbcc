"""Choosing a procedure: the ones this desk may receive, the usual ones first."""

from desk_client.desk import Desk
from desk_client.storage import dossiers
from desk_client.storage.database import reading
from sync_protocol.procedures import Procedure
from sync_protocol.texts import collation_key, folded

USUAL_MAX = 50
"""Procedures put first by use; the others follow in the order of the alphabet."""


def procedures_offered(desk: Desk, query: str = "") -> list[Procedure]:
    """Procedures whose name or code holds every word of the query, marks and case aside.

    Most used here first, then those in which the words stand together as typed, then by the alphabet.
    """
    phrase = folded(query)
    words = phrase.split()
    with reading(desk.database):
        usual = dossiers.usual_procedures(USUAL_MAX)
    places = {code: place for place, code in enumerate(usual)}
    found = [each for each in desk.packs().procedures.values() if _holds(each, words)]
    return sorted(found, key=lambda each: _rank(each, places.get(each.code, USUAL_MAX), phrase))


def _rank(procedure: Procedure, place: int, phrase: str) -> tuple[int, bool, bool, str]:
    name = folded(procedure.name)
    return place, not name.startswith(phrase), phrase not in name, collation_key(procedure.name)


def _holds(procedure: Procedure, words: list[str]) -> bool:
    text = folded(f"{procedure.code} {procedure.name}")
    return all(word in text for word in words)
