"""The words of errors and judgements in Vietnamese and English.

English is the key of the catalogue; Vietnamese is always complete. Values that are instants or days are written
the Vietnamese way in both languages, in local time.
"""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Literal

from sync_protocol.errors import N_, FieldSyncError
from sync_protocol.instants import LOCAL
from sync_protocol.standings import Sentence

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
DOMAIN = "messages"
EMPTY = N_("(left empty)")


@cache
def catalogue(package: str, language: Language) -> gettext.NullTranslations:
    """The catalogue that a package ships for a language; English needs none."""
    if language == "en":
        return gettext.NullTranslations()
    with as_file(files(package).joinpath("locale")) as folder:
        return gettext.translation(DOMAIN, folder, languages=[language])


def translated(text: str, values: Mapping[str, object], language: Language, package: str = "sync_protocol") -> str:
    """A text of a package's catalogue in a language, its values filled in.

    Values that are texts of that catalogue, or of the one that both ends share, are translated too.
    """
    own, shared = catalogue(package, language).gettext, catalogue("sync_protocol", language).gettext

    def words(text: str) -> str:
        known = own(text)
        return known if known != text else shared(text)

    return words(text) % _Shown(values, words, language)


def sentence(said: Sentence, language: Language) -> str:
    """A judgement's sentence in a language."""
    return translated(said.text, said.values, language)


def error_text(error: FieldSyncError, language: Language) -> str:
    """An error's words in a language; errors of an end stand in the catalogue of that end.

    What was left empty is told as that: a gap in a sentence says nothing.
    """
    values = {name: EMPTY if value == "" else value for name, value in error.values.items()}
    return translated(error.text, values, language, type(error).__module__.partition(".")[0])


@dataclass(frozen=True, slots=True)
class _Shown:
    """Values for people, of which only those are written that a text names."""

    values: Mapping[str, object]
    words: Callable[[str], str]
    language: Language

    def __getitem__(self, name: str) -> object:
        return _shown(self.values[name], self.words, self.language)


def _shown(value: object, words: Callable[[str], str], language: Language) -> object:
    """A value for people: an error in its own words, words and pairs as a list, instants and days in local form."""
    match value:
        case FieldSyncError():
            return error_text(value, language)
        case list():
            return ", ".join(map(words, value)) or "–"
        case tuple():
            return "; ".join(f"{words(name)}: {words(text)}" for name, text in value)
        case datetime():
            return value.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y")
        case date():
            return value.strftime("%d/%m/%Y")
        case str() if value:
            return words(value)
        case None:
            return "–"
        case _:
            return value
