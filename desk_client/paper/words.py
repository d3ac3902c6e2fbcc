"""How days, hours and closed sets are said on a form. Forms are Vietnamese whatever language the clerk has chosen."""

from datetime import date, datetime
from decimal import Decimal

from sync_protocol.calendars import TimeLimit
from sync_protocol.instants import LOCAL
from sync_protocol.vocabulary import Cause, Channel, Declaration, DeliveryMethod, LimitUnit

NO_LIMIT = "Không quy định thời hạn"

CHANNELS = {
    Channel.DIRECT: "nộp trực tiếp",
    Channel.ONLINE: "nộp trực tuyến",
    Channel.POST: "nộp qua bưu chính công ích",
}

DELIVERY_METHODS = {
    DeliveryMethod.COUNTER: "Trực tiếp tại nơi nộp hồ sơ",
    DeliveryMethod.POST: "Qua dịch vụ bưu chính công ích",
    DeliveryMethod.ONLINE: "Trực tuyến",
}

LIMITS = {
    LimitUnit.SAME_DAY: "trong ngày",
    LimitUnit.HOUR: "{} giờ",
    LimitUnit.HALF_DAY: "{} buổi",
    LimitUnit.WORKING_DAY: "{} ngày làm việc",
    LimitUnit.CALENDAR_DAY: "{} ngày",
}

DECLARATIONS = {
    Declaration.COMPLETE: "Đã nhập đủ hồ sơ của kỳ",
    Declaration.NIL: "Không phát sinh hồ sơ trong kỳ",
}

CAUSES = {
    Cause.NO_NETWORK: "Không có mạng",
    Cause.MACHINE_BROKEN: "Máy hỏng",
    Cause.STAFF: "Thiếu cán bộ",
    Cause.NOTHING_AROSE: "Không phát sinh hồ sơ",
    Cause.OTHER_SOFTWARE: "Hồ sơ nhập ở phần mềm khác",
    Cause.OTHER: "Lý do khác",
}


def day_words(day: date) -> str:
    """A local day in words, ``ngày 07 tháng 10 năm 2021``."""
    return f"ngày {day:%d} tháng {day:%m} năm {day:%Y}"


def instant_words(instant: datetime) -> str:
    """An aware instant in words, ``17 giờ 00 phút, ngày 07 tháng 10 năm 2021``."""
    local = instant.astimezone(LOCAL)
    return f"{local:%H} giờ {local:%M} phút, {day_words(local.date())}"


def hour_and_day(instant: datetime) -> str:
    """An aware instant in figures, ``08:15 05/10/2021``."""
    return instant.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y")


def span_words(first: date, last: date) -> str:
    """A period of local days, both inside it, ``từ ngày 21/09/2021 đến ngày 20/10/2021``."""
    return f"từ ngày {first:%d/%m/%Y} đến ngày {last:%d/%m/%Y}"


def limit_words(limit: TimeLimit | None) -> str:
    """A time limit, ``3 ngày làm việc``; None is a procedure without one."""
    if limit is None:
        return NO_LIMIT
    value = Decimal(str(limit.value)).normalize()
    return LIMITS[limit.unit].format(f"{value:f}".replace(".", ","))


def copies_words(count: int) -> str:
    """How many copies or sets, as forms write it, with two digits at least: ``01``."""
    return f"{count:02}"


def count_words(count: int) -> str:
    """A count with a dot for thousands, ``1.234``."""
    return f"{count:,}".replace(",", ".")
