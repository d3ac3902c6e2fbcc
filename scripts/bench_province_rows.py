"""The rows of a centre of very many desks, straight in the tables that a centre's intake would have filled.

Units, desks, machines, and the dossiers of one year with the count that each reception adds, drawn evenly over the
working days; without the sealed entries behind them, since 1,000,000 receptions would take hours to sign.
"""

import random
from datetime import date, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any

from peewee import Model, Value, fn

from central_server.central import Central
from central_server.opening import open_central, prepare_folder
from central_server.services import founding, signing_in
from central_server.settings import Settings
from central_server.storage.counters import months_of
from central_server.storage.database import is_postgresql, reading, write_rows, write_transaction
from central_server.storage.models import (
    Counter,
    DeskRow,
    DeviceRow,
    DossierRow,
    MonthCount,
    Unit,
    UnitName,
    UnitParent,
    Unsent,
)
from sync_protocol.instants import local_instant, parse_instant
from sync_protocol.vocabulary import Role
from tests.central.browsing import PASSWORD
from tests.processes import LOADS, REFERENCE

DISTRICTS = 400
DAYS = 250
LAST_ON = date(2021, 10, 20)
NOW = "2021-10-21T08:00:00+07:00"
BEGUN_ON = date(2019, 1, 1)
ROOT = "p"
PROVINCE_CODE = "26"
NO_DEVICE, SILENT, HOLDS = 50, 20, 30
"""Of so many desks one has no machine, is silent since days, holds something back."""


def centre_of(folder: Path, url: str, desks: int) -> Central:
    """A centre with its calendar, its units and desks, each with the machine that it has."""
    prepare_folder(folder)
    central = open_central(Settings(data=folder, database=url))
    founding.found(central, training=True)
    founding.set_clock(central, parse_instant(NOW))
    founding.load(central, "calendar", (REFERENCE / dict(LOADS)["calendar"]).read_text("utf-8"))
    with write_transaction(central.database):
        _write_units(central, desks)
        _write_machines(central, desks)
    signing_in.add_user(
        central, username="tinh", full_name="Phòng Kiểm soát", role=Role.PROVINCE, unit_code=None, password=PASSWORD
    )
    return central


def _write_units(central: Central, desks: int) -> None:
    """The province, its districts, and as many communes as are left, each unit with its desk."""
    communes = range(desks - DISTRICTS - 1)
    districts = [f"d{number}" for number in range(DISTRICTS)]
    ids = [ROOT, *districts, *(f"c{number}" for number in communes)]
    levels = ["province", *["district"] * DISTRICTS, *["commune"] * len(communes)]
    names = ["Tỉnh Mẫu", *(f"Huyện {id_}" for id_ in districts), *(f"Xã {number}" for number in communes)]
    codes = [PROVINCE_CODE, *ids[1:]]
    parents = [*[ROOT] * DISTRICTS, *(districts[number % DISTRICTS] for number in communes)]
    since = [BEGUN_ON] * desks
    _write(central, Unit, id=ids, level=levels, valid_from=since)
    _write(central, UnitName, unit_id=ids, valid_from=since, code=codes, name=names)
    _write(central, UnitParent, unit_id=ids[1:], valid_from=since[1:], parent_id=parents)
    _write(
        central,
        DeskRow,
        code=_codes(desks),
        unit_id=ids,
        name=[f"Bộ phận Một cửa {name}" for name in names],
        identifier_code=_codes(desks),
        phone=["02110000000"] * desks,
        valid_from=since,
        ledger_sequence=[0] * desks,
        successor=[""] * desks,
    )


def _write_machines(central: Central, desks: int) -> None:
    """A machine in nearly every desk: most have stated to the end of the period that they hold nothing back."""
    numbered = [(number, code) for number, code in enumerate(_codes(desks)) if number % NO_DEVICE]
    count, began = len(numbered), local_instant(BEGUN_ON, wall_time(8))
    stated = [
        parse_instant(NOW) - timedelta(days=0 if number % SILENT else 10, seconds=number % 3600)
        for number, _ in numbered
    ]
    _write(
        central,
        DeviceRow,
        desk=[code for _, code in numbered],
        slot=[1] * count,
        state=["active"] * count,
        **{name: [b""] * count for name in ("signing_key", "agreement_key", "certificate", "certificate_signature")},
        enrolled_at=[began] * count,
        app_version=["0.1.0"] * count,
        epoch=[1] * count,
        head=[0] * count,
        head_hash=[b""] * count,
        heard_at=stated,
        stated_at=stated,
        stated_head=[0] * count,
        covered_until=stated,
        ticket=[""] * count,
        previous_ticket=[""] * count,
    )
    holding = [code for number, code in numbered if number % HOLDS == 0]
    held = len(holding)
    _write(central, Unsent, desk=holding, slot=[1] * held, received_on=[LAST_ON] * held, count=[3] * held)


def fill(central: Central, desks: int, first: int, last: int) -> None:
    """Writes the dossiers of each working day, of the first to the last desk drawn for it, with their counts."""
    codes = _codes(desks)
    for number, day in enumerate(_days()):
        drawn = codes * (last // desks + 1)
        random.Random(number).shuffle(drawn)
        with write_transaction(central.database):
            _write_dossiers(central, drawn[first:last], day, first)
            counts: dict[str, int] = {}
            for code in drawn[first:last]:
                counts[code] = counts.get(code, 0) + 1
            _write(
                central,
                Counter,
                desk=list(counts),
                received_on=[day] * len(counts),
                ledger_on=[day] * len(counts),
                slot=[1 + bool(first)] * len(counts),
                count=list(counts.values()),
            )
    _sum_up(central)
    if is_postgresql(central.database):
        # As the server does by itself, some time after so many rows came; while it does, it has less time to answer.
        with reading(central.database):
            central.database.execute_sql("VACUUM ANALYZE")
            central.database.execute_sql("CHECKPOINT")


def _sum_up(central: Central) -> None:
    """Makes the sums by months of the daily counts."""
    row, each = MonthCount, Counter
    months: dict[date, list[date]] = {}
    for day in _days():
        for first_on in months_of(day):
            months.setdefault(first_on, []).append(day)
    with write_transaction(central.database):
        row.delete().execute()
        for first_on, days in months.items():
            summed = each.select(each.desk, Value(first_on), fn.SUM(each.count)).where(each.received_on.in_(days))
            row.insert_from(summed.group_by(each.desk), [row.desk, row.first_on, row.count]).execute()


def _write_dossiers(central: Central, codes: list[str], day: date, first: int) -> None:
    count, at = len(codes), local_instant(day, wall_time(9))
    _write(
        central,
        DossierRow,
        desk=codes,
        id=[f"1.1.{day:%y%m%d}{first + number:05d}" for number in range(count)],
        dossier_code=[f"H62-{day:%y%m%d}-{first + number:05d}" for number in range(count)],
        procedure_code=["2.000815"] * count,
        channel=["direct"] * count,
        stage=["delivered"] * count,
        received_at=[at] * count,
        received_on=[day] * count,
        recorded_at=[at] * count,
        recorded_on=[day] * count,
        received_by=["truong"] * count,
        due_at=[at] * count,
        due_on=[day] * count,
        resolved_at=[at] * count,
        ended_on=[day] * count,
        delivered_at=[at] * count,
        delivered_on=[day] * count,
        delivered_by=["truong"] * count,
        state=[b"{}"] * count,
    )


def _write(central: Central, model: type[Model], **columns: list[Any]) -> None:
    write_rows(central.database, model, columns)


def _codes(desks: int) -> list[str]:
    return [f"H62.{number:05d}" for number in range(desks)]


def _days() -> list[date]:
    """The last working days of the year, the weekends being off."""
    all_days = (LAST_ON - timedelta(days=ago) for ago in range(2 * DAYS))
    return [day for day in all_days if day.weekday() < 5][:DAYS]
