"""Standings as machines are told them: one object a desk, with the fields of ``standings --json``."""

from functools import lru_cache
from typing import Any

from central_server.services.assessing import PERIODS_KEPT, DeskStanding
from central_server.services.standing import Standings, judgement_content
from central_server.storage.latest import Latest
from sync_protocol.instants import instant_text
from sync_protocol.messages import sentence
from sync_protocol.periods import Period
from sync_protocol.vocabulary import DeskCode


def standings_content(told: Standings) -> dict[str, Any]:
    """The standings of a period with how far it has come."""
    return {
        "period": str(told.period),
        "as_of": instant_text(told.now),
        "is_open": told.is_open,
        "pace": round(told.pace, 4),
        "desks": _told(told.period).of_all([each.desk.code for each in told.desks], [*zip(told.desks)], _content),
    }


def standing_content(each: DeskStanding) -> dict[str, Any]:
    """The row of a desk; the evidence is the Vietnamese sentence that its supervisor reads."""
    stated_at = each.judgement.last_statement_at
    return {
        "desk": each.desk.code,
        "name": each.desk.name,
        "unit": each.desk.unit.name,
        "district": each.desk.district.name,
        "level": each.desk.unit.level.value,
        **judgement_content(each.judgement),
        "evidence": sentence(each.judgement.evidence, "vi"),
        "last_statement_at": instant_text(stated_at) if stated_at else None,
    }


def _content(given: tuple[DeskStanding]) -> dict[str, Any]:
    return standing_content(*given)


@lru_cache(maxsize=PERIODS_KEPT)
def _told(_period: Period) -> Latest[DeskCode, tuple[DeskStanding], dict[str, Any]]:
    """Of most desks nothing new is told from one question to the next; whoever is told only reads it."""
    return Latest()
