"""A desk's standing as machines are told it: one object with the fields of ``standings --json``."""

from typing import Any

from central_server.services.standing import DeskStanding
from sync_protocol.instants import instant_text
from sync_protocol.messages import sentence


def standing_content(each: DeskStanding) -> dict[str, Any]:
    """The row of a desk; the evidence is the Vietnamese sentence that its supervisor reads."""
    judgement = each.judgement
    return {
        "desk": each.desk.code,
        "name": each.desk.name,
        "unit": each.desk.unit.name,
        "district": each.desk.district.name,
        "level": each.desk.unit.level.value,
        "arrived": judgement.arrived,
        "unsent": judgement.unsent,
        "entered": judgement.entered,
        "threshold": judgement.threshold,
        "flag": judgement.flag.value,
        "flag_proven": judgement.flag_proven,
        "standing": judgement.standing.value,
        "covered_until": instant_text(judgement.covered_until) if judgement.covered_until else None,
        "evidence": sentence(judgement.evidence, "vi"),
        "last_statement_at": instant_text(judgement.last_statement_at) if judgement.last_statement_at else None,
    }
