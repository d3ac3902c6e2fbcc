"""Which dossier a row of another system is about, and what the row said when it was taken in last."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from desk_client.services.row_fields import Said, UnclearRow, external_code, printed_code, text_of
from desk_client.sheets.columns import Field
from desk_client.storage import dossiers, imports
from desk_client.storage.dossiers import Stored
from sync_protocol.dossier_codes import CODE_PATTERN
from sync_protocol.errors import N_
from sync_protocol.texts import folded

OTHER_DOSSIER = N_(
    "The dossier that bears this code here is another one: its person, or its code in the other software, differs."
    " Compare both, and correct the code in the file or the dossier here."
)
SAME_AS_ROW = N_("This row stands in the file already, as row %(number)d. It is taken once.")
NOT_AS_ROW = N_("Row %(number)d bears the same code and says something else. Correct one of them.")
ALIKE_WITHOUT_CODE = N_(
    "Row %(number)d names the same person, procedure and day. If these are two dossiers, give each a code of its own"
    " in the file and give it again."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The dossier of a row.

    told  what the rows of this dossier have said so far, None where the dossier was entered here and the row is new
    key   under which that is remembered, "" where nothing is
    """

    stored: Stored
    told: Said | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A row that was taken from the same file: its number and a digest of what it says."""

    number: int
    digest: bytes


def row_key(said: Said) -> str:
    """What names a row: its code in the other system, else on its slip; else what it says of who, what and when."""
    return next(_keys(said))


def matched(said: Said) -> Match | None:
    """The dossier of a row, None where it is not here yet.

    A row that is new by its code may have been taken before it had one. Raises UnclearRow where a code is here, but
    of another dossier: two systems may have printed the same code.
    """
    for key in _keys(said):
        row = imports.taken(key)
        stored = dossiers.by_ref(row.dossier_id) if row else None
        if row and stored:
            _check_other_code(said, stored)
            return Match(stored=stored, told=row.values, key=key)
    found = _by_code(said)
    if found is None:
        return None
    _check_other_code(said, found)
    _check_person(said, found)
    return Match(stored=found)


def remember(said: Said, match: Match | None, stored: Stored) -> None:
    """Keeps what a row said, beside what rows said of its dossier before, under each of its codes."""
    told = dict(match.told) if match and match.told else {}
    row = imports.TakenRow(stored.dossier.id, told | dict(said))
    names = [_code_key(code) for code in _codes(said)] or [row_key(said)]
    for name in names:
        imports.keep_taken(name, row)
    if match and match.key and match.key not in names:
        imports.forget_taken(match.key)


def check_repeated(earlier: Earlier | None, said: Said) -> None:
    """Refuses a row that bears the name of one before it; raises UnclearRow."""
    if earlier is None:
        return
    is_same = earlier.digest == digest_of(said)
    text = (SAME_AS_ROW if is_same else NOT_AS_ROW) if _codes(said) else ALIKE_WITHOUT_CODE
    raise UnclearRow(Field.DOSSIER_CODE, text, number=earlier.number)


def digest_of(said: Said) -> bytes:
    """A short stand-in for all that a row says: a file may have 100,000 of them."""
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()


def _keys(said: Said) -> Iterator[str]:
    """The names that a row may have been remembered under, the one that it has now first."""
    yield from map(_code_key, _codes(said))
    names = (Field.PROCEDURE_CODE, Field.PROCEDURE_NAME, Field.SUBMITTER_NAME, Field.OWNER_NAME, Field.ID_NUMBER)
    what = [folded(text_of(said, name)) for name in names] + [said.get(Field.RECEIVED_AT)]
    yield "row:" + hashlib.sha256(orjson.dumps(what)).hexdigest()


def _code_key(code: str) -> str:
    return f"code:{code}"


def _codes(said: Said) -> list[str]:
    """The codes of a row, the other system's first: one file's code on the slip is the other system's in the next."""
    return [code for code in (external_code(said), printed_code(said)) if code]


def _by_code(said: Said) -> Stored | None:
    for code in _codes(said):
        found = dossiers.by_external_code(code) or (dossiers.by_ref(code) if CODE_PATTERN.fullmatch(code) else None)
        if found:
            return found
    return None


def _check_other_code(said: Said, stored: Stored) -> None:
    code, known = external_code(said), stored.text("external_code")
    if code and known and code != known:
        raise UnclearRow(Field.DOSSIER_CODE, OTHER_DOSSIER)


def _check_person(said: Said, stored: Stored) -> None:
    """A row that names nobody is about whom its code says."""
    number = text_of(said, Field.ID_NUMBER)
    if number and number == stored.text("id_number"):
        return
    names = {folded(text_of(said, name)) for name in (Field.SUBMITTER_NAME, Field.OWNER_NAME)} - {""}
    known = {folded(stored.text("submitter_name")), folded(stored.text("owner_name"))}
    if names and not names & known:
        raise UnclearRow(Field.DOSSIER_CODE, OTHER_DOSSIER)
