"""The training world keeps its promises: the same for the same seed, plausible, and open about being invented."""

import csv
import re
import unicodedata
from collections import Counter
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from scripts import demo_world
from scripts.demo_world import DeskPlan, Line, Story
from sync_protocol.vocabulary import (
    Channel,
    DeliveryMethod,
    Flag,
    IdType,
    OwnerType,
    ResultKind,
    Standing,
    UnitLevel,
)

Told = list[tuple[DeskPlan, list[Line]]]

CALENDAR = {
    row["date"]: row["kind"]
    for row in csv.DictReader(
        (demo_world.REFERENCE / "calendar_vn_2019_2027.csv").read_text(encoding="utf-8").splitlines()
    )
}
RECEIVE_ALWAYS = {
    "event",
    "dossier",
    "at",
    "procedure_code",
    "submitter_name",
    "owner_name",
    "owner_type",
    "channel",
    "delivery_method",
    "set_count",
}
RECEIVE_OFTEN = {"id_type", "id_number", "phone", "address_text"}


@pytest.fixture(scope="module")
def plans() -> list[DeskPlan]:
    return demo_world.plan_world()


@pytest.fixture(scope="module")
def told(plans: list[DeskPlan]) -> Told:
    return [(plan, list(demo_world.events_of(plan))) for plan in plans]


def test_the_same_seed_gives_the_same_plans(plans: list[DeskPlan]) -> None:
    assert demo_world.plan_world(seed=2021) == plans


def test_the_same_plan_gives_the_same_lines(told: Told) -> None:
    plan, lines = told[1]

    assert list(demo_world.events_of(plan)) == lines


def test_the_world_of_2021_is_the_same_on_every_machine(plans: list[DeskPlan]) -> None:
    first = plans[0]

    assert (first.desk_code, first.clerk_username, first.seed, first.dossier_count) == (
        "H62.01",
        "ngoxuandung",
        2866517647,
        1153,
    )


def test_another_seed_gives_another_world(plans: list[DeskPlan]) -> None:
    assert demo_world.plan_world(seed=7) != plans


@pytest.mark.parametrize("seed", [1, 7, 2021, 2026])
def test_every_seed_gives_about_eight_thousand_dossiers(seed: int) -> None:
    assert 7_800 <= sum(plan.dossier_count for plan in demo_world.plan_world(seed)) <= 8_200


def test_every_desk_of_the_province_has_one_plan(plans: list[DeskPlan]) -> None:
    assert len({plan.desk_code for plan in plans}) == 146
    assert Counter(plan.level for plan in plans) == {
        UnitLevel.PROVINCE: 1,
        UnitLevel.DISTRICT: 9,
        UnitLevel.COMMUNE: 136,
    }


def test_every_story_is_told(plans: list[DeskPlan]) -> None:
    assert Counter(plan.story for plan in plans) == {
        Story.PLENTY: 100,
        Story.FEW: 22,
        Story.NIL_DECLARED: 6,
        Story.SILENT: 6,
        Story.ZERO: 4,
        Story.UNSENT: 3,
        Story.NEVER_HEARD: 3,
        Story.NO_DEVICE: 2,
    }


def test_quiet_desks_are_found_in_every_district(plans: list[DeskPlan]) -> None:
    quiet = Counter(plan.desk_code[:6] for plan in plans if plan.story is not Story.PLENTY)

    assert len(quiet) == 9
    assert max(quiet.values()) <= 12


def test_workloads_run_from_nothing_to_over_a_thousand(plans: list[DeskPlan]) -> None:
    counts = sorted(plan.dossier_count for plan in plans)

    assert counts[:15] == [0] * 15
    assert counts[-2] > 500
    assert counts[-1] > 1_100


def test_few_means_one_to_forty_nine_and_plenty_fifty_or_more(plans: list[DeskPlan]) -> None:
    assert {plan.dossier_count for plan in plans if plan.story is Story.FEW} <= set(range(1, 50))
    assert {plan.dossier_count for plan in plans if plan.story is Story.SILENT} <= set(range(5, 46))
    assert {plan.dossier_count for plan in plans if plan.story is Story.UNSENT} <= set(range(60, 141))
    assert min(plan.dossier_count for plan in plans if plan.story is Story.PLENTY) >= 50


@pytest.mark.parametrize(
    ("story", "standing"),
    [
        (Story.NIL_DECLARED, Standing.ZERO),
        (Story.ZERO, Standing.ZERO),
        (Story.FEW, Standing.FEW),
        (Story.PLENTY, Standing.MET),
        (Story.UNSENT, Standing.HELD),
        (Story.SILENT, Standing.SILENT),
        (Story.NEVER_HEARD, Standing.NEVER_HEARD),
        (Story.NO_DEVICE, Standing.NO_DEVICE),
    ],
)
def test_each_story_expects_its_standing(plans: list[DeskPlan], story: Story, standing: Standing) -> None:
    assert {plan.expected.standing for plan in plans if plan.story is story} == {standing}


def test_expected_figures_add_up_to_what_is_recorded(plans: list[DeskPlan]) -> None:
    assert [plan for plan in plans if plan.expected.arrived + plan.expected.unsent != plan.dossier_count] == []
    assert [plan for plan in plans if (plan.expected.unsent > 0) != (plan.story is Story.UNSENT)] == []
    assert [plan for plan in plans if (plan.expected.flag is Flag.ZERO) != (plan.dossier_count == 0)] == []
    assert [plan for plan in plans if (plan.expected.flag is Flag.OK) != (plan.dossier_count >= 50)] == []


def test_covered_desks_are_in_contact_after_the_last_working_minute(plans: list[DeskPlan]) -> None:
    covered = {Story.NIL_DECLARED, Story.ZERO, Story.FEW, Story.UNSENT}
    contacts = [plan.contact_at for plan in plans if plan.story in covered and plan.contact_at]

    assert len(contacts) == 35
    assert min(contacts) > datetime(2021, 10, 20, 10, tzinfo=UTC)
    assert max(contacts) < datetime(2021, 10, 21, 1, tzinfo=UTC)


def test_silent_desks_lose_contact_inside_the_period(plans: list[DeskPlan]) -> None:
    contacts = [plan.contact_at for plan in plans if plan.story is Story.SILENT and plan.contact_at]

    assert len(contacts) == 6
    assert min(contacts) > datetime(2021, 9, 28, 9, tzinfo=UTC)
    assert max(contacts) < datetime(2021, 10, 12, 10, tzinfo=UTC)


def test_two_desks_met_the_level_before_they_lost_contact(plans: list[DeskPlan]) -> None:
    early = datetime(2021, 10, 15, tzinfo=UTC)

    assert sum(1 for plan in plans if plan.story is Story.PLENTY and plan.contact_at and plan.contact_at < early) == 2


def test_desks_never_heard_had_their_last_contact_before_the_period(plans: list[DeskPlan]) -> None:
    contacts = {plan.contact_at for plan in plans if plan.story is Story.NEVER_HEARD}

    assert contacts == {datetime(2021, 9, 15, 9, tzinfo=UTC)}
    assert {plan.contact_at for plan in plans if plan.story is Story.NO_DEVICE} == {None}


def test_clerks_have_distinct_plain_usernames(plans: list[DeskPlan]) -> None:
    usernames = {plan.clerk_username for plan in plans}

    assert len(usernames) == 146
    assert [username for username in usernames if not re.fullmatch(r"[a-z]+\d*", username)] == []


def test_each_desk_receives_as_many_dossiers_as_planned(told: Told) -> None:
    assert [plan.desk_code for plan, lines in told if len(of_kind(lines, "receive")) != plan.dossier_count] == []


def test_lines_come_in_the_order_of_their_times(told: Told) -> None:
    assert [plan.desk_code for plan, lines in told if moments(lines) != sorted(moments(lines))] == []


def test_references_are_counted_by_reception(told: Told) -> None:
    _, lines = told[0]

    assert [line["dossier"] for line in of_kind(lines, "receive")][:3] == ["d1", "d2", "d3"]
    assert len({line["dossier"] for line in of_kind(lines, "receive")}) == len(of_kind(lines, "receive"))


def test_every_time_is_local_and_says_so(told: Told) -> None:
    assert [line for line in all_lines(told) if not re.fullmatch(r"[\d-]{10}T[\d:]{8}\+07:00", str(line["at"]))] == []


def test_nothing_happens_on_a_weekend_or_a_holiday(told: Told) -> None:
    days = {moment(line).date() for line in all_lines(told)}

    assert sorted(day for day in days if not is_working_day(day)) == []


def test_nothing_happens_outside_working_hours(told: Told) -> None:
    assert [line for line in all_lines(told) if not is_working_time(moment(line).time())] == []


def test_every_reception_falls_in_the_period_and_on_all_its_working_days(told: Told) -> None:
    days = {moment(line).date() for line in of_kind(all_lines(told), "receive")}

    assert min(days) == date(2021, 9, 21)
    assert max(days) == date(2021, 10, 20)
    assert len(days) == 22


def test_nothing_happens_at_or_after_the_last_contact(told: Told) -> None:
    late = [
        (plan, line) for plan, lines in told for line in lines if not plan.contact_at or moment(line) >= plan.contact_at
    ]

    assert late == []


def test_a_result_follows_the_reception_and_the_handover_follows_the_result(told: Told) -> None:
    stories = Counter(tuple(kinds) for _, lines in told for kinds in kinds_by_dossier(lines).values())

    assert set(stories) == {("receive",), ("receive", "resolve"), ("receive", "resolve", "deliver")}
    assert stories["receive", "resolve", "deliver"] > 4_500


def test_same_day_procedures_are_mostly_done_and_a_few_are_late_or_open(told: Told) -> None:
    lags = [lag for _, lines in told for lag in lags_in_days(lines, "2.000815")]

    assert lags.count(0) > 0.85 * len(lags)
    assert 10 < lags.count(None) < 0.06 * len(lags)
    assert 10 < sum(1 for lag in lags if lag and lag >= 2) < 0.1 * len(lags)


def test_certification_of_copies_leads_at_the_communes(told: Told) -> None:
    receptions = [line for plan, lines in told if plan.level is UnitLevel.COMMUNE for line in of_kind(lines, "receive")]
    procedures = Counter(line["procedure_code"] for line in receptions)

    assert procedures.most_common(1)[0][0] == "2.000815"
    assert len(procedures) > 40


def test_each_desk_receives_only_what_its_level_receives(told: Told) -> None:
    levels = {row["code"]: row["level"] for row in reference_rows("procedures", "invented_procedures")}
    receptions = [(plan, line) for plan, lines in told for line in of_kind(lines, "receive")]

    assert [line for plan, line in receptions if plan.level.value not in levels[str(line["procedure_code"])]] == []
    assert [
        line
        for plan, line in receptions
        if str(line["procedure_code"]).startswith("9.") == (plan.level is UnitLevel.COMMUNE)
    ] == []


def test_each_channel_is_one_that_the_procedure_offers(told: Told) -> None:
    rows = reference_rows("procedure_limits", "invented_procedure_limits")
    channels = {row["code"]: row["channels"].split("|") for row in rows}
    receptions = of_kind(all_lines(told), "receive")

    assert [line for line in receptions if line["channel"] not in channels[str(line["procedure_code"])]] == []
    assert {line["channel"] for line in receptions} == {channel.value for channel in Channel}


def test_receptions_carry_the_fields_of_the_record_and_no_others(told: Told) -> None:
    receptions = of_kind(all_lines(told), "receive")

    assert [line for line in receptions if not RECEIVE_ALWAYS <= set(line) <= RECEIVE_ALWAYS | RECEIVE_OFTEN] == []
    assert sum(1 for line in receptions if "id_number" in line) > 0.8 * len(receptions)
    assert {line["set_count"] for line in receptions} == {1, 2, 3}
    assert {line["owner_type"] for line in receptions} == {OwnerType.CITIZEN.value, OwnerType.BUSINESS.value}
    assert {line["delivery_method"] for line in receptions} == {method.value for method in DeliveryMethod}
    assert {line["id_type"] for line in receptions if "id_type" in line} == {IdType.CCCD.value}


def test_results_and_handovers_carry_their_fields_and_no_others(told: Told) -> None:
    results, handovers = of_kind(all_lines(told), "resolve"), of_kind(all_lines(told), "deliver")

    assert {frozenset(line) for line in results} == {frozenset({"event", "dossier", "at", "result_kind"})}
    assert {line["result_kind"] for line in results} == {kind.value for kind in ResultKind}
    assert {frozenset(line) for line in handovers} == {
        frozenset({"event", "dossier", "at", "delivered_to", "delivered_by"})
    }
    assert {line["delivered_by"] for line in handovers} == {method.value for method in DeliveryMethod}


def test_names_are_clean_vietnamese_text(told: Told) -> None:
    receptions = of_kind(all_lines(told), "receive")
    names = {str(line[field]) for line in receptions for field in ("submitter_name", "owner_name")}

    assert [name for name in names if not unicodedata.is_normalized("NFC", name)] == []
    assert [name for name in names if not name.replace(" ", "").isalpha() or not 2 <= len(name) <= 150] == []


def test_identity_numbers_and_phones_are_well_formed_and_openly_invented(told: Told) -> None:
    receptions = of_kind(all_lines(told), "receive")
    id_numbers = {str(line["id_number"]) for line in receptions if "id_number" in line}
    phones = {str(line["phone"]) for line in receptions if "phone" in line}

    assert [number for number in id_numbers if not re.fullmatch(r"0\d\d([01][4-9]\d|[23]0[0-3])9\d{5}", number)] == []
    assert sum(1 for number in id_numbers if number.startswith("026")) > 0.8 * len(id_numbers)
    assert [phone for phone in phones if not re.fullmatch(r"0987000\d{3}", phone)] == []


def test_addresses_lie_in_the_desks_own_territory(told: Told) -> None:
    plan, lines = next((plan, lines) for plan, lines in told if plan.desk_code == "H62.13.02")
    places = {str(line["address_text"]).split(", ", 1)[1] for line in lines if "address_text" in line}

    assert plan.name == "Bộ phận Một cửa Xã Quang Sơn"
    assert places == {"Xã Quang Sơn, Huyện Lập Thạch"}


@pytest.mark.parametrize("path", sorted(demo_world.REFERENCE.glob("*.csv")), ids=lambda path: path.name)
def test_reference_files_are_composed_unicode_with_plain_line_ends(path: Path) -> None:
    text = path.read_bytes().decode("utf-8")

    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text
    assert text.endswith("\n")


def test_there_is_one_invented_desk_for_each_unit() -> None:
    desks = reference_rows("invented_desks")

    assert {row["unit_code"] for row in desks} == {row["code"] for row in reference_rows("admin_units_vinh_phuc_2021")}
    assert len({row["code"] for row in desks}) == len({row["phone"] for row in desks}) == 146
    assert [row for row in desks if not re.fullmatch(r"[A-Z0-9]{1,3}(\.[A-Z0-9]{1,3}){0,5}", row["code"])] == []
    assert [row for row in desks if row["code"] != row["identifier_code"]] == []
    assert [row for row in desks if not re.fullmatch(r"0211000\d{4}", row["phone"])] == []


def test_invented_procedures_have_the_columns_of_the_real_ones_and_codes_of_their_own() -> None:
    invented, limits = reference_rows("invented_procedures"), reference_rows("invented_procedure_limits")

    assert list(invented[0]) == list(reference_rows("procedures")[0])
    assert list(limits[0]) == list(reference_rows("procedure_limits")[0])
    assert [row["code"] for row in invented] == [row["code"] for row in limits]
    assert [row for row in invented if not re.fullmatch(r"9\.0000\d\d", row["code"])] == []
    assert Counter(row["level"] for row in invented) == {"district": 12, "province": 12}


def test_the_summary_names_every_story_and_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    demo_world.main(["--seed", "2021"])

    words = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert words == ["story", *(story.value for story in Story), "total"]


def all_lines(told: Told) -> list[Line]:
    return [line for _, lines in told for line in lines]


def of_kind(lines: list[Line], kind: str) -> list[Line]:
    return [line for line in lines if line["event"] == kind]


def moment(line: Line) -> datetime:
    return datetime.fromisoformat(str(line["at"]))


def moments(lines: list[Line]) -> list[datetime]:
    return [moment(line) for line in lines]


def kinds_by_dossier(lines: list[Line]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for line in lines:
        kinds.setdefault(str(line["dossier"]), []).append(str(line["event"]))
    return kinds


def lags_in_days(lines: list[Line], procedure_code: str) -> list[int | None]:
    """Days from reception to result of a procedure's dossiers; None where there is no result."""
    results = {line["dossier"]: moment(line).date() for line in of_kind(lines, "resolve")}
    received = [line for line in of_kind(lines, "receive") if line["procedure_code"] == procedure_code]
    return [
        (results[line["dossier"]] - moment(line).date()).days if line["dossier"] in results else None
        for line in received
    ]


def is_working_day(day: date) -> bool:
    kind = CALENDAR.get(day.isoformat())
    return kind == "work" or (kind is None and day.weekday() < 5)


def is_working_time(at: time) -> bool:
    return time(7) <= at < time(11, 30) or time(13, 30) <= at < time(17)


def reference_rows(*names: str) -> list[dict[str, str]]:
    texts = [(demo_world.REFERENCE / f"{name}.csv").read_text(encoding="utf-8") for name in names]
    return [row for text in texts for row in csv.DictReader(text.splitlines())]
