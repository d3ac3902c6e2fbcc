"""The reminder letter of a unit for a period: proven flags only, and beside them, not accused, what is not known."""

from central_server.central import Central
from central_server.paper.administrative import place_of
from central_server.paper.reminder import ReminderLetter, ReminderRow, UnknownRow, reminder_pdf
from central_server.services import standing
from central_server.services.assessing import DeskStanding
from central_server.services.signing_in import UnknownUnit
from central_server.services.standing import Standings
from central_server.storage import units
from central_server.storage.database import reading
from central_server.storage.units import Scope, UnitNode
from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.messages import sentence
from sync_protocol.periods import Period
from sync_protocol.vocabulary import Standing

CONNECT = "Bật máy và kết nối mạng để máy tự báo và gửi số liệu."
REQUESTS = {
    Standing.HELD: "Kết nối mạng để máy tự gửi số hồ sơ còn lại.",
    Standing.NO_DEVICE: "Liên hệ cán bộ theo dõi để đăng ký máy.",
    Standing.ELSEWHERE: "Nộp tệp số liệu của phần mềm đang dùng, rồi xác nhận kỳ.",
    Standing.UNDER_REVIEW: "Tỉnh đang xem xét bản ghi tạm giữ; Bộ phận chưa phải làm gì.",
}
"""What would help to know; everybody else is asked to connect."""


class PeriodStillRuns(FieldSyncError):
    """A letter is asked for while desks still have time to enter."""

    code = "period_still_runs"
    text = N_("The period %(period)s has not ended yet, so nobody is reminded. Ask for the letter after its last day.")


class NobodyToRemind(FieldSyncError):
    """A letter is asked for a unit all of whose desks have done enough."""

    code = "nobody_to_remind"
    text = N_("Every desk of this unit reached the level or is not judged in the period. No letter is needed.")


def reminder_letter(central: Central, scope: Scope, unit_id: str, period: Period) -> bytes:
    """The letter as PDF; raises UnknownUnit, also outside the scope, PeriodStillRuns and NobodyToRemind."""
    unit, superior = _unit_and_superior(central, scope, unit_id, period)
    told = standing.standings(central, scope, period, under=unit.id)
    if told.is_open:
        raise PeriodStillRuns(period=str(period))
    letter = _letter(told, unit, superior, training=central.about().training)
    if not (letter.zero or letter.few or letter.unknown):
        raise NobodyToRemind
    return reminder_pdf(letter)


def _unit_and_superior(
    central: Central, scope: Scope, unit_id: str, period: Period
) -> tuple[UnitNode, UnitNode | None]:
    with reading(central.database):
        known = units.tree(period.last_on)
    unit = known.get(unit_id)
    if unit is None or not units.is_inside(unit, scope):
        raise UnknownUnit(unit=unit_id)
    return unit, known.get(unit.parents[0]) if unit.parents else None


def _letter(told: Standings, unit: UnitNode, superior: UnitNode | None, *, training: bool) -> ReminderLetter:
    flagged = [each for each in told.desks if each.judgement.is_flagged]
    enough = [each for each in told.desks if each.judgement.standing in (Standing.MET, Standing.EXEMPT)]
    return ReminderLetter(
        unit=unit.name,
        superior=superior.name if superior else "",
        place=place_of((superior or unit).name),
        first_on=told.period.first_on,
        last_on=told.period.last_on,
        known_at=told.now,
        enough=len(enough),
        zero=[_reminded(each) for each in flagged if each.judgement.standing is Standing.ZERO],
        few=[_reminded(each) for each in flagged if each.judgement.standing is Standing.FEW],
        unknown=[_unknown(each) for each in told.desks if each not in flagged and each not in enough],
        training=training,
    )


def _reminded(each: DeskStanding) -> ReminderRow:
    return ReminderRow(
        name=each.desk.name,
        code=each.desk.code,
        entered=each.judgement.entered,
        threshold=each.judgement.threshold,
        evidence=sentence(each.judgement.evidence, "vi"),
    )


def _unknown(each: DeskStanding) -> UnknownRow:
    return UnknownRow(
        name=each.desk.name,
        code=each.desk.code,
        evidence=sentence(each.judgement.evidence, "vi"),
        request=REQUESTS.get(each.judgement.standing, CONNECT),
    )
