"""The standings page as a finished object: tiles, the two lists that are never mixed, and the tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from central_server.services.standing import DeskStanding, Standings, UnitStandings
from central_server.web.formatting import number
from central_server.web.periods import PeriodShown, shown_period
from central_server.web.speech import gettext
from central_server.web.words import Course, Group, Told, course_of, known_unsent, tell
from sync_protocol.messages import Language

ASKED = (Group.ZERO, Group.FEW)
BAR_UNITS = 100
COMMON_NAME = "Bộ phận Một cửa "
"""What nearly every desk's name begins with; in a list of desks it only hides the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure of the summary; it leads to the place where the desks behind it stand."""

    icon: str
    tone: str
    count: int
    label: str
    note: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChoice:
    """A supervising unit that the page can be narrowed to."""

    id: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """A desk in a list; `unsent` is None where nobody knows what its machines hold back."""

    code: str
    name: str
    phone: str
    told: Told
    arrived: int
    unsent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRows:
    """Desks of a list under the unit that supervises them."""

    name: str
    rows: Sequence[DeskRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskList:
    """A list of desks with the sentence that says what it is."""

    id: str
    title: str
    lead: str
    empty: str
    count: int
    units: Sequence[UnitRows]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """A supervising unit in figures; `id` is empty for the total."""

    id: str
    name: str
    desks: int
    zero: int
    few: int
    below: int
    unknown: int
    met: int
    arrived: int
    unsent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardWords:
    """The headings of the figures, which are softer while the period is open."""

    zero: str
    few: str
    below: str
    unknown: str
    met: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Of how many desks the figures are known to the end; `share` of 100 for the bar."""

    known: int
    desks: int
    is_whole: bool
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The standings page."""

    period: PeriodShown
    is_open: bool
    unit_id: str
    unit_name: str
    choices: Sequence[UnitChoice]
    words: BoardWords
    tiles: Sequence[Tile]
    coverage: Coverage
    lists: Sequence[DeskList]
    units: Sequence[UnitLine]
    total: UnitLine
    all_desks: Sequence[UnitRows]


def board(told: Standings, unit_id: str, language: Language) -> Board:
    """The page of standings, narrowed to the desks that a unit supervises where `unit_id` is not empty."""
    supervisors = [each.unit for each in told.by_unit()]
    chosen = next((unit for unit in supervisors if unit.id == unit_id), None)
    shown = replace(told, desks=[each for each in told.desks if each.desk.district.id == unit_id]) if chosen else told
    course = course_of(shown)
    units = [_rows(unit, course, language) for unit in shown.by_unit()]
    lines = [_line(unit, rows) for unit, rows in zip(shown.by_unit(), units, strict=True)]
    total = _total(lines)
    below = max((each.judgement.threshold for each in shown.desks), default=1) - 1
    words = _words(course, below)
    return Board(
        period=shown_period(shown.period, shown.now),
        is_open=course.is_open,
        unit_id=chosen.id if chosen else "",
        unit_name=chosen.name if chosen else "",
        choices=[UnitChoice(id=unit.id, name=unit.name, is_chosen=unit is chosen) for unit in supervisors],
        words=words,
        tiles=_tiles(words, total, course),
        coverage=_coverage(shown),
        lists=[_asked(units, course), _unknown(units)],
        units=lines,
        total=total,
        all_desks=units,
    )


def _rows(unit: UnitStandings, course: Course, language: Language) -> UnitRows:
    return UnitRows(name=unit.unit.name, rows=[_row(each, course, language) for each in unit.desks])


def _row(standing: DeskStanding, course: Course, language: Language) -> DeskRow:
    judgement = standing.judgement
    return DeskRow(
        code=standing.desk.code,
        name=standing.desk.name.removeprefix(COMMON_NAME),
        phone=standing.desk.phone,
        told=tell(judgement, course, language),
        arrived=judgement.arrived,
        unsent=known_unsent(judgement),
    )


def _line(unit: UnitStandings, rows: UnitRows) -> UnitLine:
    groups = [row.told.group for row in rows.rows]
    zero, few = groups.count(Group.ZERO), groups.count(Group.FEW)
    return UnitLine(
        id=unit.unit.id,
        name=rows.name,
        desks=len(rows.rows),
        zero=zero,
        few=few,
        below=zero + few,
        unknown=groups.count(Group.UNKNOWN),
        met=groups.count(Group.MET),
        arrived=unit.arrived,
        unsent=unit.unsent,
    )


def _total(lines: Sequence[UnitLine]) -> UnitLine:
    return UnitLine(
        id="",
        name=gettext("Total"),
        desks=sum(line.desks for line in lines),
        zero=sum(line.zero for line in lines),
        few=sum(line.few for line in lines),
        below=sum(line.below for line in lines),
        unknown=sum(line.unknown for line in lines),
        met=sum(line.met for line in lines),
        arrived=sum(line.arrived for line in lines),
        unsent=sum(line.unsent for line in lines),
    )


def _words(course: Course, below: int) -> BoardWords:
    if course.is_open:
        return BoardWords(
            zero=gettext("Nothing entered yet"),
            few=gettext("Behind the pace"),
            below=gettext("Not yet at pace in all"),
            unknown=gettext("Not known / on its way"),
            met=gettext("Reached or on pace"),
        )
    return BoardWords(
        zero=gettext("No dossiers (confirmed)"),
        few=gettext("Entered fewer than %(threshold)s (confirmed)", threshold=number(below + 1)),
        below=gettext("0–%(below)s in all", below=number(below)),
        unknown=gettext("Not known / on its way"),
        met=gettext("Met the level"),
    )


def _tiles(words: BoardWords, total: UnitLine, course: Course) -> list[Tile]:
    tone = "open" if course.is_open else "proven"
    nobody = gettext("nobody is accused yet") if course.is_open else gettext("ask for the cause")
    return [
        Tile(icon="zero", tone=tone, count=total.zero, label=words.zero, note=nobody, target="ask"),
        Tile(icon="few", tone=tone, count=total.few, label=words.few, note=nobody, target="ask"),
        Tile(icon="sum", tone=tone, count=total.below, label=words.below, note=gettext("both together"), target="ask"),
        Tile(
            icon="silent",
            tone="unknown",
            count=total.unknown,
            label=words.unknown,
            note=gettext("no conclusion yet"),
            target="unknown",
        ),
        Tile(
            icon="met",
            tone="good",
            count=total.met,
            label=words.met,
            note=gettext("of %(desks)s desks", desks=number(total.desks)),
            target="all",
        ),
    ]


def _coverage(told: Standings) -> Coverage:
    desks = len(told.desks)
    return Coverage(
        known=told.covered_count,
        desks=desks,
        is_whole=told.covered_count == desks,
        share=told.covered_count * BAR_UNITS // desks if desks else 0,
    )


def _asked(units: Iterable[UnitRows], course: Course) -> DeskList:
    if course.is_open:
        title = gettext("Behind so far")
        lead = gettext("The period is still open: remind these desks, accuse none of them.")
    else:
        title = gettext("Ask for the cause")
        lead = gettext("Proven: these machines have stated to the end of the period that they hold nothing back.")
    return _list("ask", title, lead, gettext("No desk is proven to be below the level."), _only(units, _is_asked))


def _unknown(units: Iterable[UnitRows]) -> DeskList:
    return _list(
        "unknown",
        gettext("Not enough evidence – no conclusion yet"),
        gettext("Their dossiers may still be on their way. Do not count them as having entered nothing or few."),
        gettext("Nothing is on its way: every desk is known."),
        _only(units, _is_unknown),
    )


def _list(id_: str, title: str, lead: str, empty: str, units: Sequence[UnitRows]) -> DeskList:
    return DeskList(
        id=id_, title=title, lead=lead, empty=empty, count=sum(len(unit.rows) for unit in units), units=units
    )


def _only(units: Iterable[UnitRows], is_wanted: Callable[[DeskRow], bool]) -> list[UnitRows]:
    narrowed = [UnitRows(name=unit.name, rows=[row for row in unit.rows if is_wanted(row)]) for unit in units]
    return [unit for unit in narrowed if unit.rows]


def _is_asked(row: DeskRow) -> bool:
    return row.told.group in ASKED


def _is_unknown(row: DeskRow) -> bool:
    return row.told.group is Group.UNKNOWN
