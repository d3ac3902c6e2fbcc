"""The desks of a period as one list: narrowed, sorted and cut into pages by what stands in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import request

from central_server.services.assessing import DeskStanding
from central_server.services.following import FollowUp
from central_server.services.listing import Beside
from central_server.services.standing import Standings
from central_server.storage.last_seen import NEVER, LastSeen
from central_server.storage.units import Tree
from central_server.web.board import PAGED_FROM, UnitChoice, unit_choices
from central_server.web.desk_rows import COMMON_NAME, DeskRow, desk_row
from central_server.web.formatting import DASH, number
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.speech import gettext
from central_server.web.unit_tree import asked_tree
from central_server.web.words import Group, course_of, group_of
from sync_protocol.errors import N_
from sync_protocol.messages import Language
from sync_protocol.texts import folded
from sync_protocol.vocabulary import DeskCode, Standing

PAGE_DESKS = 150
TEXT_CHARACTERS_MAX = 60
PAGE_DIGITS_MAX = 4
DESCENDING = "desc"


class SortKey(StrEnum):
    """By what the list is sorted."""

    DESK = "desk"
    UNIT = "unit"
    STANDING = "standing"
    ARRIVED = "arrived"
    UNSENT = "unsent"
    ENTERED = "entered"
    LATE = "late"
    KNOWN = "known"
    HEARD = "heard"


HEADS = {
    SortKey.DESK: N_("Desk"),
    SortKey.UNIT: N_("Supervised by"),
    SortKey.STANDING: N_("Standing"),
    SortKey.ARRIVED: N_("Arrived"),
    SortKey.UNSENT: N_("Not sent"),
    SortKey.ENTERED: N_("Entered in all"),
    SortKey.LATE: N_("For earlier days"),
    SortKey.KNOWN: N_("Known until"),
    SortKey.HEARD: N_("Last contact"),
}
FIGURE_KEYS = (SortKey.ARRIVED, SortKey.UNSENT, SortKey.ENTERED, SortKey.LATE)


class Calling(StrEnum):
    """Whether a desk has to be called today."""

    TODAY = "today"
    PUT_OFF = "put_off"


CALLING_NAMES = {
    Calling.TODAY: N_("To be called today"),
    Calling.PUT_OFF: N_("Promised, or no reminder needed for now"),
}

GROUP_ORDER = (Group.ZERO, Group.FEW, Group.UNKNOWN, Group.MET, Group.EXEMPT)
GROUP_NAMES = {
    Group.ZERO: N_("No dossiers"),
    Group.FEW: N_("Below the level"),
    Group.UNKNOWN: N_("Not known / on its way"),
    Group.MET: N_("Met the level"),
    Group.EXEMPT: N_("Not judged in this period"),
}
STANDING_ORDER = {standing: place for place, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the address asks for; "" and None where it does not narrow. What it cannot mean is left out."""

    unit_id: str
    group: Group | None
    calling: Calling | None
    text: str
    tree: Tree
    sort: SortKey
    is_descending: bool
    page: int

    def query(self, period: str, **changes: Any) -> dict[str, Any]:
        """The same as parts of an address, with some of them changed."""
        parts: dict[str, Any] = {
            "period": period,
            "unit": self.unit_id or None,
            "standing": self.group.value if self.group else None,
            "calling": self.calling.value if self.calling else None,
            "text": self.text or None,
            "tree": self.tree.value if self.tree is not Tree.PERIOD else None,
            "sort": self.sort.value,
            "order": DESCENDING if self.is_descending else None,
        }
        return parts | changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head of the table that sorts by its column; `aria_sort` is empty where the list is sorted by another one."""

    key: str
    text: str
    query: Mapping[str, Any]
    aria_sort: str
    is_figure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A standing, or a state of the follow-up, that the list can be narrowed to."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Which part of the list a page shows; the neighbours are parts of addresses, None where there is none."""

    text: str
    previous: Mapping[str, Any] | None
    following: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskListPage:
    """The list as a page."""

    period: PeriodShown
    is_open: bool
    wanted: Wanted
    query: Mapping[str, Any]
    units: Sequence[UnitChoice]
    groups: Sequence[Choice]
    callings: Sequence[Choice]
    heads: Sequence[Head]
    rows: Sequence[DeskRow]
    count: int
    pages: Pages


def wanted() -> Wanted:
    """What the address asks for."""
    page = request.args.get("page", "")
    return Wanted(
        unit_id=request.args.get("unit", "").strip(),
        group=next((each for each in Group if each == request.args.get("standing")), None),
        calling=next((each for each in Calling if each == request.args.get("calling")), None),
        text=request.args.get("text", "").strip()[:TEXT_CHARACTERS_MAX],
        tree=asked_tree(),
        sort=next((each for each in SortKey if each == request.args.get("sort")), SortKey.UNIT),
        is_descending=request.args.get("order") == DESCENDING,
        page=int(page) if page.isascii() and page.isdigit() and len(page) <= PAGE_DIGITS_MAX else 1,
    )


def narrowed_desks(told: Standings, asked: Wanted, follow_ups: Mapping[DeskCode, FollowUp]) -> list[DeskStanding]:
    """The desks that are asked for; `follow_ups` as in `Beside`, where the list is narrowed by them."""
    course, key = course_of(told), folded(asked.text)
    return [
        each
        for each in told.desks
        if (not asked.unit_id or each.desk.district.id == asked.unit_id)
        and (asked.group is None or group_of(each.judgement, course) is asked.group)
        and (not key or key in folded(f"{each.desk.name} {each.desk.code}"))
        and (
            asked.calling is None
            or _calling(group_of(each.judgement, course), follow_ups.get(each.desk.code)) is asked.calling
        )
    ]


def sorted_desks(
    told: Standings,
    asked: Wanted,
    desks: Sequence[DeskStanding],
    last_seen: Mapping[DeskCode, LastSeen],
    late: Mapping[DeskCode, int],
) -> list[DeskStanding]:
    """These desks in the order that is asked for; `last_seen` and `late` where the list is sorted by them."""
    # Sorting keeps the order of those that are alike, which is that of their codes.
    return sorted(desks, key=_order(asked.sort, told, last_seen, late), reverse=asked.is_descending)


def page_of(asked: Wanted, count: int) -> tuple[int, int]:
    """From which row of the list to which one a page goes: the whole list where it is short."""
    if count < PAGED_FROM:
        return 0, count
    last = (count - 1) // PAGE_DESKS
    start = min(max(asked.page, 1) - 1, last) * PAGE_DESKS
    return start, min(start + PAGE_DESKS, count)


def desk_list(
    told: Standings,
    asked: Wanted,
    desks: Sequence[DeskStanding],
    part: tuple[int, int],
    beside: Beside,
    language: Language,
) -> DeskListPage:
    """The page; `desks` are those of the whole list, `beside` is known of those of its part."""
    period, course = shown_period(told.period, told.now), course_of(told)
    return DeskListPage(
        period=period,
        is_open=course.is_open,
        wanted=asked,
        query=asked.query(period.name),
        units=unit_choices(told, asked.unit_id),
        groups=[
            Choice(value=each.value, name=gettext(GROUP_NAMES[each]), is_chosen=each is asked.group)
            for each in GROUP_ORDER
        ],
        callings=[
            Choice(value=each.value, name=gettext(CALLING_NAMES[each]), is_chosen=each is asked.calling)
            for each in Calling
        ],
        # How many dossiers of a desk were entered late is counted of what has arrived by now.
        heads=[_head(key, asked, period.name) for key in SortKey if not (told.is_past and key is SortKey.LATE)],
        rows=[desk_row(each, beside, course, language) for each in desks[slice(*part)]],
        count=len(desks),
        pages=_pages(asked, period.name, part, len(desks)),
    )


def _calling(group: Group, state: FollowUp | None) -> Calling | None:
    """Whether a desk has to be called today, None where there is nothing to ask it."""
    if group in (Group.MET, Group.EXEMPT):
        return None
    return Calling.PUT_OFF if state and state.is_put_off else Calling.TODAY


def _order(
    key: SortKey, told: Standings, last_seen: Mapping[DeskCode, LastSeen], late: Mapping[DeskCode, int]
) -> Callable[[DeskStanding], Any]:
    course = course_of(told)
    orders: dict[SortKey, Callable[[DeskStanding], Any]] = {
        SortKey.DESK: lambda each: folded(each.desk.name.removeprefix(COMMON_NAME)),
        SortKey.UNIT: lambda each: each.desk.code,
        SortKey.STANDING: lambda each: (
            GROUP_ORDER.index(group_of(each.judgement, course)),
            STANDING_ORDER[each.judgement.standing],
        ),
        SortKey.ARRIVED: lambda each: each.judgement.arrived,
        SortKey.UNSENT: lambda each: each.judgement.unsent,
        SortKey.ENTERED: lambda each: each.judgement.entered,
        SortKey.LATE: lambda each: late.get(each.desk.code, 0),
        SortKey.KNOWN: lambda each: _seconds(each.judgement.covered_until),
        SortKey.HEARD: lambda each: _seconds(last_seen.get(each.desk.code, NEVER).heard_at),
    }
    return orders[key]


def _seconds(instant: datetime | None) -> float:
    return instant.timestamp() if instant else 0.0


def _head(key: SortKey, asked: Wanted, period: str) -> Head:
    is_chosen = key is asked.sort
    turns = is_chosen and not asked.is_descending
    return Head(
        key=key.value,
        text=gettext(HEADS[key]),
        query=asked.query(period, sort=key.value, order=DESCENDING if turns else None),
        aria_sort=("descending" if asked.is_descending else "ascending") if is_chosen else "",
        is_figure=key in FIGURE_KEYS,
    )


def _pages(asked: Wanted, period: str, part: tuple[int, int], count: int) -> Pages:
    start, end = part
    present = start // PAGE_DESKS + 1
    return Pages(
        text=gettext(
            "Desks %(first)s to %(last)s of %(count)s",
            first=number(start + 1) if count else DASH,
            last=number(end) if count else DASH,
            count=number(count),
        ),
        previous=asked.query(period, page=present - 1) if start else None,
        following=asked.query(period, page=present + 1) if end < count else None,
    )
