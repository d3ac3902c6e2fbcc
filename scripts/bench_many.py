"""A desk's file with 200,000 dossiers, and what the search and the lists cost on it."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from functools import partial

from desk_client.desk import Desk
from desk_client.services.listing import WorkList, list_counts, listed
from desk_client.services.searching import Wanted, search
from desk_client.storage import dossiers
from desk_client.storage.database import write_transaction
from desk_client.storage.dossiers import Stored
from scripts.bench_row import Row
from sync_protocol.dossiers import Dossier
from sync_protocol.instants import local_instant
from sync_protocol.vocabulary import Channel, DossierStage, Source

DOSSIERS = 200_000
BATCH = 20_000
A_DAY = 220
"""Dossiers of one reception day: 200,000 are some four years of a busy ward."""

STAGES = (
    [DossierStage.DELIVERED] * 800
    + [DossierStage.RESOLVED] * 120
    + [DossierStage.RECEIVED] * 40
    + [DossierStage.PROCESSING] * 20
    + [DossierStage.AWAITING_SUPPLEMENT] * 8
    + [DossierStage.WITHDRAWN] * 6
    + [DossierStage.SENT_BACK] * 6
)
"""Per mille: some hundred results lie for each that is collected late, as at desks that never record the hand-over."""

FAMILIES = ("Nguyễn",) * 38 + ("Trần",) * 11 + ("Lê",) * 9 + ("Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ") * 6
MIDDLES = ("Văn",) * 30 + ("Thị",) * 35 + ("Hữu", "Đức", "Minh", "Ngọc", "Quốc", "Xuân", "Hoàng", "Bảo") * 4
GIVEN = (
    "An", "Anh", "Bình", "Bích", "Châu", "Chi", "Cường", "Dung", "Đức", "Giang", "Hà", "Hải", "Hạnh", "Hiền", "Hiếu",
    "Hòa", "Hoàng", "Hồng", "Hùng", "Hương", "Khánh", "Khoa", "Lâm", "Lan", "Linh", "Loan", "Long", "Mai", "Minh",
    "Nam", "Nga", "Ngân", "Nghĩa", "Nhung", "Phong", "Phúc", "Phương", "Quang", "Quyên", "Sơn", "Tâm", "Thảo", "Thu",
    "Thủy", "Tùng", "Uyên", "Yến",
)  # fmt: skip
ROUNDS = 5

SEARCHES = {
    "one common word": Wanted(text="nguyen"),
    "three common words": Wanted(text="nguyen thi huong"),
    "three beginnings of words": Wanted(text="n t h"),
    "a code": Wanted(text="H62.01-200106-0007"),
    "a phone": Wanted(text="0987 000 123"),
    "a day": Wanted(first_on=date(2020, 1, 7), last_on=date(2020, 1, 7)),
    "a common word in a year and a stage": Wanted(
        text="nguyen", stages=(DossierStage.RESOLVED,), first_on=date(2019, 1, 15), last_on=date(2020, 1, 14)
    ),
}


def measured_on_many(desk: Desk) -> Iterator[Row]:
    """The medians of all searches and lists on a file that is filled first; the desk's own dossiers stay among them."""
    _fill(desk)
    for name, wanted in SEARCHES.items():
        yield Row(f"desk: 200,000 dossiers, search by {name}", _median_ms(partial(search, desk, wanted)), "ms")
    for which in WorkList:
        for by_name in (False, True):
            cost = _median_ms(partial(listed, desk, which, by_name=by_name))
            yield Row(f"desk: 200,000 dossiers, list {which}{' by name' * by_name}", cost, "ms")
    yield Row("desk: 200,000 dossiers, the counts of all lists", _median_ms(partial(list_counts, desk)), "ms")


def _fill(desk: Desk) -> None:
    """Writes the projection alone, as a rebuild from the journal would leave it."""
    chance = random.Random(2021)
    first_on = date(2019, 1, 1)
    for start in range(0, DOSSIERS, BATCH):
        with write_transaction(desk.database):
            for number in range(start, start + BATCH):
                dossiers.put(_dossier(number, first_on + timedelta(days=number // A_DAY), chance))


def _dossier(number: int, received_on: date, chance: random.Random) -> Stored:
    received_at = local_instant(received_on, wall_time(8, number % 60))
    submitter = _name(chance)
    stage = chance.choice(STAGES)
    return Stored(
        number=None,
        dossier=Dossier(
            id=f"9.1.{number + 1}",
            dossier_code=f"H62.01-{received_on:%y%m%d}-{number % A_DAY + 1:04d}",
            procedure_code="2.000815",
            channel=Channel.DIRECT,
            stage=stage,
            received_at=received_at,
            recorded_at=received_at,
            received_by="truong",
            source=Source.DESK,
            resolved_at=_later(received_at, stage, DossierStage.RESOLVED, DossierStage.DELIVERED),
            delivered_at=_later(received_at, stage, DossierStage.DELIVERED),
        ),
        content={
            "submitter_name": submitter,
            "owner_name": submitter if chance.random() < 0.7 else _name(chance),
            "id_number": f"026{chance.randrange(10**9):09d}",
            "phone": f"0987{chance.randrange(10**6):06d}",
            "address_text": "Thôn Đông, Xã Định Trung",
            "set_count": 1,
        },
        due_at=received_at + timedelta(days=3),
        recorded_on=received_on,
    )


def _later(received_at: datetime, stage: DossierStage, *stages: DossierStage) -> datetime | None:
    return received_at + timedelta(days=2) if stage in stages else None


def _name(chance: random.Random) -> str:
    return " ".join(map(chance.choice, (FAMILIES, MIDDLES, GIVEN)))


def _median_ms(do: Callable[[], object]) -> float:
    return statistics.median(_seconds(do) for _ in range(ROUNDS)) * 1e3


def _seconds(do: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    do()
    return time.perf_counter() - began_s
