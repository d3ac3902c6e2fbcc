"""The training world: what 146 desks did from 21 September to 20 October 2021, the same for the same seed.

Every person, number and telephone here is invented. Run `python -m scripts.demo_world` to see a summary.
"""

import argparse
import csv
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

from sync_protocol.instants import LOCAL, local_date, local_instant
from sync_protocol.vocabulary import (
    Channel,
    DeliveryMethod,
    EventKind,
    Flag,
    IdType,
    LimitUnit,
    OwnerType,
    ResultKind,
    Standing,
    UnitLevel,
)

REFERENCE = Path(__file__).resolve().parent.parent / "central_server" / "reference"
PERIOD_FIRST = date(2021, 9, 21)
PERIOD_LAST = date(2021, 10, 20)
SESSIONS = ((time(7), time(11, 30)), (time(13, 30), time(17)))
DOSSIERS_TOTAL = 8_190
THRESHOLD = 50

Line = dict[str, str | int]
"""One line of `desk-client record`: an event with its reference, its time and its fields."""


class Story(StrEnum):
    """What a desk does in the period."""

    NIL_DECLARED = "nil_declared"
    ZERO = "zero"
    FEW = "few"
    PLENTY = "plenty"
    UNSENT = "unsent"
    SILENT = "silent"
    NEVER_HEARD = "never_heard"
    NO_DEVICE = "no_device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the centre must say of a desk once its story is told."""

    arrived: int
    unsent: int
    standing: Standing
    flag: Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskPlan:
    """One desk of the training world.

    contact_at      the desk's last contact, aware UTC, after its last event; None without a device
    clerk_username  ASCII letters and digits, unique in the world
    """

    desk_code: str
    name: str
    unit_code: str
    level: UnitLevel
    story: Story
    contact_at: datetime | None
    clerk_name: str
    clerk_username: str
    seed: int
    dossier_count: int
    expected: Expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A province, district or commune of 2021."""

    code: str
    name: str
    level: UnitLevel
    parent_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure as the demo needs it; limit_unit is None where the portal gives no limit."""

    code: str
    levels: frozenset[str]
    limit_value: int
    limit_unit: LimitUnit | None
    channels: tuple[Channel, ...]
    for_business: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The reference files that the world is built from; days_off and days_worked are the calendar's exceptions."""

    units: dict[str, Unit]
    desks: tuple[tuple[str, str, str], ...]
    procedures: tuple[Procedure, ...]
    days_off: frozenset[date]
    days_worked: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day in self.days_worked or (day.weekday() < 5 and day not in self.days_off)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """An invented clerk and the account."""

    name: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An invented citizen."""

    name: str
    id_number: str
    phone: str
    address: str


@cache
def load_reference(folder: Path = REFERENCE) -> Reference:
    """The reference files, read once a process."""
    limits = {row["code"]: row for row in _rows(folder, "procedure_limits", "invented_procedure_limits")}
    calendar = list(_rows(folder, "calendar_vn_2019_2027"))
    return Reference(
        units={
            row["code"]: Unit(
                code=row["code"],
                name=row["name"],
                level=UnitLevel(row["level"]),
                parent_code=row["parent_code"],
            )
            for row in _rows(folder, "admin_units_vinh_phuc_2021")
        },
        desks=tuple((row["code"], row["name"], row["unit_code"]) for row in _rows(folder, "invented_desks")),
        procedures=tuple(
            _procedure(row, limits[row["code"]]) for row in _rows(folder, "procedures", "invented_procedures")
        ),
        days_off=frozenset(date.fromisoformat(row["date"]) for row in calendar if row["kind"] == "off"),
        days_worked=frozenset(date.fromisoformat(row["date"]) for row in calendar if row["kind"] == "work"),
    )


def plan_world(seed: int = 2021) -> list[DeskPlan]:
    """One plan for each desk, in the order of the file of desks, about 8,000 dossiers in all."""
    reference = load_reference()
    rng = Random(seed)
    stories = _stories(reference, rng)
    counts = _dossier_counts(reference, stories, rng)
    contacts = _contacts(stories, rng)
    clerks = _clerks(reference, rng)
    return [
        DeskPlan(
            desk_code=code,
            name=name,
            unit_code=unit_code,
            level=reference.units[unit_code].level,
            story=stories[code],
            contact_at=contacts[code],
            clerk_name=clerks[code].name,
            clerk_username=clerks[code].username,
            seed=rng.randrange(2**32),
            dossier_count=counts[code],
            expected=_expected(stories[code], counts[code]),
        )
        for code, name, unit_code in reference.desks
    ]


def events_of(plan: DeskPlan) -> Iterator[Line]:
    """The lines that the desk records, in the order of their times.

    Each `receive` carries a reference of its own ("d1", "d2", …, by reception); `resolve` and `deliver` follow it
    for most dossiers whose limit has passed, and none happens at or after the desk's last contact.
    """
    if plan.contact_at is None or plan.dossier_count == 0:
        return
    reference = load_reference()
    rng = Random(plan.seed)
    procedures = _procedures_at(reference, plan.level)
    weights = [1 / rank**1.2 for rank in range(1, len(procedures) + 1)]
    lines: list[tuple[datetime, Line]] = []
    communes = _communes_of(reference, plan.unit_code)
    for number, received_at in enumerate(_receptions(plan, reference, rng), start=1):
        procedure = rng.choices(procedures, weights)[0]
        for at, kind, fields in _life(reference, communes, procedure, received_at, rng):
            head: Line = {"event": kind.value, "dossier": f"d{number}", "at": at.isoformat()}
            lines.append((at, head | fields))
    lines.sort(key=lambda timed: timed[0])
    for at, line in lines:
        if at < plan.contact_at:
            yield line


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what the world holds, by story."""
    parser = argparse.ArgumentParser(description="Show what the training world holds, by story.")
    parser.add_argument("--seed", type=int, default=2021, help="another seed gives another world (2021)")
    plans = plan_world(parser.parse_args(arguments).seed)
    print(f"{'story':<14}{'desks':>7}{'dossiers':>10}{'arrived':>9}{'unsent':>8}{'lines':>8}")
    line_counts = {plan.desk_code: sum(1 for _ in events_of(plan)) for plan in plans}
    for story in Story:
        print(_summary_row(story, [plan for plan in plans if plan.story is story], line_counts))
    print(_summary_row("total", plans, line_counts))


def _rows(folder: Path, *names: str) -> Iterator[dict[str, str]]:
    for name in names:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _procedure(row: dict[str, str], limit: dict[str, str]) -> Procedure:
    # These went to communes only when the districts were abolished, so no commune of 2021 receives them.
    of_districts = "district level before" in limit["note"]
    return Procedure(
        code=row["code"],
        levels=frozenset(() if of_districts else row["level"].split("; ")),
        limit_value=int(limit["limit_value"] or 0),
        limit_unit=LimitUnit(limit["limit_unit"]) if limit["limit_unit"] else None,
        channels=tuple(Channel(channel) for channel in limit["channels"].split("|")),
        for_business=any(word in row["name"] for word in BUSINESS_WORDS),
    )


BUSINESS_WORDS = ("doanh nghiệp", "công ty", "đầu tư", "khuyến mại", "kinh doanh")

# ---- who does what ----

COMMUNE_STORIES = {
    Story.NIL_DECLARED: 6,
    Story.ZERO: 4,
    Story.FEW: 22,
    Story.UNSENT: 3,
    Story.SILENT: 6,
    Story.NEVER_HEARD: 3,
    Story.NO_DEVICE: 2,
}
# Two desks with enough before their line fails: met, whatever became of them since.
EARLY_CONTACTS = (datetime(2021, 10, 8, 16, tzinfo=LOCAL), datetime(2021, 10, 13, 16, tzinfo=LOCAL))
SILENT_SINCE = (date(2021, 9, 28), date(2021, 9, 30), date(2021, 10, 5), date(2021, 10, 7), date(2021, 10, 12))
LONG_AGO = datetime(2021, 9, 15, 16, tzinfo=LOCAL)
PROVINCE_DOSSIERS = 1_175
CITY_DOSSIERS = 580


def _stories(reference: Reference, rng: Random) -> dict[str, Story]:
    """The story of each desk; the quiet ones fall on communes, each district with its share."""
    by_district: dict[str, list[str]] = {}
    for code, _, unit_code in reference.desks:
        unit = reference.units[unit_code]
        if unit.level is UnitLevel.COMMUNE:
            by_district.setdefault(unit.parent_code, []).append(code)
    placed: list[tuple[float, str]] = []
    for codes in by_district.values():
        rng.shuffle(codes)
        placed += [((place + rng.random()) / len(codes), code) for place, code in enumerate(codes)]
    quiet = [story for story, count in COMMUNE_STORIES.items() for _ in range(count)]
    rng.shuffle(quiet)
    stories = {code: Story.PLENTY for code, _, _ in reference.desks}
    for (_, code), story in zip(sorted(placed), quiet, strict=False):
        stories[code] = story
    return stories


def _dossier_counts(reference: Reference, stories: dict[str, Story], rng: Random) -> dict[str, int]:
    """How many dossiers each desk records: two very busy places, then a Zipf-like tail down to the threshold."""
    counts = {code: _quiet_count(story, rng) for code, story in stories.items()}
    province, city = reference.desks[0][0], reference.desks[1][0]
    counts[province] = PROVINCE_DOSSIERS + rng.randint(-25, 25)
    counts[city] = CITY_DOSSIERS + rng.randint(-25, 25)
    plenty = [desk for desk in reference.desks if stories[desk[0]] is Story.PLENTY and desk[0] not in (province, city)]
    plenty.sort(key=lambda desk: rng.random() * (0.1 if _is_urban(reference.units[desk[2]]) else 1))
    shares = [rng.uniform(0.8, 1.2) / rank + rng.expovariate(60) for rank in range(1, len(plenty) + 1)]
    beyond = DOSSIERS_TOTAL - sum(counts.values()) - THRESHOLD * len(plenty)
    for (code, _, _), share in zip(plenty, shares, strict=True):
        counts[code] = THRESHOLD + int(beyond * share / sum(shares))
    return counts


def _quiet_count(story: Story, rng: Random) -> int:
    match story:
        case Story.FEW:
            return min(rng.randint(1, 49) for _ in range(3))
        case Story.UNSENT:
            return rng.randint(60, 140)
        case Story.SILENT:
            return rng.randint(5, 45)
        case _:
            return 0


def _is_urban(unit: Unit) -> bool:
    return unit.level is UnitLevel.DISTRICT or not unit.name.startswith("Xã")


def _contacts(stories: dict[str, Story], rng: Random) -> dict[str, datetime | None]:
    """The last contact of each desk, aware UTC."""
    contacts = {code: _contact_at(story, rng) for code, story in stories.items()}
    silent = [code for code, story in stories.items() if story is Story.SILENT]
    for place, code in enumerate(silent):
        day = SILENT_SINCE[place % len(SILENT_SINCE)]
        contacts[code] = local_instant(day, time(16, rng.randint(30, 59)))
    # The province's centre and the districts stay in contact to the end.
    communes = [code for code, story in stories.items() if story is Story.PLENTY and code.count(".") == 2]
    for code, last_at in zip(rng.sample(communes, len(EARLY_CONTACTS)), EARLY_CONTACTS, strict=True):
        contacts[code] = (last_at + timedelta(minutes=rng.randint(30, 59))).astimezone(UTC)
    return contacts


def _contact_at(story: Story, rng: Random) -> datetime | None:
    if story is Story.NO_DEVICE:
        return None
    if story is Story.NEVER_HEARD:
        return LONG_AGO.astimezone(UTC)
    if rng.random() < 0.3:
        return local_instant(PERIOD_LAST, time(17, rng.randint(5, 55)))
    return local_instant(PERIOD_LAST + timedelta(days=1), time(7, rng.randint(0, 59)))


def _clerks(reference: Reference, rng: Random) -> dict[str, Clerk]:
    """Who sits at each desk; a namesake's account carries a number."""
    clerks: dict[str, Clerk] = {}
    namesakes: Counter[str] = Counter()
    for code, _, _ in reference.desks:
        name = _person_name(rng, is_male=rng.random() < 0.4)
        folded = _folded(name)
        namesakes[folded] += 1
        number = namesakes[folded]
        clerks[code] = Clerk(name=name, username=folded if number == 1 else f"{folded}{number}")
    return clerks


def _expected(story: Story, count: int) -> Expected:
    standing = {
        Story.PLENTY: Standing.MET,
        Story.FEW: Standing.FEW,
        Story.UNSENT: Standing.HELD,
        Story.SILENT: Standing.SILENT,
        Story.NEVER_HEARD: Standing.NEVER_HEARD,
        Story.NO_DEVICE: Standing.NO_DEVICE,
    }.get(story, Standing.ZERO)
    flag = Flag.ZERO if count == 0 else Flag.FEW if count < THRESHOLD else Flag.OK
    unsent = count if story is Story.UNSENT else 0
    return Expected(arrived=count - unsent, unsent=unsent, standing=standing, flag=flag)


def _folded(name: str) -> str:
    """The name in plain ASCII letters, without spaces."""
    decomposed = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalpha())


# ---- people ----

# The commonest first: the n-th is drawn with weight 1/n.
FAMILY_NAMES = "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đinh Lương Trịnh Hà Phùng Kim Tạ"
MALE_MIDDLE = "Văn Đức Hữu Quang Minh Xuân Ngọc Công Thành Đình Tuấn Mạnh Duy Trọng"
FEMALE_MIDDLE = "Thị Ngọc Thu Thanh Minh Phương Hồng Bích Kim Thùy Mai Lan Khánh Quỳnh"
MALE_GIVEN = "Hùng Tuấn Dũng Hải Nam Sơn Long Cường Thắng Minh Quân Hiếu Trung Đạt Tùng Kiên Phúc Bình An Khoa Toàn Lâm"
FEMALE_GIVEN = "Hương Lan Hoa Hằng Thủy Nga Linh Trang Hà Mai Yến Thảo Ngân Nhung Loan Hạnh Dung Vân Huệ Tâm Oanh Xuân"
HAMLETS = "Đông Đoài Thượng Hạ Trung Nội Ngoài Chùa Đình Mới Đồng Giữa Trại Bến"
OTHER_PROVINCES = ("001", "025", "019", "034", "030", "035", "038", "008")


def _person(rng: Random, commune: Unit, district: Unit) -> Person:
    """An invented citizen of a commune: the serial 9xxxxx and the block 0987 000 are marks of invention."""
    is_male = rng.random() < 0.5
    born = rng.randint(1941, 2003)
    province = "026" if rng.random() < 0.88 else rng.choice(OTHER_PROVINCES)
    century_and_sex = (0 if born < 2000 else 2) + (0 if is_male else 1)
    hamlet, group = rng.choice(HAMLETS.split()), rng.randint(1, 12)
    place = f"Tổ dân phố {group}" if _is_urban(commune) else f"Thôn {hamlet}"
    return Person(
        name=_person_name(rng, is_male=is_male),
        id_number=f"{province}{century_and_sex}{born % 100:02}9{rng.randrange(100_000):05}",
        phone=f"0987000{rng.randrange(1000):03}",
        address=f"{place}, {commune.name}, {district.name}",
    )


def _person_name(rng: Random, *, is_male: bool) -> str:
    middle, given = (MALE_MIDDLE, MALE_GIVEN) if is_male else (FEMALE_MIDDLE, FEMALE_GIVEN)
    return " ".join(_zipf_choice(rng, names) for names in (FAMILY_NAMES, middle, given))


def _zipf_choice(rng: Random, text: str) -> str:
    names = text.split()
    return rng.choices(names, cum_weights=_zipf_weights(len(names)))[0]


@cache
def _zipf_weights(count: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, count + 1)))


# ---- dossiers ----

# What communes receive most, certification of copies first; the rest follows in the order of the file.
COMMUNE_FAVOURITES = (
    "2.000815",
    "2.000635",
    "1.001193",
    "2.000884",
    "1.004873",
    "2.001035",
    "1.000656",
    "1.000894",
    "1.004194",
    "1.010041",
    "1.004222",
    "1.004859",
)
CHANNEL_WEIGHTS = {Channel.DIRECT: 85, Channel.ONLINE: 10, Channel.POST: 5}
OPEN_SHARE = 0.03
LATE_SHARE = 0.05


def _procedures_at(reference: Reference, level: UnitLevel) -> list[Procedure]:
    """What a desk of that level receives, the commonest first."""
    procedures = [procedure for procedure in reference.procedures if level in procedure.levels]
    if level is not UnitLevel.COMMUNE:
        return [procedure for procedure in procedures if procedure.code.startswith("9.")]
    places = {code: place for place, code in enumerate(COMMUNE_FAVOURITES)}
    return sorted(procedures, key=lambda procedure: places.get(procedure.code, len(places)))


def _receptions(plan: DeskPlan, reference: Reference, rng: Random) -> list[datetime]:
    """When the dossiers come in: working hours before the last contact, Mondays the busiest."""
    assert plan.contact_at is not None, "a desk without a device records nothing"
    contact_on = local_date(plan.contact_at)
    last = min(PERIOD_LAST, contact_on)
    span = (last - PERIOD_FIRST).days + 1
    days = [day for day in (PERIOD_FIRST + timedelta(days=n) for n in range(span)) if reference.is_working_day(day)]
    weights = [1.3 if day.weekday() == 0 else 1.0 for day in days]
    # On a day that ends with a contact in the afternoon only the morning is sure to lie before it.
    is_cut_short = plan.contact_at < local_instant(PERIOD_LAST, SESSIONS[-1][1])
    return sorted(
        _moment(rng, day, morning_only=is_cut_short and day == contact_on)
        for day in rng.choices(days, weights, k=plan.dossier_count)
    )


def _life(
    reference: Reference, communes: list[Unit], procedure: Procedure, received_at: datetime, rng: Random
) -> Iterator[tuple[datetime, EventKind, Line]]:
    """What happens to one dossier and when, without its reference."""
    commune = rng.choice(communes)
    person = _person(rng, commune, reference.units[commune.parent_code])
    reception = _reception(procedure, person, rng)
    yield received_at, EventKind.RECEIVE, reception
    resolved_at = _resolved_at(reference, procedure, received_at, rng)
    if resolved_at is None:
        return
    is_refused = procedure.limit_unit is not LimitUnit.SAME_DAY and rng.random() < 0.04
    result = ResultKind.REFUSED_AFTER_APPRAISAL if is_refused else ResultKind.GRANTED
    yield resolved_at, EventKind.RESOLVE, {"result_kind": result.value}
    if rng.random() < 0.92:
        delivered_by = reception["delivery_method"] if rng.random() < 0.95 else DeliveryMethod.COUNTER.value
        handover: Line = {"delivered_to": reception["submitter_name"], "delivered_by": delivered_by}
        yield _delivered_at(reference, procedure, resolved_at, rng), EventKind.DELIVER, handover


def _communes_of(reference: Reference, unit_code: str) -> list[Unit]:
    """The communes that a unit covers: itself, its own, or all of the province's."""
    communes = [unit for unit in reference.units.values() if unit.level is UnitLevel.COMMUNE]
    return [unit for unit in communes if unit_code in (unit.code, unit.parent_code)] or communes


def _reception(procedure: Procedure, person: Person, rng: Random) -> Line:
    channel = rng.choices(procedure.channels, [CHANNEL_WEIGHTS[channel] for channel in procedure.channels])[0]
    line: Line = {
        "procedure_code": procedure.code,
        "submitter_name": person.name,
        **_owner(procedure, person, rng),
        "channel": channel.value,
        "delivery_method": _delivery_method(channel, rng).value,
        "set_count": rng.choices((1, 2, 3), (88, 10, 2))[0],
    }
    if rng.random() < 0.9:
        line |= {"id_type": IdType.CCCD.value, "id_number": person.id_number}
    if rng.random() < 0.85:
        line["phone"] = person.phone
    if rng.random() < 0.9:
        line["address_text"] = person.address
    return line


def _owner(procedure: Procedure, person: Person, rng: Random) -> Line:
    if procedure.for_business:
        return {"owner_name": f"Cơ sở ví dụ {person.name}", "owner_type": OwnerType.BUSINESS.value}
    if rng.random() < 0.08:
        return {"owner_name": _person_name(rng, is_male=rng.random() < 0.5), "owner_type": OwnerType.CITIZEN.value}
    return {"owner_name": person.name, "owner_type": OwnerType.CITIZEN.value}


def _delivery_method(channel: Channel, rng: Random) -> DeliveryMethod:
    if channel is Channel.ONLINE and rng.random() < 0.5:
        return DeliveryMethod.ONLINE
    if channel is Channel.POST or rng.random() < 0.05:
        return DeliveryMethod.POST
    return DeliveryMethod.COUNTER


def _resolved_at(reference: Reference, procedure: Procedure, received_at: datetime, rng: Random) -> datetime | None:
    """When the result is ready: mostly in time, now and then late, or not at all (None)."""
    fate = rng.random()
    if fate < OPEN_SHARE:
        return None
    is_late = fate < OPEN_SHARE + LATE_SHARE
    if procedure.limit_unit is LimitUnit.SAME_DAY and not is_late:
        return _soon(reference, received_at, rng, minutes_max=40)
    limit_days = _limit_working_days(procedure)
    first, last = (limit_days + 2, limit_days + 4) if is_late else (max(1, limit_days // 2), max(1, limit_days))
    days = rng.randint(first, last)
    return _moment(rng, _working_day_after(reference, received_at.date(), days))


def _limit_working_days(procedure: Procedure) -> int:
    """The limit in working days, never longer than the law's; 5 where none is known."""
    if procedure.limit_unit is None:
        return 5
    if procedure.limit_unit is LimitUnit.CALENDAR_DAY:
        return procedure.limit_value * 5 // 7
    return procedure.limit_value


def _delivered_at(reference: Reference, procedure: Procedure, resolved_at: datetime, rng: Random) -> datetime:
    if procedure.limit_unit is LimitUnit.SAME_DAY:
        return _soon(reference, resolved_at, rng, minutes_max=15)
    days = rng.choices((0, 1, 2, 4), (50, 30, 15, 5))[0]
    if days == 0:
        return _soon(reference, resolved_at, rng, minutes_max=120)
    return _moment(rng, _working_day_after(reference, resolved_at.date(), days))


# ---- working time, in the local zone ----


def _moment(rng: Random, day: date, *, morning_only: bool = False) -> datetime:
    """A moment in the working hours of a day, to the second; mornings are the busier."""
    opens, closes = SESSIONS[0] if morning_only else rng.choices(SESSIONS, (6, 4))[0]
    opens_at = datetime.combine(day, opens, tzinfo=LOCAL)
    length_s = int((datetime.combine(day, closes, tzinfo=LOCAL) - opens_at).total_seconds())
    return opens_at + timedelta(seconds=rng.randrange(length_s))


def _soon(reference: Reference, at: datetime, rng: Random, *, minutes_max: int) -> datetime:
    """Some minutes later, or some minutes into the next session if the doors close before."""
    wait = timedelta(minutes=rng.randint(3, minutes_max), seconds=rng.randrange(60))
    later_at = at + wait
    if any(opens <= later_at.time() < closes for opens, closes in SESSIONS):
        return later_at
    afternoon = SESSIONS[-1][0]
    if later_at.time() < afternoon:
        return datetime.combine(at.date(), afternoon, tzinfo=LOCAL) + wait
    return datetime.combine(_working_day_after(reference, at.date(), 1), SESSIONS[0][0], tzinfo=LOCAL) + wait


def _working_day_after(reference: Reference, day: date, count: int) -> date:
    """The count-th working day after a day; the day itself is not counted."""
    while count > 0:
        day += timedelta(days=1)
        count -= reference.is_working_day(day)
    return day


def _summary_row(label: str, plans: list[DeskPlan], line_counts: dict[str, int]) -> str:
    dossiers = sum(plan.dossier_count for plan in plans)
    arrived = sum(plan.expected.arrived for plan in plans)
    unsent = sum(plan.expected.unsent for plan in plans)
    lines = sum(line_counts[plan.desk_code] for plan in plans)
    return f"{label:<14}{len(plans):>7}{dossiers:>10,}{arrived:>9,}{unsent:>8,}{lines:>8,}"


if __name__ == "__main__":
    main()
