"""The supervising units in figures: how many desks stand where, their shares, and better or worse than before."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from central_server.services.assessing import DeskStanding
from central_server.services.standing import Standings
from central_server.services.trends import Past
from central_server.web.formatting import number, percent
from central_server.web.speech import gettext
from central_server.web.words import BELOW, Group
from sync_protocol.standings import Judgement
from sync_protocol.vocabulary import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many of a unit's desks, and their share as text, "" where there are none of them."""

    desks: int
    share: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """A supervising unit in figures; `id` is empty for the total.

    below        both zero and few
    flat         desks with fewer than the flat level, whatever their own is: the figure that is published
    change       desks below the level more than in the period before, None where the period is still open, or
                 nothing is known of the one before
    change_word  whether that is better or worse, empty where nobody can say
    """

    id: str
    name: str
    desks: int
    zero: Part
    few: Part
    below: Part
    flat: Part
    unknown: int
    met: int
    arrived: int
    unsent: int
    change: int | None
    change_word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Headings:
    """The headings of the figures, which are softer while the period is open; `flat` is empty where it adds nothing."""

    zero: str
    few: str
    below: str
    flat: str
    unknown: str
    met: str


Grouped = tuple[DeskStanding, Group]
"""A desk and the heading under which it falls."""


@dataclass(slots=True)
class Sums:
    """What desks add up to.

    below_before, unknown_before  how many of them were flagged in the period before, and of how many nobody knows
    newly_known                   those below the level of which nobody knows whether they were before
    no_longer_known               those that were flagged before and are not known now
    """

    name: str
    desks: int = 0
    groups: Counter[Group] = field(default_factory=Counter)
    flat: int = 0
    arrived: int = 0
    unsent: int = 0
    below_before: int = 0
    unknown_before: int = 0
    newly_known: int = 0
    no_longer_known: int = 0


def unit_lines(grouped: Sequence[Grouped], past: Past | None, flat: int) -> tuple[list[UnitLine], UnitLine]:
    """A line for each unit that supervises desks, and their total.

    past  the period before, None where nobody is compared with it
    flat  the level that lists are published by
    """
    flagged, not_known = (past.flagged(), past.not_known()) if past else (set(), set())
    sums: dict[str, Sums] = {}
    # One pass in the order of the desks: unit by unit each of them would be looked for in memory once more.
    for each, group in grouped:
        unit, judgement = each.desk.district, each.judgement
        of_unit = sums.get(unit.id) or sums.setdefault(unit.id, Sums(unit.name))
        of_unit.desks += 1
        of_unit.groups[group] += 1
        of_unit.flat += _is_below(judgement, flat)
        of_unit.arrived += judgement.arrived
        of_unit.unsent += judgement.unsent
        was_flagged, was_unknown = each.desk.code in flagged, each.desk.code in not_known
        of_unit.below_before += was_flagged
        of_unit.unknown_before += was_unknown
        of_unit.newly_known += was_unknown and group in BELOW
        of_unit.no_longer_known += was_flagged and group is Group.UNKNOWN
    lines = [_line(id_, of_unit, has_change=past is not None) for id_, of_unit in sums.items()]
    return lines, _line("", _total(sums.values()), has_change=past is not None)


def headings(told: Standings, flat: int) -> Headings:
    """The headings of the figures of these desks."""
    levels = {each.judgement.threshold for each in told.desks} or {flat}
    has_ended = not told.is_open
    shown_flat = (
        gettext("0–%(below)s by the flat level", below=number(flat - 1)) if has_ended and levels != {flat} else ""
    )
    if told.is_open:
        return Headings(
            zero=gettext("Nothing entered yet"),
            few=gettext("Behind the pace"),
            below=gettext("Not yet at pace in all"),
            flat=shown_flat,
            unknown=gettext("Not known / on its way"),
            met=gettext("Reached or on pace"),
        )
    [level] = levels if len(levels) == 1 else [0]
    return Headings(
        zero=gettext("No dossiers (confirmed)"),
        few=gettext("Entered fewer than %(threshold)s (confirmed)", threshold=number(level))
        if level
        else gettext("Entered fewer than their level (confirmed)"),
        below=gettext("0–%(below)s in all", below=number(level - 1)) if level else gettext("Below their level in all"),
        flat=shown_flat,
        unknown=gettext("Not known / on its way"),
        met=gettext("Met the level"),
    )


def _total(sums: Collection[Sums]) -> Sums:
    return Sums(
        name=gettext("Total"),
        desks=sum(each.desks for each in sums),
        groups=sum((each.groups for each in sums), Counter()),
        flat=sum(each.flat for each in sums),
        arrived=sum(each.arrived for each in sums),
        unsent=sum(each.unsent for each in sums),
        below_before=sum(each.below_before for each in sums),
        unknown_before=sum(each.unknown_before for each in sums),
        newly_known=sum(each.newly_known for each in sums),
        no_longer_known=sum(each.no_longer_known for each in sums),
    )


def _line(id_: str, sums: Sums, *, has_change: bool) -> UnitLine:
    desks, groups = sums.desks, sums.groups
    below = sum(groups[each] for each in BELOW)
    change = below - sums.below_before if has_change and sums.unknown_before < desks else None

    def part(count: int) -> Part:
        return Part(desks=count, share=percent(count, desks) if count else "")

    return UnitLine(
        id=id_,
        name=sums.name,
        desks=desks,
        zero=part(groups[Group.ZERO]),
        few=part(groups[Group.FEW]),
        below=part(below),
        flat=part(sums.flat),
        unknown=groups[Group.UNKNOWN],
        met=groups[Group.MET],
        arrived=sums.arrived,
        unsent=sums.unsent,
        change=change,
        change_word=_change_word(change, sums),
    )


def _is_below(judgement: Judgement, flat: int) -> bool:
    """Whether a desk is proven to have entered fewer than the flat level."""
    return judgement.entered < flat and judgement.flag_proven and judgement.standing is not Standing.EXEMPT


def _change_word(change: int | None, sums: Sums) -> str:
    """Fewer proven desks are no good news where as many are not known any more, and more of them no bad one where as
    many were not known before."""
    if change is None or -sums.no_longer_known <= change <= sums.newly_known:
        return ""
    return gettext("worse") if change > 0 else gettext("better")
