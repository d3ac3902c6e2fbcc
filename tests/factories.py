"""Valid records for tests, so that a test states only what it is about. All people here are invented."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from desk_client.desk import Desk
from desk_client.services.signing_in import new_password_hash
from desk_client.services.taking_up import take_up
from desk_client.settings import Settings
from desk_client.storage import device
from desk_client.storage.clerks import Clerk
from desk_client.storage.database import open_database, write_transaction
from sync_protocol.calendars import TimeLimit, WorkingCalendar
from sync_protocol.certificates import Certificate
from sync_protocol.dossier_codes import SerialRule
from sync_protocol.packs import (
    DeskProfile,
    PackKind,
    calendar_content,
    desk_content,
    procedures_content,
    signed_pack,
)
from sync_protocol.periods import PeriodSeries
from sync_protocol.procedures import Procedure, ProcedureLimit
from sync_protocol.signing import Signed, SigningKey, agreement_public
from sync_protocol.vocabulary import Channel, DeviceId, LimitUnit, Role, UnitLevel

NOW = datetime(2021, 10, 4, 2, 0, tzinfo=UTC)
"""Monday 4 October 2021, 09:00 local."""

CENTRE_KEY = SigningKey.from_seed(b"c" * 32)
CLERK = Clerk(username="an.nv", full_name="Nguyễn Văn An", role=Role.HEAD)
PASSWORD = "mot-cua-2021"

PROCEDURES = (
    ("2.000815", "Chứng thực bản sao từ bản chính giấy tờ, văn bản", "Chứng thực", 0, LimitUnit.SAME_DAY),
    ("2.000884", "Chứng thực chữ ký trong các giấy tờ, văn bản", "Chứng thực", 0, LimitUnit.SAME_DAY),
    ("1.001193", "Đăng ký khai sinh", "Hộ tịch", 0, LimitUnit.SAME_DAY),
    ("1.000894", "Đăng ký kết hôn", "Hộ tịch", 0, LimitUnit.SAME_DAY),
    ("1.004873", "Cấp Giấy xác nhận tình trạng hôn nhân", "Hộ tịch", 3, LimitUnit.WORKING_DAY),
    ("2.000635", "Cấp bản sao trích lục hộ tịch", "Hộ tịch", 0, LimitUnit.SAME_DAY),
)


class StandingClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Moves the clock by a timedelta's arguments."""
        self.at += timedelta(**by)


def profile(code: str = "H62.11.01", **overrides: Any) -> DeskProfile:
    """What a desk is told about itself."""
    values: dict[str, Any] = {
        "code": code,
        "name": "Bộ phận Một cửa Phường Tích Sơn",
        "unit_name": "Phường Tích Sơn",
        "level": UnitLevel.COMMUNE,
        "identifier_code": code,
        "phone": "02110000001",
        "threshold": 50,
        "series": PeriodSeries(last_day=20),
        "serials": SerialRule(),
    }
    return DeskProfile(**values | overrides)


def procedures() -> list[Procedure]:
    """A handful of procedures of a commune."""
    return [
        Procedure(
            code=code,
            name=name,
            field=field,
            limits=(ProcedureLimit(committed=TimeLimit(value=Decimal(value), unit=unit)),),
            channels=(Channel.DIRECT, Channel.ONLINE),
        )
        for code, name, field, value, unit in PROCEDURES
    ]


def calendar() -> WorkingCalendar:
    """A calendar without holidays."""
    return WorkingCalendar(days_off=frozenset[date](), make_up_days=frozenset[date]())


def signed_packs(key: SigningKey = CENTRE_KEY, code: str = "H62.11.01", **overrides: Any) -> dict[PackKind, Signed]:
    """One pack of each kind."""
    return {
        PackKind.PROCEDURES: signed_pack(key, PackKind.PROCEDURES, procedures_content(procedures(), NOW.date())),
        PackKind.CALENDAR: signed_pack(key, PackKind.CALENDAR, calendar_content(calendar())),
        PackKind.DESK: signed_pack(key, PackKind.DESK, desk_content(profile(code, **overrides))),
    }


def bare_desk(folder: Path, clock: Callable[[], datetime] | None = None, *, is_practice: bool = False) -> Desk:
    """An installation that is not enrolled, on an encrypted file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return Desk(
        settings=Settings(data=folder, key_store="file"),
        database=open_database(folder / "desk.db", "ab" * 32),
        clock=clock or StandingClock(),
        monotonic_ms=lambda: 1_000,
        boot="boot0001",
        randomness=os.urandom,
        is_practice=is_practice,
    )


def enrolled_desk(
    folder: Path,
    *,
    clock: Callable[[], datetime] | None = None,
    code: str = "H62.11.01",
    slot: int = 1,
    training: bool = False,
    **overrides: Any,
) -> Desk:
    """A device with a certificate, packs and the account an.nv, enrolled without a centre."""
    desk = bare_desk(folder, clock)
    signing_seed, agreement_seed = bytes([slot]) * 32, bytes([slot + 100]) * 32
    certificate = Certificate(
        device=DeviceId(code, slot),
        signing_key=SigningKey.from_seed(signing_seed).public,
        agreement_key=agreement_public(agreement_seed),
        issued_at=desk.clock(),
        training=training,
        centre_key=CENTRE_KEY.public,
        centre_agreement_key=agreement_public(b"d" * 32),
    )
    with write_transaction(desk.database):
        device.keep_keys("http://127.0.0.1:1", signing_seed, agreement_seed)
    packs = [*signed_packs(code=code, **overrides).values()]
    take_up(desk, certificate.signed_by(CENTRE_KEY), packs, CLERK, new_password_hash(PASSWORD))
    return desk


def reception(**overrides: Any) -> dict[str, Any]:
    """What a clerk types of a dossier."""
    return {
        "procedure_code": "1.004873",
        "submitter_name": "Nguyễn Thị Hường",
        "owner_name": "Nguyễn Thị Hường",
        "owner_type": "citizen",
        "channel": "direct",
        "delivery_method": "counter",
        "set_count": 1,
        "id_type": "cccd",
        "id_number": "026185900001",
        "phone": "0987000001",
        "address_text": "Thôn Đông, Xã Định Trung",
    } | overrides
