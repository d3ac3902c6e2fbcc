"""The search: what a typed text asks for, and the dossiers that fit."""

import re
from dataclasses import dataclass
from datetime import date

from desk_client.desk import Desk
from desk_client.services.listing import DossierLine, lines_of
from desk_client.storage import dossiers, finding
from desk_client.storage.database import reading
from desk_client.storage.words import run_together, words_in
from sync_protocol.dossier_codes import BadDossierCode, parse_code
from sync_protocol.texts import folded
from sync_protocol.vocabulary import DossierStage

FOUND_MAX = 200
"""A search shows the last entered of what fits, so many at the most; more words narrow it."""

WORDS_MAX = 8
WHOLE_NUMBER_DIGITS = 9
"""A number of so many digits is whole; shorter ones beside each other are the parts of one."""

NUMBER_DIGITS_MIN = 6
"""Fewer digits stand for themselves, such as those in the name of a company."""

PART_OF_NUMBER = re.compile(r"[+(]*[0-9][0-9.()\-]*")
HEAD_OF_CODE = re.compile(r"[a-z][0-9]{1,2}(?:[.\-][0-9a-z]{1,3})*")
CODE = re.compile(r"(?P<unit>[a-z][0-9]{1,2}(?:[.\-][0-9a-z]{1,3})*?)[.\-]*-(?P<number>[0-9]{6}-?[0-9]{4,6})")
FOREIGN_PHONE = re.compile(r"84(?=[1-9][0-9]{8}\Z)")
DAY_AND_SERIAL = re.compile(r"([0-9]{6})([0-9]{4,6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a search asks for.

    text                what was typed: words of names in any order, a code, a number, a phone
    stages              of which stages, () for any
    first_on, last_on   received between two local days, both inclusive; None for any
    """

    text: str = ""
    stages: tuple[DossierStage, ...] = ()
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The dossiers that fit; `has_more` where only the FOUND_MAX entered last are among them."""

    lines: list[DossierLine]
    has_more: bool


def search(desk: Desk, wanted: Wanted, *, newest_first: bool = False) -> Findings:
    """The dossiers that fit, by their owners in the Vietnamese alphabet, or the last entered first.

    Nothing fits a text without letters and digits, or a search for nothing in particular.
    """
    words = words_of(wanted.text)
    if not words and (wanted.text.strip() or wanted == Wanted()):
        return Findings(lines=[], has_more=False)
    with reading(desk.database):
        found = finding.holding(
            words,
            stages=wanted.stages,
            first_on=wanted.first_on,
            last_on=wanted.last_on,
            limit=FOUND_MAX + 1,
        )
        shown = found[:FOUND_MAX]
        ordered = shown if newest_first else sorted(shown, key=lambda each: each.sort_key)
        return Findings(lines=lines_of(desk, ordered), has_more=len(found) > FOUND_MAX)


def whole_code(desk: Desk, text: str) -> str:
    """The code that a typed or scanned text is, "" where it is none.

    A code of this desk is known without its dashes and dots too, one of another system if a dossier here bears it.
    """
    typed = "".join(text.split()).upper()
    own = desk.packs().desk.identifier_code
    joined, head = run_together(text), run_together(own)
    match = DAY_AND_SERIAL.fullmatch(joined[len(head) :]) if joined.startswith(head) else None
    candidates = [typed, f"{own}-{match[1]}-{match[2]}"] if match else [typed]
    if code := next((each for each in candidates if _is_code(each)), ""):
        return code
    with reading(desk.database):
        other = dossiers.by_external_code(text.strip()) if text.strip() else None
    return other.dossier.dossier_code if other else ""


def id_of(desk: Desk, code: str) -> str:
    """The id of the dossier that bears a code, "" where it is not here."""
    with reading(desk.database):
        stored = dossiers.by_ref(code)
    return stored.dossier.id if stored else ""


def words_of(text: str) -> list[str]:
    """The folded words of what was typed; a number in parts is one word, a phone begins with 0."""
    words: list[str] = []
    run: list[str] = []
    for chunk in [*folded(text).split(), ""]:
        if run and not (_is_part(run[-1]) and _is_part(chunk)):
            words += _words_of_run(run)
            run = []
        if chunk:
            run.append(chunk)
    return words[:WORDS_MAX]


def _is_part(chunk: str) -> bool:
    """Whether a chunk may be the part of a number or a code, with others beside it."""
    is_short = len(run_together(chunk)) < WHOLE_NUMBER_DIGITS
    return is_short and bool(PART_OF_NUMBER.fullmatch(chunk) or HEAD_OF_CODE.fullmatch(chunk))


def _words_of_run(run: list[str]) -> list[str]:
    """A number is one word, and a code is two: the unit's part stands in the index by itself."""
    joined = run_together("".join(run))
    if sum(map(str.isdigit, joined)) < NUMBER_DIGITS_MIN:
        return [word for chunk in run for word in words_in(chunk)]
    if match := CODE.fullmatch("-".join(run)):
        return [run_together(match["unit"]), run_together(match["number"])]
    return [FOREIGN_PHONE.sub("0", joined)]


def _is_code(text: str) -> bool:
    try:
        parse_code(text)
    except BadDossierCode:
        return False
    return True
